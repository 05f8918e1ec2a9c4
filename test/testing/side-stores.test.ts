import { describe, expect, it } from '@jest/globals';
import { memoryConnectionStore, memoryLogStore, type ConnectionStore, type LogStore } from '../../src/admin/index.js';
import {
  type ConflictStore,
  type HoldStore,
  memoryConflictStore,
  memoryHoldStore,
  memoryOffboardingTaskStore,
  memoryTombstoneStore,
  type OffboardingTaskStore,
  type TombstoneStore,
} from '../../src/lifecycle/index.js';
import { createAdminTables, dropAdminTables, sqlConnectionStore, sqlLogStore } from '../../src/sql.js';
import {
  testConflictStore,
  testConnectionStore,
  testHoldStore,
  testLogStore,
  testOffboardingTaskStore,
  testTombstoneStore,
} from '../../src/testing/index.js';
import {
  conflictSuite,
  connectionSuite,
  holdSuite,
  holdSuiteOptions,
  logSuite,
  taskSuite,
  tombstoneSuite,
} from '../../src/testing/side-stores/index.js';
import { type CaseResult, runSuite } from '../../src/testing/suite.js';
import { databases } from '../lifecycle/databases.js';
import { offboardingStores } from '../lifecycle/offboarding/stores.js';
import { lifecycleStores } from '../lifecycle/stores.js';

const adminStores: readonly (readonly [string, () => Promise<{ connections: ConnectionStore; log: LogStore }>])[] = [
  ['in memory', async () => ({ connections: memoryConnectionStore(), log: memoryLogStore() })],
  ...databases.map(
    ([name, make]) =>
      [
        `in ${name}`,
        async () => {
          const { db, tables, afterwards } = make();
          await createAdminTables(db, { tables });
          afterwards(() => dropAdminTables(db, { tables }));
          return { connections: sqlConnectionStore(db, { tables }), log: sqlLogStore(db, { tables }) };
        },
      ] as const,
  ),
];

for (const [name, open] of adminStores) {
  testConnectionStore({ name: `connections ${name}`, create: async () => (await open()).connections });
  testLogStore({ name: `log ${name}`, create: async () => (await open()).log });
}
for (const [name, open] of lifecycleStores) {
  testConflictStore({ name: `conflicts ${name}`, create: async () => (await open()).conflicts });
  testHoldStore({ name: `holds ${name}`, create: async (clock) => (await open(clock)).holds });
}
for (const [name, open] of offboardingStores) {
  testOffboardingTaskStore({ name: `tasks ${name}`, create: async () => (await open()).store });
  testTombstoneStore({ name: `tombstones ${name}`, create: async () => (await open()).tombstones });
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A correct store with some methods replaced. */
const but = <S extends object>(store: S, mistake: (sound: S) => Partial<S>): S => ({ ...store, ...mistake(store) });

const connections = (mistake: (sound: ConnectionStore) => Partial<ConnectionStore>) => () =>
  runSuite(connectionSuite, { name: 'broken', create: () => but(memoryConnectionStore(), mistake) });
const log = (mistake: (sound: LogStore) => Partial<LogStore>) => () =>
  runSuite(logSuite, { name: 'broken', create: () => but(memoryLogStore(), mistake) });
const conflicts = (mistake: (sound: ConflictStore) => Partial<ConflictStore>) => () =>
  runSuite(conflictSuite, { name: 'broken', create: () => but(memoryConflictStore(), mistake) });
const holds = (mistake: (sound: HoldStore) => Partial<HoldStore>) => () =>
  runSuite(holdSuite, holdSuiteOptions({ name: 'broken', create: (clock) => but(memoryHoldStore(clock), mistake) }));
const tasks = (mistake: (sound: OffboardingTaskStore) => Partial<OffboardingTaskStore>) => () =>
  runSuite(taskSuite, { name: 'broken', create: () => but(memoryOffboardingTaskStore(), mistake) });
const tombstones = (mistake: (sound: TombstoneStore) => Partial<TombstoneStore>) => () =>
  runSuite(tombstoneSuite, { name: 'broken', create: () => but(memoryTombstoneStore(), mistake) });

type Mistake = readonly [what: string, results: () => Promise<readonly CaseResult[]>, caughtBy: readonly string[]];

const mistakes: readonly Mistake[] = [
  [
    'a revoked key that can be made to expire later',
    connections((sound) => ({
      endKey: (tenant, id, keyId, end) =>
        'expiresAt' in end ? sound.removeKey(tenant, id, keyId) === undefined : sound.endKey(tenant, id, keyId, end),
    })),
    ['connections-expires-earlier', 'connections-revoked'],
  ],
  [
    'a connection that is found in every tenant',
    connections((sound) => ({ get: async (tenant, id) => (await sound.get(tenant, id)) ?? sound.get('other', id) })),
    ['connections-tenants'],
  ],
  ['a temporary key that is kept', connections(() => ({ removeKey: () => undefined })), ['connections-temporary']],
  [
    'keys that are read, added to and written back',
    connections((sound) => {
      let keys: string[] = [];
      return {
        async addKey(tenant, id, key) {
          const before = [...keys];
          await pause();
          keys = [...before, key.id];
          return sound.addKey(tenant, id, key);
        },
        async get(tenant, id) {
          const found = await sound.get(tenant, id);
          return found && { ...found, keys: found.keys.filter((key) => keys.includes(key.id)) };
        },
      };
    }),
    ['connections-parallel'],
  ],
  [
    'an entry that is found in every tenant',
    log((sound) => ({ get: async (tenant, id) => (await sound.get(tenant, id)) ?? sound.get('other', id) })),
    ['log-tenants'],
  ],
  [
    'the newest entries after one instead of the oldest',
    log((sound) => ({
      list: async (tenant, query) => {
        const all = await sound.list(tenant, { ...query, limit: 200 });
        return all.slice(0, query.limit);
      },
    })),
    ['log-pages'],
  ],
  [
    'omitted changes that are not counted',
    log((sound) => ({ addChanges: (tenant, requestId, changes) => sound.addChanges(tenant, requestId, changes, 0) })),
    ['log-changes', 'log-changes-limit'],
  ],
  ['entries that are never deleted', log(() => ({ prune: () => undefined })), ['log-prune']],
  [
    'a lookup before the insert of a conflict',
    conflicts((sound) => ({
      async add(conflict) {
        const waiting = await sound.find(conflict.tenant, conflict.fingerprint);
        await pause();
        if (waiting !== undefined && waiting.decision === undefined) return waiting;
        const fingerprint = `${conflict.fingerprint} ${String(Math.random())}`;
        return { ...(await sound.add({ ...conflict, fingerprint })), fingerprint: conflict.fingerprint };
      },
    })),
    ['conflicts-once'],
  ],
  [
    'a decision that is not checked',
    conflicts((sound) => ({
      settle: async (tenant, id, decision) => {
        try {
          return await sound.settle(tenant, id, decision);
        } catch {
          return undefined;
        }
      },
    })),
    ['conflicts-decisions'],
  ],
  [
    'settled conflicts that are not listed',
    conflicts((sound) => ({
      list: async (tenant) => (await sound.list(tenant)).filter(({ decision }) => decision === undefined),
    })),
    ['conflicts-order', 'conflicts-again'],
  ],
  [
    'attempts that are counted one after the other',
    holds((sound) => {
      let counted = 0;
      return {
        async attempt(tenant, id, attempt) {
          const before = counted;
          await pause();
          counted = before + 1;
          return attempt.tooMany(before + 1)
            ? sound.attempt(tenant, id, { ...attempt, tooMany: () => true })
            : undefined;
        },
      };
    }),
    ['holds-parallel', 'holds-once'],
  ],
  [
    'an approval that never ends',
    holds((sound) => ({ approve: (tenant) => sound.approve(tenant, { milliseconds: 10 ** 12 }) })),
    ['holds-approve', 'holds-default-time'],
  ],
  ['an attempt that stays counted', holds(() => ({ release: () => undefined })), ['holds-release']],
  [
    'a task that two processes get',
    tasks((sound) => ({
      async claim(now, lease, limit) {
        const due = (await sound.list('acme', 'pending')).filter(
          ({ nextAttemptAt = Infinity }) => nextAttemptAt <= now,
        );
        await pause();
        await sound.claim(now, lease, limit);
        return due.map((task) => ({ ...task, attempts: task.attempts + 1, nextAttemptAt: now + lease }));
      },
    })),
    ['tasks-claim-parallel'],
  ],
  [
    'a late report that is believed',
    tasks((sound) => ({
      async report(task, outcome, now) {
        const [current] = (await sound.ofUser(task.tenant, task.user.id)).filter(({ id }) => id === task.id);
        return sound.report(current ?? task, outcome, now);
      },
    })),
    ['tasks-report-late'],
  ],
  [
    'a return that marks the tasks of a later departure',
    tasks((sound) => ({ returned: (user, now) => sound.returned({ ...user, time: '2099-01-01T00:00:00Z' }, now) })),
    ['tasks-returned', 'tasks-last-return'],
  ],
  [
    'a tombstone that anybody claims',
    tombstones((sound) => ({ claim: async (tenant, id, user) => (await sound.claim(tenant, id, user), true) })),
    ['tombstones-claim'],
  ],
  [
    'a history with the same item twice',
    tombstones((sound) => ({
      get: async (tenant, id) => {
        const found = await sound.get(tenant, id);
        return found && { ...found, custody: [...found.custody, ...found.custody.slice(0, 1)] };
      },
    })),
    ['tombstones-custody', 'tombstones-custody-parallel'],
  ],
  [
    'a user that a letter of another case finds',
    tombstones((sound) => ({
      find: async (tenant, { by, value }) => [
        ...(await sound.find(tenant, { by, value })),
        ...(await sound.find(tenant, { by, value: value.replace('Ext', 'ext') })),
      ],
    })),
    ['tombstones-find'],
  ],
];

describe('the suites of the stores beside the users', () => {
  it.each(mistakes)('catch %s', async (_, results, caughtBy) => {
    const failed = (await results()).filter(({ status }) => status === 'failed').map(({ case: { id } }) => id);
    expect(failed).toEqual(expect.arrayContaining([...caughtBy]));
  });
});

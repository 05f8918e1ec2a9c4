import { describe, expect, it } from '@jest/globals';
import { memorySetupLinkStore, type SetupLinkStore } from '../../src/admin/index.js';
import { type DeliveryStore, memoryDeliveryStore } from '../../src/events/index.js';
import {
  type AuditTrailStore,
  type ConnectionEndingStore,
  memoryAuditTrailStore,
  memoryConnectionEndingStore,
  memoryRoleMappings,
  memoryUserLinkStore,
  type RoleMappingStore,
  type UserLinkStore,
} from '../../src/lifecycle/index.js';
import { createAccessRightsTables, dropAccessRightsTables, sqlRoleMappings } from '../../src/sql.js';
import {
  testAuditTrailStore,
  testConnectionEndingStore,
  testDeliveryStore,
  testRoleMappingStore,
  testSetupLinkStore,
  testUserLinkStore,
} from '../../src/testing/index.js';
import {
  auditTrailSuite,
  deliverySuite,
  endingSuite,
  roleMappingSuite,
  setupLinkSuite,
  userLinkSuite,
} from '../../src/testing/side-stores/index.js';
import { type CaseResult, runSuite } from '../../src/testing/suite.js';
import { deliveryStores } from '../events/stores.js';
import { connectionStores } from '../lifecycle/connections/stores.js';
import { databases } from '../lifecycle/databases.js';

for (const [name, open] of connectionStores) {
  testAuditTrailStore({ name: `audit trail ${name}`, create: async () => (await open()).trail });
  testSetupLinkStore({ name: `set-up links ${name}`, create: async () => (await open()).setup });
  testUserLinkStore({ name: `user links ${name}`, create: async () => (await open()).links });
  testConnectionEndingStore({ name: `endings of connections ${name}`, create: async () => (await open()).jobs });
}
for (const [name, open] of deliveryStores) testDeliveryStore({ name: `deliveries ${name}`, create: open });
testRoleMappingStore({ name: 'role mappings in memory', create: () => memoryRoleMappings() });
for (const [name, make] of databases) {
  testRoleMappingStore({
    name: `role mappings in ${name}`,
    create: async () => {
      const { db, tables, afterwards } = make();
      await createAccessRightsTables(db, { tables });
      afterwards(() => dropAccessRightsTables(db, { tables }));
      return sqlRoleMappings(db, { tables });
    },
  });
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A correct store with some methods replaced. */
const but = <S extends object>(store: S, mistake: (sound: S) => Partial<S>): S => ({ ...store, ...mistake(store) });

const trail = (mistake: (sound: AuditTrailStore) => Partial<AuditTrailStore>) => () =>
  runSuite(auditTrailSuite, { name: 'broken', create: () => but(memoryAuditTrailStore(), mistake) });
const deliveries = (mistake: (sound: DeliveryStore) => Partial<DeliveryStore>) => () =>
  runSuite(deliverySuite, { name: 'broken', create: () => but(memoryDeliveryStore(), mistake) });
const endings = (mistake: (sound: ConnectionEndingStore) => Partial<ConnectionEndingStore>) => () =>
  runSuite(endingSuite, { name: 'broken', create: () => but(memoryConnectionEndingStore(), mistake) });
const roles = (mistake: (sound: RoleMappingStore) => Partial<RoleMappingStore>) => () =>
  runSuite(roleMappingSuite, { name: 'broken', create: () => but(memoryRoleMappings(), mistake) });
const setup = (mistake: (sound: SetupLinkStore) => Partial<SetupLinkStore>) => () =>
  runSuite(setupLinkSuite, { name: 'broken', create: () => but(memorySetupLinkStore(), mistake) });
const links = (mistake: (sound: UserLinkStore) => Partial<UserLinkStore>) => () =>
  runSuite(userLinkSuite, { name: 'broken', create: () => but(memoryUserLinkStore(), mistake) });

type Mistake = readonly [what: string, results: () => Promise<readonly CaseResult[]>, caughtBy: readonly string[]];

const ofTrail: readonly Mistake[] = [
  [
    'entries that are read by the connection alone',
    trail((sound) => ({
      list: async (tenant, query) => [...(await sound.list(tenant, query)), ...(await sound.list('other', query))],
    })),
    ['audit-trail-tenants'],
  ],
  [
    'entries in the order in which they arrived',
    trail((sound) => {
      const ids: string[] = [];
      return {
        append: (entry) => (ids.push(entry.id), sound.append(entry)),
        list: async (tenant, query) => {
          const all = await sound.list(tenant, { ...query, limit: 200 });
          return [...all].sort((a, b) => ids.indexOf(b.id) - ids.indexOf(a.id)).slice(0, query.limit);
        },
      };
    }),
    ['audit-trail-order'],
  ],
  [
    'a page that begins with the entry that it is to come behind',
    trail((sound) => ({
      list: (tenant, query) =>
        sound.list(tenant, query.before === undefined ? query : { ...query, before: `${query.before}!` }),
    })),
    ['audit-trail-pages', 'audit-trail-connection'],
  ],
  [
    'a limit that counts before the connection',
    trail((sound) => ({
      list: async (tenant, { connection, ...query }) => {
        const all = await sound.list(tenant, query);
        return all.filter((entry) => connection === undefined || entry.connection === connection);
      },
    })),
    ['audit-trail-connection'],
  ],
  [
    'entries of the whole tenant among those of a connection',
    trail((sound) => ({
      list: async (tenant, { connection, ...query }) => {
        const all = await sound.list(tenant, { ...query, limit: 200 });
        const isOf = (own: string | undefined): boolean =>
          connection === undefined || own === undefined || own === connection;
        return all.filter((entry) => isOf(entry.connection)).slice(0, query.limit);
      },
    })),
    ['audit-trail-connection'],
  ],
  [
    'times that come back as texts',
    trail((sound) => ({
      list: async (tenant, query) =>
        (await sound.list(tenant, query)).map((entry) => ({
          ...entry,
          time: entry.time.toISOString() as unknown as Date,
        })),
    })),
    ['audit-trail-stored'],
  ],
  [
    'times of whole seconds',
    trail((sound) => ({
      append: (entry) => sound.append({ ...entry, time: new Date(Math.floor(entry.time.getTime() / 1_000) * 1_000) }),
    })),
    ['audit-trail-stored'],
  ],
  [
    'an entry of the very time that is deleted',
    trail((sound) => ({ prune: (before) => sound.prune(new Date(before.getTime() + 1)) })),
    ['audit-trail-prune'],
  ],
  ['entries that are never deleted', trail(() => ({ prune: () => undefined })), ['audit-trail-prune']],
  [
    'subjects that are dropped',
    trail((sound) => ({ append: (entry) => sound.append({ ...entry, subjects: {} }) })),
    ['audit-trail-stored'],
  ],
];

const ofSetupLinks: readonly Mistake[] = [
  [
    'a link that is looked up and then marked as used',
    setup((sound) => ({
      async use(tenant, id, now) {
        const link = await sound.get(tenant, id);
        await pause();
        if (link === undefined || link.usedAt !== undefined || link.revokedAt !== undefined || link.expiresAt <= now) {
          return false;
        }
        await sound.use(tenant, id, now);
        return true;
      },
    })),
    ['setup-links-used-once'],
  ],
  [
    'a link that can be used at its end',
    setup((sound) => ({ use: (tenant, id, now) => sound.use(tenant, id, new Date(now.getTime() - 1)) })),
    ['setup-links-expired', 'setup-links-used-once'],
  ],
  [
    'a revocation that leaves used links',
    setup((sound) => ({
      async revoke(tenant, connection, now) {
        const used = (await sound.list(tenant, connection, 100)).filter(({ usedAt }) => usedAt !== undefined);
        await sound.revoke(tenant, connection, now);
        for (const link of used) await sound.add(link);
      },
    })),
    ['setup-links-revoked'],
  ],
  [
    'a second revocation that moves the time',
    setup((sound) => ({
      async revoke(tenant, connection, now) {
        const all = await sound.list(tenant, connection, 100);
        for (const link of [...all].reverse()) await sound.add({ ...link, revokedAt: now });
      },
    })),
    ['setup-links-revoked'],
  ],
  [
    'a revocation of every connection of the tenant',
    setup((sound) => ({
      async revoke(tenant, connection, now) {
        for (const each of [connection, 'other', 'MAIN']) await sound.revoke(tenant, each, now);
      },
    })),
    ['setup-links-other-connections'],
  ],
  [
    'links of every tenant',
    setup((sound) => ({ get: async (tenant, id) => (await sound.get(tenant, id)) ?? sound.get('other', id) })),
    ['setup-links-tenants'],
  ],
  [
    'the oldest links first',
    setup((sound) => ({
      list: async (tenant, connection, limit) =>
        [...(await sound.list(tenant, connection, 1_000))].reverse().slice(0, limit),
    })),
    ['setup-links-list'],
  ],
  [
    'used links that are not listed',
    setup((sound) => ({
      list: async (tenant, connection, limit) =>
        (await sound.list(tenant, connection, limit)).filter(({ usedAt }) => usedAt === undefined),
    })),
    ['setup-links-list', 'setup-links-revoked'],
  ],
  [
    'ids that compare without letter case',
    setup((sound) => ({ get: (tenant, id) => sound.get(tenant, id.toLowerCase()) })),
    ['setup-links-unknown'],
  ],
];

const ofRoles: readonly Mistake[] = [
  [
    'mappings of every tenant',
    roles((sound) => ({
      ofGroups: async (tenant, ids, transaction) => [
        ...(await sound.ofGroups(tenant, ids, transaction)),
        ...(tenant === 'other' ? [] : await sound.ofGroups('other', ids, transaction)),
      ],
    })),
    ['role-mappings-tenants'],
  ],
  [
    'one role for each group',
    roles((sound) => ({
      ofGroups: async (tenant, ids, transaction) => [
        ...new Map((await sound.ofGroups(tenant, ids, transaction)).map((each) => [each.groupId, each])).values(),
      ],
    })),
    ['role-mappings-of-groups'],
  ],
  [
    'groups that compare without letter case',
    roles((sound) => ({
      set: (tenant, mapping) => sound.set(tenant, { ...mapping, groupId: String(mapping.groupId).toLowerCase() }),
      ofGroups: (tenant, ids, transaction) =>
        sound.ofGroups(
          tenant,
          ids.map((id) => id.toLowerCase()),
          transaction,
        ),
    })),
    ['role-mappings-exact'],
  ],
  [
    'a mapping that is there and stays as it was',
    roles((sound) => ({
      set: async (tenant, mapping, transaction) => {
        const all = await sound.ofGroups(tenant, [mapping.groupId], transaction);
        if (!all.some(({ role }) => role === mapping.role)) await sound.set(tenant, mapping, transaction);
      },
    })),
    ['role-mappings-replaced'],
  ],
  [
    'a removal of all roles of a group',
    roles((sound) => ({
      remove: async (tenant, groupId, role) => {
        let isRemoved = false;
        for (const each of await sound.ofGroups(tenant, [groupId], undefined)) {
          isRemoved = (await sound.remove(tenant, groupId, each.role)) && each.role === role;
        }
        return isRemoved;
      },
    })),
    ['role-mappings-removed'],
  ],
  [
    'a removal that always returns true',
    roles((sound) => ({ remove: async (...args) => (await sound.remove(...args), true) })),
    ['role-mappings-removed', 'role-mappings-parallel'],
  ],
  [
    'mappings that are not checked',
    roles((sound) => ({
      set: async (tenant, mapping) => {
        try {
          await sound.set(tenant, mapping);
        } catch {
          // Stored as it is.
        }
      },
    })),
    ['role-mappings-checked'],
  ],
  [
    'pages behind a group, which leave out its other roles',
    roles((sound) => ({
      list: async (tenant, query = {}) => {
        const all = await sound.list(tenant, { ...query, after: undefined, limit: 1_000 });
        const rest = all.filter(({ groupId }) => query.after === undefined || groupId > query.after.groupId);
        return rest.slice(0, query.limit ?? 100);
      },
    })),
    ['role-mappings-of-one-group'],
  ],
  [
    'an order as a dictionary has it',
    roles((sound) => ({
      list: async (tenant, query) =>
        [...(await sound.list(tenant, query))].sort((a, b) => a.groupId.localeCompare(b.groupId)),
    })),
    ['role-mappings-pages'],
  ],
  [
    'a connection that is dropped',
    roles((sound) => ({ set: (tenant, mapping) => sound.set(tenant, { ...mapping, connection: undefined }) })),
    ['role-mappings-stored'],
  ],
  [
    '100 groups at most',
    roles((sound) => ({
      ofGroups: (tenant, ids, transaction) => sound.ofGroups(tenant, ids.slice(0, 100), transaction),
    })),
    ['role-mappings-many-groups'],
  ],
];

const ofLinks: readonly Mistake[] = [
  [
    'a link that is read, changed and written back',
    links((sound) => ({
      async change(tenant, userId, apply) {
        const next = apply(await sound.get(tenant, userId));
        await pause();
        if (next !== undefined) await sound.change(tenant, userId, () => next);
      },
    })),
    ['user-links-parallel'],
  ],
  [
    'deleted users that count',
    links((sound) => ({
      change: (tenant, userId, apply) =>
        sound.change(tenant, userId, (link) => {
          const next = apply(link);
          return next && { ...next, offboardedAt: undefined };
        }),
    })),
    ['user-links-managed', 'user-links-stored'],
  ],
  [
    'a change that is merged into the stored link',
    links((sound) => ({
      change: (tenant, userId, apply) =>
        sound.change(tenant, userId, (link) => {
          const next = apply(link);
          return next && { ...link, ...JSON.parse(JSON.stringify(next)) };
        }),
    })),
    ['user-links-change', 'user-links-pages'],
  ],
  [
    'users of every tenant',
    links((sound) => ({ get: async (tenant, id) => (await sound.get(tenant, id)) ?? sound.get('other', id) })),
    ['user-links-tenants'],
  ],
  [
    'an error of a change that is swallowed',
    links((sound) => ({
      async change(tenant, userId, apply) {
        try {
          await sound.change(tenant, userId, apply);
        } catch {
          // The change is tried again with the next event.
        }
      },
    })),
    ['user-links-fault'],
  ],
  [
    'a page that begins with the user that it is to come behind',
    links((sound) => ({
      page: async (tenant, connection, after, limit) => {
        const all = await sound.page(tenant, connection, undefined, 1_000);
        return all.filter((id) => after === undefined || id >= after).slice(0, limit);
      },
    })),
    ['user-links-pages'],
  ],
  [
    'ids in the order of a dictionary',
    links((sound) => ({
      page: async (tenant, connection, after, limit) => {
        const all = [...(await sound.page(tenant, connection, undefined, 1_000))].sort((a, b) => a.localeCompare(b));
        return all.filter((id) => after === undefined || id.localeCompare(after) > 0).slice(0, limit);
      },
    })),
    ['user-links-pages'],
  ],
  [
    'a link that is made by a change of nothing',
    links((sound) => ({
      change: (tenant, userId, apply) =>
        sound.change(tenant, userId, (link) => apply(link) ?? link ?? { tenant, userId, time: '' }),
    })),
    ['user-links-no-change'],
  ],
];

const ofEndings: readonly Mistake[] = [
  [
    'a lookup before the insert of a job',
    endings((sound) => {
      const running = new Set<string>();
      return {
        async add(job) {
          const isRunning = running.has(`${job.tenant} ${job.connection}`);
          await pause();
          running.add(`${job.tenant} ${job.connection}`);
          return isRunning ? sound.add(job) : (await sound.add(job), job);
        },
      };
    }),
    ['connection-endings-one-running'],
  ],
  [
    'progress of a process that is too slow',
    endings((sound) => ({
      async save(job) {
        const current = await sound.latest(job.tenant, job.connection);
        return sound.save({ ...job, attempts: current?.attempts ?? job.attempts });
      },
    })),
    ['connection-endings-late-save'],
  ],
  [
    'a job that two processes get',
    endings((sound) => {
      const known: { tenant: string; connection: string }[] = [];
      return {
        add: (job) => (known.push(job), sound.add(job)),
        async claim(now, lease, limit) {
          const all = await Promise.all(known.map(async (each) => sound.latest(each.tenant, each.connection)));
          await pause();
          await sound.claim(now, lease, limit);
          const due = all.filter((job) => job?.state === 'running' && (job.nextAttemptAt ?? Infinity) <= now);
          return due.slice(0, limit).map((job) => ({
            ...(job as never as Awaited<ReturnType<typeof sound.add>>),
            attempts: 1,
            nextAttemptAt: now + lease,
          }));
        },
      };
    }),
    ['connection-endings-claimed-once'],
  ],
  [
    'a job that is due at once again',
    endings((sound) => ({ claim: (now, _lease, limit) => sound.claim(now, 0, limit) })),
    ['connection-endings-claimed-once', 'connection-endings-stored'],
  ],
  [
    'a job that is done and claimed again',
    endings((sound) => ({
      save: (job) => sound.save({ ...job, state: 'running', nextAttemptAt: job.nextAttemptAt ?? 0 }),
    })),
    ['connection-endings-stored', 'connection-endings-late-save', 'connection-endings-again'],
  ],
  [
    'the first job instead of the newest',
    endings((sound) => {
      const first = new Map<string, string>();
      return {
        add: (job) => {
          const key = `${job.tenant} ${job.connection}`;
          if (!first.has(key)) first.set(key, job.id);
          return sound.add(job);
        },
        latest: async (tenant, connection) => {
          const found = await sound.latest(tenant, connection);
          return found?.id === first.get(`${tenant} ${connection}`) ? found : undefined;
        },
      };
    }),
    ['connection-endings-again'],
  ],
  [
    'refusals that are dropped',
    endings((sound) => ({ save: (job) => sound.save({ ...job, refusals: job.refusals.slice(0, 10) }) })),
    ['connection-endings-stored'],
  ],
  [
    'one job for a connection id, whichever the tenant is',
    endings((sound) => ({
      add: async (job) => (await sound.latest('other', job.connection)) ?? sound.add(job),
    })),
    ['connection-endings-tenants'],
  ],
];

const ofDeliveries: readonly Mistake[] = [
  [
    'deliveries that are read and then marked',
    deliveries((sound) => ({
      async claim(endpoint, now, lease, limit) {
        await pause();
        const all = await sound.claim(endpoint, now, 0, limit);
        await pause();
        await sound.claim(endpoint, now, lease, limit);
        return all;
      },
    })),
    ['deliveries-claimed-once'],
  ],
  [
    'a late failure that is believed',
    deliveries((sound) => ({
      async report(delivery, outcome, now) {
        const record = (await sound.list(delivery.tenant, { limit: 200 })).find(({ id }) => id === delivery.id);
        return sound.report({ ...delivery, attempts: record?.attempts ?? delivery.attempts }, outcome, now);
      },
    })),
    ['deliveries-late-report'],
  ],
  [
    'a late success that is ignored',
    deliveries((sound) => ({
      async report(delivery, outcome, now) {
        const record = (await sound.list(delivery.tenant, { limit: 200 })).find(({ id }) => id === delivery.id);
        if (record?.attempts === delivery.attempts) await sound.report(delivery, outcome, now);
      },
    })),
    ['deliveries-late-report'],
  ],
  [
    'a delivery that is added again as a new one',
    deliveries((sound) => {
      let count = 0;
      return {
        async add(all) {
          const known = new Set((await sound.list('acme', { limit: 200 })).map(({ id }) => id));
          await sound.add(
            all.map((each) => (known.has(each.id) ? { ...each, id: `${each.id}#${String(++count)}` } : each)),
          );
        },
      };
    }),
    ['deliveries-added-once'],
  ],
  [
    'a pause that nobody keeps',
    deliveries((sound) => ({
      report: (delivery, outcome, now) =>
        sound.report(
          delivery,
          outcome.state === 'delivered'
            ? outcome
            : { ...outcome, endpoint: outcome.endpoint && { ...outcome.endpoint, pausedUntil: 0 } },
          now,
        ),
    })),
    ['deliveries-paused', 'deliveries-parallel-failures'],
  ],
  [
    'a success that leaves the failures',
    deliveries((sound) => ({
      health: async (tenant) =>
        (await sound.health(tenant)).map((each) => ({ ...each, failures: Math.max(1, each.failures) })),
    })),
    ['deliveries-paused', 'deliveries-disabled'],
  ],
  [
    'a disabled endpoint that is due',
    deliveries((sound) => ({
      due: async (now, limit) => {
        const found = await sound.due(now, limit);
        const health = await sound.health('acme');
        const disabled = health.filter(({ disabledAt }) => disabledAt !== undefined);
        return [...found, ...disabled.map(({ endpoint, failures }) => ({ tenant: 'acme', endpoint, failures }))];
      },
    })),
    ['deliveries-disabled'],
  ],
  [
    'a resend of pending deliveries too',
    deliveries((sound) => ({
      resend: async (tenant, which, now) => Math.max(1, await sound.resend(tenant, which, now)),
    })),
    ['deliveries-resent', 'deliveries-tenants'],
  ],
  [
    'a resend that keeps the age',
    deliveries((sound) => ({
      claim: async (...args) => (await sound.claim(...args)).map((each) => ({ ...each, queuedAt: each.createdAt })),
    })),
    ['deliveries-resent'],
  ],
  [
    'one batch at a time that expires',
    deliveries((sound) => ({ expire: async (...args) => Math.min(200, await sound.expire(...args)) })),
    ['deliveries-resent-many'],
  ],
  [
    'pending deliveries that are pruned',
    deliveries((sound) => ({
      prune: async (before) => {
        await sound.expire(before.dead, 'pruned');
        await sound.prune(before);
      },
    })),
    ['deliveries-pruned'],
  ],
  [
    'the newest delivery first',
    deliveries((sound) => ({
      claim: async (...args) => [...(await sound.claim(args[0], args[1], args[2], 100))].reverse().slice(0, args[3]),
    })),
    ['deliveries-claim-order'],
  ],
  [
    'endpoints in the order of their names',
    deliveries((sound) => ({
      due: async (now, limit) =>
        [...(await sound.due(now, 100))].sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1)).slice(0, limit),
    })),
    ['deliveries-due-order'],
  ],
  [
    'a page that begins with the delivery that it is to come behind',
    deliveries((sound) => ({
      list: async (tenant, { before, ...query }) => {
        const all = await sound.list(tenant, { ...query, limit: 200 });
        const start = before === undefined ? 0 : all.findIndex(({ id }) => id === before);
        return start < 0 ? [] : all.slice(start, start + query.limit);
      },
    })),
    ['deliveries-list'],
  ],
  [
    'the health of endpoints of every tenant',
    deliveries((sound) => ({
      health: async (tenant) => [
        ...(await sound.health(tenant)),
        ...(tenant === 'other' ? [] : await sound.health('other')),
      ],
    })),
    ['deliveries-tenants'],
  ],
];

describe('the suites of the stores of connections, deliveries and role mappings', () => {
  it.each([...ofTrail, ...ofSetupLinks, ...ofRoles, ...ofLinks, ...ofEndings, ...ofDeliveries])(
    'catch %s',
    async (_, results, caughtBy) => {
      const failed = (await results()).filter(({ status }) => status === 'failed').map(({ case: { id } }) => id);
      expect(failed).toEqual(expect.arrayContaining([...caughtBy]));
    },
  );
});

import type { LogChange, LogEntry, LogQuery, LogStore } from '../../admin/contract.js';
import { casesOf } from '../store-case.js';
import { at, type StoreContext } from './side-suite.js';

type Context = StoreContext<LogStore>;

/** An entry of minute `n`; its ID sorts by time. */
function entry(n: number, more: Partial<LogEntry> = {}): LogEntry {
  return {
    id: `e${String(n).padStart(5, '0')}`,
    time: at(n),
    tenant: 'acme',
    requestId: `request-${String(n)}`,
    outcome: 'succeeded',
    status: 200,
    milliseconds: 1.5,
    quirks: [],
    changes: [],
    ...more,
  };
}

const change = (n: number): LogChange => ({
  type: 'user.updated',
  resourceType: 'User',
  resourceId: `u${String(n)}`,
  attributes: ['title'],
});

const full: LogEntry = entry(1, {
  connection: 'main',
  actor: 'key-1',
  actorName: 'Key 1 "é"',
  client: 'okta',
  operation: 'patch',
  resourceType: 'User',
  resourceId: 'u1',
  outcome: 'refused',
  status: 409,
  scimType: 'uniqueness',
  detail: 'Another resource already has this userName.',
  quirks: ['empty-string'],
  changes: [change(1)],
  omittedChanges: 3,
  request: { method: 'PATCH', url: '/Users/u1?attributes=id', body: { a: [1, 'ü', null] } },
  response: { status: '409' },
});

async function ids({ store }: Context, query: Partial<LogQuery>, tenant = 'acme'): Promise<readonly string[]> {
  return (await store.list(tenant, { limit: 200, ...query })).map(({ id }) => id);
}

const numbered = (...numbers: readonly number[]): readonly string[] => numbers.map((n) => entry(n).id);

/** The provisioning log. */
export const logCases = casesOf<Context>(
  'log',
  'An administrator who looks for what went wrong does not find it, or reads the log of another tenant.',
  [
    [
      'stored',
      'get and list return entries as they were appended, every property',
      async (t) => {
        await t.store.append([full, entry(2)]);
        t.same(await t.store.get('acme', full.id), full, 'what get returns');
        t.same(await t.store.list('acme', { limit: 10 }), [entry(2), full], 'what list returns');
        t.same(await t.store.get('acme', 'none'), undefined, 'what get returns of an unknown id');
      },
    ],
    [
      'tenants',
      'no call returns an entry of another tenant, also by id, by `about`, in counts and in changes',
      async (t) => {
        const theirs = entry(1, { tenant: 'other', resourceId: 'u1', actor: 'key-1', requestId: 'same' });
        await t.store.append([theirs, entry(2, { requestId: 'mine' })]);
        t.same(await t.store.get('acme', theirs.id), undefined, 'what get returns');
        t.same(await ids(t, {}), numbered(2), 'the ids of the tenant');
        for (const about of ['u1', 'key-1', 'same']) t.same(await ids(t, { about }), [], `what about ${about} finds`);
        t.same((await t.store.hours('acme', undefined, at(0)))[0]?.requests, 1, 'the number of requests of the hour');
        await t.store.addChanges('acme', 'same', [change(1)], 1);
        t.same(await t.store.get('other', theirs.id), theirs, 'the entry of the other tenant');
      },
    ],
    [
      'filters',
      'list filters by connection, outcome, operation, `about` and `changed`, alone and together',
      async (t) => {
        await t.store.append([
          entry(1, { connection: 'main', operation: 'create', actor: 'k1', changes: [change(1)] }),
          entry(2, { connection: 'main', outcome: 'failed', status: 500, operation: 'patch', resourceId: 'u1' }),
          entry(3, { connection: 'side', outcome: 'refused', status: 409, operation: 'patch', resourceId: 'u2' }),
          entry(4),
        ]);
        t.same(await ids(t, { connection: 'main' }), numbered(2, 1), 'the ids of a connection');
        t.same(await ids(t, { outcome: 'refused' }), numbered(3), 'the ids of an outcome');
        t.same(await ids(t, { operation: 'patch' }), numbered(3, 2), 'the ids of an operation');
        t.same(await ids(t, { changed: true }), numbered(1), 'the ids with changes');
        t.same(await ids(t, { changed: false }), numbered(4, 3, 2, 1), 'the ids with changed: false');
        t.same(await ids(t, { about: 'u1' }), numbered(2), 'the ids about a resource');
        t.same(await ids(t, { about: 'k1' }), numbered(1), 'the ids about a key');
        t.same(await ids(t, { about: 'request-3' }), numbered(3), 'the ids about a request');
        t.same(await ids(t, { about: 'u' }), [], 'the ids about a part of an id');
        t.same(await ids(t, { about: 'u_' }), [], 'the ids about a wildcard');
        t.same(await ids(t, { connection: 'main', operation: 'patch' }), numbered(2), 'the ids of both');
      },
    ],
    [
      'pages',
      'list is newest first; `before` continues with older entries, `after` with the oldest of the newer ones',
      async (t) => {
        // In another order than that of their ids.
        await t.store.append([entry(3), entry(1), entry(5)]);
        await t.store.append([entry(4), entry(2)]);
        t.same(await ids(t, { limit: 2 }), numbered(5, 4), 'the first page');
        t.same(await ids(t, { limit: 2, before: entry(4).id }), numbered(3, 2), 'the page before an entry');
        t.same(await ids(t, { limit: 2, before: entry(2).id }), numbered(1), 'the last page');
        t.same(await ids(t, { limit: 2, after: entry(1).id }), numbered(3, 2), 'the page after an entry');
        t.same(await ids(t, { after: entry(5).id }), [], 'the page after the newest entry');
        t.same(
          await ids(t, { before: entry(4).id, after: entry(1).id }),
          numbered(3, 2),
          'the page between two entries',
        );
      },
    ],
    [
      'atomic',
      'append adds all entries or none',
      async (t) => {
        await t.store.append([]);
        await t.store.append(Array.from({ length: 50 }, (_, n) => entry(n)));
        t.same((await ids(t, {})).length, 50, 'the number of entries');
        const before = await ids(t, {});
        // The id of the last is taken: a store may refuse that, but not after it has added the others.
        const again = [entry(60), entry(61), entry(5)];
        const failed = await Promise.resolve()
          .then(() => t.store.append(again))
          .then(
            () => false,
            () => true,
          );
        if (failed) t.same(await ids(t, {}), before, 'the ids after a refused append');
      },
    ],
    [
      'changes',
      'addChanges adds to the newest entry of the request, and does nothing for an unknown one',
      async (t) => {
        await t.store.append([
          entry(1, { requestId: 'r', changes: [change(1)] }),
          entry(2, { requestId: 'r' }),
          entry(3),
        ]);
        await t.store.addChanges('acme', 'r', [change(2), change(3)], 0);
        await t.store.addChanges('acme', 'r', [change(4)], 5);
        await t.store.addChanges('acme', 'none', [change(9)], 1);
        const changed = {
          ...entry(2, { requestId: 'r' }),
          changes: [change(2), change(3), change(4)],
          omittedChanges: 5,
        };
        t.same(await t.store.get('acme', entry(2).id), changed, 'the newest entry of the request');
        t.same((await t.store.get('acme', entry(1).id))?.changes, [change(1)], 'the changes of the older entry');
        t.same(await ids(t, { changed: true }), numbered(2, 1), 'the ids with changes');
      },
    ],
    [
      'changes-parallel',
      'concurrent addChanges of one entry all take effect',
      async (t) => {
        await t.store.append([entry(1)]);
        const adding = Array.from({ length: 20 }, async (_, n) =>
          t.store.addChanges('acme', 'request-1', [change(n)], 1),
        );
        await Promise.all(adding);
        const found = await t.store.get('acme', entry(1).id);
        t.same([found?.changes.length, found?.omittedChanges], [20, 20], 'the number of changes and of omitted ones');
      },
    ],
    [
      'changes-limit',
      'an entry lists 200 changes at most and counts the others',
      async (t) => {
        await t.store.append([entry(1, { changes: Array.from({ length: 150 }, (_, n) => change(n)) })]);
        await t.store.addChanges(
          'acme',
          'request-1',
          Array.from({ length: 70 }, (_, n) => change(150 + n)),
          4,
        );
        const found = await t.store.get('acme', entry(1).id);
        t.same([found?.changes.length, found?.omittedChanges], [200, 24], 'the number of changes and of omitted ones');
        t.same(found?.changes[199], change(199), 'the last change that is listed');
      },
    ],
    [
      'hours',
      'hours counts requests and errors by hour, of one connection or of all, since a time',
      async (t) => {
        await t.store.append([
          entry(1, { connection: 'main' }),
          entry(59, { connection: 'side', outcome: 'refused', status: 400 }),
          entry(60, { connection: 'main', outcome: 'failed', status: 500 }),
          entry(200),
        ]);
        const counted = async (connection: string | undefined, since: Date): Promise<unknown> =>
          [...(await t.store.hours('acme', connection, since))]
            .filter(({ requests }) => requests > 0)
            .map(({ hour, requests, errors }) => [hour.toISOString(), requests, errors])
            .sort();
        const [first, second, fourth] = [at(0), at(60), at(180)].map((hour) => hour.toISOString());
        t.same(
          await counted(undefined, at(0)),
          [
            [first, 2, 1],
            [second, 1, 1],
            [fourth, 1, 0],
          ],
          'the counts of all',
        );
        t.same(
          await counted('main', at(0)),
          [
            [first, 1, 0],
            [second, 1, 1],
          ],
          'the counts of a connection',
        );
        t.same(
          await counted(undefined, at(60)),
          [
            [second, 1, 1],
            [fourth, 1, 0],
          ],
          'the counts since a time',
        );
      },
    ],
    [
      'prune',
      'prune deletes older entries of all tenants, and no others',
      async (t) => {
        await t.store.append([entry(1), entry(2, { tenant: 'other' }), entry(3), entry(4, { tenant: 'other' })]);
        await t.store.prune(at(3));
        t.same(await ids(t, {}), numbered(3), 'the ids of one tenant');
        t.same(await ids(t, {}, 'other'), numbered(4), 'the ids of the other tenant');
      },
    ],
    [
      'texts',
      'texts are stored unchanged, whatever characters they have, and large entries too',
      async (t) => {
        const detail = `'); drop table x; -- "quotes" \\ 50%_off 王小明 👩‍🔬 ${'y'.repeat(400)}`;
        const body = { text: 'x'.repeat(20_000) };
        const large = entry(1, { detail, requestId: "r'1", request: { method: 'POST', url: '/Users', body } });
        await t.store.append([large]);
        t.same(await t.store.get('acme', large.id), large, 'what get returns');
        t.same(await ids(t, { about: "r'1" }), numbered(1), 'what is found by a request id with a quote');
      },
    ],
  ],
);

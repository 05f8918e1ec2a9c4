import type { AuditTrailEntry, AuditTrailStore } from '../../lifecycle/connections/audit-trail.js';
import { casesOf } from '../store-case.js';
import { at, type StoreContext } from './side-suite.js';

type Context = StoreContext<AuditTrailStore>;

/** An entry, whose ID sorts by its minute. */
function entry(minute: number, more: Partial<AuditTrailEntry> = {}): AuditTrailEntry {
  return {
    id: `e${String(minute).padStart(6, '0')}`,
    time: at(minute),
    tenant: 'acme',
    connection: 'main',
    by: 'Ada "é" <b>',
    action: 'key.created',
    subjects: { key: `k${String(minute)}`, 'a.b:c': '007' },
    outcome: 'requested',
    ...more,
  };
}

const idsOf = (all: readonly AuditTrailEntry[]): readonly string[] => all.map(({ id }) => id);

/** What administrators did. */
export const auditTrailCases = casesOf<Context>(
  'audit-trail',
  'Nobody can tell who gave a key away, or an administrator reads what was done in another tenant.',
  [
    [
      'stored',
      'list returns every property of what was appended, the time as a Date; an entry without a connection has none',
      async (t) => {
        const entries = [
          entry(1),
          entry(2, { connection: undefined, subjects: {} }),
          entry(3, { outcome: 'refused', action: 'a'.repeat(60), by: '王小明 👩‍🔬' }),
          entry(4, { outcome: 'failed', time: new Date(at(4).getTime() + 123) }),
          entry(5, { outcome: 'done', subjects: Object.fromEntries(manySubjects) }),
        ];
        for (const each of entries) await t.store.append(each);
        const found = await t.store.list('acme', { limit: 200 });
        t.same(found, [...entries].reverse(), 'what list returns');
        for (const { time } of found as readonly { readonly time: unknown }[]) {
          t.ok(time instanceof Date, `the time ${JSON.stringify(time)} is no Date`);
        }
      },
    ],
    [
      'order',
      'list is newest first by id, whatever order entries were appended in, and up to its limit',
      async (t) => {
        for (const minute of [3, 1, 5, 2, 4]) await t.store.append(entry(minute));
        const ids = (...minutes: readonly number[]) => minutes.map((minute) => entry(minute).id);
        t.same(idsOf(await t.store.list('acme', { limit: 200 })), ids(5, 4, 3, 2, 1), 'the ids of all');
        t.same(idsOf(await t.store.list('acme', { limit: 2 })), ids(5, 4), 'the ids of the newest two');
        t.same(await t.store.list('none', { limit: 10 }), [], 'the entries of an unknown tenant');
      },
    ],
    [
      'pages',
      'before returns what is older than that entry; pages contain every entry once, while new ones arrive',
      async (t) => {
        for (let minute = 10; minute < 31; minute++) await t.store.append(entry(minute));
        const read: string[] = [];
        for (let page = 0; ; page++) {
          t.ok(page < 10, 'the pages do not end');
          const before = read.at(-1);
          const found = await t.store.list('acme', { limit: 4, ...(before !== undefined && { before }) });
          if (found.length === 0) break;
          read.push(...idsOf(found));
          await t.store.append(entry(40 + page));
        }
        const expected = Array.from({ length: 21 }, (_, n) => entry(30 - n).id);
        t.same(read, expected, 'the ids of all pages');
        t.same(await t.store.list('acme', { limit: 5, before: entry(10).id }), [], 'what is older than the oldest');
        t.same(
          idsOf(await t.store.list('acme', { limit: 1, before: 'zzz' })),
          [entry(45).id],
          'the newest before a later id',
        );
      },
    ],
    [
      'connection',
      'with a connection list returns its entries alone, in pages too; those of the whole tenant are not among them',
      async (t) => {
        await t.store.append(entry(1));
        await t.store.append(entry(2, { connection: 'other' }));
        await t.store.append(entry(3, { connection: undefined }));
        await t.store.append(entry(4));
        await t.store.append(entry(5, { connection: 'MAIN' }));
        const of = async (connection: string, limit = 10, before?: string) =>
          idsOf(await t.store.list('acme', { connection, limit, before }));
        t.same(await of('main'), [entry(4).id, entry(1).id], 'the ids of a connection');
        t.same(await of('main', 1, entry(4).id), [entry(1).id], 'the second page of a connection');
        t.same(await of('main', 1), [entry(4).id], 'the first page of a connection');
        t.same(await of('none'), [], 'the ids of an unknown connection');
        t.same(await of(''), [], 'the ids of a connection without a name');
      },
    ],
    [
      'tenants',
      'list returns no entry of another tenant, whichever connection and position it is asked for',
      async (t) => {
        await t.store.append(entry(1, { tenant: 'other' }));
        await t.store.append(entry(2));
        await t.store.append(entry(3, { tenant: 'ACME' }));
        t.same(idsOf(await t.store.list('acme', { limit: 10 })), [entry(2).id], 'the ids of the tenant');
        t.same(
          idsOf(await t.store.list('acme', { limit: 10, connection: 'main' })),
          [entry(2).id],
          'the ids of its connection',
        );
        const before = await t.store.list('acme', { limit: 10, before: entry(2).id });
        t.same(before, [], 'what is older than its oldest entry');
        t.same(idsOf(await t.store.list('other', { limit: 10 })), [entry(1).id], 'the ids of the other tenant');
      },
    ],
    [
      'prune',
      'prune deletes what is older than its time, in all tenants, and nothing else; an entry of that very time stays',
      async (t) => {
        for (const minute of [1, 2, 3, 4]) await t.store.append(entry(minute));
        await t.store.append(entry(5, { tenant: 'other', time: at(1) }));
        await t.store.append(entry(6, { tenant: 'other', time: at(9) }));
        await t.store.prune(at(3));
        t.same(
          idsOf(await t.store.list('acme', { limit: 10 })),
          [entry(4).id, entry(3).id],
          'what is left of the tenant',
        );
        t.same(idsOf(await t.store.list('other', { limit: 10 })), [entry(6).id], 'what is left of the other tenant');
        await t.store.prune(at(0));
        t.same((await t.store.list('acme', { limit: 10 })).length, 2, 'the number of entries after an earlier time');
      },
    ],
    [
      'parallel',
      'concurrent appends are all kept',
      async (t) => {
        const all = Array.from({ length: 40 }, (_, n) => entry(n));
        await Promise.all(all.map(async (each) => t.store.append(each)));
        t.same(await t.store.list('acme', { limit: 200 }), all.reverse(), 'what list returns');
      },
    ],
    [
      'unchanged',
      'an entry that was appended and returned does not change when others are appended or deleted',
      async (t) => {
        const given = entry(1);
        await t.store.append(given);
        const before = JSON.stringify(await t.store.list('acme', { limit: 10 }));
        const found = await t.store.list('acme', { limit: 10 });
        await t.store.append(entry(2));
        await t.store.prune(at(2));
        t.same(JSON.stringify(found), before, 'the list that was returned before');
        t.same(given, entry(1), 'the entry that append was given');
      },
    ],
  ],
);

// As many, and as long, as `recordAction` passes.
const manySubjects = Array.from({ length: 20 }, (_, n) => [`s${String(n)}`, 'x'.repeat(250)] as const);

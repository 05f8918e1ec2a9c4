import type { StorePrimitives, StoreRecord } from '../../../stores/over/primitives.js';
import { casesOf } from '../../store-case.js';
import { changed, deleted, idsOf, indexOf, type PrimitivesContext, record, scanned } from './primitives-context.js';

/** The records that a hint asks for are among those that scan returns, which are records of the type. */
async function hasAll(
  t: PrimitivesContext,
  where: { readonly path: string; readonly values: readonly string[] },
  expected: readonly StoreRecord[],
  type = 'User',
): Promise<void> {
  const found = new Map((await t.scan({ type, where })).map((each) => [each.id, each]));
  const what = `scan with a hint for ${where.path}`;
  for (const each of expected) {
    t.ok(found.has(each.id), `${what} lost a record that has the value in its index`);
    t.same(found.get(each.id), each, `a record of ${what}`);
  }
  for (const each of found.values()) t.same([each.tenant, each.type], ['acme', type], `tenant and type of ${what}`);
}

/** Scans a few times: each time all of these records have to be found, and none twice. */
async function scanRepeatedly(
  t: PrimitivesContext,
  handle: StorePrimitives,
  expected: readonly StoreRecord[],
  lost: string,
): Promise<void> {
  for (let i = 0; i < 5; i++) {
    const ids = idsOf(await scanned(handle, { tenant: 'acme', type: 'User' }));
    const found = new Set(ids);
    t.same(found.size, ids.length, 'the number of different records that scan returns');
    t.ok(
      expected.every(({ id }) => found.has(id)),
      lost,
    );
  }
}

export const scanCases = casesOf<PrimitivesContext>(
  'scan',
  'A user seems not to exist, so the identity provider creates another account, or never deactivates this one.',
  [
    [
      'complete',
      'scan returns every record of the type exactly once, whole, also of several hundred',
      async (t) => {
        const records = Array.from({ length: 450 }, (_, n) => record({ attributes: { title: String(n) } }));
        await t.insertAll(records);
        const found = await t.scan();
        t.same(found.length, records.length, 'the number of records that scan returns');
        const byId = new Map(found.map((each) => [each.id, each]));
        for (const each of records) t.same(byId.get(each.id), each, 'a record that scan returns');
      },
    ],
    [
      'types-and-tenants',
      'scan returns no record of another type or tenant, and nothing for those without records',
      async (t) => {
        const user = await t.insert(record());
        const group = await t.insert(record({ type: 'Group' }));
        const foreign = await t.insert(record({ tenant: 'other' }));
        t.same(idsOf(await t.scan()), [user.id], 'the IDs of users');
        t.same(idsOf(await t.scan({ type: 'Group' })), [group.id], 'the IDs of groups');
        t.same(idsOf(await t.scan({ tenant: 'other' })), [foreign.id], 'the IDs of users of another tenant');
        const nothing = [{ type: 'Device' }, { tenant: 'none' }, { tenant: 'other', type: 'Group' }, { type: 'user' }];
        for (const each of nothing) t.same(idsOf(await t.scan(each)), [], 'the IDs where there are no records');
      },
    ],
    [
      'changed-type',
      'after a change of its type, scan returns a record for the new type and not for the old one',
      async (t) => {
        const before = await t.insert(record({ attributes: { displayName: 'Ada' } }));
        const after = deleted(before);
        t.same(await t.replace(after), true, 'what replaceIf returns');
        t.same(idsOf(await t.scan()), [], 'the IDs of users');
        t.same(await t.scan({ type: after.type }), [after], 'the records of deletions that are not finished');
        const where = { path: 'displayName', values: ['ada'] };
        t.same(idsOf(await t.scan({ where })), [], 'the IDs of users by the name of the deleted one');
      },
    ],
    [
      'hint',
      'a hint may narrow the result, but scan loses no record whose index has one of the values',
      async (t) => {
        const names = ['Ada', 'Bob', 'Eve', 'a%', 'a_', "O'Brien", 'é', 'a:b'];
        const records = names.map((displayName, n) =>
          record({ attributes: { displayName }, keys: { [t.keyPath]: `key${String(n)}` } }),
        );
        await t.insertAll(records);
        const [ada, bob] = records;
        const same = await t.insert(record({ attributes: { displayName: 'ADA' } }));
        await t.insert(record({ tenant: 'other', attributes: { displayName: 'Ada' } }));
        await t.insert(record({ type: 'Device', attributes: { displayName: 'Ada' } }));
        if (ada === undefined || bob === undefined) return;
        await hasAll(t, { path: 'displayName', values: ['ada'] }, [ada, same]);
        await hasAll(t, { path: 'displayName', values: ['none', 'ada', 'bob'] }, [ada, same, bob]);
        for (const [n, each] of records.entries()) {
          await hasAll(t, { path: 'displayName', values: [(names[n] ?? '').toLowerCase()] }, [each]);
          await hasAll(t, { path: t.keyPath, values: [`key${String(n)}`] }, [each]);
        }
        await hasAll(t, { path: 'displayName', values: ['nobody'] }, []);
        await hasAll(t, { path: 'unknown', values: ['ada'] }, []);
      },
    ],
    [
      'hint-members',
      'a hint for `members.value` loses no group with one of the members, also of 500 IDs at once',
      async (t) => {
        const members = Array.from({ length: 500 }, (_, n) => ({ value: `m${String(n)}` }));
        const groups = [members.slice(0, 300), members.slice(200, 201), members.slice(499)].map((some) =>
          record({ type: 'Group', members: some }),
        );
        await t.insertAll([...groups, record({ type: 'Group' })]);
        const [large, small, last] = groups;
        if (large === undefined || small === undefined || last === undefined) return;
        const path = 'members.value';
        await hasAll(t, { path, values: ['m0'] }, [large], 'Group');
        await hasAll(t, { path, values: ['m200'] }, [large, small], 'Group');
        await hasAll(t, { path, values: members.map(({ value }) => value) }, groups, 'Group');
      },
    ],
    [
      'hint-now',
      'after a replacement a hint finds the record by its new values: in keys, attributes and members',
      async (t) => {
        const before = await t.insert(
          record({ type: 'Group', attributes: { displayName: 'Crew' }, members: [{ value: 'm1' }] }),
        );
        const keys = { [t.keyPath]: 'anna' };
        const after = changed(before, { keys, attributes: { displayName: 'Pilots' }, members: [{ value: 'm2' }] });
        t.same(await t.replace(after), true, 'what replaceIf returns');
        await hasAll(t, { path: 'displayName', values: ['pilots'] }, [after], 'Group');
        await hasAll(t, { path: 'members.value', values: ['m2'] }, [after], 'Group');
        await hasAll(t, { path: t.keyPath, values: ['anna'] }, [after], 'Group');
        await hasAll(t, { path: 'members.value', values: ['m1'] }, [], 'Group');
      },
    ],
    [
      'during-writes',
      'a scan that runs while records are replaced and inserted returns every record that was there before, once',
      async (t) => {
        const records = Array.from({ length: 40 }, (_, n) => record({ attributes: { displayName: `n${String(n)}` } }));
        await t.insertAll(records);
        await t.parallel(8, async (handle, n) => {
          if (n % 4 < 2) {
            for (const before of records.slice(n * 5, n * 5 + 5)) {
              const after = changed(before, { attributes: { displayName: `new${String(n)}` } });
              await handle.replaceIf(after, before.version, indexOf(after));
              await handle.insert(record(), {});
            }
            return;
          }
          await scanRepeatedly(t, handle, records, 'scan lost a record that was replaced while it ran');
        });
      },
    ],
    [
      'during-removals',
      'a scan that runs while records are removed returns every record that stays, once',
      async (t) => {
        const records = Array.from({ length: 40 }, () => record());
        for (const each of records) await t.insert(each);
        const staying = records.filter((_, n) => n % 2 === 1);
        await t.parallel(8, async (handle, n) => {
          if (n % 4 < 2) {
            // Those that most storages read first go first.
            const removed = records.filter((_, i) => i % 2 === 0 && i % 8 === (n % 4) * 2 + (n < 4 ? 0 : 4));
            for (const { id } of removed) await handle.remove('acme', id);
            return;
          }
          await scanRepeatedly(t, handle, staying, 'scan lost a record while others were removed');
        });
        t.same(idsOf(await t.scan()), idsOf(staying), 'the IDs that scan returns afterwards');
      },
    ],
  ],
);

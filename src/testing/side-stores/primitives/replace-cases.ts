import { casesOf } from '../../store-case.js';
import { changed, deleted, idsOf, indexOf, newId, type PrimitivesContext, record } from './primitives-context.js';
import { fullGroup, fullUser, keysAt } from './sample-records.js';

export const replaceCases = casesOf<PrimitivesContext>(
  'replace-if',
  'Of two changes at the same time one disappears although its client got a success.',
  [
    [
      'whole',
      'the record is replaced as a whole: type, version, times, attributes, keys and members; what it no longer has is gone',
      async (t) => {
        const user = await t.insert(fullUser(keysAt(t.keyPaths, 'ada')));
        const bare = changed(user, { attributes: { userName: 'ada' } });
        t.same(await t.replace(bare), true, 'what replaceIf returns');
        t.same(await t.find(user.id), bare, 'the record with fewer attributes');
        const gone = deleted(bare);
        t.same(await t.replace(gone), true, 'what replaceIf returns for a deletion');
        t.same(await t.find(user.id), gone, 'the record of another type');
        const group = await t.insert(fullGroup(20));
        const smaller = changed(group, { members: group.members.slice(5) });
        t.same(await t.replace(smaller), true, 'what replaceIf returns for a group');
        t.same(await t.find(group.id), smaller, 'the group with fewer members');
      },
    ],
    [
      'created',
      'created, version and times come back as the replacement has them, not as they were at the insert',
      async (t) => {
        const before = await t.insert(record({ created: '2020-02-29T23:59:59.999Z' }));
        const kept = changed(before, {});
        t.same(await t.replace(kept), true, 'what replaceIf returns');
        t.same(await t.find(before.id), kept, 'the record, whose created is the same');
        const after = changed(kept, { created: '2021-03-01T00:00:00.001Z' });
        t.same(await t.replace(after), true, 'what replaceIf returns');
        t.same(await t.find(before.id), after, 'the record with another created');
      },
    ],
    [
      'others',
      'replaceIf changes no other record',
      async (t) => {
        const path = t.keyPath;
        const records = [1, 2, 3].map((n) => record({ keys: { [path]: String(n) }, attributes: { title: String(n) } }));
        await t.insertAll(records);
        const [first, ...others] = records;
        if (first !== undefined) await t.replace(changed(first, { attributes: { title: 'new' } }));
        for (const each of others) t.same(await t.find(each.id), each, 'another record');
      },
    ],
    [
      'stale',
      'with a version that is not the stored one, older or newer, replaceIf returns false and writes nothing',
      async (t) => {
        const before = await t.insert(record({ version: 10, attributes: { displayName: 'old' } }));
        for (const version of [9, 11, 1, 0, 100]) {
          const after = { ...before, version: version + 1, attributes: { displayName: 'new' } };
          t.same(await t.replace(after, version), false, `what replaceIf returns for version ${String(version)} of 10`);
          t.same(await t.find(before.id), before, 'the record');
          t.same(idsOf(await t.scan()), [before.id], 'the IDs that scan returns');
        }
        const found = await t.scan({ where: { path: 'displayName', values: ['old'] } });
        t.same(idsOf(found), [before.id], 'the IDs that scan finds by the value that is stored');
      },
    ],
    [
      'stale-keys',
      'with another version the stored keys stay taken, and the keys of the refused record stay free, also where one of them is taken',
      async (t) => {
        const path = t.keyPath;
        const before = await t.insert(record({ version: 5, keys: { [path]: 'bob' } }));
        await t.insert(record({ keys: { [path]: 'eve' } }));
        t.same(await t.replace({ ...before, keys: { [path]: 'anna' } }, 4), false, 'what replaceIf returns');
        await t.free(path, 'anna', 'the key of a refused replacement');
        await t.taken(path, 'bob', 'an insert with the stored key');
        // A conflict would be reported to the client; a lost race is retried.
        t.same(
          await t.replace({ ...before, keys: { [path]: 'eve' } }, 4),
          false,
          'what replaceIf returns for another version and a taken key',
        );
        await t.taken(path, 'bob', 'an insert with the stored key');
      },
    ],
    [
      'missing',
      'replaceIf returns false for an unknown ID and for one of another tenant, creates nothing and takes no key',
      async (t) => {
        const path = t.keyPath;
        const foreign = await t.insert(record({ tenant: 'other', keys: { [path]: 'bob' } }));
        for (const id of [newId(), foreign.id]) {
          for (const version of [0, 1]) {
            const after = record({ id, version: version + 1, keys: { [path]: 'anna' } });
            t.same(await t.replace(after, version), false, 'what replaceIf returns');
            t.same(await t.find(id), undefined, 'what find returns');
          }
        }
        t.same(await t.find(foreign.id, 'other'), foreign, 'the record of the other tenant');
        await t.free(path, 'anna', 'the key of the record that does not exist');
      },
    ],
    [
      'parallel',
      'of 30 concurrent replacements of one version exactly one returns true, and its record is the stored one',
      async (t) => {
        for (let round = 0; round < 3; round++) {
          const before = await t.insert(record());
          const results = await t.parallel(30, async (handle, n) => {
            const after = changed(before, { attributes: { title: String(n) } });
            return handle.replaceIf(after, before.version, indexOf(after));
          });
          const winners = results.flatMap((isReplaced, n) => (isReplaced ? [String(n)] : []));
          t.same(winners.length, 1, 'the number of replacements that returned true');
          t.same((await t.find(before.id))?.attributes, { title: winners[0] }, 'the attributes of the record');
        }
      },
    ],
    [
      'lost-update',
      'no update is lost: 8 workers that read and replace until they succeed add 5 members each',
      async (t) => {
        const { id } = await t.insert(record({ type: 'Group' }));
        await t.parallel(8, async (handle, worker) => {
          for (let n = 0; n < 5; n++) {
            for (let attempt = 0; ; attempt++) {
              t.ok(attempt < 200, 'replaceIf returned false 200 times in a row, although only 8 workers write');
              const [before] = await handle.find('acme', [id]);
              if (before === undefined) return t.ok(false, 'the record is gone');
              const members = [...before.members, { value: `${String(worker)}.${String(n)}` }];
              const after = changed(before, { members });
              if (await handle.replaceIf(after, before.version, indexOf(after))) break;
            }
          }
        });
        const found = await t.find(id);
        t.same(new Set(found?.members.map(({ value }) => value)).size, 40, 'the number of members');
        t.same(found?.version, 41, 'the version');
      },
    ],
  ],
);

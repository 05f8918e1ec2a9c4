import { casesOf } from '../../store-case.js';
import { changed, idsOf, indexOf, newId, type PrimitivesContext, record } from './primitives-context.js';
import { keysAt } from './sample-records.js';

export const removeCases = casesOf<PrimitivesContext>(
  'remove',
  'Deleted records stay forever: every request that reads groups finishes the same deletions again.',
  [
    [
      'gone',
      'remove removes the record: neither find nor scan returns it, with a hint or without',
      async (t) => {
        const removed = await t.insert(record({ attributes: { displayName: 'Ada' } }));
        const kept = await t.insert(record({ attributes: { displayName: 'Ada' } }));
        await t.store.remove('acme', removed.id);
        t.same(await t.find(removed.id), undefined, 'what find returns for the removed record');
        t.same(idsOf(await t.scan()), [kept.id], 'the IDs that scan returns');
        const found = await t.scan({ where: { path: 'displayName', values: ['ada'] } });
        t.same(idsOf(found), [kept.id], 'the IDs that scan returns for a hint');
      },
    ],
    [
      'frees-keys',
      'remove frees the keys of the record',
      async (t) => {
        const removed = await t.insert(record({ keys: keysAt(t.keyPaths, 'bob') }));
        await t.store.remove('acme', removed.id);
        for (const path of t.keyPaths) await t.free(path, 'bob', `the key ${path} of a removed record`);
      },
    ],
    [
      'frees-keys-of-now',
      'remove frees the keys that the record has now, and not one of before that another record has taken',
      async (t) => {
        const path = t.keyPath;
        const before = await t.insert(record({ keys: keysAt(t.keyPaths, 'ada') }));
        t.same(await t.replace(changed(before, { keys: keysAt(t.keyPaths, 'bob') })), true, 'what replaceIf returns');
        const other = await t.insert(record({ keys: keysAt(t.keyPaths, 'ada') }));
        await t.store.remove('acme', before.id);
        for (const each of t.keyPaths) {
          await t.taken(each, 'ada', `an insert with the key ${each} of the other record`);
          await t.free(each, 'bob', `the last key ${each} of the removed record`);
        }
        t.same(await t.find(other.id), other, `the record that has the key ${path}`);
      },
    ],
    [
      'again',
      'remove of a record that does not exist is no error, and removes no other',
      async (t) => {
        const { id } = await t.insert(record());
        const kept = await t.insert(record());
        for (const each of [id, id, newId(), 'none', '', '%', "' or 1=1 --"]) await t.store.remove('acme', each);
        t.same(idsOf(await t.scan()), [kept.id], 'the IDs that scan returns');
      },
    ],
    [
      'tenants',
      'remove removes no record of another tenant, nor its keys',
      async (t) => {
        const path = t.keyPath;
        const own = await t.insert(record({ keys: { [path]: 'bob' } }));
        await t.store.remove('other', own.id);
        t.same(await t.find(own.id), own, 'the record');
        await t.taken(path, 'bob', 'an insert with the key of the record');
      },
    ],
    [
      'parallel',
      'of a replacement and a removal at the same time, the record is gone in the end, and its keys are free',
      async (t) => {
        const path = t.keyPath;
        for (let round = 0; round < 10; round++) {
          const before = await t.insert(record({ keys: { [path]: 'bob' } }));
          const after = changed(before, { keys: { [path]: 'anna' } });
          await t.parallel(4, async (handle, n) => {
            // Both handles do both.
            if (n % 3 === 0) await handle.remove('acme', before.id);
            else await handle.replaceIf(after, before.version, indexOf(after));
          });
          t.same(await t.find(before.id), undefined, 'what find returns for the removed record');
          t.same(idsOf(await t.scan()), [], 'the IDs that scan returns');
          await t.free(path, 'bob', 'the old key of the record');
          await t.free(path, 'anna', 'the new key of the record');
        }
      },
    ],
  ],
);

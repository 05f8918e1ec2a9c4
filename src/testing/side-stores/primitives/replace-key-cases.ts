import { casesOf } from '../../store-case.js';
import { changed, deleted, indexOf, type PrimitivesContext, record } from './primitives-context.js';
import { keysAt } from './sample-records.js';

export const replaceKeyCases = casesOf<PrimitivesContext>(
  'replace-if-keys',
  'Two accounts share a name after a rename, or a name that nobody has is taken forever.',
  [
    [
      'freed',
      'keys that the new record does not have are free afterwards, and its new ones are taken',
      async (t) => {
        const before = await t.insert(record({ keys: keysAt(t.keyPaths, 'bob') }));
        const renamed = changed(before, { keys: keysAt(t.keyPaths, 'anna') });
        t.same(await t.replace(renamed), true, 'what replaceIf returns');
        for (const path of t.keyPaths) {
          await t.free(path, 'bob', `the old key ${path}`);
          await t.taken(path, 'anna', `an insert with the new key ${path}`);
        }
        t.same(await t.replace(changed(renamed, { keys: {} })), true, 'what replaceIf returns');
        for (const path of t.keyPaths) await t.free(path, 'anna', `the key ${path} of a record that has none any more`);
      },
    ],
    [
      'deleted',
      'the deletion of a resource, which changes the type of the record, frees its keys',
      async (t) => {
        const path = t.keyPath;
        const before = await t.insert(record({ keys: { [path]: 'bob' } }));
        t.same(await t.replace(deleted(before)), true, 'what replaceIf returns');
        await t.free(path, 'bob', 'the key of a deleted user');
      },
    ],
    [
      'own',
      'a record may keep its own keys, and they stay taken',
      async (t) => {
        const before = await t.insert(record({ keys: keysAt(t.keyPaths, 'bob') }));
        t.same(await t.replace(changed(before, { attributes: { title: 'Dr' } })), true, 'what replaceIf returns');
        for (const path of t.keyPaths) await t.taken(path, 'bob', `an insert with the key ${path}`);
      },
    ],
    [
      'taken',
      'a key that another record has is refused with ConflictError and its path, and the record stays as it was',
      async (t) => {
        for (const path of t.keyPaths) {
          const anna = await t.insert(record({ keys: { [path]: 'anna' } }));
          const bob = await t.insert(record({ keys: { [path]: 'bob' }, attributes: { title: 'old' } }));
          const renamed = changed(bob, { keys: { [path]: 'anna' }, attributes: { title: 'new' } });
          const rename = () => t.replace(renamed);
          await t.refused(rename, { status: 409, attribute: path }, 'a replacement with a taken key');
          t.same([await t.find(bob.id), await t.find(anna.id)], [bob, anna], 'both records');
          for (const each of [anna, bob]) await t.store.remove(each.tenant, each.id);
        }
      },
    ],
    [
      'refused-keeps-old',
      'a replacement that is refused for a taken key keeps the old keys of the record taken',
      async (t) => {
        const path = t.keyPath;
        await t.insert(record({ keys: { [path]: 'anna' } }));
        const bob = await t.insert(record({ keys: keysAt(t.keyPaths, 'bob') }));
        const renamed = changed(bob, { keys: { ...bob.keys, [path]: 'anna' } });
        await t.refused(() => t.replace(renamed), { status: 409 }, 'a replacement with a taken key');
        for (const each of t.keyPaths) await t.taken(each, 'bob', `an insert with the old key ${each}`);
        t.same(await t.replace(changed(bob, { keys: {} })), true, 'what replaceIf returns for the same version');
      },
    ],
    [
      'refused-frees-new',
      'a replacement that is refused for one key leaves its other new keys free',
      async (t) => {
        for (const [first, second] of t.pairsOfKeyPaths) {
          const anna = await t.insert(record({ keys: { [second]: 'anna' } }));
          const bob = await t.insert(record());
          const renamed = changed(bob, { keys: { [first]: 'unused', [second]: 'anna' } });
          await t.refused(
            () => t.replace(renamed),
            { status: 409, attribute: second },
            'a replacement with a taken key',
          );
          await t.free(first, 'unused', `the new key ${first} of a refused replacement`);
          for (const each of [anna, bob]) await t.store.remove(each.tenant, each.id);
        }
      },
    ],
    [
      'parallel',
      'of 20 records that concurrently change to one key, exactly one succeeds, and the others keep theirs',
      async (t) => {
        const path = t.keyPath;
        const records = Array.from({ length: 20 }, (_, n) => record({ keys: { [path]: `before${String(n)}` } }));
        await t.insertAll(records);
        const results = await t.parallel(records.length, async (handle, n) => {
          const before = records[n] ?? record();
          const after = changed(before, { keys: { [path]: 'same' } });
          try {
            return await handle.replaceIf(after, before.version, indexOf(after));
          } catch {
            return false;
          }
        });
        t.same(results.filter(Boolean).length, 1, 'the number of records that got the key');
        for (const [n, isReplaced] of results.entries()) {
          if (!isReplaced) await t.taken(path, `before${String(n)}`, 'an insert with the key of a record that kept it');
        }
      },
    ],
  ],
);

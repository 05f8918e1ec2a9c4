import type { StorePrimitives, StoreRecord } from '../../../stores/over/primitives.js';
import { isConflict } from '../../conflict.js';
import { casesOf } from '../../store-case.js';
import { display } from '../../checks.js';
import { type PrimitivesContext, idsOf, indexOf, newId, record } from './primitives-context.js';
import { fullGroup, fullUser, keysAt } from './sample-records.js';

/** An insert whose error is a rejection, also where the operation has no promise. */
async function insertion(handle: StorePrimitives, each: StoreRecord): Promise<void> {
  await handle.insert(each, indexOf(each));
}

export const insertCases = casesOf<PrimitivesContext>(
  'insert',
  'Two accounts share a name, or a name belongs forever to a user who does not exist.',
  [
    [
      'whole',
      'find returns exactly what insert got: attributes, keys, members, numbers and times',
      async (t) => {
        const user = await t.insert(fullUser(keysAt(t.keyPaths, 'ada')));
        t.same(await t.find(user.id), user, 'the record of a user');
        const group = await t.insert(fullGroup(5));
        t.same(await t.find(group.id), group, 'the record of a group');
      },
    ],
    [
      'large',
      'a group with 2,000 members is stored whole, and its members in their order',
      async (t) => {
        const group = await t.insert(fullGroup(2_000));
        t.same(await t.find(group.id), group, 'the record of a group');
      },
    ],
    [
      'id-exists',
      'an ID that exists in the tenant, of this or another type, is refused: nothing changes, and the keys of the refused record are free',
      async (t) => {
        const path = t.keyPath;
        const before = await t.insert(record({ keys: { [path]: 'first' } }));
        for (const type of ['User', 'Group']) {
          const again = { ...before, type, attributes: { displayName: 'again' }, keys: { [path]: 'second' } };
          await t.thrownBy(() => t.insert(again), `an insert of type ${type} with an ID that exists was not refused`);
          t.same(await t.find(before.id), before, 'the record that was there');
        }
        await t.taken(path, 'first', 'an insert with the key of the record');
        await t.free(path, 'second', 'the key of the refused insert');
      },
    ],
    [
      'id-parallel',
      'of 20 concurrent inserts with one ID, exactly one succeeds',
      async (t) => {
        const id = newId();
        const results = await t.parallel(20, async (handle, n) => {
          const each = record({ id, attributes: { title: String(n) } });
          return insertion(handle, each).then(
            () => n,
            () => undefined,
          );
        });
        const winners = results.filter((n) => n !== undefined);
        t.same(winners.length, 1, 'the number of inserts that succeeded');
        t.same((await t.find(id))?.attributes, { title: String(winners[0]) }, 'the attributes of the record');
      },
    ],
    [
      'keys-taken',
      'a key that another record has is refused with ConflictError and its path, and the refused record does not exist',
      async (t) => {
        for (const path of t.keyPaths) {
          const first = await t.insert(record({ keys: { [path]: 'taken' } }));
          await t.taken(path, 'taken', `an insert with a taken key at ${path}`);
          t.same(idsOf(await t.scan()), [first.id], 'the IDs of the records that scan returns');
          await t.store.remove(first.tenant, first.id);
        }
      },
    ],
    [
      'keys-parallel',
      'of 50 concurrent inserts with one key, exactly one succeeds; the others throw ConflictError',
      async (t) => {
        const path = t.keyPath;
        const results = await t.parallel(50, async (handle) => {
          const each = record({ keys: { [path]: 'same' } });
          return insertion(handle, each).then(
            () => 'inserted',
            (error: unknown) => (isConflict(error) ? 'ConflictError' : display(error)),
          );
        });
        const count = (result: string): number => results.filter((each) => each === result).length;
        t.same(count('inserted'), 1, 'the number of inserts that succeeded');
        const other = results.find((result) => result !== 'inserted' && result !== 'ConflictError');
        t.ok(other === undefined, `an insert with a taken key threw ${String(other)}; expected ConflictError`);
        t.same((await t.scan()).length, 1, 'the number of records that scan returns');
      },
    ],
    [
      'keys-scope',
      'the same key in another tenant, for another type and under another path is no conflict',
      async (t) => {
        const path = t.keyPath;
        await t.insert(record({ keys: { [path]: 'same' } }));
        const others: (readonly [string, Parameters<typeof record>[0]])[] = [
          ['in another tenant', { tenant: 'other', keys: { [path]: 'same' } }],
          ['for another type', { type: 'Device', keys: { [path]: 'same' } }],
          ...t.keyPaths.slice(1, 2).map((other) => ['under another path', { keys: { [other]: 'same' } }] as const),
        ];
        for (const [what, more] of others) {
          const inserted = await t.insert(record(more)).then(
            () => undefined,
            (error: unknown) => display(error),
          );
          t.ok(inserted === undefined, `an insert with the same key ${what} threw ${String(inserted)}`);
        }
        await t.taken(path, 'same', 'an insert with the key of the first record');
      },
    ],
    [
      'keys-exact',
      'keys compare exactly: they are normalized already',
      async (t) => {
        const path = t.keyPath;
        for (const key of ['e', 'é', 'ß', 'ss', 'a b', 'ab', 'a%', 'a_'])
          await t.insert(record({ keys: { [path]: key } }));
        t.same((await t.scan()).length, 8, 'the number of records with different keys');
      },
    ],
    [
      'refused-keys-free',
      'an insert that is refused for one key leaves its other keys free',
      async (t) => {
        for (const [first, second] of t.pairsOfKeyPaths) {
          const owner = await t.insert(record({ keys: { [second]: 'taken' } }));
          const refused = record({ keys: { [first]: 'unused', [second]: 'taken' } });
          await t.refused(() => t.insert(refused), { status: 409, attribute: second }, 'an insert with one taken key');
          t.same(await t.find(refused.id), undefined, 'what find returns for the refused record');
          await t.free(first, 'unused', `the key ${first} of a refused insert`);
          await t.taken(second, 'taken', 'an insert with the key that was taken before');
          await t.store.remove(owner.tenant, owner.id);
        }
      },
    ],
  ],
);

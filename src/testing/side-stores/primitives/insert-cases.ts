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

/** An insert with the key is accepted. */
async function accepted(t: PrimitivesContext, path: string, key: string, what: string): Promise<void> {
  const each = record({ keys: { [path]: key } });
  const inserted = await insertion(t.store, each).then(
    () => undefined,
    (error: unknown) => display(error),
  );
  t.ok(inserted === undefined, `an insert with the free key ${what} threw ${String(inserted)}`);
  t.same(await t.find(each.id), each, `the record with the key ${what}`);
}

/** Each of these keys is free until a record takes it, and taken afterwards. */
async function distinct(t: PrimitivesContext, keys: readonly string[]): Promise<void> {
  const path = t.keyPath;
  for (const key of keys) await accepted(t, path, key, JSON.stringify(key));
  for (const key of keys) await t.taken(path, key, `an insert with the taken key ${JSON.stringify(key)}`);
  const where = { path, values: keys.slice(0, 1) };
  const found = (await t.scan({ where })).filter((each) => each.keys[path] === keys[0]);
  t.same(found.length, 1, `the number of records that scan finds by the key ${JSON.stringify(keys[0])}`);
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
      'member-display',
      'members come back whole, with `display` where they had it',
      async (t) => {
        const members = [{ value: newId(), display: 'Ada', type: 'User' }, { value: newId() }];
        const group = await t.insert(record({ type: 'Group', members }));
        t.same((await t.find(group.id))?.members, members, 'the members');
        const [scannedGroup] = await t.scan({ type: 'Group' });
        t.same(scannedGroup?.members, members, 'the members that scan returns');
      },
    ],
    [
      'line-separators',
      'texts with U+2028, U+2029, U+0085 and other line breaks come back whole',
      async (t) => {
        for (const [n, text] of ['\u2028', '\u2029', '\u0085', '\r\n', '\v\f', '\ufeff'].entries()) {
          const attributes = { title: `a${text}b`, nickName: text, userName: String(n) };
          const user = await t.insert(record({ attributes, keys: { [t.keyPath]: `a${text}b` } }));
          t.same(await t.find(user.id), user, 'the record of a user');
        }
        t.same((await t.scan()).length, 6, 'the number of records that scan returns');
      },
    ],
    [
      'multibyte',
      'a long text of characters of several bytes comes back whole, wherever it begins',
      async (t) => {
        for (const letter of ['é', '漢', '😀']) {
          for (const begin of ['', 'x', 'xx', 'xxx']) {
            const title = `${begin}${letter.repeat(5_000)}`;
            const user = await t.insert(record({ attributes: { title } }));
            t.same(await t.find(user.id), user, `a record with 5,000 times ${letter}`);
          }
        }
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
      'keys-long',
      'keys that differ only after 191, 255 or 1,000 characters are different',
      async (t) => {
        const path = t.keyPath;
        for (const length of [191, 255, 1_000]) {
          const begin = 'k'.repeat(length);
          for (const end of ['a', 'b'])
            await accepted(t, path, `${begin}${end}`, `${String(length)} letters k, ${end}`);
          await t.taken(path, `${begin}b`, `an insert with a taken key of ${String(length + 1)} characters`);
        }
      },
    ],
    [
      'keys-letter-case',
      'keys that differ in letter case are different: those of exact attributes keep it',
      (t) => distinct(t, ['ada', 'ADA', 'Ada']),
    ],
    [
      'keys-spaces',
      'keys that differ in a blank at the begin or end are different',
      (t) => distinct(t, ['ada', 'ada ', ' ada', 'ada\t', 'ada  ']),
    ],
    [
      'keys-compatibility',
      'keys are not normalized again: a ligature or a full-width letter differs from its letters',
      (t) => distinct(t, ['ﬁn', 'fin', 'ａ', 'a', '①', '1', 'ß', 'ss', 'ı', 'i']),
    ],
    [
      'keys-names',
      'names of properties, such as constructor and __proto__, are keys like others',
      (t) => distinct(t, ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'undefined', 'null', '0']),
    ],
    [
      'keys-empty',
      'the empty text is a key like others, which only one record can have',
      (t) => distinct(t, ['', ' ']),
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

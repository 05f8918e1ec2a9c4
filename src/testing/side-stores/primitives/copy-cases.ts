import type { RecordIndex, StoreRecord } from '../../../stores/over/primitives.js';
import { casesOf } from '../../store-case.js';
import { changed, indexOf, newId, type PrimitivesContext } from './primitives-context.js';
import { fullUser, keysAt } from './sample-records.js';

/** Changes everything in a record or index that a caller could change by mistake. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const each of Object.values(value)) spoil(each);
  if (Object.isFrozen(value)) return;
  if (Array.isArray(value)) value.push({ value: 'spoiled' });
  else for (const name of [...Object.keys(value), 'spoiled']) Reflect.set(value, name, 'spoiled');
}

/** A copy that shares nothing with the value. */
function copyOf<T extends StoreRecord | RecordIndex>(value: T): T {
  return structuredClone(value);
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) frozen(each);
    Object.freeze(value);
  }
  return value;
}

export const copyCases = casesOf<PrimitivesContext>(
  'copies',
  'A hook that edits what it got changes what other requests read, without a write.',
  [
    [
      'arguments',
      'the storage keeps copies: a change to a record or an index after insert or replaceIf changes nothing stored',
      async (t) => {
        const first = fullUser(keysAt(t.keyPaths, 'ada'));
        const second = changed(first, { attributes: { ...first.attributes, displayName: 'Second' } });
        for (const [each, write] of [
          [first, (copy: StoreRecord, index: RecordIndex) => t.store.insert(copy, index)],
          [second, (copy: StoreRecord, index: RecordIndex) => t.store.replaceIf(copy, first.version, index)],
        ] as const) {
          const [copy, index] = [copyOf(each), copyOf(indexOf(each))];
          await write(copy, index);
          spoil(copy);
          spoil(index);
          t.same(await t.find(each.id), each, 'the record after the caller changed its own');
          for (const path of t.keyPaths) await t.taken(path, 'ada', 'an insert with the key');
          const [found] = await t.scan({ where: { path: 'displayName', values: indexOf(each)['displayName'] ?? [] } });
          t.same(found, each, 'the record that scan finds by the index of before');
        }
      },
    ],
    [
      'results',
      'find and scan return copies: a change to a result changes nothing stored',
      async (t) => {
        const stored = await t.insert(copyOf(fullUser(keysAt(t.keyPaths, 'ada'))));
        const expected = copyOf(stored);
        spoil(await t.find(expected.id));
        t.same(await t.find(expected.id), expected, 'the record after a result of find was changed');
        spoil([...(await t.scan())]);
        t.same(await t.scan(), [expected], 'the records after a result of scan was changed');
      },
    ],
    [
      'frozen',
      'the operations do not change what they get',
      async (t) => {
        const first = frozen(fullUser(keysAt(t.keyPaths, 'ada')));
        await t.store.insert(first, frozen(indexOf(first)));
        const second = frozen(changed(first, { keys: {} }));
        t.same(await t.store.replaceIf(second, first.version, frozen(indexOf(second))), true, 'what replaceIf returns');
        t.same([...(await t.store.find('acme', frozen([newId(), first.id])))], [second], 'the record');
        const query = frozen({ tenant: 'acme', type: 'User', where: { path: 'displayName', values: ['none'] } });
        for await (const each of await t.store.scan(query)) t.same(each, second, 'the record');
      },
    ],
  ],
);

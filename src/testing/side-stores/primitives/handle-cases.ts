import type { StorePrimitives, StoreRecord } from '../../../stores/over/primitives.js';
import { casesOf } from '../../store-case.js';
import { changed, idsOf, indexOf, type PrimitivesContext, record } from './primitives-context.js';
import { keysAt } from './sample-records.js';

/** What is in the storage before a second process opens it. */
interface History {
  /** Inserted, and never changed. */
  readonly kept: StoreRecord;
  /** As it is after a replacement of everything. */
  readonly renamed: StoreRecord;
  readonly removed: StoreRecord;
}

const named = (name: string): { readonly path: string; readonly values: readonly string[] } => ({
  path: 'displayName',
  values: [name],
});

/** Writes a history through the first handle, and then opens the second one. */
async function reopened(t: PrimitivesContext): Promise<History & { readonly second: StorePrimitives }> {
  const user = (name: string): StoreRecord =>
    record({ attributes: { displayName: name }, keys: keysAt(t.keyPaths, name) });
  const [kept, before, removed] = [user('ada'), user('bob'), user('eve')];
  await t.insertAll([kept, before, removed]);
  const renamed = changed(before, { attributes: { displayName: 'ann' }, keys: keysAt(t.keyPaths, 'ann') });
  t.same(await t.replace(renamed), true, 'what replaceIf returns');
  await t.store.remove('acme', removed.id);
  const [, second] = await t.twoHandles();
  return { kept, renamed, removed, second };
}

/** The hint for each name finds the record that has it, and no other. */
async function namesAre(
  t: PrimitivesContext,
  handle: StorePrimitives,
  expected: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  for (const [name, id] of Object.entries(expected)) {
    // Operations may ignore the hint, so other records may come back as well.
    const found = (await t.scan({ where: named(name) }, handle)).filter(
      ({ attributes }) => attributes['displayName'] === name,
    );
    const ids = id === undefined ? [] : [id];
    t.same(idsOf(found), ids, `the IDs that the second handle scans with a hint for ${name}`);
  }
}

/** A second process that opens the storage when records have been written, replaced and removed. */
const reopenedCases = casesOf<PrimitivesContext>(
  'reopened',
  'After a restart of the app users are missing, deleted ones are back, or two users share a name.',
  [
    [
      'find',
      'a process that opens the storage later finds what was written and replaced, and nothing that was removed',
      async (t) => {
        const { kept, renamed, removed, second } = await reopened(t);
        for (const each of [kept, renamed]) t.same(await t.find(each.id, 'acme', second), each, 'a record');
        t.same(await t.find(removed.id, 'acme', second), undefined, 'what find returns for the removed record');
      },
    ],
    [
      'scan',
      'a process that opens the storage later scans what was written and replaced, and nothing that was removed',
      async (t) => {
        const { kept, renamed, second } = await reopened(t);
        const found = [...(await t.scan({}, second))].sort((a, b) => (a.id < b.id ? -1 : 1));
        t.same(found, [kept, renamed], 'the records that the second handle scans');
      },
    ],
    [
      'scan-hint',
      'a process that opens the storage later finds records by their index as it is now',
      async (t) => {
        const { kept, renamed, second } = await reopened(t);
        await namesAre(t, second, { ada: kept.id, ann: renamed.id, bob: undefined, eve: undefined });
      },
    ],
    [
      'keys-taken',
      'keys are still taken for a process that opens the storage later: those of an insert and those of a replacement',
      async (t) => {
        const { second } = await reopened(t);
        for (const path of t.keyPaths) {
          for (const key of ['ada', 'ann']) await t.taken(path, key, `an insert with the key ${path} ${key}`, second);
        }
      },
    ],
    [
      'keys-freed',
      'keys that a replacement or remove has freed are free for a process that opens the storage later',
      async (t) => {
        const { second } = await reopened(t);
        for (const path of t.keyPaths) {
          for (const key of ['bob', 'eve']) await t.free(path, key, `the key ${path} ${key}`, second);
        }
      },
    ],
    [
      'write',
      'a process that opens the storage later replaces by the stored version, and refuses an ID that exists',
      async (t) => {
        const { renamed, second } = await reopened(t);
        await t.thrownBy(() => t.insert({ ...renamed, keys: {} }, second), 'an insert with an ID that exists');
        const after = changed(renamed, { attributes: { displayName: 'amy' } });
        t.same(await second.replaceIf(after, 1, indexOf(after)), false, 'what replaceIf returns for the first version');
        t.same(await second.replaceIf(after, renamed.version, indexOf(after)), true, 'what replaceIf returns');
        t.same(await t.find(after.id), after, 'the record that the first handle finds');
      },
    ],
    [
      'remove',
      'a process that has never read a record removes it, with its keys and its index',
      async (t) => {
        const { kept, renamed, second } = await reopened(t);
        for (const each of [kept, renamed]) await second.remove('acme', each.id);
        for (const handle of [t.store, second]) {
          t.same(await t.find(kept.id, 'acme', handle), undefined, 'what find returns for the removed record');
          t.same(idsOf(await t.scan({}, handle)), [], 'the IDs that scan returns');
          await namesAre(t, handle, { ada: undefined, ann: undefined });
          for (const path of t.keyPaths) await t.free(path, 'ada', `the key ${path} of the removed record`, handle);
        }
      },
    ],
  ],
);

/** Two processes that have both read, and may keep something in memory. */
const warmCases = casesOf<PrimitivesContext>(
  'handles',
  'A process shows users as they were when it began, until it is restarted.',
  [
    [
      'scan',
      'a process that has scanned before sees what another one has inserted, replaced and removed since then',
      async (t) => {
        const [first, second] = await t.twoHandles();
        const removed = await t.insert(record(), first);
        const before = await t.insert(record({ attributes: { title: 'old' } }), first);
        t.same(idsOf(await t.scan({}, second)), idsOf([removed, before]), 'the IDs that the second handle scans');
        const after = changed(before, { attributes: { title: 'new' } });
        t.same(await first.replaceIf(after, before.version, {}), true, 'what replaceIf returns');
        await first.remove('acme', removed.id);
        const added = await t.insert(record(), first);
        const found = [...(await t.scan({}, second))].sort((a, b) => (a.id < b.id ? -1 : 1));
        t.same(found, [after, added], 'the records that the second handle scans later');
      },
    ],
    [
      'scan-hint',
      'a process that has scanned with a hint before sees what another one has inserted, replaced and removed since then',
      async (t) => {
        const [first, second] = await t.twoHandles();
        const before = await t.insert(record({ attributes: { displayName: 'ada' } }), first);
        await namesAre(t, second, { ada: before.id, bob: undefined, eve: undefined });
        const after = changed(before, { attributes: { displayName: 'bob' } });
        t.same(await first.replaceIf(after, before.version, indexOf(after)), true, 'what replaceIf returns');
        const added = await t.insert(record({ attributes: { displayName: 'eve' } }), first);
        await namesAre(t, second, { ada: undefined, bob: after.id, eve: added.id });
        await first.remove('acme', added.id);
        await namesAre(t, second, { eve: undefined });
      },
    ],
    [
      'keys',
      'a key that one process takes or frees is taken or free for another one that has read before',
      async (t) => {
        const [first, second] = await t.twoHandles();
        const path = t.keyPath;
        await t.scan({}, second);
        const before = await t.insert(record({ keys: { [path]: 'ada' } }), first);
        await t.taken(path, 'ada', 'an insert through the second handle', second);
        const after = changed(before, { keys: { [path]: 'bob' } });
        t.same(await first.replaceIf(after, before.version, indexOf(after)), true, 'what replaceIf returns');
        await t.free(path, 'ada', 'the key of before, through the second handle,', second);
        await t.taken(path, 'bob', 'an insert through the second handle', second);
        await first.remove('acme', before.id);
        await t.free(path, 'bob', 'the key of the removed record, through the second handle,', second);
      },
    ],
  ],
);

export const handleCases = [...reopenedCases, ...warmCases];

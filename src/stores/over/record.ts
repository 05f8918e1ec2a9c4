import type { Stored } from '../../contract/resource.js';
import type { Change } from '../../contract/store.js';
import { normalize } from '../../schema/normalize.js';
import { type IndexedAttribute, stringsAt } from '../indexed-attribute.js';
import type { RecordIndex, StoreRecord } from './primitives.js';

/** Path of the IDs of the members in the index of a record. */
export const memberPath = 'members.value';

/** What a record is found by: its unique keys, its indexed attributes and its members. */
export function indexOf(record: StoreRecord, attributes: readonly IndexedAttribute[]): RecordIndex {
  const index = new Map<string, Set<string>>();
  const add = (path: string, value: string): void => {
    const values = index.get(path);
    if (values === undefined) index.set(path, new Set([value]));
    else values.add(value);
  };
  for (const [path, key] of Object.entries(record.keys)) add(path, key);
  for (const attribute of attributes)
    for (const text of stringsAt(record.attributes, attribute.keys)) add(attribute.path, normalize(attribute, text));
  for (const { value } of record.members) add(memberPath, value);
  return Object.fromEntries([...index].map(([path, values]) => [path, [...values]]));
}

/** The resource of a record. */
export function resourceOf<R>(record: StoreRecord, withMembers: boolean): Stored<R> {
  const { id, attributes, created, lastModified, version, members } = record;
  const meta = { created, lastModified, version: String(version) };
  // The attributes are those that the library gave to `create` and `update` as an R.
  return { ...attributes, ...(withMembers && { members }), id, meta } as Stored<R>;
}

/** The display name of a resource. */
export function nameOf(record: StoreRecord | undefined): string | undefined {
  for (const name of [record?.attributes['displayName'], record?.attributes['userName']])
    if (typeof name === 'string' && name !== '') return name;
  return undefined;
}

/** Unique keys after a change of them. @param paths the paths that the store has an index for; undefined: all */
export function keysAfter(
  before: StoreRecord['keys'],
  changes: Change<object>['keys'],
  paths: readonly string[] | undefined,
): StoreRecord['keys'] {
  const keys: Record<string, string> = {};
  for (const [path, key] of Object.entries({ ...before, ...changes }))
    if (key !== null && paths?.includes(path) !== false) keys[path] = key;
  return keys;
}

import { createHash } from 'node:crypto';
import { ConflictError } from '../../errors.js';
import type { ResourceDocument, TenantScope } from './document.js';

/**
 * Unique keys of a resource, as the strings of its field `unique`: `User userName ada`. One unique index over this field
 * serves every unique attribute of every resource type. A resource without keys has its ID there, because the index takes
 * two empty fields for equal.
 */

/** A value that is too long for an index is kept as its digest. */
const longest = 200;

function keyEntry(type: string, path: string, normalized: string): string {
  const value =
    normalized.length <= longest ? normalized : `sha256:${createHash('sha256').update(normalized).digest('hex')}`;
  return `${type} ${path} ${value}`;
}

function entriesOf(type: string, keys: Readonly<Record<string, string | null>>): string[] {
  return Object.entries(keys).flatMap(([path, key]) => (key === null ? [] : [keyEntry(type, path, key)]));
}

/** The entry of a resource that has no keys. */
export function withoutKeys(id: string): readonly string[] {
  return [`id ${id}`];
}

/** The keys of a new resource. */
export function uniqueKeys(id: string, type: string, keys: Readonly<Record<string, string>>): readonly string[] {
  const entries = entriesOf(type, keys);
  return entries.length === 0 ? withoutKeys(id) : entries;
}

/** The keys of a resource after a change; the same array where none changes. @param changes as in `Change.keys` */
export function changedKeys(
  { _id, unique }: Pick<ResourceDocument, '_id' | 'unique'>,
  type: string,
  changes: Readonly<Record<string, string | null>>,
): readonly string[] {
  const paths = Object.keys(changes).map((path) => `${type} ${path} `);
  if (paths.length === 0) return unique;
  const [none] = withoutKeys(_id);
  const kept = unique.filter((entry) => entry !== none && !paths.some((path) => entry.startsWith(path)));
  const next = [...kept, ...entriesOf(type, changes)];
  if (next.length === 0) next.push(...withoutKeys(_id));
  const isSame = next.length === unique.length && next.every((entry) => unique.includes(entry));
  return isSame ? unique : next;
}

/** The error number of a unique index. */
const duplicateKey = 11000;

/** Whether a unique index refused a write. */
export function isDuplicate(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { readonly code?: unknown }).code === duplicateKey;
}

/**
 * The ConflictError for a write that the unique index refused. Servers differ in how they name the key, so the owner of
 * each key is looked up.
 *
 * @param id the resource that was to be written
 * @returns undefined when nobody has one of the keys any longer: the write may be repeated
 */
export async function conflictOf(
  id: string,
  type: string,
  keys: Readonly<Record<string, string | null>>,
  { resources, tenant }: TenantScope,
): Promise<ConflictError | undefined> {
  const entries = new Map<string, string>();
  for (const [path, key] of Object.entries(keys)) if (key !== null) entries.set(keyEntry(type, path, key), path);
  const owner = await resources.findOne(
    { tenant, unique: { $in: [...entries.keys()] }, _id: { $ne: id } },
    { projection: { unique: 1 } },
  );
  const path = owner?.unique.map((entry) => entries.get(entry)).find((each) => each !== undefined);
  return path === undefined ? undefined : new ConflictError(path);
}

import { type Fragment, sql } from '../../database/sql.js';
import { isExactly } from './column-text.js';
import type { CompiledMapping } from './compile-mapping.js';
import { textOf } from './driver-values.js';

/** A primary key of a mapped table. */
export type Key = string | number;

/** The primary key of an ID; undefined when it cannot be one of this table. */
export function keyOf({ mapping: { id } }: CompiledMapping, scimId: string): Key | undefined {
  if (!scimId.startsWith(id.prefix)) return undefined;
  const key = scimId.slice(id.prefix.length);
  if (id.type === 'integer') {
    return /^(?:0|[1-9]\d{0,15})$/.test(key) && Number.isSafeInteger(Number(key)) ? Number(key) : undefined;
  }
  if (id.type === 'uuid') return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key) ? key : undefined;
  return key === '' || key.length > 250 || key.includes('\0') ? undefined : key;
}

/** A primary key as a parameter. A number that is too large for the column finds nothing, and is no error. */
export function keyParameter({ mapping: { id }, dialect }: CompiledMapping, key: Key): Fragment {
  return dialect === 'postgres' && id.type === 'integer' ? sql`cast(${key} as bigint)` : sql`${key}`;
}

/** A condition that a column holds exactly this primary key: IDs are caseExact (RFC 7643 3.1). */
export function isKey(column: Fragment, key: Key, compiled: CompiledMapping): Fragment {
  const test = sql`${column} = ${keyParameter(compiled, key)}`;
  return typeof key === 'number' ? test : sql`(${test} and ${isExactly(column, key, compiled.dialect)})`;
}

/** The SCIM ID of a primary key. */
export function idOf({ mapping: { id } }: CompiledMapping, key: unknown): string {
  return id.prefix + textOf(key);
}

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Attributes } from '../../contract/attribute.js';
import { lock } from '../../database/dialect.js';
import type { ColumnChange } from './column-change.js';
import {
  columnList,
  type CompiledMapping,
  fromClause,
  type Row,
  type MappedScope,
  visible,
} from './compile-mapping.js';
import { textOf } from './driver-values.js';
import { type Key, keyParameter } from './primary-key.js';
import { attributesInRest } from './side-row.js';

/** Reads the row of a resource. @returns undefined when there is none, or it is deleted or another tenant's */
export async function findRow(key: Key, compiled: CompiledMapping, scope: MappedScope): Promise<Row | undefined> {
  const { column } = compiled.mapping.id;
  const { rows } = await sql<Row>`select ${columnList(compiled)} from ${fromClause(compiled, scope)}
    where ${sql.ref(`r.${column}`)} = ${keyParameter(compiled, key)} and ${visible(compiled, scope)}`.execute(scope.db);
  // The collation of a text column may treat another key as equal.
  return rows.find((row) => textOf(row[compiled.columns.get(column) ?? '']) === String(key));
}

/** Locks the row of a resource, and reads it. The lock is a statement of its own: it must not reach the joined rows. */
export async function findRowForUpdate(
  key: Key,
  kind: 'write' | 'delete',
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<Row | undefined> {
  const { mapping, dialect } = compiled;
  if (dialect !== 'sqlite') {
    const column = sql.ref(`r.${mapping.id.column}`);
    const { rows } = await sql`select ${column} from ${sql.table(mapping.table)} as r
      where ${column} = ${keyParameter(compiled, key)} and ${visible(compiled, scope)} ${lock(dialect, kind)}`.execute(
      scope.db,
    );
    if (rows.length === 0) return undefined;
  }
  return findRow(key, compiled, scope);
}

/** Inserts the row of a new resource. @returns its primary key */
export async function insertRow(
  resource: Attributes,
  { values }: ColumnChange,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<Key> {
  const { mapping, dialect } = compiled;
  const { id, tenant, version } = mapping;
  const row = new Map<string, unknown>(Object.entries(mapping.defaults?.(resource, scope.tenant) ?? {}));
  for (const [column, value] of values) row.set(column, value);
  for (const [column, value] of Object.entries(mapping.stamp?.(new Date()) ?? {})) row.set(column, value);
  if (tenant !== undefined) row.set(tenant.column, tenant.write(scope.tenant));
  if (typeof version === 'object' && !row.has(version.column)) row.set(version.column, 1);
  if (id.type !== 'integer') row.set(id.column, row.get(id.column) ?? randomUUID());
  if (mapping.rest !== undefined)
    row.set(mapping.rest, JSON.stringify(attributesInRest(resource, new Set(), compiled)));
  const columns = sql.join([...row.keys()].map((column) => sql.ref(column)));
  const insert = sql`insert into ${sql.table(mapping.table)} (${columns}) values (${sql.join([...row.values()])})`;
  if (id.type !== 'integer') {
    await insert.execute(scope.db);
    return String(row.get(id.column));
  }
  if (dialect === 'mysql') return Number((await insert.execute(scope.db)).insertId);
  const { rows } = await sql<{ key: unknown }>`${insert} returning ${sql.ref(id.column)} as key`.execute(scope.db);
  return Number(rows[0]?.key);
}

/** Updates the row of a resource, and increments its version. */
export async function updateRow(
  key: Key,
  after: Attributes,
  { values, unplaced }: ColumnChange,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<void> {
  const { mapping, side } = compiled;
  const row = new Map(values);
  for (const [column, value] of Object.entries(mapping.stamp?.(new Date()) ?? {})) row.set(column, value);
  if (mapping.rest !== undefined) row.set(mapping.rest, JSON.stringify(attributesInRest(after, unplaced, compiled)));
  const sets = [...row].map(([column, value]) => sql`${sql.ref(column)} = ${value}`);
  if (typeof mapping.version === 'object') {
    const column = sql.ref(mapping.version.column);
    sets.push(sql`${column} = ${column} + 1`);
  } else if (sets.length === 0 && side === undefined) {
    // Only other tables change: an update of the row itself gives it a new xmin.
    const column = sql.ref(mapping.id.column);
    sets.push(sql`${column} = ${column}`);
  }
  if (sets.length === 0) return;
  await sql`update ${sql.table(mapping.table)} set ${sql.join(sets)} where ${sql.ref(mapping.id.column)} = ${key}`.execute(
    scope.db,
  );
}

/** Deletes the row of a resource, or marks it as deleted. */
export async function deleteRow(key: Key, { mapping, side }: CompiledMapping, scope: MappedScope): Promise<void> {
  const table = sql.table(mapping.table);
  const column = sql.ref(mapping.id.column);
  if (side !== undefined) {
    await sql`delete from ${sql.table(side)} where tenant = ${scope.tenant} and row_id = ${key}`.execute(scope.db);
  }
  if (mapping.softDelete === undefined) {
    await sql`delete from ${table} where ${column} = ${key}`.execute(scope.db);
  } else {
    await sql`update ${table} set ${sql.ref(mapping.softDelete.column)} = ${mapping.softDelete.mark()}
      where ${column} = ${key}`.execute(scope.db);
  }
}

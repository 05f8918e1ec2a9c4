import { randomUUID } from 'node:crypto';
import { type Fragment, sql } from '../../database/sql.js';
import type { Attributes } from '../../contract/attribute.js';
import { lock } from '../../database/dialect.js';
import type { ColumnChange } from './column-change.js';
import {
  type CompiledMapping,
  fromClause,
  type Row,
  type MappedScope,
  tenantValue,
  visible,
} from './compile-mapping.js';
import { usageError } from '../../contract/option-mistakes.js';
import { textOf } from './driver-values.js';
import type { Mapping } from './mapping.js';
import { callMapped, parseColumn, parseColumns } from './mapping-results.js';
import { isOneTable, tablesOf } from './plain-tables.js';
import { type Key, keyParameter } from './primary-key.js';
import { attributesInRest } from './side-row.js';

/** Reads the row of a resource. @returns undefined when there is none, or it is deleted or another tenant's */
export function findRow(key: Key, compiled: CompiledMapping, scope: MappedScope): Promise<Row | undefined> {
  return selectRow(key, compiled, scope, sql``);
}

async function selectRow(
  key: Key,
  compiled: CompiledMapping,
  scope: MappedScope,
  locking: Fragment,
): Promise<Row | undefined> {
  const { column } = compiled.mapping.id;
  const { rows } = await sql<Row>`select ${compiled.selected} from ${fromClause(compiled, scope)}
    where ${sql.ref(`r.${column}`)} = ${keyParameter(compiled, key)} and ${visible(compiled, scope)} ${locking}`.execute(
    scope.db,
  );
  return rowOf(key, rows, compiled);
}

// The collation of a text column may treat another key as equal.
function rowOf(key: Key, rows: readonly Row[], { columns, mapping }: CompiledMapping): Row | undefined {
  return rows.find((row) => textOf(row[columns.get(mapping.id.column) ?? '']) === String(key));
}

/** Whether the row that a write returns is the one that a read would find afterwards. */
function canReturn(compiled: CompiledMapping, { plainTables }: MappedScope): boolean {
  const { tenant, softDelete } = compiled.mapping;
  // Whether the new row is visible is for a read to find out.
  if (tenant !== undefined || softDelete !== undefined || !isOneTable(compiled)) return false;
  return tablesOf(compiled).every((table) => plainTables.has(table));
}

/**
 * Locks the row of a resource, and reads it. Where other tables are joined the lock is a statement of its own: it must
 * not reach their rows, and what is read with it would be as it was before the wait for the lock.
 */
export async function findRowForUpdate(
  key: Key,
  kind: 'write' | 'delete',
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<Row | undefined> {
  const { mapping, dialect } = compiled;
  if (dialect !== 'sqlite' && isOneTable(compiled)) return selectRow(key, compiled, scope, lock(dialect, kind));
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

/** The row of a resource that was written. */
export interface WrittenRow {
  readonly key: Key;
  /** Undefined where it has to be read. */
  readonly row: Row | undefined;
}

/** Inserts the row of a new resource. */
export async function insertRow(
  resource: Attributes,
  { values }: ColumnChange,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<WrittenRow> {
  const { mapping } = compiled;
  const { id, tenant, version } = mapping;
  const now = new Date();
  const row = new Map<string, unknown>(
    Object.entries(columnsFrom('defaults', mapping, () => mapping.defaults?.(resource, scope.tenant, now))),
  );
  for (const [column, value] of values) row.set(column, value);
  for (const [column, value] of Object.entries(columnsFrom('stamp', mapping, () => mapping.stamp?.(now))))
    row.set(column, value);
  if (tenant !== undefined) row.set(tenant.column, tenantValue(compiled, scope));
  if (typeof version === 'object' && !row.has(version.column)) row.set(version.column, 1);
  if (id.type !== 'integer') row.set(id.column, row.get(id.column) ?? randomUUID());
  if (mapping.rest !== undefined)
    row.set(mapping.rest, JSON.stringify(attributesInRest(resource, new Set(), compiled)));
  const columns = sql.join([...row.keys()].map((column) => sql.ref(column)));
  const insert = sql`insert into ${sql.table(mapping.table)} (${columns}) values (${sql.join([...row.values()])})`;
  if (canReturn(compiled, scope)) {
    const { rows } = await sql<Row>`${insert} returning ${compiled.returned}`.execute(scope.db);
    const [inserted] = rows;
    const value = inserted?.[compiled.columns.get(id.column) ?? ''];
    return { key: id.type === 'integer' ? Number(value) : textOf(value), row: inserted };
  }
  return { key: await insertedKey(insert, row.get(id.column), compiled, scope), row: undefined };
}

/** The columns that a function of the mapping sets. */
function columnsFrom(name: string, mapping: Mapping, call: () => unknown): Readonly<Record<string, unknown>> {
  return parseColumns(callMapped(name, mapping, call), name, mapping);
}

async function insertedKey(
  insert: Fragment,
  key: unknown,
  { mapping: { id }, dialect }: CompiledMapping,
  scope: MappedScope,
): Promise<Key> {
  if (id.type !== 'integer') {
    await insert.execute(scope.db);
    return String(key);
  }
  if (dialect === 'mysql') return Number((await insert.execute(scope.db)).insertId);
  const { rows } = await sql<{ key: unknown }>`${insert} returning ${sql.ref(id.column)} as key`.execute(scope.db);
  return Number(rows[0]?.key);
}

/** Updates the row of a resource, and increments its version. @returns the new row; undefined where it has to be read */
export async function updateRow(
  key: Key,
  after: Attributes,
  { values, unplaced }: ColumnChange,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<Row | undefined> {
  const { mapping, side } = compiled;
  const row = new Map(values);
  for (const [column, value] of Object.entries(columnsFrom('stamp', mapping, () => mapping.stamp?.(new Date()))))
    row.set(column, value);
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
  if (sets.length === 0) return undefined;
  const update = sql`update ${sql.table(mapping.table)} set ${sql.join(sets)} where ${sql.ref(mapping.id.column)} = ${key}`;
  if (!canReturn(compiled, scope)) {
    await update.execute(scope.db);
    return undefined;
  }
  const { rows } = await sql<Row>`${update} returning ${compiled.returned}`.execute(scope.db);
  return rowOf(key, rows, compiled);
}

/** Deletes the row of a resource, or marks it as deleted. */
export async function deleteRow(key: Key, { mapping, side }: CompiledMapping, scope: MappedScope): Promise<void> {
  const { softDelete } = mapping;
  const table = sql.table(mapping.table);
  const column = sql.ref(mapping.id.column);
  if (side !== undefined) {
    await sql`delete from ${sql.table(side)} where tenant = ${scope.tenant} and row_id = ${key}`.execute(scope.db);
  }
  if (softDelete === undefined) {
    await sql`delete from ${table} where ${column} = ${key}`.execute(scope.db);
  } else {
    const name = 'softDelete.mark';
    const marked = parseColumn(
      callMapped(name, mapping, () => softDelete.mark()),
      name,
      mapping,
    );
    // Null would report a deletion that did not take place.
    if (marked === null) {
      throw usageError(
        `The mapping of ${mapping.table}`,
        `${name} returned no value: return what marks a deleted row`,
        'sql.md#mistakes-in-a-mapping',
      );
    }
    await sql`update ${table} set ${sql.ref(softDelete.column)} = ${marked}
      where ${column} = ${key}`.execute(scope.db);
  }
}

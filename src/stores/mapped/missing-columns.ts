import type { Kysely } from 'kysely';
import { nearest } from '../../contract/nearest.js';
import type { Dialect } from '../../database/dialect.js';
import { usageError } from '../../contract/option-mistakes.js';
import { sql } from '../../database/sql.js';
import { hasCode } from '../../database/transaction.js';
import { columnsOf } from './compile-mapping.js';
import { fieldsOf } from './fields.js';
import type { Mapping } from './mapping.js';
import { mistypedColumns } from './mistyped-columns.js';

/** PostgreSQL: undefined column, table or schema. MySQL: unknown column or table. */
const missingCodes: ReadonlySet<unknown> = new Set(['42703', '42P01', '3F000', 1054, 1146]);

/** PostgreSQL: no such operator or function for these types, wrong type. Other databases convert. */
const typeCodes: ReadonlySet<unknown> = new Set(['42883', '42804']);

/** Whether a statement failed because a column or table does not exist. */
function isAboutMissing(error: unknown): boolean {
  if (hasCode(error, missingCodes)) return true;
  // SQLite has one code for all mistakes in a statement.
  return error instanceof Error && /\bno such (?:column|table)\b|\bhas no column named\b/i.test(error.message);
}

/**
 * Checks that the tables and columns of mappings exist, and can hold what the mapping uses them for.
 *
 * @throws TypeError that names every table and column that does not, with the option or attribute that names it
 */
export async function checkColumns(
  db: Kysely<unknown>,
  dialect: Dialect,
  mappings: readonly (Mapping | undefined)[],
): Promise<void> {
  for (const mapping of mappings) {
    if (mapping === undefined) continue;
    const mistakes = await wrongColumns(mapping, db, dialect);
    if (mistakes.length > 0)
      throw usageError(`The mapping of ${mapping.table}`, mistakes, 'sql.md#mistakes-in-a-mapping');
  }
}

/**
 * The mistake in a mapping that made a statement fail.
 *
 * @param others the library's own tables, each with what creates it
 * @returns the error itself where it has another reason
 */
export async function explainMissing(
  error: unknown,
  db: Kysely<unknown>,
  dialect: Dialect,
  mappings: readonly (Mapping | undefined)[],
  others: readonly (readonly [table: string, remedy: string])[],
): Promise<unknown> {
  if (!isAboutMissing(error) && !hasCode(error, typeCodes)) return error;
  try {
    await checkColumns(db, dialect, mappings);
    for (const [table, remedy] of others) {
      if (await canRead(table, [], db)) continue;
      throw usageError('mappedStore', `the table ${table} does not exist: ${remedy}`, 'sql.md#mapped-tables');
    }
    return error;
  } catch (mistake) {
    if (!(mistake instanceof TypeError)) return error;
    mistake.cause = error;
    return mistake;
  }
}

/** What is wrong with the tables and columns that a mapping names: those that do not exist, or have another type. */
export async function wrongColumns(
  mapping: Mapping,
  db: Kysely<unknown>,
  dialect: Dialect,
): Promise<readonly string[]> {
  const missing = await missingColumns(mapping, db);
  // The types of a catalog that cannot be read are for the first statement to report.
  return [...missing, ...(await mistypedColumns(mapping, db, dialect).catch(() => []))];
}

async function missingColumns(mapping: Mapping, db: Kysely<unknown>): Promise<readonly string[]> {
  const mistakes: string[] = [];
  for (const [table, columns] of columnsByTable(mapping)) {
    if (await canRead(table, [...columns.keys()], db)) continue;
    const existing = await existingColumns(table, db);
    if (!(await canRead(table, [], db))) {
      const near = nearest(table, [...existing.keys()]);
      const [place = ''] = columns.values();
      mistakes.push(
        `the table ${table}, which ${place} needs, does not exist${near === undefined ? '' : `: did you mean ${near}?`}`,
      );
      continue;
    }
    for (const [column, place] of columns) {
      if (await canRead(table, [column], db)) continue;
      const known = existing.get(table.split('.').at(-1) ?? '') ?? [];
      const near = nearest(column, known);
      const remedy =
        near !== undefined ? `: did you mean ${near}?` : known.length > 0 ? `: it has ${known.join(', ')}` : '';
      mistakes.push(`the table ${table} has no column ${column}, which ${place} names${remedy}`);
    }
  }
  return mistakes;
}

/** The tables of a mapping with their columns, each with the part of the mapping that names it. */
function columnsByTable(mapping: Mapping): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const tables = new Map<string, Map<string, string>>();
  const add = (table: string, column: string | undefined, place: string): void => {
    if (column === undefined) return;
    const columns = tables.get(table) ?? new Map<string, string>();
    tables.set(table, columns);
    if (!columns.has(column)) columns.set(column, place);
  };
  const { table, id, tenant, version, created, lastModified, rest, softDelete, members } = mapping;
  add(table, id.column, 'id');
  add(table, tenant?.column, 'tenant');
  add(table, typeof version === 'object' ? version.column : undefined, 'version');
  add(table, created, 'created');
  add(table, lastModified, 'lastModified');
  add(table, rest, 'rest');
  add(table, softDelete?.column, 'softDelete');
  const paths = Object.entries(mapping.attributes).flatMap(([path, declared]) =>
    declared === undefined ? [] : [path],
  );
  for (const [i, field] of fieldsOf(mapping).entries()) {
    const place = `attributes[${JSON.stringify(paths[i])}]`;
    for (const column of columnsOf(field)) add(table, column, place);
    if (field.kind === 'lookup') {
      const { table: other, key, value, tenant: otherTenant } = field.lookup;
      for (const column of [key, value, otherTenant]) add(other, column, place);
    } else if (field.kind === 'children') {
      const { table: other, owner, columns } = field.children;
      for (const column of [owner, ...Object.values(columns)]) add(other, column, place);
    }
  }
  if (members !== undefined)
    for (const column of [members.group, members.member]) add(members.table, column, 'members');
  return tables;
}

/**
 * Whether the columns exist. A statement finds them as those of the store do, through views, the search path and the plugins of
 * the instance. It reads no row.
 */
async function canRead(table: string, columns: readonly string[], db: Kysely<unknown>): Promise<boolean> {
  const list = columns.length === 0 ? sql`1` : sql.join(columns.map((column) => sql.ref(`r.${column}`)));
  try {
    await sql`select ${list} from ${sql.table(table)} as r where 1 = 0`.execute(db);
    return true;
  } catch (error) {
    // Anything else is for the first statement of the store to report.
    return !isAboutMissing(error);
  }
}

/** The columns of the table, by its name without the schema; of all tables where there is none of this name. */
async function existingColumns(full: string, db: Kysely<unknown>): Promise<ReadonlyMap<string, readonly string[]>> {
  const name = full.split('.').at(-1);
  const tables = await db.introspection.getTables().catch(() => []);
  const found = tables.filter((table) => table.name === name);
  return new Map(
    (found.length > 0 ? found : tables).map((table) => [table.name, table.columns.map((column) => column.name)]),
  );
}

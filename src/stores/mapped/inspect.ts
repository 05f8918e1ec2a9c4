import { type Kysely, sql } from 'kysely';
import { namedTableRules, parseDatabase } from '../../database/database-arguments.js';
import type { Dialect } from '../../database/dialect.js';
import { identifierOf, quoted } from './identifier.js';
import type { Mapping } from './mapping.js';
import { mistakeInMapping } from './mapping-arguments.js';
import { fieldsOf } from './fields.js';
import { wrongColumns } from './missing-columns.js';

/**
 * Checks that the tables and columns of a mapping exist and have types that fit, that the database enforces a unique
 * `userName`, as a mapping of users promises, and that the columns of references (`manager`) are nullable. `mappedStore` runs it once and passes the warnings to `onWarning`; run it yourself
 * in a test.
 *
 * `userName` is case-insensitive (RFC 7643 4.1.1). The side table enforces that for writes through SCIM; for your app's
 * own writes only a unique index can. When a user is deleted, references to it are set to null.
 *
 * @param options `dialect`: default, detected from the Kysely dialect
 * @returns warnings that say what is wrong and what to do; an empty list when nothing is
 * @throws an error of the database when it cannot read its own catalog
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { inspectMapping, type Mapping } from 'express-scim/sql';
 *
 * export async function checkUsers(db: Kysely<unknown>, users: Mapping) {
 *   const warnings = await inspectMapping(db, users);
 *   if (warnings.length > 0) throw new Error(warnings.join('\n'));
 * }
 */
export async function inspectMapping<DB>(
  db: Kysely<DB>,
  mapping: Mapping,
  options: { readonly dialect?: Dialect | undefined } = {},
): Promise<readonly string[]> {
  const target = parseDatabase(db, options, namedTableRules('inspectMapping', 'sql.md#mapped-tables'), () => [
    (mapping as unknown) === undefined
      ? 'the second argument must be a mapping'
      : mistakeInMapping(mapping, 'the second argument'),
  ]);
  // A statement that fails would end the transaction.
  const wrong = target.db.isTransaction ? [] : await wrongColumns(mapping, target.db, target.dialect);
  if (wrong.length > 0) return wrong;
  const name = await warnOfName(target.db, target.dialect, mapping);
  return [...name, ...(await warnOfReferences(target.db, target.dialect, mapping))];
}

/** Whether a unique index on the user names of a mapping ignores case. */
export async function ignoresCaseOfNames(db: Kysely<unknown>, dialect: Dialect, mapping: Mapping): Promise<boolean> {
  const place = nameColumnOf(mapping);
  return place !== undefined && (await indexOf(db, dialect, place))?.foldsCase === true;
}

/** Undefined where only the host's code can read the name. */
function nameColumnOf(mapping: Mapping): NameColumn | undefined {
  const field = fieldsOf(mapping).find(({ place }) => place.path === 'userName');
  switch (field?.kind) {
    case 'lookup':
      return { table: field.lookup.table, column: field.lookup.value, tenant: field.lookup.tenant };
    case 'column':
      return { table: mapping.table, column: field.column, tenant: mapping.tenant?.column };
    default:
      return undefined;
  }
}

async function warnOfName(db: Kysely<unknown>, dialect: Dialect, mapping: Mapping): Promise<readonly string[]> {
  const place = nameColumnOf(mapping);
  if (place === undefined) return [];
  const index = await indexOf(db, dialect, place);
  const { table, column } = place;
  const where = `${table}.${column}`;
  if (index === undefined) {
    return [
      `${where} has no unique index, so two users could get the same userName. Create one on (${ideal(dialect, place)}).`,
    ];
  }
  return index.foldsCase
    ? []
    : [
        `The unique index ${index.name} is case-sensitive: your app could create both ada@x and Ada@x, which are the same userName in SCIM, and each new user is compared with all rows. Create one on (${ideal(dialect, place)}).`,
      ];
}

async function warnOfReferences(db: Kysely<unknown>, dialect: Dialect, mapping: Mapping): Promise<readonly string[]> {
  const { table } = mapping;
  const warnings: string[] = [];
  for (const field of fieldsOf(mapping)) {
    if (field.kind !== 'reference' || !(await isNotNull(db, dialect, table, field.column))) continue;
    warnings.push(
      `${table}.${field.column} is not null, so a user without this reference cannot be stored, and a user that others refer to cannot be deleted. Make the column nullable.`,
    );
  }
  return warnings;
}

/** The column that holds `userName`, unique in the table or per tenant. */
interface NameColumn {
  readonly table: string;
  readonly column: string;
  readonly tenant: string | undefined;
}

function ideal(dialect: Dialect, { column, tenant }: NameColumn): string {
  const folded = {
    postgres: `lower(${column})`,
    sqlite: `${column} collate nocase`,
    mysql: `${column} with a collation that ends in _ci`,
  }[dialect];
  return tenant === undefined ? folded : `${tenant}, ${folded}`;
}

interface UniqueIndex {
  readonly name: string;
  readonly foldsCase: boolean;
  /** Number of columns in the index. */
  readonly width: number;
}

async function indexOf(db: Kysely<unknown>, dialect: Dialect, place: NameColumn): Promise<UniqueIndex | undefined> {
  const found = await uniqueIndexes(db, dialect, place);
  // An index with further columns does not make the name unique.
  const narrow = found.filter(({ width }) => width <= (place.tenant === undefined ? 1 : 2));
  return narrow.find(({ foldsCase }) => foldsCase) ?? narrow[0];
}

async function uniqueIndexes(
  db: Kysely<unknown>,
  dialect: Dialect,
  { table: full, column }: NameColumn,
): Promise<readonly UniqueIndex[]> {
  const [table = '', schema] = full.split('.').reverse();
  switch (dialect) {
    case 'postgres': {
      const { rows } = await sql<{ name: string; definition: string; type: string; exact: boolean; width: number }>`
        select i.relname as name, pg_get_indexdef(x.indexrelid) as definition, format_type(a.atttypid, null) as type,
          coalesce(c.collisdeterministic, true) as exact, x.indnkeyatts as width
        from pg_index x join pg_class i on i.oid = x.indexrelid
        join pg_attribute a on a.attrelid = x.indrelid and a.attname = ${column}
        left join pg_collation c on c.oid = a.attcollation
        where x.indrelid = to_regclass(${identifierOf(full)}) and x.indisunique`.execute(db);
      return rows
        .filter(({ definition }) => mentions(definition, column))
        .map(({ name, definition, type, exact, width }) => ({
          name,
          width: Number(width),
          foldsCase: type === 'citext' || !exact || /\b(?:lower|upper)\s*\(/i.test(definition),
        }));
    }
    case 'mysql': {
      const { rows } = await sql<{ name: string; collation: string | null; width: number }>`
        select s.index_name as name, c.collation_name as collation, (select count(*) from information_schema.statistics w
          where w.table_schema = s.table_schema and w.table_name = s.table_name and w.index_name = s.index_name) as width
        from information_schema.statistics s
        join information_schema.columns c on c.table_schema = s.table_schema and c.table_name = s.table_name
          and c.column_name = s.column_name
        where s.table_schema = coalesce(${schema ?? null}, database()) and s.table_name = ${table} and s.column_name = ${column} and s.non_unique = 0`.execute(
        db,
      );
      return rows.map(({ name, collation, width }) => ({
        name,
        width: Number(width),
        foldsCase: /_ci$/.test(collation ?? ''),
      }));
    }
    case 'sqlite': {
      const { rows } = await sql<{ name: string; collation: string | null; statement: string | null; width: number }>`
        select l.name as name, x.coll as collation, m.sql as statement,
          (select count(*) from pragma_index_info(l.name)) as width
        from pragma_index_list(${table}) l join pragma_index_xinfo(l.name) x left join sqlite_master m on m.name = l.name
        where l."unique" = 1 and (x.name = ${column} or x.cid = -2)`.execute(db);
      return rows.map(({ name, collation, statement, width }) => ({
        name,
        width: Number(width),
        foldsCase: collation?.toLowerCase() === 'nocase' || /\b(?:lower|upper)\s*\(/i.test(statement ?? ''),
      }));
    }
  }
}

/** Whether a column is declared not null. False for a column that does not exist: the first statement reports it. */
async function isNotNull(db: Kysely<unknown>, dialect: Dialect, full: string, column: string): Promise<boolean> {
  const [table = '', schema] = full.split('.').reverse();
  const statement = {
    postgres: sql`select 1 from pg_attribute
      where attrelid = to_regclass(${identifierOf(full)}) and attname = ${column} and attnotnull`,
    mysql: sql`select 1 from information_schema.columns
      where table_schema = coalesce(${schema ?? null}, database()) and table_name = ${table}
        and column_name = ${column} and is_nullable = 'NO'`,
    sqlite: sql`select 1 from pragma_table_info(${table}) where name = ${column} and "notnull" = 1`,
  }[dialect];
  const { rows } = await statement.execute(db);
  return rows.length > 0;
}

/** Whether the definition of an index contains a column, itself or in an expression. */
function mentions(definition: string, column: string): boolean {
  const columns = definition.slice(definition.indexOf('('));
  return columns.includes(quoted(column)) || columns.split(/[^\p{L}\p{N}_$]/u).includes(column);
}

import { type Expression, type Kysely, type RawBuilder, sql } from 'kysely';
import { type AddedColumn, addColumns } from './added-columns.js';
import { columnTypes, type Dialect } from './dialect.js';
import { inTransaction, reading } from './transaction.js';

/** A table of the library, with its indexes. */
export interface TableDefinition {
  readonly name: string;
  /** Columns and constraints: what stands between the parentheses. */
  readonly columns: Expression<unknown>;
  /** Table options behind the parentheses. Default: `suffix` of the dialect. */
  readonly options?: Expression<unknown> | undefined;
  readonly indexes?: readonly IndexDefinition[] | undefined;
  /** PostgreSQL: columns of which the planner gets no statistics. */
  readonly withoutStatistics?: readonly string[] | undefined;
  /** Those of the columns that earlier versions of the table did not have. */
  readonly added?: readonly AddedColumn[] | undefined;
}

/** An index of a table. */
export interface IndexDefinition {
  /** The name of the index is that of the table, an underscore, and this. */
  readonly name: string;
  readonly columns: readonly string[];
  /** PostgreSQL: what stands between `using` and the end of the statement, instead of the columns. */
  readonly using?: string | undefined;
  readonly unique?: boolean | undefined;
  /** The index contains only rows with a value in this column, where the dialect has such indexes. */
  readonly present?: string | undefined;
}

/** A statement that creates a table or an index, unless it exists. */
export interface CreateStatement {
  /** Name of the table or index. */
  readonly name: string;
  readonly statement: RawBuilder<unknown>;
}

/** The statements that create a table and its indexes. They can be run again: what exists stays as it is. */
export function createStatements(table: TableDefinition, dialect: Dialect): readonly CreateStatement[] {
  const { name, columns, options = columnTypes[dialect].suffix, indexes = [] } = table;
  const create = sql`create table if not exists ${sql.table(name)}`;
  if (dialect === 'mysql') {
    // MySQL has no `create index if not exists`.
    const inside = indexes.map(
      (index) => sql`, ${sql.raw(kindOf(index))} ${sql.ref(`${name}_${index.name}`)} (${columnList(index)})`,
    );
    return [{ name, statement: sql`${create} (${columns}${sql.join(inside, sql``)})${options}` }];
  }
  return [
    { name, statement: sql`${create} (${columns})${options}` },
    ...(dialect === 'postgres' ? statisticsStatements(table) : []),
    ...indexes.map((index) => {
      const indexName = `${name}_${index.name}`;
      const where = index.present === undefined ? sql`` : sql` where ${sql.ref(index.present)} is not null`;
      return {
        name: indexName,
        statement: sql`create ${sql.raw(kindOf(index))} if not exists ${sql.ref(indexName)}
          on ${sql.table(name)} ${index.using === undefined ? sql`(${columnList(index)})` : sql.raw(`using ${index.using}`)}${where}`,
      };
    }),
  ];
}

/** They have the name of the table, and so run only together with its creation. */
function statisticsStatements({ name, withoutStatistics = [] }: TableDefinition): readonly CreateStatement[] {
  if (withoutStatistics.length === 0) return [];
  const changes = withoutStatistics.map((column) => sql`alter column ${sql.ref(column)} set statistics 0`);
  return [{ name, statement: sql`alter table ${sql.table(name)} ${sql.join(changes)}` }];
}

function kindOf({ unique }: IndexDefinition): string {
  return unique === true ? 'unique index' : 'index';
}

function columnList({ columns }: IndexDefinition): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(column)));
}

/**
 * Creates tables, columns and indexes that do not exist. Any number of processes may call it at the same time, at every start:
 * where nothing is missing it changes and locks nothing.
 *
 * @throws UnavailableError when the database cannot be reached
 */
export async function createTables(
  db: Kysely<unknown>,
  dialect: Dialect,
  tables: readonly TableDefinition[],
): Promise<void> {
  await createMissing(db, dialect, tables);
  for (const { name, added = [] } of tables) await addColumns(db, dialect, name, added);
}

async function createMissing(db: Kysely<unknown>, dialect: Dialect, tables: readonly TableDefinition[]): Promise<void> {
  const statements = tables.flatMap((table) => createStatements(table, dialect));
  if (dialect !== 'postgres') {
    for (const { statement } of statements) await reading(() => statement.execute(db));
    return;
  }
  // Even with `if not exists`, PostgreSQL locks the table of an index against writes, and requires the right to create.
  const existing = await reading(() => existingNames(statements, db));
  const missing = statements.filter(({ name }) => !existing.has(name));
  if (missing.length === 0) return;

  const create = async (transaction: Kysely<unknown>): Promise<void> => {
    // Two processes that create the same table at the same time would violate a unique index of the catalog.
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(transaction);
    for (const { statement } of missing) await statement.execute(transaction);
  };
  await (db.isTransaction ? create(db) : inTransaction(db, dialect, create));
}

/** Any number that other users of the database do not lock: the letters of "scim". */
const lockKey = 0x7363_696d;

async function existingNames(
  statements: readonly CreateStatement[],
  db: Kysely<unknown>,
): Promise<ReadonlySet<string>> {
  const names = sql.join(statements.map(({ name }) => sql`(cast(${name} as text))`));
  const { rows } = await sql<{ name: string }>`select n.name from (values ${names}) as n (name)
    where to_regclass(quote_ident(n.name)) is not null`.execute(db);
  return new Set(rows.map(({ name }) => name));
}

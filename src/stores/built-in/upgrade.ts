import { type Kysely, sql } from 'kysely';
import { columnTypes, type Dialect } from '../../database/dialect.js';
import { createStatements } from '../../database/table-definition.js';
import type { BuiltInTables } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { defaultLookups, hasLookups } from './lookups.js';
import { reindexTable } from './reindex.js';
import { lookupsTable, resourceIndexes, resourceTableDefinition, sizeColumn } from './table-definitions.js';

// Before one row held all of a resource, a table of values had each value in a row of its own, and the unique user names
// were in the table of keys. What the row now has is computed from the attributes, which it had before.

/** What an upgrade needs to know. */
export interface UpgradeTarget {
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  readonly lookups?: readonly string[] | undefined;
}

/**
 * Gives the table of a resource type its present columns and indexes, where it is one of an earlier version. A table that
 * does not exist, or is up to date, stays as it is. Any number of processes may call it at the same time.
 */
export async function upgradeResourceTable(table: string, type: string, target: UpgradeTarget): Promise<void> {
  const { db } = target;
  if ((await reading(() => outdated(table, target))) === undefined) return;
  await exclusively(target, async (connection) => {
    const inside = { ...target, db: connection };
    const state = await outdated(table, inside);
    if (state !== undefined) await upgrade(table, type, state, inside);
  });
  // PostgreSQL's planner knows nothing of the new column yet.
  if (target.dialect === 'postgres' && !db.isTransaction) await sql`analyze ${sql.table(table)}`.execute(db);
}

/** Drops the table of values of the first version, when no table needs it any longer. */
export async function dropValues({ db }: UpgradeTarget, prefix: string): Promise<void> {
  await reading(() => sql`drop table if exists ${sql.table(`${prefix}values`)}`.execute(db));
}

/** Runs an upgrade in one process at a time; in a transaction, where the dialect can undo changes of tables. */
async function exclusively(
  { db, dialect }: UpgradeTarget,
  work: (connection: Kysely<unknown>) => Promise<void>,
): Promise<void> {
  if (db.isTransaction) return work(db);
  if (dialect !== 'mysql') {
    return inTransaction(db, dialect, async (transaction) => {
      if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${lockKey})`.execute(transaction);
      await work(transaction);
    });
  }
  return db.connection().execute(async (connection) => {
    await sql`select get_lock('express_scim_upgrade', 86400)`.execute(connection);
    try {
      await work(connection);
    } finally {
      await sql`select release_lock('express_scim_upgrade')`.execute(connection);
    }
  });
}

/** Any number that other users of the database do not lock: one more than the lock of `createTables`. */
const lockKey = 0x7363_696e;

/** What a table of an earlier version lacks: the column of the document, on MySQL its values, on SQLite its size. */
type Outdated = 'no column' | 'no values' | 'no size';

async function outdated(table: string, { db, dialect }: UpgradeTarget): Promise<Outdated | undefined> {
  const query = {
    postgres: sql`select attname as name, case when attnotnull then 0 else 1 end as nullable from pg_attribute
      where attrelid = to_regclass(quote_ident(cast(${table} as text))) and attnum > 0 and not attisdropped`,
    mysql: sql`select column_name as name, case when is_nullable = 'YES' then 1 else 0 end as nullable
      from information_schema.columns where table_schema = database() and table_name = ${table}`,
    // A transaction of SQLite covers the new column and its values; the column stays nullable.
    sqlite: sql`select name, 0 as nullable from pragma_table_xinfo(${table})`,
  }[dialect];
  const { rows } = await (query as ReturnType<typeof sql<{ name: unknown; nullable: unknown }>>).execute(db);
  if (rows.length === 0) return undefined;
  const document = rows.find(({ name }) => String(name) === 'normalized');
  if (document === undefined) return 'no column';
  if (Number(document.nullable) === 1) return 'no values';
  return dialect === 'sqlite' && !rows.some(({ name }) => name === 'size') ? 'no size' : undefined;
}

async function upgrade(
  table: string,
  type: string,
  state: Outdated,
  { db, dialect, tables, lookups = defaultLookups }: UpgradeTarget,
): Promise<void> {
  const run = (statement: ReturnType<typeof sql>) => statement.execute(db);
  const { document } = columnTypes[dialect];
  const name = sql.table(table);
  if (state === 'no column') await run(sql`alter table ${name} add column normalized ${document}`);
  if (dialect === 'sqlite') await run(sql`alter table ${name} add column ${sizeColumn('virtual')}`);
  if (state === 'no size') return;
  if (hasLookups(dialect)) {
    for (const { statement } of createStatements(lookupsTable(dialect, tables.lookups), dialect)) await run(statement);
  }
  await reindexTable(table, type, { db, dialect, tables, lookups, caseExact: [] });
  // These had the id behind the name, and did not forbid two of the same name.
  const unique = resourceIndexes(dialect, type).filter((index) => index.unique === true);
  if (dialect === 'mysql') {
    const changes = unique.flatMap(({ name: index, columns }) => [
      sql`drop index ${sql.ref(`${table}_${index}`)}`,
      sql`add unique index ${sql.ref(`${table}_${index}`)} (${sql.join(columns.map((column) => sql.ref(column)))})`,
    ]);
    await run(sql`alter table ${name} ${sql.join([...changes, sql`modify normalized ${document} not null`])}`);
  } else {
    for (const index of unique) await run(sql`drop index if exists ${sql.ref(`${table}_${index.name}`)}`);
    for (const { statement } of createStatements(resourceTableDefinition(dialect, table, type), dialect))
      await run(statement);
    if (dialect === 'postgres') {
      await run(sql`alter table ${name} alter column normalized set not null`);
      await run(sql`alter table ${name} set (autovacuum_vacuum_insert_scale_factor = 0.02)`);
    }
  }
  if (type === 'User') await run(sql`delete from ${sql.table(tables.keys)} where type = 'User' and path = 'userName'`);
}

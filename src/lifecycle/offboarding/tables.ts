import { type Kysely, type Migration, sql } from 'kysely';
import { columnTypes, dialectOf } from '../../database/dialect.js';
import { checkTablePrefix, type TableOptions } from '../../database/table-names.js';
import { untyped } from '../../database/untyped.js';

/** Names of the tables of off-boarding. */
export interface OffboardingTables {
  readonly tasks: string;
  readonly returns: string;
  readonly tombstones: string;
  readonly custody: string;
}

export function offboardingTables(prefix = 'scim_'): OffboardingTables {
  // Refuses a prefix that is no name.
  checkTablePrefix(prefix);
  const name = (table: string): string => prefix + table;
  return {
    tasks: name('obligations'),
    returns: name('returns'),
    tombstones: name('tombstones'),
    custody: name('custody'),
  };
}

/** Creates the tables of `sqlObligationStore` and `sqlTombstoneStore`. */
export async function createOffboardingTables<DB>(given: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const db = untyped(given);
  const { tasks, returns, tombstones, custody } = offboardingTables(options.tables);
  const { key, text, json, integer, suffix } = columnTypes[options.dialect ?? dialectOf(db)];
  const tenant = sql`tenant ${key(100)} not null`;
  await sql`create table ${sql.table(tasks)} (${tenant}, id ${key(64)} not null, place ${key(40)} not null,
    person ${key(64)} not null, departed ${key(40)} not null, holder ${key(100)} not null, item ${text},
    obligation ${json} not null, state ${key(20)} not null, undoing ${integer} not null, undoable ${integer} not null,
    attempts ${integer} not null, due ${integer}, returned_as ${key(64)}, error ${json}, note ${json},
    settled_by ${json}, primary key (tenant, id))${suffix}`.execute(db);
  await sql`create table ${sql.table(returns)} (${tenant}, person ${key(64)} not null, returned ${key(40)} not null,
    returned_as ${key(64)}, primary key (tenant, person))${suffix}`.execute(db);
  await sql`create table ${sql.table(tombstones)} (${tenant}, id ${key(64)} not null, deleted ${key(40)} not null,
    external_id ${text}, employee_number ${text}, claimed_by ${key(64)}, tombstone ${json} not null,
    primary key (tenant, id))${suffix}`.execute(db);
  await sql`create table ${sql.table(custody)} (${tenant}, tombstone ${key(64)} not null, id ${key(64)} not null,
    place ${key(40)} not null, custody ${json} not null, primary key (tenant, tombstone, id))${suffix}`.execute(db);
  for (const [table, name, columns] of [
    [tasks, 'due', ['due']],
    [tasks, 'person', ['tenant', 'person']],
    [tasks, 'state', ['tenant', 'state', 'place']],
    [tombstones, 'deleted', ['tenant', 'deleted']],
  ] as const) {
    const listed = sql.join(columns.map((column) => sql.ref(column)));
    await sql`create index ${sql.ref(`${table}_${name}`)} on ${sql.table(table)} (${listed})`.execute(db);
  }
}

/** Drops the tables of `sqlObligationStore` and `sqlTombstoneStore` with everything in them. */
export async function dropOffboardingTables<DB>(given: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const { tasks, returns, tombstones, custody } = offboardingTables(options.tables);
  for (const name of [tasks, returns, custody, tombstones]) await given.schema.dropTable(name).execute();
}

/** The tables of `sqlObligationStore` and `sqlTombstoneStore` as migrations for Kysely's `Migrator`, by name. */
export function offboardingMigrations(options: TableOptions = {}): Record<string, Migration> {
  return {
    express_scim_offboarding_0001: {
      up: (db: Kysely<unknown>) => createOffboardingTables(db, options),
      down: (db: Kysely<unknown>) => dropOffboardingTables(db, options),
    },
  };
}

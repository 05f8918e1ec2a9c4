import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { OptionRules } from '../../contract/option-mistakes.js';
import { checkDatabase, dialectKind, parseDatabase } from '../../database/database-arguments.js';
import { columnTypes, type Dialect } from '../../database/dialect.js';
import { createTables, type TableDefinition } from '../../database/table-definition.js';
import { checkTablePrefix } from '../../database/table-names.js';
import { untyped } from '../../database/untyped.js';
import type { Mapping } from './mapping.js';
import { mistakeInMapping } from './mapping-arguments.js';
import { warnOfMapping } from './mapping-warnings.js';
import { checkColumns } from './missing-columns.js';

/** Names of the side tables: one for users, one for groups. */
export interface SideTables {
  readonly users: string;
  readonly groups: string;
}

/**
 * Names of the side tables with a prefix, such as `scim_side_`.
 *
 * @throws TypeError when the prefix cannot start a table name
 */
export function sideTables(prefix: string): SideTables {
  checkTablePrefix(prefix, 'sideTables');
  return { users: `${prefix}users`, groups: `${prefix}groups` };
}

/** Options of `createSideTables` and `dropSideTables`. */
export interface SideTableOptions {
  /** The mapping of users, as for `mappedStore`. */
  readonly users: Mapping;
  /** The mapping of groups. Default: none, so no side table for groups. */
  readonly groups?: Mapping | undefined;
  /** The prefix of the table names. Default `scim_side_`. */
  readonly sideTables?: string | undefined;
  /**
   * `createSideTables`: called with each warning of `inspectMapping` about the table of users. Default:
   * `process.emitWarning`, once for each mapping.
   */
  readonly onWarning?: ((warning: string) => void) | undefined;
  /** The SQL dialect. Default: detected from the Kysely dialect. */
  readonly dialect?: Dialect | undefined;
}

/**
 * Creates the side tables, which store what SCIM needs and your tables have no column for. Your tables stay as they are, and
 * so do side tables that exist: every process may call it at every start.
 *
 * A side row belongs to one row of your table, by `tenant` and `row_id`. It stores `external_id`, the normalized
 * `userName` with a unique index, the number and times of SCIM writes, and the attributes without a column as JSON.
 *
 * Outside of a transaction it also checks the mappings against your tables, and reports the warnings of `inspectMapping`. A
 * migration that runs in a transaction may come before one that adds a mapped column.
 *
 * @throws TypeError that names every wrong option, and every table and column of a mapping that does not exist or
 *   whose type cannot hold the attribute
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { createSideTables, type Mapping } from 'express-scim/sql';
 *
 * export async function up(db: Kysely<unknown>, users: Mapping, groups: Mapping) {
 *   await createSideTables(db, { users, groups });
 * }
 */
export async function createSideTables<DB>(db: Kysely<DB>, options: SideTableOptions): Promise<void> {
  const target = parseDatabase(db, options, sideTableRules('createSideTables'), mistakesInMappings);
  const { users, groups, onWarning } = options;
  // A later migration may add a column, or the table. A failed statement would end the transaction.
  const isMigration = target.db.isTransaction;
  if (!isMigration) await checkColumns(target.db, target.dialect, [users, groups]);
  await createTables(target.db, target.dialect, sideTableDefinitions(target.dialect, options));
  if (!isMigration) await warnOfMapping(target.db, users, target.dialect, onWarning);
}

/** The definitions of the side tables. */
export function sideTableDefinitions(dialect: Dialect, options: SideTableOptions): readonly TableDefinition[] {
  const names = sideTables(options.sideTables ?? 'scim_side_');
  const { key, json, integer } = columnTypes[dialect];
  const pairs = [
    [names.users, options.users],
    [names.groups, options.groups],
  ] as const;
  return pairs.flatMap(([name, mapping]) => {
    if (mapping === undefined) return [];
    const columns = sql`tenant ${key(100)} not null, row_id ${rowIdType(mapping, dialect)} not null,
      external_id ${key(250)}, normalized ${key(250)}, revision ${integer} not null, created ${integer} not null,
      last_modified ${integer} not null, rest ${json} not null, primary key (tenant, row_id)`;
    const indexes = [
      { name: 'normalized', columns: ['tenant', 'normalized'], unique: true },
      { name: 'external', columns: ['tenant', 'external_id'] },
    ];
    return [{ name, columns, indexes }];
  });
}

/**
 * Drops the side tables and all data in them.
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { dropSideTables, type Mapping } from 'express-scim/sql';
 *
 * export async function down(db: Kysely<unknown>, users: Mapping, groups: Mapping) {
 *   await dropSideTables(db, { users, groups });
 * }
 */
export async function dropSideTables<DB>(db: Kysely<DB>, options: SideTableOptions): Promise<void> {
  checkDatabase(db, options, sideTableRules('dropSideTables'), mistakesInMappings);
  const names = sideTables(options.sideTables ?? 'scim_side_');
  const tables = options.groups === undefined ? [names.users] : [names.users, names.groups];
  for (const name of tables) await sql`drop table ${sql.table(name)}`.execute(untyped(db));
}

/** The kinds of `SideTableOptions`. */
export const sideTableKinds: OptionRules<keyof SideTableOptions>['kinds'] = {
  // A function is named by mistakeInMapping.
  users: ['object', 'function'],
  groups: ['object', 'function'],
  sideTables: 'string',
  onWarning: 'function',
  dialect: dialectKind,
};

function sideTableRules(of: string): OptionRules<keyof SideTableOptions> {
  const related = ['outbox', 'locks', 'scanLimit', 'onScan'];
  return { of, page: 'sql.md#mapped-tables', required: ['users'], kinds: sideTableKinds, related };
}

/** What is wrong with the mappings of `SideTableOptions`. */
export function mistakesInMappings(given: {
  readonly users?: unknown;
  readonly groups?: unknown;
}): readonly (string | undefined)[] {
  return [mistakeInMapping(given.users, 'users'), mistakeInMapping(given.groups, 'groups')];
}

function rowIdType({ id }: Mapping, dialect: Dialect): RawBuilder<unknown> {
  if (id.type === 'integer') return sql.raw(dialect === 'sqlite' ? 'integer' : 'bigint');
  if (id.type === 'uuid' && dialect === 'postgres') return sql.raw('uuid');
  return sql.raw(dialect === 'sqlite' ? 'text' : 'varchar(250)');
}

import {
  DummyDriver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { adminTableDefinitions } from './admin/sql/tables.js';
import { dialectKind } from './database/database-arguments.js';
import type { Dialect } from './database/dialect.js';
import { lockTable } from './database/lock-table.js';
import { outboxTable } from './database/outbox.js';
import { createStatements } from './database/table-definition.js';
import { resourceTableName, tableNames, type TableOptions } from './database/table-names.js';
import { deliveryTableDefinitions } from './events/sql/tables.js';
import { accessRightsTableDefinitions } from './lifecycle/access-rights/tables.js';
import { connectionTableDefinitions } from './lifecycle/connections/tables.js';
import { offboardingTableDefinitions } from './lifecycle/offboarding/tables.js';
import { lifecycleTableDefinitions } from './lifecycle/tables.js';
import { resourceTableDefinition, scimTableDefinitions } from './stores/built-in/table-definitions.js';
import {
  mistakesInMappings,
  sideTableDefinitions,
  sideTableKinds,
  type SideTableOptions,
} from './stores/mapped/side-tables.js';
import { isObject } from './contract/is-object.js';
import { checkOptions, mistakesIn, type OptionRules } from './contract/option-mistakes.js';

/** Options of `scimTablesSql`. */
export interface TablesSqlOptions extends TableOptions {
  /** The SQL dialect of the statements. */
  readonly dialect: Dialect;
  /**
   * The tables: those of `createScimTables`, `createLifecycleTables`, `createOffboardingTables`,
   * `createAccessRightsTables`, `createAdminTables`, `createConnectionTables` and `createDeliveryTables`. Default
   * `['store']`; none with `sideTables`, `outbox` or `locks`.
   */
  readonly include?:
    | readonly ('store' | 'lifecycle' | 'offboarding' | 'access-rights' | 'admin' | 'connections' | 'deliveries')[]
    | undefined;
  /** Further resource types, as for `createResourceTable`. Default: none. */
  readonly resourceTypes?: readonly string[] | undefined;
  /** Side tables of a mapped store: the options of `createSideTables`. Default: none. */
  readonly sideTables?: Omit<SideTableOptions, 'dialect'> | undefined;
  /** Name of an outbox table for a mapped store, as for `createOutboxTable`. Default: none. */
  readonly outbox?: string | undefined;
  /** Name of a table of locks for a mapped store, as for `createLockTable`. Default: none. */
  readonly locks?: string | undefined;
}

const parts: readonly unknown[] = [
  'store',
  'lifecycle',
  'offboarding',
  'access-rights',
  'admin',
  'connections',
  'deliveries',
] satisfies TablesSqlOptions['include'];

const rules: OptionRules<keyof TablesSqlOptions> = {
  of: 'scimTablesSql',
  page: 'sql.md#built-in-tables',
  required: ['dialect'],
  kinds: {
    dialect: dialectKind,
    tables: 'string',
    include: 'list',
    resourceTypes: 'list of strings',
    sideTables: 'object',
    outbox: 'string',
    locks: 'string',
  },
};

/**
 * Returns the statements that create the tables, as text: for Flyway, Prisma Migrate, Knex, or a DBA. They do what the
 * `create...` functions do, and can be run again.
 *
 * @returns the statements, each ending in a semicolon and a line break
 * @throws TypeError when a prefix or the name of a resource type cannot be part of a table name
 *
 * @example
 * import { writeFileSync } from 'node:fs';
 * import { scimTablesSql } from 'express-scim/sql';
 *
 * writeFileSync('V7__scim.sql', scimTablesSql({ dialect: 'postgres', include: ['store', 'admin'] }));
 */
export function scimTablesSql(options: TablesSqlOptions): string {
  checkOptions(options, rules, ({ include, sideTables: given }) => [
    ...(isObject(given) ? mistakesIn(given, { kinds: sideTableKinds, required: ['users'] }, 'sideTables.') : []),
    ...(isObject(given) ? mistakesInMappings(given) : []),
    Array.isArray(include) && !include.every((name) => parts.includes(name))
      ? `include may contain ${parts.join(', ')}`
      : undefined,
  ]);
  const { dialect, tables: prefix, resourceTypes = [], sideTables, outbox, locks } = options;
  const include = options.include ?? ((sideTables ?? outbox ?? locks) === undefined ? ['store'] : []);
  const definitions = [
    ...(include.includes('store') ? scimTableDefinitions(dialect, tableNames(prefix)) : []),
    ...resourceTypes.map((type) => resourceTableDefinition(dialect, resourceTableName(type, prefix), type)),
    ...(include.includes('lifecycle') ? lifecycleTableDefinitions(dialect, prefix) : []),
    ...(include.includes('offboarding') ? offboardingTableDefinitions(dialect, prefix) : []),
    ...(include.includes('access-rights') ? accessRightsTableDefinitions(dialect, prefix) : []),
    ...(include.includes('admin') ? adminTableDefinitions(dialect, prefix) : []),
    ...(include.includes('connections') ? connectionTableDefinitions(dialect, prefix) : []),
    ...(include.includes('deliveries') ? deliveryTableDefinitions(dialect, prefix) : []),
    ...(sideTables === undefined ? [] : sideTableDefinitions(dialect, sideTables)),
    ...(outbox === undefined ? [] : [outboxTable(dialect, outbox)]),
    ...(locks === undefined ? [] : [lockTable(dialect, locks)]),
  ];
  const compiler = compilerFor(dialect);
  return definitions
    .flatMap((definition) => createStatements(definition, dialect))
    .map(({ statement }) => `${inLines(statement.compile(compiler).sql)};\n`)
    .join('\n');
}

/** An instance of Kysely that writes statements and runs none. */
function compilerFor(dialect: Dialect): Kysely<unknown> {
  const parts = {
    postgres: [PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler],
    mysql: [MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler],
    sqlite: [SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler],
  } as const;
  const [Adapter, Introspector, QueryCompiler] = parts[dialect];
  return new Kysely({
    dialect: {
      createAdapter: () => new Adapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new Introspector(db),
      createQueryCompiler: () => new QueryCompiler(),
    },
  });
}

/** A statement with each column and constraint of a table on a line of its own. */
function inLines(statement: string): string {
  const text = statement.replace(/\s+/g, ' ').trim();
  if (!text.startsWith('create table')) return text;
  let depth = 0;
  let lines = '';
  for (const character of text.replace(/, (?=\S)/g, ',')) {
    if (character === '(' && depth++ === 0) lines += '(\n  ';
    else if (character === ')' && --depth === 0) lines += '\n)';
    else if (character === ',') lines += depth === 1 ? ',\n  ' : ', ';
    else lines += character;
  }
  return lines;
}

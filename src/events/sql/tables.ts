import { type Kysely, sql } from 'kysely';
import { checkOptions } from '../../contract/option-mistakes.js';
import { checkDatabase, parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { columnTypes, type Dialect } from '../../database/dialect.js';
import { createTables, type TableDefinition } from '../../database/table-definition.js';
import type { TableMigration } from '../../database/table-migration.js';
import { checkTablePrefix, type TableOptions } from '../../database/table-names.js';

/** Names of the tables of deliveries. */
export interface DeliveryTables {
  readonly deliveries: string;
  /** How each endpoint does. */
  readonly endpoints: string;
}

export function deliveryTables(prefix = 'scim_'): DeliveryTables {
  checkTablePrefix(prefix);
  return { deliveries: `${prefix}deliveries`, endpoints: `${prefix}delivery_endpoints` };
}

/**
 * Creates the tables of `sqlDeliveryStore`: `scim_deliveries` and `scim_delivery_endpoints`, or with the prefix
 * `options.tables`. What exists stays as it is, so every process may call it at every start.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import type { Kysely } from 'kysely';
 * import { createDeliveryTables } from 'express-scim/sql';
 *
 * export const up = (db: Kysely<unknown>): Promise<void> => createDeliveryTables(db);
 */
export async function createDeliveryTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const target = parseDatabase(db, options, tableOptionRules('createDeliveryTables'));
  await createTables(target.db, target.dialect, deliveryTableDefinitions(target.dialect, options.tables));
}

/** The definitions of the tables of `sqlDeliveryStore`. */
export function deliveryTableDefinitions(dialect: Dialect, prefix?: string): readonly TableDefinition[] {
  const { deliveries, endpoints } = deliveryTables(prefix);
  const { key, text, json, integer, changing } = columnTypes[dialect];
  const tenant = sql`tenant ${key(100)} not null`;
  return [
    {
      name: deliveries,
      // A delivery is due or has no `due`; a delivered one has no `event`.
      columns: sql`${tenant}, id ${key(64)} not null, ordinal ${key(40)} not null, endpoint ${key(64)} not null, event_id ${text} not null,
        event_type ${text} not null, state ${key(20)} not null, created ${integer} not null, queued ${integer} not null,
        due ${integer}, attempts ${integer} not null, attempted ${integer}, status ${integer}, error ${json},
        event ${json}, primary key (tenant, id)`,
      options: changing,
      indexes: [
        { name: 'due', columns: ['tenant', 'endpoint', 'due'], present: 'due' },
        { name: 'listed', columns: ['tenant', 'ordinal'] },
        { name: 'state', columns: ['tenant', 'endpoint', 'state', 'ordinal'] },
        { name: 'age', columns: ['state', 'queued'] },
      ],
    },
    {
      name: endpoints,
      columns: sql`${tenant}, id ${key(64)} not null, failures ${integer} not null, failing_since ${integer},
        paused ${integer} not null, served ${integer} not null, disabled ${integer}, primary key (tenant, id)`,
      options: changing,
    },
  ];
}

/**
 * Drops the tables of `sqlDeliveryStore` with all deliveries.
 *
 * @throws TypeError if `options.tables` is not a valid prefix
 * @example
 * import type { Kysely } from 'kysely';
 * import { dropDeliveryTables } from 'express-scim/sql';
 *
 * export const down = (db: Kysely<unknown>): Promise<void> => dropDeliveryTables(db);
 */
export async function dropDeliveryTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  checkDatabase(db, options, tableOptionRules('dropDeliveryTables'));
  const { deliveries, endpoints } = deliveryTables(options.tables);
  for (const name of [deliveries, endpoints]) await db.schema.dropTable(name).execute();
}

/**
 * The tables of `sqlDeliveryStore` as migrations for Kysely's `Migrator`, by name.
 *
 * @example
 * import type { MigrationProvider } from 'kysely';
 * import { deliveryMigrations } from 'express-scim/sql';
 *
 * export const provider: MigrationProvider = { getMigrations: async () => deliveryMigrations() };
 */
export function deliveryMigrations(options: TableOptions = {}): Record<string, TableMigration> {
  checkOptions(options, tableOptionRules('deliveryMigrations'));
  return {
    express_scim_deliveries_0001: {
      up: (db: Kysely<unknown>) => createDeliveryTables(db, options),
      down: (db: Kysely<unknown>) => dropDeliveryTables(db, options),
    },
  };
}

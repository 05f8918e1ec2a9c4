// Kysely over the connection pool of TypeORM.
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import type { DataSource } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Tables } from '../../asset-tracker/database.js';

/** @param orm a data source after `initialize()` */
export function kyselyOver(orm: DataSource): Kysely<Tables> {
  if (!(orm.driver instanceof PostgresDriver)) throw new TypeError('The data source must be of type "postgres".');
  // A pool of `pg`, which TypeORM declares as `any`.
  return new Kysely({ dialect: new PostgresDialect({ pool: orm.driver.master as PostgresPool }) });
}

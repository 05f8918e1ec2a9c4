// Kysely over the connection pool of TypeORM.
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Tables } from '../../asset-tracker/database.js';

/** @param orm a data source after `initialize()` */
export function kyselyOver(orm: DataSource): Kysely<Tables> {
  if (!(orm.driver instanceof PostgresDriver)) throw new TypeError('The data source must be of type "postgres".');
  // TypeORM declares it as `any`.
  const pool = orm.driver.master as pg.Pool;
  // TypeORM handles errors of idle connections and of its own. An error without a handler ends the process.
  pool.on('acquire', (client) => {
    if (!client.listeners('error').includes(ignore)) client.on('error', ignore);
  });
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

/** The statement that was running fails too, and reports the error. */
function ignore(): void {}

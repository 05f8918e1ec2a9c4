// Kysely over the connection pool of Knex.
import type { Knex } from 'knex';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Tables } from '../../asset-tracker/database.js';

export function kyselyOver(orm: Knex): Kysely<Tables> {
  // Knex declares its client and the connections of the driver as `any`.
  const client = orm.client as Knex.Client;
  const pool: PostgresPool = {
    async connect() {
      const connection = (await client.acquireConnection()) as PostgresPoolClient;
      return {
        query: connection.query.bind(connection) as PostgresPoolClient['query'],
        release(isBroken) {
          // Knex does not reuse a connection that has ended.
          const ended = isBroken === true ? client.destroyRawConnection(connection) : Promise.resolve();
          void ended.catch(() => undefined).then(() => client.releaseConnection(connection) as unknown);
        },
      };
    },
    end: () => orm.destroy(),
  };
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

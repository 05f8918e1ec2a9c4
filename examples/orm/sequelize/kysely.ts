// Kysely over the connection pool of Sequelize.
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Sequelize } from 'sequelize';
import type { Tables } from '../../asset-tracker/database.js';

export function kyselyOver(orm: Sequelize): Kysely<Tables> {
  const manager = orm.connectionManager;
  const pool: PostgresPool = {
    async connect() {
      // Sequelize declares the connections of the driver as `object`.
      const connection = (await manager.getConnection({ type: 'write' })) as PostgresPoolClient;
      return {
        query: connection.query.bind(connection) as PostgresPoolClient['query'],
        release(isBroken) {
          if (isBroken === true) void manager.destroyConnection(connection);
          else manager.releaseConnection(connection);
        },
      };
    },
    end: () => orm.close(),
  };
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

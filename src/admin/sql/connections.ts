import { type Kysely, sql } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { lock } from '../../database/dialect.js';
import { dateOf, type Row, textOf } from '../../database/row.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import type { Scope } from '../../contract/context.js';
import type { Connection, ConnectionKey, ConnectionListener, ConnectionStore } from '../contract.js';
import { isProviderId } from '../providers.js';
import { adminTables } from './tables.js';

type ConnectionRow = Row<'tenant' | 'id' | 'name' | 'provider' | 'enabled' | 'networks'>;

type KeyRow = Row<
  | 'id'
  | 'connection'
  | 'name'
  | 'digest'
  | 'scopes'
  | 'networks'
  | 'created'
  | 'expires'
  | 'used'
  | 'revoked'
  | 'temporary'
>;

/**
 * Stores connections and the digests of their keys in the tables that `createAdminTables` creates.
 *
 * Changes made in another process take effect when the cached lookup of the key expires.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import type { Kysely } from 'kysely';
 * import { connectionAuthenticator } from 'express-scim/admin';
 * import { sqlConnectionStore } from 'express-scim/sql';
 *
 * export function authenticateWith(db: Kysely<unknown>) {
 *   return connectionAuthenticator(sqlConnectionStore(db));
 * }
 */
export function sqlConnectionStore<DB>(kysely: Kysely<DB>, options: TableOptions = {}): ConnectionStore {
  const { db, dialect } = parseDatabase(kysely, options, tableOptionRules('sqlConnectionStore'));
  const { connections, keys } = adminTables(options.tables);
  const connectionTable = sql.table(connections);
  const keyTable = sql.table(keys);
  const listeners = new Set<ConnectionListener>();

  const notify = async (tenant: string, id: string): Promise<void> => {
    if (listeners.size === 0) return;
    const { rows } = await sql<{ id: unknown }>`select id from ${keyTable}
      where tenant = ${tenant} and connection = ${id}`.execute(db);
    const keyIds = rows.map((row) => textOf(row.id));
    for (const listener of listeners) listener(tenant, id, keyIds);
  };
  const read = (tenant: string, id: string | undefined): Promise<Connection[]> =>
    reading(async () => {
      const withId = id === undefined ? sql`` : sql`and id = ${id}`;
      const found = await sql<ConnectionRow>`select * from ${connectionTable}
        where tenant = ${tenant} ${withId} order by id`.execute(db);
      const withConnection = id === undefined ? sql`` : sql`and connection = ${id}`;
      const { rows } = await sql<KeyRow>`select * from ${keyTable} where tenant = ${tenant} ${withConnection}
        order by created, id`.execute(db);
      return found.rows.map((row) => ({
        ...toConnection(row),
        keys: rows.filter((key) => textOf(key.connection) === textOf(row.id)).map(toKey),
      }));
    });
  const exists = async (executor: Kysely<unknown>, tenant: string, id: string, locks = false): Promise<boolean> => {
    const { rows } = await sql`select 1 from ${connectionTable} where tenant = ${tenant} and id = ${id}
      ${locks ? lock(dialect, 'write') : sql``}`.execute(executor);
    return rows.length > 0;
  };
  const countLive = async (executor: Kysely<unknown>, tenant: string, id: string, now: Date): Promise<number> => {
    const { rows } = await sql<{ n: unknown }>`select count(*) as n from ${keyTable}
      where tenant = ${tenant} and connection = ${id} and revoked is null and temporary = 0
      and (expires is null or expires > ${now.getTime()})`.execute(executor);
    return Number(rows[0]?.n ?? 0);
  };

  return {
    list: (tenant) => read(tenant, undefined),
    get: async (tenant, id) => (await read(tenant, id))[0],
    async create({ tenant, id, name, provider, enabled, networks }) {
      const values = sql`(tenant, id, name, provider, enabled, networks)
        values (${tenant}, ${id}, ${name}, ${provider}, ${enabled ? 1 : 0}, ${jsonOf(networks)})`;
      await inTransaction(db, dialect, (transaction) =>
        (dialect === 'mysql'
          ? sql`insert ignore into ${connectionTable} ${values}`
          : sql`insert into ${connectionTable} ${values} on conflict do nothing`
        ).execute(transaction),
      );
    },
    async update(tenant, id, { name, provider, enabled, networks }) {
      const found = await inTransaction(db, dialect, async (transaction) => {
        const sets = [
          ...(name === undefined ? [] : [sql`name = ${name}`]),
          ...(provider === undefined ? [] : [sql`provider = ${provider}`]),
          ...(enabled === undefined ? [] : [sql`enabled = ${enabled ? 1 : 0}`]),
          ...(networks === undefined ? [] : [sql`networks = ${jsonOf(networks)}`]),
        ];
        if (sets.length > 0) {
          await sql`update ${connectionTable} set ${sql.join(sets)}
            where tenant = ${tenant} and id = ${id}`.execute(transaction);
        }
        return exists(transaction, tenant, id);
      });
      if (found) await notify(tenant, id);
      return found;
    },
    async addKey(tenant, id, key, bound) {
      const added = await inTransaction(db, dialect, async (transaction) => {
        // Locks the row of the connection where keys are counted.
        if (!(await exists(transaction, tenant, id, bound !== undefined))) return false;
        if (bound !== undefined && (await countLive(transaction, tenant, id, bound.now)) >= bound.max) return 'full';
        const { name, digest, scopes, networks } = key;
        const values = [key.id, tenant, id, name, digest, jsonOf(scopes), jsonOf(networks)];
        const times = [key.createdAt.getTime(), timeOf(key.expiresAt), timeOf(key.lastUsedAt), timeOf(key.revokedAt)];
        await sql`insert into ${keyTable}
          (id, tenant, connection, name, digest, scopes, networks, created, expires, used, revoked, temporary)
          values (${sql.join([...values, ...times, key.temporary === true ? 1 : 0])})`.execute(transaction);
        return true;
      });
      if (added === true) await notify(tenant, id);
      return added;
    },
    async endKey(tenant, id, keyId, end) {
      const isKey = sql`tenant = ${tenant} and connection = ${id} and id = ${keyId} and revoked is null`;
      const ended = await inTransaction(db, dialect, async (transaction) => {
        const result =
          'revokedAt' in end
            ? await sql`update ${keyTable} set revoked = ${end.revokedAt.getTime()} where ${isKey}`.execute(transaction)
            : await sql`update ${keyTable} set expires = ${end.expiresAt.getTime()}
                where ${isKey} and (expires is null or expires > ${end.expiresAt.getTime()})`.execute(transaction);
        return (result.numAffectedRows ?? 0n) > 0n;
      });
      if (ended) await notify(tenant, id);
      return ended;
    },
    async removeKey(tenant, id, keyId) {
      await inTransaction(db, dialect, (transaction) =>
        sql`delete from ${keyTable} where tenant = ${tenant} and connection = ${id} and id = ${keyId}
          and temporary = 1`.execute(transaction),
      );
      for (const listener of listeners) listener(tenant, id, [keyId]);
    },
    findKey: (keyId) =>
      reading(async () => {
        const { rows } = await sql<KeyRow & { readonly tenant: unknown }>`select * from ${keyTable}
          where id = ${keyId}`.execute(db);
        const [row] = rows;
        if (row === undefined) return undefined;
        const [tenant, id] = [textOf(row.tenant), textOf(row.connection)];
        const found = await sql<ConnectionRow>`select * from ${connectionTable}
          where tenant = ${tenant} and id = ${id}`.execute(db);
        const [connection] = found.rows;
        return connection === undefined ? undefined : { connection: toConnection(connection), key: toKey(row) };
      }),
    async touchKey(keyId, lastUsedAt) {
      const time = lastUsedAt.getTime();
      await inTransaction(db, dialect, (transaction) =>
        sql`update ${keyTable} set used = ${time} where id = ${keyId}
          and (used is null or used < ${time})`.execute(transaction),
      );
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function toConnection(row: ConnectionRow): Omit<Connection, 'keys'> {
  const provider = textOf(row.provider);
  return {
    id: textOf(row.id),
    tenant: textOf(row.tenant),
    name: textOf(row.name),
    provider: isProviderId(provider) ? provider : 'other',
    enabled: Number(row.enabled) === 1,
    ...networksOf(row),
  };
}

function toKey(row: KeyRow): ConnectionKey {
  return {
    id: textOf(row.id),
    name: textOf(row.name),
    digest: textOf(row.digest),
    ...(row.scopes === null ? {} : { scopes: JSON.parse(textOf(row.scopes)) as readonly Scope[] }),
    ...networksOf(row),
    createdAt: dateOf(row.created),
    ...(row.expires === null ? {} : { expiresAt: dateOf(row.expires) }),
    ...(row.used === null ? {} : { lastUsedAt: dateOf(row.used) }),
    ...(row.revoked === null ? {} : { revokedAt: dateOf(row.revoked) }),
    ...(Number(row.temporary) === 1 ? { temporary: true } : {}),
  };
}

// Whatever the JSON is: the authenticator parses it, and refuses a key whose list it cannot read.
function networksOf({ networks }: Pick<KeyRow, 'networks'>): Pick<ConnectionKey, 'networks'> {
  return isSet(networks) ? { networks: JSON.parse(textOf(networks)) as readonly string[] } : {};
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function jsonOf(list: readonly string[] | null | undefined): string | null {
  return list === null || list === undefined ? null : JSON.stringify(list);
}

function timeOf(date: Date | undefined): number | null {
  return date === undefined ? null : date.getTime();
}

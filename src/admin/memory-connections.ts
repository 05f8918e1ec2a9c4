import { mistakeInArgument, usageError } from '../contract/option-mistakes.js';
import type { Connection, ConnectionKey, ConnectionListener, ConnectionStore } from './contract.js';

/**
 * Stores connections in memory, for tests and for apps that load their connections at start.
 *
 * @param initial connections to begin with. Default: none
 * @example
 * import { memoryConnectionStore } from 'express-scim/admin';
 *
 * export const connections = memoryConnectionStore();
 */
export function memoryConnectionStore(initial: readonly Connection[] = []): ConnectionStore {
  const mistake = mistakeInArgument(initial, 'the first argument', 'list');
  if (mistake !== undefined) throw usageError('memoryConnectionStore', mistake, 'admin.md#storage');
  const connections = new Map<string, Connection>();
  const listeners = new Set<ConnectionListener>();
  const mapKey = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  for (const each of initial) connections.set(mapKey(each.tenant, each.id), each);

  /** Replaces a connection, unless `make` returns undefined. @returns whether it was replaced */
  const change = (tenant: string, id: string, make: (old: Connection) => Connection | undefined): boolean => {
    const old = connections.get(mapKey(tenant, id));
    const next = old === undefined ? undefined : make(old);
    if (next === undefined) return false;
    connections.set(mapKey(tenant, id), next);
    const keyIds = next.keys.map((key) => key.id);
    for (const listener of listeners) listener(tenant, id, keyIds);
    return true;
  };
  const owner = (keyId: string): Connection | undefined =>
    [...connections.values()].find(({ keys }) => keys.some(({ id }) => id === keyId));

  return {
    list: (tenant) => [...connections.values()].filter((each) => each.tenant === tenant),
    get: (tenant, id) => connections.get(mapKey(tenant, id)),
    create(connection) {
      const key = mapKey(connection.tenant, connection.id);
      if (!connections.has(key)) connections.set(key, { ...connection, keys: [] });
    },
    update: (tenant, id, { name, provider, enabled, networks }) =>
      change(tenant, id, ({ networks: oldNetworks, ...old }) => {
        const next = networks === undefined ? oldNetworks : (networks ?? undefined);
        return {
          ...old,
          name: name ?? old.name,
          provider: provider ?? old.provider,
          enabled: enabled ?? old.enabled,
          ...(next === undefined ? {} : { networks: next }),
        };
      }),
    addKey(tenant, id, key, bound) {
      const { keys = [] } = connections.get(mapKey(tenant, id)) ?? {};
      if (bound !== undefined && keys.filter((each) => counts(each, bound.now)).length >= bound.max) return 'full';
      return change(tenant, id, (old) => ({ ...old, keys: [...old.keys, key] }));
    },
    endKey: (tenant, id, keyId, end) =>
      change(tenant, id, (old) => {
        const keys = old.keys.map((key) => (key.id === keyId ? ended(key, end) : key));
        return keys.some((key, index) => key !== old.keys[index]) ? { ...old, keys } : undefined;
      }),
    removeKey(tenant, id, keyId) {
      change(tenant, id, (old) => ({
        ...old,
        keys: old.keys.filter((key) => key.id !== keyId || key.temporary !== true),
      }));
    },
    findKey(keyId) {
      const connection = owner(keyId);
      const key = connection?.keys.find(({ id }) => id === keyId);
      if (connection === undefined || key === undefined) return undefined;
      const { keys: _, ...rest } = connection;
      return { connection: rest, key };
    },
    touchKey(keyId, lastUsedAt) {
      const connection = owner(keyId);
      if (connection === undefined) return;
      const keys = connection.keys.map((key) => (key.id === keyId ? { ...key, lastUsedAt } : key));
      connections.set(mapKey(connection.tenant, connection.id), { ...connection, keys });
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function ended(key: ConnectionKey, end: { readonly expiresAt: Date } | { readonly revokedAt: Date }): ConnectionKey {
  if (key.revokedAt !== undefined) return key;
  if ('revokedAt' in end) return { ...key, revokedAt: end.revokedAt };
  return key.expiresAt === undefined || end.expiresAt < key.expiresAt ? { ...key, expiresAt: end.expiresAt } : key;
}

function counts({ revokedAt, expiresAt, temporary }: ConnectionKey, now: Date): boolean {
  return revokedAt === undefined && (expiresAt === undefined || expiresAt > now) && temporary !== true;
}

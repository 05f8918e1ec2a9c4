import type { Awaitable } from '../contract/awaitable.js';

/**
 * A set-up link, as it is stored. The link itself is never stored.
 *
 * @example
 * import type { SetupLink } from 'express-scim/admin';
 *
 * export const isOpen = (link: SetupLink, now: Date): boolean =>
 *   link.usedAt === undefined && link.revokedAt === undefined && link.expiresAt > now;
 */
export interface SetupLink {
  readonly id: string;
  readonly tenant: string;
  /** ID of the one connection that it gives access to. */
  readonly connection: string;
  /** Name of the connection, shown in the panel; may be empty. */
  readonly name: string;
  /** Who created it. */
  readonly createdBy: string;
  readonly createdAt: Date;
  /** From this time on it cannot be used. */
  readonly expiresAt: Date;
  readonly usedAt?: Date | undefined;
  /** Ends its session too. */
  readonly revokedAt?: Date | undefined;
}

/**
 * Stores set-up links: `memorySetupLinkStore()`, `sqlSetupLinkStore(db)` of `express-scim/sql`, or your own
 * implementation.
 *
 * @example
 * import type { SetupLinkStore } from 'express-scim/admin';
 *
 * export async function isUsed(store: SetupLinkStore, tenant: string, id: string): Promise<boolean> {
 *   return (await store.get(tenant, id))?.usedAt !== undefined;
 * }
 */
export interface SetupLinkStore {
  add(link: SetupLink): Awaitable<void>;
  get(tenant: string, id: string): Awaitable<SetupLink | undefined>;
  /** The newest links of a connection, newest first. */
  list(tenant: string, connection: string, limit: number): Awaitable<readonly SetupLink[]>;
  /**
   * Marks a link as used: of any number of calls, in any processes, one returns true.
   *
   * @returns false for a link that is used, revoked, expired or unknown
   */
  use(tenant: string, id: string, now: Date): Awaitable<boolean>;
  /** Revokes all links of a connection. */
  revoke(tenant: string, connection: string, now: Date): Awaitable<void>;
}

/**
 * Keeps set-up links in memory: for tests, and for a single process that may lose them on restart.
 *
 * @example
 * import { memorySetupLinkStore } from 'express-scim/admin';
 *
 * export const store = memorySetupLinkStore();
 */
export function memorySetupLinkStore(): SetupLinkStore {
  // In insertion order.
  const links = new Map<string, SetupLink>();
  const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  const isOf = (link: SetupLink, tenant: string, connection: string): boolean =>
    link.tenant === tenant && link.connection === connection;
  return {
    add: (link) => void links.set(keyOf(link.tenant, link.id), link),
    get: (tenant, id) => links.get(keyOf(tenant, id)),
    list: (tenant, connection, limit) =>
      [...links.values()]
        .filter((link) => isOf(link, tenant, connection))
        .reverse()
        .slice(0, limit),
    use(tenant, id, now) {
      const link = links.get(keyOf(tenant, id));
      if (link === undefined || link.usedAt !== undefined || link.revokedAt !== undefined || link.expiresAt <= now) {
        return false;
      }
      links.set(keyOf(tenant, id), { ...link, usedAt: now });
      return true;
    },
    revoke(tenant, connection, now) {
      for (const [key, link] of links) {
        if (isOf(link, tenant, connection)) links.set(key, { ...link, revokedAt: link.revokedAt ?? now });
      }
    },
  };
}

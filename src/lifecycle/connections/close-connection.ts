import type { Awaitable } from '../../contract/awaitable.js';

/**
 * The part of a ConnectionStore that ends a connection.
 *
 * @example
 * import { memoryConnectionStore } from 'express-scim/admin';
 * import type { ClosableConnections } from 'express-scim/lifecycle';
 *
 * export const connections: ClosableConnections = memoryConnectionStore();
 */
export interface ClosableConnections {
  get(
    tenant: string,
    id: string,
  ): Awaitable<
    | {
        readonly enabled: boolean;
        readonly keys: readonly { readonly id: string; readonly revokedAt?: Date | null | undefined }[];
      }
    | undefined
    | null
  >;
  update(tenant: string, id: string, change: { readonly enabled: boolean }): Awaitable<boolean>;
  endKey(tenant: string, id: string, keyId: string, end: { readonly revokedAt: Date }): Awaitable<boolean>;
}

/** What `closeConnection` closes. */
interface ClosedParts {
  readonly connections: ClosableConnections;
  readonly setupLinks?: { revoke(tenant: string, connection: string): Awaitable<void> } | undefined;
}

/** Disables a connection, and revokes its keys and set-up links. Does nothing for one that is closed or does not exist. */
export async function closeConnection(
  { connections, setupLinks }: ClosedParts,
  tenant: string,
  id: string,
  revokedAt: Date,
): Promise<void> {
  // First, so that nobody creates a key in the meantime.
  await setupLinks?.revoke(tenant, id);
  const connection = await connections.get(tenant, id);
  if (connection === undefined || connection === null) return;
  // Before the keys: a key that is being created at this moment finds a disabled connection.
  if (connection.enabled) await connections.update(tenant, id, { enabled: false });
  const current = await connections.get(tenant, id);
  for (const key of current?.keys ?? []) {
    if (key.revokedAt !== undefined && key.revokedAt !== null) continue;
    await connections.endKey(tenant, id, key.id, { revokedAt });
  }
}

import { timingSafeEqual } from 'node:crypto';
import { bearerToken } from '../auth/authenticate.js';
import { type ConnectorKeyOptions, connectorKeys, type ConnectorKeys } from '../auth/connector-keys.js';
import { digestConnectorKey, keyIdOf } from '../auth/key.js';
import type { ConnectionStore, FoundKey } from './contract.js';

/** What `actor.data` holds of a key that was found in a ConnectionStore. */
export interface ConnectionActorData {
  readonly connection: string;
  readonly keyName: string;
}

/** A key that was right once. */
export interface EndedKey extends FoundKey {
  readonly ended: 'expired' | 'revoked';
}

/** Options of `connectionAuthenticator`. */
export interface ConnectionAuthenticatorOptions extends Pick<ConnectorKeyOptions, 'maxAgeMilliseconds' | 'size'> {
  /** Called when a client presents a whole key that has expired or was revoked; at most once a minute and key. */
  readonly onEndedKey?: ((found: EndedKey) => void) | undefined;
  /** Called when a use cannot be saved. Default: it is left out. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const minute = 60_000;
const remembered = 1_000;

/**
 * Authenticates the connector keys of a ConnectionStore, for `authenticate` of `createScimRouter`.
 *
 * A key is believed for ten seconds; a change through the same store is known at once. While a connection is disabled
 * its keys are answered 403. `lastUsedAt` is saved at most once a minute.
 *
 * @example
 * createScimRouter(store, { authenticate: connectionAuthenticator(connections), ...provisioningLog(log) });
 */
export function connectionAuthenticator(
  connections: ConnectionStore,
  options: ConnectionAuthenticatorOptions = {},
): ConnectorKeys {
  const { maxAgeMilliseconds, size, onEndedKey, onError } = options;
  const report = (error: unknown): void => onError?.(error);
  const ended = new Map<string, { readonly found: EndedKey; toldAt: number }>();
  const keys = connectorKeys(
    async (keyId) => {
      const found = await connections.findKey(keyId);
      if (found === undefined) return undefined;
      const { connection, key } = found;
      if (onEndedKey !== undefined) noteEnd(found);
      if (key.revokedAt !== undefined) return undefined;
      const data: ConnectionActorData = { connection: connection.id, keyName: key.name };
      const { id, digest, scopes, expiresAt: expires } = key;
      return { id, digest, scopes, expires, tenant: connection.tenant, enabled: connection.enabled, data };
    },
    {
      maxAgeMilliseconds,
      size,
      onUsed: (keyId, time) => {
        Promise.resolve()
          .then(() => connections.touchKey(keyId, time))
          .catch(report);
      },
    },
  );
  connections.watch?.((_tenant, _connection, keyIds) => {
    for (const keyId of keyIds) {
      keys.forget(keyId);
      ended.delete(keyId);
    }
  });

  function noteEnd(found: FoundKey): void {
    const { id, revokedAt, expiresAt } = found.key;
    const toldAt = ended.get(id)?.toldAt ?? -minute;
    ended.delete(id);
    if (revokedAt !== undefined) ended.set(id, { found: { ...found, ended: 'revoked' }, toldAt });
    else if (expiresAt !== undefined && expiresAt.getTime() <= Date.now()) {
      ended.set(id, { found: { ...found, ended: 'expired' }, toldAt });
    }
    for (const oldest of ended.keys()) {
      if (ended.size <= remembered) break;
      ended.delete(oldest);
    }
  }

  function tellEnd(token: string): void {
    const known = ended.get(keyIdOf(token) ?? '');
    if (known === undefined || performance.now() - known.toldAt < minute) return;
    // Who knows no more than the id of a key shall not fill anybody's log.
    if (!timingSafeEqual(Buffer.from(digestConnectorKey(token), 'hex'), Buffer.from(known.found.key.digest, 'hex')))
      return;
    known.toldAt = performance.now();
    onEndedKey?.(known.found);
  }

  return {
    schemes: keys.schemes,
    forget: keys.forget,
    async authenticate(req) {
      const actor = await keys.authenticate(req);
      if (actor === undefined && onEndedKey !== undefined) tellEnd(bearerToken(req) ?? '');
      return actor;
    },
  };
}

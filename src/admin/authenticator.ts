import { timingSafeEqual } from 'node:crypto';
import { bearerToken } from '../auth/authenticate.js';
import type { ConnectorKeyOptions } from '../auth/connector-key-options.js';
import { connectorKeys, type ConnectorKeys } from '../auth/connector-keys.js';
import { digestConnectorKey, keyIdOf } from '../auth/key.js';
import { networksInBoth } from '../auth/networks.js';
import { BoundedMap } from '../contract/bounded-map.js';
import { checkOptions, mistakeInArgument, type OptionRules, usageError } from '../contract/option-mistakes.js';
import type { ConnectionStore, FoundKey } from './contract.js';

/** `actor.data` of a request that was authenticated with a key of a ConnectionStore. */
export interface ConnectionActorData {
  /** ID of the connection. */
  readonly connection: string;
  readonly keyName: string;
}

/** A key that has expired or was revoked. */
export interface EndedKey extends FoundKey {
  readonly ended: 'expired' | 'revoked';
}

/** Options of `connectionAuthenticator`. */
export interface ConnectionAuthenticatorOptions extends Pick<ConnectorKeyOptions, 'maxAgeMilliseconds' | 'size'> {
  /**
   * Called when a client presents an expired or revoked key, at most once a minute for each key. It is not called for
   * a client that only knows the ID of such a key. Default: ended keys are not reported.
   */
  readonly onEndedKey?: ((endedKey: EndedKey) => void) | undefined;
  /**
   * Called when `lastUsedAt` cannot be saved, and once for each key that cannot be read or is refused because of its
   * networks. Default: the first is ignored, and the others are process warnings with the code SCIM_KEY_UNUSABLE.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const rules: OptionRules<keyof ConnectionAuthenticatorOptions> = {
  of: 'connectionAuthenticator',
  page: 'admin.md',
  kinds: { maxAgeMilliseconds: 'number', size: 'number', onEndedKey: 'function', onError: 'function' },
};

const reportIntervalMilliseconds = 60_000;
const maxEndedKeys = 1_000;

/**
 * Authenticates requests with the connector keys of a ConnectionStore (RFC 6750 bearer tokens): the `authenticate`
 * option of `createScimRouter`.
 *
 * Lookups are cached for `maxAgeMilliseconds` (default 10,000), and a change made through the same store instance takes
 * effect immediately. Requests with a key of a disabled connection return 403. `lastUsedAt` is saved at most once a minute
 * for each key.
 *
 * @throws TypeError that names every wrong argument
 * @example
 * import { createScimRouter, MemoryStore } from 'express-scim';
 * import { connectionAuthenticator, memoryConnectionStore, memoryLogStore, provisioningLog } from 'express-scim/admin';
 *
 * const connections = memoryConnectionStore();
 * const { onEndedKey, ...hooks } = provisioningLog(memoryLogStore());
 * export const router = createScimRouter(new MemoryStore(), {
 *   authenticate: connectionAuthenticator(connections, { onEndedKey }),
 *   ...hooks,
 * });
 */
export function connectionAuthenticator(
  connections: ConnectionStore,
  options: ConnectionAuthenticatorOptions = {},
): ConnectorKeys {
  const mistake = mistakeInArgument(connections, 'the first argument', { methods: ['findKey', 'touchKey'] });
  if (mistake !== undefined) throw usageError(rules.of, mistake, rules.page);
  checkOptions(options, rules);
  const { maxAgeMilliseconds, size, onEndedKey, onError } = options;
  const endedKeys = new BoundedMap<{ readonly endedKey: EndedKey; readonly reportedAt: number }>(maxEndedKeys);
  const keys = connectorKeys(
    async (keyId) => {
      const found = await connections.findKey(keyId);
      // Stores may return null for nothing.
      if (!isSet(found)) return undefined;
      const { connection, key } = found;
      if (onEndedKey !== undefined) rememberEnd(found);
      if (isSet(key.revokedAt)) return undefined;
      const data: ConnectionActorData = { connection: connection.id, keyName: key.name };
      const { id, digest, scopes, expiresAt: expires } = key;
      const { tenant, enabled } = connection;
      // The connection test sends its requests from this server.
      const networks = key.temporary === true ? undefined : networksInBoth(connection.networks, key.networks);
      return { id, digest, scopes, expires, tenant, enabled, networks, data };
    },
    {
      maxAgeMilliseconds,
      size,
      onError,
      onUsed: (keyId, time) => {
        Promise.resolve()
          .then(() => connections.touchKey(keyId, time))
          .catch((error: unknown) => onError?.(error));
      },
    },
  );
  connections.watch?.((_tenant, _connection, keyIds) => {
    for (const keyId of keyIds) {
      keys.forget(keyId);
      endedKeys.delete(keyId);
    }
  });

  function rememberEnd(found: FoundKey): void {
    const { id } = found.key;
    const ended = endOf(found);
    const reportedAt = endedKeys.get(id)?.reportedAt ?? -reportIntervalMilliseconds;
    if (ended === undefined) endedKeys.delete(id);
    else endedKeys.set(id, { endedKey: { ...found, ended }, reportedAt });
  }

  function reportEnd(token: string): void {
    const keyId = keyIdOf(token) ?? '';
    const remembered = endedKeys.get(keyId);
    if (remembered === undefined) return;
    if (performance.now() - remembered.reportedAt < reportIntervalMilliseconds) return;
    const { endedKey } = remembered;
    // The ID of a key is no secret: without the whole key nobody may fill the log.
    const presented = Buffer.from(digestConnectorKey(token), 'hex');
    if (!timingSafeEqual(presented, Buffer.from(endedKey.key.digest, 'hex'))) return;
    endedKeys.set(keyId, { endedKey, reportedAt: performance.now() });
    onEndedKey?.(endedKey);
  }

  return {
    schemes: keys.schemes,
    forget: keys.forget,
    current: keys.current,
    async verify(key, req) {
      const actor = await keys.verify(key, req);
      if (actor === undefined && onEndedKey !== undefined) reportEnd(key);
      return actor;
    },
    async authenticate(req) {
      const actor = await keys.authenticate(req);
      if (actor === undefined && onEndedKey !== undefined) reportEnd(bearerToken(req) ?? '');
      return actor;
    },
  };
}

function endOf({ key: { revokedAt, expiresAt } }: FoundKey): EndedKey['ended'] | undefined {
  if (isSet(revokedAt)) return 'revoked';
  // A store may return a time as text: `connectorKeys` reads it too.
  return isSet(expiresAt) && new Date(expiresAt).getTime() <= Date.now() ? 'expired' : undefined;
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

import type { ConnectorKeyOptions } from '../auth/connector-key-options.js';
import { connectorKeys, type ConnectorKeys } from '../auth/connector-keys.js';
import { noteCreator } from '../auth/creators.js';
import { networksInBoth } from '../auth/networks.js';
import { checkOptions, mistakeInArgument, type OptionRules, usageError } from '../contract/option-mistakes.js';
import type { ConnectionStore } from './contract.js';
import { isSet, presentedKey, type RefusedKey, refusalReporter } from './refused-key.js';

/** `actor.data` of a request that was authenticated with a key of a ConnectionStore. */
export interface ConnectionActorData {
  /** ID of the connection. */
  readonly connection: string;
  readonly keyName: string;
  /** True for a request of the connection test in the panel. */
  readonly connectionTest?: boolean | undefined;
}

/** Options of `connectionAuthenticator`. */
export interface ConnectionAuthenticatorOptions extends Pick<ConnectorKeyOptions, 'maxAgeMilliseconds' | 'size'> {
  /**
   * Called for each request that is refused with 401, with the reason; before the response is sent. It must not throw.
   * Default: the reason is found nowhere, because the response is the same for all of them.
   */
  readonly onRefusedKey?: ((refused: RefusedKey) => void) | undefined;
  /**
   * Called when `lastUsedAt` cannot be saved, and once for each key that cannot be read or is refused because of its
   * networks. Default: the first is ignored, and the others are process warnings with the code SCIM_KEY_UNUSABLE.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const rules: OptionRules<keyof ConnectionAuthenticatorOptions> = {
  of: 'connectionAuthenticator',
  page: 'admin.md',
  kinds: { maxAgeMilliseconds: 'number', size: 'number', onRefusedKey: 'function', onError: 'function' },
};

const defaultSize = 1_000;

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
 * const { onRefusedKey, ...hooks } = provisioningLog(memoryLogStore());
 * export const router = createScimRouter(new MemoryStore(), {
 *   authenticate: connectionAuthenticator(connections, { onRefusedKey }),
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
  const { maxAgeMilliseconds, size, onRefusedKey, onError } = options;
  const refusals = onRefusedKey && refusalReporter(connections, onRefusedKey, { size: size ?? defaultSize, onError });
  const keys = connectorKeys(
    async (keyId) => {
      const found = await connections.findKey(keyId);
      // Stores may return null for nothing.
      if (!isSet(found)) return undefined;
      const { connection, key } = found;
      refusals?.remember(found);
      if (isSet(key.revokedAt)) return undefined;
      const isTest = key.temporary === true;
      const data: ConnectionActorData = {
        ...{ connection: connection.id, keyName: key.name },
        ...(isTest && { connectionTest: true }),
      };
      const { id, digest, scopes, expiresAt: expires } = key;
      const { tenant, enabled } = connection;
      // The connection test sends its requests from this server.
      const networks = isTest ? undefined : networksInBoth(connection.networks, key.networks);
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
      refusals?.forget(keyId);
    }
  });

  return {
    schemes: keys.schemes,
    forget: keys.forget,
    current: keys.current,
    async verify(key, req) {
      const actor = await keys.verify(key, req);
      if (actor === undefined) refusals?.report(key, req);
      return actor;
    },
    async authenticate(req) {
      const actor = await keys.authenticate(req);
      if (actor === undefined) refusals?.report(presentedKey(req), req);
      return actor;
    },
  };
}

noteCreator(connectionAuthenticator, 'connectionAuthenticator(...)');

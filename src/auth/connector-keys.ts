import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { BoundedMap } from '../contract/bounded-map.js';
import type { Actor } from '../contract/context.js';
import { documentationPage } from '../documentation.js';
import { type Authenticator, bearerScheme, bearerToken } from './authenticate.js';
import { digestConnectorKey, keyIdOf } from './key.js';

/**
 * What is stored of a connector key.
 *
 * @example
 * import { type ConnectorKey, digestConnectorKey } from 'express-scim';
 *
 * export const key: ConnectorKey = {
 *   id: 'entra-2026',
 *   digest: digestConnectorKey(process.env['SCIM_KEY'] ?? ''),
 *   tenant: 'acme',
 *   scopes: ['users:read', 'users:write'],
 *   expires: new Date('2027-01-01T00:00:00Z'),
 * };
 */
export interface ConnectorKey {
  /** Names the key in events and logs. */
  readonly id: string;
  /** SHA-256 of the whole key, 64 hex digits: see `digestConnectorKey`. */
  readonly digest: string;
  /** The tenant that the key provisions. Default `'default'`. */
  readonly tenant?: string | undefined;
  /** What the key may do. Default: everything. */
  readonly scopes?: Actor['scopes'];
  /** Before this time the response is the 401 of an unknown key. */
  readonly notBefore?: Date | undefined;
  /** From this time on the response is the 401 of an unknown key. */
  readonly expires?: Date | undefined;
  /** False: provisioning is switched off for the tenant; every request gets 403. Default true. */
  readonly enabled?: boolean | undefined;
  /** Anything that your hooks need: they find it as `ctx.actor.data`. */
  readonly data?: unknown;
}

/**
 * A plaintext key, for a configuration that is itself a secret.
 *
 * @example
 * import type { PlainKey } from 'express-scim';
 *
 * export const key: PlainKey = { key: process.env['SCIM_KEY'] ?? '', tenant: 'acme' };
 */
export interface PlainKey {
  /** At least 16 characters. `generateConnectorKey()` generates a good one. */
  readonly key: string;
  /** Names the key in events and logs. Default: its own ID where it has one, else the start of its digest. */
  readonly id?: string | undefined;
  /** The tenant that the key provisions. Default `'default'`. */
  readonly tenant?: string | undefined;
  /** What the key may do. Default: everything. */
  readonly scopes?: Actor['scopes'];
}

/** How lookups are cached, and where their use is reported. */
export interface ConnectorKeyOptions {
  /** How long a lookup, hit or miss, is cached. Default 10,000. */
  readonly maxAgeMilliseconds?: number | undefined;
  /** How many lookups are cached. Default 1,000. */
  readonly size?: number | undefined;
  /** Called when a key is used, at most once a minute for each key. */
  readonly onUsed?: ((keyId: string, time: Date) => void) | undefined;
}

/**
 * An authenticator that can remove a key from its cache.
 *
 * @example
 * import type { ConnectorKeys } from 'express-scim';
 *
 * declare const keys: ConnectorKeys;
 * declare const table: { remove(id: string): Promise<void> };
 *
 * export async function revoke(id: string): Promise<void> {
 *   await table.remove(id);
 *   keys.forget(id);
 * }
 */
export interface ConnectorKeys extends Authenticator<IncomingMessage> {
  /** Removes a key from the cache of this process: call it after a key was revoked or changed. */
  forget(keyId: string): void;
}

const shortestKey = 16;
const usageIntervalMilliseconds = 60_000;
const maxTrackedKeys = 10_000;
const page = documentationPage('options.md#authenticate');

/**
 * Authenticates connector keys: the bearer secrets that an administrator copies into the identity provider.
 *
 * Only SHA-256 digests are kept in memory, and they are compared in constant time. The response to an unknown, expired or
 * malformed key is the same 401.
 *
 * @param source a list of keys, or a lookup by key ID in a database, for keys of `generateConnectorKey()`. Lookups are
 *   cached, hits and misses, for `maxAgeMilliseconds`
 * @throws TypeError for an empty list, a plaintext key under 16 characters, or a digest that is none
 * @example
 * import { connectorKeys } from 'express-scim';
 *
 * export const authenticate = connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }]);
 * @example
 * import { type ConnectorKey, connectorKeys } from 'express-scim';
 *
 * declare const table: {
 *   find(id: string): Promise<ConnectorKey | undefined>;
 *   touch(id: string, time: Date): Promise<void>;
 * };
 *
 * export const authenticate = connectorKeys((id) => table.find(id), {
 *   onUsed: (id, time) => void table.touch(id, time),
 * });
 */
export function connectorKeys(
  source: readonly (ConnectorKey | PlainKey)[] | ((keyId: string) => Awaitable<ConnectorKey | undefined>),
  options: ConnectorKeyOptions = {},
): ConnectorKeys {
  const reportUse = createUseReporter(options.onUsed);
  const keys = typeof source === 'function' ? lookup(source, options) : fromList(source);
  const toActor = (presentedDigest: string, key: ConnectorKey | undefined): Actor | undefined => {
    if (!hasDigest(key, presentedDigest) || key === undefined) return undefined;
    const now = Date.now();
    if (key.notBefore !== undefined && now < key.notBefore.getTime()) return undefined;
    if (key.expires !== undefined && now >= key.expires.getTime()) return undefined;
    reportUse(key.id, now);
    return { id: key.id, tenant: key.tenant, scopes: key.scopes, enabled: key.enabled, data: key.data };
  };
  return {
    schemes: [bearerScheme],
    forget: keys.forget,
    authenticate(req) {
      const token = bearerToken(req);
      if (token === undefined) return undefined;
      const digest = digestConnectorKey(token);
      const key = keys.find(token, digest);
      return isThenable(key) ? key.then((found) => toActor(digest, found)) : toActor(digest, key);
    },
  };
}

interface KeySource {
  find(token: string, digest: string): Awaitable<ConnectorKey | undefined>;
  forget(keyId: string): void;
}

function fromList(list: readonly (ConnectorKey | PlainKey)[]): KeySource {
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(`connectorKeys needs a list with at least one key, or a lookup by key ID. See ${page}`);
  }
  const byDigest = new Map<string, ConnectorKey>();
  list.forEach((entry: ConnectorKey | PlainKey, index) => {
    const key = 'key' in entry ? digestPlainKey(entry, index) : entry;
    if (typeof key.digest !== 'string' || !/^[0-9a-f]{64}$/.test(key.digest)) {
      throw new TypeError(
        `connectorKeys: key ${String(index)} has no digest: write digestConnectorKey(key), 64 hex digits. See ${page}`,
      );
    }
    byDigest.set(key.digest, key);
  });
  return { find: (_, digest) => byDigest.get(digest), forget: () => undefined };
}

function digestPlainKey(plain: PlainKey, index: number): ConnectorKey {
  if (typeof plain.key !== 'string' || plain.key.length < shortestKey) {
    throw new TypeError(
      `connectorKeys: key ${String(index)} is empty or shorter than ${String(shortestKey)} characters, so it can be ` +
        `guessed: generate one with generateConnectorKey(). See ${page}`,
    );
  }
  const digest = digestConnectorKey(plain.key);
  return {
    id: plain.id ?? keyIdOf(plain.key) ?? `key-${digest.slice(0, 8)}`,
    digest,
    tenant: plain.tenant,
    scopes: plain.scopes,
  };
}

interface CachedKey {
  readonly until: number;
  readonly key: ConnectorKey | undefined;
}

function lookup(
  source: (keyId: string) => Awaitable<ConnectorKey | undefined>,
  options: ConnectorKeyOptions,
): KeySource {
  const { maxAgeMilliseconds = 10_000, size = 1_000 } = options;
  if (!(maxAgeMilliseconds >= 0) || !(size >= 0)) {
    throw new TypeError(`connectorKeys: maxAgeMilliseconds and size must be numbers, 0 or more. See ${page}`);
  }
  const cache = new BoundedMap<CachedKey>(size);
  const pending = new Map<string, Promise<ConnectorKey | undefined>>();
  const load = (id: string): Promise<ConnectorKey | undefined> => {
    const loading: Promise<ConnectorKey | undefined> = Promise.resolve(id)
      .then(source)
      .then((key) => {
        // A lookup that began before forget() must not be cached after it.
        if (pending.get(id) === loading) cache.set(id, { until: performance.now() + maxAgeMilliseconds, key });
        return key;
      })
      .finally(() => {
        if (pending.get(id) === loading) pending.delete(id);
      });
    pending.set(id, loading);
    return loading;
  };
  return {
    find(token) {
      const id = keyIdOf(token);
      if (id === undefined) return undefined;
      const cached = cache.get(id);
      if (cached !== undefined && performance.now() < cached.until) return cached.key;
      return pending.get(id) ?? load(id);
    },
    forget(id) {
      cache.delete(id);
      pending.delete(id);
    },
  };
}

const noDigest = Buffer.alloc(32);

// One comparison in constant time, whether a key was found or not.
function hasDigest(key: ConnectorKey | undefined, presentedDigest: string): boolean {
  const expected = key === undefined ? noDigest : Buffer.from(key.digest, 'hex');
  const comparable = expected.length === noDigest.length ? expected : noDigest;
  return timingSafeEqual(Buffer.from(presentedDigest, 'hex'), comparable) && key !== undefined;
}

function createUseReporter(onUsed: ConnectorKeyOptions['onUsed']): (keyId: string, now: number) => void {
  if (onUsed === undefined) return () => undefined;
  const lastReported = new BoundedMap<number>(maxTrackedKeys);
  return (keyId, now) => {
    if (now - (lastReported.get(keyId) ?? -usageIntervalMilliseconds) < usageIntervalMilliseconds) return;
    lastReported.set(keyId, now);
    onUsed(keyId, new Date(now));
  };
}

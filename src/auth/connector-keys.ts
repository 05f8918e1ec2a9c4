import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { BoundedMap } from '../contract/bounded-map.js';
import type { Actor } from '../contract/context.js';
import { firstTimes } from '../contract/first-times.js';
import { isObject } from '../contract/is-object.js';
import { documentationPage } from '../documentation.js';
import { ScimError } from '../errors.js';
import { type Authenticator, bearerScheme, bearerToken } from './authenticate.js';
import { digestConnectorKey, keyIdOf } from './key.js';
import { parseKey, type ReadKey } from './parse-key.js';
import { UnknownKeyLimit } from './unknown-key-limit.js';

/** A point in time: a Date, ISO 8601 text with a time zone, or milliseconds since 1970. */
export type KeyTime = Date | string | number | bigint;

/**
 * What is stored of a connector key.
 *
 * `null` means absent, as databases say it. A key with an unknown field, or with one that cannot be read, is refused
 * like an unknown key, and reported once to `onError`: it never gets more rights than it says.
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
export interface ConnectorKey extends KeyRights {
  /** Names the key in events and logs. */
  readonly id: string;
  /** SHA-256 of the whole key, 64 hex digits: see `digestConnectorKey`. */
  readonly digest: string;
}

/** What a connector key may do, and when. */
export interface KeyRights {
  /** The tenant that the key provisions. Default `'default'`. */
  readonly tenant?: string | null | undefined;
  /** What the key may do. Default: everything. */
  readonly scopes?: Actor['scopes'] | null;
  /** Before this time the response is the 401 of an unknown key. Default: no such time. */
  readonly notBefore?: KeyTime | null | undefined;
  /** From this time on the response is the 401 of an unknown key. Default: it does not expire. */
  readonly expires?: KeyTime | null | undefined;
  /** False or 0: provisioning is switched off for the tenant; every request gets 403. Default true. */
  readonly enabled?: boolean | 0 | 1 | null | undefined;
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
export interface PlainKey extends KeyRights {
  /** At least 16 characters. `generateConnectorKey()` generates a good one. */
  readonly key: string;
  /** Names the key in events and logs. Default: its own ID where it has one, else the start of its digest. */
  readonly id?: string | null | undefined;
}

/** How lookups are cached and limited, and where their use is reported. */
export interface ConnectorKeyOptions {
  /** How long a lookup, hit or miss, is cached. Default 10,000. */
  readonly maxAgeMilliseconds?: number | undefined;
  /** How many lookups are cached. Default 1,000. */
  readonly size?: number | undefined;
  /**
   * How many lookups a second may find no key; beyond it, and a reserve of ten seconds, a key that was not seen before
   * gets 429 with Retry-After. So a stranger who invents keys cannot make each request a query. Default 20.
   */
  readonly missesPerSecond?: number | undefined;
  /** Called when a key is used, at most once a minute for each key. What it throws goes to `onError`. */
  readonly onUsed?: ((keyId: string, time: Date) => Awaitable<void>) | undefined;
  /**
   * Called once for each key that cannot be used, with what is wrong with it. Default: a process warning with the code
   * SCIM_KEY_UNUSABLE.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
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
 *   cached, hits and misses, for `maxAgeMilliseconds`. A lookup returns `undefined` or `null` for an unknown ID
 * @throws TypeError for an empty list, a plaintext key under 16 characters, a digest that is none, or a wrong option
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
  source: readonly (ConnectorKey | PlainKey)[] | ((keyId: string) => Awaitable<ConnectorKey | null | undefined>),
  options: ConnectorKeyOptions = {},
): ConnectorKeys {
  checkOptions(options);
  const reportError = options.onError ?? warn;
  const reportUse = createUseReporter(options.onUsed, reportError);
  const isFirst = firstTimes();
  const parse = (row: unknown, place: string): ReadKey | undefined => {
    const { key, problem } = parseKey(row);
    if (problem !== undefined && isFirst(`${place} ${problem}`)) {
      reportError(new Error(`connectorKeys: ${place} cannot be used: ${problem}. See ${page}`));
    }
    return key;
  };
  const keys = typeof source === 'function' ? lookup(source, options, parse) : fromList(source, parse);
  const toActor = (presentedDigest: string, key: ReadKey | undefined): Actor | undefined => {
    if (!hasDigest(key, presentedDigest) || key === undefined) return undefined;
    const now = Date.now();
    if (key.notBefore !== undefined && now < key.notBefore) return undefined;
    if (key.expires !== undefined && now >= key.expires) return undefined;
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

const optionNames: Readonly<Record<keyof ConnectorKeyOptions, 'number' | 'function'>> = {
  maxAgeMilliseconds: 'number',
  size: 'number',
  missesPerSecond: 'number',
  onUsed: 'function',
  onError: 'function',
};

function checkOptions(options: unknown): void {
  const names = Object.keys(optionNames).join(', ');
  if (!isObject(options)) throw new TypeError(`connectorKeys: options must be an object with ${names}. See ${page}`);
  for (const [name, value] of Object.entries(options)) {
    if (!isOptionName(name)) {
      throw new TypeError(`connectorKeys: there is no option ${JSON.stringify(name)}: write ${names}. See ${page}`);
    }
    if (value === undefined) continue;
    if (optionNames[name] === 'function' ? typeof value !== 'function' : !isNumberFromZero(value)) {
      const expected = optionNames[name] === 'function' ? 'a function' : 'a number, 0 or more';
      throw new TypeError(`connectorKeys: ${name} must be ${expected}. See ${page}`);
    }
  }
}

function isOptionName(name: string): name is keyof ConnectorKeyOptions {
  return Object.hasOwn(optionNames, name);
}

function isNumberFromZero(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : 'connectorKeys: a hook has failed.', {
    type: 'ExpressScimWarning',
    code: 'SCIM_KEY_UNUSABLE',
  });
}

/** Parses a row; `place` names the row in what is reported. */
type Parse = (row: unknown, place: string) => ReadKey | undefined;

interface KeySource {
  find(token: string, digest: string): Awaitable<ReadKey | undefined>;
  forget(keyId: string): void;
}

function fromList(list: unknown, parse: Parse): KeySource {
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(`connectorKeys needs a list with at least one key, or a lookup by key ID. See ${page}`);
  }
  const byDigest = new Map<string, ReadKey>();
  list.forEach((entry: unknown, index) => {
    const row = withDigest(entry, index);
    const key = parse(row, `key ${String(index)}`);
    if (key === undefined) return;
    // Which of two entries counts must not be a guess: one of them may be narrower.
    if (byDigest.has(key.digest)) {
      throw new TypeError(
        `connectorKeys: key ${String(index)} is the same as one before it: write it once. See ${page}`,
      );
    }
    byDigest.set(key.digest, key);
  });
  return { find: (_, digest) => byDigest.get(digest), forget: () => undefined };
}

/** A key of a list, a plaintext key with its digest. @throws TypeError where the key itself is missing */
function withDigest(entry: unknown, index: number): unknown {
  const place = `connectorKeys: key ${String(index)}`;
  if (!isObject(entry)) {
    throw new TypeError(`${place} must be an object: write { key }, or { id, digest }. See ${page}`);
  }
  const { key, ...others } = entry;
  if (!('key' in entry)) {
    if (typeof entry['digest'] === 'string' && /^[0-9a-f]{64}$/i.test(entry['digest'])) return entry;
    throw new TypeError(`${place} has no digest: write digestConnectorKey(key), 64 hex digits. See ${page}`);
  }
  if (typeof key !== 'string' || key.length < shortestKey) {
    throw new TypeError(
      `${place} is empty or shorter than ${String(shortestKey)} characters, so it can be guessed: generate one with ` +
        `generateConnectorKey(). See ${page}`,
    );
  }
  if (others['digest'] !== undefined) {
    throw new TypeError(`${place} has both key and digest: write one of them. See ${page}`);
  }
  const digest = digestConnectorKey(key);
  return { ...others, id: others['id'] ?? keyIdOf(key) ?? `key-${digest.slice(0, 8)}`, digest };
}

interface CachedKey {
  readonly until: number;
  readonly key: ReadKey | undefined;
}

function lookup(source: (keyId: string) => unknown, options: ConnectorKeyOptions, parse: Parse): KeySource {
  const { maxAgeMilliseconds = 10_000, size = 1_000, missesPerSecond = 20 } = options;
  const cache = new BoundedMap<CachedKey>(size);
  const pending = new Map<string, Promise<ReadKey | undefined>>();
  const limit = new UnknownKeyLimit(missesPerSecond);
  const load = (id: string): Promise<ReadKey | undefined> => {
    if (!limit.admit(id)) {
      // Not 401: a key that was created a moment ago is refused too, and its client is to try again.
      throw new ScimError(429, 'Too many requests with unknown keys; try again later.', {
        headers: { 'retry-after': '1' },
      });
    }
    const loading: Promise<ReadKey | undefined> = Promise.resolve(id)
      .then(source)
      .catch((error: unknown) => {
        limit.release();
        throw error;
      })
      .then((row) => {
        const key = parse(row, `the row of key ${id}`);
        // A lookup that began before forget() must not be cached after it.
        if (pending.get(id) === loading) cache.set(id, { until: performance.now() + maxAgeMilliseconds, key });
        if (key !== undefined) limit.found(id);
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
function hasDigest(key: ReadKey | undefined, presentedDigest: string): boolean {
  const expected = key === undefined ? noDigest : Buffer.from(key.digest, 'hex');
  return timingSafeEqual(Buffer.from(presentedDigest, 'hex'), expected) && key !== undefined;
}

function createUseReporter(
  onUsed: ConnectorKeyOptions['onUsed'],
  reportError: (error: unknown) => void,
): (keyId: string, now: number) => void {
  if (onUsed === undefined) return () => undefined;
  const lastReported = new BoundedMap<number>(maxTrackedKeys);
  return (keyId, now) => {
    if (now - (lastReported.get(keyId) ?? -usageIntervalMilliseconds) < usageIntervalMilliseconds) return;
    lastReported.set(keyId, now);
    // Whether the time of use can be saved must not decide whether the key is valid.
    try {
      const saved: unknown = onUsed(keyId, new Date(now));
      if (isThenable(saved)) saved.then(undefined, reportError);
    } catch (error) {
      reportError(error);
    }
  };
}

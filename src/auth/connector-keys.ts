import { callHook, takeSource } from '../contract/hook-source.js';
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { BoundedMap } from '../contract/bounded-map.js';
import type { Actor } from '../contract/context.js';
import { firstTimes } from '../contract/first-times.js';
import { describe } from '../contract/describe.js';
import { isObject } from '../contract/is-object.js';
import { usageError } from '../contract/option-mistakes.js';
import { documentationPage } from '../documentation.js';
import { ScimError } from '../errors.js';
import { type Authenticator, bearerScheme, bearerToken } from './authenticate.js';
import type { ConnectorKey, PlainKey } from './connector-key.js';
import { checkConnectorKeyOptions, type ConnectorKeyOptions } from './connector-key-options.js';
import { noteCreator } from './creators.js';
import { digestConnectorKey, keyIdOf } from './key.js';
import { addressOf } from './networks.js';
import { isNameOfKey, parseKey, type ReadKey } from './parse-key.js';
import { UnknownKeyLimit } from './unknown-key-limit.js';

/**
 * An authenticator of connector keys, which can also remove a key from its cache.
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
  /**
   * The client of a key that was not sent as a bearer token, such as a client secret of OAuth 2.0. The key is checked as
   * `authenticate` checks it.
   */
  verify(key: string, req: IncomingMessage): Awaitable<Actor | undefined>;
  /**
   * The client of a key by the ID of the key, for as long as the key may be used from the address of the request. It
   * does not authenticate: call it only if something that you have issued for the key, such as a signed token, proves
   * who sends the request.
   */
  current(keyId: string, req: IncomingMessage): Awaitable<Actor | undefined>;
}

const shortestKey = 16;
const usageIntervalMilliseconds = 60_000;
const maxTrackedKeys = 10_000;
const pageOfKeys = 'options.md#authenticate';
const page = documentationPage(pageOfKeys);

/**
 * Authenticates connector keys: the bearer secrets that an administrator copies into the identity provider.
 *
 * Only SHA-256 digests are kept in memory, and they are compared in constant time. The response to an unknown, expired or
 * malformed key is the same 401.
 *
 * @param source a list of keys, or a lookup by key ID in a database, for keys of `generateConnectorKey()`. Lookups are
 *   cached, hits and misses, for `maxAgeMilliseconds`. A lookup returns `undefined` or `null` for an unknown ID
 * @throws TypeError for an empty list, a plaintext key under 16 characters, an invalid digest, or a wrong option
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
  checkConnectorKeyOptions(options);
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
  const keys = typeof source === 'function' ? lookup(source, options, parse) : fromList(source);
  const mayComeFrom = (key: ReadKey, req: IncomingMessage): boolean => {
    if (key.networks === undefined) return true;
    const address = addressOf(req);
    if (key.networks.includes(address)) return true;
    if (isFirst(`networks ${key.id}`)) {
      const from = isIP(address) === 0 ? 'something that is not an IP address' : address;
      reportError(
        new Error(
          `connectorKeys: key ${key.id} was refused, because the request came from ${from}, which is not in its ` +
            `networks. Behind a proxy, set "trust proxy" of Express. See ${page}`,
        ),
      );
    }
    return false;
  };
  const toActor = (key: ReadKey | undefined, req: IncomingMessage): Actor | undefined => {
    if (key === undefined) return undefined;
    const now = Date.now();
    if (key.notBefore !== undefined && now < key.notBefore) return undefined;
    if (key.expires !== undefined && now >= key.expires) return undefined;
    if (!mayComeFrom(key, req)) return undefined;
    reportUse(key.id, now);
    return { id: key.id, tenant: key.tenant, scopes: key.scopes, enabled: key.enabled, data: key.data };
  };
  const verify: ConnectorKeys['verify'] = (presented, req) => {
    const digest = digestConnectorKey(presented);
    const found = keys.find(presented, digest);
    const check = (key: ReadKey | undefined): Actor | undefined =>
      hasDigest(key, digest) ? toActor(key, req) : undefined;
    return isThenable(found) ? found.then(check) : check(found);
  };
  return {
    schemes: [bearerScheme],
    forget: keys.forget,
    verify,
    current(keyId, req) {
      const found = keys.byId(keyId);
      // A lookup that ignores case could find the key of another ID.
      const check = (key: ReadKey | undefined): Actor | undefined =>
        key?.id === keyId ? toActor(key, req) : undefined;
      return isThenable(found) ? found.then(check) : check(found);
    },
    authenticate(req) {
      const token = bearerToken(req);
      return token === undefined ? undefined : verify(token, req);
    },
  };
}

noteCreator(connectorKeys, 'connectorKeys(...)');

function warn(error: unknown): void {
  const source = takeSource(error);
  const message = error instanceof Error ? error.message : 'an error without a message';
  process.emitWarning(source === undefined ? message : `connectorKeys: error in ${source}: ${message}`, {
    type: 'ExpressScimWarning',
    code: 'SCIM_KEY_UNUSABLE',
  });
}

/** Parses a row; `place` names the row in what is reported. */
type Parse = (row: unknown, place: string) => ReadKey | undefined;

interface KeySource {
  find(token: string, digest: string): Awaitable<ReadKey | undefined>;
  byId(keyId: string): Awaitable<ReadKey | undefined>;
  forget(keyId: string): void;
}

/** @throws TypeError that names every mistake: a key that is refused later would look like a wrong key */
function fromList(list: unknown): KeySource {
  if (!Array.isArray(list) || list.length === 0) {
    const mistake = `the first argument must be a list with at least one key, or a function (keyId) => key; got ${describe(list)}`;
    throw usageError('connectorKeys', mistake, pageOfKeys);
  }
  const byDigest = new Map<string, ReadKey>();
  const mistakes: string[] = [];
  for (const [index, entry] of (list as readonly unknown[]).entries()) {
    const place = `key ${String(index)}`;
    const { row, mistake } = withDigest(entry);
    const { key, problem } = parseKey(row);
    const found = [mistake, problem].filter((each) => each !== undefined);
    mistakes.push(...found.map((each) => `${place}: ${each}`));
    if (key === undefined || mistake !== undefined) continue;
    // Which of two entries counts must not be a guess: one of them may be narrower.
    if (byDigest.has(key.digest)) mistakes.push(`${place} is the same as one before it: write it once`);
    byDigest.set(key.digest, key);
  }
  if (mistakes.length > 0) throw usageError('connectorKeys', mistakes, pageOfKeys);
  // An ID that two keys have names neither of them.
  const byId = (id: string): ReadKey | undefined => {
    const [found, ...others] = [...byDigest.values()].filter((key) => key.id === id);
    return others.length === 0 ? found : undefined;
  };
  return { find: (_, digest) => byDigest.get(digest), byId, forget: () => undefined };
}

/** A key of a list, a plaintext key with its digest, and what is wrong with the key itself. */
function withDigest(entry: unknown): { readonly row: unknown; readonly mistake?: string } {
  if (!isObject(entry)) {
    return { row: undefined, mistake: `it must be an object, { key } or { id, digest }; got ${describe(entry)}` };
  }
  const { key, ...others } = entry;
  // Stands for a key that cannot be used, so that the other fields are checked as well.
  const standIn: Readonly<Record<string, unknown>> = { ...others, id: others['id'] ?? 'key', digest: '0'.repeat(64) };
  if (!('key' in entry)) {
    if (others['digest'] !== undefined) return { row: entry };
    const meant = Object.keys(entry).find(isNameOfKey);
    if (meant === undefined) {
      return {
        row: standIn,
        mistake: 'it has neither key nor digest: write { key } or { id, digest: digestConnectorKey(key) }',
      };
    }
    const { [meant]: _, ...rest } = standIn;
    return { row: rest, mistake: `there is no field ${JSON.stringify(meant)}: did you mean key?` };
  }
  if (others['digest'] !== undefined) return { row: standIn, mistake: 'it has both key and digest: write one of them' };
  if (typeof key !== 'string' || key.length < shortestKey) {
    const found = typeof key === 'string' && key !== '' ? 'a shorter one' : describe(key);
    const remedy = 'generate one with generateConnectorKey()';
    return {
      row: standIn,
      mistake: `key must be a string of at least ${String(shortestKey)} characters; got ${found}: ${remedy}`,
    };
  }
  const digest = digestConnectorKey(key);
  return { row: { ...others, id: others['id'] ?? keyIdOf(key) ?? `key-${digest.slice(0, 8)}`, digest } };
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
      .then((keyId) => callHook('the lookup of connectorKeys', () => source(keyId)))
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
  const byId = (id: string): Awaitable<ReadKey | undefined> => {
    const cached = cache.get(id);
    if (cached !== undefined && performance.now() < cached.until) return cached.key;
    return pending.get(id) ?? load(id);
  };
  return {
    find(token) {
      const id = keyIdOf(token);
      return id === undefined ? undefined : byId(id);
    },
    byId,
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
      const saved: unknown = callHook('onUsed', () => onUsed(keyId, new Date(now)));
      if (isThenable(saved)) saved.then(undefined, reportError);
    } catch (error) {
      reportError(error);
    }
  };
}

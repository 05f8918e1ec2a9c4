import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Actor } from '../contract/context.js';
import type { Awaitable } from '../contract/awaitable.js';
import { type Authenticator, bearerScheme, bearerToken } from './authenticate.js';
import { digestConnectorKey, keyIdOf } from './key.js';

/** What is kept of a connector key. */
export interface ConnectorKey {
  readonly id: string;
  /** SHA-256 of the whole key, hex. */
  readonly digest: string;
  /** Whose data it provisions. Default `'default'`. */
  readonly tenant?: string | undefined;
  /** Left out: everything. */
  readonly scopes?: Actor['scopes'];
  /** Before this time the key is unknown. */
  readonly notBefore?: Date | undefined;
  /** From this time on the key is unknown. */
  readonly expires?: Date | undefined;
  /** False: the key is known, but its tenant has provisioning switched off: 403. */
  readonly enabled?: boolean | undefined;
  readonly data?: unknown;
}

/** A key in clear, for a configuration that is itself a secret. */
export interface PlainKey {
  /** At least 16 characters. `generateConnectorKey()` makes a good one. */
  readonly key: string;
  readonly id?: string | undefined;
  readonly tenant?: string | undefined;
  readonly scopes?: Actor['scopes'];
}

/** How a lookup is remembered. */
export interface ConnectorKeyOptions {
  /** Oldest answer of the lookup still believed, milliseconds. Default 10,000. */
  readonly maxAgeMilliseconds?: number | undefined;
  /** Keys remembered, unknown ones included. Default 1,000. */
  readonly size?: number | undefined;
  /** Called when a key was used, at most once a minute and key. */
  readonly onUsed?: ((keyId: string, time: Date) => void) | undefined;
}

/** An authenticator whose keys can be forgotten at once. */
export interface ConnectorKeys extends Authenticator<IncomingMessage> {
  /** Forgets what is remembered of a key: call it on revocation and rotation. */
  forget(keyId: string): void;
}

const shortest = 16;
const minute = 60_000;

/**
 * Authenticates connector keys: the bearer secrets that an administrator copies into the identity provider.
 *
 * Only SHA-256 digests are kept. Compared in constant time; the answer to an unknown, expired or garbled
 * key is the same 401.
 *
 * @param source a list of keys, or a lookup by key id for keys made by `generateConnectorKey()` and kept in a
 *   database; the lookup is remembered for `maxAge`, unknown ids too
 * @throws TypeError for an empty list, or a plain key that is too short to be a secret
 * @example
 * authenticate: connectorKeys([{ key: process.env.SCIM_KEY ?? '' }])
 * @example
 * authenticate: connectorKeys((id) => db.scimKeys.find(id), { onUsed: (id, time) => db.scimKeys.touch(id, time) })
 */
export function connectorKeys(
  source: readonly (ConnectorKey | PlainKey)[] | ((keyId: string) => Awaitable<ConnectorKey | undefined>),
  options: ConnectorKeyOptions = {},
): ConnectorKeys {
  const used = useNotes(options.onUsed);
  const keys = typeof source === 'function' ? lookup(source, options) : fromList(source);
  const judge = (presented: string, key: ConnectorKey | undefined): Actor | undefined => {
    if (!isSame(presented, key) || key === undefined) return undefined;
    const now = Date.now();
    if (key.notBefore !== undefined && now < key.notBefore.getTime()) return undefined;
    if (key.expires !== undefined && now >= key.expires.getTime()) return undefined;
    used(key.id, now);
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
      return key instanceof Promise ? key.then((found) => judge(digest, found)) : judge(digest, key);
    },
  };
}

interface KeySource {
  find(token: string, digest: string): ConnectorKey | undefined | Promise<ConnectorKey | undefined>;
  forget(keyId: string): void;
}

function fromList(list: readonly (ConnectorKey | PlainKey)[]): KeySource {
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError('connectorKeys needs a list with at least one key, or a lookup by key id.');
  }
  const byDigest = new Map<string, ConnectorKey>();
  list.forEach((entry: ConnectorKey | PlainKey, index) => {
    const key = 'key' in entry ? digested(entry, index) : entry;
    if (typeof key.digest !== 'string' || !/^[0-9a-f]{64}$/.test(key.digest)) {
      throw new TypeError(
        `connectorKeys: key ${String(index)} has no digest: write the SHA-256 of the key, 64 hex digits.`,
      );
    }
    byDigest.set(key.digest, key);
  });
  return { find: (_, digest) => byDigest.get(digest), forget: () => undefined };
}

function digested(plain: PlainKey, index: number): ConnectorKey {
  if (typeof plain.key !== 'string' || plain.key.length < shortest) {
    throw new TypeError(
      `connectorKeys: key ${String(index)} is empty or shorter than ${String(shortest)} characters, which can be guessed: ` +
        'make one with generateConnectorKey().',
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

interface Remembered {
  readonly until: number;
  readonly key: ConnectorKey | undefined;
}

function lookup(
  source: (keyId: string) => Awaitable<ConnectorKey | undefined>,
  options: ConnectorKeyOptions,
): KeySource {
  const { maxAgeMilliseconds = 10_000, size = 1_000 } = options;
  if (!(maxAgeMilliseconds >= 0) || !(size >= 0))
    throw new TypeError('connectorKeys: maxAge and size must be 0 or more.');
  const remembered = new Map<string, Remembered>();
  const asked = new Map<string, Promise<ConnectorKey | undefined>>();
  const remember = (id: string, key: ConnectorKey | undefined): void => {
    remembered.delete(id);
    remembered.set(id, { until: performance.now() + maxAgeMilliseconds, key });
    if (remembered.size > size) dropOldest(remembered);
  };
  const ask = (id: string): Promise<ConnectorKey | undefined> => {
    const question: Promise<ConnectorKey | undefined> = Promise.resolve(id)
      .then(source)
      .then((key) => {
        // What was asked before forget() may not be remembered after it.
        if (asked.get(id) === question) remember(id, key);
        return key;
      })
      .finally(() => {
        if (asked.get(id) === question) asked.delete(id);
      });
    asked.set(id, question);
    return question;
  };
  return {
    find(token) {
      const id = keyIdOf(token);
      if (id === undefined) return undefined;
      const known = remembered.get(id);
      if (known !== undefined && performance.now() < known.until) return known.key;
      return asked.get(id) ?? ask(id);
    },
    forget(id) {
      remembered.delete(id);
      asked.delete(id);
    },
  };
}

function dropOldest(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

const dummy = Buffer.alloc(32);

// One comparison in constant time whether a key was found or not.
function isSame(digest: string, key: ConnectorKey | undefined): boolean {
  const expected = key === undefined ? dummy : Buffer.from(key.digest, 'hex');
  return timingSafeEqual(Buffer.from(digest, 'hex'), expected.length === 32 ? expected : dummy) && key !== undefined;
}

function useNotes(onUsed: ((keyId: string, time: Date) => void) | undefined): (keyId: string, now: number) => void {
  if (onUsed === undefined) return () => undefined;
  const last = new Map<string, number>();
  return (keyId, now) => {
    if (now - (last.get(keyId) ?? -minute) < minute) return;
    last.delete(keyId);
    last.set(keyId, now);
    if (last.size > 10_000) dropOldest(last);
    onUsed(keyId, new Date(now));
  };
}

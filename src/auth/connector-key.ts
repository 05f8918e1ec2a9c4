import type { Actor } from '../contract/context.js';

/**
 * A point in time: a Date, ISO 8601 text with a time zone, or milliseconds since 1970.
 *
 * @example
 * import type { KeyTime } from 'express-scim';
 *
 * export const expires: KeyTime = '2027-01-01T00:00:00Z';
 */
export type KeyTime = Date | string | number | bigint;

/**
 * What is stored of a connector key.
 *
 * `null` means absent, as in a database. A key with an unknown field, or with one that cannot be read, is refused
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

/**
 * What a connector key may do, and when.
 *
 * @example
 * import type { KeyRights } from 'express-scim';
 *
 * export const readOnly: KeyRights = { tenant: 'acme', scopes: ['read'] };
 */
export interface KeyRights {
  /** The tenant that the key provisions, at most 100 characters. Default `'default'`. */
  readonly tenant?: string | null | undefined;
  /** What the key may do. Default: everything. */
  readonly scopes?: Actor['scopes'] | null;
  /** Before this time the response is the 401 of an unknown key. Default: no such time. */
  readonly notBefore?: KeyTime | null | undefined;
  /** From this time on the response is the 401 of an unknown key. Default: it does not expire. */
  readonly expires?: KeyTime | null | undefined;
  /** False or 0: provisioning is switched off for the tenant; every request gets 403. Default true. */
  readonly enabled?: boolean | 0 | 1 | null | undefined;
  /**
   * The networks that requests may come from, in CIDR notation: `['203.0.113.0/24', '2001:db8::/32']`. From any other
   * address the response is the 401 of an unknown key. An empty list permits no address. Behind a proxy, set Express's
   * `trust proxy`. Default: every address.
   */
  readonly networks?: readonly string[] | null | undefined;
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
  /** Names the key in events and logs. Default: its own ID if it has one, otherwise the start of its digest. */
  readonly id?: string | null | undefined;
}

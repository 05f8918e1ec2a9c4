import { types } from 'node:util';
import type { Actor } from '../contract/context.js';
import { describe } from '../contract/describe.js';
import { isObject } from '../contract/is-object.js';
import { fieldNames, isAbsent, readBoolean } from '../contract/row-values.js';
import { type AllowedNetworks, networksExpected, parseNetworks } from './networks.js';
import { isScopes, isTenant, scopesExpected, tenantCharacters } from './parse-actor.js';

/** A connector key whose fields were all read. */
export interface ReadKey {
  readonly id: string;
  /** SHA-256 of the whole key, 64 hex digits in lower case. */
  readonly digest: string;
  readonly tenant: string | undefined;
  readonly scopes: Actor['scopes'];
  /** Milliseconds since 1970. */
  readonly notBefore: number | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number | undefined;
  readonly enabled: boolean | undefined;
  /** Undefined: every address is allowed. */
  readonly networks: AllowedNetworks | undefined;
  readonly data: unknown;
}

/** The result of parsing a row: a key, or what makes it unusable. Neither where there is no such key. */
export interface ParsedKey {
  readonly key: ReadKey | undefined;
  /** Everything that is wrong with it. Names fields and types, never a value. */
  readonly problem?: string | undefined;
}

const fields: readonly string[] = [
  'id',
  'digest',
  'tenant',
  'scopes',
  'notBefore',
  'expires',
  'enabled',
  'networks',
  'data',
];
const knownFields: ReadonlySet<string> = new Set(fields);

/** Other names of fields, in lower case without separators. */
// cspell:disable
const otherNames: Readonly<Record<string, string>> = {
  keyid: 'id',
  hash: 'digest',
  keydigest: 'digest',
  digesthex: 'digest',
  sha256: 'digest',
  tenantid: 'tenant',
  scope: 'scopes',
  permissions: 'scopes',
  validfrom: 'notBefore',
  startsat: 'notBefore',
  nbf: 'notBefore',
  expiresat: 'expires',
  expireson: 'expires',
  expiry: 'expires',
  expiration: 'expires',
  expirationdate: 'expires',
  expire: 'expires',
  expired: 'expires',
  exp: 'expires',
  validuntil: 'expires',
  revoked: 'enabled',
  revokedat: 'expires',
  disabled: 'enabled',
  isenabled: 'enabled',
  active: 'enabled',
  isactive: 'enabled',
  network: 'networks',
  allowednetworks: 'networks',
  allowedips: 'networks',
  ipallowlist: 'networks',
  allowlist: 'networks',
  cidr: 'networks',
  cidrs: 'networks',
};
// cspell:enable

/**
 * Parses a key as a database or a configuration returns it.
 *
 * `null` means absent, as databases say it. Dates are a Date, an ISO 8601 string with a time zone, or milliseconds; booleans
 * may be 0 and 1. A field that is unknown or cannot be read makes the key unusable: it never makes it stronger.
 */
export function parseKey(row: unknown): ParsedKey {
  if (isAbsent(row)) return { key: undefined };
  if (!isObject(row)) return { key: undefined, problem: `it must be an object; got ${describe(row)}` };
  const { id, digest, tenant, scopes: permitted, notBefore, expires, enabled, networks, data } = row;
  const start = readTime(notBefore);
  const end = readTime(expires);
  const isEnabled = isAbsent(enabled) ? undefined : readBoolean(enabled);
  const allowed = isAbsent(networks) ? undefined : parseNetworks(networks);
  const problems = fieldNames(row)
    .filter((name) => !knownFields.has(name) && row[name] !== undefined)
    .map(unknownField);
  const must = (name: string, value: unknown, expected: string): void => {
    problems.push(`${name} must be ${expected}; got ${describe(value)}`);
  };
  if (typeof id !== 'string' || id === '') must('id', id, 'a non-empty string');
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/i.test(digest)) {
    must('digest', digest, '64 hex digits, as digestConnectorKey returns them');
  }
  if (!isAbsent(tenant) && !isTenant(tenant)) {
    must('tenant', tenant, `a non-empty string of at most ${String(tenantCharacters)} characters`);
  }
  if (!isAbsent(permitted) && !isScopes(permitted)) must('scopes', permitted, scopesExpected);
  if (isEnabled === undefined && !isAbsent(enabled)) must('enabled', enabled, 'true or false (or 1 or 0)');
  if (typeof start === 'string') problems.push(`notBefore ${start}`);
  if (typeof end === 'string') problems.push(`expires ${end}`);
  if (allowed === undefined && !isAbsent(networks)) must('networks', networks, networksExpected);
  if (problems.length > 0) return { key: undefined, problem: problems.join('; ') };
  return {
    key: {
      id: String(id),
      digest: String(digest).toLowerCase(),
      tenant: isTenant(tenant) ? tenant : undefined,
      scopes: isScopes(permitted) ? [...permitted] : undefined,
      notBefore: typeof start === 'number' ? start : undefined,
      expires: typeof end === 'number' ? end : undefined,
      enabled: isEnabled,
      networks: allowed,
      data,
    },
  };
}

function unknownField(name: string): string {
  const folded = fold(name);
  const meant = otherNames[folded] ?? fields.find((field) => field.toLowerCase() === folded);
  const shown = JSON.stringify(name.slice(0, 60));
  if (meant !== undefined) return `there is no field ${shown}: did you mean ${meant}?`;
  if (isNameOfKey(name)) {
    return `there is no field ${shown}: store the digest of a key, as digestConnectorKey returns it, and never the key itself`;
  }
  return `there is no field ${shown}: write one of ${fields.join(', ')}, and put anything else into data`;
}

/** Whether somebody may have meant the plaintext key by the name of a field. */
export function isNameOfKey(name: string): boolean {
  // cspell:disable-next-line
  return ['key', 'secret', 'token', 'bearer', 'password', 'apikey', 'bearertoken', 'value'].includes(fold(name));
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}

/** Times before 1973 are seconds that were taken for milliseconds. */
const earliest = 100_000_000_000;
const expectedTime = 'must be a Date, an ISO 8601 string with a time zone, or milliseconds since 1970';

/** A time in milliseconds since 1970; undefined where there is none; a text that says what is wrong. */
function readTime(value: unknown): number | string | undefined {
  if (isAbsent(value)) return undefined;
  const time = toMilliseconds(value);
  if (time === undefined || !Number.isFinite(time)) return `${expectedTime}; got ${describe(value)}`;
  return Math.abs(time) < earliest && !isText(value) && !types.isDate(value)
    ? 'must be in milliseconds since 1970; got what seems to be seconds'
    : time;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function toMilliseconds(value: unknown): number | undefined {
  // Not instanceof: the Date may be of another realm.
  if (types.isDate(value)) return value.getTime();
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return isText(value) ? fromText(value) : undefined;
}

const isoText = /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?))?$/i;

// A time without a zone is refused: which zone is meant would be a guess, and could prolong the key by hours.
function fromText(text: string): number | undefined {
  const [, year = '', month = '', day = ''] = isoText.exec(text) ?? [];
  if (year === '') return undefined;
  // Date.parse takes February 30 for March 2.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCDate() !== Number(day)) return undefined;
  const zone = /([+-]\d{2})(\d{2})?$/.exec(text.slice(10));
  const normalized = text.replace(' ', 'T').toUpperCase();
  if (zone === null) return Date.parse(normalized);
  const [whole, hours = '', minutes = '00'] = zone;
  return Date.parse(`${normalized.slice(0, -whole.length)}${hours}:${minutes}`);
}

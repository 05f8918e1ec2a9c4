import type { Awaitable } from '../contract/awaitable.js';
import type { Scope } from '../contract/context.js';
import { isObject } from '../contract/is-object.js';
import { documentationPage } from '../documentation.js';
import type { JwtClaims } from './bearer-jwt.js';

/**
 * Signature algorithms that `jwtBearer` can accept (RFC 7518 3.1, RFC 8037, RFC 9864): those with a public key.
 *
 * @example
 * import type { JwtAlgorithm } from 'express-scim/jwt';
 *
 * export const algorithms: readonly JwtAlgorithm[] = ['RS256'];
 */
export type JwtAlgorithm =
  'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519';

const known: ReadonlySet<unknown> = new Set<JwtAlgorithm>([
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
]);

/**
 * Options of `jwtBearer`.
 *
 * @example
 * import type { JwtBearerOptions } from 'express-scim/jwt';
 *
 * export const options: JwtBearerOptions = {
 *   issuer: 'https://login.example.com/',
 *   audience: 'https://app.example.com/scim/v2',
 *   jwks: 'https://login.example.com/.well-known/jwks.json',
 *   tenant: 'org_id',
 *   scopes: 'scope',
 * };
 */
export interface JwtBearerOptions {
  /**
   * The `iss` claim that a token must have: one issuer, several with the same keys, or a function that returns `true` for
   * an issuer that is accepted. The function sees an issuer that nobody has verified yet.
   */
  readonly issuer: string | readonly string[] | ((issuer: string) => Awaitable<boolean>);
  /** What the `aud` claim must contain: one of these. */
  readonly audience: string | readonly string[];
  /**
   * The keys of the issuer: the URL of its JSON Web Key Set (RFC 7517), or the set itself. A URL must be https, unless it
   * is that of this machine.
   */
  readonly jwks: string | URL | { readonly keys: readonly object[] };
  /** Accepted signature algorithms. Default RS256, PS256, ES256, EdDSA and Ed25519. */
  readonly algorithms?: readonly JwtAlgorithm[] | undefined;
  /**
   * The tenant of the client: the name of a claim that is the tenant, or a function of the claims. Without a tenant, the
   * response is 401. Default: every client provisions the tenant `'default'`.
   */
  readonly tenant?: string | ((claims: JwtClaims) => Awaitable<string | null | undefined>) | undefined;
  /**
   * What the client may do: the name of a claim that contains SCIM scopes such as `users:read`, as a list or separated by
   * spaces, or a function of the claims. Other scopes are ignored; without any, the client may do nothing. Default:
   * everything.
   */
  readonly scopes?: string | ((claims: JwtClaims) => Awaitable<readonly Scope[] | null | undefined>) | undefined;
  /**
   * The ID of the client in events and logs: the name of a claim, or a function of the claims. Without one, the response
   * is 401. Default: the first of `azp`, `appid`, `client_id`, `cid` and `sub` that the token has.
   */
  readonly clientId?: string | ((claims: JwtClaims) => Awaitable<string | null | undefined>) | undefined;
  /** By how many seconds the clocks of issuer and app may differ, 0 to 300. Default 30. */
  readonly clockToleranceSeconds?: number | undefined;
  /** True: `jwks` may be an http URL of another machine, inside a network that you trust. Default false. */
  readonly allowHttp?: boolean | undefined;
  /** Fetches the key set. Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /**
   * Called each time that the key set cannot be fetched, at most every 30 seconds. Default: a process warning with the
   * code SCIM_JWKS_UNAVAILABLE.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The options of `jwtBearer`, checked. */
export interface ParsedJwtBearerOptions {
  readonly isIssuer: (issuer: string) => Awaitable<boolean>;
  readonly audience: readonly string[];
  /** A URL to fetch the keys from, or the set. */
  readonly jwks: URL | { readonly keys: readonly object[] };
  readonly algorithms: readonly string[];
  readonly clockToleranceSeconds: number;
}

const page = documentationPage('tokens.md#options-of-jwtbearer');
const defaultAlgorithms: readonly JwtAlgorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
const names: Readonly<Record<keyof JwtBearerOptions, string>> = {
  issuer: 'a text, a list of texts or a function',
  audience: 'a text or a list of texts',
  jwks: 'a URL or { keys }',
  algorithms: 'a list',
  tenant: 'the name of a claim or a function',
  scopes: 'the name of a claim or a function',
  clientId: 'the name of a claim or a function',
  clockToleranceSeconds: 'a number from 0 to 300',
  allowHttp: 'true or false',
  fetch: 'a function',
  onError: 'a function',
};

/** @throws TypeError for the first option that is wrong, with what to write instead */
export function parseJwtBearerOptions(options: unknown): ParsedJwtBearerOptions {
  if (!isObject(options)) throw mistake('write { issuer, audience, jwks }');
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown !== undefined) {
    throw mistake(`there is no option ${JSON.stringify(unknown)}: write ${Object.keys(names).join(', ')}`);
  }
  for (const name of ['tenant', 'scopes', 'clientId'] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'function' && !isText(value)) throw wrong(name);
  }
  for (const name of ['fetch', 'onError'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') throw wrong(name);
  }
  const { allowHttp, clockToleranceSeconds = 30 } = options;
  if (allowHttp !== undefined && typeof allowHttp !== 'boolean') throw wrong('allowHttp');
  if (typeof clockToleranceSeconds !== 'number' || !(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 300)) {
    throw wrong('clockToleranceSeconds');
  }
  return {
    isIssuer: parseIssuer(options['issuer']),
    audience: parseTexts(options['audience']) ?? raise('audience'),
    jwks: parseJwks(options['jwks'], allowHttp === true),
    algorithms: parseAlgorithms(options['algorithms']),
    clockToleranceSeconds,
  };
}

function parseIssuer(value: unknown): ParsedJwtBearerOptions['isIssuer'] {
  if (typeof value === 'function') {
    // Anything but true is no.
    return async (issuer) => (await (value as (issuer: string) => unknown)(issuer)) === true;
  }
  const issuers = parseTexts(value) ?? raise('issuer');
  return (issuer) => issuers.includes(issuer);
}

function parseJwks(value: unknown, allowHttp: boolean): ParsedJwtBearerOptions['jwks'] {
  if (isObject(value) && Array.isArray(value['keys'])) return { keys: value['keys'] as readonly object[] };
  const text = value instanceof URL ? value.href : value;
  if (typeof text !== 'string' || !URL.canParse(text)) throw wrong('jwks');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw mistake('jwks must be a URL without credentials');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && (allowHttp || isLoopback(url.hostname)))) return url;
  throw mistake('jwks must be an https URL: whoever can change the keys on their way can let themselves in');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function parseAlgorithms(value: unknown = defaultAlgorithms): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) throw wrong('algorithms');
  if (!value.every((algorithm): algorithm is string => known.has(algorithm))) {
    throw mistake(
      `algorithms must be some of ${[...known].join(', ')}: "none" proves nothing, and HS256 would take the public key ` +
        'for a secret',
    );
  }
  return value;
}

function parseTexts(value: unknown): readonly string[] | undefined {
  const list: unknown = isText(value) ? [value] : value;
  return Array.isArray(list) && list.length > 0 && list.every(isText) ? list : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function raise(name: keyof JwtBearerOptions): never {
  throw wrong(name);
}

function wrong(name: keyof JwtBearerOptions): TypeError {
  return mistake(`${name} must be ${names[name]}`);
}

function mistake(text: string): TypeError {
  return new TypeError(`jwtBearer: ${text}. See ${page}`);
}

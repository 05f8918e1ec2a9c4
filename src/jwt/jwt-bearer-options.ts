import type { Awaitable } from '../contract/awaitable.js';
import type { Scope } from '../contract/context.js';
import { isObject } from '../contract/is-object.js';
import type { JwtClaims } from './bearer-jwt.js';
import { type OptionRules, checkOptions } from '../contract/option-mistakes.js';

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
   * an issuer that is accepted. The function gets an issuer that has not been verified.
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

const defaultAlgorithms: readonly JwtAlgorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
const rules: OptionRules<keyof JwtBearerOptions> = {
  of: 'jwtBearer',
  page: 'tokens.md#options-of-jwtbearer',
  required: ['issuer', 'audience', 'jwks'],
  kinds: {
    issuer: ['string', 'list', 'function'],
    audience: ['string', 'list'],
    jwks: ['string', 'object'],
    algorithms: 'list',
    tenant: ['string', 'function'],
    scopes: ['string', 'function'],
    clientId: ['string', 'function'],
    clockToleranceSeconds: 'number',
    allowHttp: 'boolean',
    fetch: 'function',
    onError: 'function',
  },
};

/** @throws TypeError that names every wrong option, and what to write instead */
export function parseJwtBearerOptions(options: JwtBearerOptions): ParsedJwtBearerOptions {
  checkOptions(options, rules, ({ issuer, audience, jwks, algorithms, allowHttp, clockToleranceSeconds }) => [
    mistakeInTexts('issuer', issuer),
    mistakeInTexts('audience', audience),
    mistakeInKeys(jwks, allowHttp === true),
    mistakeInAlgorithms(algorithms),
    typeof clockToleranceSeconds === 'number' && clockToleranceSeconds > 300
      ? 'clockToleranceSeconds must be at most 300'
      : undefined,
  ]);
  const { issuer, audience, jwks, algorithms = defaultAlgorithms, clockToleranceSeconds = 30 } = options;
  return {
    isIssuer: issuerCheck(issuer),
    audience: [audience].flat(),
    jwks: typeof jwks === 'string' ? new URL(jwks) : jwks,
    algorithms,
    clockToleranceSeconds,
  };
}

function issuerCheck(issuer: JwtBearerOptions['issuer']): ParsedJwtBearerOptions['isIssuer'] {
  // Anything but true is no.
  if (typeof issuer === 'function') return async (sent) => ((await issuer(sent)) as unknown) === true;
  const issuers = [issuer].flat();
  return (sent) => issuers.includes(sent);
}

function mistakeInTexts(name: string, value: unknown): string | undefined {
  if (!Array.isArray(value) || (value.length > 0 && value.every(isText))) return undefined;
  return `${name} must be a list of non-empty strings, with at least one`;
}

function mistakeInKeys(jwks: unknown, allowHttp: boolean): string | undefined {
  if (typeof jwks !== 'string' && !isObject(jwks)) return undefined;
  if (isObject(jwks) && Array.isArray(jwks['keys'])) return undefined;
  const text = jwks instanceof URL ? jwks.href : jwks;
  if (typeof text !== 'string' || !URL.canParse(text)) return 'jwks must be an absolute URL or { keys }';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'jwks must be a URL without credentials';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && (allowHttp || isLoopback(url.hostname))))
    return undefined;
  return 'jwks must be an https URL: whoever can change the keys in transit can sign their own tokens';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function mistakeInAlgorithms(algorithms: unknown): string | undefined {
  if (!Array.isArray(algorithms)) return undefined;
  if (algorithms.length === 0) return 'algorithms must name at least one algorithm';
  if (algorithms.every((algorithm) => known.has(algorithm))) return undefined;
  return (
    `algorithms may contain ${[...known].join(', ')}: "none" proves nothing, and with HS256 the public key would be ` +
    'the secret'
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

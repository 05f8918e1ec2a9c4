import type { ConnectorKeys } from '../auth/connector-keys.js';
import type { Actor } from '../contract/context.js';
import { isObject } from '../contract/is-object.js';
import { fromJwk, fromSecret, shortestSecret, type SigningKey } from './signing-keys.js';
import { checkOptions, type OptionRules, usageError } from '../contract/option-mistakes.js';

/**
 * Options of `tokenEndpoint`. It needs `secret` or `signingKeys`, the same in every process.
 *
 * @example
 * import { connectorKeys } from 'express-scim';
 * import type { TokenEndpointOptions } from 'express-scim/jwt';
 *
 * export const options: TokenEndpointOptions = {
 *   keys: connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }]),
 *   issuer: 'https://app.example.com',
 *   secret: [process.env['NEW_SECRET'] ?? '', process.env['OLD_SECRET'] ?? ''],
 * };
 */
export interface TokenEndpointOptions {
  /** The keys that clients send as client secrets: `connectorKeys(...)` or `connectionAuthenticator(...)`. */
  readonly keys: ConnectorKeys;
  /** The `iss` claim of the tokens: an https URL that names your app. */
  readonly issuer: string;
  /** The `aud` claim of the tokens. Default: `issuer`. */
  readonly audience?: string | undefined;
  /**
   * Signs tokens with HS256: 32 characters or more. Of a list, the first one signs and all of them verify: put a new one
   * in front, and remove the old one after `lifetimeSeconds`.
   */
  readonly secret?: string | readonly string[] | undefined;
  /** Signs tokens with EdDSA or ES256: private JSON Web Keys (Ed25519, P-256). The first one signs, all of them verify. */
  readonly signingKeys?: readonly object[] | undefined;
  /** How long a token is valid, 60 to 86,400 seconds. Default 3,600; the Entra gallery asks for 3,600 to 21,600. */
  readonly lifetimeSeconds?: number | undefined;
  /** The values that a client may send as `client_id`. Default: the ID of the key, and its tenant. */
  readonly clientIds?: ((actor: Actor) => readonly string[]) | undefined;
  /** A page about it, for `authenticationSchemes` of ServiceProviderConfig. Default: none. */
  readonly documentationUri?: string | undefined;
  /** Called when the keys cannot be read. Default: a process warning with the code SCIM_TOKEN_ENDPOINT. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The options of `tokenEndpoint`, checked. */
export interface ParsedTokenEndpointOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly signingKeys: readonly [SigningKey, ...SigningKey[]];
  readonly lifetimeSeconds: number;
  readonly clientIds: (actor: Actor) => readonly string[];
  readonly onError: (error: unknown) => void;
}

const rules: OptionRules<keyof TokenEndpointOptions> = {
  of: 'tokenEndpoint',
  page: 'tokens.md#options-of-tokenendpoint',
  required: ['keys', 'issuer'],
  kinds: {
    keys: 'object',
    issuer: 'string',
    audience: 'string',
    secret: ['string', 'list'],
    signingKeys: 'list',
    lifetimeSeconds: 'number',
    clientIds: 'function',
    documentationUri: 'string',
    onError: 'function',
  },
};

/** @throws TypeError that names every wrong option, and what to write instead */
export function parseTokenEndpointOptions(options: TokenEndpointOptions): ParsedTokenEndpointOptions {
  checkOptions(options, rules, ({ keys, issuer, lifetimeSeconds, documentationUri, secret, signingKeys }) => [
    keys === undefined || isConnectorKeys(keys)
      ? undefined
      : 'keys must be connectorKeys(...) or connectionAuthenticator(...)',
    typeof issuer === 'string' && !isIssuer(issuer)
      ? 'issuer must be an https URL, without a query or fragment'
      : undefined,
    lifetimeSeconds === undefined || isLifetime(lifetimeSeconds)
      ? undefined
      : 'lifetimeSeconds must be an integer from 60 to 86,400',
    typeof documentationUri === 'string' && !URL.canParse(documentationUri)
      ? 'documentationUri must be a URL'
      : undefined,
    mistakeInSecrets(secret, signingKeys),
  ]);
  const { issuer, audience = issuer, lifetimeSeconds = 3_600, clientIds = defaultClientIds, onError = warn } = options;
  const checkedClientIds = (actor: Actor): readonly string[] => {
    const ids: unknown = clientIds(actor);
    if (!Array.isArray(ids)) throw usageError(rules.of, 'clientIds must return a list of strings', rules.page);
    return ids.filter((id): id is string => typeof id === 'string' && id !== '');
  };
  const signingKeys = signingKeysOf(options);
  return { issuer, audience, signingKeys, lifetimeSeconds, clientIds: checkedClientIds, onError };
}

function defaultClientIds({ id, tenant = 'default' }: Actor): readonly string[] {
  return [id, tenant];
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : 'tokenEndpoint: the keys cannot be read.', {
    type: 'ExpressScimWarning',
    code: 'SCIM_TOKEN_ENDPOINT',
  });
}

function isConnectorKeys(keys: unknown): boolean {
  return isObject(keys) && typeof keys['verify'] === 'function' && typeof keys['current'] === 'function';
}

function mistakeInSecrets(secret: unknown, signingKeys: unknown): string | undefined {
  const secrets: readonly unknown[] = [secret ?? []].flat();
  const keys: readonly unknown[] = [signingKeys ?? []].flat();
  if (!secrets.every((each) => typeof each === 'string' && each.length >= shortestSecret)) {
    return `secret must be a string of at least ${String(shortestSecret)} characters, or a list of such strings`;
  }
  if (!keys.every(isObject)) return 'signingKeys must be a list of private JSON Web Keys';
  return secrets.length + keys.length > 0
    ? undefined
    : 'secret or signingKeys is required: random keys would differ between processes';
}

function signingKeysOf({ secret, signingKeys = [] }: TokenEndpointOptions): ParsedTokenEndpointOptions['signingKeys'] {
  // Both kinds are for the time of a change: the signature keys sign, because they were added.
  const found = [
    ...signingKeys.map((jwk) => fromJwk({ ...jwk })),
    ...(secret === undefined ? [] : [secret].flat().map(fromSecret)),
  ];
  const [first, ...others] = found;
  if (first === undefined || new Set(found.map(({ kid }) => kid)).size < found.length) {
    throw usageError(rules.of, 'every signing key must be listed once only', rules.page);
  }
  return [first, ...others];
}

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash, hostname } = new URL(text);
  const isLocal = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return (protocol === 'https:' || (protocol === 'http:' && isLocal)) && search === '' && hash === '';
}

function isLifetime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 60 && value <= 86_400;
}

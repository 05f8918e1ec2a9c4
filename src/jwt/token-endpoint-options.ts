import type { ConnectorKeys } from '../auth/connector-keys.js';
import type { Actor } from '../contract/context.js';
import { isObject } from '../contract/is-object.js';
import { documentationPage } from '../documentation.js';
import { fromJwk, fromSecret, type SigningKey } from './signing-keys.js';

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

const page = documentationPage('tokens.md#options-of-tokenendpoint');
const names: Readonly<Record<keyof TokenEndpointOptions, string>> = {
  keys: 'connectorKeys(...) or connectionAuthenticator(...)',
  issuer: 'an https URL, without query and fragment',
  audience: 'a non-empty text',
  secret: 'a text of at least 32 characters, or a list of them',
  signingKeys: 'a list of private JSON Web Keys',
  lifetimeSeconds: 'a whole number from 60 to 86,400',
  clientIds: 'a function',
  documentationUri: 'a URL',
  onError: 'a function',
};

/** @throws TypeError for the first option that is wrong, with what to write instead */
export function parseTokenEndpointOptions(options: unknown): ParsedTokenEndpointOptions {
  if (!isObject(options)) throw mistake('write { keys, issuer, secret }');
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown !== undefined) {
    throw mistake(`there is no option ${JSON.stringify(unknown)}: write ${Object.keys(names).join(', ')}`);
  }
  const { keys, issuer, audience = issuer, lifetimeSeconds = 3_600, clientIds = defaultClientIds } = options;
  const { onError = warn, documentationUri } = options;
  if (!isObject(keys) || typeof keys['verify'] !== 'function' || typeof keys['current'] !== 'function') {
    throw wrong('keys');
  }
  if (typeof issuer !== 'string' || !isIssuer(issuer)) throw wrong('issuer');
  if (typeof audience !== 'string' || audience === '') throw wrong('audience');
  if (!isLifetime(lifetimeSeconds)) throw wrong('lifetimeSeconds');
  if (!isFunction<ParsedTokenEndpointOptions['clientIds']>(clientIds)) throw wrong('clientIds');
  if (!isFunction<ParsedTokenEndpointOptions['onError']>(onError)) throw wrong('onError');
  if (documentationUri !== undefined && !(typeof documentationUri === 'string' && URL.canParse(documentationUri))) {
    throw wrong('documentationUri');
  }
  const signingKeys = parseSigningKeys(options['secret'], options['signingKeys']);
  const checkedClientIds = (actor: Actor): readonly string[] => {
    const ids: unknown = clientIds(actor);
    if (!Array.isArray(ids)) throw new TypeError('tokenEndpoint: clientIds must return a list of texts.');
    return ids.filter((id): id is string => typeof id === 'string' && id !== '');
  };
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

function parseSigningKeys(secret: unknown, jwks: unknown): ParsedTokenEndpointOptions['signingKeys'] {
  const secrets: unknown = typeof secret === 'string' ? [secret] : (secret ?? []);
  const jwkList: unknown = jwks ?? [];
  if (!Array.isArray(secrets) || !secrets.every((each) => typeof each === 'string')) throw wrong('secret');
  if (!Array.isArray(jwkList) || !jwkList.every(isObject)) throw wrong('signingKeys');
  // Two kinds at once are for the time of a change: the signature keys sign, because they were added.
  const [first, ...others] = [...jwkList.map(fromJwk), ...secrets.map(fromSecret)];
  if (first === undefined) throw mistake('write secret or signingKeys: what is random would differ between processes');
  if (new Set([first, ...others].map(({ kid }) => kid)).size <= others.length)
    throw mistake('a signing key is there twice');
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

function isFunction<F>(value: unknown): value is F {
  return typeof value === 'function';
}

function wrong(name: keyof TokenEndpointOptions): TypeError {
  return mistake(`${name} must be ${names[name]}`);
}

function mistake(text: string): TypeError {
  return new TypeError(`tokenEndpoint: ${text}. See ${page}`);
}

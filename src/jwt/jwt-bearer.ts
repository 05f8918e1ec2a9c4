import type { IncomingMessage } from 'node:http';
import createDebug from 'debug';
import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { AuthenticationScheme, Authenticator } from '../auth/authenticate.js';
import { noteCreator } from '../auth/creators.js';
import { scopes as knownScopes } from '../auth/parse-actor.js';
import type { Actor, Scope } from '../contract/context.js';
import { isScimError } from '../errors.js';
import { type JwtClaims, type SentJwt, sentJwt, textOf } from './bearer-jwt.js';
import { type JwtBearerOptions, parseJwtBearerOptions } from './jwt-bearer-options.js';
import { localKeySet, remoteKeySet } from './key-set.js';

const debug = createDebug('express-scim:jwt');

/**
 * Access tokens of an authorization server, as ServiceProviderConfig shows them (RFC 7643 5).
 *
 * @example
 * import { accessTokenScheme } from 'express-scim/jwt';
 *
 * export const schemes = [{ ...accessTokenScheme, documentationUri: 'https://app.example.com/help/scim' }];
 */
export const accessTokenScheme: AuthenticationScheme = {
  type: 'oauthbearertoken',
  name: 'OAuth 2.0 access token',
  description: 'A JSON Web Token of an authorization server in the Authorization header, as a bearer token.',
  specUri: 'https://www.rfc-editor.org/info/rfc6750',
};

/** Types of a token that is meant for an API: that of RFC 9068, and the one of RFC 7519, which most servers write. */
const acceptedTypes: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt']);

const clientIdClaims = ['azp', 'appid', 'client_id', 'cid', 'sub'];
const longestClientId = 200;

/**
 * Authenticates JSON Web Tokens (RFC 7519) of an authorization server: the `authenticate` option of `createScimRouter`,
 * alone or in `anyAuthenticator`.
 *
 * A token needs a valid signature, `iss`, `aud` and `exp`; if one of them is wrong, the response is the same 401 as for an
 * unknown key. The claims are in `ctx.actor.data` of your hooks. Keys are fetched when the first token arrives, cached for
 * 10 minutes, and fetched again for an unknown key ID, at most every 30 seconds. While they cannot be fetched, the cached
 * keys serve for 24 hours; after that, and for an unknown key ID, the response is 503 with Retry-After.
 *
 * @throws TypeError for a wrong option
 * @example
 * import { createScimRouter, MemoryStore } from 'express-scim';
 * import { jwtBearer } from 'express-scim/jwt';
 *
 * export const router = createScimRouter(new MemoryStore(), {
 *   authenticate: jwtBearer({
 *     issuer: 'https://login.example.com/',
 *     audience: 'https://app.example.com/scim/v2',
 *     jwks: 'https://login.example.com/.well-known/jwks.json',
 *     tenant: 'org_id',
 *     scopes: 'scope',
 *   }),
 * });
 */
export function jwtBearer(options: JwtBearerOptions): Authenticator<IncomingMessage> {
  const { isIssuer, audience, jwks, algorithms, clockToleranceSeconds } = parseJwtBearerOptions(options);
  const keys = createKeySet(jwks, options);
  const verifyOptions = {
    audience: [...audience],
    algorithms: [...algorithms],
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['iss', 'exp'],
  };

  const verify = async (sent: SentJwt): Promise<Actor | undefined> => {
    const { header, claims } = sent;
    const issuer = textOf(claims, 'iss');
    // Before the keys: a token of another issuer may be for the next authenticator.
    if (issuer === undefined || !(await isIssuer(issuer))) return refuse('it has another issuer');
    const { typ } = header;
    if (!acceptedTypes.has(typeof typ === 'string' ? typ.toLowerCase() : typ)) return refuse('it has another typ');
    try {
      await jwtVerify(sent.token, keys, verifyOptions);
    } catch (error) {
      if (isScimError(error)) throw error;
      return refuse(error instanceof errors.JOSEError ? error.code : 'its signature cannot be verified');
    }
    // RFC 9449 7.1, RFC 8705 3: such a token is valid only with a proof that a bearer token does not have.
    if (Object.hasOwn(claims, 'cnf')) return refuse('it is bound to a key of its client');
    return actorOf(claims, options);
  };
  return {
    schemes: [accessTokenScheme],
    authenticate(req) {
      const sent = sentJwt(req);
      return sent === undefined ? undefined : verify(sent);
    },
  };
}

noteCreator(jwtBearer, 'jwtBearer({ ... })');

function createKeySet(jwks: URL | object, { fetch: send, onError = warn }: JwtBearerOptions): JWTVerifyGetKey {
  if (!(jwks instanceof URL)) return localKeySet(jwks);
  return remoteKeySet({
    url: jwks,
    // Looked up with each fetch: an app may replace the global function after this module is loaded.
    fetch: send ?? ((...call) => fetch(...call)),
    onError,
    clock: () => performance.now(),
  });
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : 'jwtBearer: the key set cannot be read.', {
    type: 'ExpressScimWarning',
    code: 'SCIM_JWKS_UNAVAILABLE',
  });
}

function refuse(reason: string): undefined {
  debug('a token is refused: %s', reason);
  return undefined;
}

/** The client that verified claims describe. What a function returns is parsed by the router, as every actor is. */
async function actorOf(claims: JwtClaims, options: JwtBearerOptions): Promise<Actor | undefined> {
  const id = await clientIdOf(claims, options.clientId);
  if (typeof id === 'string' && (id === '' || id.length > longestClientId)) return refuse('it has no usable client ID');
  if (isAbsent(id)) return refuse('it has no client ID');
  const { tenant, scopes } = options;
  const actor: Actor = { id, scopes: scopes === undefined ? undefined : await scopesOf(claims, scopes), data: claims };
  if (tenant === undefined) return actor;
  const found = typeof tenant === 'string' ? textOf(claims, tenant) : await tenant(claims);
  // Not the tenant 'default': that is another one.
  return isAbsent(found) ? refuse('it has no tenant') : { ...actor, tenant: found };
}

async function clientIdOf(claims: JwtClaims, option: JwtBearerOptions['clientId']): Promise<string | null | undefined> {
  if (typeof option === 'function') return option(claims);
  const names = option === undefined ? clientIdClaims : [option];
  return names.map((name) => textOf(claims, name)).find((id) => id !== undefined);
}

async function scopesOf(claims: JwtClaims, option: NonNullable<JwtBearerOptions['scopes']>): Promise<readonly Scope[]> {
  // No scopes are no rights: an actor without the field would have all of them.
  if (typeof option === 'function') return (await option(claims)) ?? [];
  const value = Object.hasOwn(claims, option) ? claims[option] : undefined;
  const named: readonly unknown[] = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  return knownScopes.filter((scope) => named.includes(scope));
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuthenticationScheme, Authenticator } from '../auth/authenticate.js';
import { noteCreator } from '../auth/creators.js';
import type { Actor } from '../contract/context.js';
import { isScimError } from '../errors.js';
import { type AccessTokens, accessTokens } from './access-tokens.js';
import { sentJwt } from './bearer-jwt.js';
import { covers, parseScope, scopesInBoth } from './scopes.js';
import { TokenError } from './token-error.js';
import { parseTokenEndpointOptions, type TokenEndpointOptions } from './token-endpoint-options.js';
import { invalidClient, readTokenRequest, type TokenRequest } from './token-request.js';

/**
 * A token endpoint, and the authenticator of the tokens that it issues.
 *
 * @example
 * import { createScimRouter, MemoryStore } from 'express-scim';
 * import type { TokenEndpoint } from 'express-scim/jwt';
 *
 * export function routerFor({ authenticator }: TokenEndpoint) {
 *   return createScimRouter(new MemoryStore(), { authenticate: authenticator });
 * }
 */
export interface TokenEndpoint {
  /** Mount it in front of body parsers, with `app.use` or `app.post`. It responds to every request. */
  readonly handler: (req: IncomingMessage, res: ServerResponse) => void;
  /** Accepts the tokens. Put it into `anyAuthenticator` with the keys to accept keys as bearer tokens too. */
  readonly authenticator: Authenticator<IncomingMessage>;
}

/** What a response of the endpoint says. */
interface TokenResponse {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Creates a token endpoint for the client-credentials grant of OAuth 2.0 (RFC 6749 4.4): an identity provider sends a
 * connector key as its client secret, and gets an access token (RFC 9068) that is valid for an hour.
 *
 * A token has no rights of its own: the key is checked again in each request, as `connectorKeys` caches it. If the key is
 * revoked, expired, disabled or limited to other networks, its tokens are refused too. Errors are those of RFC 6749 5.2.
 *
 * @throws TypeError for a wrong option
 * @example
 * import express from 'express';
 * import { anyAuthenticator, connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
 * import { tokenEndpoint } from 'express-scim/jwt';
 *
 * const app = express();
 * const keys = connectorKeys([{ key: process.env['SCIM_KEY'] ?? '', tenant: 'acme' }]);
 * const oauth = tokenEndpoint({
 *   keys,
 *   issuer: 'https://app.example.com',
 *   secret: process.env['SCIM_TOKEN_SECRET'] ?? '',
 * });
 * app.use('/oauth/token', oauth.handler);
 * app.use(
 *   '/scim/v2',
 *   createScimRouter(new MemoryStore(), { authenticate: anyAuthenticator(oauth.authenticator, keys) }),
 * );
 */
export function tokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  const { issuer, audience, signingKeys, lifetimeSeconds, clientIds, onError } = parseTokenEndpointOptions(options);
  const { keys } = options;
  const tokens = accessTokens({ issuer, audience, keys: signingKeys, lifetimeSeconds });

  const issue = async (req: IncomingMessage): Promise<TokenResponse> => {
    const request = await readTokenRequest(req);
    const actor = await keys.verify(request.clientSecret, req);
    if (actor === undefined || !clientIds(actor).includes(request.clientId)) throw invalidClient();
    const scopes = requestedScopes(request, actor);
    const granted = scopes ?? actor.scopes ?? [];
    const body = {
      access_token: await tokens.sign({ keyId: actor.id, scopes }, request.clientId),
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      // RFC 6749 5.1: required where it is not what the client asked for.
      ...(granted.length === 0 ? {} : { scope: granted.join(' ') }),
    };
    return { status: 200, body, headers: {} };
  };

  return {
    handler(req, res) {
      issue(req)
        .catch((error: unknown) => toResponse(error, onError))
        .then((response) => write(res, response))
        .catch(onError);
    },
    authenticator: {
      schemes: [{ ...clientCredentialsScheme, documentationUri: options.documentationUri }],
      authenticate(req) {
        const sent = sentJwt(req);
        return sent === undefined || !tokens.isOwn(sent) ? undefined : currentActor(sent, req, tokens, keys);
      },
    },
  };
}

noteCreator(tokenEndpoint, 'tokenEndpoint({ ... }).authenticator');

/** Access tokens of the token endpoint, as ServiceProviderConfig shows them (RFC 7643 5). */
const clientCredentialsScheme: AuthenticationScheme = {
  type: 'oauth2',
  name: 'OAuth 2.0 client credentials',
  description:
    'The client-credentials grant with a connector key as the client secret; the access token is sent in the ' +
    'Authorization header, as a bearer token.',
  specUri: 'https://www.rfc-editor.org/info/rfc6749',
};

async function currentActor(
  sent: Parameters<AccessTokens['verify']>[0],
  req: IncomingMessage,
  tokens: AccessTokens,
  keys: TokenEndpointOptions['keys'],
): Promise<Actor | undefined> {
  const token = await tokens.verify(sent);
  const actor = token === undefined ? undefined : await keys.current(token.keyId, req);
  if (token === undefined || actor === undefined) return undefined;
  return token.scopes === undefined ? actor : { ...actor, scopes: scopesInBoth(actor.scopes, token.scopes) };
}

/**
 * What the token is to be limited to; undefined: what the key may do, whenever the token is used.
 *
 * @throws TokenError for a scope that is unknown, or that the key does not have (RFC 6749 5.2)
 */
function requestedScopes({ scope }: TokenRequest, { scopes }: Actor): Actor['scopes'] {
  if (scope === undefined) return undefined;
  const requested = parseScope(scope);
  if (requested === undefined || !covers(scopes, requested)) {
    throw new TokenError(400, 'invalid_scope', 'The key does not have this scope. Without scope it gets all it has.');
  }
  return requested;
}

function toResponse(error: unknown, onError: (error: unknown) => void): TokenResponse {
  if (error instanceof TokenError) {
    const { status, code, message, headers } = error;
    return { status, body: { error: code, error_description: message }, headers };
  }
  // Too many lookups of unknown keys, or whatever the lookup threw on purpose.
  if (isScimError(error) && (error.status === 429 || error.status === 503)) {
    if (error.status === 503) onError(error);
    const body = { error: 'temporarily_unavailable', error_description: 'Try again later.' };
    return { status: error.status, body, headers: { 'retry-after': error.headers?.['retry-after'] ?? '5' } };
  }
  onError(error);
  const body = { error: 'temporarily_unavailable', error_description: 'The service is busy. Try again later.' };
  return { status: 503, body, headers: { 'retry-after': '5' } };
}

function write(res: ServerResponse, { status, body, headers }: TokenResponse): void {
  if (res.headersSent || res.destroyed) return;
  res.removeHeader('X-Powered-By');
  const json = Buffer.from(JSON.stringify(body));
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': json.length,
    // RFC 6749 5.1
    'cache-control': 'no-store',
    pragma: 'no-cache',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  res.end(json);
}

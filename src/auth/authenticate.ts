import type { IncomingMessage } from 'node:http';
import type { Actor } from '../contract/context.js';
import type { Awaitable } from '../contract/awaitable.js';

/**
 * Returns the client, or undefined for 401; a throw is 503.
 *
 * It sees the headers only: no byte of the body has been read.
 */
export type Authenticate<Req extends IncomingMessage = IncomingMessage> = (req: Req) => Awaitable<Actor | undefined>;

/** RFC 7643 5: how a client authenticates, as ServiceProviderConfig announces it. */
export interface AuthenticationScheme {
  readonly type: 'oauth' | 'oauth2' | 'oauthbearertoken' | 'httpbasic' | 'httpdigest';
  readonly name: string;
  readonly description: string;
  readonly specUri?: string | undefined;
  readonly documentationUri?: string | undefined;
  readonly primary?: boolean | undefined;
}

/** An `authenticate` with the schemes that it announces. */
export interface Authenticator<Req extends IncomingMessage = IncomingMessage> {
  readonly authenticate: Authenticate<Req>;
  readonly schemes: readonly AuthenticationScheme[];
}

/** RFC 6750: the scheme of every identity provider's "secret token". */
export const bearerScheme: AuthenticationScheme = {
  type: 'oauthbearertoken',
  name: 'OAuth Bearer Token',
  description: 'A connector key in the Authorization header, as a bearer token.',
  specUri: 'https://www.rfc-editor.org/info/rfc6750',
  primary: true,
};

const bearer = /^Bearer +([\x21-\x7e]{1,4096})$/i;

/** The token of `Authorization: Bearer token`, never from a query or a cookie. */
export function bearerToken(req: IncomingMessage): string | undefined {
  const header = req.headers.authorization;
  return header === undefined ? undefined : bearer.exec(header)?.[1];
}

/**
 * Tries several ways to authenticate, in order.
 *
 * @example
 * authenticate: anyOf(connectorKeys(keys), myOwn)
 */
export function anyAuthenticator<Req extends IncomingMessage = IncomingMessage>(
  ...ways: readonly (Authenticate<Req> | Authenticator<Req>)[]
): Authenticator<Req> {
  if (ways.length === 0) throw new TypeError('anyOf needs at least one way to authenticate.');
  const authenticators = ways.map(toAuthenticator);
  return {
    schemes: authenticators.flatMap((way) => way.schemes),
    async authenticate(req) {
      for (const way of authenticators) {
        const actor = await way.authenticate(req);
        if (actor !== undefined) return actor;
      }
      return undefined;
    },
  };
}

/** A bare function announces the bearer scheme. */
export function toAuthenticator<Req extends IncomingMessage>(
  way: Authenticate<Req> | Authenticator<Req>,
): Authenticator<Req> {
  return typeof way === 'function' ? { authenticate: way, schemes: [bearerScheme] } : way;
}

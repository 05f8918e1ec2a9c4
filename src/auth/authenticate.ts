import type { IncomingMessage } from 'node:http';
import type { Actor } from '../contract/context.js';
import type { Awaitable } from '../contract/awaitable.js';
import { describe } from '../contract/describe.js';
import { isObject } from '../contract/is-object.js';
import { callOfCreator, noteCreator } from './creators.js';
import { parseActor } from './parse-actor.js';
import { usageError } from '../contract/option-mistakes.js';

/**
 * Returns the client; `undefined`, `null` or `false` for 401. An error that it throws becomes 503, unless it is a
 * ScimError.
 *
 * Anything else, such as `true` or an object without an `id`, is also a 401, and is reported once to `onError`.
 *
 * It runs before the body is read, so it can use the headers and the URL only.
 *
 * @example
 * import { type Authenticate, bearerToken } from 'express-scim';
 *
 * declare const tokens: { verify(token: string): Promise<{ readonly clientId: string; readonly tenant: string } | undefined> };
 *
 * export const authenticate: Authenticate = async (req) => {
 *   const token = bearerToken(req);
 *   const client = token === undefined ? undefined : await tokens.verify(token);
 *   return client === undefined ? undefined : { id: client.clientId, tenant: client.tenant };
 * };
 */
export type Authenticate<Req extends IncomingMessage = IncomingMessage> = (
  req: Req,
) => Awaitable<Actor | undefined | null | false>;

/**
 * A way to authenticate, as ServiceProviderConfig shows it (RFC 7643 5).
 *
 * @example
 * import type { AuthenticationScheme } from 'express-scim';
 *
 * export const oauth: AuthenticationScheme = {
 *   type: 'oauth2',
 *   name: 'OAuth 2.0',
 *   description: 'Client credentials, with an access token in the Authorization header.',
 *   specUri: 'https://www.rfc-editor.org/info/rfc6749',
 * };
 */
export interface AuthenticationScheme {
  readonly type: 'oauth' | 'oauth2' | 'oauthbearertoken' | 'httpbasic' | 'httpdigest';
  readonly name: string;
  readonly description: string;
  readonly specUri?: string | undefined;
  readonly documentationUri?: string | undefined;
  readonly primary?: boolean | undefined;
}

/**
 * An `authenticate` function with the schemes that ServiceProviderConfig shows for it.
 *
 * @example
 * import { type Authenticator, bearerScheme, bearerToken } from 'express-scim';
 *
 * declare const verify: (token: string) => { readonly id: string } | undefined;
 *
 * export const authenticator: Authenticator = {
 *   schemes: [bearerScheme],
 *   authenticate: (req) => verify(bearerToken(req) ?? ''),
 * };
 */
export interface Authenticator<Req extends IncomingMessage = IncomingMessage> {
  readonly authenticate: Authenticate<Req>;
  readonly schemes: readonly AuthenticationScheme[];
}

/**
 * Bearer tokens (RFC 6750): how every identity provider sends its "secret token". A bare `authenticate` function gets it.
 *
 * @example
 * import { type AuthenticationScheme, bearerScheme } from 'express-scim';
 *
 * export const schemes: readonly AuthenticationScheme[] = [
 *   { ...bearerScheme, documentationUri: 'https://app.example.com/help/scim' },
 * ];
 */
export const bearerScheme: AuthenticationScheme = {
  type: 'oauthbearertoken',
  name: 'OAuth Bearer Token',
  description: 'A connector key in the Authorization header, as a bearer token.',
  specUri: 'https://www.rfc-editor.org/info/rfc6750',
  primary: true,
};

const page = 'options.md#authenticate';

const bearer = /^Bearer +([\x21-\x7e]{1,4096})$/i;

/**
 * The token of `Authorization: Bearer token` (RFC 6750 2.1), up to 4,096 characters; undefined if there is none. It is
 * never taken from a query or a cookie.
 *
 * @example
 * import type { IncomingMessage } from 'node:http';
 * import { bearerToken, digestConnectorKey } from 'express-scim';
 *
 * export function digestOfRequest(req: IncomingMessage): string | undefined {
 *   const token = bearerToken(req);
 *   return token === undefined ? undefined : digestConnectorKey(token);
 * }
 */
export function bearerToken(req: IncomingMessage): string | undefined {
  const header = req.headers.authorization;
  return header === undefined ? undefined : bearer.exec(header)?.[1];
}

/**
 * Combines several ways to authenticate. They are tried in order, and the first one that accepts the client decides.
 *
 * @throws TypeError if none is passed, or anything but a function or an authenticator
 * @example
 * import { anyAuthenticator, type Authenticate, connectorKeys } from 'express-scim';
 *
 * declare const accessToken: Authenticate;
 *
 * const keys = connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }]);
 * export const authenticate = anyAuthenticator(keys, accessToken);
 */
export function anyAuthenticator<Req extends IncomingMessage = IncomingMessage>(
  ...ways: readonly (Authenticate<Req> | Authenticator<Req>)[]
): Authenticator<Req> {
  if (ways.length === 0) {
    throw usageError('anyAuthenticator', 'pass at least one function or authenticator', page);
  }
  const mistakes = ways.flatMap((way: unknown, index) => {
    const mistake = authenticatorMistake(way);
    return mistake === undefined ? [] : [`argument ${String(index)} ${mistake}`];
  });
  if (mistakes.length > 0) throw usageError('anyAuthenticator', mistakes, page);
  const authenticators = ways.map(toAuthenticator);
  return {
    schemes: authenticators.flatMap((way) => way.schemes),
    async authenticate(req) {
      // A value that is neither an actor nor empty lets nobody in. The router reports it where no other way accepts.
      let malformed: unknown;
      for (const way of authenticators) {
        const value: unknown = await way.authenticate(req);
        const { actor, problem } = parseActor(value);
        if (actor !== undefined) return actor;
        if (problem !== undefined) malformed ??= value;
      }
      return malformed as undefined;
    },
  };
}

noteCreator(anyAuthenticator, 'anyAuthenticator(...)');

/** What is wrong with a function that should authenticate, as the end of a sentence. */
export function mistakeInFunction(way: object & { readonly length: number }): string | undefined {
  const call = callOfCreator(way);
  if (call !== undefined) {
    // A bundler may have renamed the function.
    const name = call.slice(0, call.indexOf('('));
    return `is ${name} itself, which creates an authenticator: call it, as in ${call}`;
  }
  return way.length > 2
    ? `has ${String(way.length)} parameters, as Express middleware has: write a function (req) => client, which returns the client or undefined and does not call next()`
    : undefined;
}

/** What is wrong with an object that has an authenticator and is none, such as what `tokenEndpoint()` returned. */
export function mistakeInOwner(value: Readonly<Record<string, unknown>>): string | undefined {
  const owns = isObject(value['authenticator']) && typeof value['authenticator']['authenticate'] === 'function';
  return owns && value['authenticate'] === undefined
    ? 'is an object that has an authenticator: pass its property `authenticator`'
    : undefined;
}

/** What is wrong with a value that should be a function or an authenticator, as the end of a sentence. */
function authenticatorMistake(way: unknown): string | undefined {
  if (typeof way === 'function') return mistakeInFunction(way);
  if (!isObject(way)) return `must be a function or an authenticator; got ${describe(way)}`;
  const mistake = mistakeInOwner(way);
  if (mistake !== undefined) return mistake;
  if (typeof way['authenticate'] !== 'function') {
    return 'has no authenticate: write { authenticate: (req) => the client or undefined, schemes }';
  }
  return isSchemes(way['schemes'])
    ? undefined
    : 'has no schemes: write a list of authentication schemes, such as [bearerScheme]';
}

/** Whether a value is a list of authentication schemes. */
export function isSchemes(value: unknown): value is readonly AuthenticationScheme[] {
  const texts = ['type', 'name', 'description'];
  return (
    Array.isArray(value) &&
    value.every((scheme: unknown) => isObject(scheme) && texts.every((name) => typeof scheme[name] === 'string'))
  );
}

/** @throws TypeError for what is neither a function nor an authenticator */
export function checkAuthenticator(of: string, way: unknown): void {
  const mistake = authenticatorMistake(way);
  if (mistake !== undefined) throw usageError(of, `authenticate ${mistake}`, page);
}

/** An authenticator, whichever of the two was passed: a bare function gets the bearer scheme. */
export function toAuthenticator<Req extends IncomingMessage>(
  way: Authenticate<Req> | Authenticator<Req>,
): Authenticator<Req> {
  return typeof way === 'function' ? { authenticate: way, schemes: [bearerScheme] } : way;
}

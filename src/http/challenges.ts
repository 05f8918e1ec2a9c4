import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AuthenticationScheme } from '../auth/authenticate.js';
import type { ScimError } from '../errors.js';

const realm = 'realm="SCIM"';

/** @param refused true where the request has a bearer token: it is not valid then (RFC 6750 3.1) */
function bearerChallenge(refused: boolean): string {
  return refused ? `Bearer ${realm}, error="invalid_token"` : `Bearer ${realm}`;
}

const challenges: ReadonlyMap<string, (refused: boolean) => string> = new Map([
  ['oauthbearertoken', bearerChallenge],
  ['oauth2', bearerChallenge],
  // RFC 5849 3.5.1
  ['oauth', () => `OAuth ${realm}`],
  // RFC 7617 2 and 2.1
  ['httpbasic', () => `Basic ${realm}, charset="UTF-8"`],
  // RFC 7616 3.3: a nonce is required.
  ['httpdigest', () => `Digest ${realm}, qop="auth", algorithm=SHA-256, nonce="${randomUUID()}"`],
]);

/**
 * The headers of a 401: one challenge for each scheme that the authenticator announces (RFC 9110 11.6.1).
 *
 * A host that throws a 401 with a challenge of its own keeps it.
 */
export function challengeHeaders(
  error: ScimError,
  schemes: readonly AuthenticationScheme[],
  req: IncomingMessage,
): Readonly<Record<string, string>> | undefined {
  if (error.status !== 401) return undefined;
  if (error.code !== 'SCIM_UNAUTHORIZED' && error.headers?.['www-authenticate'] !== undefined) return undefined;
  const refused = /^Bearer +\S/i.test(req.headers.authorization ?? '');
  // Connector keys and access tokens are both bearer tokens: one challenge says it.
  const distinct = new Set(schemes.flatMap(({ type }) => challenges.get(type)?.(refused) ?? []));
  return { 'www-authenticate': distinct.size === 0 ? bearerChallenge(refused) : [...distinct].join(', ') };
}

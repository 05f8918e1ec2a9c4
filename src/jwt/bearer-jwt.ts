import type { IncomingMessage } from 'node:http';
import { decodeJwt, decodeProtectedHeader } from 'jose';

/** The claims of a token, by name (RFC 7519 4). */
export type JwtClaims = Readonly<Record<string, unknown>>;

/** A token as it was sent: nothing of it is verified. */
export interface SentJwt {
  readonly token: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: JwtClaims;
}

/** More than tokens of the usual authorization servers have, and half of what Node accepts as headers. */
const longestToken = 8_192;

const bearerJwt = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/**
 * The JSON Web Token in the Authorization header (RFC 6750 2.1, RFC 7519). Undefined where there is none, or something
 * else: a connector key, a token of more than 8,192 characters, or one that cannot be decoded.
 */
export function sentJwt(req: IncomingMessage): SentJwt | undefined {
  const { authorization = '' } = req.headers;
  if (authorization.length > longestToken + 'Bearer '.length) return undefined;
  const token = bearerJwt.exec(authorization)?.[1];
  if (token === undefined) return undefined;
  try {
    return { token, header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token) };
  } catch {
    return undefined;
  }
}

/** A claim that is a non-empty string; undefined for anything else. */
export function textOf(claims: JwtClaims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

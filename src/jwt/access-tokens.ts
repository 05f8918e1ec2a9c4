import { randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Scope } from '../contract/context.js';
import { type SentJwt, textOf } from './bearer-jwt.js';
import { parseScope } from './scopes.js';
import type { SigningKey } from './signing-keys.js';

/** What a token says. */
interface AccessToken {
  /** ID of the connector key that it was issued for. */
  readonly keyId: string;
  /** What it was limited to; undefined: everything that the key may do. */
  readonly scopes: readonly Scope[] | undefined;
}

/** Signs and verifies the access tokens of one issuer. */
export interface AccessTokens {
  /** Whether a token claims to be one of these. Nothing of it is verified. */
  isOwn(sent: SentJwt): boolean;
  sign(token: AccessToken, clientId: string): Promise<string>;
  /** The token, where it is valid. */
  verify(sent: SentJwt): Promise<AccessToken | undefined>;
}

/** What tokens are issued with. */
export interface AccessTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  /** The first one signs, all of them verify. */
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  readonly lifetimeSeconds: number;
}

/** By how many seconds the clocks of two processes may differ. */
const clockTolerance = 5;

/** The profile of RFC 9068: typ, and the claims iss, aud, sub, client_id, iat, exp and jti. */
export function accessTokens({ issuer, audience, keys, lifetimeSeconds }: AccessTokenOptions): AccessTokens {
  const [signer] = keys;
  return {
    isOwn: ({ header, claims }) => header['typ'] === 'at+jwt' && textOf(claims, 'iss') === issuer,
    sign({ keyId, scopes }, clientId) {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT({ client_id: clientId, ...(scopes === undefined ? {} : { scope: scopes.join(' ') }) })
        .setProtectedHeader({ alg: signer.alg, typ: 'at+jwt', kid: signer.kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(keyId)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeSeconds)
        .setJti(randomUUID())
        .sign(signer.sign);
    },
    async verify({ token, header, claims }) {
      const key = keys.find(({ kid }) => kid === header['kid']);
      if (key === undefined) return undefined;
      try {
        await jwtVerify(token, key.verify, {
          ...{ issuer, audience, typ: 'at+jwt', clockTolerance },
          algorithms: [key.alg],
          requiredClaims: ['exp', 'iat', 'sub'],
        });
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
      const keyId = textOf(claims, 'sub');
      const scope = textOf(claims, 'scope');
      const scopes = scope === undefined ? undefined : parseScope(scope);
      // A scope that cannot be read must not become everything.
      if (keyId === undefined || (Object.hasOwn(claims, 'scope') && scopes === undefined)) return undefined;
      return { keyId, scopes };
    },
  };
}

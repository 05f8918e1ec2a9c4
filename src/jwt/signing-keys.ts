import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { usageError } from '../contract/option-mistakes.js';

/** A key that signs and verifies access tokens. */
export interface SigningKey {
  /** Selects the key in the header of a token. It is not secret. */
  readonly kid: string;
  readonly alg: 'HS256' | 'EdDSA' | 'ES256';
  readonly sign: Uint8Array | KeyObject;
  readonly verify: Uint8Array | KeyObject;
}

/** In characters. */
export const shortestSecret = 32;
const page = 'tokens.md#options-of-tokenendpoint';

/**
 * A key for HS256 from a secret of the app. It is derived, so that a token of another part of the app that signs with the
 * same secret is not valid here.
 */
export function fromSecret(secret: string): SigningKey {
  const derived = new Uint8Array(hkdfSync('sha256', secret, '', 'express-scim access token', 32));
  return { kid: digest(derived), alg: 'HS256', sign: derived, verify: derived };
}

/**
 * A private JSON Web Key: Ed25519 or P-256.
 *
 * @throws TypeError for another key
 */
export function fromJwk(jwk: Readonly<Record<string, unknown>>): SigningKey {
  const alg = algorithmOf(jwk);
  let sign: KeyObject;
  try {
    sign = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  } catch (cause) {
    const error = usageError('tokenEndpoint', 'a key of signingKeys cannot be read', page);
    error.cause = cause;
    throw error;
  }
  const verify = createPublicKey(sign);
  const kid = typeof jwk['kid'] === 'string' ? jwk['kid'] : digest(verify.export({ type: 'spki', format: 'der' }));
  return { kid, alg, sign, verify };
}

function algorithmOf({ kty, crv, d }: Readonly<Record<string, unknown>>): 'EdDSA' | 'ES256' {
  if (d !== undefined && kty === 'OKP' && crv === 'Ed25519') return 'EdDSA';
  if (d !== undefined && kty === 'EC' && crv === 'P-256') return 'ES256';
  const mistake = 'signingKeys must be private JSON Web Keys with the curve Ed25519 or P-256';
  throw usageError('tokenEndpoint', mistake, page);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
}

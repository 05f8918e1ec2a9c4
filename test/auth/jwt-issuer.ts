import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { patientServer } from '../patient.js';

/** A key pair of an issuer of tests. */
export interface IssuerKey {
  readonly kid: string;
  readonly jwk: JWK;
  /** A token, with claims that replace the usual ones; `undefined` leaves one out. */
  sign(claims?: object, header?: Partial<JWTHeaderParameters>): Promise<string>;
}

export const issuer = 'https://login.example.com/';
export const audience = 'https://app.example.com/scim/v2';

export async function issuerKey(kid: string, alg: 'RS256' | 'ES256' | 'EdDSA' = 'ES256'): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    kid,
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    sign(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const usual = { iss: issuer, aud: audience, sub: 'client', iat: now, exp: now + 300, org_id: 'acme' };
      const all = Object.fromEntries(
        Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined),
      );
      return new SignJWT(all).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
    },
  };
}

/** A token that is signed by hand: with any header, and a signature of any kind. */
export function unsignedToken(header: object, claims: object, signature: (input: string) => string): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signature(input)}`;
}

/** A server on a free port of this machine. */
export async function listening(listener: RequestListener): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(patientServer, listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { server, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` };
}

export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import { isTenant } from '../auth/parse-actor.js';

const maxCodeLength = 2_000;

/** What is signed. `expires` is in milliseconds since 1970. */
interface Signed {
  readonly tenant: string;
  readonly id: string;
  readonly expires: number;
}

/** Signs and reads the texts of set-up links, and of their sessions. */
export interface SetupLinkSigner {
  sign(use: 'link' | 'session', values: readonly [tenant: string, id: string, expires: number]): string;
  read(use: 'link' | 'session', text: string): Signed | undefined;
}

/**
 * Texts of base64url, a dot and a signature. A session is no link, and a link no session.
 *
 * @param secrets the first signs, all are accepted
 */
export function setupLinkSigner(secrets: readonly string[]): SetupLinkSigner {
  const [first = ''] = secrets;
  const macOf = (secret: string, use: string, payload: string): Buffer =>
    createHmac('sha256', secret).update(`express-scim set-up ${use}\0${payload}`).digest();
  return {
    sign(use, values) {
      const payload = Buffer.from(JSON.stringify(values)).toString('base64url');
      return `${payload}.${macOf(first, use, payload).toString('base64url')}`;
    },
    read(use, text) {
      if (text.length > maxCodeLength) return undefined;
      const [payload = '', signature = '', ...more] = text.split('.');
      const received = Buffer.from(signature, 'base64url');
      const isSigned = secrets.some((secret) => {
        const expected = macOf(secret, use, payload);
        return received.length === expected.length && timingSafeEqual(received, expected);
      });
      // One spelling of a signature only: base64url ignores what follows its last full byte.
      if (!isSigned || more.length > 0 || received.toString('base64url') !== signature) return undefined;
      return toSigned(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    },
  };
}

function toSigned(value: unknown): Signed | undefined {
  const [tenant, id, expires] = Array.isArray(value) ? (value as unknown[]) : [];
  if (!isTenant(tenant) || typeof id !== 'string' || typeof expires !== 'number') return undefined;
  return { tenant, id, expires };
}

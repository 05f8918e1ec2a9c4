import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { baseUrlOf } from '../http/base-url.js';

const lifetimeMilliseconds = 86_400_000;

/** Tokens that prove that a form was loaded from the panel in the same session. */
export interface CsrfTokens {
  make(session: string): string;
  isValid(token: string | undefined, session: string): boolean;
}

/** @param secret signs the tokens, which are valid for one day */
export function csrfTokens(secret: string | Buffer, clock: () => number = Date.now): CsrfTokens {
  const sign = (time: string, session: string): string =>
    createHmac('sha256', secret).update(`express-scim panel\0${time}\0${session}`).digest('base64url');
  return {
    make(session) {
      const time = clock().toString(36);
      return `${time}.${sign(time, session)}`;
    },
    isValid(token, session) {
      const [time = '', signature = ''] = (token ?? '').split('.');
      const age = clock() - Number.parseInt(time, 36);
      const expected = Buffer.from(sign(time, session));
      const received = Buffer.from(signature);
      const isSigned = received.length === expected.length && timingSafeEqual(received, expected);
      return isSigned && age >= 0 && age < lifetimeMilliseconds;
    },
  };
}

/**
 * Whether a browser reports that another site sent this request.
 *
 * Browsers send Sec-Fetch-Site, and Origin where the page is not in a secure context. A request with neither header does
 * not come from a browser.
 */
export function isCrossSite(req: IncomingMessage): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin';
  const { origin } = req.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== new URL(baseUrlOf(req)).host;
}

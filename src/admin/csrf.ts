import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { baseUrlOf } from '../http/base-url.js';

const lifetime = 86_400_000;

/** Tokens that prove that a form came from the panel, in the session that it was shown to. */
export interface CsrfTokens {
  make(session: string): string;
  isRight(token: string | undefined, session: string): boolean;
}

/** @param secret signs the tokens; they are good for a day */
export function csrfTokens(secret: string | Buffer, clock: () => number = Date.now): CsrfTokens {
  const sign = (time: string, session: string): string =>
    createHmac('sha256', secret).update(`express-scim panel\0${time}\0${session}`).digest('base64url');
  return {
    make(session) {
      const time = clock().toString(36);
      return `${time}.${sign(time, session)}`;
    },
    isRight(token, session) {
      const [time = '', signature = ''] = (token ?? '').split('.');
      const age = clock() - Number.parseInt(time, 36);
      const expected = Buffer.from(sign(time, session));
      const given = Buffer.from(signature);
      return given.length === expected.length && timingSafeEqual(given, expected) && age >= 0 && age < lifetime;
    },
  };
}

/**
 * Whether a browser says that another site sent this request.
 *
 * Browsers tell by Sec-Fetch-Site, on insecure origins by Origin; what tells neither is no browser.
 */
export function isCrossSite(req: IncomingMessage): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin';
  const { origin } = req.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== new URL(baseUrlOf(req)).host;
}

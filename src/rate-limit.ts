/**
 * `express-scim/rate-limit`: limits for each tenant, with the libraries `express-rate-limit` and `rate-limiter-flexible`.
 * Neither is imported here.
 *
 * @module
 */
import { callHook } from './contract/hook-source.js';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { type Authenticate, type Authenticator, checkAuthenticator, toAuthenticator } from './auth/authenticate.js';
import { noteCreator } from './auth/creators.js';
import { addressOf } from './auth/networks.js';
import { parseActor } from './auth/parse-actor.js';
import { isObject } from './contract/is-object.js';
import { ScimError } from './errors.js';
import { writeError } from './http/write-response.js';
import { usageError } from './contract/option-mistakes.js';

/**
 * Options of `rateLimit` of `express-rate-limit`, to be spread.
 *
 * @example
 * import type { Request } from 'express';
 * import type { TenantRateLimit } from 'express-scim/rate-limit';
 *
 * export const keyOf = async ({ keyGenerator }: TenantRateLimit, req: Request): Promise<string> => keyGenerator(req);
 */
export interface TenantRateLimit<Req extends IncomingMessage = IncomingMessage> {
  /** `tenant:` with the tenant of the client, or `address:` with the address of a client that is not authenticated. */
  readonly keyGenerator: (req: Req) => Promise<string>;
  /** Sends 429 in SCIM form, with Retry-After. */
  readonly handler: (req: Req, res: ServerResponse, next: unknown, options: unknown) => void;
}

/**
 * A limiter of `rate-limiter-flexible`, or anything with such a `consume`.
 *
 * @example
 * import { RateLimiterMemory } from 'rate-limiter-flexible';
 * import type { Limiter } from 'express-scim/rate-limit';
 *
 * export const limiter: Limiter = new RateLimiterMemory({ points: 6_000, duration: 60 });
 */
export interface Limiter {
  /** Rejects with an object that has `msBeforeNext`, in milliseconds, when the key has used up its points. */
  consume(key: string): Promise<unknown>;
}

/**
 * Limits the requests of each tenant with `express-rate-limit`: spread the result into its options, and mount it before
 * the router. Clients without valid credentials are limited by address: IPv4, or the first 56 bits of IPv6.
 *
 * It authenticates each request a second time, from the cache of `connectorKeys`.
 *
 * @param authenticate the `authenticate` option of the router
 * @example
 * import express from 'express';
 * import { rateLimit } from 'express-rate-limit';
 * import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
 * import { tenantRateLimit } from 'express-scim/rate-limit';
 *
 * const app = express();
 * const authenticate = connectorKeys([{ key: process.env['SCIM_KEY'] ?? '', tenant: 'acme' }]);
 * app.use(
 *   '/scim/v2',
 *   rateLimit({ windowMs: 60_000, limit: 6_000, ...tenantRateLimit(authenticate) }),
 *   createScimRouter(new MemoryStore(), { authenticate }),
 * );
 */
export function tenantRateLimit<Req extends IncomingMessage = IncomingMessage>(
  authenticate: Authenticate<Req> | Authenticator<Req>,
): TenantRateLimit<Req> {
  checkAuthenticator('tenantRateLimit', authenticate);
  const authenticator = toAuthenticator(authenticate);
  return {
    async keyGenerator(req) {
      try {
        return limitKey(req, await authenticator.authenticate(req));
      } catch {
        // The router authenticates again, and reports and sends the error.
        return limitKey(req, undefined);
      }
    },
    handler(req, res, _next, options) {
      writeError(req, res, tooManyRequests(secondsUntilReset(req, options)), randomUUID());
    },
  };
}

/**
 * Limits the requests of each tenant with `rate-limiter-flexible`: the `authenticate` option of the router. Beyond the
 * limit the response is 429 with Retry-After. Clients without valid credentials are limited by address: IPv4, or the
 * first 56 bits of IPv6.
 *
 * If the limiter itself fails, for example because its database is unavailable, the response is 503. `insuranceLimiter` of
 * `rate-limiter-flexible` avoids it.
 *
 * @example
 * import { RateLimiterMemory } from 'rate-limiter-flexible';
 * import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
 * import { withRateLimit } from 'express-scim/rate-limit';
 *
 * const keys = connectorKeys([{ key: process.env['SCIM_KEY'] ?? '', tenant: 'acme' }]);
 * const limiter = new RateLimiterMemory({ points: 6_000, duration: 60 });
 * export const router = createScimRouter(new MemoryStore(), { authenticate: withRateLimit(keys, limiter) });
 */
export function withRateLimit<Req extends IncomingMessage = IncomingMessage>(
  authenticate: Authenticate<Req> | Authenticator<Req>,
  limiter: Limiter,
): Authenticator<Req> {
  if (!isObject(limiter) || typeof limiter.consume !== 'function') {
    const mistake = 'the limiter must have consume(key), as those of rate-limiter-flexible do';
    throw usageError('withRateLimit', mistake, 'rate-limits.md#rate-limiter-flexible');
  }
  checkAuthenticator('withRateLimit', authenticate);
  const authenticator = toAuthenticator(authenticate);
  return {
    schemes: authenticator.schemes,
    async authenticate(req) {
      const client = await authenticator.authenticate(req);
      try {
        const consumed = callHook('limiter.consume', () => limiter.consume(limitKey(req, client)));
        if ((await consumed) === false) throw wrongLimiter();
      } catch (error) {
        throw isExhausted(error) ? tooManyRequests(error.msBeforeNext / 1_000) : error;
      }
      return client;
    },
  };
}

noteCreator(withRateLimit, 'withRateLimit(...)');

function wrongLimiter(): TypeError {
  const mistake =
    'consume returned false: reject with an object that has msBeforeNext, as those of rate-limiter-flexible do';
  return usageError('withRateLimit', mistake, 'rate-limits.md#rate-limiter-flexible');
}

/** What a request is counted under. */
function limitKey(req: IncomingMessage, client: unknown): string {
  const { actor } = parseActor(client);
  return actor === undefined ? `address:${networkOf(addressOf(req))}` : `tenant:${actor.tenant ?? 'default'}`;
}

/** One customer of a provider has at least 2^64 IPv6 addresses, and often 256 times as many. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const first = groups(head);
  // An IPv4 address at the end has the length of two groups.
  const last = groups(tail ?? '').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  const numbers = [...first, ...zeros, ...last].slice(0, 4).map((group) => Number.parseInt(group, 16));
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  return [a, b, c, d & 0xff00].map((group) => group.toString(16)).join(':');
}

function tooManyRequests(seconds: number): ScimError {
  const retryAfter = Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 60;
  return new ScimError(429, 'Too many requests; try again later.', {
    headers: { 'retry-after': String(retryAfter) },
  });
}

/** `RateLimiterRes` of rate-limiter-flexible; a failure of its database is an Error. */
function isExhausted(error: unknown): error is { readonly msBeforeNext: number } {
  return isObject(error) && !(error instanceof Error) && typeof error['msBeforeNext'] === 'number';
}

/** What express-rate-limit tells: the end of the window in a property of the request, and the length of the window. */
function secondsUntilReset(req: IncomingMessage, options: unknown): number {
  const { windowMs, requestPropertyName } = isObject(options) ? options : {};
  const name = typeof requestPropertyName === 'string' ? requestPropertyName : 'rateLimit';
  const info: unknown = Reflect.get(req, name);
  const resetTime = isObject(info) ? info['resetTime'] : undefined;
  if (resetTime instanceof Date) return (resetTime.getTime() - Date.now()) / 1_000;
  return typeof windowMs === 'number' ? windowMs / 1_000 : Number.NaN;
}

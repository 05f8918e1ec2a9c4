// Rate limit for sign-in attempts: in PostgreSQL all processes count together. SQLite has one process, which counts in memory.
import type pg from 'pg';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import { digest } from './digest.js';

const duration = 900;
const maxPerAccount = 10;
const maxPerNetwork = 50;

export interface Attempts {
  /** Counts an attempt, before the password is checked, so that concurrent attempts count too. False: too many. */
  take(address: string, email: string): Promise<boolean>;
  /** Forgets the attempts for an account after a successful sign-in. */
  forgive(address: string, email: string): Promise<void>;
}

/** @param pool of PostgreSQL; undefined: SQLite */
export function createAttempts(pool: pg.Pool | undefined): Attempts {
  const limiter = (keyPrefix: string, points: number): RateLimiterAbstract => {
    const limit = { keyPrefix, points, duration };
    if (pool === undefined) return new RateLimiterMemory(limit);
    const table = { tableName: 'sign_in_attempts', tableCreated: true, clearExpiredByTimeout: true };
    return new RateLimiterPostgres({ ...limit, ...table, storeClient: pool, storeType: 'pool' });
  };
  const networks = limiter('network', maxPerNetwork);
  const accounts = limiter('account', maxPerAccount);
  return {
    // The network first: otherwise one network could make counters for any number of accounts.
    take: async (address, email) =>
      (await isLeft(networks, networkOf(address))) && (await isLeft(accounts, accountOf(address, email))),
    async forgive(address, email) {
      await accounts.delete(accountOf(address, email));
      await networks.reward(networkOf(address));
    },
  };
}

async function isLeft(limiter: RateLimiterAbstract, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return true;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return false;
    throw refusal;
  }
}

/** A digest: the table need not hold addresses and emails of strangers. */
function accountOf(address: string, email: string): string {
  return digest(`${networkOf(address)} ${email.toLowerCase()}`);
}

/** An IPv4 address, or the /64 prefix of an IPv6 address: a single user has a whole /64. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head.split(':').filter((part) => part !== '');
  const after = tail?.split(':').filter((part) => part !== '') ?? [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':');
}

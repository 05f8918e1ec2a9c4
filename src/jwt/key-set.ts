import { createLocalJWKSet, errors, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose';
import { isObject } from '../contract/is-object.js';
import { UnavailableError } from '../errors.js';
import { usageError } from '../contract/option-mistakes.js';

/** The state of a key set that is fetched. All times are on the clock of `performance.now()`, in milliseconds. */
interface Fetched {
  readonly keys: JWTVerifyGetKey;
  readonly at: number;
}

/** Where a key set is fetched from, and how. */
export interface RemoteKeySetOptions {
  readonly url: URL;
  readonly fetch: typeof fetch;
  /** Called each time that the key set cannot be fetched or read. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds that never go back. */
  readonly clock: () => number;
}

/** After this time the set is fetched again, so that a removed key is not accepted for longer. */
const freshMilliseconds = 10 * 60_000;
/** While the set cannot be fetched, the keys of the last one serve for this time. */
const staleMilliseconds = 24 * 3_600_000;
/** Between two attempts: a client that invents key IDs must not make each request a fetch. */
const cooldownMilliseconds = 30_000;
const timeoutMilliseconds = 5_000;
const maxBytes = 512 * 1024;
const maxKeys = 100;

const unavailable = 'The keys of the authorization server cannot be read; try again later.';

/**
 * Keys of a JSON Web Key Set (RFC 7517 5) behind a URL: cached for 10 minutes, fetched again for a key ID that is not in
 * it, at most every 30 seconds. Where it cannot be fetched, the cached keys serve for 24 hours.
 *
 * The function that it returns throws UnavailableError where a key cannot be found because the set cannot be fetched, and
 * an error of jose for a key ID that the set does not have.
 */
export function remoteKeySet({ url, fetch: send, onError, clock }: RemoteKeySetOptions): JWTVerifyGetKey {
  let fetched: Fetched | undefined;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let failed = false;
  let pending: Promise<void> | undefined;

  const attempt = async (): Promise<void> => {
    attemptedAt = clock();
    try {
      const keys = createLocalJWKSet(usableKeys(await download(url, send)));
      fetched = { keys, at: clock() };
      failed = false;
    } catch (error) {
      failed = true;
      onError(new Error(`jwtBearer: the key set at ${url.origin} cannot be read.`, { cause: error }));
    }
  };
  const refresh = (): Promise<void> => {
    pending ??= attempt().finally(() => (pending = undefined));
    return pending;
  };
  const isCoolingDown = (): boolean => clock() - attemptedAt < cooldownMilliseconds;
  const fail = (): never => {
    const seconds = (attemptedAt + cooldownMilliseconds - clock()) / 1_000;
    throw new UnavailableError(seconds, unavailable);
  };
  const age = (): number => (fetched === undefined ? Number.POSITIVE_INFINITY : clock() - fetched.at);

  return async (header, token) => {
    if (age() > freshMilliseconds && (pending !== undefined || !failed || !isCoolingDown())) await refresh();
    if (fetched === undefined || age() > staleMilliseconds) return fail();
    try {
      return await fetched.keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (pending !== undefined || !isCoolingDown()) await refresh();
      // The key may be a new one: without the set nobody can know.
      if (failed) return fail();
      return fetched.keys(header, token);
    }
  };
}

const page = 'tokens.md#keys';

/** Keys of a set in the configuration. @throws TypeError where none can verify a signature */
export function localKeySet(value: unknown): JWTVerifyGetKey {
  return createLocalJWKSet(usableKeys(value));
}

/**
 * The public keys of a set that can verify signatures. Symmetric keys and private keys do not belong into a set that is
 * published, and are left out.
 *
 * @throws TypeError where there is none
 */
function usableKeys(value: unknown): JSONWebKeySet {
  if (!isObject(value) || !Array.isArray(value['keys']))
    throw usageError('jwtBearer', 'jwks must be a JSON Web Key Set: { keys }', page);
  if (value['keys'].length > maxKeys) throw usageError('jwtBearer', `jwks has more than ${String(maxKeys)} keys`, page);
  const keys = value['keys'].filter(isVerificationKey);
  if (keys.length === 0) throw usageError('jwtBearer', 'jwks has no public key that can verify signatures', page);
  return { keys };
}

function isVerificationKey(key: unknown): key is JWK {
  if (!isObject(key) || typeof key['kty'] !== 'string' || !['RSA', 'EC', 'OKP'].includes(key['kty'])) return false;
  return key['d'] === undefined && (key['use'] === undefined || key['use'] === 'sig');
}

async function download(url: URL, send: typeof fetch): Promise<unknown> {
  const response = await send(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    // A redirect could lead to a place that nobody has checked.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`It returned status ${String(response.status)}.`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`It is larger than ${String(maxBytes)} bytes.`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

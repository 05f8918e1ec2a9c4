import { hash, randomBytes } from 'node:crypto';

/** A new connector key: the secret to show once, and what is kept of it. */
export interface GeneratedKey {
  /** `prefix_keyid_secret`: give it to the identity provider, and forget it. */
  readonly key: string;
  /** Names the key in the database and in logs; no secret. */
  readonly id: string;
  /** SHA-256 of the whole key, hex: the only thing to store. */
  readonly digest: string;
}

const pattern = /^[a-z][a-z0-9]{0,15}_([0-9a-f]{16})_[0-9a-f]{64}[0-9a-f]{6}$/;

/**
 * Makes a connector key of 32 random bytes.
 *
 * Its last six digits are a check sum, so that garbage is refused before a database is asked.
 *
 * @param prefix tells a reader, and a secret scanner, what the key is for: a letter, then letters and digits
 * @example
 * const { key, id, digest } = generateConnectorKey('assets');
 */
export function generateConnectorKey(prefix = 'scim'): GeneratedKey {
  if (!/^[a-z][a-z0-9]{0,15}$/.test(prefix)) {
    throw new TypeError('The prefix of a connector key must be 1 to 16 lower-case letters and digits, a letter first.');
  }
  const id = randomBytes(8).toString('hex');
  const body = `${prefix}_${id}_${randomBytes(32).toString('hex')}`;
  const key = body + checkSum(body);
  return { key, id, digest: digestConnectorKey(key) };
}

/** SHA-256 of a key, hex: what `ConnectorKey.digest` holds. */
export function digestConnectorKey(key: string): string {
  return hash('sha256', key, 'hex');
}

/** The key id of a well-formed key whose check sum is right; undefined for anything else. */
export function keyIdOf(key: string): string | undefined {
  if (key.length > 200) return undefined;
  const match = pattern.exec(key);
  return match !== null && checkSum(key.slice(0, -6)) === key.slice(-6) ? match[1] : undefined;
}

function checkSum(body: string): string {
  return hash('sha256', `express-scim key ${body}`, 'hex').slice(0, 6);
}

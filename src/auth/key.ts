import { hash, randomBytes } from 'node:crypto';
import { usageError } from '../contract/option-mistakes.js';

/**
 * A new connector key: the secret to show once, and what to store of it.
 *
 * @example
 * import { type GeneratedKey, generateConnectorKey } from 'express-scim';
 *
 * export function newKey(): { readonly shownOnce: string; readonly row: Omit<GeneratedKey, 'key'> } {
 *   const { key, id, digest } = generateConnectorKey('assets');
 *   return { shownOnce: key, row: { id, digest } };
 * }
 */
export interface GeneratedKey {
  /** `prefix_keyid_secret`: show it once to whoever configures the identity provider, and do not store it. */
  readonly key: string;
  /** Names the key in the database and in logs. It is not secret. */
  readonly id: string;
  /** SHA-256 of the whole key, hex: the only part to store. */
  readonly digest: string;
}

const keyPattern = /^[a-z][a-z0-9]{0,15}_([0-9a-f]{16})_[0-9a-f]{64}[0-9a-f]{6}$/;
const longestKey = 200;
const checksumDigits = 6;

/**
 * Generates a connector key with 32 random bytes.
 *
 * Its last six digits are a checksum, so that a mistyped or invented key is refused without a database query.
 *
 * @param prefix shows readers and secret scanners what the key is for: 1 to 16 lowercase letters and digits, a
 *   letter first. Default `scim`
 * @throws TypeError for another prefix
 * @example
 * import { generateConnectorKey } from 'express-scim';
 *
 * const { key, id, digest } = generateConnectorKey('assets');
 * console.log(`Copy this key now, it is not shown again: ${key}`);
 * console.log(`To store: ${id} ${digest}`);
 */
export function generateConnectorKey(prefix = 'scim'): GeneratedKey {
  if (typeof (prefix as unknown) !== 'string' || !/^[a-z][a-z0-9]{0,15}$/.test(prefix)) {
    const mistake = 'the prefix must be 1 to 16 lowercase letters and digits, a letter first';
    throw usageError('generateConnectorKey', mistake, 'options.md#authenticate');
  }
  const id = randomBytes(8).toString('hex');
  const body = `${prefix}_${id}_${randomBytes(32).toString('hex')}`;
  const key = body + checksumOf(body);
  return { key, id, digest: digestConnectorKey(key) };
}

/**
 * The SHA-256 of a key, hex: the value of `ConnectorKey.digest`.
 *
 * A fast hash is sufficient for keys of `generateConnectorKey()`, which cannot be guessed. Do not use it for passwords.
 *
 * @example
 * import { connectorKeys, digestConnectorKey } from 'express-scim';
 *
 * const digest = digestConnectorKey(process.env['SCIM_KEY'] ?? '');
 * export const authenticate = connectorKeys([{ id: 'entra', digest, tenant: 'acme' }]);
 */
export function digestConnectorKey(key: string): string {
  if (typeof (key as unknown) !== 'string') {
    throw usageError('digestConnectorKey', 'the key must be a string', 'options.md#authenticate');
  }
  return hash('sha256', key, 'hex');
}

/** The key ID of a well-formed key whose checksum is right; undefined for anything else. */
export function keyIdOf(key: string): string | undefined {
  if (key.length > longestKey) return undefined;
  const match = keyPattern.exec(key);
  const body = key.slice(0, -checksumDigits);
  return match !== null && checksumOf(body) === key.slice(-checksumDigits) ? match[1] : undefined;
}

function checksumOf(body: string): string {
  return hash('sha256', `express-scim key ${body}`, 'hex').slice(0, checksumDigits);
}

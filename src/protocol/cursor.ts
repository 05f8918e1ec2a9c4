import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { ScimError } from '../errors.js';
import type { Position } from '../contract/filter.js';

/** Where a page begins: behind one row, or before another (RFC 9865 2). */
export interface CursorState {
  readonly after?: Position | undefined;
  readonly before?: Position | undefined;
  /** Page size of the walk: it may not change on the way. */
  readonly count: number;
}

/** Makes cursors and reads them again. They are stateless: every process that has the secret reads them. */
export interface Cursors {
  /**
   * @param binding what the cursor is good for: tenant, endpoint, filter and order; with another one it cannot be opened
   * @returns URI-unreserved characters only
   */
  seal(state: CursorState, binding: string): string;
  /** @throws ScimError 400 invalidCursor for anything but a cursor of this binding, expiredCursor for an old one */
  open(cursor: string, binding: string): CursorState;
}

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Cursors encrypted with AES-256-GCM: what they hold is nobody's business, and none can be forged or carried to
 * another tenant or query (RFC 9865 5.2).
 *
 * @param secrets the first encrypts, all decrypt; none: a random one that ends with the process
 * @param lifetime seconds that a cursor stays valid
 * @param now milliseconds since 1970; replaced by tests
 */
export function createCursors(secrets: readonly string[], lifetime: number, now: () => number = Date.now): Cursors {
  const keys = (secrets.length === 0 ? [randomBytes(32)] : secrets).map(
    (secret) => new Uint8Array(hkdfSync('sha256', secret, '', 'express-scim cursor', 32)),
  );
  const [first = new Uint8Array(32)] = keys;
  return {
    seal(state, binding) {
      const expires = Math.floor(now() / 1000) + lifetime;
      const iv = randomBytes(ivBytes);
      const sealer = createCipheriv(cipher, first, iv).setAAD(digest(binding));
      const text = JSON.stringify([expires, state.count, state.after ?? null, state.before ?? null]);
      const sealed = Buffer.concat([sealer.update(text, 'utf8'), sealer.final()]);
      return Buffer.concat([iv, sealer.getAuthTag(), sealed]).toString('base64url');
    },
    open(cursor, binding) {
      const text = decrypt(cursor, binding, keys);
      if (text === undefined) throw invalidCursor();
      const [expires, count, after, before] = JSON.parse(text) as [number, number, Position | null, Position | null];
      if (now() / 1000 >= expires) {
        throw new ScimError(400, 'The cursor has expired; begin again with an empty cursor.', {
          scimType: 'expiredCursor',
        });
      }
      return { count, after: after ?? undefined, before: before ?? undefined };
    },
  };
}

/** RFC 9865 2.1; the same text whatever was wrong, so that nothing can be learned from it. */
function invalidCursor(): ScimError {
  return new ScimError(400, 'The cursor is not valid for this request; begin again with an empty cursor.', {
    scimType: 'invalidCursor',
  });
}

function decrypt(cursor: string, binding: string, keys: readonly Uint8Array[]): string | undefined {
  if (cursor.length > 8_192 || !/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  // The last character has bits that decoding drops: only the one spelling that was given out counts.
  if (bytes.length <= ivBytes + tagBytes || bytes.toString('base64url') !== cursor) return undefined;
  const iv = bytes.subarray(0, ivBytes);
  const tag = bytes.subarray(ivBytes, ivBytes + tagBytes);
  for (const key of keys) {
    try {
      const opener = createDecipheriv(cipher, key, iv, { authTagLength: tagBytes })
        .setAAD(digest(binding))
        .setAuthTag(tag);
      return opener.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + opener.final('utf8');
    } catch {
      // Sealed with another secret, or for another binding, or forged.
    }
  }
  return undefined;
}

function digest(binding: string): Buffer {
  return createHash('sha256').update(binding, 'utf8').digest();
}

import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { ScimError } from '../errors.js';
import type { Position } from '../contract/filter.js';

/** Where a page begins: after one position, or before another (RFC 9865 2). */
interface CursorState {
  readonly after?: Position | undefined;
  readonly before?: Position | undefined;
  /** The page size, which must stay the same from page to page. */
  readonly count: number;
}

/** Makes and reads cursors. They hold all of their state: every process that has the secret can read them. */
export interface Cursors {
  /**
   * @param binding the query that the cursor belongs to: tenant, endpoint, filter and order. Only the same one opens it
   * @returns text of URI-unreserved characters
   */
  seal(state: CursorState, binding: string): string;
  /** @throws ScimError 400 expiredCursor for an old cursor of this binding, 400 invalidCursor for anything else */
  open(cursor: string, binding: string): CursorState;
}

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Cursors encrypted with AES-256-GCM: clients cannot read or forge them, or use them for another tenant or query
 * (RFC 9865 5.2).
 *
 * @param secrets the first encrypts, all decrypt; an empty list: a random secret that ends with the process
 * @param lifetimeSeconds how long a cursor stays valid
 * @param clock milliseconds since 1970; tests replace it
 */
export function createCursors(
  secrets: readonly string[],
  lifetimeSeconds: number,
  clock: () => number = Date.now,
): Cursors {
  const keys = (secrets.length === 0 ? [randomBytes(32)] : secrets).map(
    (secret) => new Uint8Array(hkdfSync('sha256', secret, '', 'express-scim cursor', 32)),
  );
  const [first = new Uint8Array(32)] = keys;
  return {
    seal(state, binding) {
      const expires = Math.floor(clock() / 1000) + lifetimeSeconds;
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
      if (clock() / 1000 >= expires) {
        throw new ScimError(400, 'The cursor has expired: start again with an empty cursor.', {
          scimType: 'expiredCursor',
        });
      }
      return { count, after: after ?? undefined, before: before ?? undefined };
    },
  };
}

/** RFC 9865 2.1. The text is the same for every cause, so that it reveals nothing. */
export function invalidCursor(): ScimError {
  return new ScimError(400, 'The cursor is not valid for this request: start again with an empty cursor.', {
    scimType: 'invalidCursor',
  });
}

function decrypt(cursor: string, binding: string, keys: readonly Uint8Array[]): string | undefined {
  if (cursor.length > 8_192 || !/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  // Decoding drops bits of the last character: only the text that was issued is valid, not one that decodes alike.
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
      // Encrypted with another secret, or for another binding, or forged.
    }
  }
  return undefined;
}

function digest(binding: string): Buffer {
  return createHash('sha256').update(binding, 'utf8').digest();
}

import { BoundedMap } from '../contract/bounded-map.js';
import type { KeyRefusal, LogEntry } from './contract.js';
import { loggableText } from './loggable.js';
import type { RefusedKey } from './refused-key.js';

const maxWaiting = 1_000;
const maxKeys = 1_000;
const intervalMilliseconds = 60_000;

/** What a log entry says about a refused key. */
export type RefusalPart = Pick<
  LogEntry,
  'tenant' | 'connection' | 'actor' | 'actorName' | 'keyRefusal' | 'detail' | 'connectionTest'
>;

/** Requests that were refused because of their key, and whose response is not reported yet. */
export interface RefusalEntries {
  /** Keeps the reason until the response is reported. @returns false for one that no response follows */
  wait(refused: RefusedKey): boolean;
  /** The reason of the refusal, once: whoever asks for it logs it. */
  take(requestId: string): RefusedKey | undefined;
  /** Whether an entry may be written: once a minute for each key and reason, so that nobody can fill the log. */
  admit(refused: RefusedKey): boolean;
}

export function refusalEntries(): RefusalEntries {
  const waiting = new BoundedMap<RefusedKey>(maxWaiting);
  const loggedAt = new BoundedMap<number>(maxKeys);
  return {
    wait(refused) {
      if (refused.requestId === undefined) return false;
      waiting.set(refused.requestId, refused);
      return true;
    },
    take(requestId) {
      const refused = waiting.get(requestId);
      waiting.delete(requestId);
      return refused;
    },
    admit({ keyId = '', reason }) {
      const name = `${keyId} ${reason}`;
      const now = performance.now();
      if (now - (loggedAt.get(name) ?? -Infinity) < intervalMilliseconds) return false;
      loggedAt.set(name, now);
      return true;
    },
  };
}

/** Whether somebody who has the whole key has sent the request, and not somebody who knows its ID. */
export function isProven(reason: KeyRefusal): boolean {
  return reason === 'revoked' || reason === 'expired' || reason === 'network';
}

/**
 * What the entry says about the key.
 *
 * @param unknownKeys where a request is logged whose key belongs to no connection
 */
export function refusalPart(
  refused: RefusedKey,
  unknownKeys: { readonly tenant: string; readonly connection?: string | undefined } | undefined,
): RefusalPart | undefined {
  const { found, keyId, reason } = refused;
  const place =
    found === undefined ? unknownKeys : { tenant: found.connection.tenant, connection: found.connection.id };
  if (place === undefined) return undefined;
  return {
    tenant: place.tenant,
    connection: place.connection,
    actor: keyId,
    actorName: found && loggableText(100, found.key.name),
    keyRefusal: reason,
    detail: detailOf(refused),
  };
}

function detailOf({ reason, keyId = '', found, address }: RefusedKey): string {
  const id = `${keyId.slice(0, 8)}…`;
  const key = found === undefined ? `The key ${id}` : `The key ${loggableText(100, found.key.name)} (${id})`;
  switch (reason) {
    case 'missing':
      return 'The request has no bearer token in its Authorization header.';
    case 'unknown':
      return keyId === '' ? 'What was sent is not a connector key.' : `There is no key with the ID ${id}`;
    case 'altered':
      return `What was sent begins like ${found === undefined ? `a key with the ID ${id}` : `the key ${found.key.name} (${id})`}, but the rest is wrong.`;
    case 'revoked':
      return `${key} was revoked on ${minuteOf(found?.key.revokedAt)}.`;
    case 'expired':
      return `${key} expired on ${minuteOf(found?.key.expiresAt)}.`;
    case 'network':
      return `${key} was used from ${address}, which its allowed networks do not include.`;
  }
}

/** A store may return a time as text. */
function minuteOf(time: Date | undefined): string {
  return `${new Date(time ?? 0).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

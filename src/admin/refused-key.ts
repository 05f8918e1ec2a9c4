import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { digestConnectorKey, keyIdOf } from '../auth/key.js';
import { addressOf, networksInBoth, parseNetworks } from '../auth/networks.js';
import { BoundedMap } from '../contract/bounded-map.js';
import { requestIdOf } from '../contract/request-id.js';
import type { ConnectionStore, FoundKey, KeyRefusal } from './contract.js';
import { limiter } from './rate.js';

/** A request that was refused with 401, and why. */
export interface RefusedKey {
  readonly reason: KeyRefusal;
  /** The ID in the text that was sent. It proves nothing: whoever sent it may know no more of the key. */
  readonly keyId?: string | undefined;
  /** The key with this ID, if there is one. */
  readonly found?: FoundKey | undefined;
  /** The address that the request came from. */
  readonly address: string;
  /** As in the ResponseRecord; undefined if the request was not sent to the SCIM router, or if it was reported before. */
  readonly requestId?: string | undefined;
}

/** Finds out why a request was refused. Nothing of it changes the response. */
export interface RefusalReporter {
  /** Notes a key that a request has named. */
  remember(found: FoundKey): void;
  forget(keyId: string): void;
  report(presented: string, req: IncomingMessage): void;
}

/** Lookups of keys of which a part was sent: a stranger can invent as many IDs as they like. */
const lookupsPerMinute = 20;
const minuteMilliseconds = 60_000;

/** No key is longer. The rest of a header is not looked at. */
const longestText = 300;

const noDigest = Buffer.alloc(32);

export function refusalReporter(
  connections: Pick<ConnectionStore, 'findKey'>,
  onRefusedKey: (refused: RefusedKey) => void,
  { size, onError }: { readonly size: number; readonly onError: ((error: unknown) => void) | undefined },
): RefusalReporter {
  const keys = new BoundedMap<FoundKey>(size);
  const admitLookup = limiter(lookupsPerMinute, minuteMilliseconds);

  /** After the response, so that its time does not tell whether there is a key with this ID. */
  const lookUp = async (keyId: string, address: string): Promise<void> => {
    const found = await connections.findKey(keyId);
    if (!isSet(found)) return;
    keys.set(keyId, found);
    onRefusedKey({ reason: 'altered', keyId, found, address });
  };

  return {
    remember: (found) => keys.set(found.key.id, found),
    forget: (keyId) => keys.delete(keyId),
    report(presented, req) {
      const address = addressOf(req);
      const requestId = requestIdOf(req);
      const keyId = idIn(presented);
      const found = keyId === undefined ? undefined : keys.get(keyId);
      // The same work whether there is such a key or not.
      const isWhole = hasDigest(found, presented);
      if (keyId === undefined) {
        onRefusedKey({ reason: presented === '' ? 'missing' : 'unknown', address, requestId });
      } else if (found === undefined) {
        const isAltered = keyIdOf(presented) === undefined;
        onRefusedKey({ reason: isAltered ? 'altered' : 'unknown', keyId, address, requestId });
        if (isAltered && admitLookup()) lookUp(keyId, address).catch((error: unknown) => onError?.(error));
      } else {
        // Nobody mistypes a key so that its checksum is right: that is a forgery, which must not get into the log of a tenant.
        const isForged = !isWhole && keyIdOf(presented) !== undefined;
        const reason = isWhole ? reasonOf(found, address) : isForged ? undefined : 'altered';
        if (reason !== undefined) onRefusedKey({ reason, keyId, found, address, requestId });
      }
    },
  };
}

/** What was sent as a key, also where blanks inside make it no bearer token (RFC 6750 2.1). */
export function presentedKey(req: IncomingMessage): string {
  const header = (req.headers.authorization ?? '').slice(0, longestText);
  return header.replace(/^bearer\b/i, '').trim();
}

/** The key ID in a text that begins as a key does, whatever comes after it. */
function idIn(text: string): string | undefined {
  const begin = text.slice(0, longestText).replaceAll(/\s/g, '');
  return /^[a-z][a-z0-9]{0,15}_([0-9a-f]{16})(?![0-9a-f])/i.exec(begin)?.[1]?.toLowerCase();
}

/** Undefined for a key that cannot be used because its row cannot be read: that is not for administrators. */
function reasonOf({ connection, key }: FoundKey, address: string): KeyRefusal | undefined {
  if (isSet(key.revokedAt)) return 'revoked';
  // A store may return a time as text: `connectorKeys` reads it too.
  if (isSet(key.expiresAt) && new Date(key.expiresAt).getTime() <= Date.now()) return 'expired';
  const networks = key.temporary === true ? undefined : networksInBoth(connection.networks, key.networks);
  return isSet(networks) && parseNetworks(networks)?.includes(address) === false ? 'network' : undefined;
}

function hasDigest(found: FoundKey | undefined, presented: string): boolean {
  const expected = Buffer.from(String(found?.key.digest ?? ''), 'hex');
  const isReadable = expected.length === noDigest.length;
  const isSame = timingSafeEqual(Buffer.from(digestConnectorKey(presented), 'hex'), isReadable ? expected : noDigest);
  return isSame && isReadable;
}

/** Stores may return null for nothing. */
export function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

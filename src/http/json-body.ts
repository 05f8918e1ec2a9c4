import type { Awaitable } from '../contract/awaitable.js';
import type { Work } from '../contract/work.js';
import { encode, fitting, longArray, resourcesOf, type TooLong, writeInParts, writeList } from './json-parts.js';

/** JSON as it is written to the socket; `length` is in bytes. */
export interface JsonBody {
  readonly data: string | Uint8Array;
  readonly length: number;
  /** For text: latin1 where all of it is ASCII. Both encodings write ASCII the same, and latin1 needs no conversion. */
  readonly encoding: 'latin1' | 'utf8';
}

/** Above this number of characters bytes are cheaper than text, which Node copies once more. */
const longText = 8_192;

/** Bodies of lists up to this many resources are serialized at once: each may take a megabyte. */
const shortList = 4;

/**
 * Serializes the body of a response: a long one in parts, with pauses in which other requests are served.
 *
 * @param bytes how many bytes the resources of a list may take; undefined: any number
 * @returns how many resources fit, where they take more
 */
export function toJson(body: object, bytes: number | undefined, work: Work): Awaitable<JsonBody | TooLong> {
  const resources = resourcesOf(body);
  if (resources === undefined) {
    return longArray(body) === undefined ? toBody(JSON.stringify(body)) : partsOf(body, work);
  }
  const most = bytes ?? Number.POSITIVE_INFINITY;
  const isLong = resources.length > shortList || resources.some(hasLongArray);
  if (isLong) return listOf(body, resources, most, work);
  const text = JSON.stringify(body);
  work.spend(text.length >> 3);
  if (text.length > most || (text.length * 3 > most && Buffer.byteLength(text) > most)) {
    return { fits: fitting(resources, most) };
  }
  return toBody(text);
}

function hasLongArray(resource: unknown): boolean {
  return typeof resource === 'object' && resource !== null && longArray(resource) !== undefined;
}

async function partsOf(body: object, work: Work): Promise<JsonBody> {
  const pieces: Buffer[] = [];
  await writeInParts(body, pieces, work);
  return inBytes(Buffer.concat(pieces));
}

async function listOf(
  body: object,
  resources: readonly unknown[],
  bytes: number,
  work: Work,
): Promise<JsonBody | TooLong> {
  const pieces = await writeList(body, resources, bytes, work);
  return 'fits' in pieces ? pieces : inBytes(Buffer.concat(pieces));
}

function toBody(text: string): JsonBody {
  if (text.length > longText) return inBytes(encode(text));
  const length = Buffer.byteLength(text);
  return { data: text, length, encoding: length === text.length ? 'latin1' : 'utf8' };
}

function inBytes(data: Buffer): JsonBody {
  return { data, length: data.length, encoding: 'utf8' };
}

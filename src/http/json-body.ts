import type { Awaitable } from '../contract/awaitable.js';
import type { Work } from '../contract/work.js';
import { fitting, longArray, resourcesOf, type TooLong, writeInParts, writeList } from './json-parts.js';

/** JSON as it is written to the socket; `length` is in bytes. */
export interface JsonBody {
  readonly data: string | Uint8Array;
  readonly length: number;
  /** For text: latin1 where all of it is ASCII. Both encodings write ASCII the same, and latin1 needs no conversion. */
  readonly encoding: 'latin1' | 'utf8';
}

/** Above this number of characters bytes are cheaper than text, which Node copies once more. */
const longText = 8_192;

/** Bodies of lists up to this many resources are serialized at once. */
const shortList = 32;

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
  const texts: string[] = [];
  await writeInParts(body, texts, work);
  return toBytes(texts);
}

async function listOf(
  body: object,
  resources: readonly unknown[],
  bytes: number,
  work: Work,
): Promise<JsonBody | TooLong> {
  const texts = await writeList(body, resources, bytes, work);
  return 'fits' in texts ? texts : toBytes(texts);
}

function toBody(text: string): JsonBody {
  if (text.length > longText) return toBytes([text]);
  const length = Buffer.byteLength(text);
  return { data: text, length, encoding: length === text.length ? 'latin1' : 'utf8' };
}

function toBytes(texts: readonly string[]): JsonBody {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  // Nearly every response is ASCII: encoding as if it were, and again if not, is cheaper than counting the bytes first.
  const data =
    encode(texts, characters) ??
    encode(
      texts,
      texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    );
  if (data === undefined) throw new Error('The JSON takes more bytes than were counted.');
  return { data, length: data.length, encoding: 'utf8' };
}

const encoder = new TextEncoder();

/** Encodes the texts into `length` bytes; undefined where they do not fit. */
function encode(texts: readonly string[], length: number): Uint8Array | undefined {
  const bytes = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const text of texts) {
    const { read, written } = encoder.encodeInto(text, bytes.subarray(at));
    if (read < text.length) return undefined;
    at += written;
  }
  return bytes;
}

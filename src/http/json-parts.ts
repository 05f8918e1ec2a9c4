import type { Work } from '../contract/work.js';

/** A list that would take more than the bytes allowed: this many of its resources fit. */
export interface TooLong {
  readonly fits: number;
}

/** How many resources, or values of one attribute, are serialized without a pause: fewer where they are large. */
const resourcesInPart = 32;
const valuesInPart = 5_000;
/** The first resources of a list, whose size is not known yet. */
const firstResources = 4;
/** Bytes that are serialized without a pause, apart from a resource that is larger. */
const bytesInPart = 512 * 1024;

/** Units for each character of JSON, as a power of two by which the length is divided. */
const unitsShift = 2;

type Values = readonly unknown[];

/** The longest array of an object, where it has more elements than are serialized without a pause. */
export function longArray(body: object): string | undefined {
  for (const name in body) {
    const value: unknown = (body as Readonly<Record<string, unknown>>)[name];
    if (Array.isArray(value) && value.length > (name === 'Resources' ? resourcesInPart : valuesInPart)) return name;
  }
  return undefined;
}

/** The resources of a ListResponse; undefined for any other body. */
export function resourcesOf(body: object): Values | undefined {
  return 'Resources' in body && Array.isArray(body.Resources) ? (body.Resources as Values) : undefined;
}

/** Serializes one object in pieces, with pauses between the parts of a long array. */
export async function writeInParts(body: object, pieces: Buffer[], work: Work): Promise<void> {
  const name = longArray(body);
  if (name === undefined) {
    push(pieces, JSON.stringify(body), work);
    return;
  }
  const { [name]: list, ...rest } = body as Readonly<Record<string, unknown>>;
  const others = JSON.stringify(rest);
  push(pieces, `${others.slice(0, -1)}${others.length > 2 ? ',' : ''}${JSON.stringify(name)}:[`, work);
  const values = list as Values;
  for (let at = 0; at < values.length; at += valuesInPart) {
    await work.pause();
    push(pieces, (at > 0 ? ',' : '') + JSON.stringify(values.slice(at, at + valuesInPart)).slice(1, -1), work);
  }
  pieces.push(endOfList);
}

/**
 * Serializes a ListResponse in pieces, with pauses.
 *
 * V8 allocates a string of more than 128 KiB in its large object space, and at that size a page of 100 users took a
 * fifth more time in all (Node 20).
 */
export async function writeList(
  body: object,
  resources: Values,
  bytes: number,
  work: Work,
): Promise<Buffer[] | TooLong> {
  const rest = JSON.stringify({ ...body, Resources: undefined });
  const pieces: Buffer[] = [];
  push(pieces, `${rest.slice(0, -1)},"Resources":[`, work);
  let size = 0;
  const isLarge = resources.some((each) => typeof each === 'object' && each !== null && longArray(each) !== undefined);
  let step = isLarge ? 1 : firstResources;
  for (let at = 0; at < resources.length;) {
    const paused = work.pause();
    if (paused !== undefined) await paused;
    const part = resources.slice(at, at + step);
    const first = pieces.length;
    if (at > 0) pieces.push(comma);
    if (isLarge) await writeInParts(part[0] as object, pieces, work);
    else push(pieces, JSON.stringify(part).slice(1, -1), work);
    const added = pieces.slice(first).reduce((sum, piece) => sum + piece.length, 0);
    size += added;
    if (size > bytes) return { fits: at + fitting(part, bytes - (size - added)) };
    at += part.length;
    if (!isLarge) step = Math.max(1, Math.min(resourcesInPart, Math.floor((bytesInPart * part.length) / added)));
  }
  pieces.push(endOfList);
  return pieces;
}

/** How many of the resources, from the first, fit into some bytes. */
export function fitting(resources: Values, bytes: number): number {
  if (resources.length < 2) return 0;
  let size = 0;
  let count = 0;
  for (const resource of resources) {
    size += Buffer.byteLength(JSON.stringify(resource)) + 1;
    if (size > bytes) break;
    count++;
  }
  return count;
}

// Each piece is encoded when it is made: the bytes of all of them at once would take too long without a pause.
function push(pieces: Buffer[], text: string, work: Work): void {
  work.spend(text.length >> unitsShift);
  pieces.push(encode(text));
}

/** UTF-8. Nearly every response is ASCII, which latin1 writes the same without a conversion. */
export function encode(text: string): Buffer {
  return Buffer.from(text, Buffer.byteLength(text) === text.length ? 'latin1' : 'utf8');
}

const comma = Buffer.from(',');
const endOfList = Buffer.from(']}');

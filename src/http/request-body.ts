import { isAscii, isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { nextTurn } from '../contract/turns.js';
import type { Work } from '../contract/work.js';
import { InvalidSyntaxError, ScimError, TooLargeError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Deadlines } from '../operations/deadlines.js';
import { checkValues, checkValuesInParts } from '../schema/check-values.js';
import { hasLongMarkRun } from '../schema/combining-marks.js';
import { discard } from './discard.js';
import { parseInPieces, tooDeep } from './parse-in-pieces.js';

/** A request with the body that a parser of the host may have read. */
interface MaybeParsed extends IncomingMessage {
  readonly body?: unknown;
}

/** How the body of a request is read. */
export interface BodyOptions {
  readonly limits: Limits;
  /** The limit that counts for the bytes of this body. */
  readonly bytes: 'resourceBytes' | 'groupBytes' | 'bulkBytes';
  readonly work: Work;
  /** When the request must be finished, on the clock of `performance.now()`, milliseconds. */
  readonly deadline: number;
  readonly deadlines: Deadlines;
  /** True where no string of the body is stored, as in a search: NUL and lone surrogates are then allowed. */
  readonly anyText: boolean;
  /** Called where a parser of the host has read the body before. */
  onParsed(): void;
}

/**
 * Reads the JSON body of a request, and checks its values.
 *
 * The stream shows whether a parser of the host has read the body before; `req.body` does not, as Express 4 sets it
 * without reading. What such a parser made of the bytes is up to it; its values are checked all the same.
 *
 * @throws TooLargeError naming the limit
 * @throws ScimError 408 for a body that is not complete at the deadline
 * @throws InvalidSyntaxError for a body that is not UTF-8, not JSON, or nested too deep
 * @throws InvalidSyntaxError, InvalidValueError, TooManyError as `checkValues`
 */
export function readBody(req: IncomingMessage, options: BodyOptions): Promise<unknown> {
  let stopReading: (() => void) | undefined;
  // An error thrown in here rejects the promise.
  const read = new Promise((resolve, reject) => {
    if (req.readableDidRead || req.readableEnded) {
      options.onParsed();
      resolve(parsedBody(req, options));
      return;
    }
    try {
      checkSize(Number(req.headers['content-length']), options);
    } catch (error) {
      discard(req);
      throw error;
    }
    const parse = (bytes: Buffer): void => {
      try {
        resolve(bytes.length > largeBody ? parseInStages(bytes, options) : parseJson(bytes, options));
      } catch (error) {
        reject(error);
      }
    };
    stopReading = collect(req, options, parse, reject);
  });
  return options.deadlines.until(read, options.deadline, () => {
    stopReading?.();
    return tooSlow();
  });
}

// Node closes the connection after this response: the rest of the body would come as slowly.
function tooSlow(): ScimError {
  const detail = 'The body did not arrive in time (limits.requestMilliseconds).';
  return new ScimError(408, detail, { headers: { connection: 'close' } });
}

/** @throws TooLargeError for more bytes than the limit of this kind of body */
export function checkSize(length: number, options: Pick<BodyOptions, 'limits' | 'bytes'>): void {
  if (length > options.limits[options.bytes]) throw tooLarge(options);
}

/** What `parseJson` needs. */
export type ParseOptions = Pick<BodyOptions, 'limits' | 'work' | 'anyText'>;

/** Bodies above this size are parsed in stages, between which other requests are served. */
const largeBody = 64 * 1024;

/** Parses strict UTF-8 JSON, and checks its values. Nesting is checked before anything recurses. */
export function parseJson(bytes: Buffer, options: ParseOptions): unknown {
  const text = decode(bytes);
  const { limits } = options;
  if (opensMoreThan(text, limits.nesting)) checkNesting(bytes, limits.nesting);
  const value = parseText(text);
  if (needsCheck(bytes, text, options)) checkValues(value, options);
  return value;
}

/** The same with pauses, and with the work of the parser charged before it begins. */
async function parseInStages(bytes: Buffer, options: ParseOptions): Promise<unknown> {
  const { limits, work } = options;
  work.spend(bytes.length >> 2);
  // The bodies of several clients may be complete at the same time.
  await nextTurn();
  if (!isUtf8(bytes)) throw notUtf8();
  const pieces = parseInPieces(bytes, limits.nesting);
  let piece = pieces.next();
  while (piece.done !== true) {
    work.spend(unitsOfStructure * piece.value);
    await work.pause();
    piece = pieces.next();
  }
  const { value } = piece;
  await work.pause();
  await checkValuesInParts(value, { ...options, plain: isAscii(bytes) && !bytes.includes('\\u') });
  await work.pause();
  return value;
}

/** Units for each bracket and comma, which bounds the number of values that the parser makes. */
const unitsOfStructure = 5;

function decode(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw notUtf8();
  const decoded = bytes.toString('utf8');
  return decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded;
}

function notUtf8(): InvalidSyntaxError {
  return new InvalidSyntaxError('The body is not UTF-8.');
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidSyntaxError('The body is not JSON.');
  }
}

// Most bodies are short ASCII: no string of them can be too long, no object can have too many keys, and only an escape
// can make a mark, a NUL or a lone surrogate.
function needsCheck(bytes: Buffer, text: string, { limits }: ParseOptions): boolean {
  if (text.length > limits.stringCharacters || text.length > limits.objectKeys * shortestMember) return true;
  if (isPlain(bytes, text)) return false;
  return text.includes('\\u') || (text.length !== bytes.length && hasLongMarkRun(text, limits.combiningMarks));
}

function isPlain(bytes: Buffer, text: string): boolean {
  return text.length === bytes.length && !text.includes('\\u');
}

/** `"":0,` */
const shortestMember = 5;

/** @returns drops the rest of the body; nothing happens where all of it has arrived */
function collect(
  req: IncomingMessage,
  options: BodyOptions,
  resolve: (bytes: Buffer) => void,
  reject: (error: Error) => void,
): () => void {
  const chunks: Buffer[] = [];
  let size = 0;
  let isReading = true;
  const limit = options.limits[options.bytes];
  const stop = (): void => {
    isReading = false;
    req.off('data', append).off('end', finish).off('error', abort).off('close', abort);
  };
  const drop = (): void => {
    if (!isReading) return;
    stop();
    discard(req);
  };
  const append = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= limit) {
      chunks.push(chunk);
      return;
    }
    drop();
    reject(tooLarge(options));
  };
  const finish = (): void => {
    stop();
    resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size));
  };
  const abort = (): void => {
    stop();
    if (!req.complete) reject(new InvalidSyntaxError('The request ended before its body was complete.'));
  };
  req.on('data', append);
  req.on('end', finish);
  req.on('error', abort);
  req.on('close', abort);
  return drop;
}

function parsedBody(req: MaybeParsed, options: BodyOptions): unknown {
  const { body } = req;
  if (Buffer.isBuffer(body) || typeof body === 'string') {
    const bytes = Buffer.from(body);
    if (bytes.length > options.limits[options.bytes]) throw tooLarge(options);
    return bytes.length > largeBody ? parseInStages(bytes, options) : parseJson(bytes, options);
  }
  if (body === undefined) {
    throw new Error(
      'Something read the body before the SCIM router and left no req.body: mount the SCIM router first.',
    );
  }
  checkValues(body, options);
  return body;
}

function tooLarge({ limits, bytes }: Pick<BodyOptions, 'limits' | 'bytes'>): TooLargeError {
  return new TooLargeError(`The body is larger than ${String(limits[bytes])} bytes (limits.${bytes}).`);
}

// True where more brackets open than the limit: fewer cannot nest too deep, and the body of one user has few. Searching
// a user of 1 kB for them takes 0.1 µs, looking at each character 2 µs (Node 20).
function opensMoreThan(text: string, limit: number): boolean {
  let remaining = limit;
  for (const bracket of '{[') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (remaining-- === 0) return true;
    }
  }
  return false;
}

// Brackets inside strings do not count, and no byte of a multi-byte character is a bracket or a quote. An inner loop for strings
// takes a third of the time of a flag.
function checkNesting(bytes: Buffer, limit: number): void {
  let depth = 0;
  for (let i = 0; i < bytes.length;) {
    const code = bytes[i++] ?? 0;
    if (code === 0x22) {
      for (let inside = bytes[i++]; inside !== undefined && inside !== 0x22; inside = bytes[i++]) {
        if (inside === 0x5c) i++;
      }
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) throw tooDeep(limit);
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { InvalidSyntaxError, TooLargeError } from '../errors.js';
import type { Limits } from '../limits.js';

/** A request with the body that a parser of the host may have read. */
interface MaybeParsed extends IncomingMessage {
  readonly body?: unknown;
}

/**
 * Reads the JSON body of a request.
 *
 * The stream shows whether a parser of the host has read the body before; `req.body` does not, as Express 4 sets it
 * without reading. A parsed body is used as it is: the checks on raw bytes are then up to that parser.
 *
 * @param onParsed called where a parser has read the body before
 * @param anyText true where no string of the body is stored, as in a search: NUL and lone surrogates are then allowed
 * @throws TooLargeError naming the limit
 * @throws InvalidSyntaxError for a body that is not UTF-8, not JSON, or nested too deep
 */
export function readBody(
  req: IncomingMessage,
  limits: Limits,
  onParsed: () => void,
  anyText = false,
): Promise<unknown> {
  // An error thrown in here rejects the promise.
  return new Promise((resolve, reject) => {
    if (req.readableDidRead || req.readableEnded) {
      onParsed();
      resolve(parsedBody(req, limits));
      return;
    }
    const declaredLength = Number(req.headers['content-length']);
    checkSize(declaredLength, limits);
    const parse = (bytes: Buffer): void => {
      try {
        resolve(parseJson(bytes, limits, anyText));
      } catch (error) {
        reject(error);
      }
    };
    collect(req, limits, parse, reject);
  });
}

/** @throws TooLargeError for a body of more bytes than `limits.bodyBytes` */
export function checkSize(bytes: number, limits: Pick<Limits, 'bodyBytes'>): void {
  if (bytes > limits.bodyBytes) throw tooLarge(limits);
}

/** Parses strict UTF-8 JSON. Nesting is checked before anything recurses. */
export function parseJson(bytes: Buffer, limits: Pick<Limits, 'nesting'>, anyText = false): unknown {
  if (!isUtf8(bytes)) throw new InvalidSyntaxError('The body is not UTF-8.');
  const decoded = bytes.toString('utf8');
  const text = decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded;
  if (opensMoreThan(text, limits.nesting)) checkNesting(bytes, limits.nesting);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidSyntaxError('The body is not JSON.');
  }
  // In valid UTF-8 JSON only an escape can make a NUL or a lone surrogate.
  if (!anyText && text.includes('\\u')) checkStrings(value);
  return value;
}

function collect(
  req: IncomingMessage,
  limits: Limits,
  resolve: (bytes: Buffer) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const append = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= limits.bodyBytes) {
      chunks.push(chunk);
      return;
    }
    req.off('data', append).off('end', finish);
    // The rest is read and dropped: closing the connection now would hide the response from a client that still sends.
    req.resume();
    reject(tooLarge(limits));
  };
  const finish = (): void => {
    resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size));
  };
  const abort = (): void => {
    if (!req.complete) reject(new InvalidSyntaxError('The request ended before its body was complete.'));
  };
  req.on('data', append);
  req.on('end', finish);
  req.on('error', abort);
  req.on('close', abort);
}

function parsedBody(req: MaybeParsed, limits: Limits): unknown {
  const { body } = req;
  if (Buffer.isBuffer(body)) return parseJson(body, limits);
  if (typeof body === 'string') return parseJson(Buffer.from(body), limits);
  if (body === undefined) {
    throw new Error(
      'Something read the body before the SCIM router and left no req.body: mount the SCIM router first.',
    );
  }
  return body;
}

function tooLarge(limits: Pick<Limits, 'bodyBytes'>): TooLargeError {
  return new TooLargeError(`The body is larger than ${String(limits.bodyBytes)} bytes.`);
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

// One pass over the bytes. Brackets inside strings do not count, and no byte of a multi-byte character is a bracket or
// a quote. An inner loop for strings takes a third of the time of a flag.
function checkNesting(bytes: Buffer, limit: number): void {
  let depth = 0;
  for (let i = 0; i < bytes.length;) {
    const code = bytes[i++] ?? 0;
    if (code === 0x22) {
      for (let inside = bytes[i++]; inside !== undefined && inside !== 0x22; inside = bytes[i++]) {
        if (inside === 0x5c) i++;
      }
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) throw new InvalidSyntaxError(`The body is nested deeper than ${String(limit)} levels.`);
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

// With the u flag, only a lone surrogate matches.
const loneSurrogate = /\p{Surrogate}/u;

function checkStrings(value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\0') || loneSurrogate.test(value)) {
      throw new InvalidSyntaxError('A string of the body contains a NUL or a lone surrogate.');
    }
  } else if (Array.isArray(value)) {
    for (const each of value) checkStrings(each);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) {
      checkStrings(name);
      checkStrings(each);
    }
  }
}

import { InvalidSyntaxError } from '../errors.js';
import { isObject } from '../contract/is-object.js';

/** Bytes that one call of `JSON.parse` reads, if no value in them is longer. */
const bytesOfPiece = 256 * 1024;

/** An array or object that has begun. */
interface Container {
  isObject: boolean;
  /** Where its bracket is. */
  open: number;
  /** Where the text begins that is not parsed yet. */
  pending: number;
  /** Where the present element or member begins: behind the last comma. */
  element: number;
  /** What its text is parsed into; undefined while the text around it may be parsed as a whole. */
  value: unknown[] | Record<string, unknown> | undefined;
  /** The name under which the container inside it is stored. */
  key: string;
  /** True: the pending text begins behind a comma. */
  isAfterComma: boolean;
  /** True: the pending text begins behind a container that was parsed in pieces. */
  isAfterContainer: boolean;
}

/**
 * Parses JSON with one pass over its bytes, in pieces of about 256 kB. Small texts are one piece.
 *
 * Yields before each piece how many brackets and commas were found since the last one, which bounds the values in it. The
 * caller charges them, and lets others run.
 *
 * @param bytes valid UTF-8
 * @param nesting how deep arrays and objects may nest
 * @returns what `JSON.parse` returns
 * @throws InvalidSyntaxError where the text is not JSON, or nested too deep
 */
export function* parseInPieces(
  bytes: Buffer,
  nesting: number,
  pieceBytes = bytesOfPiece,
): Generator<number, unknown, void> {
  const parser = new PieceParser(bytes, nesting, pieceBytes);
  for (let piece = parser.scan(); piece !== undefined; piece = parser.scan()) {
    yield parser.takeCount();
    piece();
  }
  yield parser.takeCount();
  return parser.finish();
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

class PieceParser {
  readonly #bytes: Buffer;
  readonly #nesting: number;
  readonly #pieceBytes: number;
  /** By depth. They are used again, so that a small object costs no allocation. */
  readonly #containers: Container[] = [];
  readonly #start: number;
  #at: number;
  #depth = -1;
  #count = 0;
  /** Where the last piece ended. */
  #cut: number;
  #result: unknown;

  constructor(bytes: Buffer, nesting: number, pieceBytes: number) {
    this.#bytes = bytes;
    this.#nesting = nesting;
    this.#pieceBytes = pieceBytes;
    // A byte order mark.
    this.#start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    this.#at = this.#start;
    this.#cut = this.#start;
  }

  takeCount(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }

  /** Reads on until a piece is due. @returns what parses it; undefined at the end of the text */
  scan(): (() => void) | undefined {
    const bytes = this.#bytes;
    const { length } = bytes;
    for (let i = this.#at; i < length;) {
      const code = bytes[i++];
      if (code === quote) {
        for (let inside = bytes[i++]; inside !== undefined && inside !== quote; inside = bytes[i++]) {
          if (inside === backslash) i++;
        }
      } else if (code === openBrace || code === openBracket) {
        this.#open(code === openBrace, i);
      } else {
        const piece =
          code === closeBrace || code === closeBracket
            ? this.#close(code === closeBrace, i)
            : code === comma
              ? this.#next(i)
              : undefined;
        if (piece === undefined) continue;
        this.#at = i;
        return piece;
      }
    }
    this.#at = length;
    return undefined;
  }

  finish(): unknown {
    const root = this.#containers[0];
    if (root?.value === undefined) return parse(this.#text(this.#start, this.#bytes.length));
    if (this.#depth >= 0 || !this.#isBlank(this.#cut, this.#bytes.length)) throw notJson();
    return this.#result;
  }

  #open(isObject: boolean, behind: number): void {
    this.#count++;
    if (++this.#depth >= this.#nesting) throw tooDeep(this.#nesting);
    const container = this.#containers[this.#depth];
    if (container === undefined) {
      this.#containers.push({
        isObject,
        ...{ open: behind - 1, pending: behind, element: behind, value: undefined, key: '' },
        ...{ isAfterComma: false, isAfterContainer: false },
      });
      return;
    }
    container.isObject = isObject;
    container.open = behind - 1;
    container.pending = behind;
    container.element = behind;
    container.value = undefined;
    container.isAfterComma = false;
    container.isAfterContainer = false;
  }

  /** Ends a container. @returns what parses the rest of it, where it is parsed in pieces */
  #close(isObject: boolean, behind: number): (() => void) | undefined {
    const container = this.#containers[this.#depth];
    if (container === undefined) throw notJson();
    this.#depth--;
    if (container.value === undefined) return undefined;
    if (container.isObject !== isObject) throw notJson();
    return () => this.#endContainer(container, behind);
  }

  #endContainer(container: Container, behind: number): void {
    this.#endPending(container, behind - 1);
    this.#cut = behind;
    const { value } = container;
    const parent = this.#containers[this.#depth];
    if (parent === undefined) {
      this.#result = value;
      return;
    }
    if (Array.isArray(parent.value)) parent.value.push(value);
    else define(parent.value ?? {}, parent.key, value);
    parent.pending = behind;
    parent.isAfterComma = false;
    parent.isAfterContainer = true;
  }

  /** Ends an element or member. @returns what parses a piece, where one is due */
  #next(behind: number): (() => void) | undefined {
    this.#count++;
    const container = this.#containers[this.#depth];
    if (container === undefined) throw notJson();
    if (container.isAfterContainer) {
      if (!this.#isBlank(container.pending, behind - 1)) throw notJson();
      begin(container, behind);
      return undefined;
    }
    container.element = behind;
    if (behind - this.#cut < this.#pieceBytes) return undefined;
    return () => {
      this.#divide();
      this.#add(container, behind - 1);
      begin(container, behind);
      this.#cut = behind;
    };
  }

  /** Has all containers that are open parsed in pieces. */
  #divide(): void {
    for (let depth = 0; depth <= this.#depth; depth++) {
      const container = this.#containers[depth];
      if (container === undefined || container.value !== undefined) continue;
      container.value = container.isObject ? {} : [];
      const around = this.#containers[depth - 1];
      if (around !== undefined) this.#divideBefore(around, container.open);
      else if (!this.#isBlank(this.#start, container.open)) throw notJson();
    }
  }

  /** Parses what a container has before one inside it. */
  #divideBefore(around: Container, open: number): void {
    if (around.element > around.pending) {
      this.#add(around, around.element - 1);
      around.isAfterComma = true;
    }
    if (!around.isObject) {
      if (!this.#isBlank(around.element, open)) throw notJson();
      return;
    }
    let end = open - 1;
    while (end > around.element && isSpace(this.#bytes[end])) end--;
    if (this.#bytes[end] !== colon) throw notJson();
    const key = parse(this.#text(around.element, end));
    if (typeof key !== 'string') throw notJson();
    around.key = key;
  }

  /** Parses the rest of a container that ends. */
  #endPending(container: Container, end: number): void {
    if (!this.#isBlank(container.pending, end)) {
      if (container.isAfterContainer) throw notJson();
      this.#add(container, end);
    } else if (container.isAfterComma) {
      throw notJson();
    }
  }

  /** Parses the pending elements or members of a container, up to a position. */
  #add({ value, pending }: Container, end: number): void {
    if (this.#isBlank(pending, end)) throw notJson();
    const text = this.#text(pending, end);
    if (Array.isArray(value)) {
      const elements = parse(`[${text}]`);
      if (Array.isArray(elements)) for (const each of elements) value.push(each);
      return;
    }
    const members = parse(`{${text}}`);
    if (isObject(members)) for (const [name, each] of Object.entries(members)) define(value ?? {}, name, each);
  }

  #text(start: number, end: number): string {
    return this.#bytes.toString('utf8', start, end);
  }

  #isBlank(start: number, end: number): boolean {
    for (let i = start; i < end; i++) if (!isSpace(this.#bytes[i])) return false;
    return true;
  }
}

/** Begins the pending text of a container behind a comma. */
function begin(container: Container, at: number): void {
  container.pending = at;
  container.element = at;
  container.isAfterComma = true;
  container.isAfterContainer = false;
}

function isSpace(code: number | undefined): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function define(object: Record<string, unknown>, name: string, value: unknown): void {
  // An assignment to `__proto__` would set the prototype.
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  } else {
    object[name] = value;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}

export function tooDeep(limit: number): InvalidSyntaxError {
  return new InvalidSyntaxError(`The body is nested deeper than ${String(limit)} levels (limits.nesting).`);
}

function notJson(): InvalidSyntaxError {
  return new InvalidSyntaxError('The body is not JSON.');
}

import { InvalidSyntaxError, InvalidValueError, type ScimError, TooLargeError } from '../errors.js';
import { textUnits, type Work } from '../contract/work.js';
import { isObject } from '../contract/is-object.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import { checkMessage, messages, readMember } from './messages.js';

/** One operation of a bulk request, as read. */
export interface BulkOperation {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As written; may hold `bulkId:` references. */
  readonly path: string;
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly data: unknown;
  /** `bulkId`s of other operations that its path and data name. */
  readonly references: ReadonlySet<string>;
  /** Why it cannot run; undefined where it can. */
  readonly problem: ScimError | undefined;
}

/** A BulkRequest (RFC 7644 3.7). */
export interface BulkRequest {
  readonly operations: readonly BulkOperation[];
  /** After this many errors no further operation starts; undefined: no limit. */
  readonly failOnErrors: number | undefined;
}

/** The result of one operation (RFC 7644 3.7.3). `status` is a string (erratum 7916). */
export interface BulkResult {
  readonly method: string;
  readonly bulkId?: string | undefined;
  readonly version?: string | undefined;
  readonly location?: string | undefined;
  readonly status: string;
  readonly response?: unknown;
}

/**
 * Reads a BulkRequest.
 *
 * A problem of one operation becomes the result of that operation. A problem of the message is thrown.
 *
 * @throws InvalidSyntaxError when the body is not a BulkRequest, or two operations have the same bulkId
 * @throws TooLargeError when there are more than `maxOperations` operations
 */
export async function readBulk(
  body: unknown,
  maxOperations: number,
  { useQuirk, work }: { readonly useQuirk: UseQuirk; readonly work: Work },
): Promise<BulkRequest> {
  if (!isObject(body)) throw new InvalidSyntaxError('The body must be a BulkRequest object.');
  checkMessage(body, messages.bulkRequest, useQuirk);
  const operations = readMember(body, 'operations');
  if (!Array.isArray(operations)) throw new InvalidSyntaxError('"Operations" must be a list.');
  if (operations.length > maxOperations) {
    throw new TooLargeError(
      `A bulk request may have at most ${String(maxOperations)} operations (limits.bulkOperations).`,
    );
  }
  const bulkIds = new Set<string>();
  const read: BulkOperation[] = [];
  for (const operation of operations) {
    // An operation may name thousands of others.
    await work.pause();
    read.push(readOperation(operation, bulkIds, work));
  }
  return {
    operations: read,
    failOnErrors: readFailOnErrors(readMember(body, 'failonerrors')),
  };
}

function readFailOnErrors(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw new InvalidValueError('failOnErrors must be an integer greater than 0.');
  }
  return value as number;
}

const methods = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

function readOperation(operation: unknown, bulkIds: Set<string>, work: Work): BulkOperation {
  if (!isObject(operation)) throw new InvalidSyntaxError('Each of "Operations" must be an object.');
  const method = readMember(operation, 'method');
  const path = readMember(operation, 'path');
  if (typeof method !== 'string' || !methods.has(method.toUpperCase())) {
    throw new InvalidSyntaxError('Each operation needs a method: POST, PUT, PATCH or DELETE.');
  }
  if (typeof path !== 'string' || path === '') throw new InvalidSyntaxError('Each operation needs a path.');
  const bulkId = readMember(operation, 'bulkid');
  if (bulkId !== undefined && bulkId !== null && (typeof bulkId !== 'string' || bulkId === '')) {
    throw new InvalidSyntaxError('A bulkId must be a non-empty string.');
  }
  if (typeof bulkId === 'string') {
    if (bulkIds.has(bulkId)) throw new InvalidSyntaxError('Two operations have the same bulkId: each needs its own.');
    bulkIds.add(bulkId);
  }
  const version = readMember(operation, 'version');
  const data = readMember(operation, 'data');
  const references = new Set<string>();
  collectReferences(data, references, work);
  const referenceInPath = pathReference(path);
  if (referenceInPath !== undefined) references.add(referenceInPath);
  const upper = method.toUpperCase() as BulkOperation['method'];
  return {
    method: upper,
    path,
    bulkId: typeof bulkId === 'string' ? bulkId : undefined,
    version: typeof version === 'string' && version !== '' ? version : undefined,
    data,
    references,
    problem: problemOf(upper, bulkId, data),
  };
}

function problemOf(method: BulkOperation['method'], bulkId: unknown, data: unknown): ScimError | undefined {
  if (method === 'POST' && typeof bulkId !== 'string')
    return new InvalidSyntaxError('A POST in a bulk request needs a bulkId.');
  if (method !== 'DELETE' && (data === undefined || data === null))
    return new InvalidSyntaxError(`A ${method} needs data.`);
  return undefined;
}

const prefix = 'bulkId:';

/** The bulkId that a path has in place of an id: `/Groups/bulkId:x`. */
function pathReference(path: string): string | undefined {
  const at = path.indexOf(`/${prefix}`);
  if (at < 0) return undefined;
  const rest = path.slice(at + 1 + prefix.length);
  const end = rest.search(/[/?]/);
  return end < 0 ? rest : rest.slice(0, end);
}

function collectReferences(value: unknown, found: Set<string>, work: Work): void {
  if (typeof value === 'string') collectFrom(value, found, work);
  else if (Array.isArray(value)) for (const each of value) collectReferences(each, found, work);
  else if (isObject(value))
    for (const name of Object.keys(value)) {
      collectFrom(name, found, work);
      collectReferences(value[name], found, work);
    }
}

function collectFrom(text: string, found: Set<string>, work: Work): void {
  work.spend(textUnits(text));
  if (!text.includes(prefix)) return;
  if (text.startsWith(prefix)) found.add(text.slice(prefix.length));
  else for (const { bulkId } of quotedReferences(text)) found.add(bulkId);
}

/** A reference in a text, with its quotes. */
interface QuotedReference {
  readonly bulkId: string;
  readonly start: number;
  readonly end: number;
}

const quotedPrefix = `"${prefix}`;

/**
 * The references in a text: a reference is a whole value, or a JSON string in the filter of a PATCH path.
 *
 * One pass, whatever the text is: where one string is not closed, none that begins later is.
 */
export function quotedReferences(text: string): readonly QuotedReference[] {
  const found: QuotedReference[] = [];
  for (let start = text.indexOf(quotedPrefix); start >= 0;) {
    const from = start + quotedPrefix.length;
    const close = closingQuote(text, from);
    if (close < 0) break;
    found.push({ bulkId: text.slice(from, close), start, end: close + 1 });
    start = text.indexOf(quotedPrefix, close + 1);
  }
  return found;
}

function closingQuote(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '"') return i;
    if (text[i] === '\\') i++;
  }
  return -1;
}

function replaceQuoted(text: string, resolve: Resolve): string {
  let result = '';
  let at = 0;
  for (const { bulkId, start, end } of quotedReferences(text)) {
    const id = resolve(bulkId);
    result += text.slice(at, start) + (id === undefined ? text.slice(start, end) : JSON.stringify(id));
    at = end;
  }
  return result + text.slice(at);
}

/** Returns the ID of the resource that a bulkId names; undefined while it has none. */
export type Resolve = (bulkId: string) => string | undefined;

/** Marks a value to leave out, because the resource that it names has no ID yet. */
const leftOut = Symbol('left out');

/**
 * Data with every reference replaced by an ID.
 *
 * A reference without an ID yet is left out, together with the object whose `value` it is. The caller writes the data
 * again when every reference has an ID.
 */
export function resolveData(data: unknown, resolve: Resolve): unknown {
  const replaceText = (text: string): string | typeof leftOut => {
    if (text.startsWith(prefix)) return resolve(text.slice(prefix.length)) ?? leftOut;
    return text.includes(quotedPrefix) ? replaceQuoted(text, resolve) : text;
  };
  const replace = (value: unknown): unknown => {
    if (typeof value === 'string') return replaceText(value);
    if (Array.isArray(value)) return value.map(replace).filter((each) => each !== leftOut);
    if (!isObject(value)) return value;
    const result: Record<string, unknown> = {};
    for (const [name, each] of Object.entries(value)) {
      const replaced = replace(each);
      if (replaced === leftOut) {
        if (name.toLowerCase() === 'value') return leftOut;
        continue;
      }
      const key = replaceText(name);
      if (typeof key === 'string')
        Object.defineProperty(result, key, { value: replaced, enumerable: true, writable: true, configurable: true });
    }
    return result;
  };
  const replaced = replace(data);
  return replaced === leftOut ? undefined : replaced;
}

/** The path with its reference replaced by an ID; undefined while there is none. */
export function resolvePath(path: string, resolve: Resolve): string | undefined {
  const reference = pathReference(path);
  if (reference === undefined) return path;
  const id = resolve(reference);
  return id === undefined ? undefined : path.replace(`${prefix}${reference}`, encodeURIComponent(id));
}

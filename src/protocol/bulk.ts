import { InvalidSyntaxError, InvalidValueError, type ScimError, TooLargeError } from '../errors.js';
import { isObject } from '../contract/is-object.js';
import { foldNames, messages } from './messages.js';

/** One operation of a bulk request, checked; `problem` where it cannot be run at all. */
export interface BulkOperation {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As written; may hold `bulkId:` references. */
  readonly path: string;
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly data: unknown;
  /** `bulkId`s of other operations that it names, in path and data. */
  readonly references: ReadonlySet<string>;
  readonly problem: ScimError | undefined;
}

/** RFC 7644 3.7. */
export interface BulkRequest {
  readonly operations: readonly BulkOperation[];
  /** After so many errors no further operation is begun; undefined: never. */
  readonly failOnErrors: number | undefined;
}

/** RFC 7644 3.7.3: `status` is a string (erratum 7916). */
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
 * What is wrong with one operation is that operation's result; what is wrong with the message is thrown.
 *
 * @throws InvalidSyntaxError for a message that is none, or a bulkId that two operations have
 * @throws TooLargeError naming the limit on operations
 */
export function readBulk(body: unknown, maxOperations: number): BulkRequest {
  if (!isObject(body)) throw new InvalidSyntaxError('The body must be a BulkRequest object.');
  const members = foldNames(body);
  const schemas = members.get('schemas');
  if (!Array.isArray(schemas) || !schemas.includes(messages.bulkRequest)) {
    throw new InvalidSyntaxError(`"schemas" must name ${messages.bulkRequest}.`);
  }
  const operations = members.get('operations');
  if (!Array.isArray(operations)) throw new InvalidSyntaxError('"Operations" must be a list.');
  if (operations.length > maxOperations) {
    throw new TooLargeError(`A bulk request may have at most ${String(maxOperations)} operations (maxOperations).`);
  }
  const bulkIds = new Set<string>();
  return {
    operations: operations.map((operation) => readOperation(operation, bulkIds)),
    failOnErrors: readFailOnErrors(members.get('failonerrors')),
  };
}

function readFailOnErrors(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw new InvalidValueError('failOnErrors must be a whole number above 0.');
  }
  return value as number;
}

const methods = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

function readOperation(operation: unknown, bulkIds: Set<string>): BulkOperation {
  if (!isObject(operation)) throw new InvalidSyntaxError('Each of "Operations" must be an object.');
  const members = foldNames(operation);
  const method = members.get('method');
  const path = members.get('path');
  if (typeof method !== 'string' || !methods.has(method.toUpperCase())) {
    throw new InvalidSyntaxError('Each operation needs a method: POST, PUT, PATCH or DELETE.');
  }
  if (typeof path !== 'string' || path === '') throw new InvalidSyntaxError('Each operation needs a path.');
  const bulkId = members.get('bulkid');
  if (bulkId !== undefined && bulkId !== null && (typeof bulkId !== 'string' || bulkId === '')) {
    throw new InvalidSyntaxError('A bulkId must be a string that is not empty.');
  }
  if (typeof bulkId === 'string') {
    if (bulkIds.has(bulkId)) throw new InvalidSyntaxError('A bulkId may be given to one operation only.');
    bulkIds.add(bulkId);
  }
  const version = members.get('version');
  const data = members.get('data');
  const references = new Set<string>();
  collectReferences(data, references);
  const inPath = pathReference(path);
  if (inPath !== undefined) references.add(inPath);
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

/** The bulkId that a path names in place of an id: `/Groups/bulkId:x`. */
export function pathReference(path: string): string | undefined {
  const at = path.indexOf(`/${prefix}`);
  if (at < 0) return undefined;
  const rest = path.slice(at + 1 + prefix.length);
  const end = rest.search(/[/?]/);
  return end < 0 ? rest : rest.slice(0, end);
}

function collectReferences(value: unknown, found: Set<string>): void {
  if (typeof value === 'string') collectFrom(value, found);
  else if (Array.isArray(value)) for (const each of value) collectReferences(each, found);
  else if (isObject(value))
    for (const name of Object.keys(value)) {
      collectFrom(name, found);
      collectReferences(value[name], found);
    }
}

// A reference is a whole value, or stands in quotes in the filter of a PATCH path.
const quoted = /"bulkId:((?:[^"\\]|\\.)*)"/g;

function collectFrom(text: string, found: Set<string>): void {
  if (!text.includes(prefix)) return;
  if (text.startsWith(prefix)) found.add(text.slice(prefix.length));
  else for (const match of text.matchAll(quoted)) found.add(match[1] ?? '');
}

/** What a reference became: the id, or undefined while that is not known. */
export type Resolve = (bulkId: string) => string | undefined;

/** Stands for a value that is left out because what it names is not there yet. */
const leftOut = Symbol('left out');

/**
 * Data with every reference replaced by its id.
 *
 * References that have no id yet are left out, with the object that they are the `value` of; the data is then
 * incomplete, and written again when they have one.
 */
export function resolveData(data: unknown, resolve: Resolve): { readonly data: unknown; readonly complete: boolean } {
  let complete = true;
  const replaceText = (text: string): string | typeof leftOut => {
    if (text.startsWith(prefix)) {
      const id = resolve(text.slice(prefix.length));
      if (id === undefined) complete = false;
      return id ?? leftOut;
    }
    if (!text.includes(`"${prefix}`)) return text;
    return text.replace(quoted, (whole, bulkId: string) => {
      const id = resolve(bulkId);
      if (id === undefined) complete = false;
      return id === undefined ? whole : JSON.stringify(id);
    });
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
  return { data: replaced === leftOut ? undefined : replaced, complete };
}

/** The path with its reference replaced; undefined while that has no id. */
export function resolvePath(path: string, resolve: Resolve): string | undefined {
  const reference = pathReference(path);
  if (reference === undefined) return path;
  const id = resolve(reference);
  return id === undefined ? undefined : path.replace(`${prefix}${reference}`, encodeURIComponent(id));
}

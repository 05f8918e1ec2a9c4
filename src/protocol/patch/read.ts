import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidPathError, InvalidSyntaxError, InvalidValueError, NoTargetError, TooLargeError } from '../../errors.js';
import { isObject } from '../../contract/is-object.js';
import type { ResourceType } from '../../schema/resource-type.js';
import { messages } from '../messages.js';
import type { PathOptions, PathReader } from '../path.js';
import type { PatchPlan } from './operation.js';
import { OperationResolver } from './resolve.js';
import type { Operation } from './target.js';

/** What is needed to read a PATCH. */
export interface PatchOptions extends PathOptions {
  /** True for groups: operations on `members` become one delta. */
  readonly memberDeltas: boolean;
  /**
   * True: the interoperability profile's readings (its section 6.5). Every operation has a path; `replace` of a complex
   * attribute takes unnamed sub-attributes away (standards reading 19); a filter of `add` or `replace` is followed by a
   * sub-attribute and picks one value. Default false: RFC 7644.
   */
  readonly profile?: boolean | undefined;
  /** Remembers parsed paths between requests. */
  readonly paths?: PathReader | undefined;
}

/**
 * Reads the body of a PATCH (RFC 7644 3.5.2) and resolves every operation against the schema, in order, before
 * anything is applied.
 *
 * @throws InvalidSyntaxError for what is no PatchOp message; with `profile` for an operation without path
 * @throws InvalidPathError, InvalidFilterError, NoTargetError for a path
 * @throws InvalidValueError, MutabilityError for what the schema alone refuses
 * @throws TooLargeError for more operations than `limits.patchOperations`
 *
 * @example
 * const plan = readPatch(body, userType, { limits, tolerate, memberDeltas: false });
 */
export function readPatch(body: unknown, type: ResourceType, options: PatchOptions): PatchPlan {
  if (!isObject(body)) throw new InvalidSyntaxError('The body must be a JSON object.');
  checkSchemas(member(body, 'schemas'));
  const operations = member(body, 'operations');
  if (!Array.isArray(operations)) throw new InvalidSyntaxError('"Operations" must be a list of operations.');
  if (operations.length > options.limits.patchOperations) {
    throw new TooLargeError(`A PATCH may have at most ${options.limits.patchOperations} operations.`);
  }
  if (operations.length === 0 && !options.useQuirk('empty-operations')) {
    throw new InvalidSyntaxError('"Operations" must hold at least one operation.');
  }
  const resolver = new OperationResolver(type, options);
  for (const operation of operations) resolve(operation, resolver, options);
  return resolver.plan();
}

function resolve(operation: unknown, resolver: OperationResolver, { useQuirk, profile }: PatchOptions): void {
  if (!isObject(operation)) throw new InvalidSyntaxError('Each operation must be a JSON object.');
  const op = readOp(member(operation, 'op'), useQuirk);
  // RFC 7643 2.5: null is as good as absent, and serializers write it for a path that was not set.
  const path = member(operation, 'path') ?? undefined;
  if (path !== undefined && typeof path !== 'string') throw new InvalidPathError('"path" must be a string.');
  // RFC 7644 3.5.2 lets add and replace do without; the interoperability profile (6.5) does not.
  if (path === undefined && (op !== 'remove' || profile === true) && !useQuirk('pathless-operation')) {
    throw new InvalidSyntaxError('Each operation must have a path.');
  }
  const value = member(operation, 'value');
  if (op === 'remove') {
    // RFC 7644 3.5.2.2
    if (path === undefined) throw new NoTargetError('A remove operation must have a path.');
    resolver.remove(path, value);
    return;
  }
  if (value === undefined) throw new InvalidValueError(`An operation "${op}" must have a value.`);
  if (path === undefined) resolver.object(op, value);
  else resolver.set(op, path, value);
}

function readOp(op: unknown, useQuirk: UseQuirk): Operation | 'remove' {
  if (op === 'add' || op === 'replace' || op === 'remove') return op;
  const folded = typeof op === 'string' ? op.toLowerCase() : undefined;
  if ((folded === 'add' || folded === 'replace' || folded === 'remove') && useQuirk('op-case')) return folded;
  throw new InvalidSyntaxError('"op" must be "add", "remove" or "replace".');
}

function checkSchemas(schemas: unknown): void {
  const folded = messages.patchOp.toLowerCase();
  const named =
    Array.isArray(schemas) &&
    schemas.some((uri) => uri === messages.patchOp || (typeof uri === 'string' && uri.toLowerCase() === folded));
  if (!named) throw new InvalidSyntaxError(`"schemas" must be a list that names ${messages.patchOp}.`);
}

/** A member of a message by its name in lower case; names have no case (RFC 7643 2.1). */
function member(object: Readonly<Record<string, unknown>>, name: string): unknown {
  let found: unknown;
  let seen = false;
  for (const key of Object.keys(object)) {
    if (key !== name && (key.length !== name.length || key.toLowerCase() !== name)) continue;
    if (seen) throw new InvalidSyntaxError(`The member "${name}" is given twice, in two spellings.`);
    seen = true;
    found = object[key];
  }
  return found;
}

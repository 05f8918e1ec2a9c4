import { type Awaitable, isThenable } from '../../contract/awaitable.js';
import type { UseQuirk } from '../../quirks/active-quirks.js';
import {
  InvalidPathError,
  InvalidSyntaxError,
  InvalidValueError,
  isScimError,
  NoTargetError,
  TooLargeError,
} from '../../errors.js';
import { ValueMistakes } from '../../schema/value-mistakes.js';
import { atOperation, operationOf } from './place.js';
import { setValues } from './set-values.js';
import { isObject } from '../../contract/is-object.js';
import type { ResourceType } from '../../schema/resource-type.js';
import { checkMessage, messages, readMember } from '../messages.js';
import type { Operation, PatchOptions, PatchPlan } from './operation.js';
import { OperationResolver } from './resolve.js';

/**
 * Reads the body of a PATCH (RFC 7644 3.5.2), and resolves every operation against the schema, in order, before any of
 * them is applied.
 *
 * @throws InvalidSyntaxError where the body is not a PatchOp message; with `profile`, for an operation without a path
 * @throws InvalidPathError, InvalidFilterError, NoTargetError for a path
 * @throws InvalidValueError that names every value that is wrong
 * @throws MutabilityError for an attribute that the schema does not let a client write
 * @throws TooLargeError for more operations than `limits.patchOperations`
 */
export function readPatch(body: unknown, type: ResourceType, options: PatchOptions): PatchPlan {
  const operations = operationsOf(body, options);
  const reader = new PatchReader(type, options, operations.length);
  for (const [index, operation] of operations.entries()) reader.read(operation, index);
  return reader.plan();
}

/** Members of one operation that are read without a pause: a few milliseconds of work. */
const membersInPart = 5_000;

/** As `readPatch`, with pauses between parts of many operations, and of operations with many members. */
export async function readPatchInParts(body: unknown, type: ResourceType, options: PatchOptions): Promise<PatchPlan> {
  const operations = operationsOf(body, options);
  const reader = new PatchReader(type, options, operations.length);
  for (const [index, operation] of operations.entries()) {
    for (const part of partsOf(operation, options)) {
      const paused = options.work?.pause();
      if (isThenable(paused)) await paused;
      reader.read(part, index);
    }
  }
  const checked = reader.checkOthers();
  if (isThenable(checked)) await checked;
  return reader.plan();
}

/** Resolves operations one by one, and collects the values that are wrong. */
class PatchReader {
  readonly #mistakes: ValueMistakes;
  readonly #options: PatchOptions;
  readonly #resolver: OperationResolver;
  readonly #several: boolean;

  constructor(type: ResourceType, options: PatchOptions, count: number) {
    this.#mistakes = new ValueMistakes((path) => operationOf(this.#resolver.plan(), path));
    this.#options = { ...options, mistakes: this.#mistakes };
    this.#resolver = new OperationResolver(type, this.#options);
    this.#several = count > 1;
  }

  read(operation: unknown, index: number): void {
    this.#resolver.place = index;
    if (this.#several) this.#mistakes.operation = index;
    try {
      resolve(operation, this.#resolver, this.#options);
    } catch (error) {
      collect(error, this.#mistakes);
    }
  }

  /** Where a value could not be read, the other values are checked too: the error names them all. */
  checkOthers(): Awaitable<void> {
    this.#mistakes.operation = undefined;
    if (this.#mistakes.size === 0) return undefined;
    return this.#options.checkValues?.(setValues(this.#resolver.plan()), this.#mistakes);
  }

  /** @throws InvalidValueError that names every value that is wrong */
  plan(): PatchPlan {
    this.#mistakes.throwIfAny();
    return this.#resolver.plan();
  }
}

/** Collects a wrong value, so that reading goes on. Anything else is thrown, after the values that are wrong before it. */
function collect(error: unknown, mistakes: ValueMistakes): void {
  if (isScimError(error) && error.code !== 'SCIM_INVALID_VALUE') {
    mistakes.throwIfAny();
    throw atOperation(error, mistakes.operation);
  }
  mistakes.addThrown('', error);
}

// Members are added and removed one by one, whether one operation lists them or several.
function* partsOf(operation: unknown, { memberDeltas }: PatchOptions): Iterable<unknown> {
  const members = memberDeltas && isObject(operation) ? readMember(operation, 'value') : undefined;
  if (!isObject(operation) || !Array.isArray(members) || members.length <= membersInPart || !isOnMembers(operation)) {
    yield operation;
    return;
  }
  const [op, path] = [readMember(operation, 'op'), readMember(operation, 'path')];
  const next = typeof op === 'string' && op.toLowerCase() === 'replace' ? 'add' : op;
  for (let start = 0; start < members.length; start += membersInPart) {
    yield { op: start === 0 ? op : next, path, value: members.slice(start, start + membersInPart) };
  }
}

function isOnMembers(operation: Readonly<Record<string, unknown>>): boolean {
  const path = readMember(operation, 'path');
  return typeof path === 'string' && path.toLowerCase() === 'members';
}

function operationsOf(body: unknown, options: PatchOptions): readonly unknown[] {
  if (!isObject(body)) throw new InvalidSyntaxError('The body must be a JSON object.');
  checkMessage(body, messages.patchOp, options.useQuirk);
  const operations = readOperations(body, options.useQuirk);
  if (operations.length > options.limits.patchOperations) {
    throw new TooLargeError(
      `A PATCH may have at most ${options.limits.patchOperations} operations (limits.patchOperations).`,
    );
  }
  return operations;
}

function readOperations(body: Readonly<Record<string, unknown>>, useQuirk: UseQuirk): readonly unknown[] {
  const operations = readMember(body, 'operations');
  if (operations === undefined || operations === null) {
    // A body with other members is not an empty PATCH: it is not a PATCH at all.
    const isBare = Object.keys(body).every((name) => ['schemas', 'operations'].includes(name.toLowerCase()));
    if (isBare && useQuirk('operations-missing')) return [];
  }
  if (!Array.isArray(operations)) throw new InvalidSyntaxError('"Operations" must be a list of operations.');
  if (operations.length === 0 && !useQuirk('empty-operations')) {
    throw new InvalidSyntaxError('"Operations" must have at least one operation.');
  }
  return operations;
}

/** Units for reading one operation, its path and value apart. */
const unitsOfOperation = 100;

function resolve(operation: unknown, resolver: OperationResolver, { useQuirk, profile, work }: PatchOptions): void {
  work?.spend(unitsOfOperation);
  if (!isObject(operation)) throw new InvalidSyntaxError('Each operation must be a JSON object.');
  const op = readOp(readMember(operation, 'op'), useQuirk);
  // RFC 7643 2.5: null means the same as absent, and serializers write it for a path that is not set.
  const path = readMember(operation, 'path') ?? undefined;
  if (path !== undefined && typeof path !== 'string') throw new InvalidPathError('"path" must be a string.');
  // RFC 7644 3.5.2 allows add and replace without a path; the interoperability profile (6.5) does not.
  if (path === undefined && (op !== 'remove' || profile === true) && !useQuirk('pathless-operation')) {
    throw new InvalidSyntaxError('Each operation must have a path.');
  }
  const value = readMember(operation, 'value');
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

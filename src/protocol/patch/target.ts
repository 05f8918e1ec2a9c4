import { InvalidPathError, InvalidValueError, MutabilityError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { canonicalizeOne } from '../../schema/read-resource.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { TargetPath } from '../path.js';
import { resolveMemberChange, resolveMemberRemoval } from './members.js';
import type { ResolvedOperation, SetStep, SubAttributes, Unmatched, ValueChange, ValuesStep } from './operation.js';
import type { PatchOptions } from './read.js';
import { givenObject, givenValues, refuseTwoPrimaries, subAttributes } from './value.js';

/** The two operations that bring a value. */
export type Operation = 'add' | 'replace';

/** What every operation of one PATCH is resolved against. */
export interface Resolution {
  readonly type: ResourceType;
  readonly options: PatchOptions;
  /** The attribute whose operations become a delta. */
  readonly members: Attribute | undefined;
}

/** True for what only the service provider writes; `schemas` follows from the attributes. */
export function isReadOnly(attribute: Attribute): boolean {
  return attribute.mutability === 'readOnly' || attribute.path === 'schemas';
}

/**
 * `add` or `replace` of a target that is no extension's container, as a step; undefined: nothing to do.
 *
 * @throws MutabilityError, InvalidValueError
 */
export function resolveChange(
  op: Operation,
  path: TargetPath,
  value: unknown,
  resolution: Resolution,
): ResolvedOperation | undefined {
  const { attribute, filter, sub } = path;
  const { type, options, members } = resolution;
  if (attribute.path === 'id' || attribute.path === 'schemas') {
    return { kind: 'same', attribute, value, whole: op === 'replace' };
  }
  refuseReadOnly(path);
  if (attribute === members) return resolveMemberChange(op, path, value, type, options.useQuirk);
  if (sub !== undefined) {
    const next = givenValues(type, sub, value, options.useQuirk);
    if (next === undefined && sub.required) throw new InvalidValueError(`${sub.path} is required.`);
    return changeSub(path, sub, next, op === 'add', resolution);
  }
  if (filter !== undefined) return changeValues(op, path, value, resolution);
  if (attribute.multiValued) {
    const values = givenValues(type, attribute, value, options.useQuirk) as readonly unknown[] | undefined;
    if (values !== undefined) refuseTwoPrimaries(attribute, values);
    if (op === 'replace') return setWhole(attribute, values);
    return values && { kind: 'append', attribute, values };
  }
  if (attribute.type === 'complex') {
    const given = givenObject(attribute, value, options.useQuirk);
    if (given === undefined) return setWhole(attribute, undefined);
    const changes = subAttributes(type, attribute, given, options.useQuirk);
    const whole = op === 'replace' && options.profile === true;
    return { kind: 'merge', attribute, changes, append: op === 'add', whole };
  }
  return setWhole(attribute, canonicalizeOne(type, attribute, value, options.useQuirk));
}

/**
 * `remove` of a target, as a step; undefined: nothing to do. What is in `value` matters for a multi-valued attribute
 * without a filter only.
 *
 * @throws MutabilityError, InvalidValueError
 */
export function resolveRemoval(
  path: TargetPath,
  value: unknown,
  resolution: Resolution,
): ResolvedOperation | undefined {
  const { attribute, filter, sub } = path;
  const { type, options, members } = resolution;
  refuseReadOnly(path);
  if (attribute === members) return resolveMemberRemoval(path, value, type, options.useQuirk);
  if (sub !== undefined) {
    if (sub.required) throw required(sub);
    return changeSub(path, sub, undefined, false, resolution);
  }
  if (filter !== undefined) return valuesStep(path, { kind: 'remove' }, 'ignore', false);
  if (attribute.multiValued && value !== undefined) {
    const values = listedValues(attribute, value, resolution);
    return values && { kind: 'removeListed', attribute, values };
  }
  if (attribute.required) throw required(attribute);
  return { kind: 'set', attribute, value: undefined };
}

/** The assignment of a whole value, which may be undefined. @throws InvalidValueError where it is required */
export function setWhole(attribute: Attribute, value: unknown): SetStep {
  if (value === undefined && attribute.required) {
    throw new InvalidValueError(`${attribute.path} is required and cannot be unassigned.`);
  }
  return { kind: 'set', attribute, value };
}

// RFC 7644 3.5.2.2: what is required cannot become unassigned.
function required(attribute: Attribute): MutabilityError {
  return new MutabilityError(`${attribute.path} is required and cannot be removed.`);
}

function refuseReadOnly({ attribute, sub }: TargetPath): void {
  if (isReadOnly(attribute)) throw new MutabilityError(`${attribute.path} is read-only.`);
  if (sub !== undefined && isReadOnly(sub)) throw new MutabilityError(`${sub.path} is read-only.`);
}

// Standards reading 1: only what is listed goes; whatever is no list never stands for everything.
function listedValues(
  attribute: Attribute,
  value: unknown,
  { type, options }: Resolution,
): readonly unknown[] | undefined {
  if (value === null || value === '' || !options.useQuirk('remove-listed-values')) {
    throw new InvalidValueError('A remove operation may have a value only to list the values that go.');
  }
  return givenValues(type, attribute, value, options.useQuirk) as readonly unknown[] | undefined;
}

function changeValues(op: Operation, path: TargetPath, value: unknown, { type, options }: Resolution): ValuesStep {
  const { attribute } = path;
  const { useQuirk, profile = false } = options;
  if (profile && attribute.type === 'complex') {
    throw new InvalidPathError(`A filter of ${attribute.path} must be followed by a sub-attribute.`);
  }
  if (attribute.type !== 'complex') {
    return valuesStep(
      path,
      {
        kind: 'replace',
        value: canonicalizeOne(type, attribute, value, useQuirk),
      },
      'noTarget',
      profile,
    );
  }
  const given = givenObject(attribute, value, useQuirk);
  // RFC 7644 3.5.2.1: a complex target is given sub-attributes; 3.5.2.3: values that match are replaced.
  const change: ValueChange =
    op === 'add' && given !== undefined
      ? {
          kind: 'merge',
          changes: subAttributes(type, attribute, given, useQuirk),
          append: true,
        }
      : {
          kind: 'replace',
          value: canonicalizeOne(type, attribute, given, useQuirk),
        };
  return valuesStep(path, change, 'noTarget', profile);
}

function changeSub(
  path: TargetPath,
  sub: Attribute,
  value: unknown,
  append: boolean,
  { options: { profile = false } }: Resolution,
): ResolvedOperation {
  const { attribute } = path;
  const changes: SubAttributes = new Map([[sub, value]]);
  return attribute.multiValued
    ? valuesStep(path, { kind: 'merge', changes, append }, unmatched(path, sub, value), profile)
    : { kind: 'merge', attribute, changes, append, whole: false };
}

/** Standards readings 2 and 3: a filter of equalities says what the value that is missing looks like. */
function unmatched({ attribute, filter }: TargetPath, sub: Attribute, value: unknown): Unmatched {
  const create = (seed: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined =>
    value === undefined ? undefined : { ...seed, [sub.name]: value };
  if (filter === undefined) return { create: create({}), quirk: false };
  const { seed } = filter;
  if (seed === undefined) return 'noTarget';
  for (const name of Object.keys(seed)) {
    if (attribute.attributes.get(name)?.mutability === 'readOnly') return 'noTarget';
  }
  return { create: create(seed), quirk: true };
}

function valuesStep(
  { attribute, filter }: TargetPath,
  change: ValueChange,
  unmatchedValue: Unmatched,
  one: boolean,
): ValuesStep {
  return {
    kind: 'values',
    attribute,
    filter,
    one,
    change,
    unmatched: unmatchedValue,
  };
}

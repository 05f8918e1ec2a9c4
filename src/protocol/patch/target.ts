import { InvalidPathError, InvalidValueError, MutabilityError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { isForeignUri } from '../../schema/notation.js';
import { canonicalizeOne } from '../../schema/canonicalize.js';
import { checkOnePrimary, hasPrimary } from '../../schema/primary.js';
import { wrongValue } from '../../schema/value-mistakes.js';
import type { TargetPath } from '../path.js';
import { resolveMemberChange, resolveMemberRemoval } from './members.js';
import type {
  Operation,
  Resolution,
  ResolvedOperation,
  SetStep,
  SubAttributes,
  Unmatched,
  ValueChange,
  ValuesStep,
} from './operation.js';
import { readAttributeValue, readObjectValue, readSubAttributes } from './operation-value.js';

/** Whether only the service provider writes an attribute. `schemas` follows from the other attributes. */
export function isReadOnly(attribute: Attribute): boolean {
  return attribute.mutability === 'readOnly' || attribute.path === 'schemas';
}

/**
 * Resolves `add` or `replace` of a target that is not the container of an extension; undefined: nothing to do.
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
  if (attribute.path === 'schemas' && resolution.useQuirk('schemas-in-path')) {
    checkUris(value, resolution);
    return undefined;
  }
  if (filter === undefined && (isReadOnly(attribute) || (sub !== undefined && isReadOnly(sub)))) {
    return { kind: 'same', attribute, sub, value, whole: op === 'replace' };
  }
  refuseReadOnly(path);
  if (keepsActive(attribute, value, resolution)) return undefined;
  if (attribute === resolution.members) return resolveMemberChange(op, path, value, resolution);
  if (sub !== undefined) {
    const next = readAttributeValue(sub, value, resolution);
    if (next === undefined && sub.required) throw wrongValue(sub.path, 'required', `${sub.path} is required.`);
    return changeSub(path, sub, next, op, resolution);
  }
  if (filter !== undefined) return changeValues(op, path, value, resolution);
  if (attribute.multiValued) {
    const values = readList(attribute, value, resolution);
    if (values !== undefined && hasPrimary(attribute)) checkOnePrimary(attribute, values);
    if (op === 'replace') return setWhole(attribute, values);
    return values && { kind: 'append', attribute, values };
  }
  if (attribute.type === 'complex') {
    const object = readObjectValue(attribute, value, resolution);
    if (object === undefined) return setWhole(attribute, undefined);
    const changes = readSubAttributes(attribute, object, resolution);
    const whole = op === 'replace' && resolution.options.profile === true;
    return { kind: 'merge', attribute, changes, append: op === 'add', whole };
  }
  return setWhole(attribute, readAttributeValue(attribute, value, resolution));
}

/**
 * Resolves `remove` of a target; undefined: nothing to do. Only for a multi-valued attribute without a filter does
 * `value` matter.
 *
 * @throws MutabilityError, InvalidValueError
 */
export function resolveRemoval(
  path: TargetPath,
  value: unknown,
  resolution: Resolution,
): ResolvedOperation | undefined {
  const { attribute, filter, sub } = path;
  const hasValue = value !== undefined && value !== null;
  if (attribute.path === 'schemas' && (filter !== undefined || hasValue) && resolution.useQuirk('schemas-in-path')) {
    // A filter selects some of the URIs that the type has; without one, the value lists them.
    if (filter === undefined) checkUris(value, resolution);
    return undefined;
  }
  refuseReadOnly(path);
  if (keepsActive(attribute, null, resolution)) return undefined;
  if (attribute === resolution.members) return resolveMemberRemoval(path, value, resolution);
  if (sub !== undefined) {
    if (sub.required) throw required(sub);
    return changeSub(path, sub, undefined, 'remove', resolution);
  }
  if (filter !== undefined) return valuesStep(path, { kind: 'remove' }, 'ignore', false);
  if (attribute.multiValued && value !== undefined) {
    const values = listedValues(attribute, value, resolution);
    return values && { kind: 'removeListed', attribute, values };
  }
  if (attribute.required) throw required(attribute);
  return { kind: 'set', attribute, value: undefined };
}

/** Sets a whole value, or unassigns it. @throws InvalidValueError where a required attribute would become unassigned */
export function setWhole(attribute: Attribute, value: unknown): SetStep {
  if (value === undefined && attribute.required) {
    throw wrongValue(attribute.path, 'required', `${attribute.path} is required and cannot be unassigned.`);
  }
  return { kind: 'set', attribute, value };
}

// RFC 7644 3.5.2.2: a required attribute cannot become unassigned.
function required(attribute: Attribute): MutabilityError {
  return new MutabilityError(`${attribute.path} is required and cannot be removed.`);
}

/**
 * Standards reading 53: a user keeps `active` where a client leaves it without a value. Unassigned, it could count as
 * true, and a suspended user would be switched on.
 *
 * @throws InvalidValueError where the quirk is off
 */
function keepsActive(attribute: Attribute, value: unknown, { type, useQuirk }: Resolution): boolean {
  if (attribute.path !== 'active' || type.name !== 'User') return false;
  // A list of one counts as the value in it (standards reading 8).
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const isUnassigned = one === null || (Array.isArray(one) && one.length === 0);
  if (!isUnassigned && !(one === '' && useQuirk('empty-string'))) return false;
  if (useQuirk('active-unassigned')) return true;
  throw new InvalidValueError('active must be true or false: it cannot become unassigned.');
}

/**
 * Standards reading 60: `schemas` follows from the other attributes, so a URN that the type has changes nothing.
 *
 * @throws InvalidValueError for what is no URN, and for the URN of another resource type
 */
function checkUris(value: unknown, { type, useQuirk }: Resolution): void {
  for (const uri of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
    const folded = typeof uri === 'string' ? uri.toLowerCase() : '';
    if (type.uris.has(folded)) continue;
    if (folded !== '' && !isForeignUri(folded) && useQuirk('unknown-schema')) continue;
    throw new InvalidValueError(`"schemas" names a schema that ${type.name} does not have.`);
  }
}

function refuseReadOnly({ attribute, sub }: TargetPath): void {
  if (isReadOnly(attribute)) throw new MutabilityError(`${attribute.path} is read-only.`);
  if (sub !== undefined && isReadOnly(sub)) throw new MutabilityError(`${sub.path} is read-only.`);
}

// Standards reading 1: only the listed values are removed. A value that is no list never means all values.
function listedValues(attribute: Attribute, value: unknown, resolution: Resolution): readonly unknown[] | undefined {
  if (value === null || value === '' || !resolution.useQuirk('remove-listed-values')) {
    throw new InvalidValueError('A remove operation may have a value only to list the values to remove.');
  }
  return readList(attribute, value, resolution);
}

function readList(attribute: Attribute, value: unknown, resolution: Resolution): readonly unknown[] | undefined {
  const values = readAttributeValue(attribute, value, resolution);
  return Array.isArray(values) ? (values as readonly unknown[]) : undefined;
}

function changeValues(op: Operation, path: TargetPath, value: unknown, resolution: Resolution): ValuesStep {
  const { attribute } = path;
  const { profile = false } = resolution.options;
  if (profile && attribute.type === 'complex') {
    throw new InvalidPathError(`A filter of ${attribute.path} must be followed by a sub-attribute.`);
  }
  if (attribute.type !== 'complex') {
    const replacement = canonicalizeOne(attribute, value, resolution);
    return valuesStep(path, { kind: 'replace', value: replacement, kept: [] }, 'noTarget', profile);
  }
  const object = readObjectValue(attribute, value, resolution);
  // RFC 7644 3.5.2.1: add gives a complex target sub-attributes; 3.5.2.3: replace replaces the values that match.
  const named = object === undefined ? undefined : readSubAttributes(attribute, object, resolution);
  const change: ValueChange =
    op === 'add'
      ? { kind: 'merge', changes: named ?? new Map(), append: true }
      : {
          kind: 'replace',
          value: canonicalizeOne(attribute, object, resolution),
          kept: keptNames(path, named, resolution),
        };
  return valuesStep(path, change, 'noTarget', profile);
}

/** Standards reading 59: sub-attributes that the filter equates stay, where the new value does not name them. */
function keptNames({ filter }: TargetPath, named: SubAttributes | undefined, { useQuirk }: Resolution): string[] {
  if (filter?.seed === undefined || named === undefined) return [];
  const names = new Set([...named.keys()].map(({ name }) => name));
  const kept = Object.keys(filter.seed).filter((name) => !names.has(name));
  return kept.length > 0 && useQuirk('replace-keeps-filtered') ? kept : [];
}

function changeSub(
  path: TargetPath,
  sub: Attribute,
  value: unknown,
  op: Operation | 'remove',
  { options: { profile = false } }: Resolution,
): ResolvedOperation {
  const { attribute } = path;
  const append = op === 'add';
  const changes: SubAttributes = new Map([[sub, value]]);
  return attribute.multiValued
    ? valuesStep(
        path,
        { kind: 'merge', changes, append },
        op === 'remove' && path.filter !== undefined ? 'ignore' : unmatched(path, sub, value),
        profile,
      )
    : { kind: 'merge', attribute, changes, append, whole: false };
}

/** Standards readings 2 and 3: a filter of equalities describes the missing value, so it can be created. */
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

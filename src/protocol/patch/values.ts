import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidFilterError, NoTargetError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { isDeepEqual } from '../../schema/equal.js';
import { isObject } from '../../contract/is-object.js';
import { normalize } from '../../schema/normalize.js';
import { own, refuseImmutable } from './draft.js';
import type { SubAttributes, ValueChange, ValuesStep } from './operation.js';
import { hasPrimary, isPrimary, twoPrimaries } from './value.js';

/** The values of multi-valued and complex attributes after a step. Nothing that is given is written to. */

type Values = readonly unknown[];

/** Counts values that are looked at; refuses too many. */
export type Visit = (values: number) => void;

/**
 * The values with new ones behind them (RFC 7644 3.5.2.1). One that is there already changes nothing; one with the
 * `value` and `type` of another brings its other sub-attributes (RFC 7643 2.4: that pair is there once).
 */
export function appendValues(attribute: Attribute, before: Values, added: Values, visit: Visit): Values {
  visit(before.length);
  // Only values with the same key can be equal: one pass over what is there is enough.
  const alike = new Map<unknown, number[]>();
  for (const value of added) alike.set(keyOf(value), []);
  before.forEach((value, index) => alike.get(keyOf(value))?.push(index));
  const after = [...before];
  let changed = false;
  let primary = -1;
  for (const value of added) {
    const places = alike.get(keyOf(value)) ?? [];
    visit(places.length);
    if (places.some((place) => contains(after[place], value))) continue;
    let place = places.find((index) => isSame(after[index], value)) ?? -1;
    if (place < 0) {
      place = after.push(value) - 1;
      places.push(place);
    } else {
      after[place] = mergeValue(after[place], namedIn(attribute, value), false);
    }
    changed = true;
    if (isPrimary(value)) primary = place;
  }
  if (!changed) return before;
  return handOver(attribute, after, primary);
}

/** The values without those that are listed: with the same `value`, or equal where they have none. */
export function withoutListed(attribute: Attribute, before: Values, listed: Values, visit: Visit): Values {
  visit(before.length);
  const caseExact = (attribute.attributes.get('value') ?? attribute).caseExact;
  const key = (value: unknown): unknown => {
    const found = keyOf(value);
    return typeof found === 'string' ? normalize(found, caseExact) : found;
  };
  const alike = new Map<unknown, unknown[]>();
  for (const value of listed) {
    const found = key(value);
    const others = alike.get(found);
    if (others === undefined) alike.set(found, [value]);
    else others.push(value);
  }
  return before.filter((value) => {
    const found = key(value);
    const others = alike.get(found) ?? [];
    visit(others.length);
    return !others.some((other) => (found === undefined ? isDeepEqual(value, other) : isTypeCompatible(value, other)));
  });
}

/**
 * The values after a change to those that a filter selects (RFC 7644 3.5.2.1 to 3.5.2.3).
 *
 * @throws NoTargetError where none is selected and none can be made
 * @throws InvalidFilterError where several are selected and the step is for one
 */
export function changeValues(step: ValuesStep, before: Values, useQuirk: UseQuirk, visit: Visit): Values {
  visit(before.length);
  const { attribute, filter, change } = step;
  const after: unknown[] = [];
  let matched = false;
  let primary = -1;
  const place = (value: unknown): void => {
    if (!isPrimary(value)) return;
    if (primary >= 0) throw twoPrimaries(attribute);
    primary = after.length - 1;
  };
  for (const value of before) {
    if (filter !== undefined && !filter.matches(value)) {
      after.push(value);
      continue;
    }
    if (matched && filter !== undefined && step.one) {
      throw new InvalidFilterError(`The filter of ${attribute.path} must select one value.`);
    }
    matched = true;
    const next = changeValue(attribute, value, change);
    if (next === undefined) continue;
    after.push(next);
    if (namesPrimary(change)) place(next);
  }
  if (!matched) {
    const made = makeValue(step, useQuirk);
    if (made === undefined) return before;
    after.push(made);
    place(made);
  }
  return handOver(attribute, after, primary);
}

function makeValue({ attribute, unmatched }: ValuesStep, useQuirk: UseQuirk): unknown {
  if (unmatched === 'ignore') return undefined;
  if (unmatched === 'noTarget' || (unmatched.quirk && !useQuirk('value-path-creates'))) {
    throw new NoTargetError(`No value of ${attribute.path} matches the filter of the path.`);
  }
  return unmatched.create;
}

function changeValue(attribute: Attribute, value: unknown, change: ValueChange): unknown {
  switch (change.kind) {
    case 'remove':
      return undefined;
    case 'merge':
      return mergeValue(value, change.changes, change.append);
    case 'replace':
      if (change.value !== undefined) refuseImmutableParts(attribute, value, change.value);
      return change.value;
  }
}

/**
 * A complex value with some sub-attributes changed; undefined where none is left (RFC 7643 2.5).
 *
 * @param append true: multi-valued sub-attributes gain values
 * @throws MutabilityError for an immutable sub-attribute that has another value
 */
export function mergeValue(before: unknown, changes: SubAttributes, append: boolean): unknown {
  const after: Record<string, unknown> = isObject(before) ? { ...before } : {};
  for (const [sub, value] of changes) {
    const old = own(after, sub.name);
    let next = value;
    if (append && sub.multiValued) {
      if (value === undefined) continue;
      next = appendValues(sub, Array.isArray(old) ? old : [], value as Values, () => undefined);
    }
    refuseImmutable(sub, old, next);
    if (next === undefined) delete after[sub.name];
    else after[sub.name] = next;
  }
  return Object.keys(after).length === 0 ? undefined : after;
}

/** @throws MutabilityError where an immutable sub-attribute would have another value */
export function refuseImmutableParts(attribute: Attribute, before: unknown, after: unknown): void {
  if (!isObject(before) || !isObject(after)) return;
  for (const sub of attribute.attributes) refuseImmutable(sub, own(before, sub.name), own(after, sub.name));
}

/** RFC 7644 3.5.2: the value that a PATCH makes primary takes that from the others. */
function handOver(attribute: Attribute, values: unknown[], primary: number): Values {
  if (primary < 0 || !hasPrimary(attribute)) return values;
  return values.map((value, index) =>
    index !== primary && isObject(value) && isPrimary(value) ? { ...value, primary: false } : value,
  );
}

function namesPrimary(change: ValueChange): boolean {
  if (change.kind === 'replace') return true;
  if (change.kind === 'merge') for (const sub of change.changes.keys()) if (sub.name === 'primary') return true;
  return false;
}

function namedIn(attribute: Attribute, value: unknown): SubAttributes {
  const named = new Map<Attribute, unknown>();
  if (isObject(value)) {
    for (const sub of attribute.attributes) if (Object.hasOwn(value, sub.name)) named.set(sub, value[sub.name]);
  }
  return named;
}

/** What two values must share to be one: `value`, or the whole of a simple one. */
function keyOf(value: unknown): unknown {
  return isObject(value) ? own(value, 'value') : value;
}

/** True where `value` says nothing that `there` does not say; `primary` left out counts as false (RFC 7643 2.4). */
function contains(there: unknown, value: unknown): boolean {
  if (!isObject(there) || !isObject(value)) return isDeepEqual(there, value);
  if (own(value, 'value') === undefined) return isDeepEqual(there, value);
  return Object.keys(value).every((name) => {
    const mine = own(there, name);
    return isDeepEqual(mine, value[name]) || (name === 'primary' && value[name] === false && mine === undefined);
  });
}

/** RFC 7643 2.4: the pair of `value` and `type` names a value. */
function isSame(there: unknown, value: unknown): boolean {
  if (!isObject(there) || !isObject(value) || own(value, 'value') === undefined) return false;
  return own(there, 'type') === own(value, 'type');
}

function isTypeCompatible(there: unknown, listed: unknown): boolean {
  if (!isObject(there) || !isObject(listed)) return true;
  const type = own(listed, 'type');
  const mine = own(there, 'type');
  if (typeof type !== 'string' || typeof mine !== 'string') return true;
  return normalize(type, false) === normalize(mine, false);
}

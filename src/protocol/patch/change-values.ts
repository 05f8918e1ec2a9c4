import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidFilterError, NoTargetError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { isSameJson } from '../../schema/equal.js';
import type { Reading } from '../../schema/reading.js';
import { isObject } from '../../contract/is-object.js';
import { normalizeText } from '../../schema/normalize.js';
import { hasPrimary, isPrimary, twoPrimaries } from '../../schema/primary.js';
import { ownProperty, refuseImmutable } from './draft.js';
import type { SubAttributes, ValueChange, ValuesStep } from './operation.js';
import type { ShowValue } from './shown.js';

/** The values of multi-valued and complex attributes after a step. No function here changes its arguments. */

type Values = readonly unknown[];

/** Counts values that are read; throws when there are too many. */
export type Visit = (values: number) => void;

/**
 * The values, with new ones appended (RFC 7644 3.5.2.1). A new value that is already present changes nothing. One with
 * the `value` and `type` of a present one is merged into it (RFC 7643 2.4: no two values have the same pair).
 */
export function appendValues(attribute: Attribute, before: Values, added: Values, visit: Visit): Values {
  visit(before.length);
  // Only values with the same key can be equal, so one pass over the present values is enough.
  const placesOf = new Map<unknown, number[]>();
  for (const value of added) placesOf.set(keyOf(value), []);
  before.forEach((value, index) => placesOf.get(keyOf(value))?.push(index));
  const after = [...before];
  let changed = false;
  let primary = -1;
  for (const value of added) {
    const places = placesOf.get(keyOf(value)) ?? [];
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
  return withOnePrimary(attribute, after, primary);
}

/** The values without the listed ones: those with the same `value`, or equal ones where there is no `value`. */
export function withoutListed(attribute: Attribute, before: Values, listed: Values, visit: Visit): Values {
  visit(before.length);
  const caseExact = (attribute.attributes.get('value') ?? attribute).caseExact;
  const normalizedKeyOf = (value: unknown): unknown => {
    const key = keyOf(value);
    if (typeof key !== 'string') return key;
    visit(key.length >> 2);
    return normalizeText(key, caseExact);
  };
  const listedByKey = new Map<unknown, unknown[]>();
  for (const value of listed) {
    const key = normalizedKeyOf(value);
    const others = listedByKey.get(key);
    if (others === undefined) listedByKey.set(key, [value]);
    else others.push(value);
  }
  return before.filter((value) => {
    const key = normalizedKeyOf(value);
    const others = listedByKey.get(key) ?? [];
    visit(others.length);
    return !others.some((other) =>
      key === undefined ? isSameJson(value, other) : isTypeCompatible(value, other, visit),
    );
  });
}

/**
 * The values after a change to those that a filter selects (RFC 7644 3.5.2.1 to 3.5.2.3).
 *
 * @throws NoTargetError where the filter selects none and none can be created
 * @throws InvalidFilterError where the filter selects several and the step is for one
 */
export function changeValues(
  step: ValuesStep,
  before: Values,
  { useQuirk, work }: Pick<Reading, 'useQuirk' | 'work'>,
  visit: Visit,
  show: ShowValue,
): Values {
  visit(before.length);
  const { attribute, filter, change } = step;
  const after: unknown[] = [];
  let matched = false;
  let primary = -1;
  const notePrimary = (value: unknown): void => {
    if (!isPrimary(value)) return;
    if (primary >= 0) throw twoPrimaries(attribute);
    primary = after.length - 1;
  };
  for (const value of before) {
    if (filter !== undefined && !filter.matches(show(attribute, value), work)) {
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
    if (namesPrimary(change)) notePrimary(next);
  }
  if (!matched) {
    const created = createValue(step, useQuirk);
    if (created === undefined) return before;
    after.push(created);
    notePrimary(created);
  }
  return withOnePrimary(attribute, after, primary);
}

function createValue({ attribute, unmatched }: ValuesStep, useQuirk: UseQuirk): unknown {
  if (unmatched === 'ignore' && useQuirk('remove-without-match')) return undefined;
  if (typeof unmatched === 'string' || (unmatched.quirk && !useQuirk('value-path-creates'))) throw noMatch(attribute);
  return unmatched.create;
}

/** RFC 7644 Table 9: noTarget, for every path whose filter yields no match. */
export function noMatch({ path }: Attribute): NoTargetError {
  return new NoTargetError(`No value of ${path} matches the filter of the path.`);
}

function changeValue(attribute: Attribute, value: unknown, change: ValueChange): unknown {
  switch (change.kind) {
    case 'remove':
      return undefined;
    case 'merge':
      return mergeValue(value, change.changes, change.append);
    case 'replace':
      return replaceValue(attribute, value, change);
  }
}

function replaceValue(
  attribute: Attribute,
  before: unknown,
  { value, kept }: Extract<ValueChange, { kind: 'replace' }>,
): unknown {
  if (value === undefined) return undefined;
  if (!isObject(value) || !isObject(before)) return value;
  const after: Record<string, unknown> = { ...value };
  for (const name of kept) if (Object.hasOwn(before, name)) after[name] = before[name];
  refuseImmutableParts(attribute, before, after);
  return after;
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
    const old = ownProperty(after, sub.name);
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
  for (const sub of attribute.attributes)
    refuseImmutable(sub, ownProperty(before, sub.name), ownProperty(after, sub.name));
}

/** RFC 7644 3.5.2: when a PATCH makes a value primary, the others are no longer primary. */
function withOnePrimary(attribute: Attribute, values: unknown[], primary: number): Values {
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

/** What two values must share to be the same one: `value`, or the whole of a simple value. */
function keyOf(value: unknown): unknown {
  return isObject(value) ? ownProperty(value, 'value') : value;
}

/** Whether `present` has every sub-attribute of `added`. A missing `primary` counts as false (RFC 7643 2.4). */
function contains(present: unknown, added: unknown): boolean {
  if (!isObject(present) || !isObject(added)) return isSameJson(present, added);
  if (ownProperty(added, 'value') === undefined) return isSameJson(present, added);
  return Object.keys(added).every((name) => {
    const before = ownProperty(present, name);
    return isSameJson(before, added[name]) || (name === 'primary' && added[name] === false && before === undefined);
  });
}

/** RFC 7643 2.4: the pair of `value` and `type` identifies a value. The two have the same `value`. */
function isSame(present: unknown, added: unknown): boolean {
  if (!isObject(present) || !isObject(added) || ownProperty(added, 'value') === undefined) return false;
  return ownProperty(present, 'type') === ownProperty(added, 'type');
}

/** Whether the `type` of two values is the same, or missing in one of them. */
function isTypeCompatible(present: unknown, listed: unknown, visit: Visit): boolean {
  if (!isObject(present) || !isObject(listed)) return true;
  const listedType = ownProperty(listed, 'type');
  const presentType = ownProperty(present, 'type');
  if (typeof listedType !== 'string' || typeof presentType !== 'string') return true;
  visit((listedType.length + presentType.length) >> 2);
  return normalizeText(listedType, false) === normalizeText(presentType, false);
}

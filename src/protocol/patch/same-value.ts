import { isObject } from '../../contract/is-object.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Attribute } from '../../schema/attribute.js';
import { isSameJson } from '../../schema/equal.js';
import { isNothing } from '../../schema/json-value.js';
import { instantOf } from '../../schema/normalize.js';
import { ownProperty } from './draft.js';
import type { SameStep } from './operation.js';

/** Whether a step names a value that responses derive: any but `id` and `schemas`. */
export function isDerived({ attribute }: SameStep): boolean {
  return attribute.path !== 'id' && attribute.path !== 'schemas';
}

/**
 * Whether the value of a read-only path is the one that responses show (standards reading 61). An object may name a part
 * of the sub-attributes, and `add` some of the values.
 */
export function isShownValue({ attribute, sub, value, whole }: SameStep, resource: Attributes): boolean {
  let shown: unknown = resource;
  for (const key of attribute.keys) shown = isObject(shown) ? ownProperty(shown, key) : undefined;
  if (sub === undefined) return isSame(attribute, shown, value, whole);
  return isObject(shown) && isSame(sub, ownProperty(shown, sub.name), value, whole);
}

function isSame(attribute: Attribute, shown: unknown, sent: unknown, whole: boolean): boolean {
  if (isNothing(sent) || shown === undefined) return isNothing(sent) && isNothing(shown);
  if (!attribute.multiValued) return isSameValue(attribute, shown, sent);
  const shownValues = new Map<unknown, unknown>();
  for (const one of Array.isArray(shown) ? (shown as readonly unknown[]) : [shown]) shownValues.set(keyOf(one), one);
  const named = new Set<unknown>();
  for (const one of Array.isArray(sent) ? (sent as readonly unknown[]) : [sent]) {
    const key = keyOf(one);
    if (!shownValues.has(key) || !isSameValue(attribute, shownValues.get(key), one)) return false;
    named.add(key);
  }
  return !whole || named.size === shownValues.size;
}

function keyOf(value: unknown): unknown {
  if (!isObject(value)) return value;
  return value['value'] ?? Object.entries(value).find(([name]) => name.toLowerCase() === 'value')?.[1];
}

function isSameValue(attribute: Attribute, shown: unknown, sent: unknown): boolean {
  if (attribute.type === 'dateTime') return instantOf(shown) !== undefined && instantOf(shown) === instantOf(sent);
  if (attribute.type !== 'complex') return isSameJson(shown, sent);
  if (!isObject(shown) || !isObject(sent)) return false;
  return Object.keys(sent).every((key) => {
    const sub = attribute.attributes.get(key);
    return sub !== undefined && isSame(sub, ownProperty(shown, sub.name), sent[key], true);
  });
}

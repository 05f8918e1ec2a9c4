import type { Attributes } from '../../contract/attribute.js';
import { isSameJson } from '../../schema/equal.js';
import { type Field, topOf } from './fields.js';

type Mutable = Record<string, unknown>;

/** The value of a field in a resource. */
export function valueAt(resource: Attributes, { place }: Field): unknown {
  let value: unknown = resource;
  const { slot } = place;
  if (slot !== undefined) {
    const values = resource[slot.attribute];
    value = Array.isArray(values) ? values.find((each) => hasType(each, slot.type)) : undefined;
  }
  for (const key of place.keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Attributes)[key];
  }
  // RFC 7643 2.5: null and an empty value count as unassigned.
  return value === null || value === '' ? undefined : value;
}

/** Adds the values of fields to the attributes without a column, and returns a copy. */
export function assemble(
  fields: readonly Field[],
  valueOf: (field: Field) => unknown,
  rest: Attributes = {},
): Attributes {
  const resource: Mutable = { ...rest };
  const slots = new Map<string, Map<string, Mutable>>();
  for (const field of fields) {
    const value = valueOf(field);
    if (value === undefined || value === null || value === '') continue;
    const { slot, keys } = field.place;
    if (slot === undefined) {
      place(resource, keys, value);
      continue;
    }
    const values = slots.get(slot.attribute) ?? new Map<string, Mutable>();
    slots.set(slot.attribute, values);
    const one = values.get(slot.type) ?? {};
    values.set(slot.type, one);
    place(one, keys, value);
  }
  for (const [attribute, values] of slots) resource[attribute] = joined(values, rest[attribute]);
  return resource;
}

/** The values of a multi-valued attribute: those in columns with their other sub-attributes, and those without a column. */
function joined(values: ReadonlyMap<string, Mutable>, others: unknown): unknown[] {
  const stored: unknown[] = Array.isArray(others) ? others : [];
  const remaining = new Map(values);
  const merged = stored.map((each) => {
    const type = [...remaining.keys()].find((one) => hasType(each, one));
    const value = type === undefined ? undefined : remaining.get(type);
    if (type === undefined || value === undefined) return each;
    remaining.delete(type);
    return { ...(each as object), ...value };
  });
  return [...merged, ...[...remaining].map(([type, value]) => ({ type, ...value }))];
}

function place(target: Mutable, keys: readonly string[], value: unknown): void {
  let parent = target;
  for (const key of keys.slice(0, -1)) {
    const inner = parent[key];
    const copy: Mutable = typeof inner === 'object' && inner !== null ? { ...inner } : {};
    parent[key] = copy;
    parent = copy;
  }
  const last = keys.at(-1);
  if (last !== undefined) parent[last] = value;
}

/** The attributes that have no column. @param unplaced fields whose value their column cannot hold */
export function restOf(resource: Attributes, fields: readonly Field[], unplaced: ReadonlySet<Field>): Attributes {
  const rest: Mutable = {};
  for (const [name, value] of Object.entries(resource)) {
    if (value === undefined || name === 'id' || name === 'meta' || name === 'members' || name === 'groups') continue;
    const columns = fields.filter((field) => topOf(field) === name && !unplaced.has(field));
    const left = columns.reduce<unknown>((kept, field) => without(kept, field), value);
    if (left !== undefined) rest[name] = left;
  }
  return rest;
}

function without(value: unknown, { place, kind }: Field): unknown {
  if (value === undefined || kind === 'children') return undefined;
  const { slot, keys } = place;
  if (slot !== undefined) {
    const values: unknown[] = Array.isArray(value) ? value : [];
    const at = values.findIndex((each) => hasType(each, slot.type));
    if (at < 0) return values.length > 0 ? values : undefined;
    const left = withoutKeys(values[at], keys);
    // The JSON keeps the position of the value among the others, and the spelling of its type.
    const kept = values.length > 1 || !isBare(left, slot.type) ? values.map((each, i) => (i === at ? left : each)) : [];
    return kept.length > 0 ? kept : undefined;
  }
  return withoutKeys(value, keys.slice(1));
}

function withoutKeys(value: unknown, keys: readonly string[]): unknown {
  const [key, ...more] = keys;
  if (key === undefined || typeof value !== 'object' || value === null) return undefined;
  const { [key]: inner, ...others } = value as Attributes;
  const left = more.length === 0 ? undefined : withoutKeys(inner, more);
  const kept = left === undefined ? others : { ...others, [key]: left };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

function isBare(value: unknown, type: string): boolean {
  return isSameJson(value, { type });
}

function hasType(value: unknown, type: string): boolean {
  const own = typeof value === 'object' && value !== null ? (value as { readonly type?: unknown }).type : undefined;
  return typeof own === 'string' && own.toLowerCase() === type.toLowerCase();
}

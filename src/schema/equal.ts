/**
 * Whether two JSON values are equal: what decides that a write is a no-op.
 *
 * The order of the properties of an object does not matter, that of a list does. A property that is undefined counts as
 * absent; `null` does not. Letter case counts: `normalize` is for comparing text.
 *
 * @example
 * import { isSameJson } from 'express-scim';
 *
 * isSameJson({ type: 'work', value: 'a@b.c' }, { value: 'a@b.c', type: 'work' }); // true
 * isSameJson(['a', 'b'], ['b', 'a']); // false
 */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!isSameJson(a[i], b[i])) return false;
    return true;
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  let count = 0;
  for (const key of Object.keys(left)) {
    if (left[key] === undefined) continue;
    count++;
    if (!Object.hasOwn(right, key) || !isSameJson(left[key], right[key])) return false;
  }
  for (const key of Object.keys(right)) if (right[key] !== undefined) count--;
  return count === 0;
}

/** A text that is the same for equal JSON values: it finds duplicates in a list without comparing each pair. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const object = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(object).filter((name) => object[name] !== undefined);
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(object[name])}`)
    .join(',')}}`;
}

/** Values as databases return them, for what an app hands on from its rows. */

/** Databases return null for what is not set. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** A boolean as databases return it, `true` or 1; undefined for anything else. */
export function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 1n) return true;
  return value === 0 || value === 0n ? false : undefined;
}

/** A count as databases return it, a number, a bigint or its digits; undefined for anything else, NaN included. */
export function readCount(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 ? value : undefined;
  if (typeof value === 'bigint') return value >= 0n ? Number(value) : undefined;
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/**
 * The names of all fields of an object: its own, and the getters of its class, which `Object.keys` and `for in` leave out.
 */
export function fieldNames(value: object): readonly string[] {
  const names = Object.keys(value);
  let prototype: unknown = Object.getPrototypeOf(value);
  while (typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype) {
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (get !== undefined) names.push(name);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return names;
}

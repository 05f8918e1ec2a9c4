import { isObject } from './is-object.js';

/**
 * What a value is, for messages to whoever wrote the code that returned it: never the value itself.
 *
 * @example `undefined`, `a string`, `an empty list`, `a Promise`, `an instance of Date`
 */
export function describe(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'boolean') return String(value);
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (!isObject(value)) return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
  const name = nameOfClass(value);
  if (name === 'Promise') return 'a Promise';
  return name === undefined || name === 'Object' ? 'an object' : `an instance of ${name}`;
}

function nameOfClass(value: object): string | undefined {
  try {
    const constructor: unknown = (value as { constructor?: unknown }).constructor;
    if (typeof constructor !== 'function' || !/^[A-Za-z_$][\w$]{0,60}$/.test(constructor.name)) return undefined;
    return constructor.name;
  } catch {
    return undefined;
  }
}

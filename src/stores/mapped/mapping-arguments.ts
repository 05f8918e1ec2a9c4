import { isObject } from '../../contract/is-object.js';

/** What is wrong with a mapping that is passed as an option, besides its kind. */
export function mistakeInMapping(mapping: unknown, name: string): string | undefined {
  if (mapping === undefined) return undefined;
  if (typeof mapping === 'function') {
    return `${name} is a function: defineMapping is called in two steps: defineMapping()({ ... })`;
  }
  // What `defineMapping` has filled in, also in a copy of its mapping.
  if (isObject(mapping) && isObject(mapping['id']) && isObject(mapping['attributes']) && 'constraints' in mapping) {
    return undefined;
  }
  return `${name} must be a mapping: create it with defineMapping()({ ... })`;
}

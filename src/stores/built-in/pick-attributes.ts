import type { Attributes } from '../../contract/attribute.js';

/** The attributes with these names. */
export function pickAttributes(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}

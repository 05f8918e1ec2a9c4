import type { Attributes } from '../../contract/attribute.js';
import { isDeepEqual } from '../../schema/equal.js';

/** The attributes after a change, with the names of those that differ. */
export interface ChangedAttributes {
  readonly attributes: Attributes;
  readonly names: readonly string[];
}

/** Applies a change of top-level attributes. @returns undefined when it changes nothing */
export function changedAttributes(
  before: Attributes,
  set: object,
  unset: readonly string[],
): ChangedAttributes | undefined {
  const written = Object.entries(set).filter(
    ([name, value]) => value !== undefined && !isDeepEqual(before[name], value),
  );
  const removed = unset.filter((name) => before[name] !== undefined);
  if (written.length + removed.length === 0) return undefined;
  const kept = Object.entries(before).filter(([name]) => !removed.includes(name));
  return {
    attributes: { ...Object.fromEntries(kept), ...Object.fromEntries(written) },
    names: [...written.map(([name]) => name), ...removed],
  };
}

/** The attributes with these names. */
export function pickAttributes(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}

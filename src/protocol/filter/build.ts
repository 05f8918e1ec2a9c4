import type { Attribute } from '../../schema/attribute.js';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Filter } from '../../contract/filter.js';

/** Holds for every resource: all of no conditions. */
export const always: Filter = { op: 'and', filters: [] };

/** Holds for no resource: one of no conditions. */
export const never: Filter = { op: 'or', filters: [] };

/** True for the filter that holds always. */
export function isAlways(filter: Filter): boolean {
  return filter.op === 'and' && filter.filters.length === 0;
}

/** True for the filter that holds never. */
export function isNever(filter: Filter): boolean {
  return filter.op === 'or' && filter.filters.length === 0;
}

/** All of these; what is decided already is worked in, so a constant is never inside another filter. */
export function allOf(filters: readonly Filter[]): Filter {
  const open = filters.flatMap((filter) => (filter.op === 'and' ? filter.filters : [filter]));
  if (open.some(isNever)) return never;
  return open.length === 1 && open[0] !== undefined ? open[0] : { op: 'and', filters: open };
}

/** One or more of these. */
export function anyOf(filters: readonly Filter[]): Filter {
  const open = filters.flatMap((filter) => (filter.op === 'or' ? filter.filters : [filter]));
  if (open.some(isAlways)) return always;
  return open.length === 1 && open[0] !== undefined ? open[0] : { op: 'or', filters: open };
}

/** The opposite. */
export function negate(filter: Filter): Filter {
  if (filter.op === 'not') return filter.filter;
  if (isAlways(filter)) return never;
  return isNever(filter) ? always : { op: 'not', filter };
}

/** `filter` holds for one and the same value of `attribute`. */
export function someValue(attribute: AttributeRef, filter: Filter): Filter {
  if (isNever(filter)) return never;
  return isAlways(filter) ? { op: 'present', attribute } : { op: 'some', attribute, filter };
}

/** True where a filter can hold although none of the attributes that it reads has a value. */
export function holdsForNothing(filter: Filter): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every(holdsForNothing);
    case 'or':
      return filter.filters.some(holdsForNothing);
    case 'not':
      return !holdsForNothing(filter.filter);
    default:
      return false;
  }
}

/**
 * The attribute as a store sees it.
 *
 * @param inValue true inside `some`, where one value of the multi-valued attribute is looked at
 */
export function refOf(attribute: Attribute, inValue: boolean): AttributeRef {
  const { path, keys, type, caseExact, parent } = attribute;
  // Inside `some`, a multi-valued attribute that is no sub-attribute is the one whose value is looked at.
  const isSub = parent !== undefined && !parent.container;
  const multiValued = inValue ? isSub && attribute.multiValued : attribute.multiValued || parent?.multiValued === true;
  return { path, keys, type, multiValued, caseExact };
}

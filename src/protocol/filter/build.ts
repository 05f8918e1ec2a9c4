import type { Attribute } from '../../schema/attribute.js';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Filter } from '../../contract/filter.js';

/** Holds for every resource: a conjunction without conditions. */
export const always: Filter = { op: 'and', filters: [] };

/** Holds for no resource: a disjunction without conditions. */
export const never: Filter = { op: 'or', filters: [] };

/** Whether a filter is `always`. */
function isAlways(filter: Filter): boolean {
  return filter.op === 'and' && filter.filters.length === 0;
}

/** Whether a filter is `never`. */
function isNever(filter: Filter): boolean {
  return filter.op === 'or' && filter.filters.length === 0;
}

/** The conjunction of filters. Constants are folded, so one is never inside another filter. */
export function allOf(filters: readonly Filter[]): Filter {
  const open = filters.flatMap((filter) => (filter.op === 'and' ? filter.filters : [filter]));
  if (open.some(isNever)) return never;
  return open.length === 1 && open[0] !== undefined ? open[0] : { op: 'and', filters: open };
}

/** The disjunction of filters. Constants are folded. */
export function anyOf(filters: readonly Filter[]): Filter {
  const open = filters.flatMap((filter) => (filter.op === 'or' ? filter.filters : [filter]));
  if (open.some(isAlways)) return always;
  return open.length === 1 && open[0] !== undefined ? open[0] : { op: 'or', filters: open };
}

/** The negation of a filter. */
export function negate(filter: Filter): Filter {
  if (filter.op === 'not') return filter.filter;
  if (isAlways(filter)) return never;
  return isNever(filter) ? always : { op: 'not', filter };
}

/** Holds where one and the same value of `attribute` satisfies `filter`. */
export function someValue(attribute: AttributeRef, filter: Filter): Filter {
  if (isNever(filter)) return never;
  return isAlways(filter) ? { op: 'present', attribute } : { op: 'some', attribute, filter };
}

/** Whether a filter holds when every attribute that it reads is unassigned. */
export function holdsWhenUnassigned(filter: Filter): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every(holdsWhenUnassigned);
    case 'or':
      return filter.filters.some(holdsWhenUnassigned);
    case 'not':
      return !holdsWhenUnassigned(filter.filter);
    default:
      return false;
  }
}

/**
 * The part of a filter that a store can decide: every resource that satisfies `filter` satisfies this.
 *
 * @param lookedUp paths of attributes that no store keeps
 */
export function storedPart(filter: Filter, lookedUp: ReadonlySet<string>): Filter {
  switch (filter.op) {
    case 'and':
      return allOf(filter.filters.map((each) => storedPart(each, lookedUp)));
    case 'or':
      return anyOf(filter.filters.map((each) => storedPart(each, lookedUp)));
    case 'not':
      return compares(filter.filter, lookedUp) ? always : filter;
    case 'some':
      return someValue(filter.attribute, storedPart(filter.filter, lookedUp));
    default:
      return lookedUp.has(filter.attribute.path) ? always : filter;
  }
}

function compares(filter: Filter, paths: ReadonlySet<string>): boolean {
  if ('filters' in filter) return filter.filters.some((each) => compares(each, paths));
  if ('filter' in filter) return compares(filter.filter, paths);
  return paths.has(filter.attribute.path);
}

/**
 * An attribute as filters and sort keys name it for a store.
 *
 * @param inValue true inside `some`, where the filter is about one value of the multi-valued attribute
 */
export function refOf(attribute: Attribute, inValue: boolean): AttributeRef {
  const { path, keys, type, caseExact, parent } = attribute;
  // Inside `some`, a multi-valued attribute that is no sub-attribute is the one that the value belongs to.
  const isSub = parent !== undefined && !parent.container;
  const multiValued = inValue ? isSub && attribute.multiValued : attribute.multiValued || parent?.multiValued === true;
  return { path, keys, type, multiValued, caseExact };
}

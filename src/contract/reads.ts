import type { AttributeRef } from './attribute.js';
import type { Filter, ListQuery } from './filter.js';

/** Top-level attributes that a filter and sort keys read, for `ListQuery.reads`. */
export function readsOf({ filter, sort }: Pick<ListQuery<never>, 'filter' | 'sort'>): readonly string[] {
  if (filter === undefined && sort.length === 0) return none;
  const names = new Set<string>();
  if (filter !== undefined) collectNames(filter, names);
  for (const { attribute } of sort) names.add(topLevel(attribute));
  return [...names];
}

const none: readonly string[] = [];

function collectNames(filter: Filter, names: Set<string>): void {
  if ('filters' in filter) for (const each of filter.filters) collectNames(each, names);
  else if (filter.op === 'not') collectNames(filter.filter, names);
  // The conditions of a value path read the same attribute.
  else names.add(topLevel(filter.attribute));
}

/** The top-level attribute of an attribute. One of an extension has its whole path. */
function topLevel({ path, keys: [first = path, second] }: AttributeRef): string {
  return second !== undefined && path.startsWith(`${first}:`) ? `${first}:${second}` : first;
}

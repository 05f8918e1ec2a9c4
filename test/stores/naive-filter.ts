import type { Filter } from '../../src/store/contract.js';

/** A filter's answer in the plainest way there is, for comparison: strings fold to lower case, nothing is compiled. */
export function holds(filter: Filter, resource: object): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every((each) => holds(each, resource));
    case 'or':
      return filter.filters.some((each) => holds(each, resource));
    case 'not':
      return !holds(filter.filter, resource);
    case 'some':
      return valuesAt(resource, filter.attribute.keys).some(
        (value) =>
          typeof value === 'object' && holds(relative(filter.filter, filter.attribute.keys.length), value as object),
      );
    case 'present':
      return valuesAt(resource, filter.attribute.keys).length > 0;
    default: {
      const fold = (value: unknown): unknown =>
        typeof value === 'string' && !filter.attribute.caseExact ? value.toLowerCase() : value;
      return valuesAt(resource, filter.attribute.keys).some((value) => {
        const text = String(fold(value));
        if (filter.op === 'eq') return fold(value) === filter.value;
        if (filter.op === 'co') return text.includes(String(filter.value));
        return filter.op === 'sw' && text.startsWith(String(filter.value));
      });
    }
  }
}

// Inside `some` the sub-attributes are read from the value itself.
function relative(filter: Filter, depth: number): Filter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, filters: filter.filters.map((each) => relative(each, depth)) };
    case 'not':
      return { op: 'not', filter: relative(filter.filter, depth) };
    default:
      return { ...filter, attribute: { ...filter.attribute, keys: filter.attribute.keys.slice(depth) } };
  }
}

function valuesAt(value: unknown, keys: readonly string[]): unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, keys));
  const [key, ...rest] = keys;
  if (key === undefined) return [value];
  return typeof value === 'object' ? valuesAt((value as Record<string, unknown>)[key], rest) : [];
}

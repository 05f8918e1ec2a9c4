import type { UseQuirk } from '../quirks/active-quirks.js';
import { InvalidPathError, InvalidValueError } from '../errors.js';
import type { Attribute } from '../schema/attribute.js';
import { resolveAttribute } from '../schema/notation.js';
import type { ResourceType } from '../schema/resource-type.js';
import type { Attributes } from '../contract/attribute.js';
import type { Position, SortKey } from '../contract/filter.js';
import type { Stored } from '../contract/resource.js';
import { comparePositions, positionOf } from '../schema/position.js';
import { isLookedUp } from '../schema/reference.js';
import { refOf } from './filter/build.js';

const printable = /^[\x21-\x7e]+$/;

/**
 * Reads `sortBy` and `sortOrder` (RFC 7644 3.4.2.3).
 *
 * A complex attribute is sorted by its `value` where it has one. A derived attribute is sorted by the attribute that it
 * is derived from. An attribute that is the same for all resources of the type is no sort key.
 *
 * @param useQuirk decides whether an extension's attribute may be named without its URN (standards reading 43)
 * @returns no key where there is no `sortBy`
 * @throws InvalidPathError for a `sortBy` that is no attribute of the type, has nothing to sort by, or is never
 *   returned
 * @throws InvalidValueError for a `sortOrder` other than ascending and descending
 */
export function readSort(
  sortBy: string | undefined,
  sortOrder: string | undefined,
  type: ResourceType,
  useQuirk: UseQuirk = () => false,
): SortKey[] {
  const order = sortOrder?.toLowerCase() ?? 'ascending';
  if (order !== 'ascending' && order !== 'descending') {
    throw new InvalidValueError('sortOrder must be ascending or descending.');
  }
  if (sortBy === undefined) return [];
  const found = printable.test(sortBy) ? resolveAttribute(type, sortBy) : undefined;
  if (found === undefined || (found.unprefixed && !useQuirk('unprefixed-extension'))) {
    throw new InvalidPathError(`sortBy must name an attribute that ${type.name} has.`);
  }
  const attribute = sortedBy(found.attribute, type);
  return attribute === undefined ? [] : [{ attribute: refOf(attribute, false), descending: order === 'descending' }];
}

function sortedBy(named: Attribute, type: ResourceType): Attribute | undefined {
  let attribute = named;
  if (named.path === 'schemas' || named.path === 'meta.resourceType') return undefined;
  // URIs of resources differ only in the id at the end.
  if (named.path === 'meta.location') return type.attributes.get('id');
  if (named.name === '$ref' && named.parent?.namesResource === true && !isLookedUp(named)) attribute = named.parent;
  if (attribute.type === 'complex') {
    const value = attribute.container ? undefined : attribute.attributes.get('value');
    if (value === undefined)
      throw new InvalidPathError('sortBy names a complex attribute: name one of its sub-attributes.');
    attribute = value;
  }
  if ([attribute, attribute.parent].some((each) => each?.returned === 'never' || each?.mutability === 'writeOnly')) {
    throw new InvalidPathError('sortBy names an attribute that is never returned.');
  }
  return attribute;
}

/**
 * Compiles sort keys into a comparator: below 0 where the first resource comes first.
 *
 * A resource without a value comes last in ascending and first in descending order. The tie-breaker is the ID, in the
 * direction of the last key, so every order is total. Resources must not change between calls of one comparator,
 * because it caches their sort values.
 */
export function compileSort<R extends Attributes = Attributes>(
  keys: readonly SortKey[],
): (a: Stored<R>, b: Stored<R>) => number {
  const positions = new WeakMap<object, Position>();
  const read = (resource: Stored<R>): Position => {
    let position = positions.get(resource);
    if (position === undefined) positions.set(resource, (position = positionOf(resource, keys)));
    return position;
  };
  return (a, b) => comparePositions(read(a), read(b), keys);
}

import type { Attributes } from '../contract/attribute.js';
import { isObject } from '../contract/is-object.js';
import { MutabilityError } from '../errors.js';
import type { Attribute, AttributeTable } from '../schema/attribute.js';
import { isSameJson } from '../schema/equal.js';
import type { ResourceType } from '../schema/resource-type.js';

/** True where a PUT must read the stored resource: some attribute may not change, or survives being left out. */
export function needsCarrying(type: ResourceType): boolean {
  return tableNeedsCarrying(type.attributes, true);
}

function tableNeedsCarrying(table: AttributeTable, isTop: boolean): boolean {
  for (const attribute of table) {
    if (attribute.path === 'schemas') continue;
    if (attribute.mutability === 'immutable') return true;
    // A PUT never unsets these at the top level; inside an object that is replaced whole they must be put back.
    if (!isTop && survivesOmission(attribute)) return true;
    if (hasPartsToCarry(attribute) && tableNeedsCarrying(attribute.attributes, false)) return true;
  }
  return false;
}

function survivesOmission(attribute: Attribute): boolean {
  return attribute.mutability === 'readOnly' || attribute.mutability === 'writeOnly';
}

/**
 * True for an object whose parts may have to be carried over. The values of a multi-valued attribute are replaced whole:
 * nothing says which old value a new one was. Read-only parts of a reference (`manager.displayName`) are derived and
 * never stored.
 */
function hasPartsToCarry(attribute: Attribute): boolean {
  if (attribute.type !== 'complex' || attribute.multiValued || attribute.mutability === 'readOnly') return false;
  return !attribute.namesResource;
}

/**
 * Adds to the resource of a PUT what a client cannot take away: immutable values, and read-only and write-only
 * sub-attributes of objects that are replaced whole, extensions included.
 *
 * @returns `replacement` itself where there is nothing to add
 * @throws MutabilityError where an immutable attribute has a value and gets another (RFC 7644 3.5.1)
 */
export function carryOver(type: ResourceType, current: Attributes, replacement: Attributes): Attributes {
  return carryTable(type.attributes, current, replacement, true);
}

function carryTable(table: AttributeTable, current: Attributes, replacement: Attributes, isTop: boolean): Attributes {
  let carried: Record<string, unknown> | undefined;
  for (const attribute of table) {
    const { name } = attribute;
    const oldValue = current[name];
    if (oldValue === undefined || oldValue === null || name === 'schemas') continue;
    const value = carry(attribute, oldValue, replacement[name], isTop);
    if (value === replacement[name]) continue;
    carried ??= { ...replacement };
    carried[name] = value;
  }
  return carried ?? replacement;
}

function carry(attribute: Attribute, oldValue: unknown, newValue: unknown, isTop: boolean): unknown {
  if (attribute.mutability === 'immutable') {
    if (newValue === undefined || isSameJson(oldValue, newValue)) return oldValue;
    throw new MutabilityError(`${attribute.path} is immutable and already has another value.`);
  }
  if (!isTop && newValue === undefined && survivesOmission(attribute)) return oldValue;
  if (!hasPartsToCarry(attribute) || !isObject(oldValue)) return newValue;
  const carried = carryTable(attribute.attributes, oldValue, isObject(newValue) ? newValue : {}, false);
  return Object.keys(carried).length === 0 ? newValue : carried;
}

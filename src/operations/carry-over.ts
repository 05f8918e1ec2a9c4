import { MutabilityError } from '../errors.js';
import type { Attribute, AttributeTable } from '../schema/attribute.js';
import { isDeepEqual } from '../schema/equal.js';
import { isObject } from '../contract/is-object.js';
import type { ResourceType } from '../schema/resource-type.js';
import type { Attributes } from '../contract/attribute.js';

/** True where a PUT must look at what is stored: something in it outlives its being left out, or may not change. */
export function needsCarrying(type: ResourceType): boolean {
  return tableNeedsCarrying(type.attributes, true);
}

function tableNeedsCarrying(table: AttributeTable, top: boolean): boolean {
  for (const attribute of table) {
    if (attribute.path === 'schemas') continue;
    if (attribute.mutability === 'immutable' && !isMultiValuedPart(attribute)) return true;
    // At the top level these simply stay; inside an object that is replaced whole they must be put back.
    if (!top && isKept(attribute)) return true;
    if (descends(attribute) && tableNeedsCarrying(attribute.attributes, false)) return true;
  }
  return false;
}

// The values of a multi-valued attribute are replaced whole: nothing tells which old one a new one was.
function isMultiValuedPart(attribute: Attribute): boolean {
  return attribute.parent?.multiValued === true;
}

function isKept(attribute: Attribute): boolean {
  return attribute.mutability === 'readOnly' || attribute.mutability === 'writeOnly';
}

function descends(attribute: Attribute): boolean {
  if (attribute.type !== 'complex' || attribute.multiValued || attribute.mutability === 'readOnly') return false;
  // What is read-only in a reference (manager.displayName) is derived, and never stored.
  return !attribute.namesResource;
}

/**
 * The resource of a PUT with what a client cannot take away: immutable values, and read-only and write-only
 * sub-attributes of objects that are replaced whole.
 *
 * @throws MutabilityError where an immutable attribute has a value and is given another (RFC 7644 3.5.1)
 */
export function carryOver(type: ResourceType, current: Attributes, resource: Attributes): Attributes {
  return carryTable(type.attributes, current, resource, true);
}

function carryTable(table: AttributeTable, current: Attributes, given: Attributes, top: boolean): Attributes {
  let result = given;
  for (const attribute of table) {
    const { name } = attribute;
    const old = current[name];
    if (old === undefined || old === null || name === 'schemas') continue;
    const value = carry(attribute, old, given[name], top);
    if (value === given[name]) continue;
    if (result === given) result = { ...given };
    (result as Record<string, unknown>)[name] = value;
  }
  return result;
}

function carry(attribute: Attribute, old: unknown, given: unknown, top: boolean): unknown {
  if (attribute.mutability === 'immutable' && !isMultiValuedPart(attribute)) {
    if (given === undefined || isDeepEqual(old, given)) return old;
    throw new MutabilityError(`${attribute.path} is immutable and has another value.`);
  }
  if (!top && given === undefined && isKept(attribute)) return old;
  if (!descends(attribute) || !isObject(old)) return given;
  const carried = carryTable(attribute.attributes, old, isObject(given) ? given : {}, false);
  return Object.keys(carried).length === 0 ? given : carried;
}

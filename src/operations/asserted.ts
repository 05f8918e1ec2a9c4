import type { Attributes } from '../contract/attribute.js';
import { isObject } from '../contract/is-object.js';
import type { AttributeTable } from '../schema/attribute.js';
import type { ResourceType } from '../schema/resource-type.js';

/**
 * Paths of the attributes that a body assigns values to, complex attributes before their sub-attributes.
 *
 * The response to a write includes them also where they are returned only on request (RFC 7643 7).
 */
export function assertedPaths(type: ResourceType, resource: Attributes): string[] {
  const paths: string[] = [];
  collect(type.attributes, resource, paths);
  return paths;
}

function collect(table: AttributeTable, values: Attributes, paths: string[]): void {
  for (const name of Object.keys(values)) {
    const attribute = table.get(name);
    if (attribute === undefined) continue;
    paths.push(attribute.path);
    const value = values[name];
    if (isObject(value)) collect(attribute.attributes, value, paths);
    else if (Array.isArray(value)) {
      for (const each of value) if (isObject(each)) collect(attribute.attributes, each, paths);
    }
  }
}

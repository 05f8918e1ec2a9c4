import type { Attribute, AttributeTable } from '../schema/attribute.js';
import { nameOfReference } from '../schema/reference.js';
import type { ResourceType } from '../schema/resource-type.js';

/** A complex attribute that names another resource: `manager`, `members`. */
export interface Reference {
  readonly attribute: Attribute;
  /** Names of the resource types that it may name. */
  readonly types: readonly string[];
  /** The sub-attribute that shows the name of the resource: `displayName` or `display`; undefined without one. */
  readonly nameIn: string | undefined;
}

/** The references of a type, extensions included; not `groups`, which is derived as a whole. */
export function findReferences(type: ResourceType): readonly Reference[] {
  return [...collect(type.attributes)];
}

function* collect(table: AttributeTable): Iterable<Reference> {
  for (const attribute of table) {
    if (attribute.container) yield* collect(attribute.attributes);
    else if (attribute.namesResource && attribute.mutability !== 'readOnly') {
      const types = attribute.attributes.get('$ref')?.referenceTypes ?? [];
      yield { attribute, types, nameIn: nameOfReference(attribute)?.name };
    }
  }
}

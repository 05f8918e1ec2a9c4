import type { Attribute, AttributeTable } from '../schema/attribute.js';
import type { ResourceType } from '../schema/resource-type.js';

/** A complex attribute that names another resource: `manager`, `members`. */
export interface Reference {
  readonly attribute: Attribute;
  /** Names of the resource types that it may name. */
  readonly types: readonly string[];
  /** Where the name of the resource is shown: `displayName` or `display`. */
  readonly nameIn: string | undefined;
}

/** The references of a type whose targets have a place here; `groups`, which is derived whole, is not among them. */
export function findReferences(type: ResourceType): readonly Reference[] {
  return [...collect(type.attributes)];
}

function* collect(table: AttributeTable): Iterable<Reference> {
  for (const attribute of table) {
    if (attribute.container) yield* collect(attribute.attributes);
    else if (attribute.namesResource && attribute.mutability !== 'readOnly') {
      const { attributes } = attribute;
      const nameIn = attributes.get('displayName') ?? attributes.get('display');
      yield { attribute, types: attributes.get('$ref')?.referenceTypes ?? [], nameIn: nameIn?.name };
    }
  }
}

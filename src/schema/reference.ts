import type { Attribute } from './attribute.js';

/**
 * The sub-attribute of a reference that shows the display name of the resource: `manager.displayName`,
 * `members.display`. Responses derive it; undefined for an attribute that is no reference, or has no such part.
 */
export function nameOfReference(attribute: Attribute): Attribute | undefined {
  if (!attribute.namesResource || attribute.mutability === 'readOnly') return undefined;
  return attribute.attributes.get('displayName') ?? attribute.attributes.get('display');
}

/**
 * Whether no store keeps a sub-attribute, because each response looks it up: the display name of a reference, and its
 * `$ref`, which exists only where the reference names a resource that exists.
 */
export function isLookedUp(attribute: Attribute): boolean {
  const { parent } = attribute;
  if (parent?.namesResource !== true || parent.mutability === 'readOnly') return false;
  return attribute.name === '$ref' || nameOfReference(parent) === attribute;
}

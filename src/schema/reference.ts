import type { Attribute } from './attribute.js';

/**
 * The sub-attribute of a reference that shows the display name of the resource: `manager.displayName`,
 * `members.display`. Responses derive it; undefined for an attribute that is no reference, or has no such part.
 */
export function nameOfReference(attribute: Attribute): Attribute | undefined {
  if (!attribute.namesResource || attribute.mutability === 'readOnly') return undefined;
  return attribute.attributes.get('displayName') ?? attribute.attributes.get('display');
}

import { isObject } from '../contract/is-object.js';
import type { Mistakes } from './mistakes.js';

/**
 * Checks the shape of a schema; what its attributes mean is checked when the resource type is compiled.
 *
 * @returns whether it can be compiled
 */
export function checkSchema(schema: unknown, place: string, page: string, mistakes: Mistakes): boolean {
  if (!isObject(schema)) {
    const example = "defineSchema({ id: 'urn:example:2.0:Device', attributes: [{ name: 'displayName' }] })";
    mistakes.add(`${place} must be a schema: write ${example}.`, page);
    return false;
  }
  return checkAttributes(schema['attributes'], `${place}.attributes`, page, mistakes);
}

function checkAttributes(attributes: unknown, place: string, page: string, mistakes: Mistakes): boolean {
  if (!Array.isArray(attributes)) {
    mistakes.add(`${place} must be a list of attributes: write [{ name: 'displayName' }].`, page);
    return false;
  }
  return attributes
    .map((attribute: unknown, index) => {
      const inner = `${place}[${String(index)}]`;
      if (!isObject(attribute)) {
        mistakes.add(`${inner} must be an attribute: write { name: 'displayName' }.`, page);
        return false;
      }
      const { subAttributes, canonicalValues, referenceTypes } = attribute;
      const listed =
        mistakes.expectKind(canonicalValues, `${inner}.canonicalValues`, ['list'], page) &&
        mistakes.expectKind(referenceTypes, `${inner}.referenceTypes`, ['list'], page);
      return (
        (subAttributes === undefined || checkAttributes(subAttributes, `${inner}.subAttributes`, page, mistakes)) &&
        listed
      );
    })
    .every(Boolean);
}

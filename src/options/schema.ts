import { isObject } from '../contract/is-object.js';
import type { Kind, Mistakes } from './mistakes.js';

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
  const texts = ['id', 'name', 'description'].map((name) =>
    mistakes.expectKind(schema[name], `${place}.${name}`, ['string'], page),
  );
  return checkAttributes(schema['attributes'], `${place}.attributes`, page, mistakes) && texts.every(Boolean);
}

/** Members of an attribute, and what each may be. */
const members: Readonly<Record<string, Kind>> = {
  name: 'string',
  type: 'string',
  description: 'string',
  mutability: 'string',
  returned: 'string',
  uniqueness: 'string',
  multiValued: 'boolean',
  required: 'boolean',
  caseExact: 'boolean',
  canonicalValues: 'list',
  referenceTypes: 'list',
};

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
      const { subAttributes } = attribute;
      const fine = Object.entries(members).map(([name, kind]) =>
        mistakes.expectKind(attribute[name], `${inner}.${name}`, [kind], page),
      );
      return (
        (subAttributes === undefined || checkAttributes(subAttributes, `${inner}.subAttributes`, page, mistakes)) &&
        fine.every(Boolean)
      );
    })
    .every(Boolean);
}

import type { AttributeDefinition, SchemaDefinition } from '../../../openapi/description.js';
import { isObject, type JsonObject } from '../../wire/json.js';

/**
 * Reads a resource of /Schemas (RFC 7643 7).
 *
 * @throws Error that names the schema or the attribute that is malformed
 */
export function readSchema(resource: JsonObject): SchemaDefinition {
  const { id, name, description, attributes } = resource;
  if (typeof id !== 'string' || !/^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]{1,500}$/.test(id)) {
    throw new Error('A schema of /Schemas has no valid id; expected an absolute URI.');
  }
  return {
    id,
    ...text('name', name),
    ...text('description', description),
    attributes: readAttributes(attributes, id, true),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const types: readonly unknown[] = [
  'string',
  'boolean',
  'decimal',
  'integer',
  'dateTime',
  'binary',
  'reference',
  'complex',
];

/** @param nested true where sub-attributes are allowed: RFC 7643 2.3.8 allows one level */
function readAttributes(list: unknown, schema: string, nested: boolean): AttributeDefinition[] {
  if (!Array.isArray(list)) throw new Error(`The schema ${schema} has no list of attributes.`);
  return list.map((each: unknown) => {
    const given = isObject(each) ? each : {};
    const { name, type = 'string' } = given;
    if (typeof name !== 'string' || !/^(?:[A-Za-z][A-Za-z0-9$_-]{0,127}|\$ref)$/.test(name)) {
      throw new Error(`An attribute of the schema ${schema} has no valid name.`);
    }
    if (!types.includes(type)) throw new Error(`The attribute ${name} of the schema ${schema} has an unknown type.`);
    const attribute: Mutable<AttributeDefinition> = {
      name,
      type: type as NonNullable<AttributeDefinition['type']>,
      ...text('description', given['description']),
      multiValued: given['multiValued'] === true,
      required: given['required'] === true,
      caseExact: given['caseExact'] === true,
    };
    const { mutability, returned, canonicalValues } = given;
    if (mutability === 'readOnly' || mutability === 'writeOnly' || mutability === 'immutable') {
      attribute.mutability = mutability;
    }
    if (returned === 'never' || returned === 'always' || returned === 'request') attribute.returned = returned;
    if (Array.isArray(canonicalValues)) {
      attribute.canonicalValues = canonicalValues.filter((value) => typeof value === 'string');
    }
    if (type === 'complex') {
      if (!nested)
        throw new Error(`The attribute ${name} of the schema ${schema} is complex inside a complex attribute.`);
      attribute.subAttributes = readAttributes(given['subAttributes'], schema, false);
    }
    return attribute;
  });
}

function text<Name extends string>(name: Name, value: unknown): { readonly [name in Name]?: string } {
  return typeof value === 'string' && value !== '' ? ({ [name]: value } as { readonly [name in Name]: string }) : {};
}

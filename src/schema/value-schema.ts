import type { AnySchemaObject } from 'ajv';
import type { Attribute, AttributeTable } from './attribute.js';
import { withoutUndefined } from '../contract/without-undefined.js';

/** How strictly values are checked. */
export interface SchemaOptions {
  /** True: also check formats that real clients often get wrong. */
  readonly strict: boolean;
  /** True: required attributes must be there. */
  readonly required: boolean;
}

/** The JSON Schema of an object that holds attributes of the table. */
export function objectSchema(table: AttributeTable, options: SchemaOptions): AnySchemaObject {
  const properties: Record<string, AnySchemaObject> = {};
  const required: string[] = [];
  for (const attribute of table) {
    if (!isWritten(attribute)) continue;
    // A complex value needs its required sub-attributes even in a change.
    properties[attribute.name] = attributeSchema(attribute, { ...options, required: true });
    if (options.required && attribute.required) required.push(attribute.name);
  }
  return required.length === 0 ? { type: 'object', properties } : { type: 'object', properties, required };
}

/** Whether a client writes an attribute, so that its values are checked. */
export function isWritten(attribute: Attribute): boolean {
  return attribute.mutability !== 'readOnly' && attribute.path !== 'schemas';
}

function attributeSchema(attribute: Attribute, options: SchemaOptions): AnySchemaObject {
  const one =
    attribute.type === 'complex'
      ? objectSchema(attribute.attributes, options)
      : simpleSchema(attribute, options.strict);
  if (!attribute.multiValued) return one;
  const { minItems, maxItems } = attribute.constraints;
  return withoutUndefined({ type: 'array', items: one, minItems, maxItems });
}

/** The JSON Schema of one value of an attribute that is not complex. */
export function simpleSchema(attribute: Attribute, strict: boolean): AnySchemaObject {
  const { minimum, maximum } = attribute.constraints;
  switch (attribute.type) {
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return withoutUndefined({ type: 'integer', minimum, maximum });
    case 'decimal':
      return withoutUndefined({ type: 'number', minimum, maximum });
    case 'dateTime':
      return { type: 'string', format: 'scim-dateTime' };
    case 'binary':
      return { ...textSchema(attribute), format: 'scim-base64' };
    case 'reference':
      return strict ? { ...textSchema(attribute), format: 'uri-reference' } : textSchema(attribute);
    case 'string':
      return stringSchema(attribute, strict);
    case 'complex':
      throw new TypeError(`${attribute.path} is complex.`);
  }
}

function stringSchema(attribute: Attribute, strict: boolean): AnySchemaObject {
  const schema = textSchema(attribute);
  if (attribute.required) schema['minLength'] = Math.max(1, attribute.constraints.minLength ?? 1);
  if (attribute.closed && attribute.canonicalValues !== undefined) {
    schema['closed'] = { values: attribute.canonicalValues, caseExact: attribute.caseExact };
  }
  // RFC 7643 4.1.2: country is an ISO 3166-1 alpha-2 code, but clients send free text.
  if (strict && attribute.path === 'addresses.country') schema['pattern'] = '^[A-Za-z]{2}$';
  return schema;
}

function textSchema({ constraints }: Attribute): AnySchemaObject {
  const { minLength, maxLength, pattern } = constraints;
  return withoutUndefined({ type: 'string', minLength, maxLength, pattern });
}

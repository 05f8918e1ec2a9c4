import { commonAttributes } from '../schema/core/common.js';
import type { AttributeDefinition, SchemaDefinition } from '../schema/definition.js';
import type { DescribedType } from './description.js';

/** A JSON object that is being written. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a body is sent by a client or by the service: each has other attributes. */
export type Direction = 'request' | 'response';

/** The schema of a whole resource, with its extensions under their URNs (RFC 7643 3.3). */
export function resourceSchema(type: DescribedType, direction: Direction): JsonObject {
  const { schema, extensions } = type;
  const common = new Set<string>(commonAttributes.map(({ name }) => name.toLowerCase()));
  const own = schema.attributes.filter(({ name }) => !common.has(name.toLowerCase()));
  const shared = commonAttributes.filter(
    ({ name }) => name !== 'schemas' && (name !== 'externalId' || type.externalId),
  );
  const { keywords, required } = members([...shared, ...own], direction);
  const schemas = {
    type: 'array',
    description: 'The URIs of the schemas that the resource uses.',
    items: { type: 'string', enum: [schema.id, ...extensions.map((extension) => extension.schema.id)] },
    contains: { const: schema.id },
    uniqueItems: true,
  };
  const containers: JsonObject = Object.fromEntries(
    extensions.map((extension) => [extension.schema.id, extensionSchema(extension.schema, direction)]),
  );
  const requiredExtensions = extensions.filter((extension) => extension.required).map((each) => each.schema.id);
  return {
    type: 'object',
    description: type.description,
    ...keywords,
    properties: { schemas, ...keywords.properties, ...containers },
    // A client can select the attributes of a response: only these two are always there.
    required: direction === 'response' ? ['schemas', 'id'] : ['schemas', ...required, ...requiredExtensions],
  };
}

function extensionSchema(schema: SchemaDefinition, direction: Direction): JsonObject {
  const { keywords, required } = members(schema.attributes, direction);
  const description = schema.description ?? schema.name ?? schema.id;
  return withRequired({ type: 'object', description, ...keywords }, direction === 'request' ? required : []);
}

interface Members {
  readonly keywords: { readonly properties: JsonObject; readonly patternProperties?: JsonObject };
  /** Names of those that a client has to send. */
  readonly required: readonly string[];
}

function members(attributes: readonly AttributeDefinition[], direction: Direction): Members {
  const shown = attributes.filter((attribute) => isShown(attribute, direction));
  const entries = shown.map((attribute) => [attribute.name, attributeSchema(attribute, direction)] as const);
  const reference = entries.find(([name]) => name === '$ref')?.[1];
  const properties = Object.fromEntries(entries.filter(([name]) => name !== '$ref'));
  return {
    // Most tools take any object with a member `$ref` for a reference, that of `properties` too.
    keywords: reference === undefined ? { properties } : { properties, patternProperties: { '^\\$ref$': reference } },
    required: shown.filter(({ required }) => required === true).map(({ name }) => name),
  };
}

/** Whether an attribute can be in a body. What is read-only is ignored in a request (RFC 7644 3.3), so it is left out. */
function isShown({ mutability, returned }: AttributeDefinition, direction: Direction): boolean {
  return direction === 'request' ? mutability !== 'readOnly' : returned !== 'never' && mutability !== 'writeOnly';
}

function attributeSchema(attribute: AttributeDefinition, direction: Direction): JsonObject {
  const { description, multiValued, minItems, maxItems } = attribute;
  const described = description === undefined ? {} : { description };
  const one = valueSchema(attribute, direction);
  if (multiValued !== true) return { ...described, ...one };
  return { ...described, ...defined({ type: 'array', items: one, minItems, maxItems }) };
}

function valueSchema(attribute: AttributeDefinition, direction: Direction): JsonObject {
  const { type = 'string', minimum, maximum, minLength, maxLength, pattern } = attribute;
  switch (type) {
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return defined({ type: 'integer', minimum, maximum });
    case 'decimal':
      return defined({ type: 'number', minimum, maximum });
    case 'dateTime':
      return { type: 'string', format: 'date-time' };
    case 'binary':
      return { type: 'string', contentEncoding: 'base64' };
    case 'reference':
      return defined({ type: 'string', format: 'uri-reference', minLength, maxLength, pattern });
    case 'string':
      return defined({ type: 'string', minLength, maxLength, pattern, ...valuesOf(attribute) });
    case 'complex': {
      const { keywords, required } = members(attribute.subAttributes ?? [], direction);
      return withRequired({ type: 'object', ...keywords }, direction === 'request' ? required : []);
    }
  }
}

/** Canonical values are suggestions, unless the attribute is closed (RFC 7643 7). */
function valuesOf({ canonicalValues = [], closed, caseExact }: AttributeDefinition): JsonObject {
  if (canonicalValues.length === 0) return {};
  // A closed attribute that ignores case accepts other spellings, which `enum` would refuse.
  return closed === true && caseExact === true ? { enum: canonicalValues } : { examples: canonicalValues };
}

function withRequired(schema: JsonObject, required: readonly string[]): JsonObject {
  return required.length === 0 ? schema : { ...schema, required };
}

/** An object without the members that are undefined. */
export function defined(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

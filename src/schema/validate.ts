import type { AnySchemaObject, ErrorObject, ValidateFunction } from 'ajv';
import { InvalidValueError } from '../errors.js';
import type { Attribute, AttributeTable } from './attribute.js';
import { isObject } from '../contract/is-object.js';
import { userNameProblem } from './normalize.js';
import { checkOnePrimary, hasPrimary } from './primary.js';
import type { Awaitable } from '../contract/awaitable.js';
import type { ResourceType } from './resource-type.js';

/**
 * Validates canonical values against a resource type; compiled at the first use.
 *
 * Only the first check of a process waits, for Ajv to load. A router that only reads never loads it.
 */
export interface Validator {
  /**
   * Checks a whole resource, as POST and PUT write it.
   *
   * @throws InvalidValueError naming the first attribute that is missing or does not fit
   */
  resource(value: Values): Awaitable<void>;
  /**
   * Checks complete new values of some top-level attributes, as PATCH writes them.
   *
   * @throws InvalidValueError naming the first attribute that does not fit
   */
  change(set: Values): Awaitable<void>;
}

type Values = Readonly<Record<string, unknown>>;

// Ajv takes longer to load than the rest of the library, and only writes need it. Bundlers follow this dynamic import;
// in the CommonJS build it becomes a require.
const loadCompiler = () => import('./json-schema.js');
let compiler: Awaited<ReturnType<typeof loadCompiler>> | undefined;

/**
 * Makes the validator of a resource type.
 *
 * @param strict also checks formats that real clients often get wrong: URI references, country codes, RFC 8265 names
 */
export function createValidator(type: ResourceType, strict: boolean): Validator {
  const compiled: { resource?: ValidateFunction; change?: ValidateFunction } = {};
  const withPrimary = [...attributesWithPrimary(type.attributes)];
  const check = (kind: 'resource' | 'change', value: Values): Awaitable<void> => {
    if (compiler === undefined) {
      return loadCompiler().then((loaded) => {
        compiler = loaded;
        return check(kind, value);
      });
    }
    const validate = (compiled[kind] ??= compiler.compileSchema(
      jsonSchema(type.attributes, { strict, required: kind === 'resource' }),
    ));
    if (!validate(value)) throw new InvalidValueError(explain(type, validate.errors?.[0]));
    for (const attribute of withPrimary) {
      const values = valueOf(attribute, value);
      if (Array.isArray(values)) checkOnePrimary(attribute, values);
    }
    const userName = value['userName'];
    if (typeof userName === 'string') {
      const problem = userNameProblem(userName, strict);
      if (problem !== undefined) throw new InvalidValueError(`userName ${problem}.`);
    }
  };
  return { resource: (value) => check('resource', value), change: (set) => check('change', set) };
}

interface SchemaOptions {
  readonly strict: boolean;
  readonly required: boolean;
}

/** The JSON Schema of an object that holds attributes of the table. */
function jsonSchema(table: AttributeTable, options: SchemaOptions): AnySchemaObject {
  const properties: Record<string, AnySchemaObject> = {};
  const required: string[] = [];
  for (const attribute of table) {
    if (attribute.mutability === 'readOnly' || attribute.path === 'schemas') continue;
    // A complex value needs its required sub-attributes even in a change.
    properties[attribute.name] = valueSchema(attribute, { ...options, required: true });
    if (options.required && attribute.required) required.push(attribute.name);
  }
  return required.length === 0 ? { type: 'object', properties } : { type: 'object', properties, required };
}

function valueSchema(attribute: Attribute, options: SchemaOptions): AnySchemaObject {
  const one = singleSchema(attribute, options);
  return attribute.multiValued ? { type: 'array', items: one } : one;
}

function singleSchema(attribute: Attribute, options: SchemaOptions): AnySchemaObject {
  switch (attribute.type) {
    case 'complex':
      return jsonSchema(attribute.attributes, options);
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer' };
    case 'decimal':
      return { type: 'number' };
    case 'dateTime':
      return { type: 'string', format: 'scim-dateTime' };
    case 'binary':
      return { type: 'string', format: 'scim-base64' };
    case 'reference':
      return options.strict ? { type: 'string', format: 'uri-reference' } : { type: 'string' };
    case 'string':
      return stringSchema(attribute, options);
  }
}

function stringSchema(attribute: Attribute, options: SchemaOptions): AnySchemaObject {
  const schema: AnySchemaObject = { type: 'string' };
  if (attribute.required) schema['minLength'] = 1;
  if (attribute.closed && attribute.canonicalValues !== undefined) {
    schema['closed'] = { values: attribute.canonicalValues, caseExact: attribute.caseExact };
  }
  // RFC 7643 4.1.2: country is an ISO 3166-1 alpha-2 code, but clients send free text.
  if (options.strict && attribute.path === 'addresses.country') schema['pattern'] = '^[A-Za-z]{2}$';
  return schema;
}

const nouns: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number',
  object: 'an object',
  array: 'an array',
};

function explain(type: ResourceType, error: ErrorObject | undefined): string {
  if (error === undefined) return 'The resource does not fit its schema.';
  const path = attributePath(type, error.instancePath);
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'required': {
      const missing = String(params['missingProperty']);
      return `${path === '' ? missing : `${path}${type.uris.has(path.toLowerCase()) ? ':' : '.'}${missing}`} is required.`;
    }
    case 'minLength':
      return `${path} is required and may not be empty.`;
    case 'type':
      return `${path} must be ${nouns[String(params['type'])] ?? 'of another type'}.`;
    case 'format':
      return `${path} must be ${formatNouns[String(params['format'])] ?? 'well-formed'}.`;
    case 'closed':
      return `${path} must be one of the canonical values of its schema.`;
    default:
      return `${path} does not fit its schema.`;
  }
}

const formatNouns: Readonly<Record<string, string>> = {
  'scim-dateTime': 'a date and time such as 2008-01-23T04:56:22Z',
  'scim-base64': 'base64',
  'uri-reference': 'a URI',
};

/** `/emails/0/value` as `emails.value`: names of the schema only, since messages never echo what a client sent. */
function attributePath(type: ResourceType, pointer: string): string {
  let table = type.attributes;
  let path = '';
  for (const segment of pointer.split('/').slice(1)) {
    const attribute = table.get(segment.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (attribute === undefined) continue;
    path = attribute.path;
    table = attribute.attributes;
  }
  return path;
}

function* attributesWithPrimary(table: AttributeTable): Iterable<Attribute> {
  for (const attribute of table) {
    if (attribute.container) yield* attributesWithPrimary(attribute.attributes);
    else if (hasPrimary(attribute)) yield attribute;
  }
}

function valueOf({ name, parent }: Attribute, resource: Values): unknown {
  if (parent === undefined) return resource[name];
  const container = resource[parent.name];
  return isObject(container) ? container[name] : undefined;
}

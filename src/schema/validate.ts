import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { InvalidValueError } from '../errors.js';
import type { Attribute, AttributeTable } from './attribute.js';
import { isBase64, isDateTime } from './formats.js';
import { isObject } from './normalise.js';
import { userNameProblem } from './prepare.js';
import type { ResourceType } from './resource-type.js';

/** Checks of normalised values against a resource type; compiled at the first use. */
export interface Validator {
  /**
   * A whole resource, as POST and PUT bring it.
   * @throws InvalidValueError naming the first attribute that is missing or does not fit
   */
  resource(value: Readonly<Record<string, unknown>>): void;
  /**
   * Whole new values of some top-level attributes, as PATCH leaves them.
   * @throws InvalidValueError naming the first attribute that does not fit
   */
  change(set: Readonly<Record<string, unknown>>): void;
}

/**
 * The validator of a resource type.
 *
 * @param strict formats that clients in the field break are checked too: URI references, country codes, RFC 8265 names
 */
export function createValidator(type: ResourceType, strict: boolean): Validator {
  let compiled: { resource: ValidateFunction; change: ValidateFunction } | undefined;
  const compile = (): { resource: ValidateFunction; change: ValidateFunction } => ({
    resource: compileOnce(jsonSchema(type.attributes, { strict, required: true })),
    change: compileOnce(jsonSchema(type.attributes, { strict, required: false })),
  });
  const primaries = [...primaryAttributes(type.attributes)];
  const check = (kind: 'resource' | 'change', value: Readonly<Record<string, unknown>>): void => {
    compiled ??= compile();
    const validate = compiled[kind];
    if (!validate(value)) throw new InvalidValueError(explain(type, validate.errors?.[0]));
    for (const attribute of primaries) checkPrimary(attribute, value);
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
    // Inside a value that is there, its required sub-attributes are required even in a change.
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
  // RFC 7643 4.1.2: country is an ISO 3166-1 alpha-2 code; clients send free text.
  if (options.strict && attribute.path === 'addresses.country') schema['pattern'] = '^[A-Za-z]{2}$';
  return schema;
}

// Compiling takes milliseconds, and two routers often have the same schemas. A memo of a pure function, bounded.
const memo = new Map<string, ValidateFunction>();
const memoSize = 100;
let ajv: Ajv | undefined;

function compileOnce(schema: AnySchemaObject): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = memo.get(text);
  if (known !== undefined) return known;
  // A new compiler now and then: Ajv keeps every schema that it has compiled.
  if (ajv === undefined || memo.size >= memoSize) {
    memo.clear();
    ajv = createAjv();
  }
  const compiled = ajv.compile(schema);
  memo.set(text, compiled);
  return compiled;
}

function createAjv(): Ajv {
  const created = new Ajv({ strict: false, allErrors: false, ownProperties: true, messages: false });
  formats.default(created, ['uri-reference']);
  created.addFormat('scim-dateTime', { type: 'string', validate: isDateTime });
  created.addFormat('scim-base64', { type: 'string', validate: isBase64 });
  created.addKeyword({
    keyword: 'closed',
    type: 'string',
    compile: (closed: { values: readonly string[]; caseExact: boolean }) => {
      const fold = (value: string): string => (closed.caseExact ? value : value.toLowerCase());
      const values = new Set(closed.values.map(fold));
      return (value: string) => values.has(fold(value));
    },
  });
  return created;
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

/** `/emails/0/value` as `emails.value`: names of the schema only, since values of clients are not echoed. */
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

function* primaryAttributes(table: AttributeTable): Iterable<Attribute> {
  for (const attribute of table) {
    if (attribute.container) yield* primaryAttributes(attribute.attributes);
    else if (attribute.multiValued && attribute.attributes.get('primary')?.type === 'boolean') yield attribute;
  }
}

// RFC 7643 2.4: `primary` is true at most once.
function checkPrimary(attribute: Attribute, value: Readonly<Record<string, unknown>>): void {
  const holder = attribute.parent === undefined ? value : value[attribute.parent.name];
  const values = isObject(holder) ? holder[attribute.name] : undefined;
  if (!Array.isArray(values)) return;
  let primary = false;
  for (const each of values as readonly { readonly primary?: unknown }[]) {
    if (each.primary !== true) continue;
    if (primary) throw new InvalidValueError(`${attribute.path} has more than one value with primary true.`);
    primary = true;
  }
}

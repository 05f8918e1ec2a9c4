import type { AnySchemaObject, ErrorObject, ValidateFunction } from 'ajv';
import { isObject } from '../contract/is-object.js';
import type { ValueMistake } from '../errors.js';
import type { Attribute, AttributeTable } from './attribute.js';
import type { ValueMistakes } from './value-mistakes.js';
import { isWritten, type SchemaOptions, simpleSchema } from './value-schema.js';

/** Finds every mistake in values that do not fit their schema. */
export interface ValueCheck {
  check(
    table: AttributeTable,
    values: Readonly<Record<string, unknown>>,
    required: boolean,
    mistakes: ValueMistakes,
  ): void;
}

/**
 * Makes a ValueCheck. It walks the attributes one by one, which takes longer than the compiled validator; so only what
 * that has refused gets here. Simple values are checked by the same JSON Schemas.
 *
 * @param compile compiles a JSON Schema
 */
export function createValueCheck(
  { strict }: Pick<SchemaOptions, 'strict'>,
  compile: (schema: AnySchemaObject) => ValidateFunction,
): ValueCheck {
  const compiled = new Map<Attribute, ValidateFunction>();

  const check: ValueCheck['check'] = (table, values, required, mistakes) => {
    for (const attribute of table) {
      if (!isWritten(attribute) || mistakes.has(attribute.path)) continue;
      const value = values[attribute.name];
      if (value !== undefined) checkAttribute(attribute, value, mistakes);
      else if (required && attribute.required) {
        mistakes.add(attribute.path, 'required', `${attribute.path} is required.`);
      }
    }
  };

  const checkAttribute = (attribute: Attribute, value: unknown, mistakes: ValueMistakes): void => {
    const { path, constraints } = attribute;
    if (!attribute.multiValued) {
      checkOne(attribute, value, mistakes);
      return;
    }
    if (!Array.isArray(value)) {
      mistakes.add(path, 'type', `${path} must be an array.`);
      return;
    }
    const { minItems = 0, maxItems = Infinity } = constraints;
    if (value.length < minItems) mistakes.add(path, 'count', `${path} must have at least ${String(minItems)} values.`);
    if (value.length > maxItems) mistakes.add(path, 'count', `${path} must have at most ${String(maxItems)} values.`);
    for (const each of value as readonly unknown[]) checkOne(attribute, each, mistakes);
  };

  const checkOne = (attribute: Attribute, value: unknown, mistakes: ValueMistakes): void => {
    const { path } = attribute;
    if (attribute.type === 'complex') {
      if (!isObject(value)) mistakes.add(path, 'type', `${path} must be an object.`);
      else checkParts(attribute, value, mistakes);
      return;
    }
    let validate = compiled.get(attribute);
    if (validate === undefined) {
      validate = compile(simpleSchema(attribute, strict));
      compiled.set(attribute, validate);
    }
    const error = validate(value) === true ? undefined : validate.errors?.[0];
    if (error !== undefined) mistakes.add(path, codeOf(error), `${path} ${explain(attribute, error)}.`);
  };

  // Each of several values is checked, although another has the same mistake: `add` keeps the first.
  const checkParts = (
    attribute: Attribute,
    value: Readonly<Record<string, unknown>>,
    mistakes: ValueMistakes,
  ): void => {
    for (const part of attribute.attributes) {
      if (!isWritten(part)) continue;
      const inner = value[part.name];
      if (inner !== undefined) checkAttribute(part, inner, mistakes);
      else if (part.required) mistakes.add(part.path, 'required', `${part.path} is required.`);
    }
  };

  return { check };
}

const codes: Readonly<Record<string, ValueMistake['code']>> = {
  type: 'type',
  format: 'format',
  pattern: 'pattern',
  closed: 'closed',
  minLength: 'length',
  maxLength: 'length',
  minimum: 'range',
  maximum: 'range',
};

function codeOf(error: ErrorObject): ValueMistake['code'] {
  return codes[error.keyword] ?? 'value';
}

const typeNouns: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number',
};

const formatNouns: Readonly<Record<string, string>> = {
  'scim-dateTime': 'a date and time such as 2008-01-23T04:56:22Z',
  'scim-base64': 'base64',
  'uri-reference': 'a URI',
};

/** Most canonical values in a message. */
const mostValues = 20;

/** What a value must be: words of the schema only, since messages never echo what a client sent. */
function explain(attribute: Attribute, { keyword, params }: ErrorObject): string {
  const of = (name: string): string => String((params as Readonly<Record<string, unknown>>)[name]);
  switch (keyword) {
    case 'type':
      return `must be ${typeNouns[of('type')] ?? 'of another type'}`;
    case 'format':
      return `must be ${formatNouns[of('format')] ?? 'well-formed'}`;
    case 'closed': {
      const values = attribute.canonicalValues ?? [];
      const others = values.length > mostValues ? `, or ${String(values.length - mostValues)} others` : '';
      return `must be one of the canonical values of its schema: ${values.slice(0, mostValues).join(', ')}${others}`;
    }
    case 'minLength':
      if (of('limit') === '1') return 'is required and may not be empty';
      return `must have at least ${of('limit')} characters`;
    case 'maxLength':
      return `must have at most ${of('limit')} characters`;
    case 'pattern':
      return `must match ${of('pattern')}`;
    case 'minimum':
      return `must be ${of('limit')} or more`;
    case 'maximum':
      return `must be ${of('limit')} or less`;
    default:
      return 'does not fit its schema';
  }
}

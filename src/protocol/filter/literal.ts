import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidFilterError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { isDateTime } from '../../schema/formats.js';
import { instantOf, normalize } from '../../schema/normalize.js';
import type { Comparison, FilterValue } from '../../contract/filter.js';
import type { Literal } from './rewrite.js';

/** A literal read as the type of its attribute. */
export interface TypedValue {
  /** As a resource would hold it. */
  readonly asserted: string | number | boolean;
  /** As it is compared; undefined where no stored value can equal it. */
  readonly normalized: FilterValue | undefined;
}

const substring: ReadonlySet<string> = new Set(['co', 'sw', 'ew']);
const ordering: ReadonlySet<string> = new Set(['gt', 'ge', 'lt', 'le']);

// Bodies contain neither (RFC 8259 8.2), and some databases reject them as parameters.
const neverStored = /[\0\p{Surrogate}]/u;

/** Whether no resource can hold a text, because no body can: it has a NUL or a lone surrogate. */
export function isNeverStored(text: string): boolean {
  return neverStored.test(text);
}

/**
 * Reads a literal as the type of the attribute that it is compared with.
 *
 * @throws InvalidFilterError where the operator or the literal does not fit the type (RFC 7644 3.4.2.2, Table 3)
 */
export function readValue(
  attribute: Attribute,
  op: Comparison | 'ne',
  literal: Literal,
  useQuirk: UseQuirk,
): TypedValue {
  const { type, path } = attribute;
  const isText = type === 'string' || type === 'reference';
  if (substring.has(op) && !isText) {
    throw new InvalidFilterError(`${path} is not a string: ${op} cannot search it.`);
  }
  // RFC 7644 3.4.2.2: "Boolean and Binary attributes SHALL cause a failed response".
  if (ordering.has(op) && (type === 'boolean' || type === 'binary')) {
    throw new InvalidFilterError(`${path} is ${type}: ${op} cannot order it.`);
  }
  const { kind, text } = literal;
  switch (type) {
    case 'boolean':
      if (kind === 'boolean' || isBooleanText(literal, useQuirk)) {
        const value = text.toLowerCase() === 'true';
        return { asserted: value, normalized: value };
      }
      break;
    case 'decimal':
    case 'integer':
      if (kind === 'number' && Number.isFinite(Number(text)))
        return { asserted: Number(text), normalized: Number(text) };
      break;
    case 'dateTime': {
      const time = kind === 'string' && isDateTime(text) ? instantOf(text) : undefined;
      if (time !== undefined) return { asserted: text, normalized: new Date(time) };
      break;
    }
    default:
      if (kind === 'string' || isUnquoted(attribute, op, useQuirk)) return readText(attribute, op, text);
  }
  throw new InvalidFilterError(`${path} must be compared with ${expected[type]}.`);
}

const expected: Readonly<Record<Attribute['type'], string>> = {
  string: 'a JSON string in double quotes',
  reference: 'a JSON string in double quotes',
  binary: 'a JSON string in double quotes',
  complex: 'null',
  boolean: 'true or false',
  decimal: 'a number',
  integer: 'a number',
  dateTime: 'a date and time such as "2011-05-13T04:42:34Z"',
};

function readText(attribute: Attribute, op: Comparison | 'ne', text: string): TypedValue {
  if (!isNeverStored(text)) return { asserted: text, normalized: normalize(attribute, text) };
  if (ordering.has(op)) {
    throw new InvalidFilterError(`${attribute.path} cannot be ordered against a value that no resource can have.`);
  }
  return { asserted: text, normalized: undefined };
}

// Standards reading 45.
function isBooleanText({ kind, text }: Literal, useQuirk: UseQuirk): boolean {
  return kind === 'string' && /^(?:true|false)$/i.test(text) && useQuirk('boolean-as-string-in-filter');
}

// Standards reading 17: `userName eq tove`. A number, true or false counts as an unquoted string too.
function isUnquoted(attribute: Attribute, op: Comparison | 'ne', useQuirk: UseQuirk): boolean {
  return op === 'eq' && attribute.type === 'string' && useQuirk('unquoted-value');
}

import { instantOf, normalize } from '../../schema/normalize.js';
import type { AttributeRef, Attributes } from '../../contract/attribute.js';
import type { Comparison, Filter, FilterValue } from '../../contract/filter.js';
import { compareText } from './text.js';

type Test = (value: unknown) => boolean;

/**
 * Compiles a filter into a predicate over stored resources. The predicate is made of closures, and never reads the
 * filter again.
 *
 * It reads own properties only. Dates may be `Date`s or strings.
 */
export function compileFilter(filter: Filter): (resource: Attributes) => boolean {
  return compile(filter, 0);
}

/** As `compileFilter`, over one value of `attribute`. */
export function compileValueFilter(filter: Filter, attribute: AttributeRef): Test {
  const test = compile(filter, attribute.keys.length);
  return (value) => isPresent(value) && test(value);
}

/** Whether a value is assigned: not null, `""`, `[]`, or a complex value of only those (standards reading 48). */
function isPresent(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  if (typeof value !== 'object' || value instanceof Date) return true;
  return Array.isArray(value) ? value.some(isPresent) : Object.values(value).some(isPresent);
}

/** @param depth how many of the first `keys` of an attribute lead to the object that the test receives */
function compile(filter: Filter, depth: number): Test {
  switch (filter.op) {
    case 'and': {
      const tests = filter.filters.map((each) => compile(each, depth));
      return (value) => {
        for (const test of tests) if (!test(value)) return false;
        return true;
      };
    }
    case 'or': {
      const tests = filter.filters.map((each) => compile(each, depth));
      return (value) => {
        for (const test of tests) if (test(value)) return true;
        return false;
      };
    }
    case 'not': {
      const test = compile(filter.filter, depth);
      return (value) => !test(value);
    }
    case 'some':
      return atPath(filter.attribute, depth, compileValueFilter(filter.filter, filter.attribute));
    case 'present':
      return atPath(filter.attribute, depth, isPresent);
    default:
      return atPath(filter.attribute, depth, compare(filter.attribute, filter.op, filter.value));
  }
}

/** Holds where the test holds for any value at the path of the attribute. */
function atPath({ keys }: AttributeRef, depth: number, test: Test): Test {
  let read = anyValue(test);
  for (const key of keys.slice(depth).reverse()) {
    const inner = read;
    read = anyValue((value) => {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
      return inner((value as Attributes)[key]);
    });
  }
  return read;
}

function anyValue(test: Test): Test {
  return (value) => (Array.isArray(value) ? value.some(test) : test(value));
}

function compare(attribute: AttributeRef, op: Comparison, literal: FilterValue): Test {
  if (typeof literal === 'string') {
    const holds = compareText[op];
    return (value) => typeof value === 'string' && holds(normalize(attribute, value), literal);
  }
  if (literal instanceof Date) {
    const holds = compareNumbers(op);
    const time = literal.getTime();
    return (value) => {
      const instant = instantOf(value);
      return instant !== undefined && holds(instant, time);
    };
  }
  if (typeof literal === 'boolean') return (value) => value === literal;
  const holds = compareNumbers(op);
  return (value) => typeof value === 'number' && holds(value, literal);
}

function compareNumbers(op: Comparison): (actual: number, literal: number) => boolean {
  switch (op) {
    case 'gt':
      return (actual, literal) => actual > literal;
    case 'ge':
      return (actual, literal) => actual >= literal;
    case 'lt':
      return (actual, literal) => actual < literal;
    case 'le':
      return (actual, literal) => actual <= literal;
    default:
      return (actual, literal) => actual === literal;
  }
}

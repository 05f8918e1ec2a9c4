import { instantOf, normalizeFor } from '../../schema/normalize.js';
import type { AttributeRef, Attributes } from '../../contract/attribute.js';
import type { Comparison, Filter, FilterValue } from '../../contract/filter.js';
import { compareText } from './text.js';

type Test = (value: unknown) => boolean;

/**
 * Makes a predicate over resources as a store keeps them, in closures: nothing of the filter is looked at again.
 *
 * Only own properties are read, and dates may be `Date`s or texts.
 */
export function compileFilter(filter: Filter): (resource: Attributes) => boolean {
  return compile(filter, 0);
}

/** As `compileFilter`, over one value of the attribute, of which `keys` lead to the value. */
export function compileValueFilter(filter: Filter, attribute: AttributeRef): Test {
  const test = compile(filter, attribute.keys.length);
  return (value) => isPresent(value) && test(value);
}

/** True for a value that counts as assigned: no null, `""`, `[]` or complex value of such (standards reading 48). */
export function isPresent(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  if (typeof value !== 'object' || value instanceof Date) return true;
  return Array.isArray(value) ? value.some(isPresent) : Object.values(value).some(isPresent);
}

/** @param depth how many keys of each attribute lead to the object that the test is given */
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

/** Holds where the test holds for a value that the attribute's keys lead to. */
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

function compare(attribute: AttributeRef, op: Comparison, wanted: FilterValue): Test {
  if (typeof wanted === 'string') {
    const holds = compareText[op];
    return (value) => typeof value === 'string' && holds(normalizeFor(attribute, value), wanted);
  }
  if (wanted instanceof Date) {
    const holds = compareNumbers(op);
    const time = wanted.getTime();
    return (value) => {
      const instant = instantOf(value);
      return instant !== undefined && holds(instant, time);
    };
  }
  if (typeof wanted === 'boolean') return (value) => value === wanted;
  const holds = compareNumbers(op);
  return (value) => typeof value === 'number' && holds(value, wanted);
}

function compareNumbers(op: Comparison): (actual: number, wanted: number) => boolean {
  switch (op) {
    case 'gt':
      return (actual, wanted) => actual > wanted;
    case 'ge':
      return (actual, wanted) => actual >= wanted;
    case 'lt':
      return (actual, wanted) => actual < wanted;
    case 'le':
      return (actual, wanted) => actual <= wanted;
    default:
      return (actual, wanted) => actual === wanted;
  }
}

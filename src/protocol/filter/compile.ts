import { textUnits, unlimitedWork, type Work } from '../../contract/work.js';
import { instantOf, normalizationOf, normalize } from '../../schema/normalize.js';
import type { AttributeRef, Attributes } from '../../contract/attribute.js';
import type { Comparison, Filter, FilterValue } from '../../contract/filter.js';
import { containsText } from './contains.js';
import { compareText } from './text.js';

/** The evaluation of a filter for one resource or one value. */
interface Evaluation {
  readonly work: Work;
  /** Normalized texts, by whether and how case counts, then by the text: 200 conditions normalize a text once. */
  readonly normalized: Map<string, string>[];
  /** The text that was normalized last, and its form. */
  lastText: string | undefined;
  lastKind: number;
  lastForm: string;
}

function evaluationFor(work: Work): Evaluation {
  return { work, normalized: [], lastText: undefined, lastKind: 0, lastForm: '' };
}

type Test = (value: unknown, evaluation: Evaluation) => boolean;

/**
 * Compiles a filter into a predicate over stored resources. The predicate is made of closures, and never reads the
 * filter again.
 *
 * It reads own properties only. Dates may be `Date`s or strings. What a comparison costs is charged before it is made,
 * and a text is normalized once however many conditions read it.
 */
export function compileFilter(filter: Filter): (resource: Attributes, work?: Work) => boolean {
  const test = compile(filter, 0);
  return (resource, work = unlimitedWork) => test(resource, evaluationFor(work));
}

/** As `compileFilter`, over one value of `attribute`. */
export function compileValueFilter(filter: Filter, attribute: AttributeRef): (value: unknown, work?: Work) => boolean {
  const test = valueTest(filter, attribute);
  return (value, work = unlimitedWork) => test(value, evaluationFor(work));
}

function valueTest(filter: Filter, attribute: AttributeRef): Test {
  const test = compile(filter, attribute.keys.length);
  return (value, evaluation) => isValue(value) && test(value, evaluation);
}

/**
 * Whether there is a value that a filter in brackets can be about: anything but null, and an object with a member that is
 * not null. An empty text in it counts, as it does without brackets: `emails.value eq ""` and `emails[value eq ""]` agree.
 */
function isValue(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value !== 'object' || value instanceof Date) return true;
  return Object.values(value).some((member) => member !== null && member !== undefined);
}

/** Whether a value is assigned: not null, `""`, `[]`, or a complex value of only those (standards reading 48). */
function isPresent(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  if (typeof value !== 'object' || value instanceof Date) return true;
  return Array.isArray(value) ? value.some(isPresent) : Object.values(value).some(isPresent);
}

/** Units for evaluating one condition for one value, its text apart. */
const unitsOfCondition = 6;

/** @param depth how many of the first `keys` of an attribute lead to the object that the test receives */
function compile(filter: Filter, depth: number): Test {
  switch (filter.op) {
    case 'and': {
      const tests = filter.filters.map((each) => compile(each, depth));
      return (value, evaluation) => {
        for (const test of tests) if (!test(value, evaluation)) return false;
        return true;
      };
    }
    case 'or': {
      const tests = filter.filters.map((each) => compile(each, depth));
      return (value, evaluation) => {
        for (const test of tests) if (test(value, evaluation)) return true;
        return false;
      };
    }
    case 'not': {
      const test = compile(filter.filter, depth);
      return (value, evaluation) => !test(value, evaluation);
    }
    case 'some':
      return atPath(filter.attribute, depth, valueTest(filter.filter, filter.attribute));
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
    read = anyValue((value, evaluation) => {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
      return inner((value as Attributes)[key], evaluation);
    });
  }
  return (value, evaluation) => {
    evaluation.work.spend(unitsOfCondition);
    return read(value, evaluation);
  };
}

function anyValue(test: Test): Test {
  return (value, evaluation) => {
    if (!Array.isArray(value)) return test(value, evaluation);
    evaluation.work.spend(value.length * unitsOfCondition);
    for (const each of value) if (test(each, evaluation)) return true;
    return false;
  };
}

function compare(attribute: AttributeRef, op: Comparison, literal: FilterValue): Test {
  if (typeof literal === 'string') {
    const holds = compareTo(op, literal);
    return (value, evaluation) =>
      typeof value === 'string' && holds(normalizedText(attribute, value, evaluation), evaluation);
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

/** Compares texts with a literal. Only a search looks at more of a text than the literal is long. */
function compareTo(op: Comparison, literal: string): (text: string, evaluation: Evaluation) => boolean {
  if (op !== 'co') {
    const holds = compareText[op];
    return (text) => holds(text, literal);
  }
  const contains = containsText(literal);
  return (text, { work }) => {
    work.spend(textUnits(text));
    return contains(text);
  };
}

/** Texts up to this length are cheaper to normalize again than to find in a map. */
const shortText = 32;

const isAscii = /^[\0-\x7f]*$/;

function normalizedText(attribute: AttributeRef, text: string, evaluation: Evaluation): string {
  evaluation.work.spend(unitsOfCondition);
  const kind = normalizationOf(attribute);
  if (text === evaluation.lastText && kind === evaluation.lastKind) return evaluation.lastForm;
  const form =
    text.length <= shortText && isAscii.test(text)
      ? normalize(attribute, text)
      : normalizedOnce(attribute, kind, text, evaluation);
  evaluation.lastText = text;
  evaluation.lastKind = kind;
  evaluation.lastForm = form;
  return form;
}

function normalizedOnce(attribute: AttributeRef, kind: number, text: string, { work, normalized }: Evaluation): string {
  const known = (normalized[kind] ??= new Map());
  let form = known.get(text);
  if (form === undefined) {
    work.spend(textUnits(text) << 2);
    known.set(text, (form = normalize(attribute, text)));
  }
  return form;
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

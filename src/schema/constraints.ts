import type { AttributeDefinition } from './definition.js';

/**
 * Constraints on the values of an attribute, which RFC 7643 has no characteristics for. The validator enforces them,
 * and /Schemas states them in the description of the attribute.
 */
export type Constraints = {
  readonly [name in 'minLength' | 'maxLength' | 'pattern' | 'minimum' | 'maximum' | 'minItems' | 'maxItems']?:
    AttributeDefinition[name] | undefined;
};

/** Longest value of an attribute that has a pattern and no `maxLength`: matching may take quadratic time. */
export const longestMatched = 1_000;

const lengths = ['minLength', 'maxLength'] as const;
const numbers = ['minimum', 'maximum'] as const;
const items = ['minItems', 'maxItems'] as const;
const texts: ReadonlySet<string> = new Set(['string', 'reference', 'binary']);

/** What is wrong with the constraints of a definition, as the end of a sentence; undefined where nothing is. */
export function constraintProblem(definition: AttributeDefinition): string | undefined {
  const { type = 'string', multiValued = false, pattern } = definition;
  const isNumber = type === 'integer' || type === 'decimal';
  for (const name of lengths) {
    if (definition[name] === undefined) continue;
    if (!texts.has(type)) return `has ${name}, which only strings can have: leave it out`;
    if (!isCount(definition[name])) return `has an invalid ${name}: write a number of characters, 0 or more`;
  }
  for (const name of numbers) {
    if (definition[name] === undefined) continue;
    if (!isNumber) return `has ${name}, which only numbers can have: write type "integer" or "decimal"`;
    if (!Number.isFinite(definition[name])) return `has an invalid ${name}: write a number`;
  }
  for (const name of items) {
    if (definition[name] === undefined) continue;
    if (!multiValued) return `has ${name} but is not multiValued: leave it out`;
    if (!isCount(definition[name])) return `has an invalid ${name}: write a number of values, 0 or more`;
  }
  if (isAbove(definition.minLength, definition.maxLength)) return 'has a minLength above its maxLength';
  if (isAbove(definition.minimum, definition.maximum)) return 'has a minimum above its maximum';
  if (isAbove(definition.minItems, definition.maxItems)) return 'has a minItems above its maxItems';
  if (pattern === undefined) return undefined;
  if (type !== 'string' && type !== 'reference') return 'has a pattern, which only strings can have: leave it out';
  return patternProblem(pattern);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isAbove(low: number | undefined, high: number | undefined): boolean {
  return low !== undefined && high !== undefined && low > high;
}

/** Sentences for the description of an attribute, such as `At most 20 characters.`; empty without constraints. */
export function describeConstraints(definition: Constraints): string {
  const { minLength, maxLength, pattern, minimum, maximum, minItems, maxItems } = definition;
  const sentences = [
    range(minLength, maxLength, 'characters'),
    pattern === undefined ? undefined : `Matches ${pattern}`,
    minimum === undefined ? undefined : `${String(minimum)} or more`,
    maximum === undefined ? undefined : `${String(maximum)} or less`,
    range(minItems, maxItems, 'values'),
  ];
  return sentences.flatMap((sentence) => (sentence === undefined ? [] : [` ${sentence}.`])).join('');
}

function range(low: number | undefined, high: number | undefined, noun: string): string | undefined {
  if (low !== undefined && high !== undefined) return `${String(low)} to ${String(high)} ${noun}`;
  if (high !== undefined) return `At most ${String(high)} ${noun}`;
  return low === undefined ? undefined : `At least ${String(low)} ${noun}`;
}

/**
 * What is wrong with a pattern; undefined where it can be used.
 *
 * A regular expression may need exponential time where a repeated group can match the same text in several ways. So
 * groups that repeat must hold neither a repetition without an upper bound nor alternatives. That refuses some harmless
 * patterns, and leaves those whose time grows with a power of the length, which `longestMatched` bounds.
 */
function patternProblem(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string')
    return 'has an invalid pattern: write the source of a regular expression as a string';
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'has an invalid pattern: it must be a valid regular expression with the flag u';
  }
  const groups: { repeats: boolean; alternatives: boolean }[] = [{ repeats: false, alternatives: false }];
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] ?? '';
    if (character === '\\') {
      if (/[1-9k]/.test(pattern[i + 1] ?? '')) return 'has a pattern with a backreference: write it without';
      i++;
    } else if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if (character === '(') {
      if (/^\(\?<?[=!]/.test(pattern.slice(i, i + 4))) return 'has a pattern with a lookaround: write it without';
      groups.push({ repeats: false, alternatives: false });
    } else if (character === '|') last(groups).alternatives = true;
    else if (character === ')') {
      const group = groups.pop();
      const most = repetitions(pattern, i + 1);
      const outer = last(groups);
      if (most > 1 && (group?.repeats === true || group?.alternatives === true)) {
        return 'has a pattern that may take exponential time: repeat no group that has a *, + or | in it';
      }
      outer.repeats ||= group?.repeats === true || most === Infinity;
      outer.alternatives ||= group?.alternatives === true;
    } else if (repetitions(pattern, i) === Infinity) last(groups).repeats = true;
  }
  return undefined;
}

function last<T>(list: readonly T[]): T {
  const value = list.at(-1);
  if (value === undefined) throw new RangeError('The list is empty.');
  return value;
}

/** How often the quantifier at a position repeats at most; 1 where there is none. */
function repetitions(pattern: string, at: number): number {
  const [text, least, range, most] = /^(?:[*+]|\{(\d+)(,(\d*))?\})/.exec(pattern.slice(at, at + 32)) ?? [];
  if (text === undefined) return 1;
  if (text === '*' || text === '+') return Infinity;
  if (range === undefined) return Number(least);
  return most === '' ? Infinity : Number(most);
}

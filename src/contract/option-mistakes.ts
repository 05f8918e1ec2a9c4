import { documentationPage } from '../documentation.js';
import { isThenable } from './awaitable.js';
import { describe } from './describe.js';
import { isObject } from './is-object.js';
import { fieldNames } from './row-values.js';
import { nearest } from './nearest.js';

/** What an option may be. */
export type OptionKind =
  | 'function'
  | 'object'
  | 'list'
  | 'list of strings'
  | 'string'
  /** A string that may be empty. */
  | 'text'
  | 'boolean'
  | 'number'
  /** A number that may be negative. */
  | 'any number'
  | 'positive number'
  /** One of these texts. */
  | { readonly oneOf: readonly string[] }
  /** An object with these functions, such as a store. */
  | { readonly methods: readonly string[] };

/** The names that an object may have, each with what its value may be. */
export interface NamedKinds<Name extends string> {
  readonly kinds: Readonly<Record<Name, OptionKind | readonly OptionKind[]>>;
  /** Default: none. */
  readonly required?: readonly NoInfer<Name>[] | undefined;
  /** Options of related functions, which an app may pass in the same object. They have no effect. Default: none. */
  readonly related?: readonly string[] | undefined;
}

/** The options of one function. */
export interface OptionRules<Name extends string> extends NamedKinds<Name> {
  /** Name of the function, which begins the message. */
  readonly of: string;
  /** The page that explains the options, for `documentationPage`. */
  readonly page: string;
}

const phrases: Readonly<Record<OptionKind & string, string>> = {
  function: 'a function',
  object: 'an object',
  list: 'a list',
  'list of strings': 'a list of non-empty strings',
  string: 'a non-empty string',
  text: 'a string',
  boolean: 'true or false',
  number: 'a number of 0 or more',
  'any number': 'a number',
  'positive number': 'a positive integer',
};

/**
 * An error about what the app has passed or returned.
 *
 * @param of what the mistakes are in: the name of the function
 * @param mistakes what is wrong and what to write instead, never a value; no full stops at the end
 * @param page the page that explains it, with its anchor; the message ends with its address
 */
export function usageError(of: string, mistakes: string | readonly string[], page: string): TypeError {
  const text = [mistakes].flat().join('; ');
  return new TypeError(`${of}: ${text}${text.endsWith('?') ? '' : '.'} See ${documentationPage(page)}`);
}

/**
 * Checks the options of a function of the library, when it is called.
 *
 * @param further adds the mistakes that a kind does not cover; called with an object only
 * @throws TypeError that names every mistake, and the page that explains the options
 */
export function checkOptions<Name extends string>(
  options: unknown,
  rules: OptionRules<Name>,
  further: (options: Readonly<Partial<Record<Name, unknown>>>) => readonly (string | undefined)[] = () => [],
): void {
  const { of, page, required = [] } = rules;
  if (!isObject(options)) {
    const example = required.length === 0 ? '' : `: write { ${required.join(', ')} }`;
    throw usageError(of, `the options must be an object${example}`, page);
  }
  if (isNoneOf(options, rules)) {
    const example = required.join(', ');
    throw usageError(of, `pass { ${example} }; got ${describe(options)} with none of these options`, page);
  }
  const mistakes = [
    ...mistakesIn(options, rules),
    ...further(options as Partial<Record<Name, unknown>>).filter((mistake) => mistake !== undefined),
  ];
  if (mistakes.length > 0) throw usageError(of, mistakes, page);
}

/** Whether an object is something else than the options, such as the value of one of them. */
function isNoneOf<Name extends string>(
  options: Readonly<Record<string, unknown>>,
  { kinds, required = [], related = [] }: OptionRules<Name>,
): boolean {
  const names = fieldNames(options);
  const known = [...Object.keys(kinds), ...related];
  // One misspelled option is named with the one that it is meant to be.
  return required.length > 0 && names.length > 1 && names.every((name) => nearest(name, known) === undefined);
}

/**
 * What is wrong with the names and kinds of an object.
 *
 * @param place where the object stands, as a prefix: `softDelete.`. Default: the options themselves
 */
export function mistakesIn<Name extends string>(
  given: Readonly<Record<string, unknown>>,
  { kinds, required = [], related = [] }: NamedKinds<Name>,
  place = '',
): readonly string[] {
  const mistakes: string[] = required
    .filter((name) => given[name] === undefined)
    .map((name) => `${place}${name} is required, and must be ${phraseOf(kinds[name])}`);
  const known = Object.keys(kinds);
  for (const [name, value] of Object.entries(given)) {
    if (!isName(name, kinds)) {
      if (related.includes(name)) continue;
      mistakes.push(`there is no option ${JSON.stringify(place + name)}: ${remedyFor(name, known, place)}`);
    } else if (value !== undefined && ![kinds[name]].flat().some((kind) => isOfKind(value, kind))) {
      mistakes.push(`${place}${name} must be ${phraseOf(kinds[name])}; got ${found(value)}`);
    }
  }
  return mistakes;
}

/**
 * What is wrong with an argument.
 *
 * @param place the argument: `the first argument`
 * @returns undefined where nothing is
 */
export function mistakeInArgument(value: unknown, place: string, kind: OptionKind): string | undefined {
  if (isOfKind(value, kind)) return undefined;
  return `${place} must be ${phraseOf(kind)}; got ${found(value)}`;
}

/** What was passed, for messages: never the value itself. */
export function found(value: unknown): string {
  if (typeof value === 'number') {
    if (value === 0 || !Number.isFinite(value)) return String(value);
    if (value < 0) return 'a negative number';
    return Number.isInteger(value) ? 'a number' : 'a number with a fraction';
  }
  return `${describe(value)}${isThenable(value) ? ': await it' : ''}`;
}

/** What to write instead of a name that does not exist. */
export function remedyFor(name: string, known: readonly string[], place = ''): string {
  const near = nearest(name, known);
  return near === undefined ? `write one of ${known.join(', ')}` : `did you mean ${place}${near}?`;
}

function isName<Name extends string>(name: string, kinds: Readonly<Record<Name, unknown>>): name is Name {
  return Object.hasOwn(kinds, name);
}

function phraseOf(kinds: OptionKind | readonly OptionKind[]): string {
  return [kinds]
    .flat()
    .map((kind) => {
      if (typeof kind === 'string') return phrases[kind];
      return 'oneOf' in kind
        ? kind.oneOf.map((text) => `'${text}'`).join(' or ')
        : `an object with the functions ${kind.methods.join(', ')}`;
    })
    .join(' or ');
}

function isOfKind(value: unknown, kind: OptionKind): boolean {
  if (typeof kind === 'object') {
    return 'oneOf' in kind ? typeof value === 'string' && kind.oneOf.includes(value) : hasMethods(value, kind.methods);
  }
  switch (kind) {
    case 'list':
      return Array.isArray(value);
    case 'list of strings':
      return Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '');
    case 'object':
      return isObject(value) && !isThenable(value);
    case 'string':
      return typeof value === 'string' && value !== '';
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && value >= 0;
    case 'any number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'positive number':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
    case 'function':
    case 'boolean':
      return typeof value === kind;
  }
}

/** Whether a value has these functions: an object, or a class with static ones. */
function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return methods.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function');
}

import { documentationPage } from '../documentation.js';
import { isObject } from './is-object.js';

/** What an option may be. */
export type OptionKind = 'function' | 'object' | 'list' | 'string' | 'boolean' | 'number' | 'positive number';

/** The options of one function. */
export interface OptionRules<Name extends string> {
  /** Name of the function, which begins the message. */
  readonly of: string;
  /** The page that explains the options, for `documentationPage`. */
  readonly page: string;
  readonly kinds: Readonly<Record<Name, OptionKind | readonly OptionKind[]>>;
  /** Default: none. */
  readonly required?: readonly NoInfer<Name>[] | undefined;
}

const phrases: Readonly<Record<OptionKind, string>> = {
  function: 'a function',
  object: 'an object',
  list: 'a list',
  string: 'a non-empty string',
  boolean: 'true or false',
  number: 'a number that is not negative',
  'positive number': 'a whole number above 0',
};

/**
 * An error about what the app has passed or returned.
 *
 * @param of what the mistakes are in: the name of the function
 * @param mistakes what is wrong and what to write instead, never a value; no full stops at the end
 * @param page the page that explains it, with its anchor; the message ends with its address
 */
export function usageError(of: string, mistakes: string | readonly string[], page: string): TypeError {
  return new TypeError(`${of}: ${[mistakes].flat().join('; ')}. See ${documentationPage(page)}`);
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
  const { of, page, kinds, required = [] } = rules;
  if (!isObject(options)) {
    const example = required.length === 0 ? '' : `: write { ${required.join(', ')} }`;
    throw usageError(of, `the options must be an object${example}`, page);
  }
  const mistakes: string[] = required
    .filter((name) => options[name] === undefined)
    .map((name) => `${name} is required, and must be ${phraseOf(kinds[name])}`);
  for (const [name, value] of Object.entries(options)) {
    if (!isName(name, kinds)) {
      mistakes.push(`there is no option ${JSON.stringify(name)}: write one of ${Object.keys(kinds).join(', ')}`);
    } else if (value !== undefined && ![kinds[name]].flat().some((kind) => isOfKind(value, kind))) {
      mistakes.push(`${name} must be ${phraseOf(kinds[name])}`);
    }
  }
  mistakes.push(...further(options as Partial<Record<Name, unknown>>).filter((mistake) => mistake !== undefined));
  if (mistakes.length > 0) throw usageError(of, mistakes, page);
}

function isName<Name extends string>(name: string, kinds: Readonly<Record<Name, unknown>>): name is Name {
  return Object.hasOwn(kinds, name);
}

function phraseOf(kinds: OptionKind | readonly OptionKind[]): string {
  return [kinds]
    .flat()
    .map((kind) => phrases[kind])
    .join(' or ');
}

function isOfKind(value: unknown, kind: OptionKind): boolean {
  switch (kind) {
    case 'list':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'string':
      return typeof value === 'string' && value !== '';
    case 'number':
      return typeof value === 'number' && value >= 0;
    case 'positive number':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
    case 'function':
    case 'boolean':
      return typeof value === kind;
  }
}

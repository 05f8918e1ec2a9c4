import { InvalidValueError } from '../errors.js';
import type { QueryRequest } from '../operations/query.js';

const names = [
  'filter',
  'sortBy',
  'sortOrder',
  'startIndex',
  'count',
  'cursor',
  'attributes',
  'excludedAttributes',
] as const;

const nothing: QueryRequest = {};

/**
 * The parameters of RFC 7644 3.4.2 in a query string; others, and empty ones, are ignored (Entra and OneLogin send some).
 *
 * @throws InvalidValueError where one is given twice: which of two filters counts must not be a guess
 */
export function readParameters(search: string): QueryRequest {
  if (search === '' || search === '?') return nothing;
  const parameters = new URLSearchParams(search);
  const found: Partial<Record<(typeof names)[number], string>> = {};
  for (const name of names) {
    const values = parameters.getAll(name);
    if (values.length > 1) throw new InvalidValueError(`The parameter ${name} is given more than once.`);
    const [value] = values;
    // An empty filter is one that cannot be read, and an empty cursor asks for the first page; any other is none.
    if (value !== undefined && (value !== '' || name === 'filter' || name === 'cursor')) found[name] = value;
  }
  const { attributes, excludedAttributes, ...rest } = found;
  return {
    ...rest,
    ...(attributes === undefined ? {} : { attributes: splitNames(attributes) }),
    ...(excludedAttributes === undefined ? {} : { excludedAttributes: splitNames(excludedAttributes) }),
  };
}

/** `userName, emails.value` as a list. */
export function splitNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

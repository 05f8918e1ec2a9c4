import { InvalidValueError } from '../errors.js';
import { splitAttributeNames } from '../protocol/attribute-names.js';
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
type Name = (typeof names)[number];
const known: ReadonlySet<string> = new Set(names);
type Found = Partial<Record<Name, string | readonly string[]>>;

const nothing: QueryRequest = {};

/**
 * The parameters of RFC 7644 3.4.2 in a query string; others, and empty ones, are ignored (Entra and OneLogin send some).
 *
 * @throws InvalidValueError where one is given twice: which of two filters counts must not be a guess
 */
export function readParameters(search: string): QueryRequest {
  if (search === '') return nothing;
  const found: Found = {};
  // One pass for the few names that count: URLSearchParams takes as long as the rest of a lookup.
  for (const pair of search.split('&')) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (!isName(name)) continue;
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    // An empty filter is one that cannot be read, and an empty cursor asks for the first page; any other is none.
    if (value === '' && name !== 'filter' && name !== 'cursor') continue;
    if (found[name] !== undefined) throw new InvalidValueError(`The parameter ${name} is given more than once.`);
    found[name] = name === 'attributes' || name === 'excludedAttributes' ? splitAttributeNames(value) : value;
  }
  // Each name got the kind of value that it has there.
  return found as QueryRequest;
}

function isName(name: string): name is Name {
  return known.has(name);
}

/** A name or value of a query: + is a space, and what is no percent-encoding is left as it is. */
function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return new URLSearchParams(`x=${text}`).get('x') ?? '';
  }
}

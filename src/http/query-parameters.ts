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
const nameSet: ReadonlySet<string> = new Set(names);

/** A QueryRequest while it is read. */
type Parameters = { -readonly [name in Name]?: QueryRequest[name] };

const noParameters: QueryRequest = {};

/**
 * Reads the parameters of RFC 7644 3.4.2 in a query string. Unknown and empty ones are ignored (Entra and OneLogin send
 * some).
 *
 * @param query the query string, without its question mark
 * @throws InvalidValueError for a parameter that is given twice: which of two filters counts must not be a guess
 */
export function readParameters(query: string): QueryRequest {
  if (query === '') return noParameters;
  const parameters: Parameters = {};
  // One pass for the few known names: URLSearchParams takes as long as the rest of a lookup.
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (!isName(name)) continue;
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    // An empty filter is a syntax error, and an empty cursor selects the first page; other empty values are ignored.
    if (value === '' && name !== 'filter' && name !== 'cursor') continue;
    if (parameters[name] !== undefined) throw new InvalidValueError(`The parameter ${name} is given more than once.`);
    if (name === 'attributes' || name === 'excludedAttributes') parameters[name] = splitAttributeNames(value);
    else parameters[name] = value;
  }
  return parameters;
}

function isName(name: string): name is Name {
  return nameSet.has(name);
}

/** Decodes a name or value of a query: + is a space, and a malformed percent-encoding stays as it is. */
function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return new URLSearchParams(`x=${text}`).get('x') ?? '';
  }
}

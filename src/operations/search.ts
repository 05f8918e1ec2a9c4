import { isObject } from '../contract/is-object.js';
import { InvalidSyntaxError, InvalidValueError } from '../errors.js';
import { splitAttributeNames } from '../protocol/attribute-names.js';
import { checkMessage, messages, readMember } from '../protocol/messages.js';
import type { QueryRequest } from './query.js';
import type { RequestContext } from './request-context.js';

const textParameters = ['filter', 'sortBy', 'sortOrder', 'cursor'] as const;
const numberParameters = ['startIndex', 'count'] as const;
const listParameters = ['attributes', 'excludedAttributes'] as const;

/** A QueryRequest while it is read. */
type Parameters = { -readonly [name in keyof QueryRequest]: QueryRequest[name] };

/**
 * Reads the body of POST .search (RFC 7644 3.4.3): the parameters of a query, as JSON.
 *
 * @throws InvalidSyntaxError for a body that is not a SearchRequest, InvalidValueError for a parameter of another type
 */
export function readSearch(body: unknown, ctx: Pick<RequestContext, 'useQuirk'>): QueryRequest {
  if (!isObject(body)) throw new InvalidSyntaxError('The body must be a SearchRequest object.');
  checkMessage(body, messages.searchRequest, ctx.useQuirk);
  const parameters: Parameters = {};
  for (const name of textParameters) {
    const value = readMember(body, name.toLowerCase());
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string') throw new InvalidValueError(`${name} must be a string.`);
    // An empty filter is a syntax error, and an empty cursor selects the first page; other empty values are ignored.
    if (value !== '' || name === 'filter' || name === 'cursor') parameters[name] = value;
  }
  for (const name of numberParameters) {
    const value = readMember(body, name.toLowerCase());
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' && typeof value !== 'string') {
      throw new InvalidValueError(`${name} must be an integer.`);
    }
    parameters[name] = value;
  }
  for (const name of listParameters) {
    const names = readNames(readMember(body, name.toLowerCase()), name, ctx);
    if (names !== undefined) parameters[name] = names;
  }
  return parameters;
}

function readNames(
  value: unknown,
  parameter: string,
  ctx: Pick<RequestContext, 'useQuirk'>,
): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const names = typeof value === 'string' && ctx.useQuirk('comma-list-in-search') ? splitAttributeNames(value) : value;
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw new InvalidValueError(`${parameter} must be a list of attribute names.`);
  }
  return names.length === 0 ? undefined : names;
}

import type { RequestContext } from './request-context.js';
import { InvalidSyntaxError, InvalidValueError } from '../errors.js';
import { splitAttributeNames } from '../protocol/attribute-names.js';
import { checkMessage, messages, readMember } from '../protocol/messages.js';
import { isObject } from '../contract/is-object.js';
import type { QueryRequest } from './query.js';

const texts = ['filter', 'sortBy', 'sortOrder', 'cursor'] as const;
const numbers = ['startIndex', 'count'] as const;
const lists = ['attributes', 'excludedAttributes'] as const;

/**
 * Reads the body of POST .search (RFC 7644 3.4.3): the parameters of a query, as JSON.
 *
 * @throws InvalidSyntaxError for a body that is no SearchRequest, InvalidValueError for a parameter of another type
 */
export function readSearch(body: unknown, ctx: RequestContext): QueryRequest {
  if (!isObject(body)) throw new InvalidSyntaxError('The body must be a SearchRequest object.');
  checkMessage(body, messages.searchRequest);
  const request: Record<string, unknown> = {};
  for (const name of texts) {
    const value = readMember(body, name.toLowerCase());
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string') throw new InvalidValueError(`${name} must be a string.`);
    if (value !== '' || name === 'filter' || name === 'cursor') request[name] = value;
  }
  for (const name of numbers) {
    const value = readMember(body, name.toLowerCase());
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' && typeof value !== 'string')
      throw new InvalidValueError(`${name} must be an integer.`);
    request[name] = value;
  }
  for (const name of lists) {
    const names = readNames(readMember(body, name.toLowerCase()), name, ctx);
    if (names !== undefined) request[name] = names;
  }
  return request;
}

function readNames(value: unknown, name: string, ctx: RequestContext): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && ctx.useQuirk('comma-list-in-search')) {
    return readNames(splitAttributeNames(value), name, ctx);
  }
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
    throw new InvalidValueError(`${name} must be a list of attribute names.`);
  }
  return value.length === 0 ? undefined : value;
}

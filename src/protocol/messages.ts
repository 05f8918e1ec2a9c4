import { InvalidSyntaxError, type ScimError } from '../errors.js';
import type { UseQuirk } from '../quirks/active-quirks.js';

/** RFC 7644 8.2: the URIs of the protocol's messages. /Schemas does not list them. */
export const messages = {
  listResponse: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  searchRequest: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  patchOp: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  bulkRequest: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  bulkResponse: 'urn:ietf:params:scim:api:messages:2.0:BulkResponse',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
} as const;

/** RFC 7644 3.4.2. */
export interface ListResponse {
  readonly schemas: readonly string[];
  readonly totalResults?: number | undefined;
  readonly startIndex?: number | undefined;
  readonly itemsPerPage: number;
  readonly nextCursor?: string | undefined;
  readonly previousCursor?: string | undefined;
  readonly Resources: readonly unknown[];
}

/** A ListResponse. `Resources` is an empty list when nothing matches, as clients expect. */
export function listResponse(
  resources: readonly unknown[],
  page: Pick<ListResponse, 'totalResults' | 'startIndex' | 'nextCursor' | 'previousCursor'>,
): ListResponse {
  return { schemas: [messages.listResponse], ...page, itemsPerPage: resources.length, Resources: resources };
}

/** RFC 7644 3.12: the body of an error; `status` is a string. */
export function errorBody(error: Pick<ScimError, 'status' | 'scimType' | 'message'>): Record<string, unknown> {
  return {
    schemas: [messages.error],
    status: String(error.status),
    ...(error.scimType === undefined ? {} : { scimType: error.scimType }),
    detail: error.message,
  };
}

/**
 * Checks that `schemas` of a message names it. URIs are compared without case, as those of resources are. As a quirk,
 * `schemas` may be left out: the endpoint determines the message (standards reading 49).
 *
 * @throws InvalidSyntaxError where it does not
 */
export function checkMessage(message: Readonly<Record<string, unknown>>, uri: string, useQuirk: UseQuirk): void {
  const schemas = readMember(message, 'schemas');
  if ((schemas === undefined || schemas === null) && useQuirk('schemas-missing')) return;
  if (Array.isArray(schemas) && schemas.some((each) => isUri(each, uri))) return;
  throw new InvalidSyntaxError(`"schemas" must be a list that names ${uri}.`);
}

function isUri(value: unknown, uri: string): boolean {
  return value === uri || (typeof value === 'string' && value.toLowerCase() === uri.toLowerCase());
}

/**
 * The value of a member of a message. Names have no case (RFC 7643 2.1).
 *
 * @param name in lower case
 * @throws InvalidSyntaxError where two members have the name
 */
export function readMember(message: Readonly<Record<string, unknown>>, name: string): unknown {
  let value: unknown;
  let found = false;
  for (const key of Object.keys(message)) {
    if (key !== name && (key.length !== name.length || key.toLowerCase() !== name)) continue;
    if (found) throw new InvalidSyntaxError(`The member "${name}" appears more than once; names are case-insensitive.`);
    found = true;
    value = message[key];
  }
  return value;
}

import { InvalidSyntaxError, type ScimError } from '../errors.js';

/** RFC 7644 8.2: the URIs of the protocol's messages. They are in no /Schemas. */
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

/** A ListResponse; `Resources` is there even when nothing matches, as clients expect. */
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

/** Members of a message by their names in lower case. @throws InvalidSyntaxError where one is given in two spellings */
export function foldNames(message: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  const members = new Map<string, unknown>();
  for (const [name, value] of Object.entries(message)) {
    const folded = name.toLowerCase();
    if (members.has(folded)) throw new InvalidSyntaxError('A member of the message is given twice, in two spellings.');
    members.set(folded, value);
  }
  return members;
}

import { type JsonObject, resourceSchema } from './attributes.js';
import type { DescribedType, ServiceDescription } from './description.js';

/** A reference to a component. */
export function ref(section: 'schemas' | 'parameters' | 'responses' | 'headers', name: string): JsonObject {
  return { $ref: `#/components/${section}/${name}` };
}

/** The name of a resource type as a part of component names and operation IDs. */
export function componentName({ name }: Pick<DescribedType, 'name'>): string {
  return name.replace(/[^A-Za-z0-9]/g, '_');
}

export const scimJson = 'application/scim+json';

/** RFC 7644 8.2. */
const message = 'urn:ietf:params:scim:api:messages:2.0:';

function schemasOf(uri: string): JsonObject {
  return { type: 'array', items: { type: 'string' }, contains: { const: uri } };
}

const text: JsonObject = { type: 'string' };
const integer: JsonObject = { type: 'integer' };
const names: JsonObject = { type: 'array', items: text };

/** `Resources` of a ListResponse (RFC 7644 3.4.2), with the members of RFC 9865. */
function listSchema(items: JsonObject): JsonObject {
  return {
    type: 'object',
    properties: {
      schemas: schemasOf(`${message}ListResponse`),
      totalResults: { ...integer, description: 'Left out of a page by cursor where it is not known.' },
      startIndex: integer,
      itemsPerPage: integer,
      nextCursor: text,
      previousCursor: text,
      Resources: { type: 'array', items },
    },
    required: ['schemas', 'Resources'],
  };
}

/** The schemas of resources and messages. */
export function schemaComponents(service: ServiceDescription): JsonObject {
  const { types, bulk } = service;
  const resources: Record<string, JsonObject> = {};
  for (const type of types) {
    const name = componentName(type);
    resources[name] = resourceSchema(type, 'response');
    if (isWritten(type, service)) resources[`${name}Request`] = resourceSchema(type, 'request');
    if (type.operations.has('query')) resources[`${name}List`] = listSchema(ref('schemas', name));
  }
  const searches = service.searchAll || types.some(({ search }) => search);
  const patches = types.some(({ operations }) => operations.has('patch'));
  return {
    ...resources,
    ...(service.queryAll || service.searchAll
      ? {
          ResourceList: listSchema({
            anyOf: types.filter(isQueried).map((type) => ref('schemas', componentName(type))),
          }),
        }
      : {}),
    ...(searches ? { SearchRequest: searchRequest } : {}),
    ...(patches ? { PatchOp: patchOp } : {}),
    ...(bulk === undefined ? {} : { BulkRequest: bulkRequest(bulk.maxOperations), BulkResponse: bulkResponse }),
    ServiceProviderConfig: discovered('ServiceProviderConfig', ['patch', 'bulk', 'filter', 'sort', 'etag']),
    ResourceType: discovered('ResourceType', ['name', 'endpoint', 'schema']),
    ResourceTypeList: listSchema(ref('schemas', 'ResourceType')),
    Schema: discovered('Schema', ['id', 'attributes']),
    SchemaList: listSchema(ref('schemas', 'Schema')),
    Error: errorSchema,
  };
}

function isQueried({ operations }: DescribedType): boolean {
  return operations.has('query');
}

function isWritten({ name, operations }: DescribedType, { me }: ServiceDescription): boolean {
  return operations.has('create') || operations.has('replace') || (name === 'User' && me.has('replace'));
}

/** A resource of discovery. Its own schema, which /Schemas shows, says the rest. */
function discovered(name: string, required: readonly string[]): JsonObject {
  const uri = `urn:ietf:params:scim:schemas:core:2.0:${name}`;
  const description = `${name} (RFC 7643, ${{ ServiceProviderConfig: '5', ResourceType: '6', Schema: '7' }[name] ?? ''}).`;
  return { type: 'object', description, properties: { schemas: schemasOf(uri) }, required: ['schemas', ...required] };
}

const errorSchema: JsonObject = {
  type: 'object',
  description: 'An error (RFC 7644 3.12).',
  properties: {
    schemas: schemasOf(`${message}Error`),
    status: { ...text, description: 'The HTTP status, as a string.' },
    scimType: { ...text, description: 'A keyword of RFC 7644 Table 9 or RFC 9865 2.1.' },
    detail: text,
  },
  required: ['schemas', 'status'],
};

const searchRequest: JsonObject = {
  type: 'object',
  description: 'The parameters of a query, in a body (RFC 7644 3.4.3).',
  properties: {
    schemas: schemasOf(`${message}SearchRequest`),
    attributes: names,
    excludedAttributes: names,
    filter: text,
    sortBy: text,
    sortOrder: { ...text, enum: ['ascending', 'descending'] },
    startIndex: integer,
    count: integer,
    cursor: text,
  },
  required: ['schemas'],
};

const patchOp: JsonObject = {
  type: 'object',
  description: 'Changes of one resource: all of them are made, or none (RFC 7644 3.5.2).',
  properties: {
    schemas: schemasOf(`${message}PatchOp`),
    Operations: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          op: { ...text, enum: ['add', 'remove', 'replace'] },
          path: { ...text, description: 'An attribute path; without it, `value` is an object of attributes.' },
          value: { description: 'Any JSON value.' },
        },
        required: ['op'],
      },
    },
  },
  required: ['schemas', 'Operations'],
};

function bulkRequest(maxItems: number): JsonObject {
  return {
    type: 'object',
    description: 'Several operations in one request (RFC 7644 3.7).',
    properties: {
      schemas: schemasOf(`${message}BulkRequest`),
      failOnErrors: { ...integer, description: 'After this many errors no further operation starts.' },
      Operations: {
        type: 'array',
        maxItems,
        items: {
          type: 'object',
          properties: {
            method: { ...text, enum: ['POST', 'PUT', 'PATCH', 'DELETE'] },
            path: text,
            bulkId: { ...text, description: 'Names the new resource of a POST for the other operations.' },
            version: text,
            data: { type: 'object' },
          },
          required: ['method', 'path'],
        },
      },
    },
    required: ['schemas', 'Operations'],
  };
}

const bulkResponse: JsonObject = {
  type: 'object',
  description: 'The results of the operations that were begun (RFC 7644 3.7.3).',
  properties: {
    schemas: schemasOf(`${message}BulkResponse`),
    Operations: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          method: text,
          bulkId: text,
          version: text,
          location: { ...text, format: 'uri-reference' },
          status: text,
          response: ref('schemas', 'Error'),
        },
        required: ['method', 'status'],
      },
    },
  },
  required: ['schemas', 'Operations'],
};

/** Parameters of queries, of selections and of preconditions. */
export function parameterComponents({ defaultResults, maxResults }: ServiceDescription): JsonObject {
  const query = (name: string, schema: JsonObject, description: string): JsonObject => ({
    name,
    in: 'query',
    description,
    schema,
  });
  const header = (name: string, description: string): JsonObject => ({ name, in: 'header', description, schema: text });
  const pageSize = [
    ...(defaultResults === undefined ? [] : [`Default ${String(defaultResults)}.`]),
    ...(maxResults === undefined ? [] : [`At most ${String(maxResults)}; more counts as that.`]),
  ];
  const list = 'Names of attributes, separated by commas';
  return {
    id: {
      name: 'id',
      in: 'path',
      required: true,
      description: 'The id that the service gave the resource.',
      schema: text,
    },
    attributes: query('attributes', text, `${list}: only they are returned (RFC 7644 3.9).`),
    excludedAttributes: query('excludedAttributes', text, `${list}: they are not returned (RFC 7644 3.9).`),
    filter: query('filter', text, 'A filter, such as `userName eq "ada@example.com"` (RFC 7644 3.4.2.2).'),
    sortBy: query('sortBy', text, 'The attribute to sort by (RFC 7644 3.4.2.3).'),
    sortOrder: query('sortOrder', { ...text, enum: ['ascending', 'descending'], default: 'ascending' }, 'The order.'),
    startIndex: query(
      'startIndex',
      { ...integer, default: 1 },
      'The first result of the page, from 1 (RFC 7644 3.4.2.4).',
    ),
    count: query('count', integer, ['Results on a page.', ...pageSize].join(' ')),
    cursor: query('cursor', text, 'The page to return; empty for the first (RFC 9865).'),
    ifMatch: header('If-Match', 'Entity-tags: the request is refused with 412 where the version is another.'),
    ifNoneMatch: header('If-None-Match', 'Entity-tags: 304 where the version is one of them.'),
  };
}

/** Headers of responses. */
export const headerComponents: JsonObject = {
  requestId: { description: 'ID of the request, for logs and support.', schema: text },
  etag: { description: 'The version of the resource, as a weak entity-tag.', schema: text },
  location: { description: 'The URI of the resource.', schema: { ...text, format: 'uri' } },
  retryAfter: { description: 'When to try again, in seconds.', schema: text },
  wwwAuthenticate: { description: 'How to authenticate.', schema: text },
};

const errorReasons: Readonly<Record<string, string>> = {
  '400': 'The request is not valid: `scimType` and `detail` say why.',
  '401': 'The credentials are missing or not valid.',
  '403': 'The client may not do this.',
  '404': 'There is no such resource.',
  '406': 'The client accepts neither of the two media types.',
  '409': 'A value that must be unique is taken, or the change conflicts with another.',
  '412': 'The version of the resource is not the one that the request names.',
  '413': 'The body is too large.',
  '415': 'The body has another media type.',
  '429': 'Too many requests. The app in front of the service decides about it.',
  '500': 'A fault of the service. It is logged with the ID of the request.',
  '503': 'The service cannot respond now. Try again after `Retry-After`.',
};

/** Error responses, by status. */
export const errorComponents: JsonObject = Object.fromEntries(
  Object.entries(errorReasons).map(([status, description]) => [
    `error${status}`,
    {
      description,
      headers: {
        'x-request-id': ref('headers', 'requestId'),
        ...(status === '401' ? { 'WWW-Authenticate': ref('headers', 'wwwAuthenticate') } : {}),
        ...(status === '429' || status === '503' ? { 'Retry-After': ref('headers', 'retryAfter') } : {}),
      },
      content: { [scimJson]: { schema: ref('schemas', 'Error') } },
    },
  ]),
);

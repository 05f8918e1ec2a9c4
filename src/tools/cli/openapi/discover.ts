import type {
  DescribedScheme,
  DescribedType,
  Operation,
  SchemaDefinition,
  ServiceDescription,
} from '../../../openapi/description.js';
import type { HttpResponse } from '../../wire/response.js';
import { isObject, type JsonObject, parseJson, valueAt } from '../../wire/json.js';
import { readSchema } from './read-schema.js';

/** Sends a request without a body. */
export type Send = (method: 'GET' | 'OPTIONS', path: string) => Promise<HttpResponse>;

const operationsOf: Readonly<Record<string, Operation>> = {
  GET: 'read',
  PUT: 'replace',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * Describes a service from its discovery endpoints (RFC 7644 4). What discovery does not say, such as the methods of an
 * endpoint, OPTIONS says; where a service does not respond to OPTIONS, it is taken to offer what the RFCs require.
 *
 * @throws Error that names the endpoint whose response is missing or malformed
 */
export async function discoverService(send: Send, baseUrl: string): Promise<ServiceDescription> {
  const configuration = await get(send, '/ServiceProviderConfig');
  const schemas = new Map(
    listOf(await get(send, '/Schemas'), '/Schemas').map((each) => [String(each['id']).toLowerCase(), each] as const),
  );
  const supports = (feature: string): boolean => valueAt(configuration.body, [feature, 'supported']) === true;
  const patches = supports('patch');
  const filters = supports('filter');
  const allowed = async (path: string): Promise<ReadonlySet<string> | undefined> =>
    methodsOf(await send('OPTIONS', path));

  const types: DescribedType[] = [];
  for (const resource of listOf(await get(send, '/ResourceTypes'), '/ResourceTypes')) {
    const { name, endpoint, ...described } = readResourceType(resource, schemas, baseUrl);
    const collection = await allowed(endpoint);
    const one = await allowed(`${endpoint}/0`);
    const search = await allowed(`${endpoint}/.search`);
    const fromOne = Object.entries(operationsOf).filter(([method]) =>
      one === undefined ? method !== 'PATCH' || patches : one.has(method),
    );
    const operations = new Set<Operation>(fromOne.map(([, operation]) => operation));
    if (collection?.has('GET') ?? true) operations.add('query');
    if (collection?.has('POST') ?? true) operations.add('create');
    types.push({
      name,
      endpoint,
      ...described,
      externalId: true,
      operations,
      search: search?.has('POST') ?? filters,
      sort: supports('sort'),
      cursor: valueAt(configuration.body, ['pagination', 'cursor']) === true,
      patchStatuses: [200, 204],
    });
  }
  const me = await allowed('/Me');
  const all = await allowed('/.search');
  const bulk = await allowed('/Bulk');
  return {
    types,
    schemes: schemesOf(configuration),
    documentationUri: textOf(configuration.get('documentationUri')),
    bulk: (bulk?.has('POST') ?? supports('bulk')) ? bulkOf(configuration) : undefined,
    me: new Set(
      Object.entries(operationsOf).flatMap(([method, operation]) => (me?.has(method) === true ? [operation] : [])),
    ),
    queryAll: (await allowed('/'))?.has('GET') ?? false,
    searchAll: all?.has('POST') ?? false,
    etag: supports('etag'),
    defaultResults: numberOf(configuration.get('pagination', 'defaultPageSize')),
    maxResults: numberOf(configuration.get('filter', 'maxResults')),
    // Nothing of discovery says so, and a document that demands a key is right in both cases.
    publicDiscovery: false,
  };
}

async function get(send: Send, path: string): Promise<HttpResponse> {
  const response = await send('GET', path);
  if (response.status !== 200) throw new Error(`GET ${path} returned ${String(response.status)}; expected 200.`);
  return response;
}

/** The resources of a list, whether as a ListResponse or, as some services return them, as an array. */
function listOf(response: HttpResponse, path: string): readonly JsonObject[] {
  const array: unknown = response.resources.length > 0 ? response.resources : parseJson(response.text);
  const resources = Array.isArray(array) ? array.filter(isObject) : [];
  if (resources.length === 0) throw new Error(`GET ${path} returned no resources; expected a ListResponse.`);
  return resources;
}

/** The methods that OPTIONS names; undefined where the service does not respond to OPTIONS. */
function methodsOf(response: HttpResponse): ReadonlySet<string> | undefined {
  const allow = response.headers.get('allow');
  // 501: the service says that it does not offer the endpoint.
  if (response.status === 501 || response.status === 404) return new Set();
  if (response.status >= 300 || allow === null) return undefined;
  return new Set(allow.split(',').map((method) => method.trim().toUpperCase()));
}

function readResourceType(
  resource: JsonObject,
  schemas: ReadonlyMap<string, JsonObject>,
  baseUrl: string,
): Pick<DescribedType, 'name' | 'endpoint' | 'description' | 'schema' | 'extensions'> {
  const { name, schema, description } = resource;
  const given = resource['endpoint'];
  // RFC 7643 6: relative to the base URL; some services write the whole URL.
  const endpoint = typeof given === 'string' && given.startsWith(`${baseUrl}/`) ? given.slice(baseUrl.length) : given;
  if (typeof name !== 'string' || !/^[A-Za-z][\w $.-]{0,99}$/.test(name)) {
    throw new Error('A resource type of /ResourceTypes has no valid name.');
  }
  if (typeof endpoint !== 'string' || !/^\/[\w.-]{1,100}$/.test(endpoint)) {
    throw new Error(`The resource type ${name} has no valid endpoint; expected a slash and one path segment.`);
  }
  const schemaOf = (uri: unknown): SchemaDefinition => {
    const found = typeof uri === 'string' ? schemas.get(uri.toLowerCase()) : undefined;
    if (found === undefined)
      throw new Error(`The resource type ${name} names a schema that /Schemas does not contain.`);
    return readSchema(found);
  };
  const extensions = resource['schemaExtensions'];
  return {
    name,
    endpoint,
    description: textOf(description) ?? name,
    schema: schemaOf(schema),
    extensions: (Array.isArray(extensions) ? extensions.filter(isObject) : []).map((extension) => ({
      schema: schemaOf(extension['schema']),
      required: extension['required'] === true,
    })),
  };
}

function schemesOf(configuration: HttpResponse): readonly DescribedScheme[] {
  return configuration
    .list('authenticationSchemes')
    .flatMap(({ type, name, description }) =>
      typeof type === 'string' ? [{ type, name: textOf(name) ?? type, description: textOf(description) ?? '' }] : [],
    );
}

function bulkOf(configuration: HttpResponse): NonNullable<ServiceDescription['bulk']> {
  return {
    maxOperations: numberOf(configuration.get('bulk', 'maxOperations')) ?? 1_000,
    maxPayloadSize: numberOf(configuration.get('bulk', 'maxPayloadSize')) ?? 1_048_576,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

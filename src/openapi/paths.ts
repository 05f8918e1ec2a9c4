import type { JsonObject } from './attributes.js';
import { componentName, ref, scimJson } from './components.js';
import type { DescribedType, Operation, ServiceDescription } from './description.js';

/** Errors that any request may get. */
const anyErrors = ['401', '403', '406', '429', '500', '503'];
const bodyErrors = ['400', '413', '415'];

/** The header of every response. */
const requestId = { 'x-request-id': ref('headers', 'requestId') };

/** One operation of a path, while it is made. */
interface Endpoint {
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  readonly parameters?: readonly string[];
  /** Name of the schema of the body of the request. */
  readonly body?: string;
  readonly responses: JsonObject;
  readonly errors?: readonly string[];
  /** True where no credentials are needed. */
  readonly isPublic?: boolean;
}

/** Every path with its operations. HEAD and OPTIONS, which every path has, are left out. */
export function pathItems(service: ServiceDescription): JsonObject {
  const paths: Record<string, JsonObject> = {};
  const add = (path: string, methods: Readonly<Record<string, Endpoint | undefined>>): void => {
    const offered = Object.entries(methods).flatMap(([method, endpoint]) =>
      endpoint === undefined ? [] : [[method, operation(endpoint)] as const],
    );
    if (offered.length > 0) paths[path] = Object.fromEntries(offered);
  };
  for (const type of service.types) addType(type, service, add);
  const resources = ref('schemas', 'ResourceList');
  add('/', {
    get: service.queryAll ? query('queryAll', 'Query all resource types', allTypes, resources, common) : undefined,
  });
  add('/.search', {
    post: service.searchAll ? search('searchAll', 'Search all resource types', allTypes, resources) : undefined,
  });
  add('/Bulk', { post: service.bulk === undefined ? undefined : bulk });
  const user = service.types.find(({ name }) => name === 'User');
  if (user !== undefined) {
    const me = { ...user, operations: service.me };
    const {
      get,
      put,
      patch,
      delete: remove,
    } = resourceEndpoints(me, service, { suffix: 'Me', tag: 'Me', parameters: [] });
    add('/Me', { get, put, patch, delete: remove });
  }
  addDiscovery(service, add);
  return paths;
}

type Add = (path: string, methods: Readonly<Record<string, Endpoint | undefined>>) => void;

function addType(type: DescribedType, service: ServiceDescription, add: Add): void {
  const { endpoint, operations, name } = type;
  const suffix = componentName(type);
  const list = ref('schemas', `${suffix}List`);
  const paging = [...common, ...(type.sort ? sorting : []), ...(type.cursor ? ['cursor'] : [])];
  add(endpoint, {
    get: operations.has('query') ? query(`query${suffix}`, `Query ${name} resources`, name, list, paging) : undefined,
    post: operations.has('create')
      ? {
          id: `create${suffix}`,
          summary: `Create a ${name}`,
          tag: name,
          parameters: selection,
          body: `${suffix}Request`,
          responses: { '201': resource('The resource as it was created.', suffix, service) },
          errors: [...bodyErrors, '409'],
        }
      : undefined,
  });
  if (type.search) {
    add(`${endpoint}/.search`, { post: search(`search${suffix}`, `Search ${name} resources`, name, list) });
  }
  add(`${endpoint}/{id}`, resourceEndpoints(type, service, { suffix, tag: name, parameters: ['id'] }));
}

const selection = ['attributes', 'excludedAttributes'];
const common = [...selection, 'filter', 'startIndex', 'count'];
const sorting = ['sortBy', 'sortOrder'];
const allTypes = 'All resource types';

/** The operations on one resource, which its ID names, or /Me. */
function resourceEndpoints(
  type: DescribedType,
  service: ServiceDescription,
  {
    suffix,
    tag,
    parameters,
  }: { readonly suffix: string; readonly tag: string; readonly parameters: readonly string[] },
): Readonly<Record<'get' | 'put' | 'patch' | 'delete', Endpoint | undefined>> {
  const { operations, name } = type;
  const component = componentName(type);
  const ifMatch = service.etag ? ['ifMatch'] : [];
  const versioned = service.etag ? ['412'] : [];
  const make = (kind: Operation, summary: string, endpoint: Omit<Endpoint, 'id' | 'summary' | 'tag'>) =>
    operations.has(kind) ? { id: `${kind}${suffix}`, summary, tag, ...endpoint } : undefined;
  const shown = (description: string): JsonObject => resource(description, component, service);
  return {
    get: make('read', `Read a ${name}`, {
      parameters: [...parameters, ...selection, ...(service.etag ? ['ifMatch', 'ifNoneMatch'] : [])],
      responses: {
        '200': shown('The resource.'),
        ...(service.etag ? { '304': empty('The version is one of those that If-None-Match names.') } : {}),
      },
      errors: ['400', '404', ...versioned],
    }),
    put: make('replace', `Replace a ${name}`, {
      parameters: [...parameters, ...selection, ...ifMatch],
      body: `${component}Request`,
      responses: { '200': shown('The resource as it is then.') },
      errors: [...bodyErrors, '404', '409', ...versioned],
    }),
    patch: make('patch', `Change a ${name}`, {
      parameters: [...parameters, ...selection, ...ifMatch],
      body: 'PatchOp',
      responses: Object.fromEntries(
        type.patchStatuses.map((status) => [
          String(status),
          status === 200 ? shown('The resource as it is then.') : empty('The resource is changed.'),
        ]),
      ),
      errors: [...bodyErrors, '404', '409', ...versioned],
    }),
    delete: make('delete', `Delete a ${name}`, {
      parameters: [...parameters, ...ifMatch],
      responses: { '204': empty('The resource is deleted.') },
      errors: ['404', ...versioned],
    }),
  };
}

function query(id: string, summary: string, tag: string, list: JsonObject, parameters: readonly string[]): Endpoint {
  return { id, summary, tag, parameters, responses: { '200': json('A page of resources.', list) }, errors: ['400'] };
}

function search(id: string, summary: string, tag: string, list: JsonObject): Endpoint {
  const responses = { '200': json('A page of resources.', list) };
  return { id, summary, tag, body: 'SearchRequest', responses, errors: bodyErrors };
}

const bulk: Endpoint = {
  id: 'bulk',
  summary: 'Run several operations',
  tag: 'Bulk',
  body: 'BulkRequest',
  responses: { '200': json('The result of each operation.', ref('schemas', 'BulkResponse')) },
  errors: bodyErrors,
};

function addDiscovery({ publicDiscovery: isPublic }: ServiceDescription, add: Add): void {
  const discovery = (id: string, summary: string, schema: string, parameters?: readonly string[]): Endpoint => ({
    id,
    summary,
    tag: 'Discovery',
    responses: { '200': json('What the service offers.', ref('schemas', schema)) },
    errors: parameters === undefined ? [] : ['404'],
    isPublic,
    ...(parameters === undefined ? {} : { parameters }),
  });
  add('/ServiceProviderConfig', {
    get: discovery('serviceProviderConfig', 'What the service supports', 'ServiceProviderConfig'),
  });
  add('/ResourceTypes', { get: discovery('resourceTypes', 'The resource types', 'ResourceTypeList') });
  add('/ResourceTypes/{id}', { get: discovery('resourceType', 'One resource type, by name', 'ResourceType', ['id']) });
  add('/Schemas', { get: discovery('schemas', 'The schemas', 'SchemaList') });
  add('/Schemas/{id}', { get: discovery('schema', 'One schema, by its URN', 'Schema', ['id']) });
}

function operation({
  id,
  summary,
  tag,
  parameters = [],
  body,
  responses,
  errors = [],
  isPublic,
}: Endpoint): JsonObject {
  const content = body === undefined ? undefined : { schema: ref('schemas', body) };
  return {
    operationId: id,
    summary,
    tags: [tag],
    ...(isPublic === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters: parameters.map((name) => ref('parameters', name)) }),
    ...(content === undefined
      ? {}
      : { requestBody: { required: true, content: { [scimJson]: content, 'application/json': content } } }),
    responses: {
      ...responses,
      ...Object.fromEntries(
        [...new Set([...anyErrors, ...errors])].sort().map((status) => [status, ref('responses', `error${status}`)]),
      ),
    },
  };
}

function json(description: string, schema: JsonObject, headers: JsonObject = {}): JsonObject {
  return { description, headers: { ...requestId, ...headers }, content: { [scimJson]: { schema } } };
}

function resource(description: string, component: string, { etag }: ServiceDescription): JsonObject {
  const headers = { Location: ref('headers', 'location'), ...(etag ? { ETag: ref('headers', 'etag') } : {}) };
  return json(description, ref('schemas', component), headers);
}

function empty(description: string): JsonObject {
  return { description, headers: requestId };
}

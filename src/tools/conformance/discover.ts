import {
  type AttributeFound,
  type AttributeCriteria,
  type TestClient,
  type Capability,
  type FoundAttribute,
  type Mode,
  type ResourceTypeFound,
  type SchemaFound,
  type Service,
} from './conformance-test.js';
import { type JsonObject, type JsonValue, isObject, valueAt } from '../wire/json.js';
import { urn } from '../wire/urn.js';

/** What the target's options add to the result of discovery. */
export interface Announced {
  readonly mode: Mode;
  readonly secondTenant: boolean;
}

/**
 * Reads the discovery endpoints and sends a few harmless requests, once for a run.
 * A server without discovery is still tested: users, groups, filters and PATCH are assumed.
 */
export async function discover(client: TestClient, announced: Announced): Promise<Service> {
  const [config, types, schemas, me, search, root] = await Promise.all([
    client.get('/ServiceProviderConfig'),
    client.get('/ResourceTypes'),
    client.get('/Schemas'),
    client.get('/Me'),
    client.post('/.search', {
      schemas: [urn.search],
      filter: 'userName eq "-"',
      count: 0,
    }),
    client.query('/', { filter: 'userName eq "-"', count: 0 }),
  ]);
  const resourceTypes = types.resources.map(readResourceType);
  const found = new Map(schemas.resources.map(readSchema).map((schema) => [schema.id, schema]));
  const capabilities = new Set<Capability>(announced.mode === 'strict' ? ['strictMode'] : ['defaultMode']);
  const add = (capability: Capability, holds: boolean): unknown => holds && capabilities.add(capability);

  const unannounced = config.status !== 200;
  for (const feature of ['patch', 'filter', 'sort', 'etag', 'bulk', 'changePassword'] as const) {
    const supported = config.get(feature, 'supported');
    add(feature, supported === true || (unannounced && (feature === 'patch' || feature === 'filter')));
  }
  add('cursor', config.get('pagination', 'cursor') === true);
  add('securityEvents', isObject(config.get('securityEvents')));
  add(
    'async',
    config.get('securityEvents', 'asyncRequest') !== undefined &&
      config.get('securityEvents', 'asyncRequest') !== 'none',
  );
  // The draft has the attribute at the top, where it breaks typed clients; an extension is as good.
  const places = [config.body, ...Object.values(isObject(config.body) ? config.body : {})];
  add(
    'profile',
    places.some((place) => isObject(place) && place['interopProfileConformant'] === true),
  );
  const type = (name: string): ResourceTypeFound | undefined => resourceTypes.find((entry) => entry.name === name);
  add('groups', type('Group') !== undefined || resourceTypes.length === 0);
  add('enterprise', type('User')?.extensions.some((extension) => extension.schema === urn.enterprise) ?? false);
  add('roles', type('Role') !== undefined);
  add('device', type('Device') !== undefined);
  add(
    'ownType',
    resourceTypes.some((entry) => !wellKnown.has(entry.schema)),
  );
  const userAttributes = found.get(urn.user)?.attributes ?? [];
  add(
    'userGroups',
    userAttributes.some((attribute) => attribute.name === 'groups'),
  );
  add(
    'password',
    userAttributes.some((attribute) => attribute.name === 'password'),
  );
  add('me', me.status === 200);
  add('search', search.status === 200);
  add('rootQuery', root.status === 200);
  add('secondTenant', announced.secondTenant);
  return {
    config: config.body,
    resourceTypes,
    schemas: found,
    capabilities,
    find: (criteria) => findAttributes(resourceTypes, found, criteria),
  };
}

const wellKnown: ReadonlySet<string> = new Set([urn.user, urn.group]);

function readResourceType(body: JsonObject): ResourceTypeFound {
  const extensions = list(body['schemaExtensions']);
  return {
    name: text(body['name']),
    endpoint: `/${text(body['endpoint']).replace(/^\/+/, '')}`,
    schema: text(body['schema']),
    extensions: extensions.map((entry) => ({
      schema: text(entry['schema']),
      required: entry['required'] === true,
    })),
  };
}

function readSchema(body: JsonObject): SchemaFound {
  return {
    id: text(body['id']),
    attributes: list(body['attributes']).map(readAttribute),
  };
}

/** With the defaults of RFC 7643 2.2 for missing characteristics. */
function readAttribute(body: JsonObject): AttributeFound {
  return {
    name: text(body['name']),
    type: text(body['type'], 'string'),
    multiValued: body['multiValued'] === true,
    required: body['required'] === true,
    caseExact: body['caseExact'] === true,
    mutability: text(body['mutability'], 'readWrite'),
    returned: text(body['returned'], 'default'),
    uniqueness: text(body['uniqueness'], 'none'),
    canonicalValues: texts(body['canonicalValues']),
    referenceTypes: texts(body['referenceTypes']),
    subAttributes: list(body['subAttributes']).map(readAttribute),
  };
}

function findAttributes(
  types: readonly ResourceTypeFound[],
  schemas: ReadonlyMap<string, SchemaFound>,
  { custom, resourceType, ...characteristics }: AttributeCriteria,
): readonly FoundAttribute[] {
  const places = types
    .filter((type) => resourceType === undefined || type.name === resourceType)
    .flatMap((type) => [
      ...type.extensions.map((extension) => ({
        type,
        schema: extension.schema,
        extension: true,
      })),
      { type, schema: type.schema, extension: false },
    ])
    .map((place) => ({
      ...place,
      custom: !place.schema.startsWith('urn:ietf:params:scim:schemas:'),
    }))
    .filter((place) => custom === undefined || custom === place.custom)
    .sort((a, b) => Number(b.custom) - Number(a.custom));
  return places.flatMap(({ type, schema, extension }) =>
    (schemas.get(schema)?.attributes ?? [])
      .filter((attribute) => hasAll(attribute, characteristics))
      .map((attribute) => ({
        ...attribute,
        resourceType: type,
        schema,
        path: extension ? `${schema}:${attribute.name}` : attribute.name,
        steps: extension ? [schema, attribute.name] : [attribute.name],
      })),
  );
}

function hasAll(attribute: AttributeFound, characteristics: AttributeCriteria): boolean {
  return Object.entries(characteristics).every(
    ([name, value]) => value === undefined || valueAt(attribute, [name]) === value,
  );
}

function text(value: JsonValue | undefined, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise;
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function list(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

import {
  type AttributeFound,
  type AttributeCriteria,
  type TestClient,
  type Capability,
  type FoundAttribute,
  type JsonObject,
  type JsonValue,
  type Mode,
  type ResourceTypeFound,
  type SchemaFound,
  type Service,
  urn,
} from './conformance-test.js';
import { isObject, valueAt } from './client.js';

/** What the target's options add to what discovery finds. */
export interface Announced {
  readonly mode: Mode;
  readonly secondTenant: boolean;
}

/**
 * Reads the discovery endpoints and makes a few harmless probes, once for a run.
 * A server without discovery is still audited: it has users, groups, filters and PATCH until an audit says otherwise.
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

  const nothingSaid = config.status !== 200;
  for (const feature of ['patch', 'filter', 'sort', 'etag', 'bulk', 'changePassword'] as const) {
    const supported = config.get(feature, 'supported');
    add(feature, supported === true || (nothingSaid && (feature === 'patch' || feature === 'filter')));
  }
  add('cursor', config.get('pagination', 'cursor') === true);
  add('securityEvents', isObject(config.get('securityEvents')));
  add(
    'async',
    config.get('securityEvents', 'asyncRequest') !== undefined &&
      config.get('securityEvents', 'asyncRequest') !== 'none',
  );
  add('profile', config.get('interopProfileConformant') === true);
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
    find: (wanted) => find(resourceTypes, found, wanted),
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

/** RFC 7643 2.2: the characteristics of an attribute that does not say. */
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

function find(
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
      own: !place.schema.startsWith('urn:ietf:params:scim:schemas:'),
    }))
    .filter((place) => custom === undefined || custom === place.own)
    .sort((a, b) => Number(b.own) - Number(a.own));
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

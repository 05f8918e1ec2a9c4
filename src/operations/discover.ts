import type { Attributes } from '../contract/attribute.js';
import type { AuthenticationScheme } from '../auth/authenticate.js';
import type { RequestContext } from './request-context.js';
import { ForbiddenError, NotFoundError } from '../errors.js';
import { listResponse } from '../protocol/messages.js';
import { interopProfileSchema } from '../schema/core/interop-profile.js';
import { resourceTypeSchema } from '../schema/core/resource-type.js';
import { schemaSchema } from '../schema/core/schema.js';
import {
  serviceProviderConfigSchema,
  serviceProviderConfigWithEvents,
} from '../schema/core/service-provider-config.js';
import { describeConstraints } from '../schema/constraints.js';
import type { AttributeDefinition, SchemaDefinition } from '../schema/definition.js';
import type { ResourceType } from '../schema/resource-type.js';
import { offersAny, writes } from './endpoints.js';
import type { ScimResponse, Service } from './service.js';

/** The responses of the discovery endpoints (RFC 7644 4), compiled once; only `meta.location` depends on the request. */
export interface Discovery {
  serviceProviderConfig(ctx: RequestContext): ScimResponse;
  resourceTypes(ctx: RequestContext): ScimResponse;
  /** @throws NotFoundError */
  resourceType(name: string, ctx: RequestContext): ScimResponse;
  schemas(ctx: RequestContext): ScimResponse;
  /** By URI, ignoring case. @throws NotFoundError */
  schema(uri: string, ctx: RequestContext): ScimResponse;
}

/** What ServiceProviderConfig announces beside the features of the service. */
export interface Announcement {
  readonly schemes: readonly AuthenticationScheme[];
  readonly documentationUri: string | undefined;
  /** URIs of the security events that the app sends (RFC 9967 4); empty where it sends none. */
  readonly securityEvents: readonly string[];
  /** True where everything that the interoperability profile requires is on. */
  readonly profileConformant: boolean;
}

/**
 * Refuses a filter on a discovery endpoint, which could hide what the client must know (RFC 7644 4). Other query
 * parameters are ignored.
 *
 * @throws ForbiddenError
 */
export function refuseFilter(filter: string | undefined): void {
  if (filter !== undefined) throw new ForbiddenError('Discovery endpoints cannot be filtered.');
}

/** What the discovery endpoints describe. */
type DescribedService = Pick<Service, 'servedTypes' | 'byName' | 'limits' | 'strict'>;

/** Compiles the discovery resources of a service. */
export function createDiscovery(service: DescribedService, announcement: Announcement): Discovery {
  const config = serviceProviderConfig(service, announcement);
  const types = service.servedTypes.map(({ type }) => describeResourceType(type));
  const schemas = collectSchemas(service, announcement).map((schema) => describeSchema(schema, service.strict));
  const typeAt = (type: ResourceTypeDescription, ctx: RequestContext): object =>
    located(type, 'ResourceType', '/ResourceTypes', ctx);
  const schemaAt = (schema: SchemaDescription, ctx: RequestContext): object =>
    located(schema, 'Schema', '/Schemas', ctx);
  const list = (resources: readonly object[]): ScimResponse => ({
    status: 200,
    body: listResponse(resources, { totalResults: resources.length, startIndex: 1 }),
  });
  return {
    serviceProviderConfig: (ctx) => ({
      status: 200,
      body: {
        ...config,
        meta: { resourceType: 'ServiceProviderConfig', location: `${ctx.base}/ServiceProviderConfig` },
      },
    }),
    resourceTypes: (ctx) => list(types.map((type) => typeAt(type, ctx))),
    resourceType(name, ctx) {
      const type = types.find((each) => each.name === name);
      if (type === undefined) throw new NotFoundError('No resource type has this name.');
      return { status: 200, body: typeAt(type, ctx) };
    },
    schemas: (ctx) => list(schemas.map((schema) => schemaAt(schema, ctx))),
    schema(uri, ctx) {
      const schema = schemas.find((each) => each.id.toLowerCase() === uri.toLowerCase());
      if (schema === undefined) throw new NotFoundError('No schema has this URI.');
      return { status: 200, body: schemaAt(schema, ctx) };
    },
  };
}

/** A discovery resource with its `meta`. */
function located(
  resource: { readonly id: string },
  resourceType: string,
  endpoint: string,
  ctx: RequestContext,
): object {
  return { ...resource, meta: { resourceType, location: `${ctx.base}${endpoint}/${encodeURI(resource.id)}` } };
}

function serviceProviderConfig(service: DescribedService, announcement: Announcement): object {
  const { limits } = service;
  const sortSupported = service.servedTypes.every(({ store }) => store.supports?.sort !== false);
  return {
    schemas: [serviceProviderConfigSchema.id, ...(announcement.profileConformant ? [interopProfileSchema.id] : [])],
    ...(announcement.documentationUri === undefined ? {} : { documentationUri: announcement.documentationUri }),
    patch: { supported: offersAny(service, ['patch']) },
    bulk: {
      supported: offersAny(service, writes),
      maxOperations: limits.bulkOperations,
      maxPayloadSize: limits.bulkBytes,
    },
    filter: { supported: offersAny(service, ['query']), maxResults: limits.maxResults },
    changePassword: { supported: changesPassword(service) },
    sort: { supported: sortSupported },
    etag: { supported: true },
    pagination: {
      cursor: service.servedTypes.every(({ store }) => store.supports?.cursor !== false),
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: limits.defaultResults,
      maxPageSize: limits.maxResults,
      cursorTimeout: limits.cursorSeconds,
    },
    authenticationSchemes: announcement.schemes,
    // Absent means unsupported. Asynchronous requests are not supported: RFC 7240 2 lets a server ignore `Prefer`.
    ...(announcement.securityEvents.length === 0
      ? {}
      : { securityEvents: { asyncRequest: 'none', eventUris: announcement.securityEvents } }),
    ...(announcement.profileConformant ? { [interopProfileSchema.id]: { interopProfileConformant: true } } : {}),
  };
}

function changesPassword({ byName }: DescribedService): boolean {
  const users = byName.get('User');
  if (users?.type.attributes.get('password') === undefined) return false;
  return users.operations.has('replace') || users.operations.has('patch');
}

/** Lower-case URIs of the schemas whose resources no client can write. */
function readOnlySchemas(service: DescribedService): ReadonlySet<string> {
  const written = new Set<string>();
  const all = new Set<string>();
  for (const { type, operations } of service.servedTypes) {
    const isWritten = operations.has('create') || operations.has('replace') || operations.has('patch');
    for (const uri of type.uris.keys()) {
      all.add(uri);
      if (isWritten) written.add(uri);
    }
  }
  return new Set([...all].filter((uri) => !written.has(uri)));
}

/** The attributes of resources that no client can write, as read-only. */
function asReadOnly(attribute: AttributeDefinition): AttributeDefinition {
  const { subAttributes } = attribute;
  const readOnly = { ...attribute, mutability: 'readOnly' } as const;
  return subAttributes === undefined ? readOnly : { ...readOnly, subAttributes: subAttributes.map(asReadOnly) };
}

function collectSchemas(service: DescribedService, announcement: Announcement): SchemaDefinition[] {
  const found = new Map<string, SchemaDefinition>();
  const readOnly = readOnlySchemas(service);
  for (const { type } of service.servedTypes) {
    for (const schema of [type.schema, ...type.extensions.map((extension) => extension.schema)]) {
      const uri = schema.id.toLowerCase();
      if (found.has(uri)) continue;
      found.set(uri, readOnly.has(uri) ? { ...schema, attributes: schema.attributes.map(asReadOnly) } : schema);
    }
  }
  const profile = announcement.profileConformant ? [interopProfileSchema] : [];
  const config =
    announcement.securityEvents.length === 0 ? serviceProviderConfigSchema : serviceProviderConfigWithEvents;
  for (const schema of [config, ...profile, resourceTypeSchema, schemaSchema]) {
    found.set(schema.id.toLowerCase(), schema);
  }
  return [...found.values()];
}

interface ResourceTypeDescription extends Attributes {
  readonly id: string;
  readonly name: string;
}

/** RFC 7643 6. */
function describeResourceType(type: ResourceType): ResourceTypeDescription {
  const schemaExtensions = type.extensions.map(({ schema, required }) => ({ schema: schema.id, required }));
  return {
    schemas: [resourceTypeSchema.id],
    id: type.name,
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.schema.id,
    ...(schemaExtensions.length === 0 ? {} : { schemaExtensions }),
  };
}

interface SchemaDescription extends Attributes {
  readonly id: string;
}

/** RFC 7643 7. */
function describeSchema(schema: SchemaDefinition, strict: boolean): SchemaDescription {
  return {
    schemas: [schemaSchema.id],
    id: schema.id,
    name: schema.name ?? schema.id,
    description: schema.description ?? schema.name ?? schema.id,
    attributes: schema.attributes.map((attribute) => describeAttribute(attribute, strict, undefined)),
  };
}

/** All characteristics of RFC 7643 7 with their defaults; complex attributes have no caseExact and no uniqueness. */
function describeAttribute(
  attribute: AttributeDefinition,
  strict: boolean,
  parent: AttributeDefinition | undefined,
): object {
  const { type = 'string', subAttributes, referenceTypes } = attribute;
  const isLabel = strict && parent !== undefined && attribute.name === 'type' && type === 'string';
  const canonicalValues = attribute.canonicalValues ?? (isLabel ? labels : undefined);
  return {
    name: attribute.name,
    type,
    multiValued: attribute.multiValued ?? false,
    description: (attribute.description ?? attribute.name) + describeConstraints(attribute),
    required: attribute.required ?? false,
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(hasCase(type) ? { caseExact: type === 'string' ? (attribute.caseExact ?? false) : true } : {}),
    mutability: attribute.mutability ?? 'readWrite',
    returned: attribute.returned ?? 'default',
    ...(type === 'complex' || type === 'boolean' ? {} : { uniqueness: attribute.uniqueness ?? 'none' }),
    ...(referenceTypes === undefined ? {} : { referenceTypes }),
    ...(subAttributes === undefined
      ? {}
      : { subAttributes: subAttributes.map((sub) => describeAttribute(sub, strict, attribute)) }),
  };
}

/** The interoperability profile requires canonical values of every `type` (its section 5.4); others are accepted too. */
const labels: readonly string[] = ['work', 'home', 'other'];

function hasCase(type: string): boolean {
  return type === 'string' || type === 'reference' || type === 'binary';
}

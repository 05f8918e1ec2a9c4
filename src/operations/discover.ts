import type { AuthenticationScheme } from '../auth/authenticate.js';
import type { RequestContext } from './request-context.js';
import { ForbiddenError, NotFoundError } from '../errors.js';
import { listResponse } from '../protocol/messages.js';
import { resourceTypeSchema } from '../schema/core/resource-type.js';
import { schemaSchema } from '../schema/core/schema.js';
import { serviceProviderConfigSchema } from '../schema/core/service-provider-config.js';
import type { AttributeDefinition, SchemaDefinition } from '../schema/definition.js';
import type { ScimResponse, Service } from './service.js';

/** What the discovery endpoints answer (RFC 7644 4), made once; only `meta.location` depends on the request. */
export interface Discovery {
  serviceProviderConfig(ctx: RequestContext): ScimResponse;
  resourceTypes(ctx: RequestContext): ScimResponse;
  /** @throws NotFoundError */
  resourceType(name: string, ctx: RequestContext): ScimResponse;
  schemas(ctx: RequestContext): ScimResponse;
  /** By URI, in any letter case. @throws NotFoundError */
  schema(uri: string, ctx: RequestContext): ScimResponse;
}

/** What is announced beside the service's own features. */
export interface Announcement {
  readonly schemes: readonly AuthenticationScheme[];
  readonly documentationUri: string | undefined;
  /** Whether all that the interoperability profile asks for is on. */
  readonly profileConformant: boolean;
}

/**
 * RFC 7644 4: a filter on a discovery endpoint is refused, since all it could do is hide what the client must know;
 * other query parameters are ignored.
 *
 * @throws ForbiddenError
 */
export function refuseFilter(filter: string | undefined): void {
  if (filter !== undefined) throw new ForbiddenError('Discovery endpoints cannot be filtered.');
}

/** Works out the discovery resources of a service. */
export function createDiscovery(service: Service, announcement: Announcement): Discovery {
  const config = serviceProviderConfig(service, announcement);
  const types = service.served.map((served) => ({
    schemas: [resourceTypeSchema.id],
    id: served.type.name,
    name: served.type.name,
    endpoint: served.type.endpoint,
    description: served.type.description,
    schema: served.type.schema.id,
    ...(served.type.extensions.length === 0
      ? {}
      : {
          schemaExtensions: served.type.extensions.map(({ schema, required }) => ({ schema: schema.id, required })),
        }),
  }));
  const schemas = collectSchemas(service).map((schema) => describeSchema(schema, service.strict));
  const located = <T extends { readonly id: string }>(
    resource: T,
    kind: string,
    path: string,
    ctx: RequestContext,
  ): object => ({
    ...resource,
    meta: { resourceType: kind, location: `${ctx.base}${path}/${encodeURI(resource.id)}` },
  });
  const typeAt = (type: (typeof types)[number], ctx: RequestContext): object =>
    located(type, 'ResourceType', '/ResourceTypes', ctx);
  const schemaAt = (schema: (typeof schemas)[number], ctx: RequestContext): object =>
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
      if (type === undefined) throw new NotFoundError('There is no resource type of this name.');
      return { status: 200, body: typeAt(type, ctx) };
    },
    schemas: (ctx) => list(schemas.map((schema) => schemaAt(schema, ctx))),
    schema(uri, ctx) {
      const schema = schemas.find((each) => each.id.toLowerCase() === uri.toLowerCase());
      if (schema === undefined) throw new NotFoundError('There is no schema of this URI.');
      return { status: 200, body: schemaAt(schema, ctx) };
    },
  };
}

function serviceProviderConfig(service: Service, announcement: Announcement): object {
  const { limits } = service;
  const sorts = service.served.every(({ store }) => store.supports?.sort !== false);
  return {
    schemas: [serviceProviderConfigSchema.id],
    ...(announcement.documentationUri === undefined ? {} : { documentationUri: announcement.documentationUri }),
    patch: { supported: true },
    bulk: { supported: true, maxOperations: limits.bulkOperations, maxPayloadSize: limits.bodyBytes },
    filter: { supported: true, maxResults: limits.maxResults },
    changePassword: { supported: service.byName.get('User')?.type.attributes.get('password') !== undefined },
    sort: { supported: sorts },
    etag: { supported: true },
    pagination: {
      cursor: service.served.every(({ store }) => store.supports?.cursor !== false),
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: limits.defaultResults,
      maxPageSize: limits.maxResults,
      cursorTimeout: limits.cursorSeconds,
    },
    ...(announcement.profileConformant ? { interopProfileConformant: true } : {}),
    authenticationSchemes: announcement.schemes,
  };
}

function collectSchemas(service: Service): SchemaDefinition[] {
  const found = new Map<string, SchemaDefinition>();
  for (const { type } of service.served) {
    for (const schema of [type.schema, ...type.extensions.map((extension) => extension.schema)]) {
      if (!found.has(schema.id.toLowerCase())) found.set(schema.id.toLowerCase(), schema);
    }
  }
  for (const schema of [serviceProviderConfigSchema, resourceTypeSchema, schemaSchema]) {
    found.set(schema.id.toLowerCase(), schema);
  }
  return [...found.values()];
}

function describeSchema(
  schema: SchemaDefinition,
  strict: boolean,
): {
  readonly schemas: readonly string[];
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly object[];
} {
  return {
    schemas: [schemaSchema.id],
    id: schema.id,
    name: schema.name ?? schema.id,
    description: schema.description ?? schema.name ?? schema.id,
    attributes: schema.attributes.map((attribute) => describeAttribute(attribute, strict, undefined)),
  };
}

/** Every characteristic written out, as RFC 7643 7 has them; complex attributes have no caseExact and no uniqueness. */
function describeAttribute(
  attribute: AttributeDefinition,
  strict: boolean,
  parent: AttributeDefinition | undefined,
): object {
  const { type = 'string', subAttributes, referenceTypes } = attribute;
  const label = strict && parent !== undefined && attribute.name === 'type' && type === 'string';
  const canonicalValues = attribute.canonicalValues ?? (label ? labels : undefined);
  return {
    name: attribute.name,
    type,
    multiValued: attribute.multiValued ?? false,
    description: attribute.description ?? attribute.name,
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

/** The interoperability profile wants every `type` to have some (its section 5.4); any other value is accepted too. */
const labels: readonly string[] = ['work', 'home', 'other'];

function hasCase(type: string): boolean {
  return type === 'string' || type === 'reference' || type === 'binary';
}

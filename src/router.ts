import type { IncomingMessage, ServerResponse } from 'node:http';
import { toAuthenticator } from './auth/authenticate.js';
import { chooseQuirks } from './quirks/active-quirks.js';
import { createHandler } from './http/handler.js';
import { defaultLimits, type Limits } from './limits.js';
import { withoutUndefined } from './contract/without-undefined.js';
import { needsCarrying } from './operations/carry-over.js';
import { Deadlines } from './operations/deadlines.js';
import { createDiscovery } from './operations/discover.js';
import { FilterCache } from './operations/filter-cache.js';
import { ProjectionCache } from './operations/projection-cache.js';
import { findReferences } from './operations/references.js';
import type { ServedType, Service } from './operations/service.js';
import { checkOptions, type Extension, type ResourceTypeOption, type ScimRouterOptions } from './options.js';
import { createCursors } from './protocol/cursor.js';
import { createPathReader } from './protocol/path.js';
import { enterpriseUserSchema } from './schema/core/enterprise-user.js';
import { groupSchema } from './schema/core/group.js';
import { userSchema } from './schema/core/user.js';
import { compileResourceType, type ResourceType } from './schema/resource-type.js';
import { createValidator } from './schema/validate.js';
import type { Attributes } from './contract/attribute.js';
import type { GroupStore, ResourceStore, Supports, UserStore } from './contract/store.js';
import type { ScimContext } from './contract/context.js';
import { isKept } from './contract/supports.js';

/**
 * Makes a SCIM 2.0 service provider (RFC 7643, RFC 7644) that any Express 4 or 5 app mounts.
 *
 * Mount it before body parsers: it reads bodies itself, after the client is authenticated.
 *
 * @param store where users, and groups if it has `groups`, are kept
 * @param options how clients authenticate, and everything else; see ScimRouterOptions
 * @throws TypeError for mistaken options or an incomplete store, saying what to write instead
 * @example
 * app.use('/scim/v2', createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key }]) }));
 */
export function createScimRouter<Req extends IncomingMessage = IncomingMessage>(
  store: UserStore,
  options: ScimRouterOptions<Req>,
): (req: Req, res: ServerResponse, next?: (error?: unknown) => void) => void {
  checkOptions(options);
  checkStore(store, 'the store');
  if (store.groups !== undefined) checkStore(store.groups, 'store.groups');
  const authenticator = toAuthenticator(options.authenticate);
  const service = createService(store, options);
  const activeQuirks = chooseQuirks(service.strict, options.quirks);
  return createHandler({
    service,
    discovery: createDiscovery(service, {
      schemes: authenticator.schemes,
      documentationUri: options.documentationUri,
      // A single tolerance that is on again, or pages below 100 (its section 6.4), leave the profile.
      profileConformant: service.strict && activeQuirks.size === 0 && service.limits.maxResults >= 100,
    }),
    authenticator,
    activeQuirks,
    tenantOf: options.tenantOf,
    baseUrl: options.baseUrl,
    onResponse: options.onResponse,
    onExchange: options.onExchange,
    onQuirk: options.onQuirk,
    oneTenant: store.supports?.tenants === 'one',
  });
}

/** What does not depend on the kind of request that the options are typed for. */
type ServiceOptions = Omit<ScimRouterOptions, 'authenticate' | 'tenantOf'>;

function createService(store: UserStore, options: ServiceOptions): Service {
  const limits: Limits = { ...defaultLimits, ...withoutUndefined(options.limits ?? {}) };
  const strict = options.strict ?? false;
  const secrets = options.secret === undefined ? [] : [options.secret].flat();
  const make = (type: ResourceType, itsStore: ResourceStore<Attributes>, memberDeltas: boolean): ServedType => ({
    type,
    store: itsStore,
    validator: createValidator(type, strict),
    filters: new FilterCache(type, limits),
    paths: createPathReader(type, limits),
    projections: new ProjectionCache(type),
    references: findReferences(type),
    memberDeltas,
    carriesOver: needsCarrying(type),
    patchStatus: memberDeltas ? (options.groups?.patchStatus ?? 204) : 200,
    everything: new Set(
      [...type.attributes].map((attribute) => attribute.name).filter((name) => name !== 'members' || !memberDeltas),
    ),
  });
  const groupsOf = store.groups?.groupsOf?.bind(store.groups);
  const served: ServedType[] = [make(userType(store, options, groupsOf !== undefined), asAny(store), false)];
  if (store.groups !== undefined) served.push(make(groupType(store.groups, options), asAny(store.groups), true));
  for (const option of options.resourceTypes ?? []) served.push(make(customType(option), option.store, false));
  checkDistinct(served, options);
  return {
    served,
    byName: new Map(served.map((each) => [each.type.name, each])),
    groupsOf,
    limits,
    cursors: createCursors(secrets, limits.cursorSeconds),
    strict,
    deadlines: new Deadlines(limits.storeMilliseconds),
    activeByDefault: options.activeByDefault ?? true,
    pendingMembers:
      store.groups?.supports?.pendingMembers === false ? 'reject' : (options.groups?.pendingMembers ?? 'keep'),
    me: options.me,
    authorize: options.authorize,
    adopt: options.adopt,
    beforeChange: options.beforeChange,
    onChange: options.onChange,
    onError: options.onError ?? reportOnConsole,
  };
}

const defaultExtensions: Readonly<Record<string, readonly Extension[]>> = { User: [{ schema: enterpriseUserSchema }] };

function userType(store: UserStore, options: ServiceOptions, hasGroups: boolean): ResourceType {
  const kept = keeps(store);
  return compileResourceType({
    name: 'User',
    endpoint: '/Users',
    description: 'User Account',
    schema: userSchema,
    extensions: (options.extensions ?? defaultExtensions)['User'],
    keeps: (path) => {
      // Derived from the groups, whatever the users' store keeps.
      if (path === 'groups' || path.startsWith('groups.')) return hasGroups;
      if (path === 'password') return options.password === true && kept(path);
      return kept(path);
    },
  });
}

function groupType(store: GroupStore, options: ServiceOptions): ResourceType {
  return compileResourceType({
    name: 'Group',
    endpoint: '/Groups',
    description: 'Group',
    schema: groupSchema,
    extensions: options.extensions?.['Group'],
    keeps: keeps(store),
  });
}

function customType(option: ResourceTypeOption): ResourceType {
  return compileResourceType({
    name: option.name,
    endpoint: option.endpoint ?? `/${option.name}s`,
    description: option.description,
    schema: option.schema,
    extensions: option.extensions,
    keeps: keeps(option.store),
  });
}

/** Whether a store keeps an attribute: one that it names, one inside it, or one that holds it. */
function keeps(store: { readonly supports?: Supports | undefined }): (path: string) => boolean {
  return (path) => isKept(store.supports, path);
}

const methods = ['create', 'get', 'list', 'update', 'delete'] as const;

function checkStore(store: unknown, name: string): void {
  const missing = methods.filter(
    (method) => typeof (store as Readonly<Record<string, unknown>> | null | undefined)?.[method] !== 'function',
  );
  if (missing.length > 0) {
    throw new TypeError(`createScimRouter: ${name} lacks ${missing.join(', ')}: write them as docs/stores.md says.`);
  }
}

function checkDistinct(served: readonly ServedType[], options: ServiceOptions): void {
  const names = new Set<string>();
  const endpoints = new Set(['/serviceproviderconfig', '/resourcetypes', '/schemas', '/bulk', '/me', '/.search']);
  for (const { type } of served) {
    if (!/^\/[A-Za-z][A-Za-z0-9_-]*$/.test(type.endpoint)) {
      throw new TypeError(
        `Resource type ${type.name}: endpoint must be a slash and one path segment, such as /Devices.`,
      );
    }
    if (names.has(type.name) || endpoints.has(type.endpoint.toLowerCase())) {
      throw new TypeError(
        `Resource type ${type.name}: its name or endpoint ${type.endpoint} is taken; choose another.`,
      );
    }
    names.add(type.name);
    endpoints.add(type.endpoint.toLowerCase());
  }
  for (const name of Object.keys(options.extensions ?? {})) {
    if (name !== 'User' && name !== 'Group') {
      throw new TypeError(
        `options.extensions names ${JSON.stringify(name)}: write User or Group, and give other types their extensions in resourceTypes.`,
      );
    }
  }
}

function reportOnConsole(error: unknown, ctx: ScimContext | undefined): void {
  // eslint-disable-next-line no-console -- where the host names no logger, a fault must still be seen
  console.error('express-scim: request %s failed:', ctx?.requestId ?? '-', error);
}

// The operations see attributes by name; a store of users or groups sees them typed. Both are the same plain objects.
function asAny(store: object): ResourceStore<Attributes> {
  return store as ResourceStore<Attributes>;
}

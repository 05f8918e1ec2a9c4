import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Awaitable, isThenable } from './contract/awaitable.js';
import { BoundedMap } from './contract/bounded-map.js';
import { KeyedLocks } from './contract/keyed-locks.js';
import type { UserStore } from './contract/store.js';
import { parsedBodyWarning } from './http/dispatch.js';
import { createHandler, type ScimHandler } from './http/handler.js';
import { createRuntime, type Runtime, type View } from './http/runtime.js';
import { TenantRuntimes } from './http/tenant-runtimes.js';
import { checkSize, parseJson } from './http/request-body.js';
import { type AttributeAccess, parseAccess, resolveAccess, restrictsNothing } from './operations/attribute-access.js';
import { boundedHook } from './operations/call.js';
import { needsCarrying } from './operations/carry-over.js';
import { createCustomQuirks } from './operations/custom-quirks.js';
import { checkedGroupsOf, checkedStore } from './operations/checked-store.js';
import { Deadlines } from './operations/deadlines.js';
import { createDiscovery, type Discovery } from './operations/discover.js';
import { createReportOnce, guardOnError } from './operations/faults.js';
import { FilterCache } from './operations/filter-cache.js';
import { createVersionMask } from './operations/mask-version.js';
import { ProjectionCache } from './operations/projection-cache.js';
import { findReferences } from './operations/references.js';
import type { RequestContext } from './operations/request-context.js';
import type { ServedType, Service } from './operations/service.js';
import type { ScimRouterOptions } from './options.js';
import { type ParsedOptions, parseOptions } from './options/parse.js';
import type { StoredType } from './options/resource-types.js';
import { optionsOfTenant, type ParsedTenantOptions } from './options/tenants.js';
import { createCursors } from './protocol/cursor.js';
import type { Endpoints } from './protocol/filter/derived.js';
import { createPathReader } from './protocol/path.js';
import type { ResourceType } from './schema/resource-type.js';
import { type RestrictedType, restrictType } from './schema/restrict-type.js';
import { createValidator } from './schema/validate.js';

/**
 * Creates a SCIM 2.0 service provider (RFC 7643, RFC 7644) that any Express 4 or 5 app mounts.
 *
 * Mount it before body parsers: it reads bodies itself, after the client is authenticated.
 *
 * @param store stores the users, and the groups if it has `groups`
 * @param options how clients authenticate, and everything else: see {@link ScimRouterOptions}
 * @returns a handler that responds to every request below its mount point
 * @throws TypeError that names every mistake in the options and the store, and what to write instead
 * @example
 * import express from 'express';
 * import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
 *
 * const app = express();
 * const authenticate = connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }]);
 * app.use('/scim/v2', createScimRouter(new MemoryStore(), { authenticate }));
 */
export function createScimRouter<Req extends IncomingMessage = IncomingMessage>(
  store: UserStore,
  options: ScimRouterOptions<Req>,
): ScimHandler<Req> {
  const parsed = parseOptions(store, options);
  // The same for all tenants: a cursor outlives the compiled configuration that it was made under.
  const secrets = parsed.secrets.length === 0 ? [randomBytes(32).toString('hex')] : parsed.secrets;
  const onError = guardOnError(parsed.onError);
  const shared: SharedParts = { secrets, onError, reportOnce: createReportOnce(onError) };
  const onParsedBody = parsedBodyWarning();
  const compile = (from: ParsedOptions<Req>): Runtime => {
    const runtimeOf = (service: Service): Runtime =>
      createRuntime(service, announce(service, from), from.activeQuirks, onParsedBody);
    const runtime = runtimeOf(createService(from, shared));
    const { access } = from;
    return access === undefined
      ? runtime
      : { ...runtime, viewOf: createViews(access, from, runtime, secrets, runtimeOf) };
  };
  const base = compile(parsed);
  return createHandler({
    base,
    tenants: parsed.tenants && tenantRuntimes(store, options, parsed.tenants, { base, compile }),
    authenticator: parsed.authenticator,
    tenantOf: parsed.tenantOf,
    baseUrl: parsed.baseUrl,
    onResponse: parsed.onResponse,
    onExchange: parsed.onExchange,
    onQuirk: parsed.onQuirk,
    oneTenant: parsed.oneTenant,
    publicDiscovery: parsed.publicDiscovery,
  });
}

/** The configurations of tenants, each parsed like the options of a router of its own. */
function tenantRuntimes<Req extends IncomingMessage>(
  store: UserStore,
  options: ScimRouterOptions<Req>,
  { configurationOf, size, maxAgeMilliseconds }: ParsedTenantOptions,
  { base, compile }: { readonly base: Runtime; readonly compile: (parsed: ParsedOptions<Req>) => Runtime },
): TenantRuntimes {
  return new TenantRuntimes({
    ...{ base, size, maxAgeMilliseconds },
    load: configurationOf,
    compile: (configuration) => compile(parseOptions(store, optionsOfTenant(options, configuration))),
  });
}

/** What the services of all tenants share. */
type SharedParts = Pick<Service, 'onError' | 'reportOnce'> & { readonly secrets: readonly string[] };

/** The part of the parsed options that does not depend on the type of request. */
type ServiceOptions = Omit<ParsedOptions<IncomingMessage>, 'authenticator' | 'tenantOf'>;

/** All that the operations share. */
function createService(parsed: ServiceOptions, { secrets, onError, reportOnce }: SharedParts): Service {
  const endpoints = new Map(parsed.resourceTypes.map(({ type }) => [type.name, type.endpoint]));
  const served = parsed.resourceTypes.map((each) => serve(each, parsed, endpoints));
  return {
    servedTypes: served,
    byName: new Map(served.map((each) => [each.type.name, each])),
    groupsOf: parsed.groupsOf === undefined ? undefined : checkedGroupsOf(parsed.groupsOf),
    limits: parsed.limits,
    cursors: createCursors(secrets, parsed.limits.cursorSeconds),
    strict: parsed.strict,
    deadlines: new Deadlines(parsed.limits.storeMilliseconds),
    activeByDefault: parsed.activeByDefault,
    pendingMembers: parsed.pendingMembers,
    customQuirks: createCustomQuirks(parsed.customQuirks, (json, { operation, resourceType }, { work }) => {
      const { limits } = parsed;
      const text = Buffer.from(json);
      const isSearch = operation === 'query';
      checkSize(text.length, { limits, bytes: resourceType === 'Group' && !isSearch ? 'groupBytes' : 'resourceBytes' });
      return parseJson(text, { limits, work, anyText: isSearch });
    }),
    me: parsed.me,
    authorize: parsed.authorize,
    adopt: parsed.adopt,
    beforeChange: parsed.beforeChange,
    withinWrite: parsed.withinWrite,
    maskVersion: undefined,
    locks: locksOf(parsed.resourceTypes[0]?.store),
    onChange: parsed.onChange,
    onError,
    reportOnce,
  };
}

const locks = new WeakMap<object, KeyedLocks>();

/** The locks for checked writes of a store: routers over the same store share them. */
function locksOf(store: object = {}): KeyedLocks {
  const existing = locks.get(store) ?? new KeyedLocks();
  locks.set(store, existing);
  return existing;
}

/** One resource type with everything that is compiled for it once. */
function serve(
  { type, store, memberDeltas, operations, place }: StoredType,
  { limits, strict, patchStatus }: ServiceOptions,
  endpoints: Endpoints,
  restricted?: RestrictedType,
): ServedType {
  const stored = type;
  const derived = memberDeltas ? 'members' : stored.name === 'User' ? 'groups' : undefined;
  const seen = restricted?.type ?? stored;
  return {
    type: seen,
    stored,
    restricted,
    store: checkedStore(store, place, stored.name),
    validator: createValidator(seen, strict),
    filters: new FilterCache(seen, limits, endpoints),
    paths: createPathReader(seen, limits, endpoints),
    projections: new ProjectionCache(seen),
    references: findReferences(seen),
    hasMembers: memberDeltas,
    memberDeltas: memberDeltas && isWritten(seen, 'members'),
    operations,
    carriesOver: needsCarrying(seen) || (restricted !== undefined && restricted.kept.size > 0),
    patchStatus: memberDeltas ? patchStatus : 200,
    fullSelection: new Set([...stored.attributes].map(({ name }) => name).filter((name) => name !== derived)),
  };
}

function isWritten({ attributes }: ResourceType, name: string): boolean {
  const attribute = attributes.get(name);
  return attribute !== undefined && attribute.mutability !== 'readOnly';
}

/** Views that are kept compiled: clients with the same restrictions share one. */
const mostViews = 100;

/**
 * Creates the function that tells what a client sees: resource types and discovery without what `options.access` hides
 * from it.
 */
function createViews<Req extends IncomingMessage>(
  access: NonNullable<ScimRouterOptions['access']>,
  parsed: ParsedOptions<Req>,
  whole: Runtime,
  secrets: readonly string[],
  viewOf: (service: Service) => View,
): (ctx: RequestContext) => Awaitable<View> {
  const views = new BoundedMap<View>(mostViews);
  const { service } = whole;
  const types = parsed.resourceTypes.map(({ type }) => type);
  const endpoints = new Map(types.map(({ name, endpoint }) => [name, endpoint]));
  const maskVersion = createVersionMask(secrets);
  const restrict = (restrictions: AttributeAccess): View => {
    const restriction = resolveAccess(restrictions, types);
    const served = parsed.resourceTypes.map((each) =>
      serve(each, parsed, endpoints, restrictType(each.type, restriction)),
    );
    const hidesAny = served.some(({ restricted }) => restricted !== undefined && restricted.hidden.size > 0);
    return viewOf({
      ...service,
      servedTypes: served,
      byName: new Map(served.map((each) => [each.type.name, each])),
      maskVersion: hidesAny ? maskVersion : undefined,
    });
  };
  const find = (returned: unknown): View => {
    const restrictions = parseAccess(returned);
    if (restrictsNothing(restrictions)) return whole;
    const key = JSON.stringify(restrictions);
    const view = views.get(key) ?? restrict(restrictions);
    views.set(key, view);
    return view;
  };
  return (ctx) => {
    const returned: Awaitable<unknown> = boundedHook({ service, ctx }, 'access', () => access(ctx.actor, ctx));
    return isThenable(returned) ? returned.then(find) : find(returned);
  };
}

/** The discovery endpoints (RFC 7644 4). */
function announce<Req extends IncomingMessage>(service: Service, parsed: ParsedOptions<Req>): Discovery {
  return createDiscovery(service, {
    schemes: parsed.authenticator.schemes,
    documentationUri: parsed.documentationUri,
    securityEvents: parsed.securityEvents,
    // A quirk that is on again, or pages below 100 (its section 6.4), leave the interoperability profile.
    profileConformant:
      service.strict &&
      parsed.activeQuirks.size === 0 &&
      parsed.customQuirks.length === 0 &&
      service.limits.maxResults >= 100,
  });
}

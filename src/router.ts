import type { IncomingMessage } from 'node:http';
import { type Awaitable, isThenable } from './contract/awaitable.js';
import { BoundedMap } from './contract/bounded-map.js';
import { KeyedLocks } from './contract/keyed-locks.js';
import type { UserStore } from './contract/store.js';
import { createHandler, type ScimHandler, type View } from './http/handler.js';
import { checkSize, parseJson } from './http/request-body.js';
import { parseAccess, resolveAccess, restrictsNothing } from './operations/attribute-access.js';
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
 * @param store keeps the users, and the groups where it has `groups`
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
  const service = createService(parsed);
  const discovery = announce(service, parsed);
  return createHandler({
    service,
    discovery,
    viewOf: parsed.access && createViews(parsed.access, { service, discovery }, parsed),
    authenticator: parsed.authenticator,
    activeQuirks: parsed.activeQuirks,
    tenantOf: parsed.tenantOf,
    baseUrl: parsed.baseUrl,
    onResponse: parsed.onResponse,
    onExchange: parsed.onExchange,
    onQuirk: parsed.onQuirk,
    oneTenant: parsed.oneTenant,
    publicDiscovery: parsed.publicDiscovery,
  });
}

/** The part of the parsed options that does not depend on the type of request. */
type ServiceOptions = Omit<ParsedOptions<IncomingMessage>, 'authenticator' | 'tenantOf'>;

/** All that the operations share. */
function createService(parsed: ServiceOptions): Service {
  const onError = guardOnError(parsed.onError);
  const endpoints = new Map(parsed.resourceTypes.map(({ type }) => [type.name, type.endpoint]));
  const served = parsed.resourceTypes.map((each) => serve(each, parsed, endpoints));
  return {
    servedTypes: served,
    byName: new Map(served.map((each) => [each.type.name, each])),
    groupsOf: parsed.groupsOf === undefined ? undefined : checkedGroupsOf(parsed.groupsOf),
    limits: parsed.limits,
    cursors: createCursors(parsed.secrets, parsed.limits.cursorSeconds),
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
    reportOnce: createReportOnce(onError),
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
    store: checkedStore(store, place),
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

/** Clients whose views are kept compiled: those with the same restrictions share one. */
const mostViews = 100;

/**
 * Creates the function that tells what a client sees of the service: resource types, and discovery, without what
 * `options.access` hides from it.
 */
function createViews<Req extends IncomingMessage>(
  access: NonNullable<ScimRouterOptions['access']>,
  whole: View,
  parsed: ParsedOptions<Req>,
): (ctx: RequestContext) => Awaitable<View> {
  const views = new BoundedMap<View>(mostViews);
  const { service } = whole;
  const types = parsed.resourceTypes.map(({ type }) => type);
  const endpoints = new Map(types.map(({ name, endpoint }) => [name, endpoint]));
  const maskVersion = createVersionMask(parsed.secrets);
  const viewFor = (returned: unknown): View => {
    const parsedAccess = parseAccess(returned);
    if (restrictsNothing(parsedAccess)) return whole;
    const key = JSON.stringify(parsedAccess);
    let view = views.get(key);
    if (view === undefined) {
      const restriction = resolveAccess(parsedAccess, types);
      const served = parsed.resourceTypes.map((each) =>
        serve(each, parsed, endpoints, restrictType(each.type, restriction)),
      );
      const hidesAny = served.some(({ restricted }) => restricted !== undefined && restricted.hidden.size > 0);
      const restricted: Service = {
        ...service,
        servedTypes: served,
        byName: new Map(served.map((each) => [each.type.name, each])),
        maskVersion: hidesAny ? maskVersion : undefined,
      };
      views.set(key, (view = { service: restricted, discovery: announce(restricted, parsed) }));
    }
    return view;
  };
  return (ctx) => {
    const returned: Awaitable<unknown> = boundedHook({ service, ctx }, access(ctx.actor, ctx));
    return isThenable(returned) ? returned.then(viewFor) : viewFor(returned);
  };
}

/** The discovery endpoints (RFC 7644 4). */
function announce<Req extends IncomingMessage>(service: Service, parsed: ParsedOptions<Req>): Discovery {
  return createDiscovery(service, {
    schemes: parsed.authenticator.schemes,
    documentationUri: parsed.documentationUri,
    // A quirk that is on again, or pages below 100 (its section 6.4), leave the interoperability profile.
    profileConformant:
      service.strict &&
      parsed.activeQuirks.size === 0 &&
      parsed.customQuirks.length === 0 &&
      service.limits.maxResults >= 100,
  });
}

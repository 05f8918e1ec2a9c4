import type { IncomingMessage } from 'node:http';
import { KeyedLocks } from './contract/keyed-locks.js';
import type { UserStore } from './contract/store.js';
import { createHandler, type ScimHandler } from './http/handler.js';
import { checkSize, parseJson } from './http/request-body.js';
import { needsCarrying } from './operations/carry-over.js';
import { createCustomQuirks } from './operations/custom-quirks.js';
import { checkedGroupsOf, checkedStore } from './operations/checked-store.js';
import { Deadlines } from './operations/deadlines.js';
import { createDiscovery, type Discovery } from './operations/discover.js';
import { createReportOnce, guardOnError } from './operations/faults.js';
import { FilterCache } from './operations/filter-cache.js';
import { ProjectionCache } from './operations/projection-cache.js';
import { findReferences } from './operations/references.js';
import type { ServedType, Service } from './operations/service.js';
import type { ScimRouterOptions } from './options.js';
import { type ParsedOptions, parseOptions } from './options/parse.js';
import type { StoredType } from './options/resource-types.js';
import { createCursors } from './protocol/cursor.js';
import type { Endpoints } from './protocol/filter/derived.js';
import { createPathReader } from './protocol/path.js';
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
  return createHandler({
    service,
    discovery: announce(service, parsed),
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
): ServedType {
  const names = [...type.attributes].map(({ name }) => name);
  const derived = memberDeltas ? 'members' : type.name === 'User' ? 'groups' : undefined;
  return {
    type,
    store: checkedStore(store, place, type.name),
    validator: createValidator(type, strict),
    filters: new FilterCache(type, limits, endpoints),
    paths: createPathReader(type, limits, endpoints),
    projections: new ProjectionCache(type),
    references: findReferences(type),
    memberDeltas,
    operations,
    carriesOver: needsCarrying(type),
    patchStatus: memberDeltas ? patchStatus : 200,
    fullSelection: new Set(names.filter((name) => name !== derived)),
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

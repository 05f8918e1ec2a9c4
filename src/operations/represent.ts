import type { RequestContext } from './request-context.js';
import { TooManyError } from '../errors.js';
import { entityTag } from '../protocol/entity-tag.js';
import type { Projection } from '../schema/project.js';
import { isObject } from '../contract/is-object.js';
import type { Attributes } from '../contract/attribute.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import type { GroupRef, Stored } from '../contract/resource.js';
import type { Reference } from './references.js';
import type { ScimResponse, ServedType, Service } from './service.js';

/** The URI of a resource (RFC 7643 3.1 meta.location). */
export function locationOf(served: ServedType, id: string, ctx: RequestContext): string {
  return `${ctx.base}${served.type.endpoint}/${unreserved.test(id) ? id : encodeURIComponent(id)}`;
}

// Most ids need no encoding, and asking costs a tenth of encoding.
const unreserved = /^[A-Za-z0-9._~-]*$/;

/** An answer that shows one resource: body, Location and ETag. */
export function responseWith(
  service: Service,
  served: ServedType,
  status: number,
  resource: Stored<Attributes>,
  projection: Projection,
  ctx: RequestContext,
): Awaitable<ScimResponse> {
  const response = ([body]: readonly Record<string, unknown>[]): ScimResponse => ({
    status,
    body,
    location: locationOf(served, resource.id, ctx),
    etag: entityTag(resource.meta.version),
  });
  const bodies = represent(service, served, [resource], projection, ctx);
  return isThenable(bodies) ? bodies.then(response) : response(bodies);
}

/**
 * Resources as clients see them: derived attributes worked out, projected.
 *
 * Derived attributes cost one store call each for the whole page, and none where they are not shown: `User.groups`,
 * `$ref` and the names of references, `meta.location`.
 */
export function represent(
  service: Service,
  served: ServedType,
  resources: readonly Stored<Attributes>[],
  projection: Projection,
  ctx: RequestContext,
): Awaitable<readonly Record<string, unknown>[]> {
  const shown = served.references.filter((reference) => projection.shows(reference.attribute.path));
  const finish = (groups: Groups | undefined, names: Names | undefined): readonly Record<string, unknown>[] =>
    resources.map((resource) => {
      const derived: Record<string, unknown> = {};
      if (groups !== undefined) derived['groups'] = groupValues(service, groups.get(resource.id), ctx);
      for (const reference of shown) deriveReference(service, reference, resource, derived, names, ctx);
      if (projection.meta) derived['meta'] = metaOf(served, resource, ctx);
      return projection.apply(resource, derived);
    });
  const groups = groupsFor(service, served, resources, projection, ctx);
  const names = shown.length === 0 ? undefined : namesFor(service, shown, resources, projection, ctx);
  return isThenable(groups) || isThenable(names)
    ? Promise.all([groups, names]).then(([found, named]) => finish(found, named))
    : finish(groups, names);
}

/** Groups of each user, by the user's id. */
type Groups = ReadonlyMap<string, readonly GroupRef[]>;
/** Names of resources, by id. */
type Names = ReadonlyMap<string, string>;

function metaOf(served: ServedType, resource: Stored<Attributes>, ctx: RequestContext): Attributes {
  const { created, lastModified, version } = resource.meta;
  return {
    resourceType: served.type.name,
    created,
    lastModified,
    location: locationOf(served, resource.id, ctx),
    version: entityTag(version),
  };
}

function groupsFor(
  service: Service,
  served: ServedType,
  resources: readonly Stored<Attributes>[],
  projection: Projection,
  ctx: RequestContext,
): Awaitable<Groups> | undefined {
  if (service.groupsOf === undefined || served.type.name !== 'User' || resources.length === 0) return undefined;
  if (!projection.selection.has('groups')) return undefined;
  const ids = resources.map((resource) => resource.id);
  return service.deadlines.bound(service.groupsOf(ids, ctx), ctx);
}

function groupValues(service: Service, groups: readonly GroupRef[] | undefined, ctx: RequestContext): unknown {
  if (groups === undefined || groups.length === 0) return undefined;
  const endpoint = service.byName.get('Group')?.type.endpoint ?? '/Groups';
  return groups.map((group) => ({
    value: group.value,
    $ref: `${ctx.base}${endpoint}/${encodeURIComponent(group.value)}`,
    ...(group.display === undefined ? {} : { display: group.display }),
    type: group.type,
  }));
}

/** Ids whose names are needed, asked from the stores of the types that they may be of. */
function namesFor(
  service: Service,
  references: readonly Reference[],
  resources: readonly Stored<Attributes>[],
  projection: Projection,
  ctx: RequestContext,
): Awaitable<Names> | undefined {
  const requested = new Map<string, Set<string>>();
  for (const reference of references) {
    const { nameIn } = reference;
    if (nameIn === undefined || !projection.shows(`${reference.attribute.path}.${nameIn}`)) continue;
    for (const resource of resources) {
      for (const value of referenceValues(reference, resource)) {
        if (typeof value['value'] !== 'string' || value[nameIn] !== undefined) continue;
        for (const type of typesOf(service, reference, value)) {
          const ids = requested.get(type);
          if (ids === undefined) requested.set(type, new Set([value['value']]));
          else ids.add(value['value']);
        }
      }
    }
  }
  if (requested.size === 0) return undefined;
  const asked: Awaitable<Names>[] = [];
  for (const [type, ids] of requested) {
    const store = service.byName.get(type)?.store;
    if (store?.namesOf !== undefined) asked.push(service.deadlines.bound(store.namesOf([...ids], ctx), ctx));
  }
  const found: Names[] = [];
  for (const names of asked) if (!isThenable(names)) found.push(names);
  return found.length === asked.length ? joined(found) : Promise.all(asked).then(joined);
}

function joined(maps: readonly Names[]): Names {
  return maps.length === 1 && maps[0] !== undefined ? maps[0] : new Map(maps.flatMap((map) => [...map]));
}

// A member may be of any type that is served (RFC 9944 4), also of one that the schema of the RFC does not name.
function typesOf(service: Service, reference: Reference, value: Attributes): readonly string[] {
  const given = value['type'];
  return typeof given === 'string' && service.byName.has(given) ? [given] : reference.types;
}

function holderOf(reference: Reference, resource: Attributes): Attributes | undefined {
  const { parent } = reference.attribute;
  if (parent === undefined) return resource;
  const holder = resource[parent.name];
  return isObject(holder) ? holder : undefined;
}

function referenceValues(reference: Reference, resource: Attributes): readonly Attributes[] {
  const value = holderOf(reference, resource)?.[reference.attribute.name];
  if (Array.isArray(value)) return value as readonly Attributes[];
  return isObject(value) ? [value] : [];
}

function deriveReference(
  service: Service,
  reference: Reference,
  resource: Attributes,
  derived: Record<string, unknown>,
  names: Names | undefined,
  ctx: RequestContext,
): void {
  const { attribute } = reference;
  const values = referenceValues(reference, resource);
  if (values.length === 0) return;
  refuseTooMany(service, attribute.path, values.length);
  const completed = values.map((value) => complete(service, reference, value, names, ctx));
  const value = attribute.multiValued ? completed : completed[0];
  const top = attribute.parent ?? attribute;
  if (attribute.parent === undefined) derived[top.name] = value;
  else {
    const holder = derived[top.name] ?? resource[top.name];
    derived[top.name] = { ...(isObject(holder) ? holder : {}), [attribute.name]: value };
  }
}

/** @throws TooManyError for an answer that would show more values than the service is willing to write */
export function refuseTooMany(service: Service, path: string, count: number): void {
  const { maxMembers } = service.limits;
  if (count <= maxMembers) return;
  throw new TooManyError(`${path} has more than ${String(maxMembers)} values; ask with excludedAttributes=${path}.`);
}

function complete(
  service: Service,
  reference: Reference,
  value: Attributes,
  names: Names | undefined,
  ctx: RequestContext,
): Attributes {
  const id = value['value'];
  if (typeof id !== 'string') return value;
  const completed: Record<string, unknown> = { ...value };
  const types = typesOf(service, reference, value);
  // Which type a pending reference is of shows only once it is there.
  const target = types.length === 1 && types[0] !== undefined ? service.byName.get(types[0]) : undefined;
  if (target !== undefined) completed['$ref'] = locationOf(target, id, ctx);
  const { nameIn } = reference;
  if (nameIn !== undefined && completed[nameIn] === undefined) {
    const name = names?.get(id);
    if (name !== undefined) completed[nameIn] = name;
  }
  return completed;
}

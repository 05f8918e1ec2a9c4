import type { Attributes } from '../contract/attribute.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { isObject } from '../contract/is-object.js';
import type { Work } from '../contract/work.js';
import type { GroupRef, Stored } from '../contract/resource.js';
import { TooManyError } from '../errors.js';
import { entityTag } from '../protocol/entity-tag.js';
import type { Projection } from '../schema/project.js';
import { bounded, type Call } from './call.js';
import type { Reference } from './references.js';
import type { RequestContext } from './request-context.js';
import type { ScimResponse, ServedType, Service } from './service.js';

/** The URI of a resource (RFC 7643 3.1 meta.location). */
export function locationOf(served: ServedType, id: string, ctx: RequestContext): string {
  return `${ctx.base}${served.type.endpoint}/${unreserved.test(id) ? id : encodeURIComponent(id)}`;
}

// Most IDs need no encoding, and the test costs a tenth of encoding.
const unreserved = /^[A-Za-z0-9._~-]*$/;

/** A response that shows one resource: body, Location and ETag. */
export function respondWith(
  call: Call,
  status: number,
  resource: Stored<Attributes>,
  projection: Projection,
): Awaitable<ScimResponse> {
  const respond = ([body]: readonly Record<string, unknown>[]): ScimResponse => ({
    status,
    body,
    location: locationOf(call.served, resource.id, call.ctx),
    etag: entityTag(resource.meta.version),
  });
  const bodies = represent(call, [resource], projection);
  return isThenable(bodies) ? bodies.then(respond) : respond(bodies);
}

/**
 * Resources as clients see them: derived attributes added, then projected.
 *
 * Derived are `User.groups`, `$ref` and display name of references, and `meta`. Groups and names cost one store call
 * each for the whole page, and none where the projection does not show them.
 */
export function represent(
  call: Call,
  resources: readonly Stored<Attributes>[],
  projection: Projection,
): Awaitable<readonly Record<string, unknown>[]> {
  const references = call.served.references.filter(({ attribute }) => projection.shows(attribute.path));
  const { work } = call.ctx;
  const one = (
    resource: Stored<Attributes>,
    groups: Groups | undefined,
    names: Names | undefined,
  ): Record<string, unknown> => {
    const derived: Record<string, unknown> = {};
    work.spend(unitsOfResource + (groups?.get(resource.id)?.length ?? 0) * unitsOfReference);
    if (groups !== undefined) derived['groups'] = groupValues(call, groups.get(resource.id));
    for (const reference of references) deriveReference(call, reference, resource, derived, names);
    if (projection.meta) derived['meta'] = metaOf(call, resource);
    return projection.apply(resource, derived);
  };
  const isLong = resources.some((resource) => references.some((each) => isLongReference(each, resource)));
  const finish = (
    groups: Groups | undefined,
    names: Names | undefined,
  ): Awaitable<readonly Record<string, unknown>[]> =>
    isLong
      ? inParts(resources, work, (resource) => one(resource, groups, names))
      : resources.map((resource) => one(resource, groups, names));
  const groups = groupsFor(call, resources, projection);
  const names = references.length === 0 ? undefined : namesFor(call, references, resources, projection);
  return isThenable(groups) || isThenable(names)
    ? Promise.all([groups, names]).then((derived) => finish(...derived))
    : finish(groups, names);
}

/** Units for representing a resource, and for a reference of it. */
const unitsOfResource = 100;
const unitsOfReference = 60;

/** A reference with more values is represented with a pause after it. */
const longReference = 5_000;

function isLongReference(reference: Reference, resource: Attributes): boolean {
  return referenceValues(reference, resource).length > longReference;
}

async function inParts<T, R>(items: readonly T[], work: Work, represented: (item: T) => R): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) {
    await work.pause();
    results.push(represented(item));
  }
  return results;
}

/**
 * How many of the resources fit into `limits.pageBytes`, from the number of their references alone: it is known before
 * anything is made of them. Their real size is known once they are serialized.
 */
export function countThatFits(call: Call, resources: readonly Stored<Attributes>[], projection: Projection): number {
  const { service, served, ctx } = call;
  const references = served.references.filter(({ attribute }) => projection.shows(attribute.path));
  const bytesOfReference = ctx.base.length + leastBytesOfReference;
  let bytes = 0;
  for (const [index, resource] of resources.entries()) {
    for (const reference of references) bytes += referenceValues(reference, resource).length * bytesOfReference;
    if (bytes > service.limits.pageBytes) return index;
  }
  return resources.length;
}

/** `{"value":"x","$ref":"/Users/x"},` without the base. */
const leastBytesOfReference = 32;

/** Groups of each user, by the user's ID. */
type Groups = ReadonlyMap<string, readonly GroupRef[]>;
/** Display names of resources, by ID. */
type Names = ReadonlyMap<string, string>;

function metaOf({ served, ctx }: Call, resource: Stored<Attributes>): Attributes {
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
  call: Call,
  resources: readonly Stored<Attributes>[],
  projection: Projection,
): Awaitable<Groups> | undefined {
  const { service, served, ctx } = call;
  if (service.groupsOf === undefined || served.type.name !== 'User' || resources.length === 0) return undefined;
  if (!projection.selection.has('groups')) return undefined;
  const ids = resources.map((resource) => resource.id);
  return bounded(call, service.groupsOf(ids, ctx));
}

function groupValues({ service, ctx }: Call, groups: readonly GroupRef[] | undefined): unknown {
  if (groups === undefined || groups.length === 0) return undefined;
  const endpoint = service.byName.get('Group')?.type.endpoint ?? '/Groups';
  return groups.map((group) => ({
    value: group.value,
    $ref: `${ctx.base}${endpoint}/${encodeURIComponent(group.value)}`,
    ...(group.display === undefined ? {} : { display: group.display }),
    type: group.type,
  }));
}

/** Display names of the resources that the references name, read from the stores of the types they may be of. */
function namesFor(
  call: Call,
  references: readonly Reference[],
  resources: readonly Stored<Attributes>[],
  projection: Projection,
): Awaitable<Names> | undefined {
  const { service, ctx } = call;
  const lookups: Awaitable<Names>[] = [];
  for (const [type, ids] of unnamedIds(service, references, resources, projection)) {
    const store = service.byName.get(type)?.store;
    if (store?.namesOf !== undefined) lookups.push(bounded(call, store.namesOf([...ids], ctx)));
  }
  if (lookups.length === 0) return undefined;
  const found: Names[] = [];
  for (const names of lookups) if (!isThenable(names)) found.push(names);
  return found.length === lookups.length ? merge(found) : Promise.all(lookups).then(merge);
}

/** IDs that references name without a display name, by the resource type to look them up in. */
function unnamedIds(
  service: Service,
  references: readonly Reference[],
  resources: readonly Stored<Attributes>[],
  projection: Projection,
): ReadonlyMap<string, ReadonlySet<string>> {
  const unnamed = new Map<string, Set<string>>();
  for (const reference of references) {
    const { nameIn } = reference;
    if (nameIn === undefined || !projection.shows(`${reference.attribute.path}.${nameIn}`)) continue;
    for (const resource of resources) {
      for (const value of referenceValues(reference, resource)) {
        if (typeof value['value'] !== 'string' || value[nameIn] !== undefined) continue;
        for (const type of typesOf(service, reference, value)) {
          const ids = unnamed.get(type);
          if (ids === undefined) unnamed.set(type, new Set([value['value']]));
          else ids.add(value['value']);
        }
      }
    }
  }
  return unnamed;
}

function merge(maps: readonly Names[]): Names {
  return maps.length === 1 && maps[0] !== undefined ? maps[0] : new Map(maps.flatMap((map) => [...map]));
}

// A member may be of any served type (RFC 9944 4), also of one that the schema of the RFC does not name.
function typesOf(service: Service, reference: Reference, value: Attributes): readonly string[] {
  const type = value['type'];
  return typeof type === 'string' && service.byName.has(type) ? [type] : reference.types;
}

/** The values of a reference in a resource; a reference of an extension is inside the object of the extension. */
function referenceValues({ attribute }: Reference, resource: Attributes): readonly Attributes[] {
  const container = attribute.parent === undefined ? resource : resource[attribute.parent.name];
  const value = isObject(container) ? container[attribute.name] : undefined;
  if (Array.isArray(value)) return value as readonly Attributes[];
  return isObject(value) ? [value] : [];
}

function deriveReference(
  call: Call,
  reference: Reference,
  resource: Attributes,
  derived: Record<string, unknown>,
  names: Names | undefined,
): void {
  const { attribute } = reference;
  const values = referenceValues(reference, resource);
  if (values.length === 0) return;
  refuseTooMany(call.service, attribute.path, values.length);
  call.ctx.work.spend(values.length * unitsOfReference);
  const completed = values.map((value) => complete(call, reference, value, names));
  const value = attribute.multiValued ? completed : completed[0];
  if (attribute.parent === undefined) {
    derived[attribute.name] = value;
    return;
  }
  const container = derived[attribute.parent.name] ?? resource[attribute.parent.name];
  derived[attribute.parent.name] = { ...(isObject(container) ? container : {}), [attribute.name]: value };
}

/** @throws TooManyError for a response that would show more values than `limits.maxMembers` */
export function refuseTooMany(service: Service, path: string, count: number): void {
  const { maxMembers } = service.limits;
  if (count <= maxMembers) return;
  throw new TooManyError(
    `${path} has more than ${String(maxMembers)} values (limits.maxMembers); send the request with excludedAttributes=${path}.`,
  );
}

/** One value of a reference with its `$ref` and display name. */
function complete(call: Call, reference: Reference, value: Attributes, names: Names | undefined): Attributes {
  const { service, ctx } = call;
  const id = value['value'];
  if (typeof id !== 'string') return value;
  const completed: Record<string, unknown> = { ...value };
  const types = typesOf(service, reference, value);
  // The type of a pending member is unknown until its resource exists.
  const target = types.length === 1 && types[0] !== undefined ? service.byName.get(types[0]) : undefined;
  if (target !== undefined) completed['$ref'] = locationOf(target, id, ctx);
  const { nameIn } = reference;
  if (nameIn !== undefined && completed[nameIn] === undefined) {
    const name = names?.get(id);
    if (name !== undefined) completed[nameIn] = name;
  }
  return completed;
}

import type { Attributes } from '../contract/attribute.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { isObject } from '../contract/is-object.js';
import type { GroupRef, Stored } from '../contract/resource.js';
import { TooManyError } from '../errors.js';
import { entityTag } from '../protocol/entity-tag.js';
import type { Projection } from '../schema/project.js';
import { withoutParts } from '../schema/restrict-type.js';
import { bounded, type Call } from './call.js';
import { locationOf } from './location.js';
import { shownVersion } from './precondition.js';
import { parseGroupsOfUser } from './parse-result.js';
import { completeReference, findNamed, type NamedResources, referenceValues } from './named-resources.js';
import type { Reference } from './references.js';
import type { ScimResponse, Service } from './service.js';

/** The 204 of a write: Location and ETag of the resource, and no body (RFC 7644 3.5.2, 3.14). */
export function respondEmpty(call: Call, resource: Stored<Attributes>): ScimResponse {
  const { served, ctx } = call;
  return { status: 204, location: locationOf(served, resource.id, ctx), etag: entityTag(shownVersion(call, resource)) };
}

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
    etag: entityTag(shownVersion(call, resource)),
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
  stored: readonly Stored<Attributes>[],
  projection: Projection,
): Awaitable<readonly Record<string, unknown>[]> {
  const hidden = call.served.restricted?.hidden;
  const resources = hidden === undefined ? stored : stored.map((resource) => withoutParts(resource, hidden));
  const references = call.served.references.filter(({ attribute }) => projection.shows(attribute.path));
  const { work } = call.ctx;
  const derivedOf = (resource: Stored<Attributes>, groups: Groups | undefined): Record<string, unknown> => {
    const derived: Record<string, unknown> = {};
    const groupsOfUser = groups && (ownGroups(resource) ?? groups.get(resource.id));
    work.spend(unitsOfResource + (groupsOfUser?.length ?? 0) * unitsOfReference);
    if (groups !== undefined) derived['groups'] = groupValues(call, groupsOfUser);
    if (projection.meta) derived['meta'] = metaOf(call, resource);
    return derived;
  };
  const project = (resource: Stored<Attributes>, derived: Record<string, unknown>): Record<string, unknown> =>
    projection.apply(resource, hidden === undefined ? derived : withoutParts(derived, hidden));
  const isLong = resources.some((resource) => references.some((each) => isLongReference(each, resource)));
  const finish = (
    groups: Groups | undefined,
    named: NamedResources | undefined,
  ): Awaitable<readonly Record<string, unknown>[]> => {
    if (isLong) return inParts(groups, named);
    return resources.map((resource) => {
      const derived = derivedOf(resource, groups);
      for (const reference of references) deriveReference(call, reference, resource, derived, named);
      return project(resource, derived);
    });
  };
  const inParts = async (
    groups: Groups | undefined,
    named: NamedResources | undefined,
  ): Promise<readonly Record<string, unknown>[]> => {
    const represented: Record<string, unknown>[] = [];
    for (const resource of resources) {
      await work.pause();
      const derived = derivedOf(resource, groups);
      for (const reference of references) await deriveInParts(call, reference, resource, derived, named);
      represented.push(project(resource, derived));
    }
    return represented;
  };
  const groups = groupsFor(call, resources, projection);
  const named = references.length === 0 ? undefined : findNamed(call, references, resources, projection.shows);
  return isThenable(groups) || isThenable(named)
    ? Promise.all([groups, named]).then((derived) => finish(...derived))
    : finish(groups, named);
}

/** Units for representing a resource, and for a reference of it. */
const unitsOfResource = 100;
const unitsOfReference = 60;

/** A reference with more values is represented in parts, with pauses between them. */
const longReference = 5_000;

function isLongReference(reference: Reference, resource: Attributes): boolean {
  return referenceValues(reference, resource).length > longReference;
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

function metaOf(call: Call, resource: Stored<Attributes>): Attributes {
  const { served, ctx } = call;
  const { created, lastModified } = resource.meta;
  return {
    resourceType: served.type.name,
    created: isUnknownTime(created) ? undefined : created,
    lastModified,
    location: locationOf(served, resource.id, ctx),
    version: entityTag(shownVersion(call, resource)),
  };
}

// `new Date(null)`, of a row that has no time, is the start of 1970.
function isUnknownTime(time: Date | string | null | undefined): boolean {
  return (
    time === undefined || time === null || (typeof time === 'string' ? time.startsWith(epoch) : Number(time) === 0)
  );
}

const epoch = '1970-01-01T00:00:00';

function groupsFor(
  call: Call,
  resources: readonly Stored<Attributes>[],
  projection: Projection,
): Awaitable<Groups> | undefined {
  const { service, served, ctx } = call;
  if (service.groupsOf === undefined || served.type.name !== 'User' || resources.length === 0) return undefined;
  if (!projection.selection.has('groups')) return undefined;
  const ids = resources.filter((resource) => ownGroups(resource) === undefined).map(({ id }) => id);
  return ids.length === 0 ? noGroups : bounded(call, service.groupsOf(ids, ctx));
}

const noGroups: Groups = new Map();

/** Groups that the store returned in the user itself; undefined where `groupsOf` has to be asked. */
function ownGroups(user: Stored<Attributes>): readonly GroupRef[] | undefined {
  const groups = Object.hasOwn(user, 'groups') ? user['groups'] : undefined;
  return groups === undefined || groups === null ? undefined : parseGroupsOfUser(groups, 'store');
}

/** The values of `User.groups`; undefined without any. */
export function groupValues({ service, ctx }: Call, groups: readonly GroupRef[] | undefined): unknown {
  if (groups === undefined || groups === null || groups.length === 0) return undefined;
  const served = service.byName.get('Group');
  return groups.map((group) => ({
    value: group.value,
    ...(served === undefined ? {} : { $ref: locationOf(served, group.value, ctx) }),
    ...(group.display === undefined ? {} : { display: group.display }),
    type: group.type,
  }));
}

/** Adds the complete values of a reference to the derived attributes of a resource. */
export function deriveReference(
  call: Call,
  reference: Reference,
  resource: Attributes,
  derived: Record<string, unknown>,
  named: NamedResources | undefined,
): void {
  const values = referenceValues(reference, resource);
  refuseTooMany(call.service, reference.attribute.path, values.length);
  setReference(reference.attribute, resource, derived, completed(call, reference, values, named));
}

/** As `deriveReference`, with pauses. */
async function deriveInParts(
  call: Call,
  reference: Reference,
  resource: Attributes,
  derived: Record<string, unknown>,
  named: NamedResources | undefined,
): Promise<void> {
  const values = referenceValues(reference, resource);
  refuseTooMany(call.service, reference.attribute.path, values.length);
  const parts: Attributes[][] = [];
  for (let at = 0; at < values.length; at += longReference) {
    await call.ctx.work.pause();
    parts.push(completed(call, reference, values.slice(at, at + longReference), named));
  }
  setReference(reference.attribute, resource, derived, parts.flat());
}

function completed(
  call: Call,
  reference: Reference,
  values: readonly Attributes[],
  named: NamedResources | undefined,
): Attributes[] {
  call.ctx.work.spend(values.length * unitsOfReference);
  return values.map((value) => completeReference(call, reference, value, named));
}

function setReference(
  attribute: Reference['attribute'],
  resource: Attributes,
  derived: Record<string, unknown>,
  values: readonly Attributes[],
): void {
  if (values.length === 0) return;
  const value = attribute.multiValued ? values : values[0];
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

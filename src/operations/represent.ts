import type { Attributes } from '../contract/attribute.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { isObject } from '../contract/is-object.js';
import type { GroupRef, Stored } from '../contract/resource.js';
import { TooManyError } from '../errors.js';
import { entityTag } from '../protocol/entity-tag.js';
import type { Projection } from '../schema/project.js';
import { bounded, type Call } from './call.js';
import { locationOf } from './location.js';
import { completeReference, findNamed, type NamedResources, referenceValues } from './named-resources.js';
import type { Reference } from './references.js';
import type { ScimResponse, Service } from './service.js';

/** The 204 of a write: Location and ETag of the resource, and no body (RFC 7644 3.5.2, 3.14). */
export function respondEmpty({ served, ctx }: Call, { id, meta }: Stored<Attributes>): ScimResponse {
  return { status: 204, location: locationOf(served, id, ctx), etag: entityTag(meta.version) };
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
  const finish = (groups: Groups | undefined, named: NamedResources | undefined): readonly Record<string, unknown>[] =>
    resources.map((resource) => {
      const derived: Record<string, unknown> = {};
      if (groups !== undefined) derived['groups'] = groupValues(call, groups.get(resource.id));
      for (const reference of references) deriveReference(call, reference, resource, derived, named);
      if (projection.meta) derived['meta'] = metaOf(call, resource);
      return projection.apply(resource, derived);
    });
  const groups = groupsFor(call, resources, projection);
  const named = references.length === 0 ? undefined : findNamed(call, references, resources, projection);
  return isThenable(groups) || isThenable(named)
    ? Promise.all([groups, named]).then((derived) => finish(...derived))
    : finish(groups, named);
}

/** Groups of each user, by the user's ID. */
type Groups = ReadonlyMap<string, readonly GroupRef[]>;

function metaOf({ served, ctx }: Call, resource: Stored<Attributes>): Attributes {
  const { created, lastModified, version } = resource.meta;
  return {
    resourceType: served.type.name,
    created: isUnknownTime(created) ? undefined : created,
    lastModified,
    location: locationOf(served, resource.id, ctx),
    version: entityTag(version),
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
  const ids = resources.map((resource) => resource.id);
  return bounded(call, service.groupsOf(ids, ctx));
}

function groupValues({ service, ctx }: Call, groups: readonly GroupRef[] | undefined): unknown {
  if (groups === undefined || groups === null || groups.length === 0) return undefined;
  const served = service.byName.get('Group');
  return groups.map((group) => ({
    value: group.value,
    ...(served === undefined ? {} : { $ref: locationOf(served, group.value, ctx) }),
    ...(group.display === undefined ? {} : { display: group.display }),
    type: group.type,
  }));
}

function deriveReference(
  call: Call,
  reference: Reference,
  resource: Attributes,
  derived: Record<string, unknown>,
  named: NamedResources | undefined,
): void {
  const { attribute } = reference;
  const values = referenceValues(reference, resource);
  if (values.length === 0) return;
  refuseTooMany(call.service, attribute.path, values.length);
  const completed = values.map((value) => completeReference(call, reference, value, named));
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
    `${path} has more than ${String(maxMembers)} values; send the request with excludedAttributes=${path}.`,
  );
}

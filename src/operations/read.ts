import type { RequestContext } from './request-context.js';
import { NotFoundError } from '../errors.js';
import { type EntityTags, entityTag, matchesTag } from '../protocol/entity-tag.js';
import { isThenable } from './deadlines.js';
import type { Wanted } from './projection-cache.js';
import { answerWith, locationOf } from './represent.js';
import { type Answer, authorise, type Served, type Service } from './service.js';

/** Said of an id that is unknown, deleted, or another tenant's: nobody can tell which. */
export function notFound(served: Served): NotFoundError {
  return new NotFoundError(`No ${served.type.name} has this id.`);
}

/**
 * GET of one resource (RFC 7644 3.4.1).
 *
 * @returns 200 with the resource, or 304 where If-None-Match names its version
 */
export async function read(
  service: Service,
  served: Served,
  id: string,
  wanted: Wanted,
  ifNoneMatch: EntityTags | undefined,
  ctx: RequestContext,
): Promise<Answer> {
  const permitted = authorise(service, { operation: 'read', resourceType: served.type.name, id }, ctx);
  if (isThenable(permitted)) await permitted;
  const projection = served.projections.get(wanted);
  const found = service.deadlines.bound(served.store.get(id, projection.want, ctx), ctx);
  const resource = isThenable(found) ? await found : found;
  if (resource === undefined) throw notFound(served);
  if (ifNoneMatch !== undefined && matchesTag(ifNoneMatch, resource.meta.version)) {
    return { status: 304, location: locationOf(served, id, ctx), etag: entityTag(resource.meta.version) };
  }
  return answerWith(service, served, 200, resource, projection, ctx);
}

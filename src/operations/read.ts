import type { RequestContext } from './request-context.js';
import { NotFoundError } from '../errors.js';
import { type EntityTags, entityTag, matchesTag } from '../protocol/entity-tag.js';
import { isThenable } from '../contract/awaitable.js';
import type { SelectionParameters } from './projection-cache.js';
import { responseWith, locationOf } from './represent.js';
import { type ScimResponse, authorize, type ServedType, type Service } from './service.js';

/** Said of an id that is unknown, deleted, or another tenant's: nobody can tell which. */
export function notFound(served: ServedType): NotFoundError {
  return new NotFoundError(`No ${served.type.name} has this id.`);
}

/**
 * GET of one resource (RFC 7644 3.4.1).
 *
 * @returns 200 with the resource, or 304 where If-None-Match names its version
 */
export async function read(
  service: Service,
  served: ServedType,
  id: string,
  requested: SelectionParameters,
  ifNoneMatch: EntityTags | undefined,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const permitted = authorize(service, { operation: 'read', resourceType: served.type.name, id }, ctx);
  if (isThenable(permitted)) await permitted;
  const projection = served.projections.get(requested);
  const found = service.deadlines.bound(served.store.get(id, projection.selection, ctx), ctx);
  const resource = isThenable(found) ? await found : found;
  if (resource === undefined) throw notFound(served);
  if (ifNoneMatch !== undefined && matchesTag(ifNoneMatch, resource.meta.version)) {
    return { status: 304, location: locationOf(served, id, ctx), etag: entityTag(resource.meta.version) };
  }
  return responseWith(service, served, 200, resource, projection, ctx);
}

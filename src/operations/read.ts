import { isThenable } from '../contract/awaitable.js';
import { NotFoundError } from '../errors.js';
import { entityTag, matchesTag } from '../protocol/entity-tag.js';
import { authorize } from './authorize.js';
import { checkIfMatch, shownVersion } from './precondition.js';
import { bounded, type Call, type ResourceCall } from './call.js';
import { locationOf } from './location.js';
import { respondWith } from './represent.js';
import type { ScimResponse } from './service.js';

/** The error for an ID that is unknown, deleted or another tenant's: clients cannot distinguish the three. */
export function notFound({ served }: Call): NotFoundError {
  return new NotFoundError(`No ${served.type.name} has this id.`);
}

/**
 * GET of one resource (RFC 7644 3.4.1).
 *
 * @returns 200 with the resource, or 304 where If-None-Match names its version
 * @throws NotFoundError
 * @throws VersionMismatchError where If-Match does not name its version
 */
export async function read(call: ResourceCall): Promise<ScimResponse> {
  const { served, ctx, id, ifNoneMatch } = call;
  const permitted = authorize(call, 'read', id);
  if (isThenable(permitted)) await permitted;
  const projection = served.projections.get(call.parameters, ctx);
  const found = bounded(call, served.store.get(id, projection.selection, ctx));
  const resource = isThenable(found) ? await found : found;
  if (resource === undefined) throw notFound(call);
  // RFC 9110 13.2.2: If-Match before If-None-Match.
  checkIfMatch(call, resource);
  if (ifNoneMatch !== undefined && matchesTag(ifNoneMatch, shownVersion(call, resource))) {
    return { status: 304, location: locationOf(served, id, ctx), etag: entityTag(shownVersion(call, resource)) };
  }
  return respondWith(call, 200, resource, projection);
}

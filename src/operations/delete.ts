import { authorize } from './authorize.js';
import type { ResourceCall } from './call.js';
import { decideBeforeWrite, writeWithCheck } from './checked-write.js';
import { checkPreconditions, needsVersion, singleVersion } from './precondition.js';
import { notFound } from './read.js';
import type { ScimResponse } from './service.js';
import { readCurrent } from './update.js';
import { eventsOf, retryOnConflict } from './write.js';

/**
 * DELETE (RFC 7644 3.6).
 *
 * @returns 204; from then on the ID is not found
 * @throws NotFoundError, VersionMismatchError
 */
export async function remove(call: ResourceCall): Promise<ScimResponse> {
  const { ctx, id, ifMatch } = call;
  await authorize(call, 'delete', id);
  return retryOnConflict(ctx, ifMatch !== undefined, () => attempt(call));
}

async function attempt(call: ResourceCall): Promise<ScimResponse> {
  const { served, ctx, id } = call;
  let ifVersion = singleVersion(call);
  if (needsVersion(call)) {
    const current = await readCurrent(call, new Set());
    checkPreconditions(call, current);
    ifVersion = current.meta.version;
  }
  const nothingSet = { set: {}, unset: [] };
  const access = { operation: 'delete', resourceType: served.type.name, id } as const;
  const proposal = { ...access, ...nothingSet, members: undefined };
  const { seenVersion, check } = await decideBeforeWrite(call, proposal, undefined);
  ifVersion ??= seenVersion;
  const { events, publish } = eventsOf(call, { operation: 'delete', ...nothingSet });
  const { caseExact } = served.stored;
  const deleted = await writeWithCheck(call, check, { id, ifVersion }, (inside) =>
    served.store.delete(id, { ifVersion, caseExact, events, check: inside }, ctx),
  );
  if (deleted === undefined) throw notFound(call);
  publish(deleted);
  return { status: 204 };
}

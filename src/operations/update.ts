import type { RequestContext } from './request-context.js';
import { isScimError } from '../errors.js';
import type { Projection } from '../schema/project.js';
import type { Attributes, Selection } from '../contract/attribute.js';
import type { MemberChange } from '../contract/store.js';
import type { Stored } from '../contract/resource.js';
import { isThenable } from '../contract/awaitable.js';
import { notFound } from './read.js';
import { responseWith } from './represent.js';
import type { ScimResponse, ServedType, Service } from './service.js';
import { eventsOf, guard, keysOf } from './write.js';

/** A change that is worked out and validated, on its way to the store. */
export interface ReadyChange {
  readonly operation: 'replace' | 'patch';
  readonly id: string;
  readonly set: Attributes;
  readonly unset: readonly string[];
  readonly members: MemberChange | undefined;
  /** The version it was worked out from, or that the client named. */
  readonly ifVersion: string | undefined;
  /** The resource it was worked out from. */
  readonly known: Stored<Attributes> | undefined;
}

/** What the answer shows; undefined for 204. */
export type ResponseProjection = Projection | undefined;

const nothing: Selection = new Set();

/**
 * Writes a change and answers with the result: one store call.
 *
 * @throws NotFoundError, VersionMismatchError, ConflictError, UnknownReferenceError
 */
export async function writeChange(
  service: Service,
  served: ServedType,
  change: ReadyChange,
  shown: ResponseProjection,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const { operation, id, set, unset, members } = change;
  const proposal = { operation, resourceType: served.type.name, id, set, unset, members };
  const guarded =
    service.beforeChange === undefined ? undefined : await guard(service, served, proposal, change.known, ctx);
  const events = eventsOf(service, served, { operation: 'update', set, unset }, ctx);
  const updated = service.deadlines.bound(
    served.store.update(
      id,
      {
        ifVersion: change.ifVersion ?? guarded,
        set,
        unset,
        members,
        keys: keysOf(served, set),
        selection: shown?.selection ?? nothing,
        events: events.events,
      },
      ctx,
    ),
    ctx,
  );
  const result = isThenable(updated) ? await updated : updated;
  if (result === undefined) throw notFound(served);
  events.publish(result);
  if (shown === undefined) return { status: 204 };
  try {
    return await responseWith(service, served, 200, result.resource, shown, ctx);
  } catch (error) {
    // The change is made: a client that cannot be shown so many members must not take it for refused.
    if (operation === 'patch' && isScimError(error) && error.scimType === 'tooMany') return { status: 204 };
    throw error;
  }
}

/** Reads the resource that a change is worked out from. @throws NotFoundError */
export async function readCurrent(
  service: Service,
  served: ServedType,
  id: string,
  selection: Selection,
  ctx: RequestContext,
): Promise<Stored<Attributes>> {
  const current = await service.deadlines.bound(served.store.get(id, selection, ctx), ctx);
  if (current === undefined) throw notFound(served);
  return current;
}

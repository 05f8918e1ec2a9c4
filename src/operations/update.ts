import type { Attributes, Selection } from '../contract/attribute.js';
import { isThenable } from '../contract/awaitable.js';
import type { Stored } from '../contract/resource.js';
import type { MemberChange } from '../contract/store.js';
import { isScimError } from '../errors.js';
import type { Projection } from '../schema/project.js';
import { withKeptParts } from '../schema/restrict-type.js';
import { bounded, type Call, type ResourceCall } from './call.js';
import { decideBeforeWrite, writeWithCheck } from './checked-write.js';
import { writeMembers } from './member-errors.js';
import { notFound } from './read.js';
import { respondEmpty, respondWith } from './represent.js';
import type { ScimResponse } from './service.js';
import { changedKeysOf, eventsOf } from './write.js';

/** A validated change, ready for the store. */
export interface ReadyChange {
  readonly operation: 'replace' | 'patch';
  readonly set: Attributes;
  readonly unset: readonly string[];
  readonly members: MemberChange | undefined;
  /** The version that the change was computed from, or that the client named. */
  readonly ifVersion: string | undefined;
  /** The resource that the change was computed from; undefined where nothing was read. */
  readonly current: Stored<Attributes> | undefined;
}

const noAttributes: Selection = new Set();

/**
 * Writes a change with one store call.
 *
 * @param projection what the response shows; undefined for 204
 * @returns 200 with the resource as it is then, or 204; both have its Location and ETag
 * @throws NotFoundError, VersionMismatchError, ConflictError, UnknownReferenceError
 */
export async function writeChange(
  call: ResourceCall,
  change: ReadyChange,
  projection: Projection | undefined,
): Promise<ScimResponse> {
  const { served, ctx, id } = call;
  const { operation, members } = change;
  const { set, unset } = keptBy(call, change);
  const proposal = { operation, resourceType: served.type.name, id, set, unset, members };
  const deciding = decideBeforeWrite(call, proposal, change.current);
  const { seenVersion, check } = isThenable(deciding) ? await deciding : deciding;
  const ifVersion = change.ifVersion ?? seenVersion;
  const events = eventsOf(call, { operation, set, unset });
  const write = () =>
    writeWithCheck(call, check, { id, ifVersion }, (inside) =>
      served.store.update(
        id,
        {
          ifVersion,
          set,
          unset,
          members,
          keys: changedKeysOf(served.stored, set, unset),
          selection: projection?.selection ?? noAttributes,
          caseExact: served.stored.caseExact,
          events: events.events,
          check: inside,
        },
        ctx,
      ),
    );
  const updated = members === undefined ? write() : writeMembers(call, write);
  const result = isThenable(updated) ? await updated : updated;
  if (result === undefined) throw notFound(call);
  events.publish(result);
  if (projection === undefined) return respondEmpty(call, result.resource);
  try {
    return await respondWith(call, 200, result.resource, projection);
  } catch (error) {
    // The change is made: a response that would show too many members must not look like a refusal.
    if (operation === 'patch' && isScimError(error) && error.scimType === 'tooMany') {
      return respondEmpty(call, result.resource);
    }
    throw error;
  }
}

/**
 * The change, with the parts of attributes that the client cannot write as they are.
 *
 * @param change computed from the resource that was read, where it sets or clears an attribute with such parts
 */
export function keptBy(
  { served: { restricted } }: Call,
  change: Pick<ReadyChange, 'set' | 'unset' | 'current'>,
): Pick<ReadyChange, 'set' | 'unset'> {
  const { set, unset, current } = change;
  if (restricted === undefined || restricted.kept.size === 0) return change;
  if (current !== undefined) return withKeptParts({ set, unset }, restricted.kept, current);
  for (const name of [...Object.keys(set), ...unset]) {
    if (restricted.kept.has(name)) throw new Error(`${name} has parts to keep, and the resource was not read.`);
  }
  return change;
}

/** Reads the resource that a change is computed from. @throws NotFoundError */
export async function readCurrent(call: ResourceCall, selection: Selection): Promise<Stored<Attributes>> {
  const { served, ctx, id } = call;
  const current = await bounded(call, served.store.get(id, selection, ctx));
  if (current === undefined) throw notFound(call);
  return current;
}

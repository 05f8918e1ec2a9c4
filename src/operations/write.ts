import createDebug from 'debug';
import type { Attributes } from '../contract/attribute.js';
import { changeChannel, publishChange } from '../contract/diagnostics.js';
import type { ChangeEvent } from '../contract/event.js';
import { isObject } from '../contract/is-object.js';
import type { Member } from '../contract/resource.js';
import type { MemberChange, WriteResult } from '../contract/store.js';
import { TooManyError, UnavailableError, isScimError } from '../errors.js';
import { changeEvents, type IntendedChange } from '../lifecycle/events/change-events.js';
import type { Attribute } from '../schema/attribute.js';
import { exceedsBytes } from '../schema/json-bytes.js';
import { normalize } from '../schema/normalize.js';
import type { ResourceType } from '../schema/resource-type.js';
import type { Call } from './call.js';
import { runHook } from './faults.js';
import { parseWriteResult } from './parse-result.js';
import type { RequestContext } from './request-context.js';
import type { ServedType, Service } from './service.js';

const debug = createDebug('express-scim:write');

/** Normalized values of the unique attributes of a new resource, by path: what the unique index of the store holds. */
export function keysOf(type: ResourceType, resource: Attributes): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const attribute of type.unique) {
    const key = keyOf(attribute, resource);
    if (key !== undefined) keys[attribute.path] = key;
  }
  return keys;
}

/** What a change does to unique keys, by path: `null` where it takes a unique attribute away. */
export function changedKeysOf(
  type: ResourceType,
  set: Attributes,
  unset: readonly string[],
): Record<string, string | null> {
  const keys: Record<string, string | null> = {};
  for (const attribute of type.unique) {
    const [name = ''] = attribute.keys;
    if (set[name] !== undefined) keys[attribute.path] = keyOf(attribute, set) ?? null;
    else if (unset.includes(name)) keys[attribute.path] = null;
  }
  return keys;
}

function keyOf(attribute: Attribute, resource: Attributes): string | undefined {
  let value: unknown = resource;
  for (const key of attribute.keys) value = isObject(value) ? value[key] : undefined;
  if (typeof value === 'string') return normalize(attribute, value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/**
 * The `members` of a POST or PUT as a change for the store.
 *
 * @param members as validated; undefined for none
 * @param only true where these are all the members afterwards
 */
export function memberChange(service: Service, members: unknown, only: boolean): MemberChange {
  const add = Array.isArray(members) ? (members as readonly Member[]) : [];
  return { add, remove: [], only, pending: service.pendingMembers };
}

/**
 * Refuses a resource that would take more than `limits.storedBytes`, as JSON without its members.
 *
 * @param before the resource as stored, where it was read: a change that makes it no larger is not refused
 * @throws TooManyError
 */
export function refuseLarge({ service, ctx: { work } }: Call, after: Attributes, before: Attributes | undefined): void {
  const { storedBytes } = service.limits;
  if (!exceedsBytes(after, storedBytes, work)) return;
  if (before !== undefined && !exceedsBytes(after, Buffer.byteLength(JSON.stringify(before)), work)) return;
  throw new TooManyError(
    `The resource would take more than ${String(storedBytes)} bytes (limits.storedBytes): send fewer or smaller values.`,
  );
}

/** A resource without what belongs to others: `members` of a group, `groups` of a user. */
export function storedPart({ type, hasMembers }: ServedType, resource: Attributes): Attributes {
  const derived = hasMembers ? 'members' : type.name === 'User' ? 'groups' : undefined;
  if (derived === undefined || !Object.hasOwn(resource, derived)) return resource;
  const { [derived]: _, ...stored } = resource;
  return stored;
}

/** The events of one write. */
export interface WriteEvents {
  /** For the store: the events of what happened. */
  readonly events: (result: WriteResult<Attributes>) => readonly ChangeEvent[];
  /**
   * Hands the events to `onChange`, unless the store delivers them from its outbox, and to those who listen on the channel
   * of changes. Call it after the write.
   */
  publish(result: WriteResult<Attributes>): void;
}

/** Makes the events of one intended change. */
export function eventsOf({ service, served, ctx }: Call, intended: IntendedChange): WriteEvents {
  let saved: readonly ChangeEvent[] = [];
  // A store with an outbox calls this with its own result, inside its transaction; a later attempt of that replaces it.
  const events = (result: WriteResult<Attributes>): readonly ChangeEvent[] => {
    const parsed = parseWriteResult(result, 'events');
    noteIgnored(parsed, ctx);
    return (saved = changeEvents(served.stored, intended, parsed, ctx));
  };
  return {
    events,
    publish(result) {
      noteIgnored(result, ctx);
      const isSaved = served.store.supports?.outbox === true;
      const { onChange, onError } = service;
      const isObserved = changeChannel.hasSubscribers;
      if (!isObserved && (onChange === undefined || isSaved)) return;
      const committed = isSaved ? saved : events(result);
      if (isObserved) committed.forEach(publishChange);
      if (onChange === undefined || isSaved) return;
      // The write is committed: what `onChange` throws never reaches the client.
      for (const event of committed) runHook('onChange', () => onChange(event), onError, ctx);
    },
  };
}

function noteIgnored({ ignored }: WriteResult<Attributes>, ctx: RequestContext): void {
  if (ignored !== undefined && ignored.length > 0) ctx.note('unknown-member');
}

/**
 * Runs a read-modify-write, and runs it again while other writers change the resource in between.
 *
 * @param conditional true where the client sent If-Match: a conflict is then its result, and never retried
 * @throws VersionMismatchError at the first conflict of a conditional write
 * @throws UnavailableError when the deadline of the request has passed
 */
export async function retryOnConflict<T>(
  ctx: RequestContext,
  conditional: boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let retries = 0; ; retries++) {
    try {
      return await attempt();
    } catch (error) {
      if (conditional || !isVersionMismatch(error)) throw error;
      if (performance.now() >= ctx.deadline) {
        throw new UnavailableError(1, 'Too many clients are changing this resource; try again.', error);
      }
      debug('%s lost a write conflict, retry %d', ctx.requestId, retries + 1);
      // The first retry is immediate; then the jitter grows, so that writers do not stay in step.
      if (retries > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(100, 2 ** retries)));
    }
  }
}

function isVersionMismatch(error: unknown): boolean {
  return isScimError(error) && error.code === 'SCIM_VERSION_MISMATCH';
}

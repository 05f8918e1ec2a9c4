import createDebug from 'debug';
import type { Attributes } from '../contract/attribute.js';
import { isThenable } from '../contract/awaitable.js';
import type { ChangeEvent } from '../contract/event.js';
import { isObject } from '../contract/is-object.js';
import type { Member, Stored } from '../contract/resource.js';
import type { MemberChange, WriteResult } from '../contract/store.js';
import { UnavailableError, isScimError } from '../errors.js';
import type { Access, ProposedChange } from '../hooks.js';
import { changeEvents, type IntendedChange } from '../lifecycle/events/change-events.js';
import { normalize } from '../schema/normalize.js';
import type { ResourceType } from '../schema/resource-type.js';
import { bounded, type Call } from './call.js';
import type { RequestContext } from './request-context.js';
import type { Service } from './service.js';

const debug = createDebug('express-scim:write');

/** Normalized values of the unique attributes in `set`, by path: what the unique index of the store holds. */
export function keysOf(type: ResourceType, set: Attributes): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const attribute of type.unique) {
    let value: unknown = set;
    for (const key of attribute.keys) value = isObject(value) ? value[key] : undefined;
    if (typeof value === 'string') keys[attribute.path] = normalize(attribute, value);
    else if (typeof value === 'number' || typeof value === 'boolean') keys[attribute.path] = String(value);
  }
  return keys;
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

/** A change for `beforeChange`, before `current` is added to it. */
export type Proposal = Access & {
  readonly set: Attributes;
  readonly unset: readonly string[];
  readonly members: MemberChange | undefined;
};

/**
 * Runs `options.beforeChange`, which refuses a change by throwing.
 *
 * @param current the resource, where it was read already
 * @returns the version that the write must still find, where the hook called `current()`
 */
export async function runBeforeChange(
  call: Call,
  proposal: Proposal,
  current: Stored<Attributes> | undefined,
): Promise<string | undefined> {
  const { service, served, ctx } = call;
  if (service.beforeChange === undefined) return undefined;
  let version: string | undefined;
  const { members, ...access } = proposal;
  const change: ProposedChange = {
    ...access,
    addMembers: members?.add.map((member) => member.value) ?? [],
    removeMembers: members?.remove ?? [],
    replaceMembers: members?.only ?? false,
    async current() {
      if (proposal.id === undefined) return undefined;
      const resource = current ?? (await bounded(call, served.store.get(proposal.id, served.fullSelection, ctx)));
      version = resource?.meta.version;
      return resource;
    },
  };
  await service.beforeChange(change, ctx);
  return version;
}

/** The events of one write. */
export interface WriteEvents {
  /** For the store: the events of what happened. */
  readonly events: (result: WriteResult<Attributes>) => readonly ChangeEvent[];
  /** Hands the events to `onChange`, unless the store delivers them from its outbox. Call it after the write. */
  publish(result: WriteResult<Attributes>): void;
}

/** Prepares the events of one intended change. */
export function eventsOf({ service, served, ctx }: Call, intended: IntendedChange): WriteEvents {
  const events = (result: WriteResult<Attributes>): readonly ChangeEvent[] => {
    noteIgnored(result, ctx);
    return changeEvents(served.type, intended, result, ctx);
  };
  return {
    events,
    publish(result) {
      noteIgnored(result, ctx);
      if (service.onChange === undefined || served.store.supports?.outbox === true) return;
      for (const event of events(result)) runOnChange(service, event, ctx);
    },
  };
}

function noteIgnored({ ignored }: WriteResult<Attributes>, ctx: RequestContext): void {
  if (ignored !== undefined && ignored.length > 0) ctx.note('unknown-member');
}

/** The write is committed: an error of `onChange` goes to `onError`, and the client never gets it. */
function runOnChange({ onChange, onError }: Service, event: ChangeEvent, ctx: RequestContext): void {
  try {
    const done = onChange?.(event);
    if (isThenable(done)) done.then(undefined, (error: unknown) => onError(error, ctx));
  } catch (error) {
    onError(error, ctx);
  }
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

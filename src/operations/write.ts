import createDebug from 'debug';
import type { RequestContext } from './request-context.js';
import { UnavailableError, VersionMismatchError, isScimError } from '../errors.js';
import { changeEvents, type IntendedChange } from '../lifecycle/events/change-events.js';
import type { Access, ProposedChange } from '../hooks.js';
import { type EntityTags, matchesTag } from '../protocol/entity-tag.js';
import { isObject } from '../contract/is-object.js';
import { normalize } from '../schema/normalize.js';
import type { Attributes } from '../contract/attribute.js';
import type { ChangeEvent } from '../contract/event.js';
import type { Member, Stored } from '../contract/resource.js';
import type { MemberChange, WriteResult } from '../contract/store.js';
import { isThenable } from '../contract/awaitable.js';
import type { ServedType, Service } from './service.js';

const debug = createDebug('express-scim:write');

/** Prepared forms of the unique attributes in `set`: what the store's unique index holds. */
export function keysOf(served: ServedType, set: Attributes): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const attribute of served.type.unique) {
    let value: unknown = set;
    for (const key of attribute.keys) value = isObject(value) ? value[key] : undefined;
    if (typeof value === 'string') keys[attribute.path] = normalize(attribute, value);
    else if (typeof value === 'number' || typeof value === 'boolean') keys[attribute.path] = String(value);
  }
  return keys;
}

/** Members of a body as the store is told of them. */
export function memberChange(service: Service, members: unknown, only: boolean): MemberChange {
  const add = Array.isArray(members) ? (members as readonly Member[]) : [];
  return { add, remove: [], only, pending: service.pendingMembers };
}

/** What `beforeChange` is shown, without the look at the current state. */
export type Proposal = Access & {
  readonly set: Attributes;
  readonly unset: readonly string[];
  readonly members: MemberChange | undefined;
};

/**
 * Shows a change to `beforeChange`, which may refuse it by throwing.
 *
 * @param known the resource, where it was read already
 * @returns the version that the write must still find, where the guard looked at the current state
 */
export async function guard(
  service: Service,
  served: ServedType,
  proposal: Proposal,
  known: Stored<Attributes> | undefined,
  ctx: RequestContext,
): Promise<string | undefined> {
  if (service.beforeChange === undefined) return undefined;
  let version: string | undefined;
  const { members, ...rest } = proposal;
  const change: ProposedChange = {
    ...rest,
    addMembers: members?.add.map((member) => member.value) ?? [],
    removeMembers: members?.remove ?? [],
    replaceMembers: members?.only ?? false,
    async current() {
      if (proposal.id === undefined) return undefined;
      const found =
        known ?? (await service.deadlines.bound(served.store.get(proposal.id, served.everything, ctx), ctx));
      version = found?.meta.version;
      return found;
    },
  };
  await service.beforeChange(change, ctx);
  return version;
}

/** The `events` of a write, and what to do with them once it is done. */
export interface Events {
  readonly events: (result: WriteResult<Attributes>) => readonly ChangeEvent[];
  /** Hands the events to `onChange`, unless the store keeps them in its outbox. */
  publish(result: WriteResult<Attributes>): void;
}

/** Events of one intended change. */
export function eventsOf(service: Service, served: ServedType, intended: IntendedChange, ctx: RequestContext): Events {
  const events = (result: WriteResult<Attributes>): readonly ChangeEvent[] =>
    changeEvents(served.type, intended, result, ctx);
  return {
    events,
    publish(result) {
      const { onChange, onError } = service;
      if (onChange === undefined || served.store.supports?.outbox === true) return;
      for (const event of events(result)) {
        // A handler that fails is the host's to hear of; the client's change is made.
        try {
          const done = onChange(event);
          if (isThenable(done)) done.then(undefined, (error: unknown) => onError(error, ctx));
        } catch (error) {
          onError(error, ctx);
        }
      }
    },
  };
}

/**
 * Tries a change that was worked out from what is stored until nobody else has written in between.
 *
 * @throws VersionMismatchError at once where the client named the version itself
 * @throws UnavailableError when the request's time is over
 */
export async function untilWritten<T>(
  attempt: () => Promise<T>,
  conditional: boolean,
  ctx: RequestContext,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (conditional || !isVersionMismatch(error)) throw error;
      if (performance.now() >= ctx.deadline) {
        throw new UnavailableError(1, 'The resource is being changed by many at once; try again.', error);
      }
      debug('%s was overtaken, try %d', ctx.requestId, tries + 2);
      // The first retry is immediate; then with growing jitter, so that writers do not stay in step.
      if (tries > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(100, 2 ** tries)));
    }
  }
}

function isVersionMismatch(error: unknown): boolean {
  return isScimError(error) && error.status === 412;
}

/** The one version that If-Match names, where the store can compare it without a look at the resource. */
export function singleVersion(ifMatch: EntityTags | undefined): string | undefined {
  return ifMatch === undefined || ifMatch === '*' || ifMatch.length !== 1 ? undefined : ifMatch[0];
}

/** True where If-Match names several versions, so that the resource must be read to compare. */
export function needsLook(ifMatch: EntityTags | undefined): boolean {
  return ifMatch !== undefined && ifMatch !== '*' && ifMatch.length !== 1;
}

/** @throws VersionMismatchError where If-Match does not name the version */
export function checkVersion(ifMatch: EntityTags | undefined, resource: Stored<Attributes>): void {
  if (ifMatch !== undefined && !matchesTag(ifMatch, resource.meta.version)) throw new VersionMismatchError();
}

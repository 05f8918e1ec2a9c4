import type { Awaitable } from '../../contract/awaitable.js';
import type { ChangeEvent } from '../../contract/event.js';
import type { Group, User } from '../../contract/resource.js';

/** What the `data` of each type of event holds. `before` is left out where the store does not know it. */
export interface EventData {
  readonly 'user.created': { readonly after: Readonly<User> };
  readonly 'user.updated': Updated<User>;
  readonly 'user.deactivated': Switched<false>;
  readonly 'user.reactivated': Switched<true>;
  /** What was there and is deleted, with its id; no more than the id from a store that does not tell. */
  readonly 'user.deleted': { readonly before: { readonly id: string } & Readonly<Partial<User>> };
  /** An account that was there before is now managed by the client; `user.updated` tells the same change. */
  readonly 'user.adopted': Updated<User>;
  /** Beside `user.created`: a deleted person came back, with a new id. */
  readonly 'user.rehired': { readonly tombstone: string };
  readonly 'group.created': { readonly after: Readonly<Group> };
  readonly 'group.updated': Updated<Group>;
  readonly 'group.deleted': { readonly before: { readonly id: string } & Readonly<Partial<Group>> };
  /** `resourceId` is the group's; these are the ids of those who really came. */
  readonly 'member.added': { readonly members: readonly string[] };
  readonly 'member.removed': { readonly members: readonly string[] };
}

/** The attributes that changed, before and after, and the names of those that are unassigned now. */
export interface Updated<R> {
  readonly before?: Readonly<Partial<R>>;
  readonly after: Readonly<Partial<R>>;
  readonly unset: readonly string[];
}

/** `active` before and after; left out where it was or is unassigned. */
export interface Switched<Active extends boolean> {
  readonly before?: { readonly active?: boolean };
  readonly after: { readonly active?: Active };
}

/** A type of event on users and groups. */
export type EventType = keyof EventData;

/** One event, with the `data` of its type. */
export type EventOf<Type extends EventType> = {
  [T in Type]: Omit<ChangeEvent, 'type' | 'data'> & { readonly type: T; readonly data: EventData[T] };
}[Type];

/** Every event on users and groups: `switch (event.type)` narrows `event.data`. */
export type TypedChangeEvent = EventOf<EventType>;

/** What the `data` of each type must hold to be read as such. */
const required: Readonly<Record<EventType, string>> = {
  'user.created': 'after',
  'user.updated': 'after',
  'user.deactivated': 'after',
  'user.reactivated': 'after',
  'user.deleted': 'before',
  'user.adopted': 'after',
  'user.rehired': 'tombstone',
  'group.created': 'after',
  'group.updated': 'after',
  'group.deleted': 'before',
  'member.added': 'members',
  'member.removed': 'members',
};

/**
 * Whether an event is of one of these types; without types, of any on users and groups.
 *
 * @example
 * if (isEvent(event, 'user.deactivated', 'user.deleted')) await sessions.endAll(event.resourceId);
 */
export function isEvent(event: ChangeEvent | TypedChangeEvent): event is TypedChangeEvent;
export function isEvent<Type extends EventType>(
  event: ChangeEvent | TypedChangeEvent,
  ...types: readonly [Type, ...Type[]]
): event is Extract<TypedChangeEvent, { readonly type: Type }>;
export function isEvent(event: ChangeEvent | TypedChangeEvent, ...types: readonly EventType[]): boolean {
  const { type, data } = event;
  if (types.length > 0 && !(types as readonly string[]).includes(type)) return false;
  if (!Object.hasOwn(required, type)) return false;
  return typeof data === 'object' && data !== null && Object.hasOwn(data, required[type as EventType]);
}

/** One handler for each type of event that matters. */
export type EventHandlers = { readonly [Type in EventType]?: (event: EventOf<Type>) => Awaitable<void> };

/**
 * An `onChange` of typed handlers; events without one pass.
 *
 * @example
 * onChange: onEvents({ 'user.deactivated': (event) => sessions.endAll(event.resourceId) })
 */
export function onEvents(handlers: EventHandlers): (event: ChangeEvent) => Promise<void> {
  return async (event) => {
    if (!isEvent(event)) return;
    const handler = handlers[event.type] as ((event: TypedChangeEvent) => Awaitable<void>) | undefined;
    await handler?.(event);
  };
}

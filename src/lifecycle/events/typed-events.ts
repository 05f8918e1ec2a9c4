import { callHook } from '../../contract/hook-source.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ChangeEvent } from '../../contract/event.js';
import { checkOptions, type NamedKinds } from '../../contract/option-mistakes.js';
import type { Group, User } from '../../contract/resource.js';

/**
 * The type of `event.data` for each type of event. `before` is undefined if the store does not report it.
 *
 * @example
 * import type { EventData } from 'express-scim/lifecycle';
 *
 * export const userNameOf = (data: EventData['user.created']): string => data.after.userName;
 */
export interface EventData {
  readonly 'user.created': { readonly after: Readonly<User> };
  readonly 'user.updated': UpdatedData<User>;
  readonly 'user.deactivated': ActivationData<false>;
  readonly 'user.reactivated': ActivationData<true>;
  /** The deleted user; only the ID if the store does not report more. */
  readonly 'user.deleted': { readonly before: { readonly id: string } & Readonly<Partial<User>> };
  /** An existing account is now managed by the client. `user.updated` reports the same change. */
  readonly 'user.adopted': UpdatedData<User>;
  /** Together with `user.created`: a deleted user returned with a new ID. `tombstone` is the ID of the tombstone. */
  readonly 'user.rehired': { readonly tombstone: string };
  readonly 'group.created': { readonly after: Readonly<Group> };
  readonly 'group.updated': UpdatedData<Group>;
  readonly 'group.deleted': { readonly before: { readonly id: string } & Readonly<Partial<Group>> };
  /** `resourceId` is the group's ID; `members` are the IDs that were not members before. */
  readonly 'member.added': { readonly members: readonly string[] };
  readonly 'member.removed': { readonly members: readonly string[] };
}

/**
 * `data` of an update: the changed attributes before and after, and the names of those that are unassigned now.
 *
 * @example
 * import type { User } from 'express-scim';
 * import type { UpdatedData } from 'express-scim/lifecycle';
 *
 * export const isRenamed = ({ after }: UpdatedData<User>): boolean => after.userName !== undefined;
 */
export interface UpdatedData<R> {
  readonly before?: Readonly<Partial<R>>;
  readonly after: Readonly<Partial<R>>;
  readonly unset: readonly string[];
}

/**
 * `data` of a deactivation or reactivation: `active` before and after, undefined while unassigned.
 *
 * @example
 * import type { ActivationData } from 'express-scim/lifecycle';
 *
 * export const wasActive = ({ before }: ActivationData<false>): boolean => before?.active !== false;
 */
export interface ActivationData<Active extends boolean> {
  readonly before?: { readonly active?: boolean };
  readonly after: { readonly active?: Active };
}

/**
 * The type of an event about users or groups.
 *
 * @example
 * import type { EventType } from 'express-scim/lifecycle';
 *
 * export const departures: readonly EventType[] = ['user.deactivated', 'user.deleted'];
 */
export type EventType = keyof EventData;

/**
 * An event of one type, with the `data` of that type.
 *
 * @example
 * import type { EventOf } from 'express-scim/lifecycle';
 *
 * export const emailsOf = (event: EventOf<'user.created'>) => event.data.after.emails ?? [];
 */
export type EventOf<Type extends EventType> = {
  [T in Type]: Omit<ChangeEvent, 'type' | 'data'> & { readonly type: T; readonly data: EventData[T] };
}[Type];

/**
 * Any event about users or groups. `switch (event.type)` narrows `event.data`.
 *
 * @example
 * import type { TypedChangeEvent } from 'express-scim/lifecycle';
 *
 * export function describeEvent(event: TypedChangeEvent): string {
 *   switch (event.type) {
 *     case 'user.created':
 *       return `${event.data.after.userName} was created`;
 *     case 'member.added':
 *       return `${event.data.members.join(', ')} joined ${event.resourceId}`;
 *     default:
 *       return event.type;
 *   }
 * }
 */
export type TypedChangeEvent = EventOf<EventType>;

/** The member that `data` must have for each type of event. */
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

/** The types of the events of users and groups. */
export const eventTypes: readonly string[] = Object.keys(required);

const handlerKinds = Object.fromEntries(eventTypes.map((type) => [type, 'function'])) as NamedKinds<EventType>['kinds'];

/**
 * Whether an event has one of these types; without types, whether it is about users or groups. Narrows `event.data`.
 *
 * @example
 * import type { ChangeEvent } from 'express-scim';
 * import { isEvent } from 'express-scim/lifecycle';
 *
 * const sessionsByUser = new Map<string, string[]>();
 *
 * export function onChange(event: ChangeEvent): void {
 *   if (isEvent(event, 'user.deactivated', 'user.deleted')) sessionsByUser.delete(event.resourceId);
 * }
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

/**
 * Handlers by the type of event; types without a handler are ignored.
 *
 * @example
 * import type { EventHandlers } from 'express-scim/lifecycle';
 *
 * export const handlers: EventHandlers = {
 *   'user.created': (event) => console.log(`welcome, ${event.data.after.userName}`),
 * };
 */
export type EventHandlers = { readonly [Type in EventType]?: (event: EventOf<Type>) => Awaitable<void> };

/**
 * Creates an `onChange` hook from typed handlers. Events without a handler are ignored.
 *
 * The hook rejects when the handler throws or rejects.
 *
 * @example
 * import { onEvents } from 'express-scim/lifecycle';
 *
 * const sessionsByUser = new Map<string, string[]>();
 *
 * export const onChange = onEvents({
 *   'user.deactivated': (event) => void sessionsByUser.delete(event.resourceId),
 * });
 */
export function onEvents(handlers: EventHandlers): (event: ChangeEvent) => Promise<void> {
  checkOptions(handlers, { of: 'onEvents', page: 'lifecycle.md#events', kinds: handlerKinds });
  return async (event) => {
    if (!isEvent(event)) return;
    const handler = handlers[event.type] as ((event: TypedChangeEvent) => Awaitable<void>) | undefined;
    await callHook(`onEvents[${JSON.stringify(event.type)}]`, () => handler?.(event));
  };
}

import type { Awaitable } from '../../contract/awaitable.js';
import { BoundedMap } from '../../contract/bounded-map.js';
import type { ChangeEvent } from '../../contract/event.js';
import { checkOptions } from '../../contract/option-mistakes.js';

/** Who suspended a user: the identity provider, a guard or an administrator of your app, or the end of a connection. */
export type SuspendedBy = 'provider' | 'guard' | 'administrator' | 'connection-ended';

/**
 * A suspension of a user. It lasts until whoever suspended the user ends it.
 *
 * @example
 * import type { Suspension } from 'express-scim/lifecycle';
 *
 * export const suspension: Suspension = { by: 'administrator', time: '2026-03-01T08:00:00.000Z', reason: 'Lost laptop' };
 */
export interface Suspension {
  readonly by: SuspendedBy;
  /** RFC 3339 timestamp. */
  readonly time: string;
  /** For administrators of your app. Not for the user who signs in. */
  readonly reason?: string | undefined;
}

/**
 * What is known about the provisioning of one user, apart from the account itself.
 *
 * @example
 * import type { UserLink } from 'express-scim/lifecycle';
 *
 * export const isManaged = (link: UserLink): boolean => link.connection !== undefined && link.offboardedAt === undefined;
 */
export interface UserLink {
  readonly tenant: string;
  readonly userId: string;
  /** ID of the connection that manages the user; undefined: none anymore. */
  readonly connection?: string | undefined;
  /** RFC 3339 timestamp of the newest change of `connection`: older events do not change it. */
  readonly time: string;
  /** RFC 3339 timestamp of the newest change of `deactivated`: older events do not change it. Default: none so far. */
  readonly stateTime?: string | undefined;
  /** Set while the identity provider, or the end of its connection, keeps the user deactivated. */
  readonly deactivated?: Suspension | undefined;
  /** Set while a guard or an administrator of your app suspends the user. The identity provider cannot end it. */
  readonly suspended?: Suspension | undefined;
  /** RFC 3339 timestamp of the deletion. */
  readonly offboardedAt?: string | undefined;
}

/**
 * The users that a connection manages, in pages. `UserLinkStore` is one; an app that has this in its own tables may
 * implement just these two methods.
 *
 * @example
 * import type { ManagedUsers } from 'express-scim/lifecycle';
 *
 * export async function firstIds(users: ManagedUsers, tenant: string): Promise<readonly string[]> {
 *   return users.page(tenant, 'default', undefined, 50);
 * }
 */
export interface ManagedUsers {
  /** Number of users that the connection manages. Deleted users do not count. */
  count(tenant: string, connection: string): Awaitable<number>;
  /** Their IDs in ascending order: the first `limit` that come after `after`. */
  page(tenant: string, connection: string, after: string | undefined, limit: number): Awaitable<readonly string[]>;
}

/**
 * Stores user links: `memoryUserLinkStore()`, `sqlUserLinkStore(db)` of `express-scim/sql`, or your own implementation.
 *
 * @example
 * import type { UserLinkStore } from 'express-scim/lifecycle';
 *
 * export async function connectionOf(links: UserLinkStore, tenant: string, userId: string): Promise<string | undefined> {
 *   return (await links.get(tenant, userId))?.connection;
 * }
 */
export interface UserLinkStore extends ManagedUsers {
  get(tenant: string, userId: string): Awaitable<UserLink | undefined>;
  /**
   * Replaces a link by what `apply` returns for the stored one, atomically: of two concurrent changes of a user, the
   * second sees the result of the first. `apply` may run more than once. Undefined: the link stays as it is.
   */
  change(tenant: string, userId: string, apply: (link: UserLink | undefined) => UserLink | undefined): Awaitable<void>;
}

/**
 * Keeps user links in memory: for tests, and for a single process that may lose them on restart.
 *
 * @example
 * import { memoryUserLinkStore } from 'express-scim/lifecycle';
 *
 * export const links = memoryUserLinkStore();
 */
export function memoryUserLinkStore(): UserLinkStore {
  const tenants = new Map<string, Map<string, UserLink>>();
  const managed = (tenant: string, connection: string): string[] =>
    [...(tenants.get(tenant)?.values() ?? [])]
      .filter((link) => managedBy(link) === connection)
      .map((link) => link.userId);
  return {
    get: (tenant, userId) => tenants.get(tenant)?.get(userId),
    change(tenant, userId, apply) {
      const links = tenants.get(tenant) ?? new Map<string, UserLink>();
      const next = apply(links.get(userId));
      if (next === undefined) return;
      links.set(userId, next);
      tenants.set(tenant, links);
    },
    count: (tenant, connection) => managed(tenant, connection).length,
    page: (tenant, connection, after, limit) =>
      managed(tenant, connection)
        .filter((id) => after === undefined || id > after)
        .sort((a, b) => (a < b ? -1 : 1))
        .slice(0, limit),
  };
}

/** The connection that manages a user; undefined for an unlinked and for a deleted user. */
export function managedBy({ connection, offboardedAt }: UserLink): string | undefined {
  return offboardedAt === undefined ? connection : undefined;
}

/**
 * Options of `userLinks`.
 *
 * @example
 * import { memoryUserLinkStore, type UserLinksOptions } from 'express-scim/lifecycle';
 *
 * export const options: UserLinksOptions = { store: memoryUserLinkStore(), connectionOf: () => 'default' };
 */
export interface UserLinksOptions {
  /** `memoryUserLinkStore()`, or `sqlUserLinkStore(db)` of `express-scim/sql`. */
  readonly store: UserLinkStore;
  /**
   * The connection that sent an event: a ConnectionStore, which finds it by its key, or a function. An event without a
   * connection links no user. Undefined for an app with one connection for each tenant: `'default'`.
   */
  readonly connectionOf?:
    | ((event: ChangeEvent) => Awaitable<string | undefined>)
    | { findKey(keyId: string): Awaitable<{ readonly connection: { readonly id: string } } | undefined | null> }
    | undefined;
}

/**
 * The object that `userLinks` returns.
 *
 * @example
 * import type { UserLinks } from 'express-scim/lifecycle';
 *
 * export const lock = (links: UserLinks, userId: string): Promise<void> =>
 *   links.suspend('acme', userId, { by: 'administrator', reason: 'Lost laptop' });
 */
export interface UserLinks {
  /** Pass it to `createScimRouter` or `dispatchOutbox`. Events may arrive more than once and in any order. */
  readonly onChange: (event: ChangeEvent) => Promise<void>;
  /** Suspends a user until `resume` is called. Neither the account nor the identity provider is asked. */
  suspend(
    tenant: string,
    userId: string,
    suspension: { readonly by: 'guard' | 'administrator'; readonly reason?: string | undefined },
  ): Promise<void>;
  /** Ends a suspension of `suspend`. Does nothing for a user who is not suspended. */
  resume(tenant: string, userId: string): Promise<void>;
}

const maxCachedKeys = 1_000;

/**
 * Records which connection manages which user, and who suspended a user: for `provisioningStatus` and
 * `connectionEnding`.
 *
 * A user is linked by the first change that a connection makes to it, whether it created the account or found it. If a
 * tenant has several connections, the one that last changed a user manages it.
 *
 * @example
 * import { createScimRouter, MemoryStore, type ScimRouterOptions } from 'express-scim';
 * import { memoryUserLinkStore, userLinks } from 'express-scim/lifecycle';
 *
 * declare const authenticate: ScimRouterOptions['authenticate'];
 * const links = userLinks({ store: memoryUserLinkStore() });
 * export const router = createScimRouter(new MemoryStore(), { authenticate, onChange: links.onChange });
 */
export function userLinks(options: UserLinksOptions): UserLinks {
  checkOptions(options, {
    of: 'userLinks',
    page: 'connections.md#which-users-it-manages',
    required: ['store'],
    kinds: { store: 'object', connectionOf: ['function', 'object'] },
  });
  const { store, connectionOf } = options;
  const connections = new BoundedMap<string>(maxCachedKeys);
  const find = async (event: ChangeEvent): Promise<string | undefined> => {
    if (connectionOf === undefined) return 'default';
    if (typeof connectionOf === 'function') return connectionOf(event);
    // A key never moves to another connection.
    const cached = connections.get(event.actor);
    if (cached !== undefined) return cached;
    const found = (await connectionOf.findKey(event.actor))?.connection.id;
    if (found !== undefined) connections.set(event.actor, found);
    return found;
  };
  return {
    async onChange(event) {
      if (event.resourceType !== 'User') return;
      const connection = await find(event);
      if (connection === undefined) return;
      const { tenant, resourceId: userId } = event;
      await store.change(tenant, userId, (link) => linkAfter(event, connection, link));
    },
    async suspend(tenant, userId, { by, reason }) {
      const suspended: Suspension = { by, reason, time: new Date().toISOString() };
      await store.change(tenant, userId, (link) => ({ ...(link ?? emptyLink(tenant, userId)), suspended }));
    },
    async resume(tenant, userId) {
      await store.change(tenant, userId, (link) =>
        link?.suspended === undefined ? undefined : { ...link, suspended: undefined },
      );
    },
  };
}

/** A link that every event is newer than. */
export function emptyLink(tenant: string, userId: string): UserLink {
  return { tenant, userId, time: '' };
}

/** @returns undefined where the event changes nothing, because a newer one is already applied */
function linkAfter(event: ChangeEvent, connection: string, link: UserLink | undefined): UserLink | undefined {
  const { tenant, resourceId, time } = event;
  const known = link ?? emptyLink(tenant, resourceId);
  // An ID is never used again: nothing that arrives after the deletion brings the user back.
  if (known.offboardedAt !== undefined) return undefined;
  if (event.type === 'user.deleted') return { ...known, connection, time, offboardedAt: time };
  const linked = time < known.time ? known : { ...known, connection, time };
  const state = stateAfter(event);
  if (state === undefined || time < (known.stateTime ?? '')) return linked === known ? undefined : linked;
  return { ...linked, stateTime: time, deactivated: state === 'active' ? undefined : { by: 'provider', time } };
}

function stateAfter(event: ChangeEvent): 'active' | 'inactive' | undefined {
  if (event.type === 'user.created') return isInactive(event) ? 'inactive' : 'active';
  if (event.type === 'user.deactivated') return 'inactive';
  return event.type === 'user.reactivated' ? 'active' : undefined;
}

function isInactive({ data }: ChangeEvent): boolean {
  const { after } = data as { readonly after?: { readonly active?: unknown } };
  return after?.active === false;
}

import { ForbiddenError } from '../../errors.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ProposedChange } from '../../hooks.js';
import type { Guard } from './guards.js';

/**
 * A proposed change, as `ownersLeft` receives it.
 *
 * @example
 * import type { RemainingOwnersQuery } from 'express-scim/lifecycle';
 *
 * const owners = ['u-1', 'u-2'];
 * export const ownersLeft = ({ without }: RemainingOwnersQuery): number =>
 *   owners.filter((id) => !without.includes(id)).length;
 */
export interface RemainingOwnersQuery {
  /** The ids of users who would no longer be owners. */
  readonly without: readonly string[];
  /** Set when the change affects only ownership through the group with this id. */
  readonly group?: string | undefined;
  /** Only with `group`: the group would have exactly these members. `without` is empty then. */
  readonly only?: readonly string[] | undefined;
}

/**
 * Options of `lastOwner`.
 *
 * @example
 * import type { LastOwnerOptions } from 'express-scim/lifecycle';
 *
 * export const options: LastOwnerOptions = { isOwner: (user) => user['title'] === 'owner', ownersLeft: () => 1 };
 */
export interface LastOwnerOptions {
  /** Whether a user with these attributes is an owner. Called with the current attributes and with the proposed ones. */
  isOwner(user: Attributes & { readonly id: string }, ctx: ScimContext): Awaitable<boolean>;
  /** The number of active owners that the tenant would have after the change. */
  ownersLeft(query: RemainingOwnersQuery, ctx: ScimContext): Awaitable<number>;
  /** The ids of groups whose members are owners. Default: none. */
  readonly groups?: readonly string[] | ((tenant: string) => Awaitable<readonly string[]>) | undefined;
}

/**
 * Refuses changes that would leave a tenant without an active owner: to deactivate, delete or demote the last owner, or
 * to remove the last owner from a group whose members are owners.
 *
 * The guard counts before the write. If two owners may leave concurrently, `ownersLeft` has to lock.
 *
 * The guard throws ForbiddenError (403).
 *
 * @example
 * import { lastOwner } from 'express-scim/lifecycle';
 *
 * const owners = ['u-1', 'u-2'];
 * export const beforeChange = lastOwner({
 *   isOwner: (user) => owners.includes(user.id),
 *   ownersLeft: ({ without }) => owners.filter((id) => !without.includes(id)).length,
 * });
 */
export function lastOwner(options: LastOwnerOptions): Guard {
  return async (change, ctx) => {
    const query = await affectedOwners(options, change, ctx);
    if (query === undefined || (await options.ownersLeft(query, ctx)) > 0) return;
    throw new ForbiddenError(
      'This would leave the organization without an active owner. Make somebody else an owner first.',
    );
  };
}

async function affectedOwners(
  options: LastOwnerOptions,
  change: ProposedChange,
  ctx: ScimContext,
): Promise<RemainingOwnersQuery | undefined> {
  const { id } = change;
  if (id === undefined) return undefined;
  if (change.resourceType === 'Group') return ownersLeavingGroup(options, change, id, ctx);
  if (change.resourceType !== 'User') return undefined;
  const current = await change.current();
  if (current === undefined || current['active'] === false) return undefined;
  if (!(await options.isOwner({ ...current, id }, ctx))) return undefined;
  const after = change.operation === 'delete' ? undefined : applied(current, change);
  const remainsOwner =
    after !== undefined && after['active'] !== false && (await options.isOwner({ ...after, id }, ctx));
  return remainsOwner ? undefined : { without: [id] };
}

async function ownersLeavingGroup(
  { groups }: LastOwnerOptions,
  change: ProposedChange,
  id: string,
  ctx: ScimContext,
): Promise<RemainingOwnersQuery | undefined> {
  const ownerGroups = typeof groups === 'function' ? await groups(ctx.tenant) : (groups ?? []);
  if (!ownerGroups.includes(id)) return undefined;
  if (change.operation === 'delete') return { without: [], group: id, only: [] };
  if (change.replaceMembers) return { without: [], group: id, only: change.addMembers };
  return change.removeMembers.length === 0 ? undefined : { without: change.removeMembers, group: id };
}

function applied(current: Attributes, { set, unset }: ProposedChange): Attributes {
  const kept = Object.entries(current).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(kept), ...set };
}

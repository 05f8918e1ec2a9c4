import { ForbiddenError } from '../../errors.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Awaitable } from '../../contract/awaitable.js';
import { describe } from '../../contract/describe.js';
import type { ScimContext } from '../../contract/context.js';
import type { WriteTransaction } from '../../contract/store.js';
import type { ProposedChange } from '../../hooks.js';
import { parseCount } from '../parse-count.js';
import type { Guard } from './guards.js';
import { checkOptions, usageError } from '../../contract/option-mistakes.js';

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
  /** The IDs of users who would no longer be owners. */
  readonly without: readonly string[];
  /** Set when the change affects only ownership through the group with this ID. */
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
  /**
   * Whether a user with these attributes is an owner. Called with the current attributes and with the proposed ones, ahead
   * of the write and, with `transaction`, inside it: read through its `handle` then.
   */
  isOwner(
    user: Attributes & { readonly id: string },
    ctx: ScimContext,
    transaction?: WriteTransaction,
  ): Awaitable<boolean>;
  /**
   * The number of active owners that the tenant would have after the change. Count through `transaction.handle`, if the
   * store has one.
   */
  ownersLeft(query: RemainingOwnersQuery, ctx: ScimContext, transaction: WriteTransaction): Awaitable<number>;
  /** The IDs of groups whose members are owners. Default: none. */
  readonly groups?: readonly string[] | ((tenant: string) => Awaitable<readonly string[]>) | undefined;
}

/**
 * Refuses changes that would leave a tenant without an active owner: to deactivate, delete or demote the last owner, or
 * to remove the last owner from a group whose members are owners.
 *
 * The guard counts inside the write, while no other guarded write of the tenant is under way: of two last owners who leave
 * at the same time, one stays.
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
  checkOptions(options, {
    of: 'lastOwner',
    page: 'lifecycle.md#guards',
    required: ['isOwner', 'ownersLeft'],
    kinds: { isOwner: 'function', ownersLeft: 'function', groups: ['list', 'function'] },
  });
  return async (change, ctx) => {
    const { id } = change;
    if (id === undefined) return undefined;
    if (change.resourceType === 'Group') {
      const query = await ownersLeavingGroup(options, change, id, ctx);
      return query && { before: (transaction) => requireOwners(options, query, ctx, transaction) };
    }
    if (change.resourceType !== 'User') return undefined;
    const current = await change.current();
    if (current === undefined || current['active'] === false) return undefined;
    const leaves = change.operation === 'delete' || change.set['active'] === false;
    // Whoever only changes must be an owner by now to lose that. Whoever leaves may become one until the write.
    if (!leaves && !(await losesOwnership(options, change, { ...current, id }, ctx))) return undefined;
    return {
      async before(transaction) {
        const isOwner = await options.isOwner({ ...current, id }, ctx, transaction);
        if (isOwner) await requireOwners(options, { without: [id] }, ctx, transaction);
      },
    };
  };
}

async function requireOwners(
  options: LastOwnerOptions,
  query: RemainingOwnersQuery,
  ctx: ScimContext,
  transaction: WriteTransaction,
): Promise<void> {
  const left: unknown = await options.ownersLeft(query, ctx, transaction);
  if (parseCount(left, 'lastOwner: ownersLeft') > 0) return;
  throw new ForbiddenError(
    'This would leave the organization without an active owner. Make another user an owner first.',
  );
}

/** Whether an owner would be none after a change of other attributes than `active`. */
async function losesOwnership(
  { isOwner }: LastOwnerOptions,
  change: ProposedChange,
  current: Attributes & { readonly id: string },
  ctx: ScimContext,
): Promise<boolean> {
  if (!(await isOwner(current, ctx))) return false;
  return !(await isOwner({ ...applied(current, change), id: current.id }, ctx));
}

async function ownersLeavingGroup(
  { groups }: LastOwnerOptions,
  change: ProposedChange,
  id: string,
  ctx: ScimContext,
): Promise<RemainingOwnersQuery | undefined> {
  const ownerGroups: unknown = typeof groups === 'function' ? await groups(ctx.tenant) : (groups ?? []);
  if (!Array.isArray(ownerGroups)) {
    const mistake = `groups returned ${describe(ownerGroups)}; return a list of IDs of groups`;
    throw usageError('lastOwner', mistake, 'lifecycle.md#guards');
  }
  if (!ownerGroups.includes(id)) return undefined;
  if (change.operation === 'delete') return { without: [], group: id, only: [] };
  if (change.replaceMembers) return { without: [], group: id, only: change.addMembers };
  return change.removeMembers.length === 0 ? undefined : { without: change.removeMembers, group: id };
}

function applied(current: Attributes, { set, unset }: ProposedChange): Attributes {
  const kept = Object.entries(current).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(kept), ...set };
}

import { ForbiddenError } from '../../errors.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ProposedChange } from '../../hooks.js';
import type { Guard } from './guards.js';

/** Who would be left: active owners when the change is made. */
export interface OwnersQuestion {
  /** These users are owners no longer. */
  readonly without: readonly string[];
  /** Set where it is about ownership through this group alone. */
  readonly group?: string | undefined;
  /** With `group`: afterwards its members are exactly these, and `without` is empty. */
  readonly only?: readonly string[] | undefined;
}

/** Options of `lastOwner`. */
export interface LastOwnerOptions {
  /** Whether a user is an owner with these attributes: asked of what is, and of what would be. `user.id` is there. */
  isOwner(user: Attributes & { readonly id: string }, ctx: ScimContext): Awaitable<boolean>;
  /** How many active owners the tenant would have. */
  ownersLeft(question: OwnersQuestion, ctx: ScimContext): Awaitable<number>;
  /** Ids of groups whose members are owners. Default: none. */
  readonly groups?: readonly string[] | ((tenant: string) => Awaitable<readonly string[]>) | undefined;
}

/**
 * Refuses what would leave a tenant without an active owner: deactivating, deleting or demoting the last one, or taking
 * the last one out of a group that makes owners.
 *
 * It asks and then writes: where two owners may go in the same moment, `ownersLeft` has to lock.
 *
 * @throws ForbiddenError (403)
 */
export function lastOwner(options: LastOwnerOptions): Guard {
  return async (change, ctx) => {
    const question = await whoWouldGo(options, change, ctx);
    if (question === undefined || (await options.ownersLeft(question, ctx)) > 0) return;
    throw new ForbiddenError(
      'This would leave the organization without an active owner. Make somebody else an owner first.',
    );
  };
}

async function whoWouldGo(
  options: LastOwnerOptions,
  change: ProposedChange,
  ctx: ScimContext,
): Promise<OwnersQuestion | undefined> {
  const { id } = change;
  if (id === undefined) return undefined;
  if (change.resourceType === 'Group') return whoLeavesTheGroup(options, change, id, ctx);
  if (change.resourceType !== 'User') return undefined;
  const current = await change.current();
  if (current === undefined || current['active'] === false) return undefined;
  if (!(await options.isOwner({ ...current, id }, ctx))) return undefined;
  const after = change.operation === 'delete' ? undefined : changed(current, change);
  const stays = after !== undefined && after['active'] !== false && (await options.isOwner({ ...after, id }, ctx));
  return stays ? undefined : { without: [id] };
}

async function whoLeavesTheGroup(
  { groups }: LastOwnerOptions,
  change: ProposedChange,
  id: string,
  ctx: ScimContext,
): Promise<OwnersQuestion | undefined> {
  const owning = typeof groups === 'function' ? await groups(ctx.tenant) : (groups ?? []);
  if (!owning.includes(id)) return undefined;
  if (change.operation === 'delete') return { without: [], group: id, only: [] };
  if (change.replaceMembers) return { without: [], group: id, only: change.addMembers };
  return change.removeMembers.length === 0 ? undefined : { without: change.removeMembers, group: id };
}

function changed(current: Attributes, { set, unset }: ProposedChange): Attributes {
  const kept = Object.entries(current).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(kept), ...set };
}

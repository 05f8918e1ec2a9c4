import { KeyedLocks } from '../../contract/keyed-locks.js';
import type { ScimContext } from '../../contract/context.js';
import type { ChangeEvent } from '../../contract/event.js';
import type { WriteTransaction } from '../../contract/store.js';
import type { ChangeCheck, ProposedChange } from '../../hooks.js';
import type { Guard } from '../guards/guards.js';
import { Directory, type RightsUser } from './directory.js';
import { followEvent } from './follow-event.js';
import { checkOfGroup } from './group-check.js';
import { type AccessRightsOptions, checkAccessRightsOptions, storeOf } from './options.js';
import { Reconciliation, type ReconciliationScope } from './reconciliation.js';
import type { UserRights } from './rights.js';
import { type RightsRun, type RightsRunOptions, runForTenant } from './run.js';
import { runContext } from './run-context.js';

/**
 * Keeps the roles of users consistent with their groups. See `accessRights`.
 *
 * @example
 * import type { AccessRights } from 'express-scim/lifecycle';
 *
 * export async function explain(rights: AccessRights, userId: string): Promise<string[]> {
 *   const user = await rights.of('acme', userId);
 *   return user?.roles.map(({ role, sources }) => `${role}: ${sources.map(({ kind }) => kind).join(', ')}`) ?? [];
 * }
 */
export interface AccessRights {
  /**
   * Reconciles rights inside the write that changes them: put it last in `guards`. If the store runs no checks
   * (`supports.checks`), it does nothing, and `onChange` follows the write.
   */
  readonly guard: Guard;
  /**
   * Reconciles rights after a write: pass it to `options.onChange`, or call it in `deliver` of `dispatchOutbox`. If
   * the guard has already done so, it does nothing. It is idempotent.
   */
  readonly onChange: (event: ChangeEvent) => Promise<void>;
  /** The rights of a user as they should be now, with their sources; undefined if there is no such user. */
  readonly of: (tenant: string, userId: string) => Promise<UserRights | undefined>;
  /**
   * Reconciles all users of a tenant: after its mapping, your roles or `exists` have changed. Each page of users is read
   * and written in one transaction, while no other write changes the rights of the tenant. It stops after `maxUsers`, or
   * when `signal` aborts, and can continue from `after` of the result.
   */
  readonly run: (tenant: string, options?: RightsRunOptions) => Promise<RightsRun>;
  /** Reconciles single users: after a role was given or removed manually. IDs that are not users are omitted. */
  readonly reconcile: (tenant: string, userIds: readonly string[]) => Promise<void>;
}

/**
 * Gives users the roles of their groups.
 *
 * Memberships, nested ones included, become the complete desired state of each user's roles, with the source of each role.
 * `reconcile` gets it whenever it may have changed: members come or go, a group is deleted, a user is deactivated,
 * reactivated or deleted. It runs inside the transaction of that write if the store has one, so that a fault leaves
 * neither the membership nor the role. Groups are named by their IDs, never by names, which identity providers change.
 *
 * @throws TypeError that says which option is wrong
 * @example
 * import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
 * import { accessRights, guards, memoryRoleMappings } from 'express-scim/lifecycle';
 *
 * const store = new MemoryStore();
 * const roles = new Map<string, readonly string[]>();
 *
 * export const rights = accessRights({
 *   store: () => store,
 *   map: memoryRoleMappings(),
 *   exists: (role) => ['viewer', 'editor', 'owner'].includes(role),
 *   ceiling: { forbidden: ['owner'] },
 *   reconcile(users) {
 *     for (const { userId, roles: granted } of users) roles.set(userId, granted.map(({ role }) => role));
 *   },
 * });
 *
 * export const router = createScimRouter(store, {
 *   authenticate: connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }]),
 *   beforeChange: guards(rights.guard),
 * });
 */
export function accessRights(options: AccessRightsOptions): AccessRights {
  const { withinWrites } = checkAccessRightsOptions(options);
  const locks = new KeyedLocks();
  const begin = (
    ctx: ScimContext,
    transaction: WriteTransaction | undefined,
    more: Pick<ReconciliationScope, 'users'> & { readonly change?: ConstructorParameters<typeof Directory>[2] } = {},
  ): Reconciliation => {
    const directory = new Directory(storeOf(options, transaction), ctx, more.change);
    return new Reconciliation(options, { tenant: ctx.tenant, directory, transaction, users: more.users });
  };
  const run = (tenant: string, runOptions: RightsRunOptions = {}): Promise<RightsRun> =>
    runForTenant({ options, withinWrites, locks, begin }, tenant, runOptions);
  return {
    async guard(change, ctx) {
      if (!withinWrites) return undefined;
      if (change.resourceType === 'Group') {
        return checkOfGroup(change, (transaction, membershipChange) =>
          begin(ctx, transaction, { change: membershipChange }),
        );
      }
      return change.resourceType === 'User' ? checkOfUser(change, ctx, begin) : undefined;
    },
    async onChange(event) {
      if (withinWrites) return;
      const { tenant } = event;
      const ctx = runContext(tenant);
      // Who was in a deleted group is not known any more.
      if (event.type === 'group.deleted') await run(tenant);
      else await locks.run(tenant, () => followEvent(event, () => begin(ctx, undefined)));
    },
    of: async (tenant, userId) => (await begin(runContext(tenant), undefined).rightsOf([userId]))[0],
    run,
    async reconcile(tenant, userIds) {
      await runForTenant({ options, withinWrites, locks, begin }, tenant, { userIds });
    },
  };
}

type Begin = (
  ctx: ScimContext,
  transaction: WriteTransaction | undefined,
  more?: Pick<ReconciliationScope, 'users'>,
) => Reconciliation;

/** The check of a write that deactivates, reactivates or deletes a user. */
async function checkOfUser(change: ProposedChange, ctx: ScimContext, begin: Begin): Promise<ChangeCheck | undefined> {
  const { id } = change;
  // A user who is created is in no group.
  if (id === undefined) return undefined;
  const isDeletion = change.operation === 'delete';
  if (!isDeletion && change.set['active'] === undefined && !change.unset.includes('active')) return undefined;
  const user: RightsUser = { active: change.set['active'] !== false };
  if (!isDeletion) {
    const current = await change.current();
    if (current === undefined || (current['active'] !== false) === user.active) return undefined;
  }
  return {
    before: takeLock,
    async after(result, transaction) {
      if (isDeletion) return begin(ctx, transaction).reconcileDeleted(id);
      if (result.changed) await begin(ctx, transaction, { users: new Map([[id, user]]) }).reconcileUsers([id]);
    },
  };
}

/** A check with a `before` runs alone in its tenant, so that two writes cannot work out the rights of a user at once. */
function takeLock(): void {
  // The store takes the lock.
}

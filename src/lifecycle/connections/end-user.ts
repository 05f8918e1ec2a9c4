import { setTimeout as sleep } from 'node:timers/promises';
import type { Attributes } from '../../contract/attribute.js';
import { type Awaitable, isThenable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ChangeEvent } from '../../contract/event.js';
import { callHook } from '../../contract/hook-source.js';
import type { User } from '../../contract/resource.js';
import type { UserStore, WriteResult } from '../../contract/store.js';
import { isKept } from '../../contract/supports.js';
import { isScimError } from '../../errors.js';
import type { ChangeCheck, ProposedChange } from '../../hooks.js';
import { userSchema } from '../../schema/core/user.js';
import { compileResourceType } from '../../schema/resource-type.js';
import { changeEvents } from '../events/change-events.js';
import type { Guard } from '../guards/guards.js';
import { checkOutcome, parseCheck } from '../guards/parse-check.js';
import type { FateOfUsers } from './ending-jobs.js';

/** What ending a connection did to a user. `gone`: there is no such user any more. */
export type EndedUser = { readonly kind: 'ended' | 'gone' } | { readonly kind: 'refused'; readonly reason: string };

/** Where users are changed, and who is asked and told. */
export interface UserChanges {
  readonly store: UserStore;
  /** May refuse a user: what it throws with a status of 4xx. */
  readonly guard: Guard | undefined;
  /** Called after a write, where the store has no outbox. */
  readonly onChange: ((event: ChangeEvent) => Awaitable<void>) | undefined;
}

const maxAttempts = 8;
const noAttributes: ReadonlySet<string> = new Set();

/** Events show a user by the core schema: it has every attribute that is never returned. */
const userType = compileResourceType({ name: 'User', endpoint: '/Users', schema: userSchema });

interface Intended {
  readonly operation: 'patch' | 'delete';
  readonly set: Attributes;
  readonly unset: readonly string[];
}

/**
 * Does to one user what the end of its connection asks for. It may be called again for a user that is done.
 *
 * @throws what the store or `onChange` throws, and what the guard throws with a status of 5xx: call it again later
 */
export async function endUser(
  changes: UserChanges,
  id: string,
  fate: FateOfUsers,
  ctx: ScimContext,
): Promise<EndedUser> {
  const intended = intendedFor(fate, changes.store);
  if (intended === undefined) return { kind: 'ended' };
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await write(changes, id, intended, ctx);
      if (result === undefined) return { kind: 'gone' };
      // At least once: a crash after the write and before this loses the events of a store without an outbox.
      if (changes.store.supports?.outbox !== true) {
        for (const event of eventsOf(intended, result, ctx)) {
          await callHook('connectionEnding.onChange', () => changes.onChange?.(event));
        }
      }
      return { kind: 'ended' };
    } catch (error) {
      if (!isScimError(error)) throw error;
      if (error.code === 'SCIM_VERSION_MISMATCH' && attempt < maxAttempts) {
        await sleep(Math.random() * 2 ** attempt);
        continue;
      }
      if (error.status < 500 && error.code !== 'SCIM_VERSION_MISMATCH')
        return { kind: 'refused', reason: error.message };
      throw error;
    }
  }
}

/** @returns undefined where there is nothing to change in the store */
function intendedFor(fate: FateOfUsers, store: UserStore): Intended | undefined {
  switch (fate) {
    case 'keep':
      if (!isKept(store.supports, 'externalId')) return undefined;
      return { operation: 'patch', set: {}, unset: ['externalId'] };
    case 'deactivate':
      return { operation: 'patch', set: { active: false }, unset: [] };
    case 'off-board':
      return { operation: 'delete', set: {}, unset: [] };
  }
}

async function write(
  { store, guard }: UserChanges,
  id: string,
  intended: Intended,
  ctx: ScimContext,
): Promise<WriteResult<User> | undefined> {
  const { operation, set, unset } = intended;
  let seen: string | undefined;
  const change: ProposedChange = {
    ...{ operation, resourceType: 'User', id, set, unset },
    ...{ addMembers: [], removeMembers: [], replaceMembers: false, links: false },
    async current() {
      const current = await store.get(id, allAttributes, ctx);
      seen = current?.meta.version;
      return current as Attributes | undefined;
    },
  };
  const check = await checkOf(guard, change, ctx);
  const inStore = store.supports?.checks === true;
  if (!inStore && check?.after !== undefined) {
    throw new Error('The guard returned a check with `after`, which needs a store with `supports.checks: true`.');
  }
  try {
    // As in the router: a store that runs no checks gets `before` ahead of the write.
    if (!inStore) await check?.before?.({ handle: undefined });
    const common = {
      ifVersion: seen,
      caseExact: userType.caseExact,
      events: (result: WriteResult<User>) => eventsOf(intended, result, ctx),
      check: inStore ? check : undefined,
    };
    const written =
      operation === 'delete'
        ? store.delete(id, common as Parameters<UserStore['delete']>[1], ctx)
        : store.update(
            id,
            {
              ...common,
              set,
              unset: unset as (keyof User & string)[],
              keys: unset.includes('externalId') ? { externalId: null } : {},
              selection: noAttributes,
            } as Parameters<UserStore['update']>[1],
            ctx,
          );
    return isThenable(written) ? await written : written;
  } catch (error) {
    try {
      await check?.failed?.(error);
    } catch {
      // The error of the write decides whether the user is refused or the job is retried.
    }
    throw error;
  }
}

/** What the guard wants inside the write. As in the router, `false` is a refusal, and an object that is no check an error. */
async function checkOf(
  guard: Guard | undefined,
  change: ProposedChange,
  ctx: ScimContext,
): Promise<ChangeCheck | undefined> {
  const check = await callHook('connectionEnding.guard', async () =>
    parseCheck(await guard?.(change, ctx), 'connectionEnding: guard', noReport),
  );
  if (check === undefined) return undefined;
  const { before, after, failed } = check;
  return {
    ...(before && {
      before: (transaction) =>
        callHook('connectionEnding.guard.before', async () =>
          checkOutcome(await before.call(check, transaction), 'connectionEnding: before of a check', noReport),
        ),
    }),
    ...(after && {
      after: (result, transaction) =>
        callHook('connectionEnding.guard.after', async () =>
          checkOutcome(await after.call(check, result, transaction), 'connectionEnding: after of a check', noReport),
        ),
    }),
    ...(failed && { failed: (error) => failed.call(check, error) }),
  };
}

/** A refusal is listed in the job. */
const noReport = (): void => undefined;

const allAttributes: ReadonlySet<string> = new Set(
  [...userType.attributes].map(({ name }) => name).filter((name) => name !== 'groups'),
);

function eventsOf(intended: Intended, result: WriteResult<User>, ctx: ScimContext): readonly ChangeEvent[] {
  const operation = intended.operation === 'delete' ? 'delete' : 'patch';
  return changeEvents(userType, { ...intended, operation }, result as unknown as WriteResult<Attributes>, {
    ...contextOf(ctx),
    quirks: [],
  });
}

function contextOf({ tenant, actor, requestId, signal }: ScimContext): ScimContext {
  return { tenant, actor, requestId, signal };
}

import { afterDeadline } from '../contract/after-deadline.js';
import type { Attributes } from '../contract/attribute.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import type { Stored } from '../contract/resource.js';
import type { MemberChange, WriteCheck, WriteResult, WriteTransaction } from '../contract/store.js';
import { callHook } from '../contract/hook-source.js';
import { VersionMismatchError } from '../errors.js';
import type { Access, ChangeCheck, ProposedChange, RequestedChange } from '../hooks.js';
import { checkOutcome, parseCheck, type ReportFalse } from '../lifecycle/guards/parse-check.js';
import { bounded, boundedHook, type Call } from './call.js';
import { notFound } from './read.js';

/** A change for the hooks, before what they read of it is added. */
export type Proposal = Access & {
  readonly set: Attributes;
  readonly unset: readonly string[];
  readonly members: MemberChange | undefined;
  /** True where the library links an account. Default false. */
  readonly links?: boolean | undefined;
};

/** What the hooks have decided about a write that is not made yet. */
export interface HookDecision {
  /** The version that the write must still find, where `beforeChange` called `current()`. */
  readonly seenVersion: string | undefined;
  /** What has to run inside the write. */
  readonly check: ChangeCheck | undefined;
}

const noHooks: HookDecision = { seenVersion: undefined, check: undefined };

/**
 * Runs `options.beforeChange`, which refuses a change by throwing, and collects what the hooks want inside the write.
 *
 * @param current the resource, where it was read already
 */
export function decideBeforeWrite(
  call: Call,
  proposal: Proposal,
  current: Stored<Attributes> | undefined,
): Awaitable<HookDecision> {
  const { beforeChange, withinWrite } = call.service;
  return beforeChange === undefined && withinWrite === undefined ? noHooks : runHooks(call, proposal, current);
}

async function runHooks(
  call: Call,
  proposal: Proposal,
  current: Stored<Attributes> | undefined,
): Promise<HookDecision> {
  const { service, served, ctx } = call;
  const { members, links = false, ...access } = proposal;
  const change: RequestedChange = {
    ...access,
    addMembers: members?.add.map((member) => member.value) ?? [],
    removeMembers: members?.remove ?? [],
    replaceMembers: members?.only ?? false,
    links,
  };
  let seen: Promise<Stored<Attributes> | undefined> | undefined;
  let hasDecided = false;
  const read = async (id: string): Promise<Stored<Attributes> | undefined> => {
    // Inside a transaction this would take a second connection, and what it reads would be compared with nothing.
    if (hasDecided) throw new Error('Call change.current() before beforeChange returns a check, not inside the check.');
    return current ?? (await bounded(call, served.store.get(id, served.fullSelection, ctx)));
  };
  const proposed: ProposedChange = {
    ...change,
    current: () => (proposal.id === undefined ? undefined : (seen ??= read(proposal.id))),
  };
  const returned: unknown =
    service.beforeChange && (await boundedHook(call, 'beforeChange', () => service.beforeChange?.(proposed, ctx)));
  const check = parseCheck(returned, 'beforeChange', reportFalse(call, 'beforeChange'));
  hasDecided = true;
  return { seenVersion: (await seen)?.meta.version, check: withHook(call, change, check && named(check)) };
}

function reportFalse({ service, ctx }: Call, option: string): ReportFalse {
  return (sentence) => {
    service.reportOnce(sentence, option, ctx);
  };
}

/** The check, so that what its parts throw is logged with their names. */
function named(check: ChangeCheck): ChangeCheck {
  return {
    ...(check.before && {
      before: (transaction) => callHook('beforeChange.before', () => check.before?.(transaction)),
    }),
    ...(check.after && {
      after: (result, transaction) => callHook('beforeChange.after', () => check.after?.(result, transaction)),
    }),
    ...(check.failed && { failed: (error) => check.failed?.(error) }),
  };
}

/** The check, with `options.withinWrite` behind its own `after`. */
function withHook(call: Call, change: RequestedChange, check: ChangeCheck | undefined): ChangeCheck | undefined {
  const { withinWrite } = call.service;
  if (withinWrite === undefined) return check;
  return {
    ...(check?.before && { before: (transaction) => check.before?.(transaction) }),
    ...(check?.failed && { failed: (error) => check.failed?.(error) }),
    async after(result, transaction) {
      checkOutcome(await check?.after?.(result, transaction), 'after of a check', reportFalse(call, 'beforeChange'));
      if (!result.changed) return;
      const outcome = await callHook('withinWrite', () => withinWrite(change, result, transaction, call.ctx));
      checkOutcome(outcome, 'withinWrite', reportFalse(call, 'withinWrite'));
    },
  };
}

/** Which resource a write needs unchanged. */
export interface WriteTarget {
  /** Undefined for a creation. */
  readonly id: string | undefined;
  readonly ifVersion: string | undefined;
}

/**
 * Makes a write with one store call, with the check of the hooks inside it.
 *
 * A store that runs no checks gets none: `before` then runs ahead of the call, while no other checked write of the tenant
 * runs in this process.
 *
 * @param write the store call; its result is undefined where there is no such resource
 */
export function writeWithCheck<T>(
  call: Call,
  check: ChangeCheck | undefined,
  target: WriteTarget,
  write: (check: WriteCheck<Attributes> | undefined) => Awaitable<T>,
): Awaitable<T> {
  return bounded(call, check === undefined ? write(undefined) : runChecked(call, check, target, write));
}

async function runChecked<T>(
  call: Call,
  check: ChangeCheck,
  target: WriteTarget,
  write: (check: WriteCheck<Attributes> | undefined) => Awaitable<T>,
): Promise<T> {
  try {
    const isInStore = call.served.store.supports?.checks === true;
    const result = await (isInStore ? write(bound(call, check)) : runInProcess(call, check, target, write));
    if (result === undefined) await reportFailure(call, check, notFound(call));
    return result;
  } catch (error) {
    await reportFailure(call, check, error);
    throw error;
  }
}

async function runInProcess<T>(
  call: Call,
  check: ChangeCheck,
  { id, ifVersion }: WriteTarget,
  write: (check: WriteCheck<Attributes> | undefined) => Awaitable<T>,
): Promise<T> {
  const { service, served, ctx } = call;
  if (check.after !== undefined) {
    throw new Error('beforeChange returned a check with `after`, which needs a store with `supports.checks: true`.');
  }
  const { before } = bound(call, check);
  if (before === undefined) return write(undefined);
  return service.locks.run(ctx.tenant, async () => {
    // As a store with checks does: `before` relies on what `change.current()` returned.
    if (id !== undefined && ifVersion !== undefined) {
      const current = await bounded(call, served.store.get(id, new Set(), ctx));
      if (current !== undefined && current.meta.version !== ifVersion) throw new VersionMismatchError();
    }
    await before({ handle: undefined });
    return write(undefined);
  });
}

/** The check for the store: each part ends with the request, so that no hook holds a lock for longer. */
function bound(call: Call, check: ChangeCheck): WriteCheck<Attributes> {
  const timed = async (part: 'before' | 'after', run: () => Awaitable<unknown>): Promise<void> => {
    if (performance.now() >= call.ctx.deadline) throw afterDeadline();
    const running = run();
    const look = (outcome: unknown): void => {
      checkOutcome(outcome, `${part} of a check`, reportFalse(call, 'beforeChange'));
    };
    if (!isThenable(running)) {
      look(running);
      return;
    }
    let isRunning = true;
    const done = running.then(
      (outcome: unknown) => {
        isRunning = false;
        return outcome;
      },
      (error: unknown) => {
        isRunning = false;
        throw error;
      },
    );
    try {
      look(await bounded(call, done));
    } catch (error) {
      if (isRunning) {
        const late = new Error(`\`${part}\` of a check did not end in time. ${hint}`);
        call.service.onError(late, call.ctx, call.ctx.requestId, `beforeChange.${part}`);
      }
      throw error;
    }
  };
  return {
    ...(check.before && {
      before: (transaction: WriteTransaction) => timed('before', () => check.before?.(transaction)),
    }),
    ...(check.after && {
      after: (result: WriteResult<Attributes>, transaction: WriteTransaction) =>
        timed('after', () => check.after?.(result, transaction)),
    }),
  };
}

const hint =
  'It must use transaction.handle for every statement: another connection may wait for the transaction that waits for it.';

/** The write has failed already: what `failed` throws goes to `onError`. */
async function reportFailure({ service, ctx }: Call, check: ChangeCheck, cause: unknown): Promise<void> {
  try {
    await check.failed?.(cause);
  } catch (error) {
    service.onError(error, ctx, ctx.requestId, 'beforeChange.failed');
  }
}

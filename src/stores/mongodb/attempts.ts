import { setTimeout as sleep } from 'node:timers/promises';
import { refuseAfterDeadline } from '../../contract/after-deadline.js';
import type { ScimContext } from '../../contract/context.js';
import { UnavailableError } from '../../errors.js';
import type { KeyedLocks } from '../../contract/keyed-locks.js';
import type { TenantScope } from './document.js';
import { conflictOf, isDuplicate } from './unique-keys.js';

/** What an attempt at a write has done. */
export interface Written<T> {
  readonly result: T;
  /** What remains to be done after the commit. @returns the final result */
  settle?(): Promise<T>;
}

/** What is written. */
export interface WriteTarget {
  /** Undefined for a creation. */
  readonly id: string | undefined;
  /** Name of the resource type. */
  readonly type: string;
  /** The unique keys that are written. */
  readonly keys: Readonly<Record<string, string | null>>;
  readonly scope: TenantScope;
  /** The request that writes. */
  readonly ctx: Pick<ScimContext, 'signal'>;
  /** Where the write must not be repeated without its version: those of this process wait for each other. */
  readonly locks: KeyedLocks | undefined;
}

/** How often a write is repeated that another write of the same resource came before. */
const maxAttempts = 40;

/**
 * Makes attempts at a write until one is not overtaken by another write.
 *
 * @param attempt returns undefined where another write came first, and nothing was written
 * @throws ConflictError when one of the keys is taken
 * @throws UnavailableError when too many clients change the resource, or at the deadline of the request
 */
export async function repeatWrite<T>(
  target: WriteTarget,
  attempt: (n: number) => Promise<Written<T> | undefined>,
): Promise<T> {
  const { id, locks, scope, ctx } = target;
  const repeated = async (): Promise<T> => {
    for (let n = 0; n < maxAttempts; n++) {
      refuseAfterDeadline(ctx);
      const written = await attemptOnce(target, () => attempt(n));
      if (written !== undefined) return written.settle === undefined ? written.result : written.settle();
      await sleep(Math.random() * Math.min(100, 2 ** n));
    }
    throw new UnavailableError(1, 'Too many clients are changing this resource; try again.');
  };
  return locks === undefined || id === undefined ? repeated() : locks.run(`${scope.tenant} ${id}`, repeated);
}

async function attemptOnce<T>(
  { id = '', type, keys, scope }: WriteTarget,
  attempt: () => Promise<Written<T> | undefined>,
): Promise<Written<T> | undefined> {
  try {
    return await attempt();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    const conflict = await conflictOf(id, type, keys, scope);
    if (conflict !== undefined) throw conflict;
    return undefined;
  }
}

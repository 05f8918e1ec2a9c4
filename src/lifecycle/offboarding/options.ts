import type { Awaitable } from '../../contract/awaitable.js';
import type { OffboardingHandler, OffboardingPolicy, UserDetails } from './handlers.js';
import type { OffboardingTask, OffboardingTaskStore } from './tasks.js';
import type { TombstoneStore } from './tombstones.js';
import { checkOptions, type OptionRules } from '../../contract/option-mistakes.js';
import { isObject } from '../../contract/is-object.js';

/**
 * Options of `offboarding`. All durations are in milliseconds.
 *
 * @example
 * import { memoryOffboardingTaskStore, type OffboardingOptions } from 'express-scim/lifecycle';
 *
 * export const options: OffboardingOptions = {
 *   handlers: [{ name: 'sessions', heldBy: () => [], apply: () => undefined }],
 *   policy: { sessions: 'revoke' },
 *   store: memoryOffboardingTaskStore(),
 * };
 */
export interface OffboardingOptions {
  /** One handler for each kind of item that users hold. */
  readonly handlers: readonly OffboardingHandler[];
  /** What happens to the items: exactly one entry for each handler. */
  readonly policy: OffboardingPolicy;
  /** `memoryOffboardingTaskStore()`, or `sqlOffboardingTaskStore(db)` of `express-scim/sql`. */
  readonly store: OffboardingTaskStore;
  /**
   * Remembers deleted users: `memoryTombstoneStore()`, or `sqlTombstoneStore(db)` of `express-scim/sql`. Default: none, so
   * that a deleted user who returns is a new user.
   */
  readonly tombstones?: TombstoneStore | undefined;
  /**
   * Looks up details of a user in your app, such as the manager for `transfer`. Default: the details in the event of a
   * deletion, and none for a deactivation.
   */
  readonly user?: ((tenant: string, id: string) => Awaitable<UserDetails | undefined>) | undefined;
  /** How often `start` looks for due tasks. Default 5,000. */
  readonly intervalMilliseconds?: number | undefined;
  /** How long one call of a handler may take. Default 30,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Delay after the first failure; it doubles after each further one. Default 1,000. */
  readonly firstRetryMilliseconds?: number | undefined;
  /** Longest delay between two attempts. Default 3,600,000 (one hour). Off-boarding never gives up. */
  readonly maxRetryMilliseconds?: number | undefined;
  /**
   * Called with the error of each failed attempt. `hook` names the function of your app that failed, such as `offboarding.handlers["assets"].apply`.
   * Default: the message is only stored in the task's `error`.
   */
  readonly onError?:
    ((error: unknown, task: OffboardingTask | undefined, hook: string | undefined) => void) | undefined;
  /** Current time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** @throws TypeError that names every mistake */
export function checkOffboardingOptions(options: unknown): void {
  checkOptions(options, rules, ({ handlers, policy }) =>
    Array.isArray(handlers) && isObject(policy) ? mistakesOfHandlers(handlers, policy) : [],
  );
}

const rules: OptionRules<keyof OffboardingOptions> = {
  of: 'offboarding',
  page: 'lifecycle.md#off-boarding',
  required: ['handlers', 'policy', 'store'],
  kinds: {
    handlers: 'list',
    policy: 'object',
    store: 'object',
    tombstones: 'object',
    user: 'function',
    intervalMilliseconds: 'number',
    timeoutMilliseconds: 'number',
    firstRetryMilliseconds: 'number',
    maxRetryMilliseconds: 'number',
    onError: 'function',
    clock: 'function',
  },
};

function mistakesOfHandlers(
  handlers: readonly unknown[],
  policy: Readonly<Record<string, unknown>>,
): readonly string[] {
  const mistakes: string[] = [];
  const names = new Set<string>();
  handlers.forEach((handler, index) => {
    const { name, heldBy, apply } = isObject(handler) ? handler : {};
    if (typeof name !== 'string' || typeof heldBy !== 'function' || typeof apply !== 'function') {
      mistakes.push(`handlers[${String(index)}] must be an object with name, heldBy and apply`);
    } else if (names.has(name)) {
      mistakes.push(`two handlers have the name ${name}: give each handler a name of its own`);
    } else names.add(name);
  });
  const missing = [...names].filter((name) => !Object.hasOwn(policy, name));
  if (missing.length > 0) mistakes.push(`policy has no entry for ${missing.join(', ')}: add one, such as 'keep'`);
  const unknown = Object.keys(policy).filter((name) => !names.has(name));
  if (unknown.length > 0) mistakes.push(`policy names ${unknown.join(', ')}, but no handler has that name`);
  return mistakes;
}

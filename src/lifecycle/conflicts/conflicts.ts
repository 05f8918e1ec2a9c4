import type { Awaitable } from '../../contract/awaitable.js';
import { usageError } from '../../contract/option-mistakes.js';

/**
 * A decision that waits for an administrator. The settings panel lists conflicts.
 *
 * @example
 * import type { Conflict } from 'express-scim/lifecycle';
 *
 * export const isWaiting = (conflict: Conflict): boolean => conflict.decision === undefined;
 */
export interface Conflict {
  readonly id: string;
  readonly tenant: string;
  /** When it was added, as an RFC 3339 timestamp. */
  readonly time: string;
  /** `adopt`: which account belongs to a new user. `mass-deactivation`: whether so many users may be deactivated. */
  readonly kind: 'adopt' | 'mass-deactivation';
  /** Identifies the conflict: however often a client repeats its request, one conflict waits. */
  readonly fingerprint: string;
  /** One sentence for the administrator. */
  readonly summary: string;
  /** The accounts that `action: 'link'` may name; empty for a mass deactivation. */
  readonly candidates: readonly ConflictCandidate[];
  /** Attributes of the resource that the client sent, for display. Personal data: show it to administrators only. */
  readonly resource?: Readonly<Record<string, string>> | undefined;
  /** Undefined while the conflict waits. */
  readonly decision?: ConflictDecision | undefined;
}

/**
 * An account that a conflict may be settled with. An ID that begins with `tombstone:` is a deleted user.
 *
 * @example
 * import type { ConflictCandidate } from 'express-scim/lifecycle';
 *
 * export const candidate: ConflictCandidate = { id: 'u-1', label: 'Ada Lovelace (ada@example.com)' };
 */
export interface ConflictCandidate {
  readonly id: string;
  /** The account's name, for display. */
  readonly label: string;
}

/**
 * What an administrator decided. It takes effect when the client repeats its request.
 *
 * For `adopt`: `link` the candidate with this `id`, `create` a new account, or `refuse` the user. For
 * `mass-deactivation`: `approve` or `refuse`.
 *
 * @example
 * import type { ConflictDecision } from 'express-scim/lifecycle';
 *
 * export const decision: ConflictDecision = { action: 'link', id: 'u-1', by: 'root', time: new Date().toISOString() };
 */
export type ConflictDecision = (
  { readonly action: 'link'; readonly id: string } | { readonly action: 'create' | 'refuse' | 'approve' }
) & {
  /** The administrator who decided. */
  readonly by: string;
  /** When, as an RFC 3339 timestamp. */
  readonly time: string;
};

/**
 * A conflict as it is added: the store assigns `id` and `time`.
 *
 * @example
 * import type { NewConflict } from 'express-scim/lifecycle';
 *
 * export const conflict: NewConflict = {
 *   tenant: 'acme',
 *   kind: 'adopt',
 *   fingerprint: 'adopt:ada',
 *   summary: 'Several accounts match the new user.',
 *   candidates: [{ id: 'u-1', label: 'Ada' }],
 * };
 */
export type NewConflict = Omit<Conflict, 'id' | 'time' | 'decision'>;

/**
 * Stores conflicts. Every call is bound to a tenant. Implement it to keep them in a database of your own; call
 * `checkDecision` in `settle`.
 *
 * The library has two: `memoryConflictStore()`, and `sqlConflictStore(db)` of `express-scim/sql`.
 *
 * @example
 * import type { Conflict, ConflictStore } from 'express-scim/lifecycle';
 *
 * export async function createAnyway(conflicts: ConflictStore, { tenant, id }: Conflict, by: string): Promise<boolean> {
 *   const time = new Date().toISOString();
 *   return (await conflicts.settle(tenant, id, { action: 'create', by, time })) !== undefined;
 * }
 */
export interface ConflictStore {
  /**
   * Adds a conflict and returns it. If one with the same tenant and fingerprint waits, it is returned instead, also when
   * two processes add it concurrently. If the last one is settled, a new one is added.
   */
  add(conflict: NewConflict): Awaitable<Conflict>;
  /** Waiting conflicts, oldest first, then up to 100 settled ones, newest first. */
  list(tenant: string): Awaitable<readonly Conflict[]>;
  /** The newest conflict with this fingerprint, waiting or settled. */
  find(tenant: string, fingerprint: string): Awaitable<Conflict | undefined>;
  /**
   * Settles a waiting conflict, once.
   *
   * @returns the settled conflict; undefined when it is unknown, belongs to another tenant, or is already settled
   * @throws TypeError when the kind or the candidates of the conflict do not allow the decision
   */
  settle(tenant: string, id: string, decision: ConflictDecision): Awaitable<Conflict | undefined>;
}

/** How many settled conflicts `list` returns. */
export const maxSettledListed = 100;

/**
 * Checks that a decision is allowed for a conflict. Call it in the `settle` of your own `ConflictStore`.
 *
 * @throws TypeError when the conflict's kind does not have this action, or `link` names an ID that is not a candidate
 *
 * @example
 * import { checkDecision, type Conflict, type ConflictDecision } from 'express-scim/lifecycle';
 *
 * const waiting = new Map<string, Conflict>();
 *
 * export function settle(id: string, decision: ConflictDecision): Conflict | undefined {
 *   const conflict = waiting.get(id);
 *   if (conflict === undefined) return undefined;
 *   checkDecision(conflict, decision);
 *   waiting.delete(id);
 *   return { ...conflict, decision };
 * }
 */
export function checkDecision(conflict: Conflict, decision: ConflictDecision): void {
  const allowed: readonly string[] = conflict.kind === 'adopt' ? ['link', 'create', 'refuse'] : ['approve', 'refuse'];
  if (!allowed.includes(decision.action)) {
    throw usageError('settle', `a conflict of the kind ${conflict.kind} takes one of ${allowed.join(', ')}`, page);
  }
  if (decision.action === 'link' && !conflict.candidates.some(({ id }) => id === decision.id)) {
    throw usageError('settle', 'the ID to link is not among the candidates of the conflict', page);
  }
}

const page = 'lifecycle.md#existing-accounts-adopt';

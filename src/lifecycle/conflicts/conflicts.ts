import type { Awaitable } from '../../contract/awaitable.js';

/** Something that only an administrator can settle, as the panel shows it. */
export interface Conflict {
  readonly id: string;
  readonly tenant: string;
  /** When it was first met, as an RFC 3339 timestamp. */
  readonly time: string;
  /** `adopt`: to whom does a new person belong. `mass-deactivation`: may so many be switched off. */
  readonly kind: 'adopt' | 'mass-deactivation';
  /** Tells the same question from another: one question is in the queue once, however often a client repeats it. */
  readonly fingerprint: string;
  /** One sentence for the administrator. */
  readonly summary: string;
  /** What may be chosen from, with `action: 'link'`; empty for a mass deactivation. */
  readonly candidates: readonly Candidate[];
  /** The resource that the client sent, by attribute, for reading only. Personal data: show it to administrators only. */
  readonly resource?: Readonly<Record<string, string>> | undefined;
  /** Left out while it waits. */
  readonly decision?: ConflictDecision | undefined;
}

/** An account (or, with an id that begins with `tombstone:`, a deleted person) that a conflict may be settled with. */
export interface Candidate {
  readonly id: string;
  readonly label: string;
}

/**
 * What an administrator decided.
 *
 * Of `adopt`: `link` to the candidate `id`, `create` a new account, or `refuse` the person. Of `mass-deactivation`:
 * `approve` or `refuse`. It takes effect when the client asks again.
 */
export type ConflictDecision = (
  { readonly action: 'link'; readonly id: string } | { readonly action: 'create' | 'refuse' | 'approve' }
) & {
  /** Who decided. */
  readonly by: string;
  /** When, as an RFC 3339 timestamp. */
  readonly time: string;
};

/** What `add` is given: the store adds id and time. */
export type NewConflict = Omit<Conflict, 'id' | 'time' | 'decision'>;

/** Where conflicts wait. Every call is bound to a tenant. */
export interface ConflictStore {
  /**
   * Queues a conflict. One that waits with the same tenant and fingerprint is returned in its place, also where two
   * processes add it at once; one that was settled is put in the queue anew.
   */
  add(conflict: NewConflict): Awaitable<Conflict>;
  /** Those that wait, oldest first, then those that were settled, newest first, 100 at most. */
  list(tenant: string): Awaitable<readonly Conflict[]>;
  /** The newest with this fingerprint, settled or not. */
  find(tenant: string, fingerprint: string): Awaitable<Conflict | undefined>;
  /**
   * Settles one that waits, once.
   *
   * @returns the settled conflict; undefined where it is unknown, another tenant's, or settled already
   * @throws TypeError for a decision that its kind or its candidates do not allow
   */
  settle(tenant: string, id: string, decision: ConflictDecision): Awaitable<Conflict | undefined>;
}

/** How many settled conflicts `list` shows. */
export const settledDisplayed = 100;

/** Whether a decision answers a conflict's question. @throws TypeError */
export function checkDecision(conflict: Conflict, decision: ConflictDecision): void {
  const fitting: readonly string[] = conflict.kind === 'adopt' ? ['link', 'create', 'refuse'] : ['approve', 'refuse'];
  if (!fitting.includes(decision.action)) {
    throw new TypeError(`A conflict of kind ${conflict.kind} is settled with ${fitting.join(', ')}.`);
  }
  if (decision.action === 'link' && !conflict.candidates.some(({ id }) => id === decision.id)) {
    throw new TypeError('The id to link is none of the candidates.');
  }
}

import type { QuirkId } from '../quirks/quirks.js';
import type { ActiveQuirks, UseQuirk } from '../quirks/active-quirks.js';
import type { Actor, ScimContext } from '../contract/context.js';

/**
 * One request on its way: what stores and hooks see of it (`ScimContext`), and what the operations note.
 *
 * The AbortController is made only when somebody asks for `signal`: most stores never do.
 */
export class RequestContext implements ScimContext {
  readonly tenant: string;
  readonly actor: Actor;
  readonly requestId: string;
  /** Public URL of the mount point for this request, no trailing slash. */
  readonly base: string;
  /** When the request must be answered, on the clock of `performance.now()`. */
  readonly deadline: number;
  /** Asks the ledger, and notes what was applied. */
  readonly useQuirk: UseQuirk;
  readonly #activeQuirks: ActiveQuirks;
  #quirks: Set<QuirkId> | undefined;
  #abort: AbortController | undefined;
  #aborted: Error | undefined;

  constructor(from: {
    readonly tenant: string;
    readonly actor: Actor;
    readonly requestId: string;
    readonly base: string;
    readonly deadline: number;
    readonly activeQuirks: ActiveQuirks;
  }) {
    this.tenant = from.tenant;
    this.actor = from.actor;
    this.requestId = from.requestId;
    this.#activeQuirks = from.activeQuirks;
    this.base = from.base;
    this.deadline = from.deadline;
    const { activeQuirks } = from;
    this.useQuirk = (quirk) => {
      if (!activeQuirks.has(quirk)) return false;
      this.note(quirk);
      return true;
    };
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#aborted !== undefined) this.#abort.abort(this.#aborted);
    }
    return this.#abort.signal;
  }

  /** Tells the store that nobody waits any more. */
  abort(reason: Error): void {
    this.#aborted = reason;
    this.#abort?.abort(reason);
  }

  /** The same request with ledger notes of its own: for one part of a bulk request. */
  fork(): RequestContext {
    const { tenant, actor, requestId, base, deadline } = this;
    return new RequestContext({ tenant, actor, requestId, base, deadline, activeQuirks: this.#activeQuirks });
  }

  /** Notes a ledger entry as applied, as when a cached parse that needed it is used again. */
  note(quirk: QuirkId): void {
    (this.#quirks ??= new Set()).add(quirk);
  }

  /** Ids of the ledger entries applied so far. */
  get quirks(): readonly QuirkId[] {
    return this.#quirks === undefined ? none : [...this.#quirks];
  }
}

const none: readonly QuirkId[] = [];

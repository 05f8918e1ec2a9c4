import type { ActiveQuirks, UseQuirk } from '../quirks/active-quirks.js';
import type { EndingRequest } from '../contract/after-deadline.js';
import type { Actor, ScimContext } from '../contract/context.js';
import { defaultLimits } from '../limits.js';
import { RequestWork } from './request-work.js';

/**
 * One request: what stores and hooks see of it (`ScimContext`), and what only the library needs.
 *
 * The AbortController is made at the first use of `signal`: most requests do not need it. The work is made at its first use
 * too, and shared by all operations of a bulk request.
 */
export class RequestContext implements ScimContext, EndingRequest {
  readonly tenant: string;
  readonly actor: Actor;
  readonly requestId: string;
  /** Public URL of the mount point for this request, no trailing slash. */
  readonly base: string;
  /** When the response must be sent, on the clock of `performance.now()`, milliseconds. */
  readonly deadline: number;
  /** Whether a quirk is on for this router; if so, notes it as applied to this request. */
  readonly useQuirk: UseQuirk;
  readonly #activeQuirks: ActiveQuirks;
  #quirks: Set<string> | undefined;
  readonly #workUnits: number;
  #work: RequestWork | undefined;
  #abort: AbortController | undefined;
  #aborted: Error | undefined;

  constructor(properties: {
    readonly tenant: string;
    readonly actor: Actor;
    readonly requestId: string;
    readonly base: string;
    readonly deadline: number;
    readonly activeQuirks: ActiveQuirks;
    /** Units that the request may spend. Default: that of `defaultLimits`. */
    readonly workUnits?: number | undefined;
    /** The work of the request that this is a part of. */
    readonly work?: RequestWork | undefined;
  }) {
    const { activeQuirks } = properties;
    this.tenant = properties.tenant;
    this.actor = properties.actor;
    this.requestId = properties.requestId;
    this.base = properties.base;
    this.deadline = properties.deadline;
    this.#activeQuirks = activeQuirks;
    this.#workUnits = properties.workUnits ?? defaultLimits.work;
    this.#work = properties.work;
    this.useQuirk = (quirk) => {
      if (!activeQuirks.has(quirk)) return false;
      this.note(quirk);
      return true;
    };
  }

  /** What the request has worked, and may still work. */
  get work(): RequestWork {
    return (this.#work ??= new RequestWork(this.#workUnits, this.deadline));
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#aborted !== undefined) this.#abort.abort(this.#aborted);
    }
    return this.#abort.signal;
  }

  get isAborted(): boolean {
    return this.#aborted !== undefined;
  }

  /** Signals the store that the request has ended without it. */
  abort(reason: Error): void {
    this.#aborted = reason;
    this.#abort?.abort(reason);
  }

  /** The same request with its own list of applied quirks: for one operation of a bulk request. */
  fork(): RequestContext {
    const { tenant, actor, requestId, base, deadline, work } = this;
    return new RequestContext({ tenant, actor, requestId, base, deadline, work, activeQuirks: this.#activeQuirks });
  }

  /** Notes a quirk as applied; needed directly where a cached parse that used it is used again. */
  note(quirk: string): void {
    (this.#quirks ??= new Set()).add(quirk);
  }

  /** IDs of the quirks applied so far. */
  get quirks(): readonly string[] {
    return this.#quirks === undefined ? noQuirks : [...this.#quirks];
  }
}

const noQuirks: readonly string[] = [];

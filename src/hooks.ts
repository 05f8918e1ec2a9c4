import type { QuirkId } from './quirks/quirks.js';
import type { Actor } from './contract/context.js';
import type { Attributes } from './contract/attribute.js';
import type { Awaitable } from './contract/awaitable.js';

/** What a client wants to do: what `authorize` is asked. */
export interface Access {
  readonly operation: 'create' | 'read' | 'query' | 'replace' | 'patch' | 'delete';
  /** Name of the resource type. */
  readonly resourceType: string;
  readonly id?: string | undefined;
}

/** A change that is about to be written: what `beforeChange` may refuse. */
export interface ProposedChange extends Access {
  /** Whole new values of top-level attributes. */
  readonly set: Attributes;
  /** Attributes to be unassigned. */
  readonly unset: readonly string[];
  /** Ids of members to be added. With `replaceMembers` these are all that will be left. */
  readonly addMembers: readonly string[];
  readonly removeMembers: readonly string[];
  readonly replaceMembers: boolean;
  /**
   * The resource as it is now; undefined on creation.
   *
   * Once it was asked for, the write succeeds only if the resource is still so; else the change is judged anew.
   */
  current(): Awaitable<Attributes | undefined>;
}

/** One answer, for metrics and logs: no personal data. */
export interface ResponseRecord extends Partial<Access> {
  readonly requestId: string;
  readonly tenant?: string | undefined;
  readonly actor?: string | undefined;
  readonly status: number;
  readonly scimType?: string | undefined;
  readonly milliseconds: number;
  /** Ids of the ledger entries that were applied. */
  readonly quirks: readonly string[];
  /** The client that seems to have sent the request, by its User-Agent: for reports only. */
  readonly client?: string | undefined;
}

/** A ledger entry that was applied to a request. */
export interface AppliedQuirk extends Partial<Access> {
  /** Id of the entry. */
  readonly quirk: QuirkId;
  readonly requestId: string;
  readonly tenant: string;
  readonly actor: string;
  /** The client that seems to have sent the request, by its User-Agent: for reports only. */
  readonly client?: string | undefined;
}

/** What went over the wire for one answer, for a provisioning log: personal data, passwords included. */
export interface Exchange {
  /** As in the AnswerRecord that follows. */
  readonly requestId: string;
  /** Undefined where the client was not authenticated. */
  readonly actor?: Actor | undefined;
  readonly method: string;
  /** Below the base URL, with the query. */
  readonly url: string;
  /** The parsed body; undefined where none was read. */
  readonly request?: unknown;
  readonly response?: unknown;
}

import type { Attributes, Awaitable } from '../store/contract.js';

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
export interface AnswerRecord extends Partial<Access> {
  readonly requestId: string;
  readonly tenant?: string | undefined;
  readonly actor?: string | undefined;
  readonly status: number;
  readonly scimType?: string | undefined;
  readonly milliseconds: number;
  /** Ids of the ledger entries that were applied. */
  readonly quirks: readonly string[];
}

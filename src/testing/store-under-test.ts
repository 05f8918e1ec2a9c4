import type { Awaitable } from '../contract/awaitable.js';
import type { ChangeEvent } from '../contract/event.js';
import type { UserStore } from '../contract/store.js';

/**
 * What the test cases can do to a store from outside.
 *
 * @example
 * import type { StoreCapabilities } from 'express-scim/testing';
 *
 * export const capabilities: StoreCapabilities = { contentVersions: true };
 */
export interface StoreCapabilities {
  /**
   * Makes write statements fail: the nth from now on once, or with `permanently` the nth and all after it; undefined: none
   * fails. Without it atomic writes are not tested. Leave it out only if each write of your store is one statement.
   */
  breakAt?(nth: number | undefined, permanently?: boolean): void;
  /** The events in the outbox, for a store with `supports.outbox`. */
  outbox?(): Awaitable<readonly ChangeEvent[]>;
  /**
   * True: versions are computed from the content, for example as a hash, so earlier content has its earlier version. Default
   * false: no version ever comes back.
   */
  readonly contentVersions?: boolean | undefined;
}

/**
 * A new, empty store, and what the test cases may do to it from outside. Return it from `create`, or give the same
 * members once as `capabilities`.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import type { StoreUnderTest } from 'express-scim/testing';
 *
 * export const create = (): StoreUnderTest => ({ store: new MemoryStore(), nestedGroups: true });
 */
export interface StoreUnderTest extends StoreCapabilities {
  readonly store: UserStore;
  /**
   * Opens the same database once more, as a second process does: with a connection of its own, and without locks or caches
   * in memory that both share. Without it several processes are not tested. Close both in `destroy`.
   */
  another?(): Awaitable<UserStore>;
  /** Changes the `displayName` of a user as your app would, without the store. */
  foreignWrite?(id: string): Awaitable<void>;
  /**
   * False: texts compare as the database does, so cases with letters that databases compare differently are skipped.
   * Default true: they compare as the library does.
   */
  readonly exactText?: boolean | undefined;
  /** False: columns are too short for texts of 20,000 characters, and longer ones throw InvalidValueError. Default true. */
  readonly longText?: boolean | undefined;
  /**
   * Whether the store also keeps attributes that are in no schema, of every type. False: not even an extension of Group,
   * so declare the attributes of groups in `supports`. Default: an extension of Group at most.
   */
  readonly anyAttribute?: boolean | undefined;
  /** False: groups cannot be members of groups. Default true. */
  readonly nestedGroups?: boolean | undefined;
  /**
   * False: the primary value of a multi-valued attribute comes back first, for example because it is in a column of the
   * user, and the others in another table. Default true: values come back in the order in which they were sent.
   */
  readonly valueOrder?: boolean | undefined;
}

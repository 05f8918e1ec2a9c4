import type { Awaitable } from '../contract/awaitable.js';
import type { ChangeEvent } from '../contract/event.js';
import type { UserStore } from '../contract/store.js';
import type { CaseContext } from './case-context.js';

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
export interface StoreUnderTest {
  readonly store: UserStore;
  /**
   * Makes the nth write statement from now on fail, once; undefined: none fails. Leave it out if a write of your store is
   * a single step. Without it the cases for atomic writes are skipped.
   */
  breakAt?(nth: number | undefined): void;
  /** The events in the outbox, for a store with `supports.outbox`. */
  outbox?(): Awaitable<readonly ChangeEvent[]>;
  /** Changes the `displayName` of a user as your app would, without the store. */
  foreignWrite?(id: string): Awaitable<void>;
  /**
   * False: texts compare as the database does, so cases with letters that databases compare differently are skipped.
   * Default true: they compare as the library does.
   */
  readonly exactText?: boolean | undefined;
  /** False: columns are too short for texts of 20,000 characters, and longer ones throw InvalidValueError. Default true. */
  readonly longText?: boolean | undefined;
  /** True: the store also keeps attributes that are in no schema, of every type. Default false. */
  readonly anyAttribute?: boolean | undefined;
  /** False: groups cannot be members of groups. Default true. */
  readonly nestedGroups?: boolean | undefined;
}

/**
 * What a test case needs of a store. The case is skipped without it. `attribute:title` means that the store keeps the
 * attribute `title`; `databaseText` is the opposite of `exactText`.
 *
 * @example
 * import type { Need } from 'express-scim/testing';
 *
 * export const needs: readonly Need[] = ['groups', 'attribute:title'];
 */
export type Need =
  | 'groups'
  | 'tenants'
  | 'sort'
  | 'cursor'
  | 'cursorBackward'
  | 'filter'
  | 'pendingMembers'
  | 'outbox'
  | 'checks'
  | 'breakAt'
  | 'foreignWrite'
  | 'exactText'
  | 'databaseText'
  | 'longText'
  | 'anyAttribute'
  | 'nestedGroups'
  | `attribute:${string}`;

/**
 * A test case: one requirement of the store contract. `userStoreCases` gives cases that can be run.
 *
 * @example
 * import type { StoreCase } from 'express-scim/testing';
 *
 * export const describeCase = ({ id, title, why }: StoreCase): string => `${id}: ${title}. Otherwise: ${why}`;
 */
export interface StoreCase {
  /** For example `uniqueness-parallel`. Ids are stable across releases. */
  readonly id: string;
  /** The first part of the id, for example `uniqueness`. */
  readonly group: string;
  /** What the contract requires. */
  readonly title: string;
  /** What goes wrong in production if the store violates it. */
  readonly why: string;
  readonly needs: readonly Need[];
}

/** A test case with its implementation. */
export interface RunnableCase extends StoreCase {
  run(t: CaseContext): Promise<void>;
}

/** A test case as it is written down: `run` receives a context with an empty store. */
export type CaseRow = readonly [
  id: string,
  title: string,
  run: (t: CaseContext) => Promise<void>,
  needs?: readonly Need[],
];

/** The test cases of one group, which share their reason. */
export function casesOf(group: string, why: string, rows: readonly CaseRow[]): readonly RunnableCase[] {
  return rows.map(([id, title, run, needs = []]) => ({ id: `${group}-${id}`, group, title, why, needs, run }));
}

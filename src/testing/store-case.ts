import type { CaseContext } from './case-context.js';

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
  | 'another'
  | 'groupExtension'
  | 'foreignWrite'
  | 'exactText'
  | 'databaseText'
  | 'longText'
  | 'anyAttribute'
  | 'nestedGroups'
  | 'valueOrder'
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
  /** For example `uniqueness-parallel`. IDs are stable across releases. */
  readonly id: string;
  /** The first part of the ID, for example `uniqueness`. */
  readonly group: string;
  /** What the contract requires. */
  readonly title: string;
  /** What goes wrong in production if the store violates it. */
  readonly why: string;
  readonly needs: readonly Need[];
}

/** A test case with its implementation. */
export interface RunnableCase<T = CaseContext> extends StoreCase {
  run(t: T): Promise<void>;
}

/** A test case as it is written down: `run` receives a context with an empty store. */
export type CaseRow<T = CaseContext> = readonly [
  id: string,
  title: string,
  run: (t: T) => Promise<void>,
  needs?: readonly Need[],
];

/** The test cases of one group, which share their reason. */
export function casesOf<T = CaseContext>(
  group: string,
  why: string,
  rows: readonly CaseRow<T>[],
): readonly RunnableCase<T>[] {
  return rows.map(([id, title, run, needs = []]) => ({ id: `${group}-${id}`, group, title, why, needs, run }));
}

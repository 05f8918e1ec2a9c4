import { describe } from '@jest/globals';
import type { Awaitable, ChangeEvent, UserStore } from '../../src/store/contract.js';
import { groupCases } from './cases/groups.js';
import { listCases } from './cases/lists.js';
import { userCases } from './cases/users.js';
import { wholeCases } from './cases/whole.js';

/** A new, empty store, and what the cases may do to it from outside. */
export interface Harness {
  readonly store: UserStore;
  /** Makes the nth write statement from now on fail, once; undefined: none. Left out where nothing can fail half-way. */
  breakAt?(nth: number | undefined): void;
  /** What stands in the outbox, of a store with `supports.outbox`. */
  outbox?(): Awaitable<readonly ChangeEvent[]>;
}

export type MakeHarness = () => Awaitable<Harness>;

/** Registers the cases that every store must pass, whatever it keeps its data in. */
export function contractCases(name: string, make: MakeHarness): void {
  describe(`${name}: the store contract`, () => {
    describe('users', () => userCases(make));
    describe('groups', () => groupCases(make));
    describe('lists', () => listCases(make));
    describe('whole writes and events', () => wholeCases(make));
  });
}

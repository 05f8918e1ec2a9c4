import { Checks } from '../checks.js';
import type { RunnableCase } from '../store-case.js';
import type { Suite } from '../suite.js';
import { watched } from '../watched.js';

/** What a case of a store beside the users works with: an empty store. */
export class StoreContext<S> extends Checks {
  readonly store: S;

  constructor(store: S) {
    super();
    this.store = store;
  }
}

/** A suite whose cases need nothing but the store. */
export function storeSuite<S extends object>(
  title: string,
  cases: readonly RunnableCase<StoreContext<S>>[],
): Suite<S, StoreContext<S>> {
  return { title, cases, open: (store, _one, beforeCall) => new StoreContext(watched(store, beforeCall)) };
}

/** A time of the cases, so many minutes after the first. */
export function at(minutes: number): Date {
  return new Date(Date.UTC(2026, 2, 1, 12, minutes));
}

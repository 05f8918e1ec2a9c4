import type { Awaitable } from '../contract/awaitable.js';
import type { Group, User } from '../contract/resource.js';
import type { GroupStore, ResourceStore, UserStore } from '../contract/store.js';

/**
 * What goes wrong in a store call.
 *
 * - `throw`: the call throws, and nothing was done.
 * - `hang`: nothing was done, and the call never returns.
 * - `null`: nothing was done, and the call returns null.
 * - `lose`: the call was carried out, and its result is lost: the connection broke before the response.
 * - `lose-hang`: the call was carried out, and never returns.
 *
 * @example
 * import type { StoreFault } from 'express-scim/testing';
 *
 * export const isSilent = (fault: StoreFault): boolean => fault === 'hang' || fault === 'lose-hang';
 */
export type StoreFault = 'throw' | 'hang' | 'null' | 'lose' | 'lose-hang';

/**
 * All faults, for a loop over them.
 *
 * @example
 * import { storeFaults } from 'express-scim/testing';
 *
 * for (const fault of storeFaults) console.log(fault);
 */
export const storeFaults: readonly StoreFault[] = ['throw', 'hang', 'null', 'lose', 'lose-hang'];

/** A call of a faulty store: which method of which store, and whether it was the one that failed. */
export interface FaultyCall {
  /** For example `update`, `groups.list`. */
  readonly method: string;
  readonly failed: boolean;
}

/**
 * A store with a fault in one of its calls: it shows what your app, or an operation of the router, does when the database
 * fails in the middle.
 *
 * Inject each fault at the first call of an operation, then at the second, and so on, until the operation passes untouched
 * (`fired` is false).
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { FaultyStore } from 'express-scim/testing';
 *
 * const store = new FaultyStore(new MemoryStore());
 * export async function failEverywhere(operation: () => Promise<unknown>): Promise<void> {
 *   for (let nth = 1; ; nth++) {
 *     store.failAt(nth, 'throw');
 *     await operation();
 *     if (!store.fired) break;
 *   }
 *   store.failAt(undefined);
 * }
 */
export class FaultyStore implements UserStore {
  readonly supports: UserStore['supports'];
  readonly groups?: GroupStore;
  readonly create: UserStore['create'];
  readonly get: UserStore['get'];
  readonly list: UserStore['list'];
  readonly update: UserStore['update'];
  readonly delete: UserStore['delete'];
  readonly namesOf?: NonNullable<UserStore['namesOf']>;
  #left: number | undefined;
  #fault: StoreFault = 'throw';
  #fired = false;
  #calls: FaultyCall[] = [];

  /** @param store a correct store; its calls are passed on until one is to fail */
  constructor(store: UserStore) {
    const users = this.#faulty<User>(store, '');
    ({ supports: this.supports, create: this.create, get: this.get, list: this.list } = users);
    ({ update: this.update, delete: this.delete } = users);
    const { groups } = store;
    if (users.namesOf !== undefined) this.namesOf = users.namesOf;
    if (groups === undefined) return;
    const { groupsOf } = groups;
    this.groups = {
      ...this.#faulty<Group>(groups, 'groups.'),
      ...(groupsOf && { groupsOf: this.#failing('groups.groupsOf', groupsOf.bind(groups)) }),
    };
  }

  /**
   * Makes one call fail.
   *
   * @param nth which call from now on, 1 for the next; undefined: none
   * @param fault default `throw`
   */
  failAt(nth: number | undefined, fault: StoreFault = 'throw'): void {
    this.#left = nth;
    this.#fault = fault;
    this.#fired = false;
    this.#calls = [];
  }

  /** Whether the call that should fail has been made since `failAt`. */
  get fired(): boolean {
    return this.#fired;
  }

  /** The calls since `failAt`, in their order. */
  get calls(): readonly FaultyCall[] {
    return this.#calls;
  }

  #faulty<R>(store: ResourceStore<R>, prefix: string): ResourceStore<R> {
    const { namesOf } = store;
    return {
      supports: store.supports,
      create: this.#failing(`${prefix}create`, store.create.bind(store)),
      get: this.#failing(`${prefix}get`, store.get.bind(store)),
      list: this.#failing(`${prefix}list`, store.list.bind(store)),
      update: this.#failing(`${prefix}update`, store.update.bind(store)),
      delete: this.#failing(`${prefix}delete`, store.delete.bind(store)),
      ...(namesOf && { namesOf: this.#failing(`${prefix}namesOf`, namesOf.bind(store)) }),
    };
  }

  #failing<A extends readonly unknown[], T>(
    method: string,
    call: (...args: A) => Awaitable<T>,
  ): (...args: A) => Awaitable<T> {
    return (...args) => {
      const failed = this.#left !== undefined && --this.#left === 0;
      this.#calls.push({ method, failed });
      if (!failed) return call(...args);
      this.#left = undefined;
      this.#fired = true;
      return fail(this.#fault, () => call(...args));
    };
  }
}

async function fail<T>(fault: StoreFault, call: () => Awaitable<T>): Promise<T> {
  if (fault === 'lose' || fault === 'lose-hang') await call();
  if (fault === 'hang' || fault === 'lose-hang') return new Promise<never>(() => undefined);
  // What a driver returns that the contract does not know.
  if (fault === 'null') return null as T;
  throw new Error('The database has failed.');
}

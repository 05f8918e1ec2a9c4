import { isScimError } from '../errors.js';
import { isDeepEqual } from '../schema/equal.js';
import type { Awaitable } from '../contract/awaitable.js';
import type { ChangeEvent } from '../contract/event.js';
import type { Group, Stored, User } from '../contract/resource.js';
import type { GroupStore, UserStore } from '../contract/store.js';
import type { ScimContext } from '../contract/context.js';
import { guarded, keptOf, type TextHolder, textHolders } from './kept.js';
import { ctx, everything, newGroup, newUser, withMembers } from './requests.js';
import { SkippedCase } from './skipped.js';

/** A new, empty store, and what the cases may do to it from outside. */
export interface StoreUnderTest {
  readonly store: UserStore;
  /** Makes the nth write statement from now on fail, once; undefined: none. Left out where nothing can fail half-way. */
  breakAt?(nth: number | undefined): void;
  /** What stands in the outbox, of a store with `supports.outbox`. */
  outbox?(): Awaitable<readonly ChangeEvent[]>;
  /** Changes `displayName` of a user as the host's own code would, without the store. */
  foreignWrite?(id: string): Awaitable<void>;
  /** False: texts compare as the database does, and not as the library: letters of other scripts are left out. Default true. */
  readonly exactText?: boolean | undefined;
  /** False: columns are too short for texts of 20,000 characters, which are refused with InvalidValueError. Default true. */
  readonly longText?: boolean | undefined;
  /** True: attributes of every type and of extensions that it has never heard of are kept too. Default false. */
  readonly anyAttribute?: boolean | undefined;
  /** False: groups cannot be members of groups. Default true. */
  readonly nestedGroups?: boolean | undefined;
}

/** What a case needs of a store; without it the case is skipped. */
export type Need =
  | 'groups'
  | 'tenants'
  | 'sort'
  | 'cursor'
  | 'filter'
  | 'pendingMembers'
  | 'outbox'
  | 'breakAt'
  | 'foreignWrite'
  | 'exactText'
  /** The other way round: texts compare as the database does. */
  | 'databaseText'
  | 'longText'
  | 'anyAttribute'
  | 'nestedGroups'
  /** The store keeps this attribute. */
  | `attribute:${string}`;

/** One promise of the contract, and how to find out whether a store keeps it. */
export interface StoreCase {
  /** `uniqueness-parallel`: stays the same from release to release. */
  readonly id: string;
  readonly group: string;
  /** What the contract says. */
  readonly title: string;
  /** What goes wrong in the field where it is not kept. */
  readonly why: string;
  readonly needs: readonly Need[];
  run(bench: Bench): Promise<void>;
}

/** A case as it is written down: `run` is given a bench with an empty store. */
export type CaseRow = readonly [
  id: string,
  title: string,
  run: (bench: Bench) => Promise<void>,
  needs?: readonly Need[],
];

/** Cases of one group, which share why they matter. */
export function casesOf(group: string, why: string, rows: readonly CaseRow[]): readonly StoreCase[] {
  return rows.map(([id, title, run, needs = []]) => ({ id: `${group}-${id}`, group, title, why, needs, run }));
}

/** What a store did against the contract. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

/** An empty store with the shorthand that cases are written in. */
export class Bench {
  readonly given: StoreUnderTest;
  /** The store; a call with what it does not keep skips the case. */
  readonly store: UserStore;
  /** What the card says of the case. */
  note: string | undefined;

  constructor(given: StoreUnderTest) {
    this.given = given;
    this.store = guarded(given.store);
  }

  /** Attributes of users that keep a text, whichever they are in this store; the case is skipped where there are fewer. */
  texts(count: number): readonly TextHolder[] {
    const found = textHolders(this.store.supports).slice(0, count);
    if (found.length < count) {
      throw new SkippedCase(`the store keeps ${String(found.length)} texts beside userName, not ${String(count)}`);
    }
    return found;
  }

  /** An attribute of users that keeps a text. */
  get text(): TextHolder {
    const [holder] = this.texts(1);
    if (holder === undefined) throw new SkippedCase('the store keeps no text beside userName');
    return holder;
  }

  /** Of attributes of a user, those that the store keeps. */
  kept(attributes: Partial<User>): Partial<User> {
    return keptOf(this.store.supports, attributes);
  }

  /** The same of a group. */
  keptOfGroup(attributes: Partial<Group>): Partial<Group> {
    return keptOf(this.groups.supports, attributes);
  }

  get groups(): GroupStore {
    if (this.store.groups === undefined) throw new TypeError('The store has no groups.');
    return this.store.groups;
  }

  ctx(tenant?: string): ScimContext {
    return ctx(this.store.supports?.tenants === 'one' ? 'default' : tenant);
  }

  async user(userName: string, more: Partial<User> = {}, tenant?: string): Promise<Stored<User>> {
    return (await this.store.create(newUser(userName, more), this.ctx(tenant))).resource;
  }

  /** Ids of new users, `user0` on. */
  async users(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      ids.push((await this.user(`user${String(i)}`, this.kept({ displayName: `User ${String(i)}` }))).id);
    }
    return ids;
  }

  async group(displayName: string, members: readonly string[] = []): Promise<Stored<Group>> {
    return (await this.groups.create(newGroup(displayName, members), this.ctx())).resource;
  }

  async read(id: string, tenant?: string): Promise<Stored<User> | undefined> {
    return this.store.get(id, everything, this.ctx(tenant));
  }

  /** Ids of the members of a group, sorted. */
  async memberIds(id: string): Promise<string[]> {
    const group = await this.groups.get(id, withMembers, this.ctx());
    return (group?.members ?? []).map(({ value }) => value).sort();
  }

  ok(holds: boolean, did: string): void {
    if (!holds) throw new ContractViolation(did);
  }

  same(actual: unknown, expected: unknown, what: string): void {
    if (!isDeepEqual(plain(actual), plain(expected))) {
      throw new ContractViolation(`${what} is ${shown(actual)}; expected was ${shown(expected)}`);
    }
  }

  /** A resource holds at least these attributes. */
  holds(actual: object | undefined, expected: object, what: string): void {
    for (const [name, value] of Object.entries(expected)) {
      this.same((actual as Readonly<Record<string, unknown>> | undefined)?.[name], value, `${name} of ${what}`);
    }
  }

  /** A call is refused with an error of the library. */
  async refused(
    call: () => Awaitable<unknown>,
    expected: { readonly status: number; readonly attribute?: string; readonly ids?: readonly string[] },
    what: string,
  ): Promise<void> {
    let error: unknown;
    try {
      const response = await call();
      throw new ContractViolation(`${what} was not refused: the answer was ${shown(response)}`);
    } catch (thrown) {
      if (thrown instanceof ContractViolation || thrown instanceof SkippedCase) throw thrown;
      error = thrown;
    }
    const wanted = `expected was ${names[expected.status] ?? `an error with status ${String(expected.status)}`}`;
    if (!isScimError(error)) throw new ContractViolation(`${what} threw ${shown(error)}; ${wanted}`);
    this.ok(error.status === expected.status, `${what} threw ${error.name} (${String(error.status)}); ${wanted}`);
    const { attribute, ids } = error as { readonly attribute?: unknown; readonly ids?: unknown };
    if (expected.attribute !== undefined) this.same(attribute, expected.attribute, `attribute of the error of ${what}`);
    if (expected.ids !== undefined) this.same(ids, expected.ids, `ids in the error of ${what}`);
  }
}

const names: Readonly<Record<number, string>> = {
  409: 'ConflictError',
  412: 'VersionMismatchError',
  400: 'UnknownReferenceError',
};

/** As JSON would have it: dates as texts, what is undefined as absent. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value, sorted)) as unknown);
}

function sorted(_key: string, value: unknown): unknown {
  return value instanceof Set ? [...(value as Set<unknown>)] : value;
}

function shown(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length <= 300 ? text : `${text.slice(0, 300)}...`;
}

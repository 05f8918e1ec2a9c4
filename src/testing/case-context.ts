import { isScimError } from '../errors.js';
import { isSameJson } from '../schema/equal.js';
import type { Awaitable } from '../contract/awaitable.js';
import type { Group, Stored, User } from '../contract/resource.js';
import type { GroupStore, UserStore } from '../contract/store.js';
import type { ScimContext } from '../contract/context.js';
import { ctx, everything, newGroup, newUser, withMembers } from './requests.js';
import { SkippedCase } from './skipped-case.js';
import { type StoreUnderTest } from './store-case.js';
import { ContractViolation } from './contract-violation.js';
import { keptOf, skippingUnsupported, type TextAttribute, textAttributes } from './supported-attributes.js';

/** What a test case works with: an empty store, and shorthand for requests and checks. */
export class CaseContext {
  readonly underTest: StoreUnderTest;
  /** The store. A call with an attribute that it does not keep skips the case. */
  readonly store: UserStore;
  /** What the capability report says about the case. */
  note: string | undefined;

  constructor(underTest: StoreUnderTest) {
    this.underTest = underTest;
    this.store = skippingUnsupported(underTest.store);
  }

  /** This many text attributes of users that the store keeps. The case is skipped if there are fewer. */
  texts(count: number): readonly TextAttribute[] {
    const found = textAttributes(this.store.supports).slice(0, count);
    if (found.length < count) {
      throw new SkippedCase(
        `the store keeps ${String(found.length)} text attributes besides userName, and the case needs ${String(count)}`,
      );
    }
    return found;
  }

  /** A text attribute of users that the store keeps. */
  get text(): TextAttribute {
    const [attribute] = this.texts(1);
    if (attribute === undefined) throw new SkippedCase('the store keeps no text attribute besides userName');
    return attribute;
  }

  /** Those of a user's attributes that the store keeps. */
  kept(attributes: Partial<User>): Partial<User> {
    return keptOf(this.store.supports, attributes);
  }

  /** Those of a group's attributes that the store keeps. */
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

  /** Creates users `user0`, `user1` and so on. @returns their ids */
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

  ok(condition: boolean, violation: string): void {
    if (!condition) throw new ContractViolation(violation);
  }

  same(actual: unknown, expected: unknown, what: string): void {
    if (!isSameJson(asJson(actual), asJson(expected))) {
      throw new ContractViolation(`${what} is ${display(actual)}; expected ${display(expected)}`);
    }
  }

  /** A resource has at least these attributes. */
  holds(actual: object | undefined, expected: object, what: string): void {
    for (const [name, value] of Object.entries(expected)) {
      this.same((actual as Readonly<Record<string, unknown>> | undefined)?.[name], value, `${name} of ${what}`);
    }
  }

  /** The store refuses a call with an error of the library. */
  async refused(
    call: () => Awaitable<unknown>,
    expected: { readonly status: number; readonly attribute?: string; readonly ids?: readonly string[] },
    what: string,
  ): Promise<void> {
    let error: unknown;
    try {
      const response = await call();
      throw new ContractViolation(`${what} was not refused: it returned ${display(response)}`);
    } catch (thrown) {
      if (thrown instanceof ContractViolation || thrown instanceof SkippedCase) throw thrown;
      error = thrown;
    }
    const expectation = `expected ${names[expected.status] ?? `an error with status ${String(expected.status)}`}`;
    if (!isScimError(error)) throw new ContractViolation(`${what} threw ${display(error)}; ${expectation}`);
    this.ok(error.status === expected.status, `${what} threw ${error.name} (${String(error.status)}); ${expectation}`);
    const { attribute, ids } = error as { readonly attribute?: unknown; readonly ids?: unknown };
    if (expected.attribute !== undefined)
      this.same(attribute, expected.attribute, `the attribute in the error of ${what}`);
    if (expected.ids !== undefined) this.same(ids, expected.ids, `the ids in the error of ${what}`);
  }
}

const names: Readonly<Record<number, string>> = {
  409: 'ConflictError',
  412: 'VersionMismatchError',
  400: 'UnknownReferenceError',
};

/** The value as JSON: dates become texts, undefined members are absent. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value, setAsArray)) as unknown);
}

function setAsArray(_key: string, value: unknown): unknown {
  return value instanceof Set ? [...(value as Set<unknown>)] : value;
}

function display(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length <= 300 ? text : `${text.slice(0, 300)}...`;
}

import { isObject } from '../contract/is-object.js';
import type { Group, Stored, User } from '../contract/resource.js';
import type { GroupStore, UserStore } from '../contract/store.js';
import type { ScimContext } from '../contract/context.js';
import { ctx, everything, newGroup, newUser, withMembers } from './requests.js';
import { SkippedCase } from './skipped-case.js';
import type { StoreUnderTest } from './store-under-test.js';
import { Checks } from './checks.js';
import { watched } from './watched.js';
import { keptOf, skippingUnsupported, type TextAttribute, textAttributes } from './supported-attributes.js';

/** What a test case works with: an empty store, and shorthand for requests and checks. */
export class CaseContext extends Checks {
  readonly underTest: StoreUnderTest;
  /** The store. A call with an attribute that it does not keep skips the case. */
  readonly store: UserStore;
  readonly #beforeCall: () => void;

  /** @param beforeCall called ahead of each call of the store */
  constructor(underTest: StoreUnderTest, beforeCall: () => void) {
    super();
    this.underTest = underTest;
    this.#beforeCall = beforeCall;
    this.store = this.#watched(underTest.store);
  }

  /** The store and another one on the same database, as of two processes. Only for cases that need `another`. */
  async twoStores(): Promise<readonly [UserStore, UserStore]> {
    const second = await this.underTest.another?.();
    if (second === undefined) throw new SkippedCase('the suite cannot open a second store on the database');
    return [this.store, this.#watched(second)];
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

  /** Those of a user's attributes that the store keeps, with values in an order that it keeps. */
  kept(attributes: Partial<User>): Partial<User> {
    const kept = keptOf(this.store.supports, attributes);
    return this.underTest.valueOrder === false ? primaryFirst(kept) : kept;
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

  /** Creates users `user0`, `user1` and so on. @returns their IDs */
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

  #watched(store: UserStore): UserStore {
    const { groups } = store;
    const replaced = groups === undefined ? {} : { groups: watched(groups, this.#beforeCall) };
    return skippingUnsupported(watched(store, this.#beforeCall, replaced));
  }

  /** IDs of the members of a group, sorted. */
  async memberIds(id: string): Promise<string[]> {
    const group = await this.groups.get(id, withMembers, this.ctx());
    return (group?.members ?? []).map(({ value }) => value).sort();
  }
}

function primaryFirst(attributes: Partial<User>): Partial<User> {
  const isPrimary = (value: unknown): boolean => isObject(value) && value['primary'] === true;
  const ordered: Readonly<Record<string, unknown>> = Object.fromEntries(
    Object.entries(attributes).map(([name, values]: [string, unknown]) => [
      name,
      Array.isArray(values) ? [...values.filter(isPrimary), ...values.filter((value) => !isPrimary(value))] : values,
    ]),
  );
  return ordered as Partial<User>;
}

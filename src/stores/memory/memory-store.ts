import { randomUUID } from 'node:crypto';
import type { Attributes, Selection } from '../../contract/attribute.js';
import type { Awaitable } from '../../contract/awaitable.js';
import { KeyedLocks } from '../../contract/keyed-locks.js';
import type {
  Change,
  Creation,
  GroupStore,
  Removal,
  ResourceStore,
  Supports,
  UserStore,
  WriteResult,
} from '../../contract/store.js';
import type { Group, GroupRef, Stored, User } from '../../contract/resource.js';
import type { ListQuery, Page } from '../../contract/filter.js';
import type { ScimContext } from '../../contract/context.js';
import {
  displayNameIndex,
  emailIndex,
  externalIdIndex,
  type IndexedAttribute,
  userNameIndex,
} from '../indexed-attribute.js';
import { queryTable } from './query.js';
import { isLarge, type NewMembers } from './large-change.js';
import { type PlannedWrite, Table } from './table.js';
import { Clock, Tenant } from './tenant.js';
import { attemptWrite, made, type WaitingWrite } from './waiting-write.js';
import { checkOptions, type OptionRules, usageError } from '../../contract/option-mistakes.js';

const page = 'stores.md#memorystore';
const rules: OptionRules<keyof MemoryStoreOptions> = {
  of: 'MemoryStore',
  page,
  kinds: { mintId: 'function', clock: 'function', userIndexes: 'list', groupIndexes: 'list' },
};

/** Options of a `MemoryStore`; all have defaults. */
export interface MemoryStoreOptions {
  /** Returns an ID that it never returns twice. Default: `crypto.randomUUID`. */
  readonly mintId?: (() => string) | undefined;
  /** The time source, in milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Further indexed string attributes of users, besides userName, emails, externalId and displayName. Default: none. */
  readonly userIndexes?: readonly IndexedAttribute[] | undefined;
  /** Further indexed string attributes of groups, besides externalId and displayName. Default: none. */
  readonly groupIndexes?: readonly IndexedAttribute[] | undefined;
}

/** Options of a further resource type in a `MemoryStore`. */
export interface MemoryResourceOptions {
  /** Indexed string attributes, which `list` finds without a scan. Default: `externalId`. */
  readonly indexes?: readonly IndexedAttribute[] | undefined;
}

/**
 * A store for users, groups and any other resources in the memory of the process: the reference implementation of the
 * store contract, for tests, prototypes and small installations that may lose their data.
 *
 * IDs are random UUIDs, unique over all resource types. A version is a number that counts every change in the store.
 * Without a sort key the order is that of creation. A call is synchronous, unless it has a `check`, which may wait, or
 * names more than 5,000 members. A call returns the stored objects themselves, without a copy: do not change them.
 *
 * @example
 * import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
 *
 * const store = new MemoryStore();
 * export const router = createScimRouter(store, {
 *   authenticate: connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }]),
 * });
 */
export class MemoryStore implements UserStore {
  readonly supports: Supports = supports;
  readonly groups: GroupStore;
  readonly #users: MemoryResources<User>;
  readonly #directory: Directory;
  readonly #others = new Map<string, ResourceStore<Attributes>>();

  constructor(options: MemoryStoreOptions = {}) {
    checkOptions(options, rules);
    const { mintId = mintUuid, clock = Date.now, userIndexes = [], groupIndexes = [] } = options;
    this.#directory = { tenants: new Map(), locks: new KeyedLocks(), clock: new Clock(clock), mintId };
    this.#users = new MemoryResources<User>(this.#directory, 'User', [
      ...commonIndexes,
      emailIndex,
      userNameIndex,
      ...userIndexes,
    ]);
    this.groups = new MemoryGroups(this.#directory, 'Group', [...commonIndexes, ...groupIndexes]);
  }

  /**
   * The store of a further resource type. It shares IDs and memberships with users and groups.
   *
   * @param type name of the resource type, as in `options.resourceTypes`. The same name returns the same store.
   * @throws TypeError for `User` and `Group`
   *
   * @example
   * import { MemoryStore } from 'express-scim';
   *
   * export const devices = new MemoryStore().resources('Device', {
   *   indexes: [{ path: 'serialNumber', keys: ['serialNumber'], caseExact: true }],
   * });
   */
  resources(type: string, options: MemoryResourceOptions = {}): ResourceStore<Attributes> {
    if (type === 'User' || type === 'Group')
      throw usageError(
        'resources',
        `${type} has a store already: use the MemoryStore itself for users, and its groups for groups`,
        page,
      );
    checkOptions(options, { of: 'resources', page, kinds: { indexes: 'list' } });
    let store = this.#others.get(type);
    if (store === undefined) {
      store = new MemoryResources<Attributes>(this.#directory, type, options.indexes ?? [externalIdIndex]);
      this.#others.set(type, store);
    }
    return store;
  }

  create(creation: Unchecked<Creation<User>>, ctx: ScimContext): WriteResult<User>;
  create(creation: Creation<User>, ctx: ScimContext): Awaitable<WriteResult<User>>;
  create(creation: Creation<User>, ctx: ScimContext): Awaitable<WriteResult<User>> {
    return this.#users.create(creation, ctx);
  }

  get(id: string, selection: Selection, ctx: ScimContext): Stored<User> | undefined {
    return this.#users.get(id, selection, ctx);
  }

  list(query: ListQuery<User>, ctx: ScimContext): Page<User> {
    return this.#users.list(query, ctx);
  }

  update(id: string, change: Unchecked<Change<User>>, ctx: ScimContext): WriteResult<User> | undefined;
  update(id: string, change: Change<User>, ctx: ScimContext): Awaitable<WriteResult<User> | undefined>;
  update(id: string, change: Change<User>, ctx: ScimContext): Awaitable<WriteResult<User> | undefined> {
    return this.#users.update(id, change, ctx);
  }

  delete(id: string, removal: Unchecked<Removal<User>>, ctx: ScimContext): WriteResult<User> | undefined;
  delete(id: string, removal: Removal<User>, ctx: ScimContext): Awaitable<WriteResult<User> | undefined>;
  delete(id: string, removal: Removal<User>, ctx: ScimContext): Awaitable<WriteResult<User> | undefined> {
    return this.#users.delete(id, removal, ctx);
  }

  namesOf(ids: readonly string[], ctx: ScimContext): ReadonlyMap<string, string> {
    return this.#users.namesOf(ids, ctx);
  }
}

/** A write without a check, which a `MemoryStore` makes synchronously. */
type Unchecked<W> = W & { readonly check?: undefined };

interface Directory {
  readonly tenants: Map<string, Tenant>;
  /** One checked write at a time in each tenant. */
  readonly locks: KeyedLocks;
  readonly clock: Clock;
  mintId(): string;
}

/** The store of one resource type: one `Table` for each tenant. */
class MemoryResources<R extends object> implements ResourceStore<R> {
  readonly supports: Supports = supports;
  readonly #directory: Directory;
  readonly #type: string;
  readonly #indexes: readonly IndexedAttribute[];
  readonly #tables = new Map<string, Table<R>>();

  constructor(directory: Directory, type: string, indexes: readonly IndexedAttribute[]) {
    this.#directory = directory;
    this.#type = type;
    this.#indexes = indexes;
  }

  create(creation: Creation<R>, ctx: ScimContext): Awaitable<WriteResult<R>> {
    const table = this.table(ctx);
    const { check, members } = creation;
    const large = isLarge(members, 0) ? { id: table.mint(), isNew: true, members } : undefined;
    const plan = (newMembers?: NewMembers): PlannedWrite<R> => table.create(creation, newMembers);
    if (check === undefined && large === undefined) return made(plan());
    return this.#attempt({ table, ctx, check, large, find: () => true, plan }).then(required);
  }

  get(id: string, selection: Selection, ctx: ScimContext): Stored<R> | undefined {
    return this.table(ctx).get(id, selection);
  }

  list(query: ListQuery<R>, ctx: ScimContext): Page<R> {
    return queryTable(this.table(ctx), query);
  }

  update(id: string, change: Change<R>, ctx: ScimContext): Awaitable<WriteResult<R> | undefined> {
    const table = this.table(ctx);
    const { check, ifVersion, members } = change;
    const isMany = isLarge(members, table.tenant.memberships.count(id));
    const large = isMany ? { id, isNew: false, members } : undefined;
    const plan = (newMembers?: NewMembers): PlannedWrite<R> | undefined => table.update(id, change, newMembers);
    if (check !== undefined || large !== undefined) {
      return this.#attempt({ table, ctx, check, large, find: () => table.find(id, ifVersion), plan });
    }
    const planned = plan();
    return planned && made(planned);
  }

  delete(id: string, removal: Removal<R>, ctx: ScimContext): Awaitable<WriteResult<R> | undefined> {
    const table = this.table(ctx);
    const { check, ifVersion } = removal;
    const plan = (): PlannedWrite<R> | undefined => table.delete(id, ifVersion);
    if (check !== undefined) {
      return this.#attempt({ table, ctx, check, large: undefined, find: () => table.find(id, ifVersion), plan });
    }
    const planned = plan();
    return planned && made(planned);
  }

  namesOf(ids: readonly string[], ctx: ScimContext): ReadonlyMap<string, string> {
    const table = this.table(ctx);
    const names = new Map<string, string>();
    for (const id of ids) {
      const name = table.nameOf(id);
      if (name !== undefined) names.set(id, name);
    }
    return names;
  }

  /** Makes a write that waits: for its check, or in pauses. */
  #attempt(write: WaitingWrite<R>): Promise<WriteResult<R> | undefined> {
    const { table, ctx, check, large } = write;
    const attempt = (): Promise<WriteResult<R> | undefined> =>
      large === undefined ? attemptWrite(write) : table.tenant.largeChanges.run(large.id, () => attemptWrite(write));
    return check?.before === undefined ? attempt() : this.#directory.locks.run(ctx.tenant, attempt);
  }

  protected table(ctx: ScimContext): Table<R> {
    const existing = this.#tables.get(ctx.tenant);
    if (existing !== undefined) return existing;
    const { tenants, clock, mintId } = this.#directory;
    let tenant = tenants.get(ctx.tenant);
    if (tenant === undefined) tenants.set(ctx.tenant, (tenant = new Tenant()));
    const type = this.#type;
    const table = new Table<R>(tenant, { type, members: type === 'Group', indexes: this.#indexes, clock, mintId });
    this.#tables.set(ctx.tenant, table);
    return table;
  }
}

class MemoryGroups extends MemoryResources<Group> implements GroupStore {
  groupsOf(userIds: readonly string[], ctx: ScimContext): ReadonlyMap<string, readonly GroupRef[]> {
    const { tenant } = this.table(ctx);
    const groups = new Map<string, readonly GroupRef[]>();
    for (const id of userIds) if (tenant.tableOf(id) !== undefined) groups.set(id, tenant.groupsOf(id));
    return groups;
  }
}

const supports: Supports = { filter: 'all', sort: true, cursor: true, tenants: 'many', outbox: false, checks: true };

function required<R>(result: WriteResult<R> | undefined): WriteResult<R> {
  if (result === undefined) throw new Error('A creation was not made.');
  return result;
}

const commonIndexes: readonly IndexedAttribute[] = [externalIdIndex, displayNameIndex];

// `randomUUID` returns a string of twenty parts, which stay in memory. A conversion to bytes and back makes it flat.
function mintUuid(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}

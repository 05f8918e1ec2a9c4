/**
 * A small store over Maps that keeps every rule of the contract; the broken stores are subclasses of its one table.
 *
 * It waits like a driver does, before and after every read and write, and its writes stand in line as
 * transactions of a database do. Nothing is undone: whatever can refuse is asked before the first change.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  comparePositions,
  ConflictError,
  positionOf,
  UnknownReferenceError,
  VersionMismatchError,
  type Awaitable,
  type Change,
  type Creation,
  type Group,
  type GroupRef,
  type GroupStore,
  type ListQuery,
  type Member,
  type MemberChange,
  type Page,
  type Position,
  type Removal,
  type ResourceStore,
  type ScimContext,
  type Selection,
  type SortKey,
  type Stored,
  type User,
  type UserStore,
  type WriteResult,
} from 'express-scim';

/** What the table keeps of a resource. */
export interface Row<R> {
  readonly id: string;
  readonly tenant: string;
  resource: Stored<R>;
  keys: Readonly<Record<string, string>>;
  /** Of a group, by id. */
  readonly members: Map<string, Member>;
}

/** What members really came and went. */
export interface Moved {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** As long as a database on the same machine takes to answer: one turn of the event loop. */
export const roundTrip = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The two tables, and the line in which writes wait for each other. */
export class Database {
  readonly users: Table<User>;
  readonly groups: Table<Group>;
  private last: Promise<unknown> = Promise.resolve();
  private versions = 0;

  constructor(make: typeof Table, makeGroups: typeof Table) {
    this.users = new make<User>('User', this);
    this.groups = new makeGroups<Group>('Group', this);
  }

  /** What is stored, to be put back by the function that is returned. */
  snapshot(): () => void {
    const restores = [copyOf(this.users.rows), copyOf(this.groups.rows)];
    return () => {
      for (const restore of restores) restore();
    };
  }

  transaction<T>(work: () => Awaitable<T>): Promise<T> {
    const response = this.last.then(async () => {
      await roundTrip();
      const result = await work();
      await roundTrip();
      return result;
    });
    this.last = response.catch(() => undefined);
    return response;
  }

  nextVersion(): string {
    return `v${String(++this.versions)}`;
  }

  kindOf(id: string, tenant: string): 'User' | 'Group' | undefined {
    return [this.users, this.groups].find((table) => table.rows.get(id)?.tenant === tenant)?.kind;
  }
}

/** Users or groups. */
export class Table<R extends object> implements ResourceStore<R>, Pick<GroupStore, 'groupsOf'> {
  readonly rows = new Map<string, Row<R>>();

  constructor(
    readonly kind: 'User' | 'Group',
    protected readonly db: Database,
  ) {}

  create(creation: Creation<R>, { tenant }: ScimContext): Promise<WriteResult<R>> {
    return this.db.transaction(() => {
      this.checkMembers(creation.members, tenant);
      const keys = this.keysOf(creation.keys, creation.resource);
      this.checkKeys(keys, tenant);
      const id = this.mintId();
      const now = new Date();
      const meta = { created: now, lastModified: now, version: this.mintVersion() };
      const row: Row<R> = { id, tenant, keys, members: new Map(), resource: { ...creation.resource, id, meta } };
      this.rows.set(id, row);
      const { members, ignored } = this.withoutIgnored(creation.members, tenant);
      const moved = this.applyMembers(row, members);
      return { resource: this.read(row, creation.selection), changed: true, ignored, ...moved };
    });
  }

  async get(id: string, selection: Selection, { tenant }: ScimContext): Promise<Stored<R> | undefined> {
    await roundTrip();
    const row = this.find(id, tenant);
    return row && this.read(row, selection);
  }

  async list(query: ListQuery<R>, { tenant }: ScimContext): Promise<Page<R>> {
    await roundTrip();
    const found = [...this.rows.values()]
      .filter((row) => row.tenant === tenant)
      .map((row) => this.whole(row))
      .filter((resource) => this.matches(query, resource));
    const { resources, ...page } = this.page(query, found);
    return { ...page, resources: resources.map(({ id }) => this.readAgain(id, query.selection)) };
  }

  update(id: string, change: Change<R>, { tenant }: ScimContext): Promise<WriteResult<R> | undefined> {
    return this.db.transaction(() => {
      const row = this.find(id, tenant);
      if (row === undefined) return undefined;
      this.checkVersion(row, change.ifVersion);
      this.checkMembers(change.members, tenant);
      const keys = this.keysAfter(row, change);
      this.checkKeys(keys, tenant, row);
      const before = row.resource;
      const { members, ignored } = this.withoutIgnored(change.members, tenant);
      const moved = this.applyMembers(row, members);
      const after = this.valuesAfter(row, change);
      const changed = this.isChange(before, after, moved);
      if (changed) this.write(row, after, keys);
      return { resource: this.read(row, change.selection), changed, before, ignored, ...moved };
    });
  }

  delete(id: string, { ifVersion }: Removal<R>, { tenant }: ScimContext): Promise<WriteResult<R> | undefined> {
    return this.db.transaction(() => {
      const row = this.find(id, tenant);
      if (row === undefined) return undefined;
      this.checkVersion(row, ifVersion);
      this.leaveGroups(row);
      const resource = this.read(row, new Set());
      this.rows.delete(id);
      return { resource, changed: true };
    });
  }

  async namesOf(ids: readonly string[], { tenant }: ScimContext): Promise<ReadonlyMap<string, string>> {
    await roundTrip();
    const names = new Map<string, string>();
    for (const id of ids) {
      const { displayName, userName }: Partial<User> = this.find(id, tenant)?.resource ?? {};
      const name = displayName ?? userName;
      if (name !== undefined) names.set(id, name);
    }
    return names;
  }

  async groupsOf(
    userIds: readonly string[],
    { tenant }: Pick<ScimContext, 'tenant'>,
  ): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
    await roundTrip();
    return new Map(userIds.map((id) => [id, this.groupsOfOne(id, tenant)]));
  }

  protected groupsOfOne(id: string, tenant: string): readonly GroupRef[] {
    const found = new Map<string, GroupRef>();
    let holders = this.holding(id, tenant);
    for (let type: GroupRef['type'] = 'direct'; holders.length > 0; type = 'indirect') {
      for (const { id: value, resource } of holders) found.set(value, { value, display: resource.displayName, type });
      // A group that was met before is not followed again, so groups that hold each other end.
      const next = holders.flatMap((holder) => this.holding(holder.id, tenant));
      holders = [...new Set(next)].filter((holder) => !found.has(holder.id));
    }
    return [...found.values()];
  }

  protected holding(id: string, tenant: string): readonly Row<Group>[] {
    return [...this.db.groups.rows.values()].filter((row) => row.tenant === tenant && row.members.has(id));
  }

  protected find(id: string, tenant: string): Row<R> | undefined {
    const row = this.rows.get(id);
    return row?.tenant === tenant ? row : undefined;
  }

  protected mintId(): string {
    return randomUUID();
  }

  protected mintVersion(): string {
    return this.db.nextVersion();
  }

  protected keysOf(keys: Creation<R>['keys'], _resource: Readonly<Partial<R>>): Row<R>['keys'] {
    return keys;
  }

  protected checkVersion(row: Row<R>, ifVersion: string | undefined): void {
    if (ifVersion !== undefined && ifVersion !== row.resource.meta.version) throw new VersionMismatchError();
  }

  protected checkMembers(members: MemberChange | undefined, tenant: string): void {
    if (members?.pending !== 'reject') return;
    const unknown = members.add.map(({ value }) => value).filter((id) => this.db.kindOf(id, tenant) === undefined);
    if (unknown.length > 0) throw new UnknownReferenceError(unknown);
  }

  protected checkKeys(keys: Row<R>['keys'], tenant: string, own?: Row<R>): void {
    for (const row of this.rows.values()) {
      if (row === own || row.tenant !== tenant) continue;
      const taken = Object.keys(keys).find((path) => row.keys[path] === keys[path]);
      if (taken !== undefined) throw new ConflictError(taken);
    }
  }

  protected keysAfter(row: Row<R>, { set, keys }: Change<R>): Row<R>['keys'] {
    const taken: Record<string, string> = {};
    const kept: Record<string, string> = { ...row.keys };
    for (const [path, key] of Object.entries(keys)) {
      if (key === null) delete kept[path];
      else taken[path] = key;
    }
    return { ...kept, ...this.keysOf(taken, set) };
  }

  protected valuesAfter(row: Row<R>, { set, unset }: Change<R>): Stored<R> {
    const after = { ...row.resource, ...set };
    for (const name of unset) delete after[name];
    return after;
  }

  protected isChange(before: Stored<R>, after: Stored<R>, { added, removed }: Moved): boolean {
    return added.length + removed.length > 0 || !isDeepStrictEqual(before, after);
  }

  protected write(row: Row<R>, after: Stored<R>, keys = row.keys): void {
    const meta = { ...row.resource.meta, lastModified: new Date(), version: this.mintVersion() };
    row.resource = { ...after, meta };
    row.keys = keys;
  }

  /** The change without unknown members, where these are to be skipped. */
  protected withoutIgnored(
    members: MemberChange | undefined,
    tenant: string,
  ): { readonly members: MemberChange | undefined; readonly ignored: readonly string[] } {
    if (members?.pending !== 'ignore') return { members, ignored: [] };
    const isKnown = ({ value }: Member): boolean => this.db.kindOf(value, tenant) !== undefined;
    const ignored = members.add.filter((member) => !isKnown(member)).map(({ value }) => value);
    return { members: { ...members, add: members.add.filter(isKnown) }, ignored };
  }

  protected applyMembers(row: Row<R>, change: MemberChange | undefined): Moved {
    if (change === undefined) return { added: [], removed: [] };
    const named = new Set(change.add.map(({ value }) => value));
    const gone = change.only === true ? [...row.members.keys()].filter((id) => !named.has(id)) : change.remove;
    const removed = gone.filter((id) => row.members.delete(id));
    const added: string[] = [];
    for (const member of change.add) {
      if (row.members.has(member.value)) continue;
      const type = this.db.kindOf(member.value, row.tenant) ?? member.type;
      row.members.set(member.value, { value: member.value, ...(type !== undefined && { type }) });
      added.push(member.value);
    }
    return { added, removed };
  }

  protected leaveGroups({ id, tenant }: Pick<Row<R>, 'id' | 'tenant'>): void {
    const { groups } = this.db;
    for (const holder of this.holding(id, tenant)) {
      holder.members.delete(id);
      groups.write(holder, holder.resource);
    }
  }

  protected read(row: Row<R>, selection: Selection): Stored<R> {
    return this.kind === 'Group' && selection.has('members') ? this.whole(row) : row.resource;
  }

  protected readAgain(id: string, selection: Selection): Stored<R> {
    const row = this.rows.get(id);
    if (row === undefined) throw new Error('a row that was just read is gone');
    return this.read(row, selection);
  }

  // With what other tables know of it: members of a group, groups of a user.
  protected whole(row: Row<R>): Stored<R> {
    if (this.kind === 'Group') return { ...row.resource, members: [...row.members.values()] };
    return { ...row.resource, groups: this.groupsOfOne(row.id, row.tenant) };
  }

  protected matches(query: ListQuery<R>, resource: Stored<R>): boolean {
    return query.matches(resource);
  }

  protected positionOf(resource: Stored<R>, sort: readonly SortKey[]): Position {
    return positionOf(resource, sort);
  }

  protected compare(a: Position, b: Position, sort: readonly SortKey[]): number {
    return comparePositions(a, b, sort);
  }

  protected page({ sort, page }: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    const places = found.map((resource) => ({ resource, position: this.positionOf(resource, sort) }));
    places.sort((a, b) => this.compare(a.position, b.position, sort));
    const totalResults = places.length;
    const resourcesOf = (some: typeof places) => some.map(({ resource }) => resource);
    if (page.kind === 'index') {
      return { resources: resourcesOf(places.slice(page.offset, page.offset + page.limit)), totalResults };
    }
    const { after, before, limit } = page;
    const side = (position: Position, least: number): number =>
      places.filter((place) => Math.sign(this.compare(place.position, position, sort)) < least).length;
    const end = before === undefined ? undefined : side(before, 0);
    const start = end === undefined ? (after === undefined ? 0 : side(after, 1)) : Math.max(0, end - limit);
    const cut = places.slice(start, end ?? start + limit);
    const [first, last] = [cut[0], cut.at(-1)];
    return {
      resources: resourcesOf(cut),
      totalResults,
      ...(first !== undefined && start > 0 && { previous: first.position }),
      ...(last !== undefined && start + cut.length < totalResults && { next: last.position }),
    };
  }
}

function copyOf<R>(rows: Map<string, Row<R>>): () => void {
  const copies = [...rows.values()].map((row): Row<R> => ({ ...row, members: new Map(row.members) }));
  return () => {
    rows.clear();
    for (const row of copies) rows.set(row.id, row);
  };
}

/** Users and groups in tables of the classes given. */
export function storeOf(make: typeof Table, makeGroups = make): UserStore {
  return databaseOf(make, makeGroups).store;
}

/** `storeOf`, and the database behind it. */
export function databaseOf(
  make: typeof Table,
  makeGroups = make,
): { readonly store: UserStore; readonly database: Database } {
  const database = new Database(make, makeGroups);
  const { users, groups } = database;
  return { store: Object.assign(users, { groups }), database };
}

/** The store that keeps every rule. */
export const soundStore = (): UserStore => storeOf(Table);

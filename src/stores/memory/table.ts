import { VersionMismatchError } from '../../errors.js';
import { isDeepEqual } from '../../schema/equal.js';
import type { Change, Creation, Removal, WriteResult } from '../../contract/store.js';
import type { Selection } from '../../contract/attribute.js';
import type { Member, Stored } from '../../contract/resource.js';
import { isWithin } from '../attribute-path.js';
import { CreationOrder } from './creation-order.js';
import { type IndexedAttribute, ResourceIndexes } from './resource-indexes.js';
import type { Clock, TenantTable, MemberDelta, Tenant } from './tenant.js';

/** A resource and its number in the order of creation. Resources are immutable: a change replaces the whole object. */
export interface Row<R> {
  resource: Stored<R>;
  keys: Readonly<Record<string, string>>;
  readonly sequence: number;
}

/** Options of a table. */
export interface TableOptions {
  /** Name of the resource type. */
  readonly type: string;
  /** Whether resources have members. */
  readonly members: boolean;
  readonly indexes: readonly IndexedAttribute[];
  readonly clock: Clock;
  mintId(): string;
}

/** A write that can be made: everything is checked and nothing is changed. */
export interface PlannedWrite<R> {
  /** What the write returns. */
  readonly result: WriteResult<R>;
  /** Makes the write. Nothing may have changed in the tenant since it was planned. */
  commit(): void;
}

/**
 * The resources of one type in one tenant. A write is planned, which makes all checks, and then committed; both are
 * synchronous, so a write is atomic.
 */
export class Table<R extends object> implements TenantTable {
  readonly type: string;
  readonly rows = new Map<string, Row<R>>();
  readonly order = new CreationOrder<Row<R>>();
  readonly indexes: ResourceIndexes<Row<R>>;
  readonly tenant: Tenant;
  readonly #options: TableOptions;
  #sequence = 0;

  constructor(tenant: Tenant, options: TableOptions) {
    this.type = options.type;
    this.tenant = tenant;
    this.indexes = new ResourceIndexes(options.indexes);
    this.#options = options;
    tenant.join(this);
  }

  create(creation: Creation<R>): PlannedWrite<R> {
    const { keys, members, selection } = creation;
    const delta = members === undefined ? nothing : this.tenant.resolveMembers(undefined, members);
    this.indexes.checkUnique(keys, undefined);
    const id = this.#mint();
    const resource = { id, ...creation.resource, meta: this.#options.clock.stamp(undefined) } as Stored<R>;
    const { ignored } = delta;
    const shown = this.#shown(resource, selection, delta);
    const result = { resource: shown, changed: true, added: ids(delta), removed: [], ignored };
    const commit = (): void => {
      const row: Row<R> = { resource, keys, sequence: this.#sequence++ };
      this.tenant.changes++;
      this.rows.set(id, row);
      this.order.append(row);
      this.indexes.add(row);
      this.#move(id, delta);
    };
    return { result, commit };
  }

  get(id: string, selection: Selection): Stored<R> | undefined {
    const row = this.rows.get(id);
    return row === undefined ? undefined : this.resourceOf(row, selection);
  }

  /**
   * Whether there is such a resource.
   *
   * @throws VersionMismatchError when `ifVersion` is not its version
   */
  find(id: string, ifVersion: string | undefined): boolean {
    return this.#rowOf(id, ifVersion) !== undefined;
  }

  update(id: string, change: Change<R>): PlannedWrite<R> | undefined {
    const row = this.#rowOf(id, change.ifVersion);
    if (row === undefined) return undefined;
    const delta = change.members === undefined ? nothing : this.tenant.resolveMembers(id, change.members);
    this.indexes.checkUnique(change.keys, row);
    const before = row.resource;
    const attributes = changed(before, change.set, change.unset);
    const moved = delta.added.length + delta.removed.length > 0;
    if (attributes === undefined && !moved) {
      const same = this.resourceOf(row, change.selection);
      const unmoved = { added: [], removed: [], ignored: delta.ignored };
      return { result: { resource: same, changed: false, before, ...unmoved }, commit: () => undefined };
    }
    const meta = this.#options.clock.stamp(before.meta.created);
    const resource = Object.assign(attributes ?? { ...before }, { meta }) as Stored<R>;
    const shown = this.#shown(resource, change.selection, delta);
    const { removed, ignored } = delta;
    const result = { resource: shown, changed: true, before, added: ids(delta), removed, ignored };
    const commit = (): void => {
      this.tenant.changes++;
      if (attributes === undefined) row.resource = resource;
      else this.indexes.replace(row, resource, keysAfter(row.keys, change));
      this.#move(id, delta);
    };
    return { result, commit };
  }

  delete(id: string, removal: Removal<R>): PlannedWrite<R> | undefined {
    const row = this.#rowOf(id, removal.ifVersion);
    if (row === undefined) return undefined;
    const result = { resource: row.resource, changed: true };
    const commit = (): void => {
      // Before anything is written, since it may throw.
      removal.events(result);
      this.tenant.changes++;
      this.rows.delete(id);
      this.order.remove(row);
      this.indexes.remove(row);
      this.tenant.forget(id);
    };
    return { result, commit };
  }

  has(id: string): boolean {
    return this.rows.has(id);
  }

  nameOf(id: string): string | undefined {
    const resource = this.rows.get(id)?.resource as
      { readonly displayName?: unknown; readonly userName?: unknown } | undefined;
    for (const name of [resource?.displayName, resource?.userName])
      if (typeof name === 'string' && name !== '') return name;
    return undefined;
  }

  touch(id: string): void {
    const row = this.rows.get(id);
    if (row === undefined) return;
    row.resource = { ...row.resource, meta: this.#options.clock.stamp(row.resource.meta.created) };
  }

  /** The resource of a row, with `members` if they are selected. */
  resourceOf(row: Row<R>, selection: Selection): Stored<R> {
    if (!this.#options.members || !selection.has('members')) return row.resource;
    return { ...row.resource, members: [...this.tenant.memberships.of(row.resource.id)] };
  }

  #rowOf(id: string, ifVersion: string | undefined): Row<R> | undefined {
    const row = this.rows.get(id);
    if (row !== undefined) checkVersion(row.resource, ifVersion);
    return row;
  }

  /** The resource as `resourceOf` shows it after a change of its members. */
  #shown(resource: Stored<R>, selection: Selection, { added, removed }: MemberDelta): Stored<R> {
    if (!this.#options.members || !selection.has('members')) return resource;
    const gone = new Set(removed);
    const members: Member[] = [];
    for (const member of this.tenant.memberships.of(resource.id)) if (!gone.has(member.value)) members.push(member);
    return { ...resource, members: [...members, ...added] };
  }

  #mint(): string {
    const id = this.#options.mintId();
    if (this.tenant.tableOf(id) !== undefined)
      throw new Error('mintId returned an id that is in use: it must never return an id twice.');
    return id;
  }

  #move(id: string, delta: MemberDelta): void {
    for (const member of delta.removed) this.tenant.memberships.remove(id, member);
    for (const member of delta.added) this.tenant.memberships.add(id, member);
  }
}

const nothing: MemberDelta = { added: [], removed: [], ignored: [] };

function ids(delta: MemberDelta): readonly string[] {
  return delta.added.map(({ value }) => value);
}

function checkVersion(resource: Stored<object>, ifVersion: string | undefined): void {
  if (ifVersion !== undefined && ifVersion !== resource.meta.version) throw new VersionMismatchError();
}

// A copy that shares the values that did not change; undefined when the change is a no-op.
function changed(resource: object, set: object, unset: readonly string[]): Record<string, unknown> | undefined {
  const before = resource as Readonly<Record<string, unknown>>;
  let after: Record<string, unknown> | undefined;
  for (const name of Object.keys(set)) {
    const value: unknown = Reflect.get(set, name);
    if (value === undefined || isDeepEqual(before[name], value)) continue;
    after ??= { ...before };
    after[name] = value;
  }
  const removed = unset.filter((name) => before[name] !== undefined);
  if (removed.length === 0) return after;
  // `delete` would make V8 store the object as a hash table, at three times the size.
  return Object.fromEntries(Object.entries(after ?? before).filter(([name]) => !removed.includes(name)));
}

function keysAfter<R>(keys: Readonly<Record<string, string>>, change: Change<R>): Readonly<Record<string, string>> {
  const written = [...Object.keys(change.set), ...change.unset];
  const isWritten = (path: string): boolean => written.some((name) => isWithin(path, name));
  const before = Object.keys(keys);
  if (!before.some(isWritten)) return { ...keys, ...change.keys };
  const unchanged = before.filter((path) => !isWritten(path)).map((path) => [path, keys[path]]);
  return { ...(Object.fromEntries(unchanged) as typeof keys), ...change.keys };
}

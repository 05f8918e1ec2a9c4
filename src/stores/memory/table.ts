import { VersionMismatchError } from '../../errors.js';
import type { Change, Creation, MemberChange, WriteResult } from '../../contract/store.js';
import type { Selection } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import type { IndexedAttribute } from '../indexed-attribute.js';
import { applyChange } from '../apply-change.js';
import type { AppliedMembers } from '../apply-members.js';
import { CreationOrder } from './creation-order.js';
import { ResourceIndexes } from './resource-indexes.js';
import type { NewMembers } from './large-change.js';
import type { Clock, TenantTable, Tenant } from './tenant.js';

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

  /** @param newMembers the members, where there are many: the resource then gets the ID that they were collected for */
  create(creation: Creation<R>, newMembers?: NewMembers): PlannedWrite<R> {
    const { keys, selection } = creation;
    const delta = newMembers?.delta ?? this.#resolve(undefined, creation.members);
    this.indexes.checkUnique(keys, undefined);
    const id = newMembers?.groupId ?? this.mint();
    const resource = { id, ...creation.resource, meta: this.#options.clock.stamp(undefined) } as Stored<R>;
    const { ignored } = delta;
    const shown = this.#shown(resource, selection, delta, newMembers);
    const result = { resource: shown, changed: true, added: delta.added, removed: [], ignored };
    const commit = (): void => {
      const row: Row<R> = { resource, keys, sequence: this.#sequence++ };
      this.tenant.changes++;
      this.rows.set(id, row);
      this.order.append(row);
      this.indexes.add(row);
      this.#move(id, delta, newMembers);
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

  /** @param newMembers the change of members, where it is large */
  update(id: string, change: Change<R>, newMembers?: NewMembers): PlannedWrite<R> | undefined {
    const row = this.#rowOf(id, change.ifVersion);
    if (row === undefined) return undefined;
    const delta = newMembers?.delta ?? this.#resolve(id, change.members);
    this.indexes.checkUnique(change.keys, row);
    const before = row.resource;
    const { after, changed } = applyChange(before, change);
    const moved = delta.added.length + delta.removed.length > 0;
    if (changed.length === 0 && !moved) {
      const same = this.resourceOf(row, change.selection);
      const unmoved = { added: [], removed: [], ignored: delta.ignored };
      return { result: { resource: same, changed: false, before, ...unmoved }, commit: () => undefined };
    }
    const meta = this.#options.clock.stamp(before.meta.created);
    const resource: Stored<R> = { ...after, meta };
    const shown = this.#shown(resource, change.selection, delta, newMembers);
    const { removed, ignored } = delta;
    const result = { resource: shown, changed: true, before, added: delta.added, removed, ignored };
    const commit = (): void => {
      this.tenant.changes++;
      if (changed.length === 0) row.resource = resource;
      else this.indexes.replace(row, resource, keysAfter(row.keys, change.keys));
      this.#move(id, delta, newMembers);
    };
    return { result, commit };
  }

  delete(id: string, ifVersion: string | undefined): PlannedWrite<R> | undefined {
    const row = this.#rowOf(id, ifVersion);
    if (row === undefined) return undefined;
    const result = { resource: row.resource, changed: true };
    const commit = (): void => {
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

  /** Whether resources have members. */
  get hasMembers(): boolean {
    return this.#options.members;
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
    return { ...row.resource, members: this.tenant.memberships.of(row.resource.id) };
  }

  #rowOf(id: string, ifVersion: string | undefined): Row<R> | undefined {
    const row = this.rows.get(id);
    if (row !== undefined) checkVersion(row.resource, ifVersion);
    return row;
  }

  /** An ID that no resource of the tenant has. */
  mint(): string {
    const id = this.#options.mintId();
    if (this.tenant.tableOf(id) !== undefined)
      throw new Error('mintId returned an id that is in use: it must never return an id twice.');
    return id;
  }

  #resolve(id: string | undefined, members: MemberChange | undefined): AppliedMembers {
    return members === undefined ? nothing : this.tenant.resolveMembers(id, members);
  }

  /** The resource as `resourceOf` shows it after a change of its members. */
  #shown(
    resource: Stored<R>,
    selection: Selection,
    { inserted, removed }: AppliedMembers,
    newMembers: NewMembers | undefined,
  ): Stored<R> {
    if (!this.#options.members || !selection.has('members')) return resource;
    if (newMembers !== undefined) return { ...resource, members: newMembers.members.values() };
    const gone = new Set(removed);
    const kept = this.tenant.memberships.of(resource.id).filter(({ value }) => !gone.has(value));
    return { ...resource, members: kept.concat(inserted) };
  }

  #move(id: string, { inserted, removed }: AppliedMembers, newMembers: NewMembers | undefined): void {
    const { memberships } = this.tenant;
    if (newMembers !== undefined) {
      memberships.put(id, newMembers.members);
      return;
    }
    for (const member of removed) memberships.remove(id, member);
    for (const member of inserted) memberships.add(id, member);
  }
}

const nothing: AppliedMembers = { inserted: [], added: [], removed: [], ignored: [] };

function checkVersion(resource: Stored<object>, ifVersion: string | undefined): void {
  if (ifVersion !== undefined && ifVersion !== resource.meta.version) throw new VersionMismatchError();
}

function keysAfter(before: Row<object>['keys'], changes: Change<object>['keys']): Row<object>['keys'] {
  const paths = Object.keys(changes);
  if (paths.every((path) => (before[path] ?? null) === changes[path])) return before;
  const keys: Record<string, string> = {};
  for (const [path, key] of Object.entries({ ...before, ...changes })) if (key !== null) keys[path] = key;
  return keys;
}

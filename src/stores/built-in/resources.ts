import { randomUUID } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { isScimError, VersionMismatchError } from '../../errors.js';
import type { Selection } from '../../contract/attribute.js';
import type { Change, Creation, Removal, ResourceStore, Supports, Write, WriteResult } from '../../contract/store.js';
import type { ListQuery, Page } from '../../contract/filter.js';
import type { ScimContext } from '../../contract/context.js';
import type { Stored } from '../../contract/resource.js';
import { withoutUndefined } from '../../contract/without-undefined.js';
import { type Dialect, lock } from '../../database/dialect.js';
import { chunks } from '../../database/chunks.js';
import type { BuiltInTables } from '../../database/table-names.js';
import { hasCode, inTransaction, isRetryable, reading, withoutRetry } from '../../database/transaction.js';
import { CheckFailure, runBefore, takeLock, unwrapped } from '../sql/checks.js';
import { dataError, isRefusedValue } from '../sql/data-errors.js';
import { listRows } from '../sql/list.js';
import { noMembers } from '../sql/member-result.js';
import { type EventTarget, reportWrite } from '../sql/report-write.js';
import { applyChange } from '../apply-change.js';
import { checkMemberIds } from '../member-ids.js';
import { pickAttributes } from './pick-attributes.js';
import { builtInListSource } from './list-source.js';
import { changeMembers, type MemberScope, membersOf, namesIn, resolveMemberTypes } from './members.js';
import { needsLock, type NeedsLock, updateOptimistically } from './optimistic-update.js';
import {
  assignments,
  attributesOf,
  columnsOf,
  nextState,
  type ResourceRow,
  resourceColumns,
  storedAs,
  toStored,
} from './resource-row.js';
import { addOrRemoveMembers, changesMembersOnly, setActive, setsActiveOnly } from './single-statement.js';
import { insertKeys, replaceKeys } from './unique-keys.js';
import { deleteValues, insertValues } from './value-table.js';

/** What the resource types of one store share. */
export interface SqlDatabase {
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  /** Tables of further resource types, by the name of the type. */
  readonly others: ReadonlyMap<string, string>;
  readonly outbox: boolean;
  /** How many resources a filter that SQL cannot decide may be evaluated over. */
  readonly scanLimit: number;
  onScan(type: string): void;
}

/** The store of one resource type over the built-in tables. */
export class SqlResources<R extends object> implements ResourceStore<R> {
  readonly supports: Supports;
  readonly database: SqlDatabase;
  readonly #type: string;
  readonly #table: string;
  /** The table, called `r`. */
  readonly #from: RawBuilder<unknown>;

  constructor(database: SqlDatabase, type: string, table: string) {
    this.database = database;
    this.supports = { outbox: database.outbox, checks: true };
    this.#type = type;
    this.#table = table;
    this.#from = sql`${sql.table(table)} r`;
  }

  create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    return this.#write(creation, ctx, async (scope) => {
      await runBefore(creation, scope.db);
      const id = randomUUID();
      const { members, keys, selection } = creation;
      const types = members === undefined ? undefined : await resolveMemberTypes(members, scope);
      const attributes = withoutUndefined(creation.resource);
      const now = Date.now();
      await insertKeys(id, this.#type, keys, scope);
      const columns = columnsOf(attributes, this.#type);
      await sql`insert into ${sql.table(this.#table)}
        (tenant, id, ${sql.join(columns.map(([column]) => sql.ref(column)))}, created, last_modified, version)
        values (${sql.join([ctx.tenant, id, ...columns.map(([, value]) => value)])}, ${now}, ${now}, 1)`.execute(
        scope.db,
      );
      await insertValues(id, attributes, scope);
      const moved = members && types ? await changeMembers(id, members, types, scope) : noMembers;
      const created = storedAs<R>(attributes, { id, created: now, last_modified: now, version: 1 });
      // Nobody has put a new user into a group yet.
      const resource =
        this.#type === 'User' && selection.has('groups')
          ? { ...created, groups: [] }
          : await this.#withMembers(created, selection, scope);
      return reportWrite(creation, { resource, changed: true, ...moved }, this.#events(scope));
    });
  }

  get(id: string, selection: Selection, ctx: ScimContext): Promise<Stored<R> | undefined> {
    const scope = this.scope(this.database.db, ctx);
    return reading(async () => {
      const row = await this.#row(id, scope);
      return row === undefined ? undefined : this.#withMembers(toStored(row), selection, scope);
    });
  }

  list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    const { scanLimit } = this.database;
    const target = { from: this.#from, type: this.#type, scanLimit, onScan: this.database.onScan };
    return reading(() => listRows(query, builtInListSource<R>(target, this.scope(this.database.db, ctx))));
  }

  async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    if (change.members !== undefined) checkMemberIds(change.members);
    if (change.check !== undefined) return this.#updateLocked(id, change, ctx);
    const result = await withoutRetry(() => this.#updateUnlocked(id, change, ctx)).catch((error: unknown) =>
      needsLockAfter(storeError(error)),
    );
    return result === needsLock ? this.#updateLocked(id, change, ctx) : result;
  }

  /** The fast paths of PostgreSQL, which need no transaction. */
  async #updateUnlocked(
    id: string,
    change: Change<R>,
    ctx: ScimContext,
  ): Promise<WriteResult<R> | NeedsLock | undefined> {
    const { dialect, db, outbox } = this.database;
    if (dialect !== 'postgres' || !isPossible(id) || change.selection.has('members')) return needsLock;
    const scope = this.scope(db, ctx);
    // Events depend on what really changed, which is only known after these statements.
    if (!outbox && setsActiveOnly(change)) {
      return setActive(id, (change.set as { readonly active?: unknown }).active === true, this.#table, scope);
    }
    if (change.members === undefined) {
      return updateOptimistically(id, change, { table: this.#table, type: this.#type, outbox }, scope);
    }
    return !outbox && changesMembersOnly(change) ? addOrRemoveMembers(id, change.members, scope) : needsLock;
  }

  #updateLocked(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    return this.#write(change, ctx, async (scope) => {
      const row = await this.#row(id, scope, 'write');
      if (row === undefined) return undefined;
      checkVersion(row, change.ifVersion);
      await runBefore(change, scope.db);
      const { members, selection } = change;
      const types = members === undefined ? undefined : await resolveMemberTypes(members, scope);
      const old = attributesOf(row);
      const before = storedAs<R>(old, row);
      const { after, changed } = applyChange(old, change);
      if (changed.length > 0) {
        await replaceKeys(id, this.#type, change.keys, scope);
        await deleteValues(id, changed, scope);
        await insertValues(id, pickAttributes(after, changed), scope);
      }
      const moved = members && types ? await changeMembers(id, members, types, scope) : noMembers;
      if (changed.length === 0 && moved.added.length + moved.removed.length === 0) {
        const resource = await this.#withMembers(before, selection, scope);
        return reportWrite(change, { resource, changed: false, before, ...moved }, this.#events(scope));
      }
      const next = nextState(row);
      const attributes = changed.length === 0 ? sql`` : sql`${assignments(after, this.#type)},`;
      await sql`update ${sql.table(this.#table)} set ${attributes} last_modified = ${next.last_modified},
        version = ${next.version} where tenant = ${ctx.tenant} and id = ${id}`.execute(scope.db);
      const resource = await this.#withMembers(storedAs(after, next), selection, scope);
      return reportWrite(change, { resource, changed: true, before, ...moved }, this.#events(scope));
    });
  }

  delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    return this.#write(removal, ctx, async (scope) => {
      if (!isPossible(id)) return undefined;
      // Groups are locked before their members, in the same order as by an addition; otherwise the two would deadlock.
      const groups = await this.#groupsWith(id, scope);
      const row = await this.#row(id, scope, 'delete');
      if (row === undefined) return undefined;
      checkVersion(row, removal.ifVersion);
      await runBefore(removal, scope.db);
      // Those that added the resource before its row was locked.
      const lateGroups = await this.#groupsWith(id, scope);
      await this.#touch(
        [...new Set([...groups, ...lateGroups])].filter((group) => group !== id),
        scope,
      );
      const { tables } = this.database;
      await sql`delete from ${sql.table(tables.members)} where tenant = ${ctx.tenant} and member_id = ${id}`.execute(
        scope.db,
      );
      if (this.#type === 'Group')
        await sql`delete from ${sql.table(tables.members)} where tenant = ${ctx.tenant} and group_id = ${id}`.execute(
          scope.db,
        );
      await sql`delete from ${sql.table(tables.keys)} where tenant = ${ctx.tenant} and id = ${id}`.execute(scope.db);
      await deleteValues(id, undefined, scope);
      await sql`delete from ${sql.table(this.#table)} where tenant = ${ctx.tenant} and id = ${id}`.execute(scope.db);
      return reportWrite(removal, { resource: toStored<R>(row), changed: true }, this.#events(scope));
    });
  }

  namesOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, string>> {
    return reading(() => namesIn(new Set(ids), this.scope(this.database.db, ctx)));
  }

  scope(db: Kysely<unknown>, ctx: ScimContext): MemberScope {
    const { dialect, tables, others } = this.database;
    return { db, dialect, tables, others, tenant: ctx.tenant };
  }

  #events({ db }: MemberScope): EventTarget {
    const { outbox, tables } = this.database;
    return { db, outbox: outbox ? tables.outbox : undefined };
  }

  #write<T>(write: Write<R>, ctx: ScimContext, work: (scope: MemberScope) => Promise<T>): Promise<T> {
    const { db, dialect, tables } = this.database;
    return inTransaction(db, dialect, async (transaction) => {
      try {
        await takeLock(write, { db: transaction, dialect, locks: tables.locks, tenant: ctx.tenant });
        return await work(this.scope(transaction, ctx));
      } catch (error) {
        throw error instanceof CheckFailure ? unwrapped(error) : storeError(error);
      }
    });
  }

  async #row(id: string, scope: MemberScope, kind?: 'write' | 'delete'): Promise<ResourceRow | undefined> {
    if (!isPossible(id)) return undefined;
    const { rows } = await sql<ResourceRow>`select ${resourceColumns}
      from ${this.#from} where r.tenant = ${scope.tenant} and r.id = ${id}
      ${kind === undefined ? sql`` : lock(scope.dialect, kind)}`.execute(scope.db);
    return rows[0];
  }

  async #withMembers(resource: Stored<R>, selection: Selection, scope: MemberScope): Promise<Stored<R>> {
    if (this.#type !== 'Group' || !selection.has('members')) return resource;
    return { ...resource, members: (await membersOf([resource.id], scope)).get(resource.id) ?? [] };
  }

  async #groupsWith(id: string, { db, tables, tenant, dialect }: MemberScope): Promise<string[]> {
    const { rows } = await sql<{
      id: unknown;
    }>`select g.id from ${sql.table(tables.groups)} g where g.tenant = ${tenant}
      and g.id in (select m.group_id from ${sql.table(tables.members)} m where m.tenant = ${tenant} and m.member_id = ${id})
      order by g.id ${lock(dialect, 'write')}`.execute(db);
    return rows.map((row) => String(row.id));
  }

  // Losing a member changes the group.
  async #touch(groups: readonly string[], { db, tables, tenant }: MemberScope): Promise<void> {
    const now = Date.now();
    for (const ids of chunks(groups)) {
      await sql`update ${sql.table(tables.groups)} set version = version + 1,
        last_modified = case when last_modified > ${now} then last_modified else ${now} end
        where tenant = ${tenant} and id in (${sql.join(ids)})`.execute(db);
    }
  }
}

function needsLockAfter(error: unknown): NeedsLock {
  if (isRetryable(error) || hasCode(error, foreignKey)) return needsLock;
  throw error;
}

// Every text has a column that is long enough, or is cut: this is for what no column was made for.
function storeError(error: unknown): unknown {
  return !isScimError(error) && isRefusedValue(error) ? dataError(error, []) : error;
}

// An added member that is not a user.
const foreignKey: ReadonlySet<unknown> = new Set(['23503']);

// PostgreSQL rejects U+0000 in a parameter.
function isPossible(id: string): boolean {
  return id.length <= 64 && !id.includes('\0');
}

function checkVersion(row: ResourceRow, ifVersion: string | undefined): void {
  if (ifVersion !== undefined && ifVersion !== String(row.version)) throw new VersionMismatchError();
}

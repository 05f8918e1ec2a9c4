import { randomUUID } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { VersionMismatchError } from '../../errors.js';
import type { Attributes, Selection } from '../../contract/attribute.js';
import type { Change, Creation, Removal, ResourceStore, Supports, Write, WriteResult } from '../../contract/store.js';
import type { ListQuery, Page } from '../../contract/filter.js';
import type { ScimContext } from '../../contract/context.js';
import type { Stored } from '../../contract/resource.js';
import { withoutUndefined } from '../../contract/without-undefined.js';
import { type Dialect, lock } from '../../database/dialect.js';
import { listRows } from '../sql/list.js';
import { judgeMembers, type MemberScope, membersOf, moveMembers, namesIn } from './members.js';
import { readyMadeSource } from './source.js';
import {
  assignments,
  attributesOf,
  chunks,
  columnsOf,
  nextState,
  type ResourceRow,
  resourceColumns,
  storedAs,
  toStored,
} from './rows.js';
import type { Tables } from '../../database/table-names.js';
import { isActiveOnly, isMoveOnly, moveAtOnce, switchAtOnce } from './at-once.js';
import { hasCode, inTransaction, isRetried, reading, translated } from '../../database/transaction.js';
import { updateOptimistically } from './optimistic.js';
import { changedAttributes, changeKeys, deleteValues, insertValues, only, saveEvents, takeKeys } from './writes.js';

/** What users and groups of one store share. */
export interface SqlDatabase {
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  readonly tables: Tables;
  /** Tables of further resource types, by type. */
  readonly others: ReadonlyMap<string, string>;
  readonly outbox: boolean;
  /** How many resources a filter may be evaluated over that SQL cannot decide. */
  readonly scanLimit: number;
  onScan(type: string): void;
}

const none = { added: [], removed: [] };

/** One resource type over the ready-made tables. */
export class SqlResources<R extends object> implements ResourceStore<R> {
  readonly supports: Supports;
  readonly database: SqlDatabase;
  readonly #type: string;
  readonly #table: string;
  /** The table, called `r`. */
  readonly #from: RawBuilder<unknown>;

  constructor(database: SqlDatabase, type: string, table: string) {
    this.database = database;
    this.supports = { outbox: database.outbox };
    this.#type = type;
    this.#table = table;
    this.#from = sql`${sql.table(table)} r`;
  }

  create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    return this.#write(ctx, async (scope) => {
      const id = randomUUID();
      const { members, keys, selection } = creation;
      const kinds = members === undefined ? undefined : await judgeMembers(members, scope);
      const attributes: Attributes = withoutUndefined(creation.resource);
      const now = Date.now();
      await takeKeys(id, this.#type, keys, scope);
      const columns = columnsOf(attributes, this.#type);
      await sql`insert into ${sql.table(this.#table)}
        (tenant, id, ${sql.join(columns.map(([column]) => sql.ref(column)))}, created, last_modified, version)
        values (${sql.join([ctx.tenant, id, ...columns.map(([, value]) => value)])}, ${now}, ${now}, 1)`.execute(
        scope.db,
      );
      await insertValues(id, attributes, scope);
      const moved = members && kinds ? await moveMembers(id, members, kinds, scope) : none;
      const made = storedAs<R>(attributes, { id, created: now, last_modified: now, version: 1 });
      const resource = await this.#withMembers(made, selection, scope);
      return this.#told(creation, { resource, changed: true, ...moved }, scope);
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
    return reading(() => listRows(query, readyMadeSource<R>(target, this.scope(this.database.db, ctx))));
  }

  async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const done = await translated(() => this.#updateUnlocked(id, change, ctx)).catch(lockedIfLost);
    return done === 'locked' ? this.#updateLocked(id, change, ctx) : done;
  }

  /** The quick ways of PostgreSQL. */
  async #updateUnlocked(
    id: string,
    change: Change<R>,
    ctx: ScimContext,
  ): Promise<WriteResult<R> | 'locked' | undefined> {
    const { dialect, db, outbox } = this.database;
    if (dialect !== 'postgres' || !isPossible(id) || change.selection.has('members')) return 'locked';
    const scope = this.scope(db, ctx);
    // Events tell what has really changed, which only the database knows by then.
    if (!outbox && isActiveOnly(change)) {
      return switchAtOnce(id, (change.set as { readonly active?: unknown }).active === true, this.#table, scope);
    }
    if (change.members === undefined) {
      return updateOptimistically(id, change, { table: this.#table, type: this.#type, outbox }, scope);
    }
    return !outbox && isMoveOnly(change) ? moveAtOnce(id, change.members, scope) : 'locked';
  }

  #updateLocked(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    return this.#write(ctx, async (scope) => {
      const row = await this.#row(id, scope, 'write');
      if (row === undefined) return undefined;
      checkVersion(row, change.ifVersion);
      const { members, selection } = change;
      const kinds = members === undefined ? undefined : await judgeMembers(members, scope);
      const old = attributesOf(row);
      const before = storedAs<R>(old, row);
      const changed = changedAttributes(old, change.set, change.unset);
      if (changed !== undefined) {
        const written = [...Object.keys(change.set), ...change.unset];
        await changeKeys(id, this.#type, change.keys, written, scope);
        await deleteValues(id, changed.names, scope);
        await insertValues(id, only(changed.attributes, changed.names), scope);
      }
      const moved = members && kinds ? await moveMembers(id, members, kinds, scope) : none;
      if (changed === undefined && moved.added.length + moved.removed.length === 0) {
        const resource = await this.#withMembers(before, selection, scope);
        return this.#told(change, { resource, changed: false, before, ...none }, scope);
      }
      const next = nextState(row);
      const attributes = changed === undefined ? sql`` : sql`${assignments(changed.attributes, this.#type)},`;
      await sql`update ${sql.table(this.#table)} set ${attributes} last_modified = ${next.last_modified},
        version = ${next.version} where tenant = ${ctx.tenant} and id = ${id}`.execute(scope.db);
      const resource = await this.#withMembers(storedAs(changed?.attributes ?? old, next), selection, scope);
      return this.#told(change, { resource, changed: true, before, ...moved }, scope);
    });
  }

  delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<boolean> {
    return this.#write(ctx, async (scope) => {
      if (!isPossible(id)) return false;
      // Groups before their members, as an addition locks them: else the two would wait for each other.
      const groups = await this.#groupsWith(id, scope);
      const row = await this.#row(id, scope, 'delete');
      if (row === undefined) return false;
      checkVersion(row, removal.ifVersion);
      const late = await this.#groupsWith(id, scope);
      await this.#touch(
        [...new Set([...groups, ...late])].filter((group) => group !== id),
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
      await this.#told(removal, { resource: toStored<R>(row), changed: true }, scope, true);
      return true;
    });
  }

  namesOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, string>> {
    return reading(() => namesIn(new Set(ids), this.scope(this.database.db, ctx)));
  }

  scope(db: Kysely<unknown>, ctx: ScimContext): MemberScope {
    const { dialect, tables, others } = this.database;
    return { db, dialect, tables, others, tenant: ctx.tenant };
  }

  #write<T>(ctx: ScimContext, work: (scope: MemberScope) => Promise<T>): Promise<T> {
    const { db, dialect } = this.database;
    return inTransaction(db, dialect, (transaction) => work(this.scope(transaction, ctx)));
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

  // A group that loses a member has changed.
  async #touch(groups: readonly string[], { db, tables, tenant }: MemberScope): Promise<void> {
    const now = Date.now();
    for (const ids of chunks(groups)) {
      await sql`update ${sql.table(tables.groups)} set version = version + 1,
        last_modified = case when last_modified > ${now} then last_modified else ${now} end
        where tenant = ${tenant} and id in (${sql.join(ids)})`.execute(db);
    }
  }

  async #told(write: Write<R>, result: WriteResult<R>, scope: MemberScope, always = false): Promise<WriteResult<R>> {
    const { outbox, tables } = this.database;
    if (!outbox) {
      if (always) write.events(result);
    } else if (result.changed) await saveEvents(scope.db, tables.outbox, write.events(result));
    return result;
  }
}

function lockedIfLost(error: unknown): 'locked' {
  if (isRetried(error) || hasCode(error, foreignKey)) return 'locked';
  throw error;
}

// Not every added member is a user.
const foreignKey: ReadonlySet<unknown> = new Set(['23503']);

// PostgreSQL refuses U+0000 in a parameter.
function isPossible(id: string): boolean {
  return id.length <= 64 && !id.includes('\0');
}

function checkVersion(row: ResourceRow, ifVersion: string | undefined): void {
  if (ifVersion !== undefined && ifVersion !== String(row.version)) throw new VersionMismatchError();
}

import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { VersionMismatchError } from '../../errors.js';
import { isDeepEqual } from '../../schema/equal.js';
import type { Attributes, Selection } from '../../contract/attribute.js';
import type { Change, Creation, Removal, ResourceStore, Supports, Write, WriteResult } from '../../contract/store.js';
import type { ListQuery, Page } from '../../contract/filter.js';
import type { ScimContext } from '../../contract/context.js';
import type { Stored } from '../../contract/resource.js';
import { lock } from '../../database/dialect.js';
import { type ListSource, listRows } from '../sql/list.js';
import type { Moved } from '../built-in/members.js';
import { compileOrder } from '../sql/order.js';
import { chunks } from '../built-in/rows.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { saveEvents } from '../built-in/writes.js';
import { restOf } from './assemble.js';
import { keptValues, withChildren, writeChildren } from './children.js';
import {
  columnList,
  type Compiled,
  fromClause,
  idOf,
  keyOf,
  keyParameter,
  plainValue,
  type Row,
  type Scope,
  textOf,
  toResource,
  visible,
} from './compiled.js';
import { pathsOf, topOf } from './fields.js';
import { compileMapped, narrowMapped } from './filter.js';
import { judgeMapped, mappedGroupsOf, mappedMembersOf, moveMapped } from './members.js';
import { mappedSortColumn } from './order.js';
import { claimNormalized, writeSide } from './side.js';
import { type ColumnChange, columnChange, refusedDeletion, translated } from './write.js';

/** What users and groups of one store share. */
export interface MappedDatabase {
  readonly db: Kysely<unknown>;
  readonly users: Compiled;
  readonly groups: Compiled | undefined;
  /** Table of the outbox. */
  readonly outbox: string | undefined;
  readonly scanLimit: number;
  onScan(type: string): void;
  /** Does what is done once, when the database is there. */
  atFirstCall(): void;
}

type Key = string | number;
const none: Moved = { added: [], removed: [] };

/** One resource type over a table of the host's. */
export class MappedResources<R extends object> implements ResourceStore<R> {
  readonly supports: Supports;
  readonly database: MappedDatabase;
  readonly compiled: Compiled;

  constructor(database: MappedDatabase, compiled: Compiled) {
    this.database = database;
    this.compiled = compiled;
    const { mapping, fields, restIn, type } = compiled;
    const own = type === 'Group' && mapping.members !== undefined ? ['members'] : [];
    this.supports = {
      outbox: database.outbox !== undefined,
      pendingMembers: false,
      ...(mapping.tenant === undefined && { tenants: 'one' }),
      ...(restIn === undefined && { attributes: [...pathsOf(fields), ...own] }),
    };
  }

  create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    return this.#write(ctx, async (scope) => {
      const { members, selection } = creation;
      const joining = members && (await judgeMapped(members, this.#pair(), scope));
      const after = creation.resource as Attributes;
      const change = await columnChange(after, undefined, undefined, this.compiled, scope);
      const normalized = this.#normalizedIn(creation.keys);
      if (normalized !== undefined) await claimNormalized(normalized, undefined, this.compiled, scope);
      const key = await this.#insert(after, change, scope);
      const now = Date.now();
      await this.#saveSide(key, after, change, normalized, { created: now, now }, scope);
      await writeChildren(key, {}, after, this.compiled, scope);
      const moved = members && joining ? await moveMapped(key, members, joining, this.#pair(), scope) : none;
      const resource = await this.#read(key, selection, scope);
      return this.#told(creation, { resource, changed: true, ...moved }, scope);
    });
  }

  get(id: string, selection: Selection, ctx: ScimContext): Promise<Stored<R> | undefined> {
    this.database.atFirstCall();
    const scope = this.scope(this.database.db, ctx);
    return reading(async () => {
      const key = keyOf(this.compiled, id);
      const row = key === undefined ? undefined : await this.#row(key, scope);
      return row && this.#shown(row, selection, scope);
    });
  }

  list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    this.database.atFirstCall();
    return reading(() => listRows(query, this.#source(this.scope(this.database.db, ctx))));
  }

  update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    return this.#write(ctx, async (scope) => {
      const key = keyOf(this.compiled, id);
      const row = key === undefined ? undefined : await this.#lockedRow(key, 'write', scope);
      if (row === undefined || key === undefined) return undefined;
      const before = await this.#shown(row, new Set(), scope);
      if (change.ifVersion !== undefined && change.ifVersion !== before.meta.version) throw new VersionMismatchError();
      const { members, selection } = change;
      const joining = members && (await judgeMapped(members, this.#pair(), scope));
      const after = withChange(before, change);
      const names = new Set([...Object.keys(change.set), ...change.unset]);
      const columns = await columnChange(after, row, names, this.compiled, scope);
      const normalized = this.#normalizedIn(change.keys);
      if (normalized !== undefined) await claimNormalized(normalized, key, this.compiled, scope);
      const moved = members && joining ? await moveMapped(key, members, joining, this.#pair(), scope) : none;
      const apart = this.#differsApart(before, after, columns);
      if (columns.values.size === 0 && !apart && moved.added.length + moved.removed.length === 0) {
        const resource = selection.has('members') ? await this.#shown(row, selection, scope) : before;
        return this.#told(change, { resource, changed: false, before, ...none }, scope);
      }
      await this.#updateRow(key, after, columns, scope);
      const now = Date.now();
      await this.#saveSide(
        key,
        after,
        columns,
        normalized,
        { created: Date.parse(String(before.meta.created)), now },
        scope,
      );
      await writeChildren(key, before, after, this.compiled, scope);
      const resource = await this.#read(key, selection, scope);
      return this.#told(change, { resource, changed: true, before, ...moved }, scope);
    });
  }

  delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<boolean> {
    return this.#write(ctx, async (scope) => {
      const { mapping, type, side } = this.compiled;
      const key = keyOf(this.compiled, id);
      if (key === undefined) return false;
      // Groups before their members, as an addition locks them: else the two would wait for each other.
      const groups = type === 'User' ? await this.#groupsWith(key, scope) : [];
      const row = await this.#lockedRow(key, 'delete', scope);
      if (row === undefined) return false;
      const resource = await this.#shown(row, new Set(), scope);
      if (removal.ifVersion !== undefined && removal.ifVersion !== resource.meta.version)
        throw new VersionMismatchError();
      const late = type === 'User' ? await this.#groupsWith(key, scope) : [];
      for (const group of new Set([...groups, ...late])) await this.#touchGroup(group, scope);
      await this.#deleteApart(key, scope);
      const table = sql.table(mapping.table);
      const own = sql.ref(mapping.id.column);
      if (side !== undefined) {
        await sql`delete from ${sql.table(side)} where tenant = ${scope.tenant} and row_id = ${key}`.execute(scope.db);
      }
      if (mapping.softDelete === undefined) {
        await sql`delete from ${table} where ${own} = ${key}`.execute(scope.db).catch((error: unknown) => {
          throw refusedDeletion(error);
        });
      } else {
        await sql`update ${table} set ${sql.ref(mapping.softDelete.column)} = ${mapping.softDelete.mark()}
          where ${own} = ${key}`.execute(scope.db);
      }
      await this.#told(removal, { resource, changed: true }, scope, true);
      return true;
    });
  }

  async namesOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    const { users, groups } = this.database;
    for (const compiled of groups === undefined ? [users] : [users, groups]) {
      const scope = this.scope(this.database.db, ctx);
      const column = sql.ref(`r.${compiled.mapping.id.column}`);
      const keys = ids.map((id) => keyOf(compiled, id)).filter((key) => key !== undefined);
      for (const part of chunks(keys)) {
        const { rows } = await reading(() =>
          sql<Row>`select ${columnList(compiled)} from ${fromClause(compiled, scope)} where ${visible(compiled, scope)}
            and ${column} in (${sql.join(part.map((key) => keyParameter(compiled, key)))})`.execute(scope.db),
        );
        for (const row of rows) {
          const { id, displayName, userName } = toResource<{ displayName?: unknown; userName?: unknown }>(
            row,
            compiled,
          );
          const name = [displayName, userName].find((each) => typeof each === 'string' && each !== '');
          if (typeof name === 'string') names.set(id, name);
        }
      }
    }
    return names;
  }

  scope(db: Kysely<unknown>, { tenant }: ScimContext): Scope {
    return { db, tenant };
  }

  #pair(): { readonly users: Compiled; readonly groups: Compiled } {
    return { users: this.database.users, groups: this.database.groups ?? this.compiled };
  }

  #source(scope: Scope): ListSource<R> {
    const { compiled, database } = this;
    const key = sql.ref(`r.${compiled.mapping.id.column}`);
    return {
      db: scope.db,
      from: fromClause(compiled, scope),
      columns: columnList(compiled),
      visible: visible(compiled, scope),
      where: (filter) => compileMapped(filter, compiled, database, scope),
      order: (sort) =>
        compileOrder(sort, { dialect: compiled.dialect, key: sql`${key}` }, (attribute) =>
          mappedSortColumn(attribute, compiled),
        ),
      narrow: (filter) => narrowMapped(filter, compiled),
      toResource: (row) => toResource<R>(row, compiled),
      complete: (resources, selection) => this.#complete(resources, selection, scope),
      forEvaluation: (resources) => this.#withEverything(resources, scope),
      scanLimit: database.scanLimit,
      onScan: () => database.onScan(compiled.type),
    };
  }

  async #complete(resources: readonly Stored<R>[], selection: Selection, scope: Scope): Promise<readonly Stored<R>[]> {
    if (resources.length === 0) return resources;
    const shown = await withChildren(resources, this.compiled, scope);
    if (this.compiled.type === 'User' || !selection.has('members')) return shown;
    const ids = shown.map(({ id }) => id);
    const members = await mappedMembersOf(ids, this.#pair(), scope);
    return shown.map((resource) => ({ ...resource, members: members.get(resource.id) ?? [] }));
  }

  async #withEverything(resources: readonly Stored<R>[], scope: Scope): Promise<readonly Stored<R>[]> {
    const complete = await this.#complete(resources, new Set(['members']), scope);
    const ids = complete.map(({ id }) => id);
    if (this.compiled.type === 'User') {
      const groups = await mappedGroupsOf(ids, this.#pair(), scope);
      return complete.map((user) => ({ ...user, groups: groups.get(user.id) ?? [] }));
    }
    const wanted = new Set(complete.flatMap((group) => membersIn(group).map(({ value }) => value)));
    const names = await this.namesOf([...wanted], { tenant: scope.tenant } as ScimContext);
    return complete.map((group) => ({
      ...group,
      members: membersIn(group).map((member) => ({ ...member, display: names.get(member.value) })),
    }));
  }

  #write<T>(ctx: ScimContext, work: (scope: Scope) => Promise<T>): Promise<T> {
    const { db, atFirstCall } = this.database;
    atFirstCall();
    return inTransaction(db, this.compiled.dialect, async (transaction) => {
      try {
        return await work(this.scope(transaction, ctx));
      } catch (error) {
        throw translated(error, this.compiled);
      }
    });
  }

  async #row(key: Key, scope: Scope): Promise<Row | undefined> {
    const { compiled } = this;
    const { column } = compiled.mapping.id;
    const { rows } = await sql<Row>`select ${columnList(compiled)} from ${fromClause(compiled, scope)}
      where ${sql.ref(`r.${column}`)} = ${keyParameter(compiled, key)} and ${visible(compiled, scope)}`.execute(
      scope.db,
    );
    // The collation of a text may have found the row of another key.
    return rows.find((row) => textOf(row[compiled.columns.get(column) ?? '']) === String(key));
  }

  /** The row, locked by a statement of its own: a lock must not reach the rows that are joined to it. */
  async #lockedRow(key: Key, kind: 'write' | 'delete', scope: Scope): Promise<Row | undefined> {
    const { mapping, dialect } = this.compiled;
    if (dialect !== 'sqlite') {
      const column = sql.ref(`r.${mapping.id.column}`);
      const { rows } = await sql`select ${column} from ${sql.table(mapping.table)} as r
        where ${column} = ${keyParameter(this.compiled, key)} and ${visible(this.compiled, scope)} ${lock(dialect, kind)}`.execute(
        scope.db,
      );
      if (rows.length === 0) return undefined;
    }
    return this.#row(key, scope);
  }

  async #shown(row: Row, selection: Selection, scope: Scope): Promise<Stored<R>> {
    const [resource] = await this.#complete([toResource<R>(row, this.compiled)], selection, scope);
    if (resource === undefined) throw new Error('A resource was lost while it was read.');
    return resource;
  }

  async #read(key: Key, selection: Selection, scope: Scope): Promise<Stored<R>> {
    const row = await this.#row(key, scope);
    if (row === undefined)
      throw new Error('A row that was just written is not to be seen: look at `defaults` and `softDelete`.');
    return this.#shown(row, selection, scope);
  }

  async #insert(resource: Attributes, { values }: ColumnChange, scope: Scope): Promise<Key> {
    const { mapping, dialect } = this.compiled;
    const { id, tenant, version } = mapping;
    const row = new Map<string, unknown>(Object.entries(mapping.defaults?.(resource, scope.tenant) ?? {}));
    for (const [column, value] of values) row.set(column, value);
    for (const [column, value] of Object.entries(mapping.stamp?.(new Date()) ?? {})) row.set(column, value);
    if (tenant !== undefined) row.set(tenant.column, tenant.write(scope.tenant));
    if (typeof version === 'object' && !row.has(version.column)) row.set(version.column, 1);
    if (id.type !== 'integer') row.set(id.column, row.get(id.column) ?? randomUUID());
    const rest = this.#rest(resource, new Set());
    if (mapping.rest !== undefined) row.set(mapping.rest, JSON.stringify(rest));
    const columns = sql.join([...row.keys()].map((column) => sql.ref(column)));
    const insert = sql`insert into ${sql.table(mapping.table)} (${columns}) values (${sql.join([...row.values()])})`;
    if (id.type !== 'integer') {
      await insert.execute(scope.db);
      return String(row.get(id.column));
    }
    if (dialect === 'mysql') return Number((await insert.execute(scope.db)).insertId);
    const { rows } = await sql<{ key: unknown }>`${insert} returning ${sql.ref(id.column)} as key`.execute(scope.db);
    return Number(rows[0]?.key);
  }

  async #updateRow(key: Key, after: Attributes, { values, unplaced }: ColumnChange, scope: Scope): Promise<void> {
    const { mapping, side } = this.compiled;
    const row = new Map(values);
    for (const [column, value] of Object.entries(mapping.stamp?.(new Date()) ?? {})) row.set(column, value);
    if (mapping.rest !== undefined) row.set(mapping.rest, JSON.stringify(this.#rest(after, unplaced)));
    const sets = [...row].map(([column, value]) => sql`${sql.ref(column)} = ${value}`);
    if (typeof mapping.version === 'object') {
      const column = sql.ref(mapping.version.column);
      sets.push(sql`${column} = ${column} + 1`);
    } else if (sets.length === 0 && side === undefined) {
      // Only what stands in other tables changes; xmin tells of the row alone.
      const column = sql.ref(mapping.id.column);
      sets.push(sql`${column} = ${column}`);
    }
    if (sets.length === 0) return;
    await sql`update ${sql.table(mapping.table)} set ${sql.join(sets)} where ${sql.ref(mapping.id.column)} = ${key}`.execute(
      scope.db,
    );
  }

  #rest(resource: Attributes, unplaced: ColumnChange['unplaced']): Attributes {
    const { fields, side } = this.compiled;
    const { externalId, ...rest } = restOf(resource, fields, unplaced);
    return side !== undefined || externalId === undefined ? rest : { ...rest, externalId };
  }

  /** Whether anything differs that stands elsewhere than in the columns. */
  #differsApart(before: Attributes, after: Attributes, { unplaced }: ColumnChange): boolean {
    const { fields, restIn } = this.compiled;
    const children = fields.some(
      (field) =>
        field.kind === 'children' &&
        !isDeepEqual(keptValues(before[topOf(field)], field), keptValues(after[topOf(field)], field)),
    );
    if (children || restIn === undefined) return children;
    return !isDeepEqual(restOf(before, fields, unplaced), restOf(after, fields, unplaced));
  }

  #normalizedIn(keys: Readonly<Record<string, string>>): string | undefined {
    return this.compiled.type === 'User' ? keys['userName'] : undefined;
  }

  async #saveSide(
    key: Key,
    after: Attributes,
    { unplaced }: ColumnChange,
    normalized: string | undefined,
    times: { readonly created: number; readonly now: number },
    scope: Scope,
  ): Promise<void> {
    const { restIn } = this.compiled;
    const externalId = after['externalId'];
    const row = {
      externalId: typeof externalId === 'string' ? externalId : undefined,
      normalized,
      rest: restIn === 'side' ? this.#rest(after, unplaced) : {},
    };
    await writeSide(key, row, times, this.compiled, scope);
  }

  async #groupsWith(member: Key, scope: Scope): Promise<Key[]> {
    const { groups } = this.database;
    const join = groups?.mapping.members;
    if (groups === undefined || join === undefined) return [];
    const id = sql.ref(`r.${groups.mapping.id.column}`);
    const { rows } = await sql<{ id: unknown }>`select ${id} as id from ${sql.table(groups.mapping.table)} as r
      where ${visible(groups, scope)} and ${id} in (select ${sql.ref(join.group)} from ${sql.table(join.table)}
        where ${sql.ref(join.member)} = ${keyParameter(this.compiled, member)})
      order by ${id} ${lock(groups.dialect, 'write')}`.execute(scope.db);
    return rows.map((row) => keyOf(groups, idOf(groups, plainValue(row.id))) ?? '');
  }

  /** A group that loses a member has changed. */
  async #touchGroup(key: Key, scope: Scope): Promise<void> {
    const { groups } = this.database;
    if (groups === undefined) return;
    const { mapping, side } = groups;
    const own = sql.ref(mapping.id.column);
    if (typeof mapping.version === 'object') {
      const column = sql.ref(mapping.version.column);
      await sql`update ${sql.table(mapping.table)} set ${column} = ${column} + 1 where ${own} = ${key}`.execute(
        scope.db,
      );
    } else if (side === undefined) {
      await sql`update ${sql.table(mapping.table)} set ${own} = ${own} where ${own} = ${key}`.execute(scope.db);
    }
    if (side === undefined) return;
    const now = Date.now();
    const { numAffectedRows } = await sql`update ${sql.table(side)} set revision = revision + 1,
      last_modified = case when last_modified > ${now} then last_modified else ${now} end
      where tenant = ${scope.tenant} and row_id = ${key}`.execute(scope.db);
    if (numAffectedRows === 0n) {
      await writeSide(
        key,
        { externalId: undefined, normalized: undefined, rest: {} },
        { created: 0, now },
        groups,
        scope,
      );
    }
  }

  async #deleteApart(key: Key, scope: Scope): Promise<void> {
    const { compiled, database } = this;
    const join = database.groups?.mapping.members;
    if (join !== undefined) {
      const own = compiled.type === 'User' ? join.member : join.group;
      await sql`delete from ${sql.table(join.table)} where ${sql.ref(own)} = ${key}`.execute(scope.db);
    }
    for (const field of compiled.fields) {
      if (field.kind !== 'children') continue;
      const { table, owner } = field.children;
      await sql`delete from ${sql.table(table)} where ${sql.ref(owner)} = ${key}`.execute(scope.db);
    }
  }

  async #told(write: Write<R>, result: WriteResult<R>, scope: Scope, always = false): Promise<WriteResult<R>> {
    const { outbox } = this.database;
    if (outbox === undefined) {
      if (always) write.events(result);
    } else if (result.changed) await saveEvents(scope.db, outbox, write.events(result));
    return result;
  }
}

function withChange<R extends object>(before: Stored<R>, { set, unset }: Change<R>): Attributes {
  const after: Record<string, unknown> = { ...before, ...set };
  for (const name of unset) delete after[name];
  return after;
}

function membersIn(group: object): readonly { readonly value: string }[] {
  return (group as { readonly members?: readonly { readonly value: string }[] }).members ?? [];
}

import type { Kysely } from 'kysely';
import type { Attributes, Selection } from '../../contract/attribute.js';
import type { ScimContext } from '../../contract/context.js';
import type { ListQuery, Page } from '../../contract/filter.js';
import type { Stored } from '../../contract/resource.js';
import type { Change, Creation, Removal, ResourceStore, Supports, Write, WriteResult } from '../../contract/store.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { VersionMismatchError } from '../../errors.js';
import { isSameJson } from '../../schema/equal.js';
import { instantOf } from '../../schema/normalize.js';
import { CheckFailure, runBefore, takeLock, unwrapped } from '../sql/checks.js';
import { applyChange } from '../apply-change.js';
import { listRows } from '../sql/list.js';
import { type MemberResult, noMembers } from '../sql/member-result.js';
import { type EventTarget, reportWrite } from '../sql/report-write.js';
import { restOf } from './assemble.js';
import { keptValues, writeChildren } from './children.js';
import { type ColumnChange, columnChange } from './column-change.js';
import type { CompiledMapping, Row, MappedScope } from './compile-mapping.js';
import { toDeletionError, toScimError } from './constraint-errors.js';
import { pathsOf, topOf } from './fields.js';
import { deleteRow, findRow, findRowForUpdate, insertRow, updateRow } from './host-rows.js';
import { mappedListSource, type MappedTables, namesIn, pairOf, withOtherTables } from './list-source.js';
import { changeMappedMembers, lockAddedMembers, type MappedPair } from './members.js';
import { deleteDependentRows, lockGroupsOf, touchGroup } from './memberships.js';
import { clearReferences } from './references.js';
import { type Key, keyOf } from './primary-key.js';
import { explainMissing } from './missing-columns.js';
import { toResource } from './read-row.js';
import { checkNameIsFree, saveSideRow } from './side-row.js';
import { checkLookalikes } from './unique-name.js';
import { documentationPage } from '../../documentation.js';

/** What users and groups of one store share. */
export interface MappedDatabase extends MappedTables {
  readonly db: Kysely<unknown>;
  /** Name of the outbox table. */
  readonly outbox: string | undefined;
  /** Name of the table of locks. */
  readonly locks: string;
  readonly scanLimit: number;
  onScan(type: string): void;
  /** Which tables of both mappings are ordinary tables without triggers, found out once. */
  plainTables(): Promise<ReadonlySet<string>>;
  /** Runs what needs the database once, before the first statement. */
  atFirstCall(): void;
  /** Whether the host has a unique index on user names that ignores case, found out once. */
  ignoresCaseOfNames(): Promise<boolean>;
}

/** The store of one resource type over a table of the host's. */
export class MappedResources<R extends object> implements ResourceStore<R> {
  readonly supports: Supports;
  readonly database: MappedDatabase;
  readonly compiled: CompiledMapping;
  readonly #pair: MappedPair;

  constructor(database: MappedDatabase, compiled: CompiledMapping) {
    this.database = database;
    this.compiled = compiled;
    this.#pair = pairOf(compiled, database);
    const { mapping, fields, restIn, type } = compiled;
    const members = type === 'Group' && mapping.members !== undefined ? ['members'] : [];
    this.supports = {
      outbox: database.outbox !== undefined,
      checks: true,
      pendingMembers: false,
      keys: enforcedKeys(type, mapping),
      ...(mapping.tenant === undefined && { tenants: 'one' }),
      ...(restIn === undefined && { attributes: [...pathsOf(fields), ...members] }),
    };
  }

  async create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    const { compiled } = this;
    const normalized = this.#normalizedName(creation.keys);
    const ignoresCase = normalized === undefined || (await this.database.ignoresCaseOfNames());
    return this.#write(
      creation,
      ctx,
      async (scope) => {
        await runBefore(creation, scope.db);
        const { members, selection } = creation;
        const addedKeys = members && (await lockAddedMembers(members, this.#pair, scope));
        const after = creation.resource as Attributes;
        const columns = await columnChange(after, undefined, undefined, compiled, scope);
        if (normalized !== undefined) {
          await checkLookalikes(String(after['userName']), undefined, ignoresCase, compiled, scope);
          await checkNameIsFree(normalized, undefined, compiled, scope);
        }
        const { key, row } = await insertRow(after, columns, compiled, scope);
        const now = Date.now();
        await saveSideRow(key, { after, columns, normalized }, { created: now, now }, compiled, scope);
        await writeChildren(key, {}, after, compiled, scope);
        const moved =
          members && addedKeys ? await changeMappedMembers(key, members, addedKeys, this.#pair, scope) : noMembers;
        const resource = await this.#read(key, row, selection, scope);
        return reportWrite(creation, { resource, changed: true, ...moved }, this.#events(scope));
      },
      creation.resource,
    );
  }

  get(id: string, selection: Selection, ctx: ScimContext): Promise<Stored<R> | undefined> {
    this.database.atFirstCall();
    const scope = this.scope(this.database.db, ctx);
    return this.#reading(async () => {
      const key = keyOf(this.compiled, id);
      const row = key === undefined ? undefined : await findRow(key, this.compiled, scope);
      return row && this.#toResource(row, selection, scope);
    });
  }

  list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    const { database, compiled } = this;
    database.atFirstCall();
    const limits = { scanLimit: database.scanLimit, onScan: () => database.onScan(compiled.type) };
    const scope = this.scope(database.db, ctx);
    return this.#reading(() => listRows(query, mappedListSource<R>(compiled, database, limits, scope)));
  }

  async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const { compiled } = this;
    const normalized = this.#normalizedName(change.keys);
    const ignoresCase = normalized === undefined || (await this.database.ignoresCaseOfNames());
    return this.#write(
      change,
      ctx,
      async (scope) => {
        const key = keyOf(compiled, id);
        const row = key === undefined ? undefined : await findRowForUpdate(key, 'write', compiled, scope);
        if (row === undefined || key === undefined) return undefined;
        const before = await this.#toResource(row, new Set(), scope);
        checkVersion(before, change.ifVersion);
        await runBefore(change, scope.db);
        const { members, selection } = change;
        const addedKeys = members && (await lockAddedMembers(members, this.#pair, scope));
        const after: Attributes = applyChange(before, change).after;
        const names = new Set([...Object.keys(change.set), ...change.unset]);
        const columns = await columnChange(after, row, names, compiled, scope);
        if (normalized !== undefined) {
          await checkLookalikes(String(after['userName']), key, ignoresCase, compiled, scope);
          await checkNameIsFree(normalized, key, compiled, scope);
        }
        const moved: MemberResult =
          members && addedKeys ? await changeMappedMembers(key, members, addedKeys, this.#pair, scope) : noMembers;
        const isSame = columns.values.size === 0 && !this.#differsOutsideColumns(before, after, columns);
        if (isSame && moved.added.length + moved.removed.length === 0) {
          const resource = selection.has('members') ? await this.#toResource(row, selection, scope) : before;
          return reportWrite(change, { resource, changed: false, before, ...moved }, this.#events(scope));
        }
        const written = await updateRow(key, after, columns, compiled, scope);
        const times = { created: instantOf(before.meta.created) ?? 0, now: Date.now() };
        await saveSideRow(key, { after, columns, normalized }, times, compiled, scope);
        await writeChildren(key, before, after, compiled, scope);
        const resource = await this.#read(key, written, selection, scope);
        return reportWrite(change, { resource, changed: true, before, ...moved }, this.#events(scope));
      },
      change.set,
    );
  }

  delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const { compiled } = this;
    const { users, groups } = this.database;
    return this.#write(removal, ctx, async (scope) => {
      const key = keyOf(compiled, id);
      if (key === undefined) return undefined;
      const isUser = compiled.type === 'User';
      // Groups are locked before their members, in the same order as by an addition; otherwise the two would deadlock.
      const groupKeys = isUser ? await lockGroupsOf(key, users, groups, scope) : [];
      const row = await findRowForUpdate(key, 'delete', compiled, scope);
      if (row === undefined) return undefined;
      const resource = await this.#toResource(row, new Set(), scope);
      checkVersion(resource, removal.ifVersion);
      await runBefore(removal, scope.db);
      if (groups !== undefined) {
        // Those that added the user before the row was locked.
        const lateKeys = isUser ? await lockGroupsOf(key, users, groups, scope) : [];
        for (const group of new Set([...groupKeys, ...lateKeys])) await touchGroup(group, groups, scope);
      }
      await clearReferences(key, compiled, [users, groups], scope);
      await deleteDependentRows(key, compiled, groups, scope);
      await deleteRow(key, compiled, scope).catch((error: unknown) => {
        throw toDeletionError(error);
      });
      return reportWrite(removal, { resource, changed: true }, this.#events(scope));
    });
  }

  namesOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, string>> {
    return this.#reading(() => namesIn(ids, [this.compiled], this.scope(this.database.db, ctx)));
  }

  scope(db: Kysely<unknown>, { tenant }: ScimContext, plainTables: ReadonlySet<string> = new Set()): MappedScope {
    return { db, tenant, plainTables };
  }

  #events({ db }: MappedScope): EventTarget {
    return { db, outbox: this.database.outbox };
  }

  /** @param written the attributes that are written, which an error about a value names */
  async #write<T>(
    write: Write<R>,
    ctx: ScimContext,
    work: (scope: MappedScope) => Promise<T>,
    written: object = {},
  ): Promise<T> {
    const { db, locks, atFirstCall } = this.database;
    const { dialect } = this.compiled;
    atFirstCall();
    // Before the transaction: on SQLite it holds the only connection.
    const plainTables = await this.database.plainTables();
    const locked = async (transaction: Kysely<unknown>): Promise<T> => {
      try {
        await takeLock(write, { db: transaction, dialect, locks, tenant: ctx.tenant });
        return await work(this.scope(transaction, ctx, plainTables));
      } catch (error) {
        if (error instanceof CheckFailure) throw unwrapped(error);
        throw toScimError(error, this.compiled, written as Attributes);
      }
    };
    return inTransaction(db, dialect, locked, ctx).catch((error: unknown) => this.#explain(error));
  }

  #reading<T>(read: () => Promise<T>): Promise<T> {
    return reading(read).catch((error: unknown) => this.#explain(error));
  }

  /** Names the table and column where the mapping is wrong. After the transaction: on SQLite it holds the only connection. */
  async #explain(error: unknown): Promise<never> {
    const { db, users, groups, outbox } = this.database;
    const created = [users.side, groups?.side].filter((side) => side !== undefined);
    throw await explainMissing(
      error,
      db,
      users.dialect,
      [users.mapping, groups?.mapping],
      [
        ...created.map((side) => [side, 'call createSideTables first, with the same mappings'] as const),
        ...(outbox === undefined ? [] : [[outbox, 'call createOutboxTable first'] as const]),
      ],
    );
  }

  async #toResource(row: Row, selection: Selection, scope: MappedScope): Promise<Stored<R>> {
    const { compiled, database } = this;
    const [resource] = await withOtherTables([toResource<R>(row, compiled)], selection, compiled, database, scope);
    if (resource === undefined) throw new Error('A resource was lost while it was read.');
    return resource;
  }

  /** @param written the row, where the write returned it */
  async #read(key: Key, written: Row | undefined, selection: Selection, scope: MappedScope): Promise<Stored<R>> {
    const row = written ?? (await findRow(key, this.compiled, scope));
    if (row === undefined) {
      const { table } = this.compiled.mapping;
      throw new Error(
        `The row that was just written to ${table} is not visible: check \`defaults\`, \`tenant\` and \`softDelete\` of its mapping. See ${documentationPage('sql.md#options-of-a-mapping')}`,
      );
    }
    return this.#toResource(row, selection, scope);
  }

  /** Whether anything differs that is not in a column of the table: child tables and attributes without a column. */
  #differsOutsideColumns(before: Attributes, after: Attributes, { unplaced }: ColumnChange): boolean {
    const { fields, restIn } = this.compiled;
    const childrenDiffer = fields.some(
      (field) =>
        field.kind === 'children' &&
        !isSameJson(keptValues(before[topOf(field)], field), keptValues(after[topOf(field)], field)),
    );
    if (childrenDiffer || restIn === undefined) return childrenDiffer;
    return !isSameJson(restOf(before, fields, unplaced), restOf(after, fields, unplaced));
  }

  #normalizedName(keys: Change<R>['keys']): string | undefined {
    return this.compiled.type === 'User' ? (keys['userName'] ?? undefined) : undefined;
  }
}

/** The unique attributes that an index decides: the library's own in the side table, else one of the host's. */
function enforcedKeys(type: CompiledMapping['type'], { constraints }: CompiledMapping['mapping']): readonly string[] {
  return [...new Set([...(type === 'User' ? ['userName'] : []), ...Object.values(constraints)])];
}

function checkVersion({ meta }: Stored<object>, ifVersion: string | undefined): void {
  if (ifVersion !== undefined && ifVersion !== meta.version) throw new VersionMismatchError();
}

import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { refuseAfterDeadline } from '../../contract/after-deadline.js';
import { type ConflictError, isScimError, UnavailableError } from '../../errors.js';
import type { Selection } from '../../contract/attribute.js';
import type { Change, Creation, Removal, ResourceStore, Supports, Write, WriteResult } from '../../contract/store.js';
import type { ListQuery, Page } from '../../contract/filter.js';
import type { ScimContext } from '../../contract/context.js';
import type { Stored } from '../../contract/resource.js';
import type { Dialect } from '../../database/dialect.js';
import type { BuiltInTables } from '../../database/table-names.js';
import { hasCode, inTransaction, isRetryable, reading, withoutRetry } from '../../database/transaction.js';
import { checkMemberIds } from '../member-ids.js';
import { CheckFailure, takeLock, unwrapped } from '../sql/checks.js';
import { dataError, isRefusedValue } from '../sql/data-errors.js';
import { listRows } from '../sql/list.js';
import { deleteResource } from './delete-resource.js';
import { builtInListSource, withGroupsOfRow } from './list-source.js';
import { isStorable, type MemberScope, membersOf, namesIn } from './members.js';
import { quickChange } from './quick-change.js';
import { isUniqueViolation, takenKey } from './unique-keys.js';
import {
  changeResource,
  insertResource,
  needsLock,
  type NeedsLock,
  readRow,
  type WriteScope,
} from './write-resource.js';

/** What the resource types of one store share. */
export interface SqlDatabase {
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  /** Tables of further resource types, by the name of the type. */
  readonly others: ReadonlyMap<string, string>;
  readonly outbox: boolean;
  /** Paths of the table of lookups. */
  readonly lookups: readonly string[];
  /** How many resources a filter that SQL cannot decide may be evaluated over. */
  readonly scanLimit: number;
  onScan(type: string): void;
  /** As in `BatchTarget`. */
  hasCompoundStatements(): Promise<boolean>;
}

/** The store of one resource type over the built-in tables. */
export class SqlResources<R extends object> implements ResourceStore<R> {
  readonly supports: Supports;
  readonly database: SqlDatabase;
  readonly #type: string;
  readonly #table: string;
  readonly #lookups: ReadonlySet<string>;

  constructor(database: SqlDatabase, type: string, table: string) {
    this.database = database;
    this.supports = { outbox: database.outbox, checks: true };
    this.#type = type;
    this.#table = table;
    this.#lookups = new Set(database.lookups);
  }

  create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    const id = randomUUID();
    if (creation.members !== undefined) checkMemberIds(creation.members);
    return this.#write(id, creation, ctx, (scope) => insertResource(id, creation, scope));
  }

  get(id: string, selection: Selection, ctx: ScimContext): Promise<Stored<R> | undefined> {
    if (!isPossible(id)) return Promise.resolve(undefined);
    const scope = this.#scope(this.database.db, ctx);
    return reading(async () => {
      const row = await readRow(id, selection, scope);
      if (row === undefined) return undefined;
      const resource = withGroupsOfRow<R>(row);
      if (this.#type !== 'Group' || !selection.has('members')) return resource;
      return { ...resource, members: (await membersOf([id], scope)).get(id) ?? [] };
    });
  }

  list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    const { scanLimit, onScan } = this.database;
    const target = { table: this.#table, type: this.#type, lookups: this.#lookups, scanLimit, ctx, onScan };
    return reading(() => listRows(query, builtInListSource<R>(query, target, this.#scope(this.database.db, ctx))));
  }

  async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    if (change.members !== undefined) checkMemberIds(change.members);
    if (!isPossible(id)) return undefined;
    return this.#write(id, change, ctx, async (scope) => {
      const quick = await quickChange(id, change, scope);
      return quick === needsLock ? changeResource(id, change, scope) : quick;
    });
  }

  async delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    if (!isPossible(id)) return undefined;
    return this.#inTransaction(removal, ctx, (scope) => deleteResource(id, removal, scope));
  }

  namesOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, string>> {
    return reading(() => namesIn(new Set(ids), [this.#table], this.#scope(this.database.db, ctx)));
  }

  scope(ctx: ScimContext): MemberScope {
    return this.#scope(this.database.db, ctx);
  }

  #scope(db: Kysely<unknown>, ctx: ScimContext): WriteScope {
    const { dialect, tables, others, outbox, lookups, hasCompoundStatements } = this.database;
    const [tenant, type, table] = [ctx.tenant, this.#type, this.#table];
    return { db, dialect, ctx, hasCompoundStatements, tables, others, outbox, lookups, tenant, type, table };
  }

  /**
   * Runs a write without a transaction, and in one if it has a check or another write came first.
   *
   * @throws ConflictError when another resource has one of its unique keys
   */
  async #write<T extends WriteResult<R> | undefined>(
    id: string,
    write: Creation<R> | Change<R>,
    ctx: ScimContext,
    work: (scope: WriteScope) => Promise<T | NeedsLock>,
  ): Promise<T> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (attempt > 1) refuseAfterDeadline(ctx);
      try {
        if (write.check === undefined) {
          const result = await this.#withoutTransaction(ctx, work);
          if (result !== needsLock) return result;
        }
        const result = await this.#inTransaction(write, ctx, work);
        if (result !== needsLock) return result;
      } catch (error) {
        if (!(error instanceof TakenKey)) throw error;
        const conflict = await this.#conflict(id, write, ctx);
        // Otherwise the key was freed in the meantime.
        if (conflict !== undefined) throw conflict;
      }
    }
    throw new UnavailableError(1);
  }

  async #withoutTransaction<T>(
    ctx: ScimContext,
    work: (scope: WriteScope) => Promise<T | NeedsLock>,
  ): Promise<T | NeedsLock> {
    try {
      return await withoutRetry(() => work(this.#scope(this.database.db, ctx)));
    } catch (error) {
      if (isRetryable(error) || hasCode(error, foreignKey)) return needsLock;
      throw storeError(error);
    }
  }

  #conflict(id: string, { keys }: Creation<R> | Change<R>, ctx: ScimContext): Promise<ConflictError | undefined> {
    return reading(() => takenKey(id, keys, this.#type, this.#scope(this.database.db, ctx)));
  }

  #inTransaction<T>(write: Write<R>, ctx: ScimContext, work: (scope: WriteScope) => Promise<T>): Promise<T> {
    const { db, dialect, tables } = this.database;
    const locked = async (transaction: Kysely<unknown>): Promise<T> => {
      try {
        await takeLock(write, { db: transaction, dialect, locks: tables.locks, tenant: ctx.tenant });
        return await work(this.#scope(transaction, ctx));
      } catch (error) {
        throw error instanceof CheckFailure ? unwrapped(error) : storeError(error);
      }
    };
    return inTransaction(db, dialect, locked, ctx);
  }
}

/** How often a write is repeated whose unique key was taken and freed again. */
const maxAttempts = 5;

// An added member that was deleted in the meantime, or a group that is itself being deleted.
const foreignKey: ReadonlySet<unknown> = new Set(['23503', 1452, 'SQLITE_CONSTRAINT_FOREIGNKEY']);

/** A write violated a unique index, of which drivers do not tell the attribute. */
class TakenKey extends Error {
  constructor(cause: unknown) {
    super('A unique key is taken.', { cause });
  }
}

function storeError(error: unknown): unknown {
  if (isUniqueViolation(error)) return new TakenKey(error);
  // Every text has a column that is long enough, or is cut: this is for what no column was made for.
  return !isScimError(error) && isRefusedValue(error) ? dataError(error, []) : error;
}

function isPossible(id: string): boolean {
  return id.length <= 64 && isStorable(id);
}

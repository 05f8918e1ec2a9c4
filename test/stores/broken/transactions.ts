/** Stores with an outbox or with statements that fail, and mistakes with both. */
import type {
  Change,
  ChangeEvent,
  Creation,
  Removal,
  ResourceStore,
  ScimContext,
  UserStore,
  WriteResult,
} from 'express-scim';
import type { StoreUnderTest } from '../../../src/testing/index.js';
import { type Database, databaseOf, Table } from './sound-store.js';

/** What is wrong with an outbox. */
export interface OutboxMistakes {
  /** A write that is rolled back leaves its events. */
  readonly keepsRolledBack?: boolean;
  /** Events are made after the commit: where they cannot be made, the write stays. */
  readonly afterCommit?: boolean;
  /** How many events a change of members alone leaves. Default 1. */
  readonly ofMembers?: 0 | 2;
  /** How many events a change of attributes of a group leaves. Default 1. */
  readonly ofRenames?: 0 | 2;
  /** An update of nothing calls `events` as if it had changed something. */
  readonly ofNoOps?: boolean;
  /** One of several events of a write is saved. */
  readonly firstOnly?: boolean;
  /** A deletion leaves no event. */
  readonly notOfDeletions?: boolean;
}

/** The sound store with an outbox: events are saved with the write, or neither is. */
export function outboxStore(mistakes: OutboxMistakes = {}): StoreUnderTest {
  const { store, database } = databaseOf(Table);
  const saved: ChangeEvent[] = [];
  const { groups } = store;
  if (groups === undefined) throw new TypeError('The sound store has groups.');
  const outbox = { database, saved, mistakes };
  const withOutbox: UserStore = {
    ...withEvents(store, outbox, false),
    groups: { ...withEvents(groups, outbox, true), groupsOf: (ids, ctx) => groups.groupsOf?.(ids, ctx) ?? new Map() },
  };
  return { store: withOutbox, outbox: () => [...saved] };
}

interface Outbox {
  readonly database: Database;
  readonly saved: ChangeEvent[];
  readonly mistakes: OutboxMistakes;
}

function withEvents<R extends object>(store: ResourceStore<R>, outbox: Outbox, isGroups: boolean): ResourceStore<R> {
  const { database, saved, mistakes } = outbox;
  let last: Promise<unknown> = Promise.resolve();
  // One after the other, so that a snapshot is that of one write.
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  const save = (events: readonly ChangeEvent[]): void =>
    void saved.push(...(mistakes.firstOnly === true ? events.slice(0, 1) : events));
  const written = <T extends WriteResult<R> | undefined>(
    write: Pick<Creation<R>, 'events'>,
    what: { readonly attributes: boolean; readonly members: boolean; readonly deletion?: true },
    work: () => PromiseLike<T> | T,
  ): Promise<T> =>
    inLine(async () => {
      const restore = database.snapshot();
      const before = saved.length;
      let result: T;
      try {
        result = await work();
        if (result === undefined || (what.deletion === true && mistakes.notOfDeletions === true)) return result;
        const { ofMembers = 1, ofRenames = 1 } = mistakes;
        const isMembersOnly = isGroups && what.members && !what.attributes;
        const times = isMembersOnly ? ofMembers : isGroups && what.attributes && what.deletion !== true ? ofRenames : 1;
        const isReported = result.changed || mistakes.ofNoOps === true;
        for (let i = 0; i < (isReported ? times : 1); i++) {
          save(write.events(mistakes.ofNoOps === true ? { ...result, changed: true } : result));
        }
        return result;
      } catch (error) {
        if (mistakes.afterCommit !== true) restore();
        if (mistakes.keepsRolledBack !== true) saved.length = before;
        throw error;
      }
    });
  const named = ({ set, unset, members }: Change<R>) => ({
    attributes: Object.keys(set).length + unset.length > 0,
    members: members !== undefined,
  });
  return {
    supports: { outbox: true },
    create: (creation, ctx) =>
      written(creation, { attributes: false, members: false }, () => store.create(creation, ctx)),
    get: (id, selection, ctx) => store.get(id, selection, ctx),
    list: (query, ctx) => store.list(query, ctx),
    update: (id, change, ctx) =>
      written(change, named(change), async () => {
        // Saved before the write is known to happen.
        if (mistakes.keepsRolledBack === true) saved.push(...(await announced(store, id, change, ctx)));
        return store.update(id, change, ctx);
      }),
    delete: (id, removal: Removal<R>, ctx) =>
      written(removal, { attributes: false, members: false, deletion: true }, () => store.delete(id, removal, ctx)),
    namesOf: (ids, ctx) => store.namesOf?.(ids, ctx) ?? new Map(),
  };
}

/** Events of a change that may still be refused; nothing for one that will change something, whose events come later. */
async function announced<R>(
  store: ResourceStore<R>,
  id: string,
  change: Change<R>,
  ctx: ScimContext,
): Promise<readonly ChangeEvent[]> {
  const resource = await store.get(id, change.selection, ctx);
  const isRefused =
    resource !== undefined && change.ifVersion !== undefined && change.ifVersion !== resource.meta.version;
  return isRefused ? change.events({ resource, changed: true }) : [];
}

/** A write of two statements that can be made to fail, one for attributes and one for members. */
class Statements<R extends object> extends Table<R> {
  static left: number | undefined;
  static lasts = false;

  protected statement(): void {
    if (Statements.left === undefined || --Statements.left > 0) return;
    if (!Statements.lasts) Statements.left = undefined;
    throw new Error('The statement failed.');
  }

  override async create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    this.statement();
    return super.create(creation, ctx);
  }

  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    this.statement();
    this.statement();
    return super.update(id, change, ctx);
  }

  override async delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    this.statement();
    return super.delete(id, removal, ctx);
  }
}

/** The attributes are committed, then the members are written, which is tried twice. */
class RetriedHalf<R extends object> extends Statements<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const { members, ...columns } = change;
    this.statement();
    const write = Table.prototype.update.bind(this) as Table<R>['update'];
    const written = await write(id, columns, ctx);
    if (written === undefined || members === undefined) return written;
    try {
      this.statement();
    } catch {
      this.statement();
    }
    const moved = await write(id, { ...change, ifVersion: undefined, set: {} as Partial<R>, unset: [], keys: {} }, ctx);
    return moved && { ...moved, changed: written.changed || moved.changed };
  }
}

/** The row is deleted, then its memberships, which is tried twice. */
class RetriedDeletion<R extends object> extends Statements<R> {
  override async delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    this.statement();
    const result = await (Table.prototype.delete.bind(this) as Table<R>['delete'])(id, removal, ctx);
    try {
      this.statement();
    } catch {
      this.statement();
    }
    return result;
  }
}

function breakable(make: typeof Table): () => StoreUnderTest {
  return () => ({
    store: databaseOf(make).store,
    breakAt: (nth, permanently = false) => {
      Statements.left = nth;
      Statements.lasts = permanently;
    },
  });
}

export const soundStatements = breakable(Statements);
export const retriedHalf = breakable(RetriedHalf);
export const retriedDeletion = breakable(RetriedDeletion);

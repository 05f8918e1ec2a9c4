import { randomUUID } from 'node:crypto';
import type { ClientSession, Document } from 'mongodb';
import { VersionMismatchError } from '../../errors.js';
import type { Selection } from '../../contract/attribute.js';
import type { ScimContext } from '../../contract/context.js';
import type { ListQuery, Page } from '../../contract/filter.js';
import { KeyedLocks } from '../../contract/keyed-locks.js';
import type { Stored } from '../../contract/resource.js';
import type { Change, Creation, Removal, ResourceStore, Supports, Write, WriteResult } from '../../contract/store.js';
import { withoutUndefined } from '../../contract/without-undefined.js';
import { applyChange } from '../apply-change.js';
import { checkMemberIds } from '../member-ids.js';
import { repeatWrite, type Written } from './attempts.js';
import { bytesOf } from './attribute-update.js';
import { finishDeletions, ifPossible, removeDeletedMembers, removeMemberships } from './deletions.js';
import {
  attributesOf,
  deletedType,
  inSession,
  projectionFor,
  type ReadDocument,
  type ResourceDocument,
  type TenantScope,
  toStored,
} from './document.js';
import { reaching } from './errors.js';
import { toFields } from './field-names.js';
import { listResources } from './list.js';
import { type BeforeChange, memberReadFor, type PlannedMembers, planMembers, readBefore } from './member-change.js';
import { namesIn } from './members.js';
import { outboxEntries } from './outbox-entries.js';
import { resourceUpdate } from './resource-update.js';
import { searchableForm } from './searchable.js';
import { inTransaction, runAfter, runBefore, type Transactions, unwrapped } from './transactions.js';
import { changedKeys, uniqueKeys, withoutKeys } from './unique-keys.js';

/** What the resource types of one store share. */
export interface MongoDatabase extends Pick<TenantScope, 'resources'> {
  readonly outbox: boolean;
  /** Undefined: the store makes no checks. */
  readonly transactions: Transactions | undefined;
  readonly scanLimit: number;
  onScan(type: string): void;
  /** Resolves once the unique index is known to exist. */
  ready(): Promise<void>;
}

/** In the first attempts a change is bound to the version that was read, so that its events are exact. */
const exactAttempts = 2;

const nothing: Selection = new Set();

/** The store of one resource type. */
export class MongoResources<R extends object> implements ResourceStore<R> {
  readonly supports: Supports;
  readonly database: MongoDatabase;
  readonly #type: string;
  readonly #isGroup: boolean;
  /** Where a write must not be repeated without its version, those of this process wait for each other. */
  readonly #locks = new KeyedLocks();

  constructor(database: MongoDatabase, type: string) {
    this.database = database;
    this.supports = { outbox: database.outbox, checks: database.transactions !== undefined };
    this.#type = type;
    this.#isGroup = type === 'Group';
  }

  create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    return this.#write(creation, creation.keys, undefined, ctx, (scope) => this.#create(creation, scope));
  }

  async get(id: string, selection: Selection, ctx: ScimContext): Promise<Stored<R> | undefined> {
    const scope = this.scope(ctx);
    return this.#reading(scope, () => this.#read(id, selection, scope));
  }

  async list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    const { scanLimit, onScan } = this.database;
    const scope = this.scope(ctx);
    return this.#reading(scope, () => listResources(query, { ...scope, type: this.#type, scanLimit, onScan }));
  }

  async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    if (change.members !== undefined) checkMemberIds(change.members);
    return this.#write(change, change.keys, id, ctx, (scope, attempt) => this.#update(id, change, scope, attempt));
  }

  async delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    return this.#write(removal, {}, id, ctx, (scope) => this.#delete(id, removal, scope));
  }

  async namesOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, string>> {
    return reaching(() => namesIn(ids, this.scope(ctx), this.#type));
  }

  scope({ tenant }: ScimContext, session?: ClientSession): TenantScope {
    return { resources: this.database.resources, tenant, session };
  }

  async #create(creation: Creation<R>, scope: TenantScope): Promise<Written<WriteResult<R>>> {
    const { members, keys, selection, caseExact } = creation;
    if (members !== undefined) checkMemberIds(members);
    await runBefore(creation, scope.session);
    const _id = randomUUID();
    const planned = members && (await planMembers([], members, scope));
    const attributes = withoutUndefined(creation.resource);
    const now = new Date();
    const document: ResourceDocument = {
      ...{ _id, tenant: scope.tenant, type: this.#type, revision: 1, created: now, modified: now },
      attributes: toFields(attributes) as Document,
      ...searchableForm(attributes, caseExact),
      bytes: bytesOf(attributes),
      unique: uniqueKeys(_id, this.#type, keys),
      ...(this.#isGroup && { members: planned?.documents ?? [] }),
    };
    const resource = this.#toStored(document, selection);
    // A new id cannot be in a group.
    const shown = this.#type === 'User' && selection.has('groups') ? { ...resource, groups: [] } : resource;
    const result = { resource: shown, changed: true, ...resultOf(planned) };
    const events = this.#eventsWith(creation, result);
    await scope.resources.insertOne(events.length === 0 ? document : { ...document, outbox: events }, inSession(scope));
    await this.#finish(creation, result, scope);
    return this.#settled(result, planned, selection, scope);
  }

  async #update(
    id: string,
    change: Change<R>,
    scope: TenantScope,
    attempt: number,
  ): Promise<Written<WriteResult<R> | undefined> | undefined> {
    const { ifVersion, selection } = change;
    const read = await readBefore(id, this.#type, memberReadFor(change.members), scope);
    if (read === undefined) return { result: undefined };
    if (ifVersion !== undefined && ifVersion !== String(read.revision)) throw new VersionMismatchError();
    await runBefore(change, scope.session);
    const planned = change.members && (await planMembers(read.members ?? [], change.members, scope));
    const before = this.#toStored(read, nothing);
    const old = attributesOf(read);
    const { after, changed } = applyChange(old, change);
    if (changed.length === 0 && (planned === undefined || planned.added.length + planned.removed.length === 0)) {
      const resource = selection.has('members') ? await this.#read(id, selection, scope) : before;
      if (resource === undefined) return undefined;
      const result = { resource, changed: false, before, ...resultOf(planned) };
      await runAfter(change, result, scope.session);
      return { result };
    }
    const isExact = this.#needsVersion(change) || attempt < exactAttempts || (planned && !planned.condition);
    const unique = changedKeys(read, this.#type, change.keys);
    const modified = new Date(Math.max(Date.now(), read.modified.getTime()));
    const next: ReadDocument = {
      ...read,
      modified,
      revision: read.revision + 1,
      attributes: toFields(after) as Document,
    };
    const result = { resource: this.#toStored(next, nothing), changed: true, before, ...resultOf(planned) };
    const update = resourceUpdate({
      ...{ changed, after, caseExact: change.caseExact, modified },
      unique: unique === read.unique ? undefined : unique,
      members: planned?.update,
      events: this.#eventsWith(change, result),
    });
    const facts = isExact ? { revision: read.revision } : { ...planned?.condition, ...keyFacts(read, unique) };
    const written = await scope.resources.findOneAndUpdate(
      { _id: id, tenant: scope.tenant, type: this.#type, ...facts },
      update,
      { returnDocument: 'after', projection: projectionFor(selection), ...inSession(scope) },
    );
    if (written === null) return undefined;
    await this.#finish(change, result, scope);
    const resource = this.#toStored(written, selection);
    const { before: _, ...withoutBefore } = result;
    return this.#settled({ ...(isExact ? result : withoutBefore), resource }, planned, selection, scope);
  }

  async #delete(
    id: string,
    removal: Removal<R>,
    scope: TenantScope,
  ): Promise<Written<WriteResult<R> | undefined> | undefined> {
    const filter = { _id: id, tenant: scope.tenant, type: this.#type };
    const projection = projectionFor(nothing);
    let revision = {};
    let events: ReturnType<typeof outboxEntries> = [];
    if (this.#needsVersion(removal)) {
      const found = await scope.resources.findOne(filter, { projection, ...inSession(scope) });
      if (found === null) return { result: undefined };
      if (removal.ifVersion !== undefined && removal.ifVersion !== String(found.revision))
        throw new VersionMismatchError();
      await runBefore(removal, scope.session);
      events = this.#eventsWith(removal, { resource: this.#toStored(found, nothing), changed: true });
      revision = { revision: found.revision };
    }
    // The commit: from here on no call finds the resource, and its unique keys are free. The rest is due at once, by the
    // clock of every process.
    const found = await scope.resources.findOneAndUpdate(
      { ...filter, ...revision },
      {
        $set: { type: deletedType, unique: withoutKeys(id), swept: false, due: new Date(0) },
        $unset: { attributes: '', normalized: '', leading: '', bytes: '', members: '' },
        $inc: { revision: 1 },
        ...(events.length > 0 && { $push: { outbox: { $each: events } } }),
      },
      { returnDocument: 'before', projection, ...inSession(scope) },
    );
    if (found === null) return this.#needsVersion(removal) ? undefined : { result: undefined };
    const result = { resource: this.#toStored(found, nothing), changed: true };
    await this.#finish(removal, result, scope);
    const settle = async (): Promise<WriteResult<R>> => {
      const { session: _, ...outside } = scope;
      await ifPossible('removing memberships', () => removeMemberships(id, outside));
      await ifPossible('finishing deletions', () => finishDeletions(outside));
      return result;
    };
    return { result, settle };
  }

  /** Whether the write is bound to the version that was read, in every attempt. */
  #needsVersion(write: Write<R> & { readonly ifVersion?: string | undefined }): boolean {
    return this.database.outbox || write.check !== undefined || write.ifVersion !== undefined;
  }

  /** The events that are written together with the resource. A check comes between them: then they follow it. */
  #eventsWith(write: Write<R>, result: WriteResult<R>): ReturnType<typeof outboxEntries> {
    return this.database.outbox && write.check === undefined ? outboxEntries(write.events(result)) : [];
  }

  /** What comes after the write of a transaction: `after`, then the events. */
  async #finish(write: Write<R>, result: WriteResult<R>, scope: TenantScope): Promise<void> {
    await runAfter(write, result, scope.session);
    if (!this.database.outbox || write.check === undefined) return;
    const events = outboxEntries(write.events(result));
    if (events.length === 0) return;
    const { id } = result.resource;
    await scope.resources.updateOne(
      { _id: id, tenant: scope.tenant },
      { $push: { outbox: { $each: [...events] } } },
      inSession(scope),
    );
  }

  /** A written group, whose new members may have been deleted in the meantime. */
  #settled(
    result: WriteResult<R>,
    planned: PlannedMembers | undefined,
    selection: Selection,
    scope: TenantScope,
  ): Written<WriteResult<R>> {
    const ids = planned?.added.filter((id) => planned.types.has(id)) ?? [];
    if (ids.length === 0) return { result };
    const { session: _, ...outside } = scope;
    const { id } = result.resource;
    const settle = async (): Promise<WriteResult<R>> => {
      const gone = await removeDeletedMembers(id, ids, outside);
      if (gone.size === 0) return result;
      // The write is made: a failure must not look as if it were not.
      const resource = (await this.#read(id, selection, outside).catch(() => undefined)) ?? result.resource;
      return { ...result, resource, added: (result.added ?? []).filter((each) => !gone.has(each)) };
    };
    return { result, settle };
  }

  #write<T>(
    write: Write<R> & { readonly ifVersion?: string | undefined },
    keys: Readonly<Record<string, string | null>>,
    id: string | undefined,
    ctx: ScimContext,
    attempt: (scope: TenantScope, attempt: number) => Promise<Written<T> | undefined>,
  ): Promise<T> {
    const { transactions, ready } = this.database;
    const target = {
      id,
      keys,
      type: this.#type,
      scope: this.scope(ctx),
      ctx,
      locks: this.#needsVersion(write) ? this.#locks : undefined,
    };
    const written = reaching(async () => {
      await ready();
      return repeatWrite(target, (n) =>
        write.check === undefined || transactions === undefined
          ? attempt(target.scope, n)
          : inTransaction(write, ctx, transactions, (session) => attempt(this.scope(ctx, session), n)),
      );
    });
    return written.catch((error: unknown) => {
      throw unwrapped(error);
    });
  }

  /** Reads, after the memberships of deleted resources are gone, which only a fault can have left behind. */
  #reading<T>(scope: TenantScope, read: () => Promise<T>): Promise<T> {
    return reaching(async () => {
      if (!this.#isGroup) return read();
      const [found, isChanged] = await Promise.all([read(), finishDeletions(scope)]);
      return isChanged ? read() : found;
    });
  }

  async #read(id: string, selection: Selection, scope: TenantScope): Promise<Stored<R> | undefined> {
    const found = await scope.resources.findOne(
      { _id: id, tenant: scope.tenant, type: this.#type },
      { projection: projectionFor(selection), ...inSession(scope) },
    );
    return found === null ? undefined : this.#toStored(found, selection);
  }

  #toStored(document: ReadDocument, selection: Selection): Stored<R> {
    return toStored<R>(document, selection, this.#isGroup);
  }
}

function resultOf(planned: PlannedMembers | undefined): Pick<WriteResult<object>, 'added' | 'removed' | 'ignored'> {
  if (planned === undefined) return { added: [], removed: [] };
  const { added, removed, ignored } = planned;
  return ignored.length === 0 ? { added, removed } : { added, removed, ignored };
}

/** New keys were computed from the old ones. */
function keyFacts(read: BeforeChange, unique: readonly string[]): Document {
  return unique === read.unique ? {} : { unique: read.unique };
}

import { randomUUID } from 'node:crypto';
import { ConflictError, UnknownReferenceError, VersionMismatchError } from '../../../src/errors.js';
import type {
  Change,
  Creation,
  MemberChange,
  Removal,
  ResourceStore,
  UserStore,
  WriteResult,
} from '../../../src/contract/store.js';
import type { Group, GroupRef, Member, Stored, User } from '../../../src/contract/resource.js';
import type { ListQuery } from '../../../src/contract/filter.js';
import type { ScimContext } from '../../../src/contract/context.js';
import type { Selection } from '../../../src/contract/attribute.js';
import { isSameJson } from '../../../src/schema/equal.js';
import { selectPage } from '../../../src/stores/select-page.js';
import {
  type Document,
  type DocumentCollection,
  DocumentDatabase,
  type DocumentFilter,
  DuplicateKeyError,
} from './document-collection.js';

/**
 * Users and groups as documents: `{ _id, tenant, revision, created, modified, attributes, keys, members }`.
 *
 * A path of `$set` is split at its dots, and an extension's URN and a member's id may hold some: they are escaped.
 * A change that depends on nothing stored is one `findOneAndUpdate`; only what touches users and groups together needs
 * a transaction.
 */
export function createDocumentStore(): {
  store: UserStore;
  breakAt(nth: number | undefined, permanently?: boolean): void;
} {
  const database = new DocumentDatabase();
  const users = database.collection(['tenant', 'keys.userName']);
  const groups = database.collection();
  const groupsOf = async (ids: readonly string[], ctx: ScimContext): Promise<Map<string, GroupRef[]>> => {
    const holding = await groups.find({
      tenant: ctx.tenant,
      $or: ids.map((id) => ({ [`members.${escape(id)}`]: { $exists: true } })),
    });
    const refs = (id: string): GroupRef[] =>
      holding
        .filter((group) => Object.hasOwn(group['members'] as object, escape(id)))
        .map((group) => ({ value: group._id, display: toScim<Group>(group, none).displayName, type: 'direct' }));
    return new Map(ids.map((id) => [id, refs(id)]));
  };
  return {
    breakAt: (nth, permanently = false) => {
      database.breakIn = nth;
      database.staysBroken = permanently;
    },
    store: {
      ...resources<User>(database, users, [users, groups], groups, groupsOf),
      namesOf: async (ids, ctx) =>
        new Map(
          (await users.find({ tenant: ctx.tenant, $or: ids.map((_id) => ({ _id })) })).map((found) => [
            found._id,
            toScim<User>(found, none).displayName ?? '',
          ]),
        ),
      groups: { ...resources<Group>(database, groups, [users, groups], groups), groupsOf },
    },
  };
}

const none: Selection = new Set();
const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('.', '~1');
const unescape = (name: string): string => name.replaceAll('~1', '.').replaceAll('~0', '~');

function resources<R extends object>(
  database: DocumentDatabase,
  own: DocumentCollection,
  all: readonly DocumentCollection[],
  groups: DocumentCollection,
  groupsOf?: (ids: readonly string[], ctx: ScimContext) => Promise<Map<string, GroupRef[]>>,
): ResourceStore<R> {
  const load = async (id: string, ctx: ScimContext): Promise<Document | undefined> =>
    (await own.find({ _id: id, tenant: ctx.tenant }))[0];
  /** The ids to skip. @throws UnknownReferenceError */
  const checkMembers = async (change: MemberChange | undefined, ctx: ScimContext): Promise<readonly string[]> => {
    if (change === undefined || change.pending === 'keep' || change.add.length === 0) return [];
    const found = (
      await Promise.all(
        all.map((each) => each.find({ tenant: ctx.tenant, $or: change.add.map(({ value }) => ({ _id: value })) })),
      )
    ).flat();
    const unknown = change.add.map(({ value }) => value).filter((id) => !found.some(({ _id }) => _id === id));
    if (unknown.length > 0 && change.pending === 'reject') throw new UnknownReferenceError(unknown);
    return unknown;
  };
  const without = (change: MemberChange | undefined, ignored: readonly string[]): MemberChange | undefined =>
    change && { ...change, add: change.add.filter(({ value }) => !ignored.includes(value)) };
  // Members that are added must be there until the write is done, so their deletion has to wait for it.
  const guarded = <T>(change: MemberChange | undefined, work: () => Promise<T>): Promise<T> =>
    change !== undefined && change.add.length > 0 ? database.transaction(work) : work();

  const write = async (id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> => {
    const $set: Record<string, unknown> = {};
    const $unset: Record<string, true> = {};
    const differs: DocumentFilter[] = [];
    for (const [name, value] of Object.entries(change.set)) {
      $set[`attributes.${escape(name)}`] = value;
      differs.push({ [`attributes.${escape(name)}`]: { $ne: value } });
    }
    const members = change.members;
    if (members?.only === true) {
      // All at once: a path of the map cannot be set together with the map itself.
      const next = Object.fromEntries(members.add.map((member) => [escape(member.value), member]));
      const stored = await load(id, ctx);
      const before = (stored?.['members'] ?? {}) as Record<string, Member>;
      for (const key of Object.keys(before)) if (!Object.hasOwn(next, key)) $unset[`members.${key}`] = true;
      for (const [key, member] of Object.entries(next))
        if (!Object.hasOwn(before, key)) $set[`members.${key}`] = member;
    } else {
      for (const member of members?.add ?? []) $set[`members.${escape(member.value)}`] = member;
      for (const member of members?.remove ?? []) $unset[`members.${escape(member)}`] = true;
    }
    for (const path of Object.keys($set)) if (path.startsWith('members.')) differs.push({ [path]: { $exists: false } });
    for (const name of change.unset) $unset[`attributes.${escape(name)}`] = true;
    for (const path of Object.keys($unset)) differs.push({ [path]: { $exists: true } });
    for (const [path, key] of Object.entries(change.keys)) {
      if (key === null) $unset[`keys.${escape(path)}`] = true;
      else $set[`keys.${escape(path)}`] = key;
    }
    $set['modified'] = new Date().toISOString();
    const version = change.ifVersion === undefined ? {} : { revision: revisionOf(change.ifVersion) };
    const done =
      differs.length === 0
        ? undefined
        : await own.findOneAndUpdate(
            { _id: id, tenant: ctx.tenant, ...version, $or: differs },
            { $set, $unset, $inc: { revision: 1 } },
          );
    if (done !== undefined) return outcome<R>(done.before, done.after, change.selection);
    // Nothing fitted: it is gone, of another version, or already so. Only a read can tell.
    const now = await load(id, ctx);
    if (now === undefined) return undefined;
    if (change.ifVersion !== undefined && change.ifVersion !== String(now['revision']))
      throw new VersionMismatchError();
    return { resource: toScim<R>(now, change.selection), changed: false, added: [], removed: [] };
  };

  return {
    supports: { keys: ['userName'] },
    async create(creation: Creation<R>, ctx) {
      return guarded(creation.members, async () => {
        const ignored = await checkMembers(creation.members, ctx);
        const now = new Date().toISOString();
        const attributes = Object.fromEntries(
          Object.entries(creation.resource).map(([name, value]) => [escape(name), value]),
        );
        const keys = Object.fromEntries(Object.entries(creation.keys).map(([path, key]) => [escape(path), key]));
        const members = Object.fromEntries(
          (without(creation.members, ignored)?.add ?? []).map((member) => [escape(member.value), member]),
        );
        const document = {
          _id: randomUUID(),
          tenant: ctx.tenant,
          revision: 1,
          created: now,
          modified: now,
          attributes,
          keys,
          members,
        };
        await unique(own.insertOne(document));
        return {
          resource: toScim<R>(document, creation.selection),
          changed: true,
          added: Object.keys(members).map(unescape),
          removed: [],
          ignored,
        };
      });
    },
    async get(id, selection, ctx) {
      const found = await load(id, ctx);
      return found && toScim<R>(found, selection);
    },
    async list(query: ListQuery<R>, ctx) {
      const { id } = query.equals;
      const found = await own.find({ tenant: ctx.tenant, ...(typeof id === 'string' && { _id: id }) });
      const inGroups = await groupsOf?.(
        found.map(({ _id }) => _id),
        ctx,
      );
      return selectPage(
        query,
        found.map((each) => ({
          ...toScim<R>(each, new Set(['members'])),
          ...(inGroups && { groups: inGroups.get(each._id) }),
        })),
      );
    },
    async update(id, change, ctx) {
      return guarded(change.members, async () => {
        const now = change.members === undefined ? undefined : await load(id, ctx);
        if (change.members !== undefined && now === undefined) return undefined;
        if (now !== undefined && change.ifVersion !== undefined && change.ifVersion !== String(now['revision']))
          throw new VersionMismatchError();
        const ignored = await checkMembers(change.members, ctx);
        const known = { ...change, members: without(change.members, ignored) };
        const tidy = await withoutEqual(known, () => load(id, ctx));
        const result = await unique(write(id, tidy, ctx));
        return result && { ...result, ignored };
      });
    },
    async delete(id, removal: Removal<R>, ctx) {
      return database.transaction(async () => {
        const version = removal.ifVersion === undefined ? {} : { revision: revisionOf(removal.ifVersion) };
        const gone = await own.findOneAndDelete({ _id: id, tenant: ctx.tenant, ...version });
        if (gone === undefined && removal.ifVersion !== undefined && (await load(id, ctx)) !== undefined)
          throw new VersionMismatchError();
        if (gone === undefined) return undefined;
        const path = `members.${escape(id)}`;
        await groups.updateMany({ tenant: ctx.tenant, [path]: { $exists: true } }, () => ({
          $unset: { [path]: true },
          $set: { modified: new Date().toISOString() },
          $inc: { revision: 1 },
        }));
        return { resource: toScim<R>(gone, none), changed: true };
      });
    },
  };
}

// The database takes an object whose members stand in another order for another value, so objects are compared here.
async function withoutEqual<R extends object>(
  change: Change<R>,
  load: () => Promise<Document | undefined>,
): Promise<Change<R>> {
  const complex = Object.entries(change.set).filter(([, value]) => typeof value === 'object');
  if (complex.length === 0) return change;
  const attributes = ((await load())?.['attributes'] ?? {}) as Readonly<Record<string, unknown>>;
  const equal = new Set(
    complex.filter(([name, value]) => isSameJson(attributes[escape(name)], value)).map(([name]) => name),
  );
  return {
    ...change,
    set: Object.fromEntries(Object.entries(change.set).filter(([name]) => !equal.has(name))) as Partial<R>,
  };
}

function outcome<R>(before: Document, after: Document, selection: Selection): WriteResult<R> {
  const [old, now] = [before, after].map((document) => Object.keys(document['members'] as object).map(unescape));
  return {
    resource: toScim<R>(after, selection),
    changed: true,
    before: toScim<R>(before, none),
    added: now?.filter((id) => old?.includes(id) === false) ?? [],
    removed: old?.filter((id) => now?.includes(id) === false) ?? [],
  };
}

function toScim<R>(document: Document, selection: Selection): Stored<R> {
  const attributes = Object.entries(document['attributes'] as object).map(
    ([name, value]) => [unescape(name), value] as const,
  );
  const members = selection.has('members') ? { members: Object.values(document['members'] as object) } : {};
  const meta = {
    created: document['created'],
    lastModified: document['modified'],
    version: String(document['revision']),
  };
  return { ...Object.fromEntries(attributes), ...members, id: document._id, meta } as Stored<R>;
}

async function unique<T>(written: Promise<T>): Promise<T> {
  try {
    return await written;
  } catch (error) {
    if (error instanceof DuplicateKeyError) throw new ConflictError('userName');
    throw error;
  }
}

/** The revision of a version; one that no document has for a text that is another spelling of it. */
function revisionOf(version: string): number {
  return String(Number(version)) === version ? Number(version) : -1;
}

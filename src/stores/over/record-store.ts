import { refuseAfterDeadline } from '../../contract/after-deadline.js';
import type { Attributes, Selection } from '../../contract/attribute.js';
import type { ScimContext } from '../../contract/context.js';
import type { ListQuery, Page } from '../../contract/filter.js';
import type { GroupRef, Stored } from '../../contract/resource.js';
import type { Change, Creation, Removal, ResourceStore, Supports, WriteResult } from '../../contract/store.js';
import { TooManyError, VersionMismatchError } from '../../errors.js';
import { applyChange } from '../apply-change.js';
import { selectPage } from '../select-page.js';
import { type Directory, lost, type MemberDelta } from './directory.js';
import { deletedType, type RecordQuery, type StoreRecord } from './primitives.js';
import { keysAfter, nameOf, resourceOf } from './record.js';

export interface RecordStoreOptions {
  /** Name of the resource type. */
  readonly type: string;
  readonly supports: Supports;
  readonly maxScanned: number;
  mintId(): string;
}

/** A store of one resource type whose name for `namesOf` is in every record. */
export type NamedStore<R> = ResourceStore<R> & Required<Pick<ResourceStore<R>, 'namesOf'>>;

/** The store of one resource type over the records of a directory. */
export function recordStore<R extends object>(directory: Directory, options: RecordStoreOptions): NamedStore<R> {
  const { type, supports } = options;
  const hasMembers = type === 'Group';
  const shown = (record: StoreRecord, selection: Selection): Stored<R> =>
    resourceOf<R>(record, hasMembers && selection.has('members'));
  // What a group holds is right only when no deletion of one of its members is unfinished.
  const finishDeletions = async (ctx: ScimContext): Promise<void> => {
    if (hasMembers) await directory.finishDeletions(ctx);
  };

  const find = async (id: string, ctx: ScimContext): Promise<StoreRecord | undefined> => {
    const record = await directory.find(ctx.tenant, id);
    return record?.type === type ? record : undefined;
  };

  const update = async (id: string, change: Change<R>, ctx: ScimContext): Promise<Result<R>> => {
    const record = await find(id, ctx);
    if (record === undefined) return undefined;
    checkVersion(record, change.ifVersion);
    const delta =
      change.members === undefined ? noMembers : await directory.applyMembers(record.members, change.members, ctx);
    const { added, removed, ignored } = delta;
    const { after: attributes, changed } = applyChange<Attributes>(record.attributes, change);
    const before = resourceOf<R>(record, false);
    if (changed.length + added.length + removed.length === 0)
      return { resource: shown(record, change.selection), changed: false, before, added, removed, ignored };
    const keys = keysAfter(record.keys, change.keys, supports.keys);
    const members = membersAfter(record, delta);
    const replaced = await directory.replace(record, { attributes, keys, members }, ctx);
    if (replaced === lost) return lost;
    const final = await directory.settle(replaced, delta, ctx);
    return { resource: shown(final, change.selection), changed: true, before, added, removed, ignored };
  };

  const remove = async (id: string, removal: Removal<R>, ctx: ScimContext): Promise<Result<R>> => {
    const record = await find(id, ctx);
    if (record === undefined) return undefined;
    checkVersion(record, removal.ifVersion);
    const deleted = await directory.replace(record, { type: deletedType, attributes: {}, keys: {}, members: [] }, ctx);
    if (deleted === lost) return lost;
    // The resource is gone now. Where the rest fails, the next call that reads a group finishes it.
    await directory.finishDeletion(deleted, ctx).catch(() => undefined);
    return { resource: resourceOf<R>(record, false), changed: true };
  };

  return {
    supports,

    async create(creation: Creation<R>, ctx): Promise<WriteResult<R>> {
      const { resource, keys, members: change, selection } = creation;
      const delta = change === undefined ? noMembers : await directory.applyMembers([], change, ctx);
      const now = directory.now();
      const record: StoreRecord = {
        id: options.mintId(),
        tenant: ctx.tenant,
        type,
        version: 1,
        created: now,
        lastModified: now,
        attributes: { ...resource },
        keys: keysAfter({}, keys, supports.keys),
        members: delta.inserted,
      };
      await directory.insert(record, ctx);
      const final = await directory.settle(record, delta, ctx);
      const { added, ignored } = delta;
      return { resource: shown(final, selection), changed: true, added, removed: [], ignored };
    },

    async get(id, selection, ctx) {
      await finishDeletions(ctx);
      const record = await find(id, ctx);
      return record && shown(record, selection);
    },

    async list(query, ctx): Promise<Page<R>> {
      await finishDeletions(ctx);
      const records = await readCandidates(directory, options, query, ctx);
      const withMembers = hasMembers && (query.selection.has('members') || query.reads.includes('members'));
      const resources = records.map((record) => resourceOf<R>(record, withMembers));
      if (!query.reads.includes('groups')) return selectPage(query, resources);
      const ids = records.map(({ id }) => id);
      const groups = await directory.groupsOf(ids, ctx);
      return selectPage(
        query,
        resources.map((resource) => withGroups(resource, groups.get(resource.id))),
      );
    },

    async update(id, change, ctx) {
      await finishDeletions(ctx);
      return directory.change(id, ctx, () => update(id, change, ctx));
    },

    async delete(id, removal, ctx) {
      await finishDeletions(ctx);
      return directory.change(id, ctx, () => remove(id, removal, ctx));
    },

    async namesOf(ids, { tenant }) {
      const names = new Map<string, string>();
      for (const [id, record] of await directory.resources(tenant, ids)) {
        const name = nameOf(record);
        if (record.type === type && name !== undefined) names.set(id, name);
      }
      return names;
    },
  };
}

type Result<R> = WriteResult<R> | undefined | typeof lost;

const noMembers: MemberDelta = { inserted: [], added: [], removed: [], ignored: [], existing: [] };

function checkVersion({ version }: StoreRecord, ifVersion: string | undefined): void {
  if (ifVersion !== undefined && ifVersion !== String(version)) throw new VersionMismatchError();
}

function membersAfter({ members }: StoreRecord, { inserted, removed }: MemberDelta): StoreRecord['members'] {
  if (inserted.length + removed.length === 0) return members;
  const gone = new Set(removed);
  return [...members.filter(({ value }) => !gone.has(value)), ...inserted];
}

function withGroups<R>(resource: Stored<R>, groups: readonly GroupRef[] = []): Stored<R> {
  return { ...resource, groups };
}

/** The records among which all matches of a query are: those that an index finds, or all of the type. */
async function readCandidates<R>(
  directory: Directory,
  { type, maxScanned }: RecordStoreOptions,
  { equals }: ListQuery<R>,
  ctx: ScimContext,
): Promise<readonly StoreRecord[]> {
  const { tenant } = ctx;
  const { id } = equals;
  if (typeof id === 'string') {
    const record = await directory.find(tenant, id);
    return record?.type === type ? [record] : [];
  }
  const records: StoreRecord[] = [];
  const query: RecordQuery = { tenant, type, where: directory.lookupFor(type, equals) };
  for await (const record of directory.primitives.scan(query)) {
    records.push(record);
    if (records.length > maxScanned) {
      throw new TooManyError('This request would read too many resources. Filter by userName, externalId or id.');
    }
    refuseAfterDeadline(ctx);
  }
  return records;
}

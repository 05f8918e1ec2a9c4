import { randomUUID } from 'node:crypto';
import { ConflictError, VersionMismatchError } from '../../../src/errors.js';
import type {
  Change,
  Creation,
  MemberChange,
  ResourceStore,
  UserStore,
  WriteResult,
} from '../../../src/contract/store.js';
import type { Group, GroupRef, Member, Stored, User } from '../../../src/contract/resource.js';
import type { ListQuery } from '../../../src/contract/filter.js';
import type { ScimContext } from '../../../src/contract/context.js';
import type { Selection } from '../../../src/contract/attribute.js';
import { applyChange } from '../../../src/stores/apply-change.js';
import { type AppliedMembers, applyMembers } from '../../../src/stores/apply-members.js';
import { selectPage } from '../../../src/stores/select-page.js';
import { pause } from './slow-database.js';

interface Row<R> {
  tenant: string;
  keys: Change<object>['keys'];
  resource: Stored<R>;
  members: Map<string, Member>;
}

const unmoved: AppliedMembers = { inserted: [], added: [], removed: [], ignored: [] };

/** What a host writes in an afternoon: one Map a resource type, `select` for every list, no index. */
export function createMapStore(): UserStore {
  const users = new Map<string, Row<User>>();
  const groups = new Map<string, Row<Group>>();
  const tables: readonly Map<string, Row<object>>[] = [users, groups];
  const inTenant = (id: string, ctx: ScimContext): boolean =>
    tables.some((table) => table.get(id)?.tenant === ctx.tenant);
  const groupsOf = (id: string, ctx: ScimContext): GroupRef[] =>
    [...groups.values()]
      .filter(({ tenant, members }) => tenant === ctx.tenant && members.has(id))
      .map(({ resource }) => ({ value: resource.id, display: resource.displayName, type: 'direct' }));
  let version = 0;

  const stamp = (now = new Date(), created = now) => ({ created, lastModified: now, version: `v${++version}` });

  function resources<R extends object>(table: Map<string, Row<R>>): ResourceStore<R> {
    const own = (id: string, ctx: ScimContext): Row<R> | undefined =>
      table.get(id)?.tenant === ctx.tenant ? table.get(id) : undefined;
    const shown = (row: Row<R>, selection: Selection): Stored<R> =>
      selection.has('members') ? { ...row.resource, members: [...row.members.values()] } : row.resource;
    const checkKeys = (keys: Change<R>['keys'], ctx: ScimContext, row?: Row<R>): void => {
      for (const [path, key] of Object.entries(keys))
        for (const other of key === null ? [] : table.values())
          if (other !== row && other.tenant === ctx.tenant && other.keys[path] === key) throw new ConflictError(path);
    };
    const appliedTo = (present: Row<R> | undefined, change: MemberChange | undefined, ctx: ScimContext) =>
      change && applyMembers(new Set(present?.members.keys()), change, (id) => inTenant(id, ctx));
    const moveMembers = (row: Row<R>, { inserted, removed }: AppliedMembers) => {
      for (const id of removed) row.members.delete(id);
      for (const member of inserted) row.members.set(member.value, member);
    };
    return {
      async create(creation: Creation<R>, ctx): Promise<WriteResult<R>> {
        await pause();
        const moved = appliedTo(undefined, creation.members, ctx) ?? unmoved;
        checkKeys(creation.keys, ctx);
        const row: Row<R> = {
          tenant: ctx.tenant,
          keys: creation.keys,
          resource: { ...(creation.resource as R), id: randomUUID(), meta: stamp() },
          members: new Map(),
        };
        moveMembers(row, moved);
        table.set(row.resource.id, row);
        return { resource: shown(row, creation.selection), changed: true, ...moved };
      },
      async get(id, selection, ctx) {
        await pause();
        const row = own(id, ctx);
        return row && shown(row, selection);
      },
      async list(query: ListQuery<R>, ctx) {
        await pause();
        const rows = [...table.values()].filter(({ tenant }) => tenant === ctx.tenant);
        // What a filter may read is not only what the answer shows.
        return selectPage(
          query,
          rows.map((row) => ({ ...shown(row, new Set(['members'])), groups: groupsOf(row.resource.id, ctx) })),
        );
      },
      async update(id, change: Change<R>, ctx): Promise<WriteResult<R> | undefined> {
        await pause();
        const row = own(id, ctx);
        if (row === undefined) return undefined;
        if (change.ifVersion !== undefined && change.ifVersion !== row.resource.meta.version)
          throw new VersionMismatchError();
        const moved = appliedTo(row, change.members, ctx) ?? unmoved;
        checkKeys(change.keys, ctx, row);
        const before = row.resource;
        const { after, changed: names } = applyChange(before, change);
        const changed = names.length + moved.added.length + moved.removed.length > 0;
        moveMembers(row, moved);
        if (changed) {
          row.resource = { ...after, meta: stamp(new Date(), new Date(before.meta.created ?? 0)) };
          row.keys = { ...row.keys, ...change.keys };
        }
        return { resource: shown(row, change.selection), changed, before, ...moved };
      },
      async delete(id, removal, ctx) {
        await pause();
        const row = own(id, ctx);
        if (row === undefined) return undefined;
        if (removal.ifVersion !== undefined && removal.ifVersion !== row.resource.meta.version)
          throw new VersionMismatchError();
        table.delete(id);
        for (const group of groups.values()) {
          if (group.tenant === ctx.tenant && group.members.delete(id))
            group.resource = { ...group.resource, meta: stamp(new Date(), new Date(group.resource.meta.created ?? 0)) };
        }
        return { resource: row.resource, changed: true };
      },
    };
  }

  return {
    ...resources(users),
    namesOf: async (ids, ctx) => {
      await pause();
      return new Map(ids.flatMap((id) => (inTenant(id, ctx) ? [[id, users.get(id)?.resource.displayName ?? '']] : [])));
    },
    groups: {
      ...resources(groups),
      groupsOf: async (ids, ctx) => {
        await pause();
        return new Map(ids.map((id) => [id, inTenant(id, ctx) ? groupsOf(id, ctx) : []]));
      },
    },
  };
}

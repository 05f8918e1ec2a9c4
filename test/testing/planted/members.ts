/** Faults in groups and their members. */
import type { Group, GroupRef } from '../../../src/contract/resource.js';
import type { ScimContext } from '../../../src/contract/context.js';
import type { Change, GroupStore, MemberChange, WriteResult } from '../../../src/contract/store.js';
import { ConflictError } from '../../../src/errors.js';
import { type Moved, roundTrip, type Row, Table } from '../../stores/broken/sound-store.js';
import { inGroups, inUsers, ofTables, type PlantedFault } from './alter.js';

/** A table of groups whose members change in another way. */
const moving = (
  change: <R extends object>(row: Row<R>, members: MemberChange, sound: (members: MemberChange) => Moved) => Moved,
): typeof Table =>
  class<R extends object> extends Table<R> {
    protected override applyMembers(row: Row<R>, members: MemberChange | undefined): Moved {
      const sound = (each: MemberChange): Moved => super.applyMembers(row, each);
      return members === undefined ? super.applyMembers(row, members) : change(row, members, sound);
    }
  };

/** groupsOf finds other groups. */
const groupsOf = (change: (refs: readonly GroupRef[], id: string) => readonly GroupRef[]) => () =>
  ofTables(
    Table,
    class<R extends object> extends Table<R> {
      override async groupsOf(
        ...args: Parameters<Table<R>['groupsOf']>
      ): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
        const found = await super.groupsOf(...args);
        return new Map([...found].map(([id, refs]) => [id, change(refs, id)]));
      }
    },
  );

/** Deletions that leave memberships in some groups. */
const leaving = (which: (holders: readonly Row<Group>[]) => readonly Row<Group>[]): typeof Table =>
  class<R extends object> extends Table<R> {
    protected override leaveGroups({ id, tenant }: Pick<Row<R>, 'id' | 'tenant'>): void {
      for (const holder of which(this.holding(id, tenant))) {
        holder.members.delete(id);
        (this.db.groups as unknown as { write(row: Row<Group>, after: unknown): void }).write(holder, holder.resource);
      }
    }
  };

/** A change of members that keeps the version. */
const still = (isStill: (members: MemberChange) => boolean) => () =>
  ofTables(
    Table,
    class<R extends object> extends Table<R> {
      override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
        const row = this.find(id, ctx.tenant);
        const old = row?.resource.meta;
        const result = await super.update(id, change, ctx);
        if (row === undefined || old === undefined || result === undefined || change.members === undefined)
          return result;
        if (!isStill(change.members) || Object.keys(change.set).length > 0) return result;
        row.resource = { ...row.resource, meta: old };
        return { ...result, resource: { ...result.resource, meta: old } };
      }
    },
  );

const onUpdate =
  (change: (sound: GroupStore, ...args: Parameters<GroupStore['update']>) => ReturnType<GroupStore['update']>) => () =>
    inGroups((sound) => ({ update: (...args) => change(sound, ...args) }));

export const memberFaults: readonly PlantedFault[] = [
  {
    name: 'added-twice',
    what: 'an id that an update names twice is refused by the primary key',
    caughtBy: [],
    create: onUpdate((sound, id, change, ctx) => {
      const ids = change.members?.add.map(({ value }) => value) ?? [];
      if (new Set(ids).size < ids.length) throw new ConflictError('members');
      return sound.update(id, change, ctx);
    }),
  },
  {
    name: 'reported-twice',
    what: 'an id that an update names twice is reported twice in `added`',
    caughtBy: [],
    create: onUpdate(async (sound, id, change, ctx) => {
      const result = await sound.update(id, change, ctx);
      const ids = change.members?.add.map(({ value }) => value) ?? [];
      return result?.added && { ...result, added: ids.filter((each) => result.added?.includes(each)) };
    }),
  },
  {
    name: 'one-group-left',
    what: 'a deleted user leaves one of its groups',
    caughtBy: [],
    create: () => ofTables(leaving((holders) => holders.slice(0, 1))),
  },
  {
    name: 'last-group-kept',
    what: 'a deleted user stays in the last of its groups',
    caughtBy: [],
    create: () => ofTables(leaving((holders) => (holders.length > 1 ? holders.slice(0, -1) : holders))),
  },
  {
    name: 'removal-same-version',
    what: 'a removal of members keeps the version',
    caughtBy: [],
    create: still((members) => members.only !== true && members.add.length === 0),
  },
  {
    name: 'replacement-same-version',
    what: 'a replacement of members keeps the version',
    caughtBy: [],
    create: still((members) => members.only === true),
  },
  {
    name: 'one-level',
    what: 'groupsOf looks at one level of nesting',
    caughtBy: [],
    create: () =>
      ofTables(
        Table,
        class<R extends object> extends Table<R> {
          protected override groupsOfOne(id: string, tenant: string): readonly GroupRef[] {
            const direct = this.holding(id, tenant).map(({ id: value, resource }): GroupRef => ({
              value,
              display: resource.displayName,
              type: 'direct',
            }));
            const known = new Set(direct.map(({ value }) => value));
            const outer = direct
              .flatMap(({ value }) => this.holding(value, tenant))
              .filter((each) => !known.has(each.id) && each.id !== id);
            return [
              ...direct,
              ...new Map(
                outer.map((each) => [
                  each.id,
                  { value: each.id, display: each.resource.displayName, type: 'indirect' as const },
                ]),
              ).values(),
            ];
          }
        },
      ),
  },
  {
    name: 'two-ways',
    what: 'groupsOf names an outer group once for each way to it',
    caughtBy: [],
    create: () =>
      ofTables(
        Table,
        class<R extends object> extends Table<R> {
          protected override groupsOfOne(id: string, tenant: string): readonly GroupRef[] {
            const found = super.groupsOfOne(id, tenant);
            return found.flatMap((ref) => {
              const ways = found.filter(({ value }) => this.db.groups.rows.get(ref.value)?.members.has(value));
              return ref.type === 'indirect' && ways.length > 1 ? ways.map(() => ref) : [ref];
            });
          }
        },
      ),
  },
  {
    name: 'no-display',
    what: 'groupsOf returns the id as the name of an indirect group',
    caughtBy: [],
    create: groupsOf((refs) => refs.map((ref) => (ref.type === 'indirect' ? { ...ref, display: ref.value } : ref))),
  },
  {
    name: 'shared-groups',
    what: 'groupsOf returns the groups of the first user for all',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        groupsOf: async (ids, ctx) => {
          const found = await sound.groupsOf?.(ids, ctx);
          const [first = ''] = ids;
          return new Map(ids.map((id) => [id, found?.get(first) ?? []]));
        },
      })),
  },
  {
    name: 'ids-spliced',
    what: 'groupsOf takes the ids out of the list that it gets',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        groupsOf: async (ids, ctx) => {
          const all = new Map<string, readonly GroupRef[]>();
          for (let chunk = (ids as string[]).splice(0, 500); chunk.length > 0; chunk = (ids as string[]).splice(0, 500))
            for (const [id, refs] of (await sound.groupsOf?.(chunk, ctx)) ?? []) all.set(id, refs);
          return all;
        },
      })),
  },
  {
    name: 'names-spliced',
    what: 'namesOf takes the ids out of the list that it gets',
    caughtBy: [],
    create: () =>
      inUsers((sound) => ({
        namesOf: async (ids, ctx) => (await sound.namesOf?.((ids as string[]).splice(0, ids.length), ctx)) ?? new Map(),
      })),
  },
  {
    name: 'user-names-cached',
    what: 'namesOf of users returns old names',
    caughtBy: [],
    create: () =>
      inUsers((sound) => {
        const names = new Map<string, string>();
        return {
          namesOf: async (ids, ctx) => {
            for (const [id, name] of (await sound.namesOf?.(ids, ctx)) ?? []) if (!names.has(id)) names.set(id, name);
            const all = await sound.namesOf?.(ids, ctx);
            return new Map([...(all?.keys() ?? [])].map((id) => [id, names.get(id) ?? '']));
          },
        };
      }),
  },
  {
    name: 'names-object',
    what: 'namesOf returns an object',
    caughtBy: [],
    create: () =>
      inUsers((sound) => ({
        namesOf: async (ids, ctx) => Object.fromEntries((await sound.namesOf?.(ids, ctx)) ?? []) as never,
      })),
  },
  {
    name: 'names-of-all',
    what: 'namesOf names unknown ids by the id',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        namesOf: async (ids, ctx) => {
          const names = await sound.namesOf?.(ids, ctx);
          return new Map(ids.map((id) => [id, names?.get(id) ?? id]));
        },
      })),
  },
  {
    name: 'only-ignored',
    what: '`only` with unknown members to be skipped takes everybody out',
    caughtBy: [],
    create: () =>
      ofTables(
        Table,
        moving((_row, members, sound) =>
          members.only === true && members.pending === 'ignore' && members.add.length > 0
            ? sound({ ...members, add: [] })
            : sound(members),
        ),
      ),
  },
  {
    name: 'foreign-not-ignored',
    what: 'a user of another tenant is a member where unknown ones are skipped',
    caughtBy: [],
    create: () =>
      ofTables(
        Table,
        class<R extends object> extends Table<R> {
          protected override withoutIgnored(...[members, tenant]: Parameters<Table<R>['withoutIgnored']>) {
            const result = super.withoutIgnored(members, tenant);
            const foreign = new Set(result.ignored.filter((id) => this.db.users.rows.has(id)));
            if (members === undefined || foreign.size === 0) return result;
            const known = new Set(result.members?.add.map(({ value }) => value));
            return {
              members: { ...members, add: members.add.filter(({ value }) => known.has(value) || foreign.has(value)) },
              ignored: result.ignored.filter((id) => !foreign.has(id)),
            };
          }
        },
      ),
  },
  {
    name: 'live-members',
    what: 'the members that were returned change with the group',
    caughtBy: [],
    create: () =>
      inGroups((sound) => {
        const lists = new Map<string, NonNullable<Group['members']>[number][]>();
        const live = <T extends Group & { readonly id: string }>(group: T): T => {
          if (group.members === undefined) return group;
          const list = lists.get(group.id) ?? [];
          list.splice(0, list.length, ...group.members);
          lists.set(group.id, list);
          return { ...group, members: list };
        };
        return {
          create: async (creation, ctx) => {
            const result = await sound.create(creation, ctx);
            return { ...result, resource: live(result.resource) };
          },
          get: async (id, selection, ctx) => {
            const found = await sound.get(id, selection, ctx);
            return found && live(found);
          },
          update: async (id, change, ctx) => {
            const result = await sound.update(id, change, ctx);
            return result && { ...result, resource: live(result.resource) };
          },
        };
      }),
  },
  {
    name: 'rename-of-document',
    what: 'a new name is written with the members that were read before it',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        update: async (id, change, ctx) => {
          if (change.members !== undefined || Object.keys(change.set).length === 0)
            return sound.update(id, change, ctx);
          const read = await sound.get(id, new Set(['members']), ctx);
          await roundTrip();
          return sound.update(
            id,
            { ...change, members: { only: true, add: read?.members ?? [], remove: [], pending: 'ignore' } },
            ctx,
          );
        },
      })),
  },
  {
    name: 'members-of-document',
    what: 'new members are written with the name that was read before them',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        update: async (id, change, ctx) => {
          if (change.members === undefined || Object.keys(change.set).length > 0) return sound.update(id, change, ctx);
          const read = await sound.get(id, new Set(['displayName']), ctx);
          await roundTrip();
          return sound.update(id, { ...change, set: read === undefined ? {} : { displayName: read.displayName } }, ctx);
        },
      })),
  },
  {
    name: 'self-member',
    what: 'a group that contains itself makes groupsOf run for ever',
    caughtBy: [],
    create: () =>
      inGroups((sound) => {
        const own = new Set<string>();
        return {
          update: (id, change, ctx) => {
            if (change.members?.add.some(({ value }) => value === id) === true) own.add(id);
            return sound.update(id, change, ctx);
          },
          groupsOf: async (ids, ctx) =>
            own.size > 0 ? new Promise(() => undefined) : ((await sound.groupsOf?.(ids, ctx)) ?? new Map()),
        };
      }),
  },
  {
    name: 'add-before-remove',
    what: 'members that are removed and added are reported as added only',
    caughtBy: [],
    create: onUpdate(async (sound, id, change, ctx) => {
      const result = await sound.update(id, change, ctx);
      return result && { ...result, removed: [] };
    }),
  },
  {
    name: 'only-large',
    what: 'a replacement of more than 100 members adds the first 100',
    caughtBy: [],
    create: () =>
      ofTables(
        Table,
        moving((_row, members, sound) =>
          sound(members.only === true ? { ...members, add: members.add.slice(0, 100) } : members),
        ),
      ),
  },
  {
    name: 'remove-large',
    what: 'more than 1,000 members at once are not removed',
    caughtBy: [],
    create: () =>
      ofTables(
        Table,
        moving((_row, members, sound) => sound({ ...members, remove: members.remove.slice(0, 1000) })),
      ),
  },
  {
    name: 'create-large',
    what: 'a group is created with 100 members at most',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        create: (creation, ctx) =>
          sound.create(
            {
              ...creation,
              members: creation.members && { ...creation.members, add: creation.members.add.slice(0, 100) },
            },
            ctx,
          ),
      })),
  },
  {
    name: 'group-as-user',
    what: 'a group cannot be a member, and `nestedGroups` does not say so',
    caughtBy: [],
    create: () =>
      ofTables(
        Table,
        moving((row, members, sound) => {
          const result = sound(members);
          for (const [id, member] of row.members) if (member.type === 'Group') row.members.delete(id);
          return result;
        }),
      ),
  },
  {
    name: 'groups-of-user',
    what: 'get of a user returns groups from before the last change',
    caughtBy: [],
    create: () =>
      inUsers((sound) => {
        const old = new Map<string, readonly GroupRef[]>();
        return {
          get: async (id, selection, ctx) => {
            const found = await sound.get(id, selection, ctx);
            if (found === undefined || !selection.has('groups')) return found;
            const groups = old.get(id) ?? [];
            old.set(id, groups);
            return { ...found, groups };
          },
        };
      }),
  },
  {
    name: 'members-as-text',
    what: 'members are returned as a list of ids',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        get: async (id, selection, ctx) => {
          const found = await sound.get(id, selection, ctx);
          return found?.members === undefined
            ? found
            : { ...found, members: found.members.map(({ value }) => value) as never };
        },
      })),
  },
  {
    name: 'member-duplicates',
    what: 'a member who is added again is there twice',
    caughtBy: [],
    create: () =>
      inGroups((sound) => {
        const twice = new Map<string, Set<string>>();
        return {
          update: async (id, change, ctx) => {
            const before = new Set(
              (await sound.get(id, new Set(['members']), ctx))?.members?.map(({ value }) => value),
            );
            for (const { value } of change.members?.add ?? [])
              if (before.has(value) && change.members?.only !== true)
                twice.set(id, (twice.get(id) ?? new Set()).add(value));
            return sound.update(id, change, ctx);
          },
          get: async (id, selection, ctx) => {
            const found = await sound.get(id, selection, ctx);
            return found?.members === undefined
              ? found
              : {
                  ...found,
                  members: found.members.flatMap((each) =>
                    twice.get(id)?.has(each.value) === true ? [each, each] : [each],
                  ),
                };
          },
        };
      }),
  },
];

// Groups. A write locks the users that it adds, then the group, and adds and removes members as a set.
import { randomUUID } from 'node:crypto';
import { and, eq, not, or, type SQL, sql } from 'drizzle-orm';
import {
  type Change,
  type Group,
  type GroupStore,
  type Member,
  type MemberChange,
  type ScimContext,
  type Stored,
  UnknownReferenceError,
  VersionMismatchError,
} from 'express-scim';
import { type Database, isId, isOneOf } from './database.js';
import { equalsExactly, equalsKey, normalizedDisplayName } from './filter.js';
import { type ListedTable, listRows } from './list.js';
import { differs, profileAfter, split, stamp, withoutNulls } from './row.js';
import { groups, memberships, users } from './schema.js';
import { groupsOf } from './users.js';

type Row = typeof groups.$inferSelect;

const columns = ['displayName', 'externalId'] as const;

export function groupStore(db: Database): GroupStore {
  const isGroup = ({ tenant }: ScimContext, id: string): SQL | undefined =>
    and(eq(groups.tenant, tenant), isId(groups.id, id));

  return {
    create: ({ resource, members, selection }, { tenant }) =>
      db.transaction(async (tx) => {
        const { known, ignored } = withoutUnknown(members, await lockUsers(tx, members, tenant));
        const now = new Date();
        const { columnValues, profile } = split(resource, columns);
        const [row] = await tx
          .insert(groups)
          .values({
            ...{ id: randomUUID(), tenant, createdAt: now, updatedAt: now, profile },
            ...{
              ...columnValues,
              displayName: resource.displayName,
              displayNameKey: normalizedDisplayName(resource.displayName) ?? '',
            },
          })
          .returning();
        if (row === undefined) throw new Error('insert returned no row');
        const memberDelta = await changeMembers(tx, row.id, known);
        return { resource: await toGroup(tx, row, selection.has('members')), changed: true, ignored, ...memberDelta };
      }),

    async get(id, selection, ctx) {
      const [row] = await db.select().from(groups).where(isGroup(ctx, id));
      return row && toGroup(db, row, selection.has('members'));
    },

    list(query, { tenant }) {
      const withMembers = query.selection.has('members') || query.reads.includes('members');
      const table: ListedTable<Group> = {
        id: groups.id,
        orders: { displayName: groups.displayNameKey },
        equalities,
        count: (where) => db.$count(groups, where),
        async rows({ where, order, limit, offset = 0 }) {
          const selected = db
            .select()
            .from(groups)
            .where(where)
            .orderBy(...order)
            .offset(offset);
          const rows = limit === undefined ? await selected : await selected.limit(limit);
          return withMembers ? toGroups(db, rows) : rows.map((row) => withoutMembers(row));
        },
      };
      return listRows(query, table, eq(groups.tenant, tenant));
    },

    update: (id, change, ctx) =>
      db.transaction(async (tx) => {
        const unknown = await lockUsers(tx, change.members, ctx.tenant);
        const [row] = await tx.select().from(groups).where(isGroup(ctx, id)).for('update');
        if (row === undefined) return undefined;
        const { ifVersion, selection } = change;
        if (ifVersion !== undefined && ifVersion !== String(row.version)) throw new VersionMismatchError();
        const { known, ignored } = withoutUnknown(change.members, unknown);
        const memberDelta = await changeMembers(tx, id, known);
        const values = changedColumns(change);
        const profile = profileAfter(groups.profile, change, columns);
        const membersChanged = memberDelta.added.length + memberDelta.removed.length > 0;
        const [changed] = await tx
          .update(groups)
          .set({ ...values, profile, ...stamp(groups.version) })
          .where(
            and(
              isGroup(ctx, id),
              membersChanged
                ? undefined
                : or(...differs(groups, values), sql`${groups.profile} is distinct from ${profile}`),
            ),
          )
          .returning();
        const resource = await toGroup(tx, changed ?? row, selection.has('members'));
        return { resource, changed: changed !== undefined, before: withoutMembers(row), ignored, ...memberDelta };
      }),

    // The foreign key deletes the memberships with the row.
    async delete(id, { ifVersion }, ctx) {
      const isVersion = ifVersion === undefined ? undefined : sql`${groups.version}::text = ${ifVersion}`;
      const [row] = await db
        .delete(groups)
        .where(and(isGroup(ctx, id), isVersion))
        .returning();
      if (row !== undefined) return { resource: withoutMembers(row), changed: true };
      if (ifVersion !== undefined && (await db.$count(groups, isGroup(ctx, id))) > 0) throw new VersionMismatchError();
      return undefined;
    },

    async namesOf(ids, { tenant }) {
      const rows = await db
        .select({ id: groups.id, name: groups.displayName })
        .from(groups)
        .where(and(eq(groups.tenant, tenant), isOneOf(groups.id, ids)));
      return new Map(rows.map(({ id, name }) => [id, name]));
    },

    groupsOf: (ids, { tenant }) => groupsOf(db, ids, tenant),
  };
}

/** Locks the users to add, so that nobody deletes them in the meantime. @returns the IDs that do not exist */
async function lockUsers(tx: Database, change: MemberChange | undefined, tenant: string): Promise<readonly string[]> {
  if (change === undefined || change.add.length === 0) return [];
  const ids = change.add.map(({ value }) => value);
  const rows = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.tenant, tenant), isOneOf(users.id, ids)))
    .orderBy(users.id)
    .for('key share');
  const existing = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !existing.has(id));
}

/** The change without unknown members, which are skipped or refused. @throws UnknownReferenceError */
function withoutUnknown(change: MemberChange | undefined, unknown: readonly string[]) {
  if (change === undefined || unknown.length === 0) return { known: change, ignored: [] };
  if (change.pending !== 'ignore') throw new UnknownReferenceError(unknown);
  const skipped = new Set(unknown);
  return { known: { ...change, add: change.add.filter(({ value }) => !skipped.has(value)) }, ignored: unknown };
}

/** Writes only the difference: the cost depends on the change and not on the size of the group. */
async function changeMembers(tx: Database, groupId: string, change: MemberChange | undefined) {
  if (change === undefined) return { added: [], removed: [] };
  const add = change.add.map(({ value }) => value);
  const leaving =
    change.only === true ? not(isOneOf(memberships.userId, add)) : isOneOf(memberships.userId, change.remove);
  const ofGroup = eq(memberships.groupId, groupId);
  const removed = await tx.delete(memberships).where(and(ofGroup, leaving)).returning({ id: memberships.userId });
  const rows = tx
    .select({ groupId: sql<string>`${groupId}`.as('group_id'), userId: users.id })
    .from(users)
    .where(isOneOf(users.id, add));
  const added =
    add.length === 0
      ? []
      : await tx.insert(memberships).select(rows).onConflictDoNothing().returning({ id: memberships.userId });
  return { added: added.map(({ id }) => id), removed: removed.map(({ id }) => id) };
}

const equalities: ListedTable<Group>['equalities'] = {
  id: (value) => isId(groups.id, value),
  externalId: equalsExactly(groups.externalId),
  displayName: equalsKey(groups.displayNameKey),
};

function changedColumns({ set, unset }: Change<Group>): Partial<Row> {
  const { columnValues } = split(set, columns);
  return {
    ...columnValues,
    ...(unset.includes('externalId') && { externalId: null }),
    ...(columnValues.displayName !== undefined && {
      displayNameKey: normalizedDisplayName(columnValues.displayName) ?? '',
    }),
  };
}

async function toGroup(db: Database, row: Row, withMembers: boolean): Promise<Stored<Group>> {
  if (!withMembers) return withoutMembers(row);
  const [group] = await toGroups(db, [row]);
  return group ?? withoutMembers(row);
}

/** Reads the members of all these groups in one query. */
async function toGroups(db: Database, rows: readonly Row[]): Promise<readonly Stored<Group>[]> {
  const members = new Map<string, Member[]>(rows.map(({ id }) => [id, []]));
  const found = await db
    .select()
    .from(memberships)
    .where(isOneOf(memberships.groupId, [...members.keys()]))
    .orderBy(memberships.userId);
  for (const { groupId, userId } of found) members.get(groupId)?.push({ value: userId, type: 'User' });
  return rows.map((row) => ({ ...withoutMembers(row), members: members.get(row.id) ?? [] }));
}

function withoutMembers({ id, profile, version, createdAt, updatedAt, displayName, externalId }: Row): Stored<Group> {
  const meta = { created: createdAt, lastModified: updatedAt, version: String(version) };
  return { ...profile, ...withoutNulls({ externalId }), displayName, id, meta };
}

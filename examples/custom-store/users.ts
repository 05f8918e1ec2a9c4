// Users. Each write is a single statement; deleting a user is a transaction, because it also removes memberships.
import { randomUUID } from 'node:crypto';
import { and, eq, or, type SQL, sql } from 'drizzle-orm';
import {
  type Change,
  ConflictError,
  type Creation,
  type GroupRef,
  type Stored,
  type User,
  type ResourceStore,
  type ScimContext,
  VersionMismatchError,
} from 'express-scim';
import { type Database, isId, isOneOf, violates } from './database.js';
import { equalsExactly, equalsKey, normalizedDisplayName } from './filter.js';
import { type ListedTable, listRows } from './list.js';
import { differs, profileAfter, split, stamp, withoutNulls } from './row.js';
import { groups, memberships, users } from './schema.js';

type Row = typeof users.$inferSelect;

const columns = ['userName', 'externalId', 'displayName', 'title', 'active'] as const;

export function userStore(db: Database): ResourceStore<User> {
  const isUser = ({ tenant }: ScimContext, id: string): SQL | undefined =>
    and(eq(users.tenant, tenant), isId(users.id, id));

  return {
    async create({ resource, keys }: Creation<User>, { tenant }) {
      const now = new Date();
      const { columnValues, profile } = split(resource, columns);
      const [row] = await withConflictError(
        db
          .insert(users)
          .values({
            ...{ id: randomUUID(), tenant, createdAt: now, updatedAt: now, profile },
            ...{ ...columnValues, userName: resource.userName, userNameKey: keys['userName'] ?? resource.userName },
            displayNameKey: normalizedDisplayName(columnValues.displayName),
          })
          .returning(),
      );
      if (row === undefined) throw new Error('insert returned no row');
      return { resource: toUser(row), changed: true };
    },

    async get(id, _selection, ctx) {
      const [row] = await db.select().from(users).where(isUser(ctx, id));
      return row && toUser(row);
    },

    list(query, { tenant }) {
      const withGroups = query.reads.includes('groups');
      const table: ListedTable<User> = {
        id: users.id,
        orders: { userName: users.userNameKey },
        equalities,
        count: (where) => db.$count(users, where),
        async rows({ where, order, limit, offset = 0 }) {
          const selected = db
            .select()
            .from(users)
            .where(where)
            .orderBy(...order)
            .offset(offset);
          const rows = (limit === undefined ? await selected : await selected.limit(limit)).map(toUser);
          if (!withGroups) return rows;
          const found = await groupsOf(
            db,
            rows.map((row) => row.id),
            tenant,
          );
          return rows.map((row) => ({ ...row, groups: found.get(row.id) ?? [] }));
        },
      };
      return listRows(query, table, eq(users.tenant, tenant));
    },

    async update(id, change, ctx) {
      const { ifVersion } = change;
      const values = changedColumns(change);
      const profile = profileAfter(users.profile, change, columns);
      const [changed] = await withConflictError(
        db
          .update(users)
          .set({ ...values, profile, ...stamp(users.version) })
          .where(
            and(
              isUser(ctx, id),
              ifVersion === undefined ? undefined : sql`${users.version}::text = ${ifVersion}`,
              // A no-op writes no row, and the version stays.
              or(...differs(users, values), sql`${users.profile} is distinct from ${profile}`),
            ),
          )
          .returning(),
      );
      if (changed !== undefined) return { resource: toUser(changed), changed: true };
      const [row] = await db.select().from(users).where(isUser(ctx, id));
      if (row === undefined) return undefined;
      if (ifVersion !== undefined && ifVersion !== String(row.version)) throw new VersionMismatchError();
      return { resource: toUser(row), changed: false };
    },

    // Every write in this store locks users before groups, so that two writes cannot deadlock.
    delete: (id, { ifVersion }, ctx) =>
      db.transaction(async (tx) => {
        // From here on, nobody can add this user to a group: the foreign key needs the row lock.
        const [row] = await tx.select().from(users).where(isUser(ctx, id)).for('update');
        if (row === undefined) return undefined;
        if (ifVersion !== undefined && ifVersion !== String(row.version)) throw new VersionMismatchError();
        const groupIds = tx.select({ id: memberships.groupId }).from(memberships).where(eq(memberships.userId, id));
        await tx
          .select({ id: groups.id })
          .from(groups)
          .where(sql`${groups.id} in (${groupIds})`)
          .orderBy(groups.id)
          .for('update');
        const removed = await tx.delete(memberships).where(eq(memberships.userId, id)).returning();
        const ids = removed.map(({ groupId }) => groupId);
        if (ids.length > 0) await tx.update(groups).set(stamp(groups.version)).where(isOneOf(groups.id, ids));
        await tx.delete(users).where(isUser(ctx, id));
        return { resource: toUser(row), changed: true };
      }),

    async namesOf(ids, { tenant }) {
      const rows = await db
        .select({ id: users.id, name: sql<string>`coalesce(${users.displayName}, ${users.userName})` })
        .from(users)
        .where(and(eq(users.tenant, tenant), isOneOf(users.id, ids)));
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  };
}

/** The groups of each user, in one query. */
export async function groupsOf(
  db: Database,
  ids: readonly string[],
  tenant: string,
): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
  const rows = await db
    .select({ userId: memberships.userId, value: groups.id, display: groups.displayName })
    .from(memberships)
    .innerJoin(groups, eq(groups.id, memberships.groupId))
    .where(and(eq(groups.tenant, tenant), isOneOf(memberships.userId, ids)))
    .orderBy(groups.displayNameKey, groups.id);
  const found = new Map<string, GroupRef[]>(ids.map((id) => [id, []]));
  for (const { userId, ...ref } of rows) found.get(userId)?.push({ ...ref, type: 'direct' });
  return found;
}

const equalities: ListedTable<User>['equalities'] = {
  id: (value) => isId(users.id, value),
  userName: equalsKey(users.userNameKey),
  externalId: equalsExactly(users.externalId),
  displayName: equalsKey(users.displayNameKey),
  active: (value) => (typeof value === 'boolean' ? eq(users.active, value) : undefined),
};

function changedColumns({ set, unset, keys }: Change<User>): Partial<Row> {
  const { columnValues } = split(set, columns);
  const cleared = Object.fromEntries(columns.filter((name) => unset.includes(name)).map((name) => [name, null]));
  const key = keys['userName'];
  return {
    ...columnValues,
    ...cleared,
    ...(columnValues.userName !== undefined && typeof key === 'string' && { userNameKey: key }),
    ...((columnValues.displayName !== undefined || 'displayName' in cleared) && {
      displayNameKey: normalizedDisplayName(columnValues.displayName),
    }),
  };
}

function toUser(row: Row): Stored<User> {
  const { id, profile, version, createdAt, updatedAt, userName, externalId, displayName, title, active } = row;
  return {
    ...profile,
    ...withoutNulls({ externalId, displayName, title, active }),
    userName,
    id,
    meta: { created: createdAt, lastModified: updatedAt, version: String(version) },
  };
}

/** Reports a violation of the unique index as the contract requires: 409 with scimType uniqueness. */
async function withConflictError<T>(statement: PromiseLike<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    throw violates(error, 'users_user_name') ? new ConflictError('userName') : error;
  }
}

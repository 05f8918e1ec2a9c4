// The users: one statement for each write, and one transaction where memberships go with it.
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
import { displayKey, equalsExactly, equalsKey, reads } from './filter.js';
import { type Listed, listRows } from './list.js';
import { differs, present, profileAfter, split, stamp } from './row.js';
import { groups, memberships, users } from './schema.js';

type Row = typeof users.$inferSelect;

const columns = ['userName', 'externalId', 'displayName', 'title', 'active'] as const;

export function userStore(db: Database): ResourceStore<User> {
  const own = ({ tenant }: ScimContext, id: string): SQL | undefined =>
    and(eq(users.tenant, tenant), isId(users.id, id));

  return {
    async create({ resource, keys }: Creation<User>, { tenant }) {
      const now = new Date();
      const { kept, profile } = split(resource, columns);
      const [row] = await taken(
        db
          .insert(users)
          .values({
            ...{ id: randomUUID(), tenant, createdAt: now, updatedAt: now, profile },
            ...{ ...kept, userName: resource.userName, userNameKey: keys['userName'] ?? resource.userName },
            displayNameKey: displayKey(kept.displayName),
          })
          .returning(),
      );
      if (row === undefined) throw new Error('insert returned no row');
      return { resource: toUser(row), changed: true };
    },

    async get(id, _want, ctx) {
      const [row] = await db.select().from(users).where(own(ctx, id));
      return row && toUser(row);
    },

    list(query, { tenant }) {
      const withGroups = reads('groups', query.filter, query.sort);
      const table: Listed<User> = {
        id: users.id,
        orders: { userName: users.userNameKey },
        equalities,
        count: (where) => db.$count(users, where),
        async rows({ where, order, limit, offset = 0 }) {
          const some = db
            .select()
            .from(users)
            .where(where)
            .orderBy(...order)
            .offset(offset);
          const rows = (limit === undefined ? await some : await some.limit(limit)).map(toUser);
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
      const [changed] = await taken(
        db
          .update(users)
          .set({ ...values, profile, ...stamp(users.version) })
          .where(
            and(
              own(ctx, id),
              ifVersion === undefined ? undefined : sql`${users.version}::text = ${ifVersion}`,
              // What is already so is no change: then no row is written, and the version stays.
              or(...differs(users, values), sql`${users.profile} is distinct from ${profile}`),
            ),
          )
          .returning(),
      );
      if (changed !== undefined) return { resource: toUser(changed), changed: true };
      const [row] = await db.select().from(users).where(own(ctx, id));
      if (row === undefined) return undefined;
      if (ifVersion !== undefined && ifVersion !== String(row.version)) throw new VersionMismatchError();
      return { resource: toUser(row), changed: false };
    },

    // Locks go from users to groups everywhere in this store, so two writes never wait for each other in a ring.
    delete: (id, { ifVersion }, ctx) =>
      db.transaction(async (tx) => {
        // From here on nobody can add this user to a group: the foreign key needs the row.
        const [row] = await tx.select({ version: users.version }).from(users).where(own(ctx, id)).for('update');
        if (row === undefined) return false;
        if (ifVersion !== undefined && ifVersion !== String(row.version)) throw new VersionMismatchError();
        const held = tx.select({ id: memberships.groupId }).from(memberships).where(eq(memberships.userId, id));
        await tx
          .select({ id: groups.id })
          .from(groups)
          .where(sql`${groups.id} in (${held})`)
          .orderBy(groups.id)
          .for('update');
        const left = await tx.delete(memberships).where(eq(memberships.userId, id)).returning();
        const ids = left.map(({ groupId }) => groupId);
        if (ids.length > 0) await tx.update(groups).set(stamp(groups.version)).where(isOneOf(groups.id, ids));
        await tx.delete(users).where(own(ctx, id));
        return true;
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

/** Groups of each user, in one query. */
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

const equalities: Listed<User>['equalities'] = {
  id: (value) => isId(users.id, value),
  userName: equalsKey(users.userNameKey),
  externalId: equalsExactly(users.externalId),
  displayName: equalsKey(users.displayNameKey),
  active: (value) => (typeof value === 'boolean' ? eq(users.active, value) : undefined),
};

function changedColumns({ set, unset, keys }: Change<User>): Partial<Row> {
  const { kept } = split(set, columns);
  const cleared = Object.fromEntries(columns.filter((name) => unset.includes(name)).map((name) => [name, null]));
  const key = keys['userName'];
  return {
    ...kept,
    ...cleared,
    ...(kept.userName !== undefined && key !== undefined && { userNameKey: key }),
    ...((kept.displayName !== undefined || 'displayName' in cleared) && {
      displayNameKey: displayKey(kept.displayName),
    }),
  };
}

function toUser(row: Row): Stored<User> {
  const { id, profile, version, createdAt, updatedAt, userName, externalId, displayName, title, active } = row;
  return {
    ...profile,
    ...present({ externalId, displayName, title, active }),
    userName,
    id,
    meta: { created: createdAt, lastModified: updatedAt, version: String(version) },
  };
}

async function taken<T>(statement: PromiseLike<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    throw violates(error, 'users_user_name') ? new ConflictError('userName') : error;
  }
}

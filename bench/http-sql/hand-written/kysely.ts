import { randomUUID } from 'node:crypto';
import { type Kysely, type RawBuilder, sql, type Updateable } from 'kysely';
import type { BenchUser } from '../data.js';
import type { ServerOptions } from '../server-options.js';
import { openDatabase } from '../servers/databases.js';
import { columnsOf, createdRow, type HandWrittenDatabase, type UserRow } from './contract.js';
import { type Groups, type Members, tableStatements, type Time, type Users } from './tables.js';

interface Tables {
  users: Users;
  groups: Groups;
  members: Members;
}

const columns = ['id', 'attributes', 'active', 'version', 'created', 'last_modified'] as const;
type Row = Pick<Users, (typeof columns)[number]>;

/** The database of the app over the query builder that the library uses too: one file for all engines. */
export function kyselyDatabase(options: ServerOptions): HandWrittenDatabase {
  const { engine, tables: prefix } = options;
  const connection = openDatabase<Tables>(options);
  const names = { users: `${prefix}users`, groups: `${prefix}groups`, members: `${prefix}members` } as const;
  // The names have a prefix that only the bench knows: the types are those of tables without it.
  const [users, groups, members] = [names.users as 'users', names.groups as 'groups', names.members as 'members'];
  const time = (now: Date): Time => (engine === 'sqlite' ? now.toISOString() : now);
  const flag = (value: boolean): boolean | number => (engine === 'postgres' ? value : Number(value));
  const folds = engine !== 'mariadb';

  const get = async (id: string): Promise<UserRow | undefined> =>
    optionalRow(await connection.selectFrom(users).select(columns).where('id', '=', id).executeTakeFirst());

  async function update(
    id: string,
    values: Updateable<Users> | { readonly attributes: RawBuilder<string> },
  ): Promise<UserRow | undefined> {
    const statement = connection
      .updateTable(users)
      .set(values)
      .set((eb) => ({ version: eb('version', '+', 1), last_modified: time(new Date()) }))
      .where('id', '=', id);
    // MariaDB has no `update ... returning`.
    if (engine !== 'mariadb') return optionalRow(await statement.returning(columns).executeTakeFirst());
    await statement.execute();
    return get(id);
  }

  async function insert(user: BenchUser, db: Kysely<Tables> = connection): Promise<UserRow> {
    const id = randomUUID();
    const now = new Date();
    const stamps = { version: 1, created: time(now), last_modified: time(now) };
    await db
      .insertInto(users)
      .values({ id, ...rowOf(user), ...stamps })
      .execute();
    return createdRow(id, user, now);
  }

  function rowOf(user: BenchUser) {
    const { userName, externalId, displayName, workEmail, active, attributes } = columnsOf(user);
    return {
      user_name: userName,
      external_id: externalId,
      display_name: displayName,
      work_email: workEmail,
      active: flag(active),
      attributes,
    };
  }

  async function moveMember(group: string, change: (db: Kysely<Tables>) => Promise<unknown>): Promise<number> {
    return connection.transaction().execute(async (db) => {
      // First the group: two requests that lock it after its members would wait for each other.
      await db
        .updateTable(groups)
        .set((eb) => ({ version: eb('version', '+', 1), last_modified: time(new Date()) }))
        .where('id', '=', group)
        .execute();
      await change(db);
      const { version } = await db
        .selectFrom(groups)
        .select('version')
        .where('id', '=', group)
        .executeTakeFirstOrThrow();
      return version;
    });
  }

  return {
    migrate: async () => {
      for (const statement of tableStatements(engine, prefix)) await sql.raw(statement).execute(connection);
    },
    get,
    findBy: async (column, value) => {
      const isExact = column === 'external_id' || !folds;
      const query = connection.selectFrom(users).select(columns);
      const found = isExact
        ? query.where(column, '=', value)
        : query.where(({ eb, fn, val }) => eb(fn<string>('lower', [column]), '=', fn<string>('lower', [val(value)])));
      return optionalRow(await found.executeTakeFirst());
    },
    page: async (offset, limit) => {
      const rows = await connection
        .selectFrom(users)
        .select(columns)
        .select(({ selectFrom, fn }) => selectFrom(users).select(fn.countAll().as('count')).as('total'))
        .orderBy('id')
        .limit(limit)
        .offset(offset)
        .execute();
      return { rows: rows.map(userRow), total: Number(rows[0]?.total ?? 0) };
    },
    pageAfter: async (id, limit) => {
      const query = connection.selectFrom(users).select(columns).orderBy('id').limit(limit);
      return (await (id === '' ? query : query.where('id', '>', id)).execute()).map(userRow);
    },
    setActive: (id, active) => update(id, { active: flag(active) }),
    setAttribute: (id, name, value) =>
      update(id, {
        attributes:
          engine === 'postgres'
            ? sql<string>`jsonb_set(attributes, array[${name}::text], to_jsonb(${value}::text))`
            : sql<string>`json_set(attributes, ${`$.${JSON.stringify(name)}`}, ${value})`,
      }),
    replace: (id, user) => update(id, rowOf(user)),
    create: (user) => insert(user),
    createAll: (all) =>
      connection.transaction().execute(async (db) => {
        const rows: UserRow[] = [];
        for (const user of all) rows.push(await insert(user, db));
        return rows;
      }),
    createGroup: async (displayName, ids) => {
      const id = randomUUID();
      const now = time(new Date());
      await connection
        .insertInto(groups)
        .values({ id, display_name: displayName, version: 1, created: now, last_modified: now })
        .execute();
      for (let from = 0; from < ids.length; from += 5_000) {
        const rows = ids.slice(from, from + 5_000).map((member) => ({ group_id: id, user_id: member }));
        await connection.insertInto(members).values(rows).execute();
      }
      return { id };
    },
    addMember: (group, member) =>
      moveMember(group, (db) => {
        const row = db.insertInto(members).values({ group_id: group, user_id: member });
        return (engine === 'mariadb' ? row.ignore() : row.onConflict((conflict) => conflict.doNothing())).execute();
      }),
    removeMember: (group, member) =>
      moveMember(group, (db) =>
        db.deleteFrom(members).where('group_id', '=', group).where('user_id', '=', member).execute(),
      ),
  };
}

function optionalRow(row: Row | undefined): UserRow | undefined {
  return row && userRow(row);
}

function userRow({ id, attributes, active, version, created, last_modified: lastModified }: Row): UserRow {
  return {
    id,
    attributes: parsed(attributes),
    active: active === true || active === 1,
    version,
    created: new Date(created),
    lastModified: new Date(lastModified),
  };
}

/** `pg` and `mysql2` parse JSON columns. */
function parsed(attributes: unknown): object {
  return (typeof attributes === 'string' ? JSON.parse(attributes) : attributes) as object;
}

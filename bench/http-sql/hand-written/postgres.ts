import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { BenchUser } from '../data.js';
import type { ServerOptions } from '../server-options.js';
import { columnsOf, createdRow, type HandWrittenDatabase, type UserRow } from './contract.js';
import { tableStatements } from './tables.js';

/** The database of the app on PostgreSQL, with a prepared statement for each query. */
export function postgresDatabase({ database, tables, pool: size }: ServerOptions): HandWrittenDatabase {
  const pool = new pg.Pool({ connectionString: database, max: size });
  const [users, groups, members] = [`${tables}users`, `${tables}groups`, `${tables}members`];
  const columns = 'id, attributes, active, version, created, last_modified as "lastModified"';
  const by = {
    user_name: 'lower(user_name) = lower($1)',
    external_id: 'external_id = $1',
    work_email: 'lower(work_email) = lower($1)',
  } as const;
  const run = async (name: string, text: string, values: unknown[], client: pg.Pool | pg.PoolClient = pool) =>
    (await client.query<UserRow & { readonly total: string }>({ name, text, values })).rows;
  const one = async (name: string, text: string, values: unknown[]): Promise<UserRow | undefined> =>
    (await run(name, text, values))[0];

  async function insert(user: BenchUser, client: pg.Pool | pg.PoolClient = pool): Promise<UserRow> {
    const id = randomUUID();
    const now = new Date();
    const { userName, externalId, displayName, workEmail, active, attributes } = columnsOf(user);
    await run(
      'create',
      `insert into ${users} (id, user_name, external_id, display_name, work_email, active, attributes, version, created, last_modified)
        values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)`,
      [id, userName, externalId, displayName, workEmail, active, attributes, now],
      client,
    );
    return createdRow(id, user, now);
  }

  async function versionAfter(name: string, change: string, group: string, member: string): Promise<number> {
    const text = `with changed as (${change}) update ${groups} set version = version + 1, last_modified = $3 where id = $1 returning version`;
    const { rows } = await pool.query<{ version: number }>({ name, text, values: [group, member, new Date()] });
    return rows[0]?.version ?? 0;
  }

  return {
    migrate: async () => {
      for (const statement of tableStatements('postgres', tables)) await pool.query(statement);
    },
    get: (id) => one('get', `select ${columns} from ${users} where id = $1`, [id]),
    findBy: (column, value) => one(column, `select ${columns} from ${users} where ${by[column]}`, [value]),
    page: async (offset, limit) => {
      const text = `select ${columns}, (select count(*) from ${users}) as total from ${users} order by id limit $1 offset $2`;
      const rows = await run('page', text, [limit, offset]);
      return { rows, total: Number(rows[0]?.total ?? 0) };
    },
    pageAfter: (id, limit) =>
      id === ''
        ? run('first', `select ${columns} from ${users} order by id limit $1`, [limit])
        : run('after', `select ${columns} from ${users} where id > $1 order by id limit $2`, [id, limit]),
    setActive: (id, active) =>
      one(
        'active',
        `update ${users} set active = $2, version = version + 1, last_modified = $3 where id = $1 returning ${columns}`,
        [id, active, new Date()],
      ),
    setAttribute: (id, name, value) =>
      one(
        'attribute',
        `update ${users} set attributes = jsonb_set(attributes, array[$2::text], to_jsonb($3::text)), version = version + 1,
          last_modified = $4 where id = $1 returning ${columns}`,
        [id, name, value, new Date()],
      ),
    replace: (id, user) => {
      const { userName, externalId, displayName, workEmail, active, attributes } = columnsOf(user);
      return one(
        'replace',
        `update ${users} set user_name = $2, external_id = $3, display_name = $4, work_email = $5, active = $6, attributes = $7,
          version = version + 1, last_modified = $8 where id = $1 returning ${columns}`,
        [id, userName, externalId, displayName, workEmail, active, attributes, new Date()],
      );
    },
    create: (user) => insert(user),
    createAll: async (all) => {
      const client = await pool.connect();
      await client.query('begin');
      const rows: UserRow[] = [];
      for (const user of all) rows.push(await insert(user, client));
      await client.query('commit');
      client.release();
      return rows;
    },
    createGroup: async (displayName, ids) => {
      const id = randomUUID();
      await pool.query(
        `insert into ${groups} (id, display_name, version, created, last_modified) values ($1, $2, 1, $3, $3)`,
        [id, displayName, new Date()],
      );
      await pool.query(`insert into ${members} (group_id, user_id) select $1, unnest($2::uuid[])`, [id, ids]);
      return { id };
    },
    addMember: (group, member) =>
      versionAfter(
        'add',
        `insert into ${members} (group_id, user_id) values ($1, $2) on conflict do nothing`,
        group,
        member,
      ),
    removeMember: (group, member) =>
      versionAfter('remove', `delete from ${members} where group_id = $1 and user_id = $2`, group, member),
  };
}

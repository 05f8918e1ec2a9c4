import { randomUUID } from 'node:crypto';
import { createPool, type Pool, type PoolConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import type { BenchUser } from '../data.js';
import type { ServerOptions } from '../server-options.js';
import { columnsOf, createdRow, type HandWrittenDatabase, type UserRow } from './contract.js';
import { tableStatements } from './tables.js';

interface Row extends RowDataPacket {
  readonly id: string;
  /** mysql2 parses JSON columns. */
  readonly attributes: object;
  readonly active: number;
  readonly version: number;
  readonly created: Date;
  readonly lastModified: Date;
  readonly total: number;
}

/**
 * The database of the app on MariaDB, with prepared statements. MariaDB has no `update ... returning`: an update is
 * followed by a select, without a transaction around them.
 */
export function mariadbDatabase({ database, tables, pool: size }: ServerOptions): HandWrittenDatabase {
  const pool = createPool({ uri: database, connectionLimit: size, timezone: 'Z' });
  const [users, groups, members] = [`${tables}users`, `${tables}groups`, `${tables}members`];
  const columns = 'id, attributes, active, version, created, last_modified as lastModified';
  const read = async (text: string, values: (string | number)[]) => (await pool.execute<Row[]>(text, values))[0];
  const get = async (id: string): Promise<UserRow | undefined> => {
    const [row] = await read(`select ${columns} from ${users} where id = ?`, [id]);
    return row && userRow(row);
  };

  async function insert(user: BenchUser, client: Pool | PoolConnection = pool): Promise<UserRow> {
    const id = randomUUID();
    const now = new Date();
    const { userName, externalId, displayName, workEmail, active, attributes } = columnsOf(user);
    await client.execute(
      `insert into ${users} (id, user_name, external_id, display_name, work_email, active, attributes, version, created, last_modified)
        values (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
      [id, userName, externalId, displayName, workEmail, active, attributes, now, now],
    );
    return createdRow(id, user, now);
  }

  async function nextVersion(group: string): Promise<number> {
    const [{ insertId }] = await pool.execute<ResultSetHeader>(
      `update ${groups} set version = last_insert_id(version + 1), last_modified = ? where id = ?`,
      [new Date(), group],
    );
    return insertId;
  }

  return {
    migrate: async () => {
      for (const statement of tableStatements('mariadb', tables)) await pool.query(statement);
    },
    get,
    findBy: async (column, value) => {
      const [row] = await read(`select ${columns} from ${users} where ${column} = ?`, [value]);
      return row && userRow(row);
    },
    page: async (offset, limit) => {
      const text = `select ${columns}, (select count(*) from ${users}) as total from ${users} order by id limit ? offset ?`;
      // The server wants the numbers of a limit as texts.
      const rows = await read(text, [String(limit), String(offset)]);
      return { rows: rows.map(userRow), total: rows[0]?.total ?? 0 };
    },
    pageAfter: async (id, limit) => {
      const rows = await read(`select ${columns} from ${users} where id > ? order by id limit ?`, [id, String(limit)]);
      return rows.map(userRow);
    },
    setActive: async (id, active) => {
      await pool.execute(`update ${users} set active = ?, version = version + 1, last_modified = ? where id = ?`, [
        active,
        new Date(),
        id,
      ]);
      return get(id);
    },
    setAttribute: async (id, name, value) => {
      await pool.execute(
        `update ${users} set attributes = json_set(attributes, ?, ?), version = version + 1, last_modified = ? where id = ?`,
        [`$.${JSON.stringify(name)}`, value, new Date(), id],
      );
      return get(id);
    },
    replace: async (id, user) => {
      const { userName, externalId, displayName, workEmail, active, attributes } = columnsOf(user);
      await pool.execute(
        `update ${users} set user_name = ?, external_id = ?, display_name = ?, work_email = ?, active = ?, attributes = ?,
          version = version + 1, last_modified = ? where id = ?`,
        [userName, externalId, displayName, workEmail, active, attributes, new Date(), id],
      );
      return get(id);
    },
    create: (user) => insert(user),
    createAll: async (all) => {
      const client = await pool.getConnection();
      await client.beginTransaction();
      const rows: UserRow[] = [];
      for (const user of all) rows.push(await insert(user, client));
      await client.commit();
      client.release();
      return rows;
    },
    createGroup: async (displayName, ids) => {
      const id = randomUUID();
      const now = new Date();
      await pool.execute(
        `insert into ${groups} (id, display_name, version, created, last_modified) values (?, ?, 1, ?, ?)`,
        [id, displayName, now, now],
      );
      for (let from = 0; from < ids.length; from += 5_000) {
        const rows = ids.slice(from, from + 5_000).map((member) => [id, member]);
        await pool.query(`insert into ${members} (group_id, user_id) values ?`, [rows]);
      }
      return { id };
    },
    addMember: async (group, member) => {
      await pool.execute(`insert ignore into ${members} (group_id, user_id) values (?, ?)`, [group, member]);
      return nextVersion(group);
    },
    removeMember: async (group, member) => {
      await pool.execute(`delete from ${members} where group_id = ? and user_id = ?`, [group, member]);
      return nextVersion(group);
    },
  };
}

function userRow({ active, ...row }: Row): UserRow {
  return { ...row, active: active === 1 };
}

import { randomUUID } from 'node:crypto';
import Sqlite from 'libsql';
import type { BenchUser } from '../data.js';
import type { ServerOptions } from '../server-options.js';
import { columnsOf, createdRow, type HandWrittenDatabase, type UserRow } from './contract.js';
import { applyPragmas } from './sqlite-pragmas.js';
import { tableStatements } from './tables.js';

interface Row {
  readonly id: string;
  readonly attributes: string;
  readonly active: number;
  readonly version: number;
  readonly created: string;
  readonly lastModified: string;
  readonly total: number;
}

/** The database of the app on SQLite, with prepared statements. */
export function sqliteDatabase({ database, tables }: ServerOptions): HandWrittenDatabase {
  const sqlite = new Sqlite(database);
  applyPragmas(sqlite);
  const [users, groups, members] = [`${tables}users`, `${tables}groups`, `${tables}members`];
  const columns = 'id, attributes, active, version, created, last_modified as lastModified';
  const statements = new Map<string, Sqlite.Statement>();
  const prepare = (text: string): Sqlite.Statement => {
    const statement = statements.get(text) ?? sqlite.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  const all = (text: string, ...values: unknown[]): Row[] => prepare(text).all(...values) as Row[];
  const one = async (text: string, ...values: unknown[]): Promise<UserRow | undefined> => {
    const [row] = all(text, ...values);
    return row && userRow(row);
  };
  const by = {
    user_name: 'lower(user_name) = lower(?)',
    external_id: 'external_id = ?',
    work_email: 'lower(work_email) = lower(?)',
  } as const;

  function insert(user: BenchUser): UserRow {
    const id = randomUUID();
    const now = new Date();
    const { userName, externalId, displayName, workEmail, active, attributes } = columnsOf(user);
    prepare(
      `insert into ${users} (id, user_name, external_id, display_name, work_email, active, attributes, version, created, last_modified)
        values (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
    ).run(
      id,
      userName,
      externalId,
      displayName,
      workEmail,
      Number(active),
      attributes,
      now.toISOString(),
      now.toISOString(),
    );
    return createdRow(id, user, now);
  }

  const insertAll = sqlite.transaction((list: readonly BenchUser[]) => list.map(insert));
  const insertMembers = sqlite.transaction((group: string, ids: readonly string[]) => {
    for (const id of ids) prepare(`insert into ${members} (group_id, user_id) values (?, ?)`).run(group, id);
  });
  const changeMembers = sqlite.transaction((text: string, group: string, member: string) => {
    prepare(text).run(group, member);
    const [row] = all(
      `update ${groups} set version = version + 1, last_modified = ? where id = ? returning version`,
      new Date().toISOString(),
      group,
    );
    return row?.version ?? 0;
  });

  return {
    migrate: async () => {
      for (const statement of tableStatements('sqlite', tables)) sqlite.exec(statement);
    },
    get: (id) => one(`select ${columns} from ${users} where id = ?`, id),
    findBy: (column, value) => one(`select ${columns} from ${users} where ${by[column]}`, value),
    page: async (offset, limit) => {
      const text = `select ${columns}, (select count(*) from ${users}) as total from ${users} order by id limit ? offset ?`;
      const rows = all(text, limit, offset);
      return { rows: rows.map(userRow), total: rows[0]?.total ?? 0 };
    },
    pageAfter: async (id, limit) =>
      all(`select ${columns} from ${users} where id > ? order by id limit ?`, id, limit).map(userRow),
    setActive: (id, active) =>
      one(
        `update ${users} set active = ?, version = version + 1, last_modified = ? where id = ? returning ${columns}`,
        Number(active),
        new Date().toISOString(),
        id,
      ),
    setAttribute: (id, name, value) =>
      one(
        `update ${users} set attributes = json_set(attributes, ?, ?), version = version + 1, last_modified = ? where id = ?
          returning ${columns}`,
        `$.${JSON.stringify(name)}`,
        value,
        new Date().toISOString(),
        id,
      ),
    replace: (id, user) => {
      const { userName, externalId, displayName, workEmail, active, attributes } = columnsOf(user);
      return one(
        `update ${users} set user_name = ?, external_id = ?, display_name = ?, work_email = ?, active = ?, attributes = ?,
          version = version + 1, last_modified = ? where id = ? returning ${columns}`,
        userName,
        externalId,
        displayName,
        workEmail,
        Number(active),
        attributes,
        new Date().toISOString(),
        id,
      );
    },
    create: async (user) => insert(user),
    createAll: async (list) => insertAll.immediate(list),
    createGroup: async (displayName, ids) => {
      const id = randomUUID();
      const now = new Date().toISOString();
      prepare(`insert into ${groups} (id, display_name, version, created, last_modified) values (?, ?, 1, ?, ?)`).run(
        id,
        displayName,
        now,
        now,
      );
      insertMembers.immediate(id, ids);
      return { id };
    },
    addMember: async (group, member) =>
      changeMembers.immediate(
        `insert into ${members} (group_id, user_id) values (?, ?) on conflict do nothing`,
        group,
        member,
      ),
    removeMember: async (group, member) =>
      changeMembers.immediate(`delete from ${members} where group_id = ? and user_id = ?`, group, member),
  };
}

function userRow({ id, attributes, active, version, created, lastModified }: Row): UserRow {
  return {
    id,
    attributes: JSON.parse(attributes) as object,
    active: active === 1,
    version,
    created: new Date(created),
    lastModified: new Date(lastModified),
  };
}

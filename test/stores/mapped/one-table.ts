// A host whose users and groups are one table each, with a version column and a column for the attributes without one:
// what its writes return need not be read again.
import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { type Kysely, type OperationNode, RawNode, sql } from 'kysely';
import type { ChangeEvent } from '../../../src/contract/event.js';
import type { Group, User } from '../../../src/contract/resource.js';
import type { UserStore } from '../../../src/contract/store.js';
import type { Dialect } from '../../../src/database/dialect.js';
import { createLockTable, createOutboxTable, defineMapping, mappedStore } from '../../../src/sql.js';
import type { StoreUnderTest } from '../../../src/testing/index.js';
import { change, ctx, newGroup, newUser } from '../../../src/testing/requests.js';
import { breakable } from '../sql/breakable.js';

interface Tables {
  one_users: {
    id: string;
    login: string;
    label: string | null;
    active: boolean | number;
    more: string;
    revision: number;
    made: string;
    changed: string;
  };
  one_groups: { id: string; label: string; more: string; revision: number; made: string; changed: string };
  one_members: { group_id: string; user_id: string };
}

const names = ['one_members', 'one_users', 'one_groups', 'one_outbox', 'one_locks'];

/** Makes the tables, once for all cases over one database. The table of memberships has no unique index. */
export async function createOneTables(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const { id, name, json, flag } = {
    postgres: { id: 'uuid', name: 'text', json: 'jsonb', flag: 'boolean' },
    mysql: { id: 'char(36)', name: 'varchar(250)', json: 'longtext', flag: 'boolean' },
    sqlite: { id: 'text', name: 'text collate nocase', json: 'text', flag: 'integer' },
  }[dialect];
  const unique = dialect === 'postgres' ? 'lower(login)' : 'login';
  const times = 'made varchar(40) not null, changed varchar(40) not null';
  const key = `id ${id} primary key`;
  const suffix = dialect === 'mysql' ? ' engine = InnoDB character set utf8mb4' : '';
  for (const statement of [
    `create table one_users (${key}, login ${name} not null, label ${name}, active ${flag}, more ${json}, revision integer not null, ${times})${suffix}`,
    `create table one_groups (${key}, label ${name} not null, more ${json}, revision integer not null, ${times})${suffix}`,
    `create table one_members (group_id ${id} not null references one_groups (id), user_id ${id} not null references one_users (id))${suffix}`,
    `create unique index one_users_login on one_users (${unique})`,
  ]) {
    await sql.raw(statement).execute(db);
  }
  await createOutboxTable(db, 'one_outbox');
  await createLockTable(db, 'one_locks');
}

/** Takes away what `createOneTables` has made. */
export async function dropOneTables(db: Kysely<unknown>): Promise<void> {
  for (const name of names) await sql`drop table if exists ${sql.table(name)}`.execute(db);
}

function oneTableStore(db: Kysely<unknown>, dialect: Dialect): UserStore {
  const define = defineMapping<Tables>();
  const shared = {
    id: { column: 'id', type: 'uuid' },
    version: { column: 'revision' },
    created: 'made',
    lastModified: 'changed',
    rest: 'more',
    defaults: (_resource: unknown, _tenant: string, now: Date) => ({ made: now.toISOString() }),
    stamp: (now: Date) => ({ changed: now.toISOString() }),
  } as const;
  const users = define({
    ...shared,
    table: 'one_users',
    attributes: {
      userName: 'login',
      displayName: 'label',
      active: { column: 'active', on: [true], off: [false] },
    },
  });
  const groups = define({
    ...shared,
    table: 'one_groups',
    attributes: { displayName: 'label' },
    members: { table: 'one_members', group: 'group_id', member: 'user_id' },
  });
  return mappedStore(db, {
    users,
    groups,
    outbox: 'one_outbox',
    locks: 'one_locks',
    dialect,
    onWarning: () => undefined,
  });
}

/** An empty store over the tables. */
export async function oneTable(db: Kysely<unknown>, dialect: Dialect): Promise<StoreUnderTest> {
  for (const name of names) await sql`delete from ${sql.table(name)}`.execute(db);
  const { db: faulty, breakAt } = breakable(db);
  return {
    breakAt,
    store: oneTableStore(faulty, dialect),
    another: () => oneTableStore(db, dialect),
    nestedGroups: false,
    longText: false,
    exactText: false,
    outbox: async () => {
      const { rows } = await sql<{ event: unknown }>`select event from one_outbox`.execute(db);
      return rows.map(({ event }) => JSON.parse(String(event)) as ChangeEvent);
    },
    foreignWrite: async (id) => {
      await sql`update one_users set label = 'changed by the host', revision = revision + 1 where id = ${id}`.execute(
        db,
      );
    },
  };
}

/** A trigger that increments the revision of a user once more, after each update of the row. */
const triggers = {
  postgres: {
    create: [
      `create function one_bump() returns trigger language plpgsql as
        $$ begin update one_users set revision = revision + 10 where id = new.id; return null; end $$`,
      `create trigger one_bump after update on one_users for each row when (pg_trigger_depth() = 0)
        execute function one_bump()`,
    ],
    drop: ['drop function one_bump cascade'],
  },
  sqlite: {
    create: [
      `create trigger one_bump after update on one_users
        begin update one_users set revision = revision + 10 where id = new.id; end`,
    ],
    drop: ['drop trigger one_bump'],
  },
} as const;

export function triggerCases(open: () => Promise<Kysely<unknown>>, dialect: keyof typeof triggers): void {
  it('returns a row as the trigger of the host leaves it', async () => {
    const db = await open();
    for (const statement of triggers[dialect].create) await sql.raw(statement).execute(db);
    const store = oneTableStore(db, dialect);
    const { resource } = await store.create(newUser(`trigger.${randomUUID()}`, { active: true }), ctx());
    const updated = await store.update(resource.id, change<User>({ set: { active: false } }), ctx());
    expect(updated?.resource).toMatchObject({ active: false, meta: { version: '12' } });
    expect(await store.get(resource.id, new Set(), ctx())).toEqual(updated?.resource);
    for (const statement of triggers[dialect].drop) await sql.raw(statement).execute(db);
  });
}

/** The same database, which adds the first word of each statement to `seen`. */
export function listening(db: Kysely<unknown>, seen: string[]): Kysely<unknown> {
  return db.withPlugin({
    transformQuery: ({ node }) => {
      seen.push(firstWord(node));
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
}

function firstWord(node: OperationNode): string {
  if (!RawNode.is(node)) return node.kind;
  const [text = ''] = node.sqlFragments;
  const [inner] = node.parameters;
  return text.trim() === '' && inner !== undefined ? firstWord(inner) : (text.trim().split(/\s/)[0] ?? '');
}

/** The first words of the statements of a write, without those of the transaction. */
export function statementCases(
  open: (seen: string[]) => Promise<Kysely<unknown>>,
  dialect: 'postgres' | 'sqlite',
): void {
  it('reads nothing again that a write returns', async () => {
    const seen: string[] = [];
    const db = await open(seen);
    const store = oneTableStore(db, dialect);
    const { groups } = store;
    if (groups === undefined) throw new Error('The store has no groups.');
    const { resource: user } = await store.create(newUser(`statements.${randomUUID()}`, { active: true }), ctx());
    const { resource: group } = await groups.create(newGroup('Group'), ctx());
    const statementsOf = async (write: () => Promise<unknown>): Promise<readonly string[]> => {
      seen.length = 0;
      await write();
      return [...seen];
    };
    const outbox = 'insert';
    expect(await statementsOf(async () => store.create(newUser(`other.${randomUUID()}`), ctx()))).toEqual([
      'insert',
      outbox,
    ]);
    expect(
      await statementsOf(async () => store.update(user.id, change<User>({ set: { active: false } }), ctx())),
    ).toEqual(['select', 'update', outbox]);
    const members = (add: readonly string[], remove: readonly string[]) =>
      change<Group>({ members: { add: add.map((value) => ({ value })), remove, pending: 'reject' } });
    expect(await statementsOf(async () => groups.update(group.id, members([user.id], []), ctx()))).toEqual([
      ...['select', 'select', 'insert', 'update'],
      outbox,
    ]);
    expect(await statementsOf(async () => groups.update(group.id, members([], [user.id]), ctx()))).toEqual([
      ...['select', 'delete', 'update'],
      outbox,
    ]);
  });
}

/** A group of more members than one statement adds, some of which the host has added. */
export function manyMembersCases(
  open: (seen: string[]) => Promise<Kysely<unknown>>,
  dialect: 'postgres' | 'sqlite',
): void {
  it('adds each of many members once, and reads those of the group once', async () => {
    const seen: string[] = [];
    const db = await open(seen);
    const { groups } = oneTableStore(db, dialect);
    if (groups === undefined) throw new Error('The store has no groups.');
    const ids = Array.from({ length: 1_200 }, () => randomUUID());
    const [active, made] = [dialect === 'postgres' ? sql`true` : sql`1`, '2026-11-30T00:00:00.000Z'];
    const rows = (of: (id: string) => unknown, some: readonly string[] = ids): unknown => sql.join(some.map(of));
    await sql`insert into one_users (id, login, active, more, revision, made, changed)
      values ${rows((id) => sql`(${id}, ${id}, ${active}, '{}', 1, ${made}, ${made})`)}`.execute(db);
    const { resource: group } = await groups.create(newGroup('Many'), ctx());
    await sql`insert into one_members (group_id, user_id)
      values ${rows((id) => sql`(${group.id}, ${id})`, ids.slice(0, 700))}`.execute(db);
    seen.length = 0;
    const add = ids.map((value) => ({ value }));
    const result = await groups.update(
      group.id,
      change<Group>({ members: { add, remove: [], pending: 'reject' } }),
      ctx(),
    );
    expect(result?.added).toEqual(ids.slice(700));
    // The group, three parts of the users, and the members of the group; SQLite looks for each member by its index.
    if (dialect === 'postgres') {
      expect(seen).toEqual([...Array<string>(5).fill('select'), 'insert', 'update', 'insert']);
    }
    const { rows: found } = await sql<{ count: unknown; ids: unknown }>`select count(*) as count,
      count(distinct user_id) as ids from one_members where group_id = ${group.id}`.execute(db);
    expect(found.map(({ count, ids: distinct }) => [Number(count), Number(distinct)])).toEqual([[1_200, 1_200]]);
  });
}

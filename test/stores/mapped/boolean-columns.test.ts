import { describe, expect, it } from '@jest/globals';
import { getTableName } from 'drizzle-orm';
import type { Kyselify } from 'drizzle-orm/kysely';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { CamelCasePlugin, type Kysely, sql } from 'kysely';
import type { User } from '../../../src/contract/resource.js';
import { defineMapping, mappedStore } from '../../../src/sql.js';
import { attribute, change, ctx as ctxOf, eq, listQuery, newUser } from '../../../src/testing/requests.js';
import { sqlite } from '../sql/sqlite.js';

// The models of an app with Drizzle on SQLite.
const members = sqliteTable('members', {
  id: integer('id').primaryKey(),
  email: text('email').notNull(),
  active: integer('active', { mode: 'boolean' }).notNull(),
  vip: integer('vip', { mode: 'boolean' }),
  local: integer('local', { mode: 'boolean' }).notNull().default(false),
  internal: integer('internal', { mode: 'boolean' }).notNull(),
  touched: integer('touched', { mode: 'boolean' }),
});

interface Tables {
  members: Kyselify<typeof members>;
}

const urn = 'urn:example:params:scim:schemas:Member:2.0:User';
const users = defineMapping<Tables>()({
  table: 'members',
  id: { column: 'id', prefix: 'm' },
  version: 'hash',
  attributes: {
    userName: 'email',
    active: { column: 'active', on: [true], off: [false] },
    userType: {
      column: 'vip',
      read: (vip) => (vip === null ? undefined : Number(vip) === 1 ? 'VIP' : 'Member'),
      write: (type) => (type === undefined ? null : type === 'VIP'),
      reversible: true,
    },
    [`${urn}:local`]: { column: 'local', empty: false },
  },
  defaults: () => ({ internal: true }),
  stamp: () => ({ touched: true }),
});

const ctx = ctxOf('default');

async function open(withPlugin: boolean) {
  const plain: Kysely<unknown> = sqlite().db;
  await sql`create table members (id integer primary key, email text not null collate nocase unique, active integer not null,
    vip integer, local integer not null default 0, internal integer not null, touched integer)`.execute(plain);
  await sql`insert into ${sql.table(getTableName(members))} (email, active, internal) values ('old@example.com', 0, 0)`.execute(
    plain,
  );
  const db = withPlugin ? plain.withPlugin(new CamelCasePlugin()) : plain;
  const store = mappedStore(db, { users, onWarning: () => undefined });
  const names = async (path: string, value: boolean): Promise<readonly string[]> => {
    const filter = eq(path, value);
    const typed = { ...filter, attribute: attribute(path, { type: 'boolean' }) };
    const { resources } = await store.list(listQuery<User>({ filter: typed as typeof filter }), ctx);
    return resources.map(({ userName }) => userName).sort();
  };
  const row = async (email: string): Promise<unknown> =>
    (await sql`select active, vip, local, internal, touched from members where email = ${email}`.execute(plain))
      .rows[0];
  return { store, names, row };
}

describe.each([
  ['', false],
  [' with a plugin', true],
])('a boolean column of Drizzle on SQLite%s', (_, withPlugin) => {
  it('is written as 1 and 0, whichever part of the mapping has the boolean', async () => {
    const { store, row } = await open(withPlugin);
    const { resource } = await store.create(newUser('ada@example.com', { active: true, userType: 'VIP' }), ctx);
    expect(await row('ada@example.com')).toEqual({ active: 1, vip: 1, local: 0, internal: 1, touched: 1 });
    const set = { active: false, userType: 'Member', [urn]: { local: true } };
    await store.update(resource.id, change<User>({ set }), ctx);
    expect(await row('ada@example.com')).toEqual({ active: 0, vip: 0, local: 1, internal: 1, touched: 1 });
    await store.update(resource.id, change<User>({ unset: ['userType', urn] }), ctx);
    expect(await row('ada@example.com')).toMatchObject({ vip: null, local: 0 });
  });

  it('is read and found by filters', async () => {
    const { store, names } = await open(withPlugin);
    const { resource } = await store.create(newUser('ada@example.com', { active: true, userType: 'VIP' }), ctx);
    expect(await store.get('m1', new Set(['active']), ctx)).toMatchObject({ active: false });
    expect(await store.get(resource.id, new Set(['active']), ctx)).toMatchObject({ active: true, userType: 'VIP' });
    expect(await names('active', false)).toEqual(['old@example.com']);
    expect(await names('active', true)).toEqual(['ada@example.com']);
  });
});

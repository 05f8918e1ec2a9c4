import { describe, expect, it } from '@jest/globals';
import { type Generated, type Kysely, sql } from 'kysely';
import { VersionMismatchError } from '../../../src/errors.js';
import type { Filter } from '../../../src/contract/filter.js';
import type { User } from '../../../src/contract/resource.js';
import type { UserStore } from '../../../src/contract/store.js';
import {
  constant,
  createSideTables,
  defineMapping,
  lookup,
  type Mapping,
  mappedStore,
  type UnknownName,
} from '../../../src/sql.js';
import {
  attribute,
  change,
  ctx as ctxOf,
  eq,
  index,
  listQuery,
  newGroup,
  newUser,
  removal,
} from '../../../src/testing/requests.js';
import { mapped, mappings, prepareMapped } from './mapped.js';
import { sqlite } from '../sql/sqlite.js';
import { groupsIn } from '../users.js';

interface Small {
  staff: {
    key: string;
    login: string;
    full_name: string | null;
    first: string;
    state: number;
    revision: Generated<number>;
    site_id: number | null;
    gone_at: string | null;
    work_mail: string | null;
    changed: string | null;
    needed: string;
  };
  sites: { id: Generated<number>; name: string; country: string };
}

const ctx = () => ctxOf('default');
const selection = (...names: string[]): ReadonlySet<string> => new Set(names);

const create = [
  `create table sites (id integer primary key, name text not null unique, country text not null)`,
  `create table staff (key text primary key, login text not null collate nocase, full_name text, first text not null,
    state integer not null default 1, revision integer not null default 1, site_id integer references sites (id), gone_at text,
    work_mail text, changed text, needed text not null check (length(needed) < 20))`,
  'create unique index staff_login on staff (login) where gone_at is null',
];

function staff(unknown: UnknownName = 'reject'): Mapping {
  return defineMapping<Small>()({
    table: 'staff',
    id: { column: 'key', type: 'uuid' },
    version: { column: 'revision' },
    softDelete: { column: 'gone_at', mark: () => '2026-01-01' },
    stamp: () => ({ changed: 'by SCIM' }),
    defaults: () => ({ needed: 'x' }),
    attributes: {
      userName: 'login',
      'name.givenName': { column: 'first', empty: '' },
      'name.formatted': {
        kind: 'computed',
        columns: ['full_name'],
        read: (row) => row.full_name?.toUpperCase(),
        write: (value) => ({ full_name: value?.toLowerCase() ?? null }),
      },
      active: {
        column: 'state',
        read: (value) => value === 1,
        write: (value) => (value === false ? 0 : 1),
        reversible: true,
      },
      'emails[type eq "work"].value': 'work_mail',
      locale: constant('en-GB'),
      timezone: lookup({
        column: 'site_id',
        table: 'sites',
        key: 'id',
        value: 'name',
        unknown,
        create: (name) => ({ country: name.slice(0, 2) }),
      }),
    },
  });
}

async function open(unknown?: UnknownName): Promise<{ store: UserStore; db: Kysely<unknown> }> {
  const { db } = sqlite();
  for (const statement of create) await sql.raw(statement).execute(db);
  await sql`insert into sites (name, country) values ('Leeds', 'UK')`.execute(db);
  return { store: mappedStore(db, { users: staff(unknown) }), db };
}

const all = selection('emails', 'name', 'timezone');
const add = async (store: UserStore, name: string, more: Partial<User> = {}) =>
  (await store.create(newUser(name, more), ctx())).resource;
const row = async (db: Kysely<unknown>) =>
  (await sql<Record<string, unknown>>`select * from staff`.execute(db)).rows[0];

describe('a mapping of single columns', () => {
  it('reads what it wrote, through columns of the host, and announces just that', async () => {
    const { store, db } = await open();
    const made = await add(store, 'ada', {
      name: { givenName: 'Ada', formatted: 'ADA L' },
      active: false,
      timezone: 'leeds',
      emails: [{ value: 'a@x', type: 'work' }],
    });
    expect(await row(db)).toMatchObject({
      login: 'ada',
      first: 'Ada',
      full_name: 'ada l',
      state: 0,
      site_id: 1,
      work_mail: 'a@x',
      revision: 1,
      changed: 'by SCIM',
      needed: 'x',
    });
    const expected = {
      userName: 'ada',
      name: { givenName: 'Ada', formatted: 'ADA L' },
      active: false,
      timezone: 'Leeds',
      locale: 'en-GB',
      emails: [{ type: 'work', value: 'a@x' }],
    };
    expect(made).toMatchObject(expected);
    expect(await store.get(made.id, all, ctx())).toMatchObject(expected);
    expect(store.supports?.tenants).toBe('one');
    expect(store.supports?.attributes).toEqual(
      expect.arrayContaining(['userName', 'name.givenName', 'emails.value', 'emails.type', 'locale']),
    );
    expect(store.supports?.attributes).not.toContain('displayName');
  });

  it('writes `empty` into a column that is not null, and reads it as unassigned', async () => {
    const { store, db } = await open();
    const made = await add(store, 'ada');
    expect(made.name).toBeUndefined();
    expect(await row(db)).toMatchObject({ first: '' });
  });

  it('counts every change in the version column, none where nothing changes, and sees the writes of others', async () => {
    const { store, db } = await open();
    const { id, meta } = await add(store, 'ada', { timezone: 'Leeds' });
    const same = await store.update(id, change<User>({ set: { timezone: 'LEEDS', locale: 'fr' } }), ctx());
    expect(same).toMatchObject({ changed: false, resource: { meta: { version: meta.version } } });
    const moved = await store.update(id, change<User>({ set: { active: false } }), ctx());
    expect(moved).toMatchObject({ changed: true, resource: { active: false, meta: { version: '2' } } });
    await sql`update staff set full_name = 'other', revision = revision + 1`.execute(db);
    const late = store.update(id, change<User>({ set: { active: true }, ifVersion: '2' }), ctx());
    await expect(late).rejects.toThrow(VersionMismatchError);
    expect(await row(db)).toMatchObject({ full_name: 'other', state: 0 });
  });

  it('hides what is marked as deleted, and frees its name', async () => {
    const { store, db } = await open();
    const { id } = await add(store, 'ada');
    expect(await store.delete(id, removal(), ctx())).toMatchObject({
      resource: { id, userName: 'ada' },
      changed: true,
    });
    expect(await row(db)).toMatchObject({ login: 'ada', gone_at: '2026-01-01' });
    expect(await store.get(id, all, ctx())).toBeUndefined();
    expect((await store.list(listQuery<User>({ page: index(0, 9) }), ctx())).totalResults).toBe(0);
    await add(store, 'ADA');
  });

  it.each([
    ['reject', undefined, /no sites entry/],
    ['ignore', null, undefined],
    ['create', 2, undefined],
    ['read-only', null, undefined],
  ] as const)('handles an unknown name: %s', async (unknown, site, message) => {
    const { store, db } = await open(unknown);
    const made = add(store, 'ada', { timezone: 'Oslo' });
    if (message !== undefined) return expect(made).rejects.toThrow(message);
    expect((await made).timezone).toBe(site === 2 ? 'Oslo' : undefined);
    expect((await row(db))?.['site_id']).toBe(site);
  });

  it('maps constraint violations of the host to 409 and 400', async () => {
    const { store } = await open();
    await add(store, 'ada');
    await expect(add(store, 'ADA')).rejects.toMatchObject({
      status: 409,
      scimType: 'uniqueness',
      attribute: 'userName',
    });
    const { db } = sqlite();
    for (const statement of create) await sql.raw(statement).execute(db);
    const long = mappedStore(db, { users: { ...staff(), defaults: () => ({ needed: 'x'.repeat(30) }) } });
    await expect(add(long, 'eve')).rejects.toMatchObject({ status: 400, scimType: 'invalidValue' });
  });
});

describe('a mapping of a table that may not be altered', () => {
  async function withSide() {
    const { db } = sqlite();
    await prepareMapped(db, 'sqlite');
    return { db, ...(await mapped(db)) };
  }

  it('shows rows that SCIM did not make, and keeps what has no column beside them', async () => {
    const { db, store } = await withSide();
    await sql`insert into users (org, login, status) values ('default', 'Old', 'invited')`.execute(db);
    const page = await store.list(listQuery<User>({ page: index(0, 9) }), ctx());
    const [old] = page.resources;
    expect(old).toMatchObject({ userName: 'Old', active: true });
    expect(old).not.toHaveProperty('meta.created');
    expect(old).not.toHaveProperty('meta.lastModified');
    const set = { externalId: 'e1', nickName: 'O', name: { familyName: 'Old', middleName: 'M' } };
    const { resource } = (await store.update(String(old?.id), change<User>({ set }), ctx())) ?? {};
    expect(resource).toMatchObject({ ...set, meta: { lastModified: expect.any(String) } });
    expect(resource).not.toHaveProperty('meta.created');
    const { rows } = await sql<{
      rest: string;
      external_id: string;
    }>`select rest, external_id from scim_side_users`.execute(db);
    expect(rows.map(({ rest, external_id }) => [JSON.parse(rest), external_id])).toEqual([
      [{ nickName: 'O', name: { middleName: 'M' } }, 'e1'],
    ]);
    const again = await store.update(String(old?.id), change<User>({ set: { active: true } }), ctx());
    expect(again).toMatchObject({ changed: false });
    expect((await sql<{ status: string }>`select status from users`.execute(db)).rows).toEqual([{ status: 'invited' }]);
  });

  it('never overwrites unseen what the host has written between a read and a write', async () => {
    const { db, store, foreignWrite } = await withSide();
    const { id, meta } = (await store.create(newUser('ada', { displayName: 'Ada' }), ctx())).resource;
    await foreignWrite(id);
    const unconditional = store.update(
      id,
      change<User>({ set: { displayName: 'Ada L' }, ifVersion: meta.version }),
      ctx(),
    );
    await expect(unconditional).rejects.toThrow(VersionMismatchError);
    expect((await sql<{ label: string }>`select label from users`.execute(db)).rows).toEqual([
      { label: 'changed by the host' },
    ]);
  });

  it('frees a name when the host has renamed or deleted its user', async () => {
    const { db, store } = await withSide();
    await store.create(newUser('ada'), ctx());
    await expect(store.create(newUser('ADA'), ctx())).rejects.toMatchObject({ status: 409 });
    await sql`update users set login = 'ada.lovelace'`.execute(db);
    await store.create(newUser('Ada'), ctx());
    await sql`delete from users where login = 'Ada'`.execute(db);
    await store.create(newUser('ADA'), ctx());
  });

  it('keeps a manager who is not there yet, and makes the reference when the manager has come', async () => {
    const { db, store } = await withSide();
    const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
    const manager = (value: string) => ({ [urn]: { manager: { value } } }) as Partial<User>;
    const { id } = (await store.create(newUser('ada', manager('u2')), ctx())).resource;
    expect(await store.get(id, selection(urn), ctx())).toMatchObject(manager('u2'));
    const boss = async () =>
      (await sql<{ boss_id: unknown }>`select boss_id from users where login = 'ada'`.execute(db)).rows[0]?.boss_id;
    expect(await boss()).toBeNull();
    expect((await store.create(newUser('boss'), ctx())).resource.id).toBe('u2');
    await store.update(id, change<User>({ set: manager('u2') }), ctx());
    expect(await boss()).toBe(2);
    expect(await store.get(id, selection(urn), ctx())).toMatchObject(manager('u2'));
  });
});

describe('a filter over what has a column and what has none', () => {
  it('is evaluated over the users who may match, not over all', async () => {
    const { db } = sqlite();
    await prepareMapped(db, 'sqlite');
    const store = mappedStore(db, { ...mappings('hash'), sideTables: 'scim_side_', scanLimit: 2 });
    const phone = (type: string, value: string): Partial<User> => ({ phoneNumbers: [{ type, value }] });
    for (let i = 0; i < 8; i++) await store.create(newUser(`u${String(i)}`, phone('work', `+44 ${String(i)}`)), ctx());
    await store.create(newUser('home', { ...phone('home', '+44 3'), nickName: 'Nick' }), ctx());
    const find = async (filter: Filter) =>
      (await store.list(listQuery<User>({ filter }), ctx())).resources.map(({ userName }) => userName);
    const number = attribute('phoneNumbers.value', { multiValued: true });
    expect(await find({ op: 'eq', attribute: number, value: '+44 3' })).toEqual(['u3', 'home']);
    expect(await find(eq('nickName', 'nick'))).toEqual(['home']);
    expect(await find({ op: 'present', attribute: attribute('nickName') })).toEqual(['home']);
    const phones = attribute('phoneNumbers', { type: 'complex', multiValued: true });
    const inside = attribute('phoneNumbers.value', { multiValued: false });
    const some: Filter = { op: 'some', attribute: phones, filter: { op: 'eq', attribute: inside, value: '+44 3' } };
    await expect(find(some)).rejects.toMatchObject({ scimType: 'tooMany' });
    await expect(find({ op: 'not', filter: eq('nickName', 'nick') })).rejects.toMatchObject({ scimType: 'tooMany' });
  });
});

describe('a filter on a value whose type is in the mapping', () => {
  const find = async (store: UserStore, filter: Filter) =>
    (await store.list(listQuery<User>({ filter }), ctx())).resources.map(({ userName }) => userName).sort();
  const type = attribute('phoneNumbers.type', { multiValued: true });
  const phones = attribute('phoneNumbers', { type: 'complex', multiValued: true });

  it('finds the type of a value that is only in a column', async () => {
    const { db } = sqlite();
    await prepareMapped(db, 'sqlite');
    const { store } = await mapped(db);
    const numbers = (...types: string[]): Partial<User> => ({
      phoneNumbers: types.map((each) => ({ type: each, value: '+44' })),
    });
    await store.create(newUser('work', numbers('work')), ctx());
    await store.create(newUser('home', numbers('home')), ctx());
    await store.create(newUser('both', numbers('home', 'work')), ctx());
    await store.create(newUser('none'), ctx());
    expect(await find(store, { op: 'eq', attribute: type, value: 'work' })).toEqual(['both', 'work']);
    expect(await find(store, { op: 'present', attribute: type })).toEqual(['both', 'home', 'work']);
    const some: Filter = { op: 'some', attribute: phones, filter: { op: 'eq', attribute: type, value: 'work' } };
    expect(await find(store, some)).toEqual(['both', 'work']);
  });
});

describe('a write through a mapping', () => {
  it('sets the columns of `stamp` at an update, and not where nothing changes', async () => {
    const { store, db } = await open();
    const { id } = await add(store, 'ada');
    const clear = sql`update staff set changed = null`;
    await clear.execute(db);
    await store.update(id, change<User>({ set: { active: false } }), ctx());
    expect(await row(db)).toMatchObject({ state: 0, changed: 'by SCIM' });
    await clear.execute(db);
    await store.update(id, change<User>({ set: { active: false } }), ctx());
    expect(await row(db)).toMatchObject({ state: 0, changed: null });
  });

  it('reports a column that is not null as 400 with the attribute, one without an attribute as it is', async () => {
    const { db } = sqlite();
    for (const statement of create) await sql.raw(statement).execute(db);
    const attributes = { ...staff().attributes, 'name.givenName': 'first' };
    const strict = mappedStore(db, { users: { ...staff(), attributes }, onWarning: () => undefined });
    await expect(add(strict, 'ada')).rejects.toMatchObject({
      status: 400,
      scimType: 'invalidValue',
      message: expect.stringContaining('name.givenName'),
    });
    const incomplete = mappedStore(db, { users: { ...staff(), defaults: undefined }, onWarning: () => undefined });
    await expect(add(incomplete, 'ada')).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_NOTNULL' });
  });

  it('names the attribute of a unique constraint that `constraints` lists', async () => {
    const { db } = sqlite();
    for (const statement of create) await sql.raw(statement).execute(db);
    await sql`create unique index staff_mail on staff (work_mail)`.execute(db);
    const constraints = { 'staff.work_mail': 'emails' };
    const store = mappedStore(db, { users: { ...staff(), constraints }, onWarning: () => undefined });
    const emails = [{ type: 'work', value: 'a@x' }];
    await add(store, 'ada', { emails });
    await expect(add(store, 'eve', { emails })).rejects.toMatchObject({ status: 409, attribute: 'emails' });
    await expect(add(store, 'ADA')).rejects.toMatchObject({ status: 409, attribute: 'userName' });
  });

  it('never sets lastModified back when the system clock is', async () => {
    const { db } = sqlite();
    await prepareMapped(db, 'sqlite');
    const { store } = await mapped(db);
    const groups = groupsIn(store);
    const { id } = (await store.create(newUser('ada'), ctx())).resource;
    const group = (await groups.create(newGroup('Crew', [id]), ctx())).resource;
    const late = Date.parse('2999-01-01T00:00:00.000Z');
    for (const table of ['scim_side_users', 'scim_side_groups']) {
      await sql`update ${sql.table(table)} set last_modified = ${late}`.execute(db);
    }
    const updated = await store.update(id, change<User>({ set: { title: 'Dr' } }), ctx());
    expect(updated).toMatchObject({ changed: true, resource: { meta: { lastModified: '2999-01-01T00:00:00.000Z' } } });
    await store.delete(id, removal(), ctx());
    expect(await groups.get(group.id, selection(), ctx())).toMatchObject({
      meta: { lastModified: '2999-01-01T00:00:00.000Z' },
    });
  });
});

describe('a mapping that cannot work', () => {
  const { users, groups } = mappings('hash');
  const { db } = sqlite();
  it.each([
    ['xmin', () => mappedStore(db, { ...mappings('xmin'), sideTables: 's_' })],
    ['sideTables', () => mappedStore(db, { users, groups })],
    ['prefixes', () => mappedStore(db, { users, groups: { ...groups, id: users.id }, sideTables: 's_' })],
    [
      'userName, which SCIM requires, is missing',
      () => mappedStore(db, { users: { ...users, attributes: {} }, sideTables: 's_' }),
    ],
    ['prefix of letters', () => mappedStore(db, { users, sideTables: 's"' })],
  ])('is refused at creation: %s', (message, make) => {
    expect(make).toThrow(message);
  });

  it('makes side tables for users alone', async () => {
    const fresh = sqlite().db;
    await prepareMapped(fresh, 'sqlite');
    await createSideTables(fresh, { users, sideTables: 'only_' });
    const { rows } = await sql<{ name: string }>`select name from sqlite_master
      where type = 'table' and name like 'only%'`.execute(fresh);
    expect(rows.map(({ name }) => name)).toEqual(['only_users']);
  });
});

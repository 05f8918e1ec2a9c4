import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Generated, Kysely, MysqlDialect, PostgresDialect, sql } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import { InvalidValueError, UnknownReferenceError } from '../../../src/errors.js';
import type { Filter } from '../../../src/contract/filter.js';
import type { Group, User } from '../../../src/contract/resource.js';
import type { UserStore } from '../../../src/contract/store.js';
import {
  children,
  createSideTables,
  defineMapping,
  type Dialect,
  lookup,
  mappedStore,
  reference,
} from '../../../src/sql.js';
import { attribute, change, ctx, eq, listQuery, newGroup, newUser, removal } from '../../../src/testing/requests.js';
import { pglite } from '../../soak/pglite.js';
import { sqlite } from '../sql/sqlite.js';
import { groupsIn } from '../users.js';
import { isEmbeddedTested, mariadbUrl, postgresUrl } from '../../database-servers.js';

interface Tables {
  hd_staff: {
    id: Generated<number>;
    org: string;
    login: string;
    nick: string | null;
    note: string | null;
    unit_id: number | null;
    boss_id: number | null;
    revision: Generated<number>;
  };
  hd_units: { id: Generated<number>; org: string; title: string };
  hd_mails: { staff_id: number; address: string };
  hd_teams: { id: Generated<number>; org: string; label: string; revision: Generated<number> };
  hd_team_staff: { team_id: number; staff_id: number };
}

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const define = defineMapping<Tables>();

function staff(tenancy: { readonly tenant?: 'org'; readonly shared?: boolean } = { tenant: 'org' }) {
  return define({
    table: 'hd_staff',
    id: { column: 'id', prefix: 'u' },
    tenant: 'org',
    version: { column: 'revision' },
    attributes: {
      userName: 'login',
      nickName: 'nick',
      title: 'note',
      'enterprise.department': lookup({
        column: 'unit_id',
        table: 'hd_units',
        key: 'id',
        value: 'title',
        ...tenancy,
        unknown: 'create',
      }),
      'enterprise.manager.value': reference('boss_id'),
      emails: children({ table: 'hd_mails', owner: 'staff_id', columns: { value: 'address' } }),
    },
  });
}

const teams = define({
  table: 'hd_teams',
  id: { column: 'id', prefix: 'g' },
  tenant: 'org',
  version: { column: 'revision' },
  attributes: { displayName: 'label' },
  members: { table: 'hd_team_staff', group: 'team_id', member: 'staff_id' },
});

const types = {
  postgres: { id: 'serial primary key', text: 'text', fold: 'lower(login)', suffix: '' },
  mysql: {
    id: 'int auto_increment primary key',
    text: 'varchar(200)',
    fold: 'login',
    suffix: ' engine = InnoDB character set utf8mb4 collate utf8mb4_general_ci',
  },
  sqlite: { id: 'integer primary key', text: 'text', fold: 'login collate nocase', suffix: '' },
} as const;

const sideTables = 'hd_side_';

async function makeTables(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  for (const name of [
    'hd_team_staff',
    'hd_teams',
    'hd_mails',
    'hd_staff',
    'hd_units',
    'hd_side_users',
    'hd_side_groups',
  ]) {
    await sql`drop table if exists ${sql.table(name)}`.execute(db);
  }
  const { id, text, fold, suffix } = types[dialect];
  const statements = [
    `create table hd_units (id ${id}, org varchar(40) not null, title varchar(60) not null)${suffix}`,
    `create table hd_staff (id ${id}, org varchar(40) not null, login ${text} not null, nick varchar(20), note ${text},
      unit_id int, boss_id int, revision int not null default 1,
      foreign key (unit_id) references hd_units (id), foreign key (boss_id) references hd_staff (id))${suffix}`,
    `create unique index hd_login on hd_staff (org, ${dialect === 'postgres' ? `(${fold})` : fold})`,
    `create table hd_mails (staff_id int not null, address varchar(50) not null)${suffix}`,
    `create table hd_teams (id ${id}, org varchar(40) not null, label varchar(60) not null, revision int not null default 1)${suffix}`,
    `create table hd_team_staff (team_id int not null, staff_id int not null, primary key (team_id, staff_id),
      foreign key (staff_id) references hd_staff (id))${suffix}`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const acme = ctx('acme');

function cases(dialect: Dialect, db: Kysely<unknown>): void {
  let store: UserStore;
  const options = { users: staff(), groups: teams, sideTables, onWarning: () => undefined };
  const add = async (login: string, more: Partial<User> = {}, to = store) =>
    (await to.create(newUser(login, more), acme)).resource;
  const find = async (userName: string, in_ = store) =>
    (await in_.list(listQuery<User>({ filter: eq('userName', userName) }), acme)).resources.map(
      (user) => user.userName,
    );
  const byHost = (login: string) => sql`insert into hd_staff (org, login) values ('acme', ${login})`.execute(db);

  beforeEach(async () => {
    await makeTables(db, dialect);
    await createSideTables(db, { users: staff(), groups: teams, sideTables });
    store = mappedStore(db, options);
  });
  afterAll(() => db.destroy());

  describe('a lookup in a mapping with a tenant', () => {
    const department = (name: string) => ({ [enterprise]: { department: name } }) as Partial<User>;

    it('is an error at creation unless it is by tenant or shared', () => {
      for (const [tenancy, message] of [
        [{}, /hd_units is not by tenant.*shared: true/],
        [{ shared: false }, /is not by tenant/],
        [{ tenant: 'org', shared: true }, /has a tenant and is shared/],
      ] as const) {
        expect(() => mappedStore(db, { ...options, users: staff(tenancy) })).toThrow(message);
      }
      expect(() => mappedStore(db, { ...options, users: staff({ shared: true }) })).not.toThrow();
    });

    it('never links, shows or finds a row of another tenant', async () => {
      const other = ctx('other');
      const theirs = (await store.create(newUser('eve', department('Sales')), other)).resource;
      const ours = await add('ada', department('Sales'));
      const { rows } = await sql<{ org: string; unit: number }>`select s.org, s.unit_id as unit from hd_staff s
        order by s.id`.execute(db);
      expect(new Set(rows.map(({ unit }) => Number(unit))).size).toBe(2);
      // The host has linked the two.
      await sql`update hd_staff set unit_id = ${rows[0]?.unit} where org = 'acme'`.execute(db);
      expect(await store.get(ours.id, new Set([enterprise]), acme)).not.toHaveProperty([enterprise, 'department']);
      expect(await store.get(theirs.id, new Set([enterprise]), other)).toMatchObject(department('Sales'));
      const filter = eq(`${enterprise}:department`, 'sales');
      expect((await store.list(listQuery<User>({ filter }), acme)).totalResults).toBe(0);
    });

    it('refuses a name that a unique index keeps for another tenant', async () => {
      await sql`create unique index hd_title on hd_units (title)`.execute(db);
      await store.create(newUser('eve', department('Sales')), ctx('other'));
      await expect(add('ada', department('Sales'))).rejects.toMatchObject({ status: 409 });
      expect(await find('ada')).toEqual([]);
    });
  });

  describe('a manager with a plain foreign key', () => {
    const manager = (value: string) => ({ [enterprise]: { manager: { value } } }) as Partial<User>;

    it('is deleted, as Entra does after a deactivation, and is nobody’s manager any more', async () => {
      const boss = await add('boss');
      const reports = [await add('ada', manager(boss.id)), await add('eve', manager(boss.id))];
      const stranger = await add('joe');
      await store.update(boss.id, change<User>({ set: { nickName: 'gone' } }), acme);
      expect(await store.delete(boss.id, removal(), acme)).toMatchObject({ resource: { id: boss.id } });
      expect(await store.get(boss.id, new Set(), acme)).toBeUndefined();
      for (const { id, meta } of reports) {
        const after = await store.get(id, new Set([enterprise]), acme);
        expect(after).not.toHaveProperty([enterprise, 'manager']);
        expect(after?.meta.version).not.toBe(meta.version);
        const stale = change<User>({ set: { nickName: 'x' }, ifVersion: meta.version });
        await expect(store.update(id, stale, acme)).rejects.toMatchObject({ status: 412 });
      }
      expect((await store.get(stranger.id, new Set(), acme))?.meta.version).toBe(stranger.meta.version);
    });

    it('stays, with all references, when the column cannot be cleared', async () => {
      const boss = await add('boss');
      const ada = await add('ada', manager(boss.id));
      await sql`update hd_staff set boss_id = id where boss_id is null`.execute(db);
      if (dialect === 'sqlite') {
        await sql`create trigger hd_bound before update of boss_id on hd_staff when new.boss_id is null
          begin select raise(abort, 'bound'); end`.execute(db);
        await expect(store.delete(boss.id, removal(), acme)).rejects.toThrow();
      } else {
        const column = dialect === 'mysql' ? sql`modify boss_id int not null` : sql`alter boss_id set not null`;
        await sql`alter table hd_staff ${column}`.execute(db);
        await expect(store.delete(boss.id, removal(), acme)).rejects.toMatchObject({ status: 409 });
      }
      expect(await store.get(ada.id, new Set([enterprise]), acme)).toMatchObject(manager(boss.id));
    });
  });

  describe('names that look alike', () => {
    // Full-width r, the sign for kelvin: RFC 8265 takes them for the plain letters.
    it.each([
      ['robin.hale@x', 'ｒobin.hale@x'],
      ['kelvin@x', '\u212aelvin@x'],
      ['Kelvin@x', '\u212aELVIN@x'],
    ])('are refused beside %s, which the app has created: %s', async (owner, alike) => {
      await byHost(owner);
      const other = await add('other');
      for (const on of [store, mappedStore(db, { ...options, groups: undefined, sideTables: undefined })]) {
        const conflict = on === store ? { status: 409, attribute: 'userName' } : { status: 400 };
        await expect(add(alike, {}, on)).rejects.toMatchObject(conflict);
        const rename = change<User>({ set: { userName: alike }, keys: newUser(alike).keys });
        await expect(on.update(other.id, rename, acme)).rejects.toMatchObject(conflict);
      }
      const { rows } = await sql`select login from hd_staff`.execute(db);
      expect(rows).toHaveLength(2);
    });

    it('are refused in another case, also where no index of the app ignores case', async () => {
      const binary = sql.raw(dialect === 'mysql' ? 'character set utf8mb4 collate utf8mb4_bin' : '');
      await sql`create table hd_exact (id integer primary key, login varchar(100) ${binary} not null unique)`.execute(
        db,
      );
      try {
        const users = defineMapping<{ hd_exact: { id: number; login: string } }>()({
          table: 'hd_exact',
          id: { column: 'id' },
          version: 'hash',
          attributes: { userName: 'login' },
        });
        const exact = mappedStore(db, { users, dialect, onWarning: () => undefined });
        await sql`insert into hd_exact (id, login) values (1, 'anna@x'), (2, 'bob@x')`.execute(db);
        const rename = change<User>({ set: { userName: 'ANNA@x' }, keys: newUser('ANNA@x').keys });
        await expect(exact.update('2', rename, acme)).rejects.toMatchObject({ status: 409, attribute: 'userName' });
        await expect(exact.create(newUser('Anna@x'), acme)).rejects.toMatchObject({
          status: 409,
          attribute: 'userName',
        });
        const own = change<User>({ set: { userName: 'Bob@x' }, keys: newUser('Bob@x').keys });
        expect(await exact.update('2', own, acme)).toMatchObject({ changed: true });
      } finally {
        await sql`drop table hd_exact`.execute(db);
      }
    });

    it('are one name, whoever comes first', async () => {
      const { id } = await add('ｒobin@x');
      await expect(add('robin@x')).rejects.toMatchObject({ status: 409, attribute: 'userName' });
      // A change of its own spelling is no conflict.
      const rename = change<User>({ set: { userName: 'Robin@x' }, keys: newUser('Robin@x').keys });
      expect(await store.update(id, rename, acme)).toMatchObject({ changed: true });
    });

    it('never find the account of another', async () => {
      for (const [owner, asked] of [
        ['robin@x', 'robın@x'],
        ['rené@x', 'rene@x'],
        ['irene@x', 'İrene@x'],
        ['pia', 'pia '],
      ] as const) {
        await byHost(owner);
        expect(await find(newUser(asked).keys['userName'] ?? '')).toEqual([]);
        expect(await find(newUser(owner).keys['userName'] ?? '')).toEqual([owner]);
        await sql`delete from hd_staff`.execute(db);
        await byHost(asked);
        expect(await find(newUser(owner).keys['userName'] ?? '')).toEqual([]);
        await sql`delete from hd_staff`.execute(db);
      }
    });

    it('are found in every letter case', async () => {
      for (const name of ['Ada', 'MÜLLER', 'straße']) {
        await add(name);
        expect(await find(newUser(name).keys['userName'] ?? '')).toEqual([name]);
        if (dialect !== 'postgres')
          await expect(add(name.toLocaleLowerCase('en'))).rejects.toMatchObject({ status: 409 });
      }
    });
  });

  describe('a value that no column or index can hold', () => {
    // Random, so that PostgreSQL cannot compress it.
    const long = Array.from({ length: 6_000 }, () => Math.random().toString(36).slice(2, 3) || 'x').join('');
    const refused = async (path: string, more: Partial<User>, login = 'ada') => {
      await expect(add(login, more)).rejects.toMatchObject({
        status: 400,
        scimType: 'invalidValue',
        message: expect.stringContaining(path),
      });
      expect(await find('ada')).toEqual([]);
    };

    it('is 400, and names the attribute', async () => {
      await refused('externalId', { externalId: long });
      if (dialect === 'sqlite') return;
      await refused('userName', {}, long);
      await refused('nickName', { nickName: long });
      await refused('nickName', { nickName: 'a little too long for it', title: 'Dr' });
      await refused('department', { [enterprise]: { department: long } });
      await refused('emails.value', { emails: [{ value: 'a@x' }, { value: long }] });
      const { id } = await add('eve');
      const patch = change<User>({ set: { nickName: long } });
      await expect(store.update(id, patch, acme)).rejects.toThrow(
        new InvalidValueError('nickName is too long for this service.'),
      );
      if (dialect === 'mysql') return;
      for (const [path, more] of [
        ['title', { title: 'a\0b' }],
        ['emails.value', { emails: [{ value: 'a\0b' }] }],
        ['department', { [enterprise]: { department: 'a\0b' } }],
      ] as const) {
        await refused(path, more);
      }
    });

    it('is still unique as a name of 400 characters', async () => {
      const login = 'n'.repeat(dialect === 'mysql' ? 190 : 400);
      await add(login);
      await expect(add(login.toUpperCase())).rejects.toMatchObject({ status: 409, attribute: 'userName' });
      expect(await find(login)).toEqual([login]);
    });
  });

  describe('members that are no users', () => {
    it('are skipped and reported when the change ignores them', async () => {
      const groups = groupsIn(store);
      const { id } = await add('ada');
      const stale = ['u4711', 'nobody', 'g1', 'u0'];
      const members = (only: boolean) => ({
        add: [id, ...stale].map((value) => ({ value })),
        remove: ['u99'],
        pending: 'ignore' as const,
        ...(only && { only }),
      });
      const created = await groups.create({ ...newGroup('Crew'), members: members(false) }, acme);
      expect(created).toMatchObject({ added: [id], removed: [] });
      expect([...(created.ignored ?? [])].sort()).toEqual([...stale].sort());
      const again = await groups.update(created.resource.id, change<Group>({ members: members(true) }), acme);
      expect(again).toMatchObject({ changed: false, added: [], removed: [] });
      expect(again?.ignored).toHaveLength(stale.length);
      const all = new Set(['members']);
      expect((await groups.get(created.resource.id, all, acme))?.members?.map(({ value }) => value)).toEqual([id]);
      const strict = change<Group>({ members: { ...members(false), pending: 'reject' } });
      await expect(groups.update(created.resource.id, strict, acme)).rejects.toThrow(UnknownReferenceError);
    });

    it('are refused without an id', async () => {
      for (const member of [{}, { value: null }, { value: '' }, { value: 7 }, null]) {
        const members = { add: [member as never], remove: [], pending: 'ignore' as const };
        await expect(groupsIn(store).create({ ...newGroup('Crew'), members }, acme)).rejects.toThrow(InvalidValueError);
      }
    });
  });

  it('says which unique attributes an index decides', () => {
    expect(store.supports?.keys).toEqual(['userName']);
    const constraints = { hd_token: 'externalId', hd_login: 'userName' };
    const { supports } = mappedStore(db, { ...options, users: { ...staff(), constraints } });
    expect(supports?.keys).toEqual(['userName', 'externalId']);
  });

  it('finds by `ne` on a multi-valued attribute what the library finds', async () => {
    await add('both', { emails: [{ value: 'a@x' }, { value: 'b@x' }] });
    await add('one', { emails: [{ value: 'a@x' }] });
    await add('none');
    const emails = attribute('emails', { type: 'complex', multiValued: true });
    const isA = eq('emails.value', 'a@x');
    const list = async (filter: Filter) =>
      (await store.list(listQuery<User>({ filter }), acme)).resources.map(({ userName }) => userName).sort();
    expect(await list({ op: 'some', attribute: emails, filter: { op: 'not', filter: isA } })).toEqual(['both']);
    expect(await list({ op: 'not', filter: { op: 'some', attribute: emails, filter: isA } })).toEqual(['none']);
  });
}

if (isEmbeddedTested) {
  describe('data of a host on SQLite', () => cases('sqlite', sqlite().db));
  describe('data of a host on PGlite', () => cases('postgres', pglite()));
}

if (postgresUrl !== undefined) {
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 4 });
  describe('data of a host on PostgreSQL', () =>
    cases('postgres', new Kysely({ dialect: new PostgresDialect({ pool }) })));
}
if (mariadbUrl !== undefined) {
  const pool = createPool({ uri: mariadbUrl, connectionLimit: 4 });
  describe('data of a host on MariaDB', () => cases('mysql', new Kysely({ dialect: new MysqlDialect({ pool }) })));
}

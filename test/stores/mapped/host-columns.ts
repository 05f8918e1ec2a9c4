import { describe, expect, it } from '@jest/globals';
import { type Generated, type Kysely, sql } from 'kysely';
import { UnknownReferenceError } from '../../../src/errors.js';
import type { AttributeRef } from '../../../src/contract/attribute.js';
import type { Filter, Position } from '../../../src/contract/filter.js';
import type { Group, User } from '../../../src/contract/resource.js';
import { children, defineMapping, type Dialect, mappedStore, reference } from '../../../src/sql.js';
import {
  attribute,
  change,
  ctx as ctxOf,
  cursor,
  eq,
  listQuery,
  newGroup,
  newUser,
  removal,
} from '../../../src/testing/requests.js';
import { groupsIn } from '../users.js';

interface Tables {
  clerks: {
    id: Generated<number>;
    login: string;
    label: string | null;
    age: number | null;
    born: string | null;
    on_call: boolean | null;
    boss_id: number | null;
    grade: string | null;
    token: string | null;
    score: number | null;
    revision: Generated<number>;
  };
  clerk_mails: { clerk_id: number; address: string };
  desks: { id: Generated<number>; label: string; revision: Generated<number> };
  desk_clerks: { desk_id: number; clerk_id: number };
  badges: { code: string; login: string; revision: Generated<number> };
}

const urn = 'urn:example:params:scim:schemas:Clerk:2.0:User';
const own = (name: string, type: AttributeRef['type']): AttributeRef =>
  attribute(`${urn}:${name}`, { keys: [urn, name], type });

const define = defineMapping<Tables>();
const version = { column: 'revision' } as const;
const users = define({
  table: 'clerks',
  id: { column: 'id', prefix: 'u' },
  version,
  attributes: {
    userName: 'login',
    displayName: 'label',
    nickName: { kind: 'computed', columns: ['label'], read: ({ label }) => label?.toUpperCase() },
    emails: children({ table: 'clerk_mails', owner: 'clerk_id', columns: { value: 'address' } }),
    'enterprise.manager.value': reference('boss_id'),
    title: 'grade',
    externalId: 'token',
    [`${urn}:age`]: 'age',
    [`${urn}:score`]: 'score',
    [`${urn}:born`]: 'born',
    [`${urn}:onCall`]: 'on_call',
  },
});
const groups = define({
  table: 'desks',
  id: { column: 'id', prefix: 'g' },
  version,
  attributes: { displayName: 'label' },
  members: { table: 'desk_clerks', group: 'desk_id', member: 'clerk_id' },
});
const badges = define({
  table: 'badges',
  id: { column: 'code', type: 'text' },
  version,
  attributes: { userName: 'login' },
});

const types = {
  // As most hosts have them: integers of four bytes.
  postgres: {
    id: 'serial primary key',
    time: 'timestamptz',
    text: 'varchar(100)',
    grade: 'clerk_grade',
    token: 'uuid',
    score: 'numeric(6, 2)',
    suffix: '',
  },
  mysql: {
    id: 'int auto_increment primary key',
    time: 'varchar(40)',
    text: 'varchar(100)',
    grade: "enum ('Junior', 'senior')",
    token: 'char(36)',
    score: 'decimal(6, 2)',
    suffix: ' engine = InnoDB character set utf8mb4',
  },
  sqlite: {
    id: 'integer primary key',
    time: 'text',
    text: 'text collate nocase',
    grade: "text check (grade in ('Junior', 'senior'))",
    token: 'text',
    score: 'real',
    suffix: '',
  },
} as const;

const names = ['desk_clerks', 'desks', 'clerk_mails', 'clerks', 'badges'];

async function tables(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  for (const name of names) await sql`drop table if exists ${sql.table(name)}`.execute(db);
  const { id, time, text, grade, token, score, suffix } = types[dialect];
  const enums = ['drop type if exists clerk_grade', `create type clerk_grade as enum ('Junior', 'senior')`];
  const statements = [
    ...(dialect === 'postgres' ? enums : []),
    `create table clerks (id ${id}, login varchar(100) not null unique, label varchar(100), age integer, born ${time}, on_call boolean,
      boss_id integer, grade ${grade}, token ${token}, score ${score}, revision integer not null default 1)${suffix}`,
    `create table clerk_mails (clerk_id integer not null, address ${text} not null)${suffix}`,
    `create table desks (id ${id}, label varchar(100) not null, revision integer not null default 1)${suffix}`,
    `create table desk_clerks (desk_id integer not null, clerk_id integer not null, primary key (desk_id, clerk_id))${suffix}`,
    `create table badges (code varchar(50) not null primary key, login varchar(100) not null, revision integer not null default 1)${suffix}`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Columns of existing tables: small integers as keys, numbers, times, keys that the collation treats as equal. */
export function hostColumnCases(open: () => Kysely<unknown>, dialect: Dialect): void {
  const ctx = ctxOf('default');

  async function fresh(scanLimit = 10) {
    const db = open();
    await tables(db, dialect);
    let scans = 0;
    const store = mappedStore(db, { users, groups, scanLimit, onScan: () => void scans++, onWarning: () => undefined });
    const add = async (login: string, more: Partial<User> = {}) =>
      (await store.create(newUser(login, more), ctx)).resource;
    const find = async (filter: Filter) =>
      (await store.list(listQuery<User>({ filter }), ctx)).resources.map(({ userName }) => userName).sort();
    return { db, store, add, find, scans: () => scans };
  }

  describe(`columns of a host on ${dialect}`, () => {
    it('distinguishes assigned numbers, times and booleans from unassigned ones', async () => {
      const { add, find, scans } = await fresh();
      await add('zero', { [urn]: { age: 0, onCall: false } });
      await add('some', { [urn]: { age: 7, born: '2020-01-02T03:04:05.000Z', onCall: true } });
      await add('none');
      const present = (name: string, type: AttributeRef['type']): Filter => ({
        op: 'present',
        attribute: own(name, type),
      });
      expect(await find(present('age', 'integer'))).toEqual(['some', 'zero']);
      expect(await find({ op: 'not', filter: present('age', 'integer') })).toEqual(['none']);
      expect(await find(present('onCall', 'boolean'))).toEqual(['some', 'zero']);
      expect(await find(present('born', 'dateTime'))).toEqual(['some']);
      expect(scans()).toBe(0);
    });

    it('compares with numbers that the column cannot hold, and sorts by them', async () => {
      const { store, add, find, scans } = await fresh();
      await add('one', { [urn]: { age: 1, score: 1.25 } });
      await add('two', { [urn]: { age: 2, score: 2.5 } });
      await add('none');
      const age = own('age', 'integer');
      const score = own('score', 'decimal');
      const numbers: readonly (readonly [AttributeRef, 'eq' | 'gt' | 'ge' | 'lt', number, string[]])[] = [
        [age, 'gt', 99_999_999_999, []],
        [age, 'lt', 99_999_999_999, ['one', 'two']],
        [age, 'gt', 1.5, ['two']],
        [age, 'eq', 1.5, []],
        [age, 'eq', 2, ['two']],
        [score, 'eq', 2.5, ['two']],
        [score, 'ge', 1, ['one', 'two']],
        [score, 'lt', 1e300, ['one', 'two']],
      ];
      for (const [ref, op, value, found] of numbers) expect(await find({ op, attribute: ref, value })).toEqual(found);
      for (const ref of [age, score]) {
        const met: string[] = [];
        for (let after: Position | undefined, i = 0; i === 0 || after !== undefined; i++) {
          const query = listQuery<User>({
            sort: [{ attribute: ref, descending: false }],
            page: cursor(1, after && { after }),
          });
          const page = await store.list(query, ctx);
          met.push(...page.resources.map(({ userName }) => userName));
          after = i < 9 ? page.next : undefined;
        }
        expect(met).toEqual(['one', 'two', 'none']);
      }
      expect(scans()).toBe(0);
    });

    it('compares texts in columns that are no texts: states and tokens', async () => {
      const { store, add, find, scans } = await fresh();
      const token = '0f0e0d0c-0000-4000-8000-000000000001';
      await add('ada', { title: 'senior', externalId: token });
      await add('eve', { title: 'Junior' });
      await add('bob');
      const title = attribute('title');
      expect(await find(eq('title', 'junior'))).toEqual(['eve']);
      expect(await find(eq('title', 'chief'))).toEqual([]);
      expect(await find({ op: 'co', attribute: title, value: 'ni' })).toEqual(['ada', 'eve']);
      expect(await find({ op: 'present', attribute: title })).toEqual(['ada', 'eve']);
      expect(await find({ op: 'not', filter: eq('title', 'senior') })).toEqual(['bob', 'eve']);
      expect(await find(eq('externalId', token))).toEqual(['ada']);
      expect(await find(eq('externalId', 'no token'))).toEqual([]);
      const sorted = await store.list(listQuery<User>({ sort: [{ attribute: title, descending: false }] }), ctx);
      expect(sorted.resources.map(({ userName }) => userName)).toEqual(['eve', 'ada', 'bob']);
      await expect(add('joe', { title: 'chief' })).rejects.toMatchObject({ status: 400, scimType: 'invalidValue' });
      expect(scans()).toBe(0);
    });

    it.each(['u2147483648', 'u9007199254740991', 'u0'])(
      'has nobody of the id %s, which the column cannot hold',
      async (id) => {
        const { store, add, find } = await fresh();
        const ada = await add('ada');
        expect(await store.get(id, new Set(), ctx)).toBeUndefined();
        expect(await store.update(id, change<User>({ set: { displayName: 'x' } }), ctx)).toBeUndefined();
        expect(await store.delete(id, removal(), ctx)).toBeUndefined();
        expect([...((await store.namesOf?.([id, ada.id], ctx)) ?? [])]).toEqual([[ada.id, 'ada']]);
        expect(await find(eq('id', id))).toEqual([]);
        const desks = groupsIn(store);
        await expect(desks.create(newGroup('Desk', [id]), ctx)).rejects.toThrow(UnknownReferenceError);
        const desk = (await desks.create(newGroup('Desk', [ada.id]), ctx)).resource;
        const away = change<Group>({ members: { add: [], remove: [id], pending: 'reject' } });
        expect(await desks.update(desk.id, away, ctx)).toMatchObject({ changed: false });
        const inGroups = await desks.list(listQuery<Group>({ filter: eq('members.value', id) }), ctx);
        expect(inGroups.totalResults).toBe(0);
        expect(await desks.groupsOf?.([id], ctx)).toEqual(new Map([[id, []]]));
        const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
        const boss = await add('eve', { [manager]: { manager: { value: id } } });
        expect(boss[manager]).toBeUndefined();
        expect(
          await find({
            op: 'eq',
            attribute: { ...own('x', 'reference'), path: `${manager}:manager.value` },
            value: id,
          }),
        ).toEqual([]);
      },
    );

    it('returns the names of more members than a statement has parameters for', async () => {
      const { store, add } = await fresh();
      const { id } = await add('ada', { displayName: 'Ada' });
      const ids = [...Array.from({ length: 70_000 }, (_, i) => `u${String(i + 1000)}`), id];
      expect(await store.namesOf?.(ids, ctx)).toEqual(new Map([[id, 'Ada']]));
    });

    it('never confuses two keys, whatever the collation of the database', async () => {
      const { db } = await fresh();
      const store = mappedStore(db, { users: badges, onWarning: () => undefined });
      await sql`insert into badges (code, login) values ('abc', 'ada')`.execute(db);
      expect(await store.get('abc', new Set(), ctx)).toMatchObject({ id: 'abc', userName: 'ada' });
      for (const id of ['ABC', 'abc ', 'äbc']) {
        expect(await store.get(id, new Set(), ctx)).toBeUndefined();
        expect(await store.update(id, change<User>({ set: { userName: 'eve' } }), ctx)).toBeUndefined();
        expect(await store.delete(id, removal(), ctx)).toBeUndefined();
        expect((await store.list(listQuery<User>({ filter: eq('id', id) }), ctx)).totalResults).toBe(0);
      }
      expect((await store.list(listQuery<User>({ filter: eq('id', 'abc') }), ctx)).totalResults).toBe(1);
    });

    it('removes one value of a child table and keeps those that the collation treats as equal', async () => {
      const { store, add } = await fresh();
      const { id } = await add('ada', {
        emails: [{ value: 'Ada@x' }, { value: 'ada@x' }, { value: 'rené' }, { value: 'rene' }],
      });
      const left = [{ value: 'ada@x' }, { value: 'rene' }];
      await store.update(id, change<User>({ set: { emails: left } }), ctx);
      expect((await store.get(id, new Set(['emails']), ctx))?.emails).toEqual(left);
    });

    it('returns 409 for a user that the application still references, and deletes nothing', async () => {
      const { db, store, add } = await fresh();
      const { id } = await add('ada', { emails: [{ value: 'ada@x' }] });
      await sql`drop table if exists clerk_tools`.execute(db);
      const key = dialect === 'postgres' ? 'integer' : 'int';
      await sql
        .raw(`create table clerk_tools (clerk_id ${key} not null, foreign key (clerk_id) references clerks (id))`)
        .execute(db);
      await sql`insert into clerk_tools (clerk_id) values (${Number(id.slice(1))})`.execute(db);
      const refused = store.delete(id, removal(), ctx);
      await expect(refused).rejects.toMatchObject({ status: 409, message: expect.stringContaining('still refers') });
      expect(await store.get(id, new Set(['emails']), ctx)).toMatchObject({ emails: [{ value: 'ada@x' }] });
      await sql`drop table clerk_tools`.execute(db);
      expect(await store.delete(id, removal(), ctx)).toMatchObject({ resource: { id }, changed: true });
    });

    it('evaluates in memory only what SQL cannot decide', async () => {
      const { add, find, scans } = await fresh(3);
      for (let i = 0; i < 9; i++) await add(`clerk${String(i)}`, { displayName: i < 2 ? 'front' : 'back' });
      const computed = eq('nickName', 'front');
      await expect(find(computed)).rejects.toMatchObject({ scimType: 'tooMany', status: 400 });
      expect(await find({ op: 'and', filters: [computed, eq('userName', 'clerk1')] })).toEqual(['clerk1']);
      expect(await find({ op: 'and', filters: [{ op: 'not', filter: computed }, eq('userName', 'clerk1')] })).toEqual(
        [],
      );
      const either: Filter = {
        op: 'or',
        filters: [eq('userName', 'clerk0'), { op: 'and', filters: [computed, eq('userName', 'clerk1')] }],
      };
      expect(await find(either)).toEqual(['clerk0', 'clerk1']);
      await expect(find({ op: 'or', filters: [computed, eq('userName', 'clerk1')] })).rejects.toMatchObject({
        scimType: 'tooMany',
      });
      await expect(
        find({ op: 'not', filter: { op: 'and', filters: [computed, eq('userName', 'clerk1')] } }),
      ).rejects.toMatchObject({
        scimType: 'tooMany',
      });
      expect(scans()).toBe(6);
    });
  });
}

import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Kysely, MysqlDialect, sql } from 'kysely';
import { createPool } from 'mysql2';
import type { User } from '../../../src/contract/resource.js';
import { readBoolean } from '../../../src/stores/mapped/driver-values.js';
import { createSideTables, defineMapping, inspectMapping, type Mapping, mappedStore } from '../../../src/sql.js';
import { change, ctx as ctxOf, index, listQuery, newUser, removal } from '../../../src/testing/requests.js';
import { pglite } from '../../soak/pglite.js';
import { sqlite } from '../sql/sqlite.js';

const ctx = ctxOf('default');
// As plain JavaScript calls it: without types.
const define = (mapping: unknown): Mapping => (defineMapping as () => (mapping: unknown) => Mapping)()(mapping);
const mappingOf = (table: string, more: object, attributes: object = {}): Mapping =>
  define({
    table,
    id: { column: 'id' },
    version: 'hash',
    ...more,
    attributes: { userName: 'email', ...attributes },
  });

const opened: Kysely<unknown>[] = [];
const open = (db: Kysely<unknown>): Kysely<unknown> => {
  opened.push(db);
  return db;
};
afterAll(() => Promise.all(opened.map((db) => db.destroy())));

const { MARIADB_URL: mariadb } = process.env;
const ids = {
  sqlite: 'integer primary key',
  postgres: 'serial primary key',
  mysql: 'integer primary key auto_increment',
};

/** The databases of a run: MariaDB where MARIADB_URL names it. */
const engines: readonly (readonly [string, keyof typeof ids, Kysely<unknown>])[] = [
  ['SQLite', 'sqlite', open(sqlite().db)],
  ['PGlite', 'postgres', open(pglite())],
  ...(mariadb === undefined
    ? []
    : [
        [
          'MariaDB',
          'mysql',
          open(new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri: mariadb, connectionLimit: 2 }) }) })),
        ] as const,
      ]),
];

/** Creates a table, and says what `createSideTables` throws for a mapping of it. */
async function mistakesOf(
  engine: (typeof engines)[number],
  columns: string,
  more: object,
  attributes: object,
  values?: string,
): Promise<string> {
  const [, dialect, db] = engine;
  const table = `t${randomBytes(6).toString('hex')}`;
  await sql.raw(`create table ${table} (id ${ids[dialect]}, email varchar(100) not null, ${columns})`).execute(db);
  if (values !== undefined) await sql.raw(`insert into ${table} (email, x) values ('a@x', ${values})`).execute(db);
  const users = mappingOf(table, more, attributes);
  const sideTables = `${table}_side_`;
  try {
    await createSideTables(db, { users, sideTables, onWarning: () => undefined });
    await sql.raw(`drop table ${sideTables}users`).execute(db);
    return '';
  } catch (error) {
    const [first = ''] = await inspectMapping(db, users);
    expect((error as Error).message).toContain(first);
    expect((error as Error).message).toContain('sql.md#mistakes-in-a-mapping');
    return first;
  } finally {
    await sql.raw(`drop table ${table}`).execute(db);
  }
}

const active = { active: 'x' };

describe.each(engines)('types of mapped columns on %s', (...engine) => {
  const isPostgres = engine[1] === 'postgres';

  it.each<[string, string, object, object, string | undefined, string]>([
    [
      'words for a boolean',
      'x varchar(20)',
      {},
      active,
      "'yes'",
      'attributes["active"] needs a boolean: map its values',
    ],
    ['a time for a boolean', 'x timestamp null', {}, active, undefined, 'needs a boolean'],
    ['a time for a string', 'x date', {}, { title: 'x' }, undefined, 'attributes["title"] needs a string'],
    ['a time as the version', 'x date', { version: { column: 'x' } }, {}, undefined, 'version needs a number'],
    [
      'words as the version',
      'x varchar(20)',
      { version: { column: 'x' } },
      {},
      "'2026-01-01'",
      'version needs a number',
    ],
    [
      'a soft delete that is never null',
      'x integer not null',
      { softDelete: { column: 'x', mark: () => 1 } },
      {},
      undefined,
      'is NOT NULL, so every row counts as deleted',
    ],
  ])('names %s, with what to write instead', async (_, columns, more, attributes, values, expected) => {
    const message = await mistakesOf(engine, columns, more, attributes, values);
    expect(message).toContain(expected);
    expect(message).toContain('column x of t');
  });

  it.each<[string, string, object, object, string | undefined]>([
    ['a boolean', 'x boolean', {}, active, 'true'],
    ['states of a text', 'x varchar(20)', {}, { active: { column: 'x', on: ['yes'], off: ['no'] } }, "'yes'"],
    ['a converted text', 'x varchar(20)', {}, { active: { column: 'x', read: () => true } }, "'yes'"],
    ['a number for a string', 'x integer', {}, { title: 'x' }, '1'],
    ['an integer version', 'x integer', { version: { column: 'x' } }, {}, '1'],
    ['a time of creation', 'x timestamp', { created: 'x' }, {}, undefined],
    ['JSON', 'x json', { rest: 'x' }, {}, "'{}'"],
    ['a nullable soft delete', 'x timestamp null', { softDelete: { column: 'x', mark: () => 1 } }, {}, undefined],
    ['an attribute of an extension', 'x date', {}, { 'urn:example:params:x:2.0:User:since': 'x' }, undefined],
  ])('accepts %s', async (_, columns, more, attributes, values) => {
    expect(await mistakesOf(engine, columns, more, attributes, values)).toBe('');
  });

  it('accepts 1 and 0 as texts, which SQLite and MySQL convert; PostgreSQL does not', async () => {
    const message = await mistakesOf(engine, 'x varchar(20)', {}, active, "'1'");
    expect(message.includes('needs a boolean')).toBe(isPostgres);
  });

  it('names a UUID key that the mapping takes for an integer', async () => {
    const more = { id: { column: 'x' } };
    const message = await mistakesOf(engine, 'x varchar(36)', more, {}, "'6f1c2d3e-0000-4000-8000-000000000000'");
    expect(message).toContain(`needs an integer, because id.type is 'integer': set id.type to 'uuid' or 'text'`);
  });
});

it('names states that a column of PostgreSQL cannot be compared with', async () => {
  const engine = engines[1];
  if (engine === undefined) throw new Error('There is no PGlite.');
  const states = (column: string, on: unknown, off: unknown): Promise<string> =>
    mistakesOf(engine, column, {}, { active: { column: 'x', on: [on], off: [off] } });
  expect(await states('x boolean', 'active', 'suspended')).toContain('which holds none of the states');
  expect(await states('x integer', 'active', 'suspended')).toContain('which holds none of the states');
  expect(await states('x text', true, false)).toContain('write the values of the column in on and off');
  expect(await states('x boolean', 't', 'f')).toBe('');
  expect(await states('x integer', '1', '0')).toBe('');
});

it('a statement that PostgreSQL refuses for the types is explained by the mapping', async () => {
  const db = open(pglite());
  await sql`create table people (id serial primary key, email text not null, x text)`.execute(db);
  const users = mappingOf('people', { version: { column: 'x' } });
  const store = mappedStore(db, { users, onWarning: () => undefined });
  const { resource } = await store.create(newUser('ada'), ctx);
  const update = Promise.resolve(store.update(resource.id, change<User>({ set: { userName: 'bea' } }), ctx));
  await expect(update).rejects.toThrow('version needs a number that every write increments: name an integer column');
});

describe('what the columns and functions of a mapping hand over', () => {
  /** @param value as SQL */
  async function read(attributes: object, value: string, more: object = {}): Promise<Record<string, unknown>> {
    const db = open(sqlite().db);
    await sql`create table people (id integer primary key, email text not null, x, gone text)`.execute(db);
    await sql`insert into people (email, x) values ('a@x', ${sql.raw(value)})`.execute(db);
    const store = mappedStore(db, { users: mappingOf('people', more, attributes), onWarning: () => undefined });
    const { resources } = await store.list(listQuery<User>({ page: index(0, 9) }), ctx);
    await store.create(newUser('b@x', { title: 'b' }), ctx);
    await store.delete('1', removal(), ctx);
    return resources[0] as unknown as Record<string, unknown>;
  }

  it.each<[string, object, string, string]>([
    ['a word in a boolean column', active, "'suspended'", 'attributes["active"] names a column that holds a string'],
    [
      'a word from read',
      { active: { column: 'x', read: (v: unknown) => v } },
      "'no'",
      '["active"].read returned a string',
    ],
    ['a list', { title: { column: 'x', read: () => [] } }, "'a'", 'attributes["title"].read returned an empty list'],
    ['a boolean', { title: { column: 'x', read: () => true } }, "'a'", 'attributes["title"].read returned true'],
    ['a promise', { title: { column: 'x', read: async () => 'a' } }, "'a'", 'the function cannot be async'],
    [
      'what a computed attribute returns',
      { active: { kind: 'computed', columns: ['x'], read: () => 'a' } },
      "'a'",
      'Return true or false, or undefined for unassigned',
    ],
    [
      'a promise from write',
      { title: { column: 'x', read: () => 'a', write: async () => 'a' } },
      "'a'",
      '.write returned',
    ],
  ])('%s is an error that names the key of the mapping', async (_, attributes, value, expected) => {
    const reading = read(attributes, value);
    await expect(reading).rejects.toThrow(expected);
    await expect(reading).rejects.toThrow('The mapping of people: attributes["');
    await expect(reading).rejects.toThrow('See express-scim/docs/sql.md#mistakes-in-a-mapping');
  });

  it.each<[string, object, string]>([
    ['defaults', { defaults: async () => ({ x: 1 }) }, 'defaults returned a Promise. Return an object with columns'],
    ['defaults', { defaults: () => 'x' }, 'defaults returned a string'],
    ['stamp', { stamp: async () => ({}) }, 'stamp returned a Promise'],
    ['mark', { softDelete: { column: 'gone', mark: () => undefined } }, 'softDelete.mark returned no value'],
    ['mark', { softDelete: { column: 'gone', mark: async () => 1 } }, 'softDelete.mark returned a Promise'],
  ])('%s is checked as well', async (_, more, expected) => {
    await expect(read({}, 'null', more)).rejects.toThrow(expected);
  });

  it('what read throws is the cause of an error that names it', async () => {
    const cause = new Error('no such state');
    const throwing = {
      title: {
        column: 'x',
        read: () => {
          throw cause;
        },
      },
    };
    const error = await read(throwing, "'a'").catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ message: expect.stringContaining('attributes["title"].read threw an error'), cause });
  });

  it.each<[string, object, string, object]>([
    ['1', active, '1', { active: true }],
    ['0 as a text', active, "'0'", { active: false }],
    ['0 from read', { active: { column: 'x', read: (v: unknown) => v } }, '0', { active: false }],
    ['a number as a string', { title: 'x' }, '7', { title: '7' }],
  ])('%s is converted', async (_, attributes, value, expected) => {
    expect(await read(attributes, value)).toMatchObject(expected);
  });

  it('null and an empty text are unassigned', async () => {
    for (const value of ['null', "''"]) expect(await read({ title: 'x' }, value)).not.toHaveProperty('title');
  });

  it('the byte of a bit of MySQL is a boolean', () => {
    const values = [Buffer.from([1]), Buffer.from([0]), Buffer.from('1'), Buffer.from([0, 1])];
    expect(values.map((value) => readBoolean(value))).toEqual([true, false, undefined, undefined]);
  });
});

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import type { Filter } from '../../../src/contract/filter.js';
import type { Stored, User } from '../../../src/contract/resource.js';
import {
  createResourceTable,
  createScimTables,
  dropResourceTable,
  dropScimTables,
  scimMigrations,
  type SqlStore,
  sqlStore,
} from '../../../src/sql.js';
import { attribute, change, ctx, enterprise, eq, listQuery, newUser } from '../../../src/testing/requests.js';
import { engines } from '../sql/engines.js';

const folder = new URL('first-version/', import.meta.url);

/** The rows of six resources as the first version wrote them, by the name of the table without its prefix. */
const rows = JSON.parse(readFileSync(new URL('rows.json', folder), 'utf8')) as Readonly<
  Record<string, readonly Readonly<Record<string, string | number | null>>[]>
>;

describe.each(engines)('an upgrade of the tables of the first version on $name', ({ dialect, connect }) => {
  const prefix = `up${String(process.pid)}_`;
  let db: Kysely<unknown>;
  let store: SqlStore;

  async function fillFirstVersion(): Promise<void> {
    const text = readFileSync(new URL(`${dialect}.sql`, folder), 'utf8').replaceAll('scim_', prefix);
    for (const statement of text.split(/;\n/)) if (statement.trim() !== '') await sql.raw(statement).execute(db);
    for (const [table, all] of Object.entries(rows)) {
      for (const row of all) {
        const names = sql.join(Object.keys(row).map((name) => sql.ref(name)));
        await sql`insert into ${sql.table(prefix + table)} (${names}) values (${sql.join(Object.values(row))})`.execute(
          db,
        );
      }
    }
  }

  beforeAll(async () => {
    db = connect();
    await fillFirstVersion();
    const start = async () => {
      await createScimTables(db, { tables: prefix });
      await createResourceTable(db, 'Device', { tables: prefix });
    };
    // As several processes that start at the same time.
    await Promise.all([start(), start(), start()]);
    store = sqlStore(db, { tables: prefix });
  });

  afterAll(async () => {
    await dropResourceTable(db, 'Device', { tables: prefix });
    await dropScimTables(db, { tables: prefix });
    await db.destroy();
  });

  const selection = new Set(['members', 'groups']);
  const idOf = (table: string, n: number): string => String(rows[table]?.[n]?.['id']);
  const find = async (filter: Filter, tenant = 'acme'): Promise<string[]> =>
    (await store.list(listQuery<User>({ filter }), ctx(tenant))).resources.map(({ id }) => id);

  it('keeps every resource with its version and times', async () => {
    for (const table of ['users', 'groups', 'type_device']) {
      const resources = { users: store, groups: store.groups, type_device: store.resources('Device') }[table];
      for (const row of rows[table] ?? []) {
        const found = await resources?.get(String(row['id']), new Set(), ctx(String(row['tenant'])));
        const attributes = JSON.parse(String(row['attributes'])) as object;
        const active = row['active'] === null || row['active'] === undefined ? {} : { active: row['active'] === 1 };
        const time = new Date(Number(row['created'])).toISOString();
        const meta = { created: time, lastModified: time, version: String(row['version']) };
        expect(found).toEqual({ ...attributes, ...active, id: row['id'], meta });
      }
    }
  });

  it('keeps memberships', async () => {
    const ada = await store.get(idOf('users', 0), selection, ctx());
    const groups = await store.groups.groupsOf?.([idOf('users', 0)], ctx());
    expect(ada).not.toHaveProperty('groups');
    expect(
      groups
        ?.get(idOf('users', 0))
        ?.map(({ display, type }) => `${String(display)} ${type}`)
        .sort(),
    ).toEqual(['Inner direct', 'Outer indirect']);
  });

  it('finds every resource by what it was found by', async () => {
    const [ada, long] = [idOf('users', 0), idOf('users', 1)];
    const level = attribute(`${enterprise}:level`, { keys: [enterprise, 'level'], type: 'integer' });
    const since = attribute(`${enterprise}:since`, { keys: [enterprise, 'since'], type: 'dateTime' });
    const number = attribute(`${enterprise}:employeeNumber`, { keys: [enterprise, 'employeeNumber'] });
    const photo = attribute('photos.value', { multiValued: true, type: 'reference', caseExact: true });
    expect(await find(eq('userName', 'ada@example.com'))).toEqual([ada]);
    expect(await find(eq('externalId', 'X1'))).toEqual([ada]);
    expect(await find(eq('emails.value', 'ada@work.example'))).toEqual([ada]);
    expect(await find({ op: 'eq', attribute: number, value: 'e7' })).toEqual([ada]);
    expect(await find({ op: 'ge', attribute: level, value: 3 })).toEqual([ada]);
    expect(await find({ op: 'lt', attribute: since, value: new Date('2026-02-01') })).toEqual([ada]);
    expect(await find({ op: 'eq', attribute: photo, value: 'https://x/Photo' })).toEqual([ada]);
    expect(await find({ op: 'eq', attribute: photo, value: 'https://x/photo' })).toEqual([]);
    expect(await find(eq('userName', `${'long.'.repeat(60)}a`))).toEqual([long]);
    expect(await find(eq('userName', 'straße'), 'other')).toEqual([idOf('users', 2)]);
  });

  it('keeps unique keys, those of user names in the index of their column', async () => {
    for (const name of ['ADA@example.com', `${'LONG.'.repeat(60)}a`]) {
      await expect(store.create(newUser(name), ctx())).rejects.toMatchObject({ status: 409, attribute: 'userName' });
    }
    const ace = { ...newUser('eve'), keys: { userName: 'eve', nickName: 'ace' } };
    await expect(store.create(ace, ctx())).rejects.toMatchObject({ status: 409, attribute: 'nickName' });
    const { rows: keys } = await sql<{ path: unknown }>`select path from ${sql.table(`${prefix}keys`)}
      where type = 'User'`.execute(db);
    expect(keys.map(({ path }) => String(path))).toEqual(['nickName']);
  });

  it('writes what it upgraded', async () => {
    const id = idOf('users', 0);
    const result = await store.update(
      id,
      change<User>({ set: { title: 'Prof', emails: [{ value: 'new@x' }] } }),
      ctx(),
    );
    expect(result).toMatchObject({ changed: true, resource: { title: 'Prof', meta: { version: '2' } } });
    expect(await find(eq('emails.value', 'new@x'))).toEqual([id]);
    expect(await find(eq('emails.value', 'home@x'))).toEqual([]);
    const before: Stored<User> | undefined = await store.get(id, new Set(), ctx());
    await Promise.all(
      Object.entries(scimMigrations({ tables: prefix, resourceTypes: ['Device'] }))
        .filter(([name]) => name.includes('0003'))
        .map(([, migration]) => migration.up(db)),
    );
    expect(await store.get(id, new Set(), ctx())).toEqual(before);
  });

  it('leaves no table of values', async () => {
    await expect(sql`select 1 from ${sql.table(`${prefix}values`)}`.execute(db)).rejects.toThrow();
  });
});

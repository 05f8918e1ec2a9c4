import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ColumnType, type Generated, type JSONColumnType, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { User } from '../../../src/contract/resource.js';
import { defineMapping, mappedStore } from '../../../src/sql.js';
import { change, ctx as ctxOf, newUser } from '../../../src/testing/requests.js';
import { testUserStore } from '../../../src/testing/index.js';
import { reportCases } from '../sql/capability-report.js';
import { hostColumnCases } from './host-columns.js';
import { inspectCases } from './inspect.js';
import { dropHostTables, mapped, prepareMapped } from './mapped.js';
import {
  createOneTables,
  dropOneTables,
  listening,
  manyMembersCases,
  oneTable,
  statementCases,
  triggerCases,
} from './one-table.js';
import { postgresUrl as url } from '../../database-servers.js';
import { patient } from '../../patient.js';

if (url === undefined) {
  describe('mapped tables on PostgreSQL', () => {
    it.skip('needs POSTGRES_URL (.ci/databases.sh start)', () => undefined);
  });
} else {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 10 }) }),
  });
  beforeAll(async () => {
    await dropHostTables(db);
    await prepareMapped(db, 'postgres');
    await dropOneTables(db);
    await createOneTables(db, 'postgres');
  });
  afterAll(async () => {
    await dropHostTables(db);
    await dropOneTables(db);
    await db.destroy();
  });
  inspectCases(
    () => db,
    '',
    '',
    (column) => `lower(${column})`,
    'public',
  );
  it('sees what changes inside arrays and JSON, of its own and of others', async () => {
    interface Tables {
      techs: {
        id: Generated<number>;
        login: string;
        skills: ColumnType<string[], string[], string[]>;
        extra: JSONColumnType<{ desk: string }>;
      };
    }
    await sql`drop table if exists techs`.execute(db);
    await sql`create table techs (id serial primary key, login text not null, skills text[] not null default '{}',
      extra jsonb not null default '{}')`.execute(db);
    const users = defineMapping<Tables>()({
      table: 'techs',
      id: { column: 'id' },
      version: 'hash',
      attributes: {
        userName: 'login',
        title: { column: 'skills', read: (skills) => skills.join('+'), write: (title) => title?.split('+') ?? [] },
        nickName: { column: 'extra', read: ({ desk }) => desk, write: (desk) => JSON.stringify({ desk }) },
      },
    });
    const store = mappedStore(db, { users, onWarning: () => undefined });
    const ctx = ctxOf('default');
    const { id, meta } = (await store.create(newUser('ada', { title: 'a+b', nickName: 'A1' }), ctx)).resource;
    const read = async () => store.get(id, new Set(), ctx);
    expect(await read()).toMatchObject({ title: 'a+b', nickName: 'A1', meta: { version: meta.version } });
    const same = await store.update(id, change<User>({ set: { title: 'a+b' } }), ctx);
    expect(same).toMatchObject({ changed: false });
    await sql`update techs set extra = '{"desk":"B2"}'`.execute(db);
    const late = store.update(id, change<User>({ set: { title: 'c' }, ifVersion: meta.version }), ctx);
    await expect(late).rejects.toMatchObject({ status: 412 });
    const versions = new Set([meta.version, (await read())?.meta.version]);
    for (const title of ['a,b', 'a+b+c']) {
      const result = await store.update(id, change<User>({ set: { title } }), ctx);
      expect(result).toMatchObject({ changed: true, resource: { title, nickName: 'B2' } });
      versions.add(result?.resource.meta.version);
    }
    expect(versions.size).toBe(4);
    await sql`drop table techs`.execute(db);
  });

  reportCases(() => Promise.resolve(db), 'treats as different: composed and decomposed letters');
  hostColumnCases(() => db, 'postgres');
  testUserStore({
    ...patient,
    name: 'mapped tables on PostgreSQL, versions by xmin',
    create: () => mapped(db, 'xmin'),
  });
  testUserStore({
    ...patient,
    name: 'mapped tables on PostgreSQL, versions by hash',
    create: () => mapped(db, 'hash'),
  });
  testUserStore({
    ...patient,
    name: 'mapped tables on PostgreSQL, one for each type',
    create: () => oneTable(db, 'postgres'),
  });
  triggerCases(() => Promise.resolve(db), 'postgres');
  statementCases((seen) => Promise.resolve(listening(db, seen)), 'postgres');
  manyMembersCases((seen) => Promise.resolve(listening(db, seen)), 'postgres');
}

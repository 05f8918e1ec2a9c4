import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { Kysely, MysqlDialect, PostgresDialect, sql, SqliteDialect } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import {
  createAdminTables,
  createDeliveryTables,
  createLifecycleTables,
  createAccessRightsTables,
  createOffboardingTables,
  createOutboxTable,
  createResourceTable,
  createScimTables,
  createSideTables,
  defineMapping,
  type Dialect,
  type Mapping,
  scimTablesSql,
  sqlStore,
} from '../../src/sql.js';
import { ctx, newUser } from '../../src/testing/requests.js';
import { pglite } from '../soak/pglite.js';
import { mariadbUrl, postgresUrl } from '../database-servers.js';

interface Columns {
  [table: string]: { id: string; user_name: string; name: string; version: number };
}

/** Mappings over tables that exist: those of the users and groups. */
function mappings(prefix: string): { readonly users: Mapping; readonly groups: Mapping } {
  const define = defineMapping<Columns>();
  const id = { column: 'id', type: 'text' } as const;
  const version = { column: 'version' } as const;
  return {
    users: define({ table: `${prefix}users`, id, version, attributes: { userName: 'user_name' } }),
    groups: define({ table: `${prefix}groups`, id, version, attributes: { displayName: 'name' } }),
  };
}

/** What an app that calls everything at every start does. */
async function start(db: Kysely<unknown>, prefix: string): Promise<void> {
  await createScimTables(db, { tables: prefix });
  await createResourceTable(db, 'Device', { tables: prefix });
  await createLifecycleTables(db, { tables: prefix });
  await createOffboardingTables(db, { tables: prefix });
  await createAccessRightsTables(db, { tables: prefix });
  await createAdminTables(db, { tables: prefix });
  await createDeliveryTables(db, { tables: prefix });
  await createSideTables(db, { ...mappings(prefix), sideTables: `${prefix}side_` });
  await createOutboxTable(db, `${prefix}own_outbox`);
}

/** The same tables as text. */
function statementsOf(dialect: Dialect, prefix: string): string {
  return scimTablesSql({
    dialect,
    tables: prefix,
    include: ['store', 'lifecycle', 'offboarding', 'access-rights', 'admin', 'deliveries'],
    resourceTypes: ['Device'],
    sideTables: { ...mappings(prefix), sideTables: `${prefix}side_` },
    outbox: `${prefix}own_outbox`,
  });
}

async function run(db: Kysely<unknown>, text: string): Promise<void> {
  for (const statement of text.split(/;\n/)) if (statement.trim() !== '') await sql.raw(statement).execute(db);
}

function tableCases(
  dialect: Dialect,
  open: () => Kysely<unknown>,
  namesOf: (prefix: string) => Promise<string[]>,
): void {
  const prefix = `d${String(process.pid)}_`;

  it('are created once, and stay with all their rows at the next start', async () => {
    const db = open();
    await start(db, `${prefix}a_`);
    const before = await namesOf(`${prefix}a_`);
    const store = sqlStore(db, { tables: `${prefix}a_` });
    const { id } = (await store.create(newUser('ada'), ctx())).resource;
    await start(db, `${prefix}a_`);
    expect(await store.get(id, new Set(), ctx())).toMatchObject({ userName: 'ada' });
    expect(await namesOf(`${prefix}a_`)).toEqual(before);
    expect(before.length).toBeGreaterThan(40);
  });

  it('may be created by several at the same time', async () => {
    await Promise.all([1, 2, 3, 4].map(() => start(open(), `${prefix}b_`)));
    expect(await namesOf(`${prefix}b_`)).toEqual(
      (await namesOf(`${prefix}a_`)).map((name) => name.replaceAll('_a_', '_b_')),
    );
  });

  it('are the same when the statements are run as text, also again', async () => {
    const db = open();
    for (let times = 0; times < 2; times++) await run(db, statementsOf(dialect, `${prefix}c_`));
    expect(await namesOf(`${prefix}c_`)).toEqual(
      (await namesOf(`${prefix}a_`)).map((name) => name.replaceAll('_a_', '_c_')),
    );
    await start(db, `${prefix}c_`);
  });
}

/** All tables and indexes of PostgreSQL with a prefix. */
const postgresNames = (db: Kysely<unknown>) => async (prefix: string) => {
  const { rows } = await sql<{ name: string }>`select relname as name from pg_class
    where starts_with(relname, ${prefix}) and relkind in ('r', 'i') order by 1`.execute(db);
  return rows.map(({ name }) => name);
};

describe('tables on SQLite', () => {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) });
  tableCases(
    'sqlite',
    () => db,
    async (prefix) => {
      const { rows } = await sql<{ name: string }>`select name from sqlite_master
        where substr(name, 1, length(${prefix})) = ${prefix} order by name`.execute(db);
      return rows.map(({ name }) => name);
    },
  );

  it('are created by two processes at the same time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scim-tables-'));
    const script = new URL('creating-process.ts', import.meta.url).pathname;
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, ['--import', 'tsx', script, join(folder, 'db')], {
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    );
    const codes = await Promise.all(children.map((child) => once(child, 'close')));
    expect(codes.map(([code]) => code as unknown)).toEqual([0, 0, 0]);
    rmSync(folder, { recursive: true });
  });
});

describe('tables on PGlite', () => {
  const db = pglite();
  afterAll(() => db.destroy());
  tableCases('postgres', () => db, postgresNames(db));

  it('need no right to create anything once they exist', async () => {
    const tables = `limited_`;
    await createScimTables(db, { tables });
    await sql`create role limited`.execute(db);
    await sql`revoke create on schema public from public`.execute(db);
    await sql`set role limited`.execute(db);
    await createScimTables(db, { tables });
    await expect(createScimTables(db, { tables: 'missing_' })).rejects.toThrow('permission denied');
    await sql`reset role`.execute(db);
  });
});

(postgresUrl === undefined ? describe.skip : describe)('tables on PostgreSQL', () => {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: postgresUrl, max: 4 }) }),
  });
  afterAll(async () => {
    for (const name of await postgresNames(db)(`d${String(process.pid)}_`)) {
      await sql`drop table if exists ${sql.table(name)} cascade`.execute(db).catch(() => undefined);
    }
    await db.destroy();
  });
  tableCases('postgres', () => db, postgresNames(db));
});

(mariadbUrl === undefined ? describe.skip : describe)('tables on MariaDB', () => {
  const db = new Kysely<unknown>({
    dialect: new MysqlDialect({ pool: createPool({ uri: mariadbUrl ?? '', connectionLimit: 4 }) }),
  });
  const tablesOf = async (prefix: string): Promise<string[]> => {
    const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.tables
      where table_schema = database() and locate(${prefix}, table_name) = 1 order by 1`.execute(db);
    return rows.map(({ name }) => name);
  };
  afterAll(async () => {
    for (
      let left = await tablesOf(`d${String(process.pid)}_`);
      left.length > 0;
      left = await tablesOf(`d${String(process.pid)}_`)
    ) {
      for (const name of left) await sql`drop table ${sql.table(name)}`.execute(db).catch(() => undefined);
    }
    await db.destroy();
  });
  tableCases(
    'mysql',
    () => db,
    async (prefix) => {
      const { rows } = await sql<{ name: string }>`select distinct concat(table_name, '.', index_name) as name
        from information_schema.statistics
        where table_schema = database() and locate(${prefix}, table_name) = 1 order by 1`.execute(db);
      return rows.map(({ name }) => name);
    },
  );
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import type { User } from '../../../src/contract/resource.js';
import { createScimTables, dropScimTables, type SqlStore, sqlStore } from '../../../src/sql.js';
import { ctx, eq, listQuery } from '../../../src/testing/requests.js';
import { engines } from '../sql/engines.js';

const mariadb = engines.find(({ dialect }) => dialect === 'mysql');

(mariadb === undefined ? describe.skip : describe)('the groups of users on MariaDB', () => {
  const tables = `mp${String(process.pid)}_`;
  const texts: string[] = [];
  const selection = new Set(['groups']);
  const context = ctx('7');
  let db: Kysely<unknown>;
  let store: SqlStore;

  beforeAll(async () => {
    if (mariadb === undefined) return;
    db = mariadb.connect((text) => texts.push(text));
    await createScimTables(db, { tables });
    store = sqlStore(db, { tables });
    // The tenant 7 has a user in a group. Most memberships of all tenants are of one large group.
    for (const [tenant, users] of [
      ['large', 'seq between 1 and 3000'],
      ['7', 'seq = 7'],
    ] as const) {
      await sql`insert into ${sql.table(`${tables}users`)}
        (tenant, id, attributes, normalized, user_name, external_id, created, last_modified, version)
        select ${tenant}, seq, '{}', '{}', seq, seq, 0, 0, 1 from seq_1_to_3000 where ${sql.raw(users)}`.execute(db);
      await sql`insert into ${sql.table(`${tables}groups`)}
        (tenant, id, name, attributes, normalized, created, last_modified, version)
        values (${tenant}, 'g', 'Group', '{}', '{}', 0, 0, 1)`.execute(db);
      await sql`insert into ${sql.table(`${tables}members`)} (tenant, group_id, member_id, user_id, type)
        select tenant, 'g', id, id, 'User' from ${sql.table(`${tables}users`)} where tenant = ${tenant}`.execute(db);
    }
    for (const name of ['users', 'groups', 'members']) {
      await sql`analyze table ${sql.table(`${tables}${name}`)}`.execute(db);
    }
  });
  afterAll(async () => {
    if (mariadb === undefined) return;
    await dropScimTables(db, { tables });
    await db.destroy();
  });

  const reads: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['a user by ID', async () => store.get('7', selection, context)],
    ['a lookup', async () => store.list(listQuery<User>({ filter: eq('externalId', '7'), selection }), context)],
    ['a page', async () => store.list(listQuery<User>({ selection }), context)],
  ];

  /** The statement of a read, with the value 7 for each parameter. */
  async function statementOf(read: () => Promise<unknown>): Promise<string> {
    texts.length = 0;
    expect(JSON.stringify(await read())).toContain('"display":"Group"');
    const [text = ''] = texts;
    return text.replaceAll('?', "'7'").replaceAll("limit '7'", 'limit 7');
  }

  it.each(reads)('are found by the index on members in %s, whatever other tenants have', async (_name, read) => {
    const { rows } = await sql<{
      table: string;
      type: string;
      key: string;
    }>`explain ${sql.raw(await statementOf(read))}`.execute(db);
    expect(rows.map(({ type }) => type)).not.toContain('ALL');
    const keys = rows.map(({ table, key }) => [table, key]);
    for (const alias of ['m', 'n']) expect(keys).toContainEqual([alias, `${tables}members_member`]);
    expect(keys).toContainEqual(['g', 'PRIMARY']);
  });

  it.each(reads)('are read in %s without a temporary table on disk', async (_name, read) => {
    const text = await statementOf(read);
    await db.connection().execute(async (connection) => {
      const count = async (): Promise<number> => {
        const { rows } = await sql<{ Value: string }>`show session status like 'created_tmp_disk_tables'`.execute(
          connection,
        );
        return Number(rows[0]?.Value);
      };
      const before = await count();
      await sql.raw(text).execute(connection);
      expect(await count()).toBe(before);
    });
  });

  it('and the other attributes are read for the users of a later page only', async () => {
    texts.length = 0;
    const page = { kind: 'index', offset: 2_000, limit: 100 } as const;
    const { resources } = await store.list(listQuery<User>({ page, selection }), ctx('large'));
    expect(resources).toHaveLength(100);
    const [text = ''] = texts;
    const statement = text.replace('limit ? offset ?', 'limit 100 offset 2000').replaceAll('?', "'large'");
    const { rows } = await sql<{
      id: number;
      table: string;
      type: string;
      key: string;
    }>`explain ${sql.raw(statement)}`.execute(db);
    const outer = rows.filter(({ id }) => Number(id) === 1).map(({ table, type, key }) => [table, type, key]);
    expect(outer).toEqual([
      [expect.stringContaining('derived'), 'ALL', null],
      ['r', 'eq_ref', 'PRIMARY'],
    ]);
  });

  it('are whole, whatever their names are', async () => {
    const names = [
      '',
      ' two  spaces ',
      'x'.repeat(300),
      'x'.repeat(301),
      'é'.repeat(150),
      '😀'.repeat(200),
      '"\\',
      null,
    ];
    for (const [i, name] of names.entries()) {
      await sql`insert into ${sql.table(`${tables}groups`)}
        (tenant, id, name, attributes, normalized, created, last_modified, version)
        values ('7', ${`g${String(i)}`}, ${name}, '{}', '{}', 0, 0, 1)`.execute(db);
      const group = sql.table(`${tables}members`);
      await sql`delete from ${group} where tenant = '7'`.execute(db);
      await sql`insert into ${group} (tenant, group_id, member_id, user_id, type)
        values ('7', ${`g${String(i)}`}, '7', '7', 'User')`.execute(db);
      const user = await store.get('7', selection, context);
      // Without them in the resource, the router asks for them.
      const groups = user?.groups ?? (await store.groups?.groupsOf?.(['7'], context))?.get('7');
      expect(groups).toEqual([{ value: `g${String(i)}`, type: 'direct', ...(name !== null && { display: name }) }]);
    }
  });
});

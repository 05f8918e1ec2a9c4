import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import type { Filter } from '../../../src/contract/filter.js';
import type { User } from '../../../src/contract/resource.js';
import { createScimTables, dropScimTables, type SqlStore, sqlStore } from '../../../src/sql.js';
import { attribute, ctx, eq, listQuery, nothing } from '../../../src/testing/requests.js';
import { engines } from '../sql/engines.js';

// Drivers prepare statements, and PostgreSQL may plan a prepared statement once for all values. Such a plan knows neither
// the tenant nor the value.
describe.each(engines.filter(({ dialect }) => dialect === 'postgres'))(
  'plans for all values on $name',
  ({ connect }) => {
    const tables = `pp${String(process.pid)}_`;
    const texts: string[] = [];
    let db: Kysely<unknown>;
    let store: SqlStore;

    beforeAll(async () => {
      db = connect((text) => texts.push(text));
      await createScimTables(db, { tables });
      store = sqlStore(db, { tables });
      // One tenant has most of the rows, so an average tenant looks small.
      await sql`insert into ${sql.table(`${tables}users`)}
        (tenant, id, attributes, normalized, user_name, created, last_modified, version)
      select t, i, '{}', jsonb_build_object(t, jsonb_build_object('title', i, 'emails', jsonb_build_array(
        jsonb_build_object('value', i || '@x', 'type', 'work')))), i, 0, 0, 1
      from (select case when i < 3000 then 'large' else 'tenant ' || i % 500 end as t, cast(i as text) as i
        from generate_series(1, 5000) as i) as r`.execute(db);
      await sql`vacuum analyze ${sql.table(`${tables}users`)}`.execute(db);
    });
    afterAll(async () => {
      await dropScimTables(db, { tables });
      await db.destroy();
    });

    const title: Filter = eq('title', '7');
    const email: Filter = {
      op: 'some',
      attribute: attribute('emails', { type: 'complex', multiValued: true }),
      filter: {
        op: 'and',
        filters: [
          { op: 'eq', attribute: attribute('emails.type'), value: 'work' },
          { op: 'eq', attribute: attribute('emails.value', { multiValued: false }), value: '7@x' },
        ],
      },
    };
    const userName: Filter = eq('userName', '7');

    /** The plan of the query of a filter for all values. */
    async function planOf(filter: Filter): Promise<string> {
      texts.length = 0;
      const { resources } = await store.list(listQuery<User>({ filter, selection: nothing }), ctx('large'));
      expect(resources).toMatchObject([{ id: '7' }]);
      const [text = ''] = texts;
      const parameters = new Set(text.match(/\$\d+/g)).size;
      return db.transaction().execute(async (transaction) => {
        await sql`set local plan_cache_mode = force_generic_plan`.execute(transaction);
        await sql`prepare planned as ${sql.raw(text)}`.execute(transaction);
        const values = Array.from({ length: parameters }, () => 'null').join(', ');
        const { rows } = await sql<Record<string, string>>`explain execute planned (${sql.raw(values)})`.execute(
          transaction,
        );
        await sql`deallocate planned`.execute(transaction);
        return rows.flatMap((row) => Object.values(row)).join('\n');
      });
    }

    it.each([
      ['an attribute', title],
      ['a part of a multi-valued attribute', email],
      ['two attributes', { op: 'and', filters: [title, email] } satisfies Filter],
    ])('find the value of %s by the index of values', async (_name, filter) => {
      const plan = await planOf(filter);
      expect(plan).toContain('Bitmap Index Scan on');
      expect(plan).toMatch(/Index Cond: \(normalized @\?/);
      expect(plan).not.toMatch(/Index Cond: \(+tenant/);
    });

    it.each([
      ['alone', userName],
      ['with another condition', { op: 'and', filters: [email, userName] } satisfies Filter],
    ])('find a user name %s by its index', async (_name, filter) => {
      expect(await planOf(filter)).toMatch(/Index Cond: .*tenant.*user_name.* = \$\d/);
    });

    it('keep no statistics of documents, which the planner would compare with each filter', async () => {
      const { rows } = await sql<{ name: string }>`select attname as name from pg_stats
      where tablename = ${`${tables}users`}`.execute(db);
      const names = rows.map(({ name }) => name);
      expect(names).toContain('user_name');
      expect(names).not.toContain('normalized');
      expect(names).not.toContain('attributes');
    });
  },
);

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import type { User } from '../../../src/contract/resource.js';
import { defineMapping, mappedStore } from '../../../src/sql.js';
import { change, ctx, eq, listQuery, newUser, nothing } from '../../../src/testing/requests.js';
import { engines } from '../sql/engines.js';

interface Tables {
  collated_users: { id: string; org: string; login: string };
}

// Other names for the tenant `acme` where the column of the app ignores letter case, accents or blanks at the end.
const others = ['ACME', 'acmé', 'acme '];

describe.each(engines.filter(({ dialect }) => dialect !== 'postgres'))(
  'tenants in a column that does not compare exactly, on $name',
  ({ dialect, connect }) => {
    let db: Kysely<Tables>;

    beforeAll(async () => {
      db = connect() as Kysely<Tables>;
      const text =
        dialect === 'sqlite' ? 'text collate nocase' : 'varchar(100) character set utf8mb4 collate utf8mb4_general_ci';
      await sql`drop table if exists collated_users`.execute(db);
      await sql
        .raw(
          `create table collated_users (id varchar(50) primary key, org ${text} not null, login varchar(100) not null)`,
        )
        .execute(db);
    });
    afterAll(async () => {
      await sql`drop table collated_users`.execute(db);
      await db.destroy();
    });

    it('are separate', async () => {
      const users = defineMapping<Tables>()({
        table: 'collated_users',
        id: { column: 'id', type: 'text' },
        tenant: 'org',
        version: 'hash',
        attributes: { userName: 'login' },
      });
      const store = mappedStore(db, { users });
      await sql`insert into collated_users (id, org, login) values ('u1', 'acme', 'ada')`.execute(db);
      expect(await store.get('u1', nothing, ctx('acme'))).toMatchObject({ userName: 'ada' });
      for (const tenant of others) {
        expect(await store.get('u1', nothing, ctx(tenant))).toBeUndefined();
        const page = await store.list(listQuery<User>({ filter: eq('userName', 'ada') }), ctx(tenant));
        expect(page.totalResults).toBe(0);
        const renamed = change<User>({ set: { userName: 'eve' }, keys: { userName: 'eve' }, selection: nothing });
        expect(await store.update('u1', renamed, ctx(tenant))).toBeUndefined();
        expect(await store.delete('u1', { ...newUser('ada'), ifVersion: undefined }, ctx(tenant))).toBeUndefined();
      }
      expect(await store.get('u1', nothing, ctx('acme'))).toMatchObject({ userName: 'ada' });
    });
  },
);

import { expect, it } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { defineMapping, inspectMapping } from '../../../src/store/sql/index.js';

interface Tables {
  inspected: { id: number; org: string; login: string };
}
const mapping = defineMapping<Tables>()({
  table: 'inspected',
  id: { column: 'id' },
  tenant: 'org',
  version: 'hash',
  attributes: { userName: 'login' },
});

/** What is said of a column without index, with one that tells letter case apart, and with one that does not. */
export function inspectCases(
  open: () => Kysely<unknown>,
  exact: string,
  folded: string,
  index: (on: string) => string,
): void {
  it('warns of a userName that is not unique, or unique by letter case only', async () => {
    const db = open();
    const make = async (type: string, on: string | undefined) => {
      await sql`drop table if exists inspected`.execute(db);
      await sql
        .raw(`create table inspected (id integer primary key, org varchar(50), login varchar(50) ${type})`)
        .execute(db);
      if (on !== undefined) await sql.raw(`create unique index inspected_login on inspected (org, ${on})`).execute(db);
      return inspectMapping(db, mapping);
    };
    expect(await make(exact, undefined)).toEqual([expect.stringContaining('no unique index')]);
    expect(await make(exact, 'login')).toEqual([expect.stringContaining('inspected_login tells letter case apart')]);
    expect(await make(folded, index('login'))).toEqual([]);
    await sql`drop table inspected`.execute(db);
  });
}

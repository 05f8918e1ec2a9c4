import { expect, it } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { defineMapping, inspectMapping, mappedStore, reference } from '../../../src/sql.js';
import { ctx } from '../../../src/testing/requests.js';

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

/** Warnings for a column without a unique index, with a case-sensitive one, and with a case-insensitive one. */
export function inspectCases(
  open: () => Kysely<unknown>,
  exact: string,
  folded: string,
  index: (on: string) => string,
  schema: string,
): void {
  it('inspects a table in a schema, and ignores an index over further columns', async () => {
    const db = open();
    await sql`drop table if exists inspected`.execute(db);
    await sql
      .raw(
        `create table inspected (id integer primary key, org varchar(50), login varchar(50) ${folded}, room varchar(50))`,
      )
      .execute(db);
    const there = { ...mapping, table: `${schema}.inspected` };
    const wide = `create unique index inspected_wide on inspected (org, ${index('login')}, room)`;
    await sql.raw(wide).execute(db);
    expect(await inspectMapping(db, there)).toEqual([expect.stringContaining('no unique index')]);
    await sql.raw(`create unique index inspected_login on inspected (org, ${index('login')})`).execute(db);
    expect(await inspectMapping(db, there)).toEqual([]);
    expect(await inspectMapping(db, { ...there, tenant: undefined })).toEqual([
      expect.stringContaining('no unique index'),
    ]);
    await sql`drop table inspected`.execute(db);
  });

  it('warns once, at the first call of a store', async () => {
    const db = open();
    await sql`drop table if exists inspected`.execute(db);
    await sql
      .raw(`create table inspected (id integer primary key, org varchar(50), login varchar(50) ${exact})`)
      .execute(db);
    await sql`create unique index inspected_login on inspected (org, login)`.execute(db);
    const warnings: string[] = [];
    const store = mappedStore(db, { users: mapping, onWarning: (warning) => void warnings.push(warning) });
    expect(warnings).toEqual([]);
    for (const id of ['1', '2']) expect(await store.get(id, new Set(), ctx())).toBeUndefined();
    while (warnings.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(warnings).toEqual([expect.stringContaining('inspected_login is case-sensitive')]);
    await sql`drop table inspected`.execute(db);
    // A missing table is an error of the call itself.
    const late = mappedStore(db, { users: mapping, onWarning: (warning) => void warnings.push(warning) });
    await expect(late.get('1', new Set(), ctx())).rejects.toThrow();
  });

  it('warns about a userName that is not unique, or unique by letter case only', async () => {
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
    expect(await make(exact, 'login')).toEqual([expect.stringContaining('inspected_login is case-sensitive')]);
    expect(await make(folded, index('login'))).toEqual([]);
    await sql`drop table inspected`.execute(db);
  });

  it('warns about a reference whose column is not nullable', async () => {
    interface Staff {
      inspected: { id: number; login: string; boss_id: number | null };
    }
    const db = open();
    const users = defineMapping<Staff>()({
      table: 'inspected',
      id: { column: 'id' },
      version: 'hash',
      attributes: { userName: 'login', 'enterprise.manager.value': reference('boss_id') },
    });
    const make = async (boss: string) => {
      await sql`drop table if exists inspected`.execute(db);
      const columns = `id integer primary key, login varchar(50) ${folded} not null, boss_id integer ${boss}`;
      await sql.raw(`create table inspected (${columns})`).execute(db);
      await sql.raw(`create unique index inspected_login on inspected (${index('login')})`).execute(db);
      return [await inspectMapping(db, users), await inspectMapping(db, { ...users, table: `${schema}.inspected` })];
    };
    expect(await make('')).toEqual([[], []]);
    expect(await make('not null')).toEqual([
      [expect.stringMatching(/^inspected\.boss_id is not null, .*Make the column nullable\.$/)],
      [expect.stringMatching(/inspected\.boss_id is not null/)],
    ]);
    await sql`drop table inspected`.execute(db);
  });
}

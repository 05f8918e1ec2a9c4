import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Kysely } from 'kysely';
import type { Attributes } from '../../../src/contract/attribute.js';
import type { Filter, ListQuery, Page, SortKey } from '../../../src/contract/filter.js';
import type { User } from '../../../src/contract/resource.js';
import { sql } from '../../../src/database/sql.js';
import { resourceTableName, tableNames } from '../../../src/database/table-names.js';
import { createResourceTable, createScimTables, scimMigrations, type SqlStore, sqlStore } from '../../../src/sql.js';
import { builtInListSource } from '../../../src/stores/built-in/list-source.js';
import { listRows } from '../../../src/stores/sql/list.js';
import {
  attribute,
  ctx,
  cursor,
  everything,
  index,
  listQuery,
  newUser,
  nothing,
} from '../../../src/testing/requests.js';
import { random } from '../../random.js';
import { sqlite } from '../sql/sqlite.js';
import { createDevices, device, filter, sortKeys, urn } from './random-devices.js';

const statements: string[] = [];
const { db } = sqlite((text) => statements.push(text));
const lookups = ['parts.label', 'serial', `${urn}:badges.label`];
let store: SqlStore;

beforeAll(async () => {
  await createScimTables(db);
  await createResourceTable(db, 'Device');
  store = sqlStore(db, { lookups });
});
afterAll(() => db.destroy());

const ids = ({ resources }: Page<Attributes>): string[] => resources.map(({ id }) => id);

describe('a list in ranges of few rows', () => {
  /** The list of a tenant as `sqlStore` reads it, but for the size of its ranges. */
  function inRanges(query: ListQuery<Attributes>, tenant: string, mostBytes: number): Promise<Page<Attributes>> {
    const target = {
      table: resourceTableName('Device'),
      type: 'Device',
      scanLimit: 100,
      ctx: ctx(),
      onScan: () => undefined,
    };
    const scope = { db, dialect: 'sqlite' as const, tables: tableNames('scim_'), tenant, others: new Map() };
    const source = builtInListSource(query, { ...target, lookups: new Set(lookups) }, scope);
    const { ranges } = source;
    return listRows(query, { ...source, ranges: ranges && { ...ranges, mostBytes, mostRows: 3 } });
  }

  const queryOf = (drawn: Filter, sort: readonly SortKey[], page: ListQuery<Attributes>['page']) =>
    listQuery<Attributes>({ filter: drawn, sort, page, selection: nothing });

  it('returns what the list of one statement returns, page by page in both directions', async () => {
    const devices = store.resources('Device');
    let run = 0;
    const property = fc.asyncProperty(
      fc.array(device, { minLength: 1, maxLength: 14 }),
      fc.array(fc.tuple(filter, sortKeys), { minLength: 1, maxLength: 8, size: 'max' }),
      // Some rows are larger than that, and are evaluated in memory.
      fc.constantFrom(100, 400, 1_000_000),
      async (drawn, queries, mostBytes) => {
        const tenant = `run${String(++run)}`;
        await createDevices(devices, drawn, ctx(tenant));
        for (const [drawnFilter, sort] of queries) {
          const whole = await devices.list(queryOf(drawnFilter, sort, index(0, 100)), ctx(tenant));
          expect(ids(await inRanges(queryOf(drawnFilter, sort, index(0, 100)), tenant, mostBytes))).toEqual(ids(whole));
          const middle = await inRanges(queryOf(drawnFilter, sort, index(2, 3)), tenant, mostBytes);
          expect(ids(middle)).toEqual(ids(whole).slice(2, 5));
          expect(middle.totalResults).toBe(whole.resources.length);
          const forwards: Page<Attributes>[] = [];
          for (let after: Parameters<typeof cursor>[1] | undefined = {}; after !== undefined;) {
            const page = await inRanges(queryOf(drawnFilter, sort, cursor(2, after)), tenant, mostBytes);
            forwards.push(page);
            after = page.next && { after: page.next };
          }
          expect(forwards.flatMap(ids)).toEqual(ids(whole));
          for (const [i, { previous }] of forwards.entries()) {
            expect(previous === undefined).toBe(i === 0 || forwards[i]?.resources.length === 0);
            if (previous === undefined) continue;
            const back = await inRanges(queryOf(drawnFilter, sort, cursor(2, { before: previous })), tenant, mostBytes);
            expect(ids(back)).toEqual(ids(forwards[i - 1] ?? { resources: [] }));
          }
        }
      },
    );
    await fc.assert(property, random(40));
  });
});

describe('statements of a list', () => {
  const title = attribute('title');
  const none: Filter = { op: 'eq', attribute: title, value: 'none' };
  const rows = 2_500;
  const own = sqlStore(db);
  const made: string[] = [];

  beforeAll(async () => {
    for (let i = 0; i < rows; i++) {
      const user = newUser(`u${String(i).padStart(4, '0')}`, {
        title: `t${String(i % 7)}`,
        emails: [{ value: `u${String(i)}@example.com` }],
      });
      made.push((await own.create(user, ctx())).resource.id);
    }
  });

  /** The statements of a list. */
  async function of(more: Parameters<typeof listQuery>[0]): Promise<readonly string[]> {
    statements.length = 0;
    await own.list(listQuery({ page: index(0, 10), selection: everything, ...more }), ctx());
    return [...statements];
  }

  it('evaluate a filter without an index over 1,000 rows each', async () => {
    const found = await of({ filter: none });
    expect(found.filter((text) => text.includes('json_extract'))).toHaveLength(3);
    expect(found.filter((text) => text.includes('json_extract') && !text.includes('r.id <= ?'))).toEqual([]);
  });

  it('sort by a value without an index in ranges too', async () => {
    const found = await of({ sort: [{ attribute: title, descending: true }] });
    expect(found.filter((text) => text.includes('json_extract'))).toHaveLength(3);
  });

  it('end when the request has ended', async () => {
    const request = new AbortController();
    request.abort(new Error('The request has ended.'));
    statements.length = 0;
    const list = own.list(listQuery({ filter: none }), { ...ctx(), signal: request.signal });
    await expect(list).rejects.toThrow('The request has ended.');
    expect(statements.filter((text) => text.includes('json_extract'))).toEqual([]);
  });

  it('stop at the end of a page by cursor', async () => {
    const found = await of({
      filter: { op: 'eq', attribute: title, value: 't3' },
      page: cursor(10, {}),
    });
    expect(found.filter((text) => text.includes('json_extract'))).toHaveLength(1);
  });

  it('read only what an index finds, where a part of the filter has one', async () => {
    const email = attribute('emails.value', { keys: ['emails', 'value'], multiValued: true });
    const eq: Filter = { op: 'eq', attribute: email, value: 'u7@example.com' };
    statements.length = 0;
    const page = await own.list(listQuery({ filter: { op: 'and', filters: [eq, none] } }), ctx());
    expect(page.totalResults).toBe(0);
    expect(statements).toHaveLength(2);
    statements.length = 0;
    expect((await own.list(listQuery({ filter: eq }), ctx())).resources.map(({ id }) => id)).toEqual([made[7]]);
    expect(statements).toHaveLength(2);
  });

  it('are one where an index decides the filter', async () => {
    const userName = attribute('userName');
    expect(await of({ filter: { op: 'eq', attribute: userName, value: 'u0007' } })).toHaveLength(1);
    expect(
      await of({ filter: { op: 'eq', attribute: attribute('externalId', { caseExact: true }), value: 'x' } }),
    ).toHaveLength(1);
    const both: Filter = { op: 'and', filters: [{ op: 'eq', attribute: userName, value: 'u0007' }, none] };
    expect(await of({ filter: both })).toHaveLength(1);
  });
});

const upgrades: readonly (readonly [name: string, upgrade: (old: Kysely<unknown>) => Promise<void>])[] = [
  ['createScimTables', (old) => createScimTables(old)],
  ['a migration', async (old) => scimMigrations()['express_scim_0004_sizes']?.up(old)],
];

it.each(upgrades)('are possible in a database that was made before rows had a size, by %s', async (_, upgrade) => {
  const { db: old } = sqlite();
  await createScimTables(old);
  for (const table of ['scim_users', 'scim_groups']) {
    await sql`alter table ${sql.table(table)} drop column size`.execute(old);
  }
  const users = sqlStore(old);
  const { resource } = await users.create(newUser('ada', { title: 'Boss' }), ctx());
  const query = listQuery<User>({ filter: { op: 'eq', attribute: attribute('title'), value: 'boss' } });
  await expect(users.list(query, ctx())).rejects.toThrow('size');
  await upgrade(old);
  expect((await users.list(query, ctx())).resources.map(({ id }) => id)).toEqual([resource.id]);
  await old.destroy();
});

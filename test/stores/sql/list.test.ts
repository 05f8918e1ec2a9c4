import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Filter, Page } from '../../../src/contract/filter.js';
import { sql } from '../../../src/database/sql.js';
import type { ListSource } from '../../../src/stores/sql/list-source.js';
import { listRows } from '../../../src/stores/sql/list.js';
import { compileOrder } from '../../../src/stores/sql/order.js';
import { attribute, cursor, index, listQuery, nothing } from '../../../src/testing/requests.js';
import { sqlite } from './sqlite.js';

interface Item {
  readonly title: string;
}

const { db } = sqlite();
const mega = 1024 * 1024;
const large = 40;

beforeAll(async () => {
  await sql`create table items (id integer primary key, title text)`.execute(db);
  await sql`insert into items with recursive n(i) as (select 1 union all select i + 1 from n where i < 600)
    select i, case when i <= ${large} then printf('%.*c', ${mega}, 'x') else 'small' end from n`.execute(db);
});
afterAll(() => db.destroy());

/** The items, of which SQL decides no filter but that of all rows; `read` counts what is read. */
function itemsOf(scanLimit: number): { source: ListSource<Item>; read: () => number } {
  let read = 0;
  const source: ListSource<Item> = {
    db,
    from: sql`items as r`,
    columns: sql`r.id, r.title`,
    visible: sql`1 = 1`,
    where: () => undefined,
    order: (sort) => compileOrder(sort, { dialect: 'sqlite', key: sql`r.id` }, () => ({ value: sql`r.title` })),
    rowsInPart: 5,
    toResource(row) {
      read++;
      const meta = { created: '', lastModified: '', version: '1' };
      return { id: String(row['id']), meta, title: String(row['title']) };
    },
    complete: (resources) => Promise.resolve(resources),
    forEvaluation: (resources) => Promise.resolve(resources),
    scanLimit,
    onScan: () => undefined,
  };
  return { source, read: () => read };
}

const filter: Filter = { op: 'eq', attribute: attribute('title'), value: 'small' };
const tooMany = expect.objectContaining({ scimType: 'tooMany' });

it('reads a page in parts, and refuses an index page before all of its large rows are read', async () => {
  const { source, read } = itemsOf(1_000);
  const query = listQuery<Item>({ page: index(0, 200), selection: nothing });
  await expect(listRows(query, source)).rejects.toEqual(tooMany);
  expect(read()).toBeLessThan(large);
});

it('ends a cursor page early, forwards and backwards, and misses nothing', async () => {
  const { source } = itemsOf(1_000);
  const seen: string[] = [];
  let after: Parameters<typeof cursor>[1] | undefined = {};
  let pages = 0;
  while (after !== undefined) {
    const page: Page<Item> = await listRows(listQuery<Item>({ page: cursor(200, after), selection: nothing }), source);
    seen.push(...page.resources.map(({ id }) => id));
    after = page.next && { after: page.next };
    pages++;
  }
  expect(seen).toEqual(Array.from({ length: 600 }, (_, i) => String(i + 1)));
  expect(pages).toBeGreaterThan(3);
  const back = await listRows(
    listQuery<Item>({ page: cursor(200, { before: [large + 1] }), selection: nothing }),
    source,
  );
  expect(back.resources.at(-1)?.id).toBe(String(large));
  expect(back.resources.length).toBeLessThan(large);
  expect(back.previous).toEqual([Number(back.resources[0]?.id)]);
  expect(back.next).toEqual([large]);
});

it('counts all matches of an index page that starts in the middle', async () => {
  const { source } = itemsOf(1_000);
  const page = await listRows(listQuery<Item>({ page: index(100, 12), selection: nothing }), source);
  expect(page.resources.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, i) => String(101 + i)));
  expect(page.totalResults).toBe(600);
});

it('keeps only the matches of a scan, and reads no more than scanLimit', async () => {
  const { source } = itemsOf(600);
  const matches = ({ title }: Item): boolean => title === 'small';
  const query = { ...listQuery<Item>({ page: index(0, 3), selection: nothing, filter }), matches };
  const page = await listRows(query, source);
  expect(page.totalResults).toBe(600 - large);
  expect(page.resources.map(({ id }) => id)).toEqual(['100', '101', '102']);
  const few = itemsOf(500);
  await expect(listRows(query, few.source)).rejects.toEqual(tooMany);
});

it('refuses a scan whose matches take too many bytes before it has read all', async () => {
  const { source, read } = itemsOf(1_000);
  const query = { ...listQuery<Item>({ page: index(0, 3), selection: nothing, filter }), matches: () => true };
  await expect(listRows(query, source)).rejects.toEqual(tooMany);
  expect(read()).toBeLessThan(large);
});

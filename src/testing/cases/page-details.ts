import type { Filter, Page, PageRequest, Position, SortKey } from '../../contract/filter.js';
import type { Group, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { attribute, cursor, index, listQuery, newGroup, newUser } from '../requests.js';
import { type CaseRow, casesOf } from '../store-case.js';
import { active, createUsers, keysOf, numbers } from './listed-users.js';

const why = 'A client that reads all pages gets some users twice and others never.';
const idsOf = (page: Page<object>): readonly string[] => page.resources.map(({ id }) => id);
const time = (name: 'created' | 'lastModified'): SortKey['attribute'] =>
  attribute(`meta.${name}`, { type: 'dateTime' });

/** A cursor as the next request has it: JSON, written and read again. */
function sent(position: Position | undefined): Position | undefined {
  return position === undefined ? undefined : (JSON.parse(JSON.stringify(position)) as Position);
}

/** Reads all pages by cursor, whose positions go through JSON. */
async function walk(
  t: CaseContext,
  sort: readonly SortKey[],
  limit: number,
  filter?: Filter,
): Promise<readonly string[]> {
  const read: string[] = [];
  let after: Position | undefined;
  for (let i = 0; i === 0 || after !== undefined; i++) {
    t.ok(i < 40, 'the cursor pages do not end');
    const page = await t.store.list(
      listQuery<User>({ sort, page: cursor(limit, after && { after }), ...(filter && { filter }) }),
      t.ctx(),
    );
    read.push(...idsOf(page));
    after = sent(page.next);
  }
  return read;
}

const mixed: readonly (readonly [id: string, what: string, keys: (t: CaseContext) => readonly SortKey[]])[] = [
  [
    'mixed',
    'by a text upward and a boolean downward',
    (t) => [...keysOf(t, 'ascending'), { attribute: active, descending: true }],
  ],
  [
    'mixed-down',
    'by a text downward and a boolean upward',
    (t) => [...keysOf(t, 'descending'), { attribute: active, descending: false }],
  ],
  [
    'two-up',
    'by a boolean and a text upward',
    (t) => [{ attribute: active, descending: false }, ...keysOf(t, 'ascending')],
  ],
];

export const pageDetailCases = casesOf('pages', why, [
  [
    'large',
    'a page has as many users as the limit allows, and an exact total: 230 of 230, and 200 of 230',
    async (t) => {
      for (let i = 0; i < 230; i += 46) {
        await Promise.all(
          Array.from({ length: 46 }, async (_, n) => t.store.create(newUser(`user${String(i + n)}`), t.ctx())),
        );
      }
      for (const [limit, length] of [
        [1_000, 230],
        [200, 200],
      ] as const) {
        const page = await t.store.list(listQuery<User>({ page: index(0, limit) }), t.ctx());
        t.same(
          [page.totalResults, page.resources.length],
          [230, length],
          `total and length with limit ${String(limit)}`,
        );
      }
      if (t.store.supports?.cursor === false) return;
      const page = await t.store.list(listQuery<User>({ page: cursor(200) }), t.ctx());
      t.same(
        [page.resources.length, page.next !== undefined],
        [200, true],
        'length of a page by cursor, and whether it has a next',
      );
    },
  ],
  [
    'large-groups',
    'a page has as many groups as the limit allows: 60 of 60',
    async (t) => {
      await Promise.all(
        Array.from({ length: 60 }, async (_, n) => t.groups.create(newGroup(`Crew ${String(n)}`), t.ctx())),
      );
      const page = await t.groups.list(listQuery<Group>({ page: index(0, 200) }), t.ctx());
      t.same([page.totalResults, page.resources.length], [60, 60], 'total and length of the page');
    },
    ['groups'],
  ],
  [
    'offset',
    'an index page begins at its offset, whatever its limit is',
    async (t) => {
      await createUsers(t);
      const whole = numbers((await t.store.list(listQuery<User>(), t.ctx())).resources);
      for (const [offset, limit] of [
        [1, 10],
        [3, 4],
        [7, 2],
        [24, 9],
        [5, 1],
      ] as const) {
        const page = await t.store.list(listQuery<User>({ page: index(offset, limit) }), t.ctx());
        const what = `the users from offset ${String(offset)} with limit ${String(limit)}`;
        t.same(numbers(page.resources), whole.slice(offset, offset + limit), what);
      }
    },
  ],
  [
    'cursor-again',
    'a cursor can be read twice, as a client does that has lost the response, and after later ones',
    async (t) => {
      await createUsers(t);
      const read = async (page: PageRequest): Promise<Page<User>> => t.store.list(listQuery<User>({ page }), t.ctx());
      const first = await read(cursor(5));
      const after = sent(first.next);
      if (after === undefined) return t.ok(false, 'the first page has no next');
      t.same(first.resources.length, 5, 'the length of the first page');
      const second = await read(cursor(5, { after }));
      const third = await read(cursor(5, { after: sent(second.next) ?? [] }));
      t.same(idsOf(await read(cursor(5, { after }))), idsOf(second), 'the second page, read again');
      t.same(idsOf(await read(cursor(5))), idsOf(first), 'the first page, read again');
      t.same(
        idsOf(await read(cursor(5, { after: sent(second.next) ?? [] }))),
        idsOf(third),
        'the third page, read again',
      );
      t.same(idsOf(await read(cursor(10, { after }))), [...idsOf(second), ...idsOf(third)], 'a page of another length');
    },
    ['cursor'],
  ],
  [
    'cursor-json',
    'the values of next and previous are texts, finite numbers, booleans or null: they are sent to the client and come back',
    async (t) => {
      await createUsers(t);
      const sorts = t.store.supports?.sort === false ? [[]] : [[], keysOf(t, 'ascending')];
      for (const sort of sorts) {
        const first = await t.store.list(listQuery<User>({ sort, page: cursor(4) }), t.ctx());
        const after = first.next;
        t.ok(after !== undefined, 'the first page has no next');
        t.same(first.resources.length, 4, 'the length of the first page');
        const second = await t.store.list(listQuery<User>({ sort, page: cursor(4, after && { after }) }), t.ctx());
        for (const position of [first.next, second.next, second.previous]) {
          for (const value of (position ?? []) as readonly unknown[]) {
            const isJson =
              value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
            const name = Object.prototype.toString.call(value).slice(8, -1);
            t.ok(isJson, `a position contains a value that JSON does not keep (${name})`);
          }
        }
      }
    },
    ['cursor'],
  ],
  [
    'cursor-total',
    'totalResults of a page by cursor, where there is one, is the number of all matches on every page',
    async (t) => {
      await createUsers(t);
      const filter: Filter = { op: 'eq', attribute: active, value: true };
      const filters = t.store.supports?.filter === 'equals' ? [undefined] : [undefined, filter];
      for (const each of filters) {
        const total = each === undefined ? 25 : 13;
        let after: Position | undefined;
        for (let i = 0; i === 0 || after !== undefined; i++) {
          t.ok(i < 10, 'the cursor pages do not end');
          const page = await t.store.list(
            listQuery<User>({ page: cursor(6, after && { after }), ...(each && { filter: each }) }),
            t.ctx(),
          );
          t.same(page.totalResults ?? total, total, `totalResults of page ${String(i + 1)}`);
          after = sent(page.next);
        }
      }
    },
    ['cursor'],
  ],
  ...mixed.map(([id, what, keys]): CaseRow => [
    `cursor-${id}`,
    `cursor pages contain every user once, in the order of the index page, where they are sorted ${what}`,
    async (t) => {
      await createUsers(t);
      const sort = keys(t);
      const whole = idsOf(await t.store.list(listQuery<User>({ sort }), t.ctx()));
      t.same(await walk(t, sort, 4), whole, 'the ids of the cursor pages');
      t.same(await walk(t, sort, 1), whole, 'the ids of cursor pages of one user');
    },
    ['cursor', 'sort'],
  ]),
  ...(['created', 'lastModified'] as const).map((name): CaseRow => [
    `cursor-${name}`,
    `cursor pages contain every user once, where they are sorted by meta.${name}, whose times may be equal`,
    async (t) => {
      for (let i = 0; i < 12; i++) {
        await t.user(`user${String(i)}`);
        if (i % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 3));
      }
      for (const descending of [false, true]) {
        const sort = [{ attribute: time(name), descending }];
        const whole = idsOf(await t.store.list(listQuery<User>({ sort }), t.ctx()));
        t.same(await walk(t, sort, 3), whole, 'the ids of the cursor pages');
      }
    },
    ['cursor', 'sort'],
  ]),
]);

import type { Filter, Page, PageRequest, Position, SortKey } from '../../contract/filter.js';
import type { Group, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { cursor, index, listQuery, newUser, removal } from '../requests.js';
import { type CaseRow, casesOf } from '../store-case.js';
import { active, createUsers, keysOf, numbers } from './listed-users.js';

const isActive: Filter = { op: 'eq', attribute: active, value: true };

export const pageCases = casesOf('pages', 'A client that reads all pages gets some users twice and others never.', [
  ...(['none', 'ascending', 'descending'] as const).map((direction, i): CaseRow => [
    `whole-${String(i)}`,
    `index pages contain every user once, in one order (${i === 0 ? 'no key' : direction})`,
    async (t) => {
      await createUsers(t);
      const sort = keysOf(t, direction);
      const whole = numbers((await t.store.list(listQuery<User>({ sort }), t.ctx())).resources);
      t.same(new Set(whole).size, 25, 'the number of users');
      const pages: number[] = [];
      for (let offset = 0; offset < 30; offset += 7) {
        const page = await t.store.list(listQuery<User>({ sort, page: index(offset, 7) }), t.ctx());
        t.same(page.totalResults, 25, 'totalResults');
        pages.push(...numbers(page.resources));
      }
      t.same(pages, whole, 'all index pages');
    },
    i === 0 ? [] : ['sort'],
  ]),
  [
    'count-only',
    'a limit of 0 and an offset beyond the end return no resources and the exact total',
    async (t) => {
      await createUsers(t);
      for (const page of [index(3, 0), index(0, 0), index(25, 5), index(99, 5)]) {
        const response = await t.store.list(listQuery<User>({ page }), t.ctx());
        t.same([response.totalResults, response.resources], [25, []], 'total and resources');
      }
    },
  ],
  [
    'filtered',
    'totalResults counts the matches of the filter',
    async (t) => {
      await createUsers(t);
      const filter = isActive;
      const page = await t.store.list(listQuery<User>({ filter, page: index(10, 10) }), t.ctx());
      t.same([page.totalResults, page.resources.length], [13, 3], 'total and length of the second page');
    },
    ['filter'],
  ],
  [
    'groups',
    'pages of groups, by index and by cursor, contain each group once',
    async (t) => {
      const made: string[] = [];
      for (let i = 0; i < 9; i++) made.push((await t.group(`Crew ${String(i)}`)).id);
      const ids = (page: Page<Group>): string[] => page.resources.map(({ id }) => id);
      const whole = ids(await t.groups.list(listQuery<Group>(), t.ctx()));
      t.same([...whole].sort(), made.sort(), 'the ids of all groups');
      for (let offset = 0; offset < 9; offset += 4) {
        const page = await t.groups.list(listQuery<Group>({ page: index(offset, 4) }), t.ctx());
        t.same([page.totalResults, ids(page)], [9, whole.slice(offset, offset + 4)], 'total and ids of a page');
      }
      if (t.store.supports?.cursor === false) return;
      const read: string[] = [];
      for (let after: Position | undefined, i = 0; i === 0 || after !== undefined; i++) {
        t.ok(i < 10, 'the cursor pages do not end');
        const page = await t.groups.list(listQuery<Group>({ page: cursor(4, after && { after }) }), t.ctx());
        read.push(...ids(page));
        after = page.next;
      }
      t.same(read, whole, 'the cursor pages');
    },
    ['groups'],
  ],
  [
    'empty',
    'an empty store returns an empty page with a total of 0',
    async (t) => {
      t.same(
        await t.store.list(listQuery<User>({ page: index(0, 10) }), t.ctx()),
        { totalResults: 0, resources: [] },
        'the page',
      );
    },
  ],
  ...(['none', 'ascending', 'descending'] as const).map((direction, i): CaseRow => [
    `cursor-${String(i)}`,
    `cursor pages contain every user once, while others are created and deleted (${i === 0 ? 'no key' : direction})`,
    (t) => readByCursor(t, keysOf(t, direction), undefined),
    i === 0 ? ['cursor'] : ['cursor', 'sort'],
  ]),
  ...(['none', 'ascending', 'descending'] as const).map((direction, i): CaseRow => [
    `cursor-backward-${String(i)}`,
    `cursor pages read backward are those that were read forward (${i === 0 ? 'no key' : direction})`,
    (t) => readBackward(t, keysOf(t, direction)),
    i === 0 ? ['cursorBackward'] : ['cursorBackward', 'sort'],
  ]),
  ['cursor-filtered', 'cursor pages respect the filter', (t) => readByCursor(t, [], isActive), ['cursor', 'filter']],
  [
    'cursor-deleted',
    'a cursor stays valid when the user at its position is deleted',
    async (t) => {
      await createUsers(t);
      const whole = numbers((await t.store.list(listQuery<User>(), t.ctx())).resources);
      t.same(whole.length, 25, 'the number of users');
      const first = await t.store.list(listQuery<User>({ page: cursor(5) }), t.ctx());
      await t.store.delete(String(first.resources[4]?.id), removal(), t.ctx());
      const second = await t.store.list(
        listQuery<User>({ page: cursor(5, first.next && { after: first.next }) }),
        t.ctx(),
      );
      t.same(numbers(second.resources), whole.slice(5, 10), 'the second page');
    },
    ['cursor'],
  ],
  [
    'cursor-ends',
    'the first page has no previous and the last has no next',
    async (t) => {
      await t.users(4);
      const whole = await t.store.list(listQuery<User>({ page: cursor(4) }), t.ctx());
      t.same([whole.next, whole.previous], [undefined, undefined], 'next and previous of a page with everybody');
    },
    ['cursor'],
  ],
]);

async function readByCursor(t: CaseContext, sort: readonly SortKey[], filter: Filter | undefined): Promise<void> {
  await createUsers(t);
  const ask = async (page: PageRequest): Promise<Page<User>> =>
    t.store.list(listQuery<User>({ sort, page, ...(filter && { filter }) }), t.ctx());
  const whole = numbers((await ask(index(0, 100))).resources);
  const read: number[] = [];
  let after: Position | undefined;
  for (let i = 0; i === 0 || after !== undefined; i++) {
    t.ok(i < 10, 'the cursor pages do not end');
    const page = await ask(cursor(4, after && { after }));
    read.push(...numbers(page.resources));
    after = page.next;
    // A user who is created and deleted must not shift others to another page.
    const { id } = (await t.store.create(newUser(`passer${String(i)}`), t.ctx())).resource;
    await t.store.delete(id, removal(), t.ctx());
  }
  t.same(read, whole, 'the cursor pages');
}

async function readBackward(t: CaseContext, sort: readonly SortKey[]): Promise<void> {
  await createUsers(t);
  const ask = async (page: PageRequest): Promise<Page<User>> => t.store.list(listQuery<User>({ sort, page }), t.ctx());
  const pages: number[][] = [];
  let after: Position | undefined;
  let previous: Position | undefined;
  for (let i = 0; i === 0 || after !== undefined; i++) {
    t.ok(i < 10, 'the cursor pages do not end');
    const page = await ask(cursor(4, after && { after }));
    pages.push(numbers(page.resources));
    t.ok(
      (page.previous === undefined) === (i === 0),
      `page ${String(i + 1)} has ${page.previous === undefined ? 'no' : 'a'} previous`,
    );
    after = page.next;
    previous = page.previous;
  }
  for (const expected of pages.slice(0, -1).reverse()) {
    const page = await ask(cursor(4, previous && { before: previous }));
    t.same(numbers(page.resources), expected, 'a page read backward');
    t.ok(page.next !== undefined, 'a page read backward has no next');
    previous = page.previous;
  }
  t.same(previous, undefined, 'previous of the first page');
}

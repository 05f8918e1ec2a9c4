import type { Filter, Page, PageRequest, Position, SortKey } from '../../contract/filter.js';
import type { Group, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { attribute, change, cursor, index, listQuery, newGroup, newUser, removal } from '../requests.js';
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

export const orderDetailCases = casesOf('order', why, [
  [
    'times',
    'users are sorted by meta.created and by meta.lastModified, which differ after a change',
    async (t) => {
      const ids: string[] = [];
      const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 4));
      for (const name of ['c', 'a', 'b']) {
        ids.push((await t.user(name)).id);
        await pause();
      }
      const [first = ''] = ids;
      await t.store.update(first, change<User>({ set: { userName: 'z' } }), t.ctx());
      for (const name of ['created', 'lastModified'] as const) {
        for (const descending of [false, true]) {
          const { resources } = await t.store.list(
            listQuery<User>({ sort: [{ attribute: time(name), descending }] }),
            t.ctx(),
          );
          if (resources.some(({ meta }) => meta[name] === undefined)) return t.skip(`the store has no ${name}`);
          const times = resources.map(({ meta }) => new Date(meta[name] ?? 0).getTime());
          const sorted = [...times].sort((a, b) => (descending ? b - a : a - b));
          t.same(times, sorted, `the times of users sorted by meta.${name}`);
          // Times of whole seconds may all be equal.
          if (new Set(times).size < 3) continue;
          const [a, b, c] = ids;
          const expected = name === 'created' ? [a, b, c] : [b, c, a];
          t.same(idsOf({ resources }), descending ? expected.reverse() : expected, `the ids sorted by meta.${name}`);
        }
      }
    },
    ['sort'],
  ],
  [
    'primary',
    'users are sorted by the primary value of a multi-valued attribute, or by the first where none is primary',
    async (t) => {
      const primary = { primary: true };
      const emails: Readonly<Record<string, User['emails']>> = {
        second: [
          { value: 'a@x', type: 'work' },
          { value: 'm@x', type: 'home', ...primary },
        ],
        third: [
          { value: 'n@x', type: 'work', ...primary },
          { value: 'b@x', type: 'home' },
        ],
        first: [
          { value: 'C@x', type: 'work' },
          { value: 'a@x', type: 'home' },
        ],
        last: undefined,
      };
      for (const [name, value] of Object.entries(emails))
        await t.user(name, value === undefined ? {} : { emails: value });
      const sortBy = { ...attribute('emails.value'), multiValued: true };
      for (const descending of [false, true]) {
        const { resources } = await t.store.list(
          listQuery<User>({ sort: [{ attribute: sortBy, descending }] }),
          t.ctx(),
        );
        const expected = ['first', 'second', 'third', 'last'];
        t.same(
          resources.map(({ userName }) => userName),
          descending ? expected.reverse() : expected,
          'the order by emails.value',
        );
      }
    },
    ['sort', 'attribute:emails', 'attribute:emails.primary'],
  ],
  [
    'mixed',
    'each sort key has a direction of its own',
    async (t) => {
      const [text] = keysOf(t, 'ascending');
      if (text === undefined) return;
      await createUsers(t);
      const sort: readonly SortKey[] = [
        { attribute: active, descending: false },
        { ...text, descending: true },
      ];
      const { resources } = await t.store.list(listQuery<User>({ sort }), t.ctx());
      const all = listQuery<User>({ sort });
      const expected = [...resources].sort((a, b) => all.compare(a, b));
      t.same(
        resources.map((user) => user.active),
        expected.map((user) => user.active),
        'the order by active',
      );
      const ofHalf = (isActive: boolean) =>
        numbers(resources.filter((user) => user.active === isActive)).map((i) => (i % 5 === 4 ? null : i % 3));
      for (const half of [ofHalf(false), ofHalf(true)]) {
        const values = half.filter((value) => value !== null);
        t.same(
          values,
          [...values].sort((a, b) => b - a),
          'the order of the second key, descending',
        );
        const missing = half.length - values.length;
        t.same(
          half.slice(0, missing),
          Array.from({ length: missing }, () => null),
          'the first of each half, who have no value',
        );
      }
    },
    ['sort', 'attribute:active'],
  ],
  [
    'digits',
    'texts of digits are sorted as texts: 10 comes before 9',
    async (t) => {
      const names = ['9', '10', '100', '1', '2'];
      for (const name of names) await t.user(`user${name}`, t.text.of(name));
      const sort = [{ attribute: t.text.ref, descending: false }];
      const { resources } = await t.store.list(listQuery<User>({ sort }), t.ctx());
      t.same(
        resources.map(({ userName }) => userName.slice(4)),
        [...names].sort(),
        `the order by ${t.text.ref.path}`,
      );
    },
    ['sort'],
  ],
  [
    'deleted',
    'a deletion does not change the order of the others',
    async (t) => {
      const ids = await t.users(6);
      const before = idsOf(await t.store.list(listQuery<User>(), t.ctx()));
      await t.store.delete(ids[2] ?? '', removal(), t.ctx());
      const after = idsOf(await t.store.list(listQuery<User>(), t.ctx()));
      t.same(
        after,
        before.filter((id) => id !== ids[2]),
        'the ids after a deletion',
      );
    },
  ],
]);

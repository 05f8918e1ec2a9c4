import type { Page, SortKey } from '../../contract/filter.js';
import type { User } from '../../contract/resource.js';
import { attribute, change, listQuery, removal } from '../requests.js';
import { casesOf } from '../store-case.js';
import { active, createUsers, keysOf, numbers } from './listed-users.js';

const why = 'A client that reads all pages gets some users twice and others never.';
const idsOf = (page: Page<object>): readonly string[] => page.resources.map(({ id }) => id);
const time = (name: 'created' | 'lastModified'): SortKey['attribute'] =>
  attribute(`meta.${name}`, { type: 'dateTime' });

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

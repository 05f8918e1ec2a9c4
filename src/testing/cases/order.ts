import type { SortKey } from '../../contract/filter.js';
import type { User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { attribute, change, index, listQuery } from '../requests.js';
import { casesOf } from '../store-case.js';
import { createUsers, type Direction, keysOf, numbers, numbersBelow, sortTextOf } from './listed-users.js';

export const orderCases = casesOf('order', 'A client that reads all pages gets some users twice and others never.', [
  ['ascending', 'ascending order puts users without a value last', (t) => ordered(t, 'ascending'), ['sort']],
  ['descending', 'descending order puts users without a value first', (t) => ordered(t, 'descending'), ['sort']],
  [
    'reversed',
    'descending order is the exact reverse of ascending order, tie-breaker included',
    async (t) => {
      await createUsers(t);
      const up = (await t.store.list(listQuery<User>({ sort: keysOf(t, 'ascending') }), t.ctx())).resources.map(
        ({ id }) => id,
      );
      const down = (await t.store.list(listQuery<User>({ sort: keysOf(t, 'descending') }), t.ctx())).resources.map(
        ({ id }) => id,
      );
      t.same(down.reverse(), up, 'the reversed descending order');
    },
    ['sort'],
  ],
  [
    'two-keys',
    'a second sort key orders users with equal first keys',
    async (t) => {
      await createUsers(t);
      const sort: SortKey[] = [
        { attribute: attribute('active', { type: 'boolean' }), descending: true },
        { attribute: attribute('userName'), descending: false },
      ];
      const page = await t.store.list(listQuery<User>({ sort }), t.ctx());
      const expected = [...numbersBelow(25, (i) => i % 2 === 0), ...numbersBelow(25, (i) => i % 2 === 1)];
      const text = (half: number[]): number[] =>
        half.sort((a, b) => (`user${String(a)}` < `user${String(b)}` ? -1 : 1));
      t.same(numbers(page.resources), [...text(expected.slice(0, 13)), ...text(expected.slice(13))], 'the order');
    },
    ['sort'],
  ],
  [
    'stable',
    'without a sort key the order is stable, also when users change',
    async (t) => {
      await createUsers(t);
      const first = numbers((await t.store.list(listQuery<User>(), t.ctx())).resources);
      for (const { id } of (await t.store.list(listQuery<User>({ page: index(0, 5) }), t.ctx())).resources) {
        await t.store.update(id, change<User>({ set: t.text.of('changed') }), t.ctx());
      }
      t.same(
        numbers((await t.store.list(listQuery<User>(), t.ctx())).resources),
        first,
        'the order of the second call',
      );
    },
  ],
]);

async function ordered(t: CaseContext, direction: Direction): Promise<void> {
  await createUsers(t);
  const sort = keysOf(t, direction);
  const { resources } = await t.store.list(listQuery<User>({ sort }), t.ctx());
  const values = numbers(resources).map((i) => sortTextOf(i) ?? null);
  const there = values.filter((value) => value !== null).sort();
  const none = values.filter((value) => value === null);
  t.same(there.length, 20, 'the number of users with a value');
  const expected = direction === 'descending' ? [...none, ...there.reverse()] : [...there, ...none];
  t.same(values, expected, `the order of ${sort[0]?.attribute.path ?? ''}`);
}

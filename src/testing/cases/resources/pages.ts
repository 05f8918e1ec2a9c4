import type { Attributes } from '../../../contract/attribute.js';
import type { Filter, Page, PageRequest, Position, SortKey } from '../../../contract/filter.js';
import type { Checks } from '../../checks.js';
import { cursor, index } from '../../requests.js';
import { casesOf, type CaseRow, type RunnableCase } from '../../store-case.js';
import { condition, type Kind, type Subject, valueAt, withText } from './kind.js';

/** How many resources the cases read, and how many pages of four these are. */
const count = 11;
const pageSize = 4;

/** Order and pages of a resource type. */
export function resourcePageCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  const directions = ['none', 'ascending', 'descending'] as const;
  return casesOf<T>(`${prefix}-pages`, `A client that reads all pages gets a ${noun} twice and another one never.`, [
    ...(['ascending', 'descending'] as const).map((direction): CaseRow<T> => [
      `order-${direction}`,
      `${direction} order of a ${noun} by each text, with those without one ${direction === 'ascending' ? 'last' : 'first'}`,
      (t) => ordered(t, kind.subject(t), direction === 'descending'),
      [...needs, 'sort', 'exactText'],
    ]),
    ...directions.map((direction): CaseRow<T> => [
      `index-${direction}`,
      `index pages contain each ${noun} once, in one order, with the exact total (order: ${direction})`,
      async (t) => {
        const s = kind.subject(t);
        const sort = sortOf(t, s, direction);
        await s.addMany(count);
        const whole = await s.ids({ sort });
        t.same(new Set(whole).size, count, 'the number of ids');
        const read: string[] = [];
        for (let offset = 0; offset < count + pageSize; offset += pageSize) {
          const page = await s.list({ sort, page: index(offset, pageSize) });
          t.same(page.totalResults, count, 'totalResults');
          read.push(...page.resources.map(({ id }) => id));
        }
        t.same(read, whole, 'the ids of all pages');
        for (const page of [index(0, 0), index(count, 5), index(99, 5)]) {
          const found = await s.list({ sort, page });
          t.same([found.totalResults, found.resources], [count, []], 'total and resources of an empty page');
        }
      },
      direction === 'none' ? needs : [...needs, 'sort'],
    ]),
    ...directions.map((direction): CaseRow<T> => [
      `cursor-${direction}`,
      `cursor pages contain each ${noun} once, forward and backward, while others come and go (order: ${direction})`,
      (t) => walked(t, kind.subject(t), (s) => sortOf(t, s, direction), undefined),
      direction === 'none' ? [...needs, 'cursor'] : [...needs, 'cursor', 'sort'],
    ]),
    [
      'cursor-filtered',
      `cursor pages of a ${noun} respect the filter`,
      async (t) => {
        const s = kind.subject(t);
        const [text] = s.needTexts(1);
        if (text !== undefined)
          await walked(t, s, () => [], {
            op: 'not',
            filter: condition('eq', text, String(valueAt(s.example(3), text))),
          });
      },
      [...needs, 'cursor', 'filter'],
    ],
    [
      'cursor-filtered-order',
      `cursor pages of a ${noun} respect filter and order together`,
      async (t) => {
        const s = kind.subject(t);
        const [text] = s.needTexts(1);
        if (text === undefined) return;
        const filter: Filter = {
          op: 'not',
          filter: condition('eq', text, String(valueAt(s.example(3), text))),
        };
        await walked(t, s, () => [{ attribute: text, descending: true }], filter);
      },
      [...needs, 'cursor', 'filter', 'sort'],
    ],
    [
      'cursor-deleted',
      `a cursor stays valid when the ${noun} at its position, or one before it, is deleted: no other is left out or repeated`,
      async (t) => {
        const s = kind.subject(t);
        await s.addMany(count);
        const whole = await s.ids();
        const first = await s.list({ page: cursor(pageSize) });
        await s.remove(first.resources[0]?.id ?? '');
        await s.remove(first.resources[pageSize - 1]?.id ?? '');
        const second = await s.list({ page: cursor(pageSize, first.next && { after: first.next }) });
        t.same(
          second.resources.map(({ id }) => id),
          whole.slice(pageSize, 2 * pageSize),
          'the ids of the second page',
        );
      },
      [...needs, 'cursor'],
    ],
  ]);
}

function sortOf(t: Checks, s: Subject, direction: 'none' | 'ascending' | 'descending'): readonly SortKey[] {
  if (direction === 'none') return [];
  const [attribute] = s.texts;
  return attribute === undefined
    ? t.skip('the store keeps no text to sort by')
    : [{ attribute, descending: direction === 'descending' }];
}

/** Sorts by each text attribute, whose values repeat in another letter case. */
async function ordered(t: Checks, s: Subject, descending: boolean): Promise<void> {
  for (const attribute of s.needTexts(1)) {
    const [top = ''] = attribute.keys;
    const isUnique = s.unique.some(({ path }) => path === attribute.path);
    const values = isUnique ? ['b', 'a', 'd', 'c'] : ['b', 'a', 'B', 'A', 'c', 'b'];
    for (const [n, value] of values.entries()) await s.add(n, withText(s.example(n), attribute, value));
    const isOptional = s.optional.includes(top);
    if (isOptional) {
      const { [top]: _, ...rest } = s.example(values.length);
      await s.add(values.length, rest);
    }
    const { resources } = await s.list({ sort: [{ attribute, descending }] });
    const form = (text: string): string => (attribute.caseExact ? text : text.toLowerCase());
    const found = resources.map((each) => {
      const value = valueAt(each, attribute);
      return typeof value === 'string' ? form(value) : null;
    });
    const sorted = values.map(form).sort();
    const there = descending ? sorted.reverse() : sorted;
    const none = isOptional ? [null] : [];
    t.same(found, descending ? [...none, ...there] : [...there, ...none], `the order of ${attribute.path}`);
    for (const { id } of resources) await s.remove(id);
  }
}

async function walked(
  t: Checks,
  s: Subject,
  sortBy: (s: Subject) => readonly SortKey[],
  filter: Filter | undefined,
): Promise<void> {
  const sort = sortBy(s);
  await s.addMany(count);
  const list = (page: PageRequest): PromiseLike<Page<Attributes>> | Page<Attributes> =>
    s.list({ sort, page, ...(filter && { filter }) });
  const idsOf = (page: Page<Attributes>): readonly string[] => page.resources.map(({ id }) => id);
  const whole = idsOf(await list(index(0, 100)));
  t.same(whole.length, filter === undefined ? count : count - 1, 'the number of matches');
  const pages: (readonly string[])[] = [];
  let after: Position | undefined;
  let previous: Position | undefined;
  for (let i = 0; i === 0 || after !== undefined; i++) {
    t.ok(i <= Math.ceil(count / pageSize), 'the cursor pages do not end');
    const page = await list(cursor(pageSize, after && { after }));
    pages.push(idsOf(page));
    t.ok(page.next === undefined || Array.isArray(page.next), 'next is no list of values');
    ({ next: after, previous } = page);
    // What is created and deleted in between must not move others to another page.
    await s.remove((await s.add(50 + i)).id);
  }
  t.same(pages.flat(), whole, 'the ids of all cursor pages');
  // A store that pages forward only has no previous.
  if (s.store.supports?.cursor === 'forward') return;
  for (const expected of pages.slice(0, -1).reverse()) {
    t.ok(previous !== undefined, 'a page behind the first has no previous');
    const page = await list(cursor(pageSize, previous && { before: previous }));
    t.same(idsOf(page), expected, 'the ids of a page read backward');
    ({ previous } = page);
  }
  t.same(previous, undefined, 'previous of the first page');
}

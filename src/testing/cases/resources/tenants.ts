import type { AttributeRef, Attributes } from '../../../contract/attribute.js';
import type { Filter } from '../../../contract/filter.js';
import type { Stored } from '../../../contract/resource.js';
import type { Checks } from '../../checks.js';
import { attribute, cursor, index } from '../../requests.js';
import { casesOf, type CaseRow, type RunnableCase } from '../../store-case.js';
import { condition, type Kind, type Subject, valueAt } from './kind.js';

/** Every lookup and every write of one tenant treats the resources of another like unknown ones. */
export function tenantCases<T extends Checks>(kind: Kind<T>, lookups: readonly string[]): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  const withTenants = [...needs, 'tenants'] as const;
  return casesOf<T>(`${prefix}-tenants`, `Otherwise one tenant sees or changes a ${noun} of another.`, [
    [
      'get',
      `get, update and delete treat a ${noun} of another tenant like an unknown one, and change nothing`,
      async (t) => {
        const s = kind.subject(t);
        const theirs = await s.add(1, s.example(1), 'other');
        t.same(await s.read(theirs.id), undefined, 'what get returns');
        t.same(await s.update(theirs.id, s.example(2)), undefined, 'what update returns');
        const withVersion = { ifVersion: theirs.meta.version };
        t.same(await s.update(theirs.id, s.example(2), withVersion), undefined, 'what update with a version returns');
        t.same(await s.update(theirs.id, {}, { unset: s.optional }), undefined, 'what an unset returns');
        t.same(await s.remove(theirs.id), false, `whether delete found the ${noun}`);
        t.same(
          await s.remove(theirs.id, theirs.meta.version),
          false,
          `whether delete with a version found the ${noun}`,
        );
        t.same(await s.read(theirs.id, 'other'), theirs, `the ${noun} of the other tenant`);
      },
      withTenants,
    ],
    [
      'list',
      `a list, a count and a page by cursor contain no ${noun} of another tenant`,
      (t) => listed(t, kind),
      withTenants,
    ],
    ...lookups.map((path): CaseRow<T> => [
      `eq-${path.split(':').at(-1) ?? path}`,
      `${path} eq finds no ${noun} of another tenant, whatever else the filter, the order and the page are`,
      async (t) => {
        const s = kind.subject(t);
        const theirs = await s.add(1, s.example(1), 'other');
        const mine = await s.add(2);
        const ref = refOf(kind, path);
        const value = ref.path === 'id' ? theirs.id : valueAt(s.example(1), ref);
        if (typeof value !== 'string') return t.skip(`the store does not keep ${path}`);
        await findsNothing(t, s, condition('eq', ref, value), mine, `${path} eq a value of another tenant`);
      },
      withTenants,
    ]),
    [
      'names-of',
      `namesOf returns no name of a ${noun} of another tenant`,
      async (t) => {
        const s = kind.subject(t);
        const theirs = await s.add(1, s.example(1), 'other');
        const mine = await s.add(2);
        for (const ids of [[theirs.id], [mine.id, theirs.id], [theirs.id, mine.id]]) {
          const names = await s.store.namesOf?.(ids, s.ctx());
          t.ok(names?.has(theirs.id) !== true, `namesOf returns the name of a ${noun} of another tenant`);
        }
      },
      withTenants,
    ],
    [
      'writes-stay',
      `writes of one tenant change no ${noun} of another, where both have the same values`,
      async (t) => {
        const s = kind.subject(t);
        const theirs = await s.add(1, s.example(1), 'other');
        const mine = await s.add(1);
        t.ok(mine.id !== theirs.id, 'both tenants have one id');
        await s.update(mine.id, s.example(2));
        await s.update(mine.id, {}, { unset: s.optional });
        await s.remove(mine.id);
        t.same(await s.read(theirs.id, 'other'), theirs, `the ${noun} of the other tenant`);
        t.same(await s.ids({}, 'other'), [theirs.id], `the ids of the other tenant`);
      },
      withTenants,
    ],
  ]);
}

async function listed<T extends Checks>(t: T, kind: Kind<T>): Promise<void> {
  const s = kind.subject(t);
  for (let n = 1; n <= 3; n++) await s.add(n, s.example(n), 'other');
  const empty = await s.list();
  t.same([empty.totalResults, empty.resources], [0, []], 'what a tenant without resources finds');
  const count = await s.list({ page: index(0, 0) });
  t.same(count.totalResults, 0, 'the total that a tenant without resources counts');
  const mine = await s.add(4);
  const page = await s.list();
  t.same([page.totalResults, page.resources.map(({ id }) => id)], [1, [mine.id]], 'total and ids of a tenant with one');
  const [text] = s.texts;
  if (s.store.supports?.sort !== false && text !== undefined) {
    t.same(await s.ids({ sort: [{ attribute: text, descending: false }] }), [mine.id], 'the ids in an order');
  }
  if (s.store.supports?.cursor !== false) {
    const first = await s.list({ page: cursor(1) });
    t.same(
      first.resources.map(({ id }) => id),
      [mine.id],
      'the ids of the first page by cursor',
    );
    t.same(first.next, undefined, 'next of the only page');
    const theirs = await s.list({ page: cursor(1) }, 'other');
    // The library passes no cursor of another tenant; a position is no secret, so it must not open one either.
    const after = await s.list({ page: cursor(5, theirs.next && { after: theirs.next }) });
    t.same(
      after.resources.filter(({ id }) => id !== mine.id),
      [],
      'resources of another tenant behind its position',
    );
  }
}

/** A filter for a value of another tenant finds nothing in any kind of query. */
async function findsNothing(
  t: Checks,
  s: Subject,
  filter: Filter,
  mine: Stored<Attributes>,
  what: string,
): Promise<void> {
  const { supports } = s.store;
  const page = await s.list({ filter });
  t.same([page.totalResults, page.resources], [0, []], `what ${what} finds`);
  t.same((await s.list({ filter, page: index(0, 0) })).totalResults, 0, `the total of ${what}`);
  const [text] = s.texts;
  if (supports?.sort !== false && text !== undefined) {
    t.same(
      await s.ids({ filter, sort: [{ attribute: text, descending: true }] }),
      [],
      `what ${what} finds in an order`,
    );
  }
  if (supports?.cursor !== false) {
    const byCursor = await s.list({ filter, page: cursor(5) });
    t.same([byCursor.resources, byCursor.next], [[], undefined], `what ${what} finds by cursor`);
  }
  const both: Filter = { op: 'and', filters: [filter, condition('eq', attribute('id'), mine.id)] };
  t.same(await s.ids({ filter: both }), [], `what ${what} and an own id finds`);
  if (supports?.filter === 'equals') return;
  const wider: readonly Filter[] = [
    { op: 'and', filters: [filter, { op: 'not', filter: condition('eq', attribute('id'), 'none') }] },
    { op: 'or', filters: [filter, { op: 'or', filters: [] }] },
    { op: 'not', filter: { op: 'not', filter } },
  ];
  for (const each of wider) t.same(await s.ids({ filter: each }), [], `what ${what} finds as part of a filter`);
  const others = await s.ids({ filter: { op: 'not', filter } });
  t.same(others, [mine.id], `what does not satisfy ${what}`);
}

/** An attribute of a kind by its path; `id` is one of every kind. */
function refOf(kind: Pick<Kind<Checks>, 'type'>, path: string): AttributeRef {
  if (path === 'id') return attribute('id');
  for (const each of kind.type.attributes) {
    if (each.path === path) return each;
    for (const sub of each.attributes) if (sub.path === path) return sub;
  }
  return attribute(path);
}

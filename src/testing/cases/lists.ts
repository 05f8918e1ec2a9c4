import type { AttributeRef } from '../../contract/attribute.js';
import type { Filter, FilterValue, Page, PageRequest, Position, SortKey } from '../../contract/filter.js';
import type { Group, Stored, User } from '../../contract/resource.js';
import { type Bench, casesOf, type CaseRow } from '../case.js';
import { type TextHolder, textHolders } from '../kept.js';
import { attribute, change, cursor, eq, index, listQuery, newUser, removal, withMembers } from '../requests.js';
import { SkippedCase } from '../skipped.js';

type Direction = 'none' | 'ascending' | 'descending';

/** The order by `displayName`, or by what else the store keeps a text in. */
function keysOf(t: Bench, direction: Direction): readonly SortKey[] {
  if (direction === 'none') return [];
  const holder = ranking(t);
  if (holder === undefined) throw new SkippedCase('the store keeps no text to sort by');
  return [{ attribute: holder.ref, descending: direction === 'descending' }];
}

// Neither of the two that the crowd uses for something else.
function ranking(t: Bench): TextHolder | undefined {
  return textHolders(t.store.supports).find(({ ref }) => !['externalId', 'name.givenName'].includes(ref.path));
}

/** 25 users: displayName, or what stands for it, in two letter cases with ties, every fifth without one. */
async function crowd(t: Bench): Promise<void> {
  const holder = ranking(t);
  for (let i = 0; i < 25; i++) {
    const rest = t.kept({
      externalId: `X${String(i)}`,
      active: i % 2 === 0,
      name: { givenName: `G${String(i % 4)}` },
      emails: [
        { value: `work${String(i)}@example.com`, type: 'work', primary: true },
        { value: `home${String(i)}@example.com`, type: i % 3 === 0 ? 'home' : 'other' },
      ],
    });
    const ranked = i % 5 === 4 ? {} : (holder?.of(i % 2 === 0 ? `t${String(i % 3)}` : `T${String(i % 3)}`) ?? {});
    const name = 'name' in ranked ? { name: { ...rest.name, ...ranked.name } } : {};
    await t.user(`User${String(i)}`, { ...rest, ...ranked, ...name });
  }
}

function numbers(users: readonly Stored<User>[]): number[] {
  return users.map(({ userName }) => Number(userName.slice(4)));
}

function all(count: number, which: (i: number) => boolean): number[] {
  return Array.from({ length: count }, (_, i) => i).filter(which);
}

const emails = attribute('emails', { type: 'complex', multiValued: true });
const inEmail = (sub: string): AttributeRef => attribute(`emails.${sub}`, { multiValued: false });
const anyEmail = (sub: string): AttributeRef => attribute(`emails.${sub}`, { multiValued: true });
const compare = (
  op: 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le',
  ref: AttributeRef,
  value: FilterValue,
): Filter => ({ op, attribute: ref, value });
const some = (filter: Filter): Filter => ({ op: 'some', attribute: emails, filter });
const and = (...filters: Filter[]): Filter => ({ op: 'and', filters });
const or = (...filters: Filter[]): Filter => ({ op: 'or', filters });
const not = (filter: Filter): Filter => ({ op: 'not', filter });
const named = (i: number): string | undefined => (i % 5 === 4 ? undefined : `t${String(i % 3)}`);
const active = attribute('active', { type: 'boolean' });
const given = attribute('name.givenName');

const filters: readonly (readonly [id: string, what: string, filter: Filter, which: (i: number) => boolean])[] = [
  [
    'eq',
    'eq compares without letter case where the attribute is not caseExact',
    eq('displayName', 't1'),
    (i) => named(i) === 't1',
  ],
  ['eq-exact', 'eq compares letter case where the attribute is caseExact', eq('externalId', 'X7'), (i) => i === 7],
  ['eq-exact-case', 'another letter case of a caseExact attribute does not match', eq('externalId', 'x7'), () => false],
  ['eq-boolean', 'eq compares truth values', compare('eq', active, true), (i) => i % 2 === 0],
  ['eq-false', 'false is found, and is not the same as absent', compare('eq', active, false), (i) => i % 2 === 1],
  ['co', 'co finds a part of a text', compare('co', attribute('userName'), 'ser1'), (i) => String(i).startsWith('1')],
  ['co-wildcard', 'co takes % and _ as they are', compare('co', attribute('userName'), '%'), () => false],
  [
    'sw',
    'sw finds the beginning of a text',
    compare('sw', attribute('userName'), 'user2'),
    (i) => String(i).startsWith('2'),
  ],
  ['ew', 'ew finds the end of a text', compare('ew', attribute('userName'), '4'), (i) => i % 10 === 4],
  ['gt', 'gt compares prepared texts', compare('gt', attribute('displayName'), 't1'), (i) => named(i) === 't2'],
  [
    'ge',
    'ge compares prepared texts',
    compare('ge', attribute('displayName'), 't1'),
    (i) => named(i) === 't2' || named(i) === 't1',
  ],
  [
    'lt',
    'lt compares prepared texts, and what is absent is never less',
    compare('lt', attribute('displayName'), 't1'),
    (i) => named(i) === 't0',
  ],
  [
    'le',
    'le compares prepared texts, and what is absent is never less',
    compare('le', attribute('displayName'), 't1'),
    (i) => named(i) === 't0' || named(i) === 't1',
  ],
  [
    'present',
    'present finds what has a value',
    { op: 'present', attribute: attribute('displayName') },
    (i) => i % 5 !== 4,
  ],
  [
    'present-complex',
    'present finds a complex attribute with a value',
    { op: 'present', attribute: attribute('name', { type: 'complex' }) },
    () => true,
  ],
  [
    'present-absent',
    'present finds nobody for what nobody has',
    { op: 'present', attribute: attribute('profileUrl', { type: 'reference', caseExact: true }) },
    () => false,
  ],
  ['sub', 'a sub-attribute is compared', eq('name.givenName', 'g2'), (i) => i % 4 === 2],
  [
    'not',
    'not turns the answer round: what is absent does not compare, so its negation holds',
    not(eq('displayName', 't1')),
    (i) => named(i) !== 't1',
  ],
  [
    'and',
    'and needs both',
    and(compare('eq', active, true), eq('displayName', 't1')),
    (i) => i % 2 === 0 && named(i) === 't1',
  ],
  ['or', 'or needs one', or(eq('externalId', 'X3'), eq('name.givenName', 'g1')), (i) => i === 3 || i % 4 === 1],
  [
    'nested',
    'and, or and not may stand in each other',
    not(or(and(compare('eq', active, true), compare('eq', given, 'g0')), eq('displayName', 't2'))),
    (i) => !((i % 2 === 0 && i % 4 === 0) || named(i) === 't2'),
  ],
  ['empty-and', 'and of no filters holds always', and(), () => true],
  ['empty-or', 'or of no filters never holds', or(), () => false],
  [
    'any-value',
    'of a multi-valued attribute any value counts',
    compare('sw', anyEmail('value'), 'home1'),
    (i) => String(i).startsWith('1'),
  ],
  [
    'some',
    'some: one and the same value satisfies all',
    some(and(compare('eq', inEmail('type'), 'work'), compare('sw', inEmail('value'), 'home'))),
    () => false,
  ],
  ['some-type', 'some finds a value of a type', some(compare('eq', inEmail('type'), 'home')), (i) => i % 3 === 0],
  [
    'some-not',
    'not inside some speaks of one value',
    some(and(not(compare('eq', inEmail('type'), 'work')), compare('ew', inEmail('value'), '@example.com'))),
    () => true,
  ],
  [
    'not-some',
    'not outside some speaks of all values',
    not(some(compare('eq', inEmail('type'), 'home'))),
    (i) => i % 3 !== 0,
  ],
  [
    'present-multi',
    'present finds a multi-valued attribute with a value',
    { op: 'present', attribute: emails },
    () => true,
  ],
];

const filterRows: readonly CaseRow[] = filters.map(([id, what, filter, which]): CaseRow => [
  id,
  what,
  async (t) => {
    await crowd(t);
    const page = await t.store.list(listQuery<User>({ filter }), t.ctx());
    t.same(
      numbers(page.resources).sort((a, b) => a - b),
      all(25, which),
      'the numbers of the users found',
    );
    t.same(page.totalResults, all(25, which).length, 'totalResults');
  },
  ['filter'],
]);

export const filterCases = casesOf(
  'filters',
  'A client that finds nobody makes a second account; one that finds another person changes that one.',
  [
    ...filterRows,
    ...(['id', 'userName', 'externalId'] as const).map((path): CaseRow => [
      `one-by-${path}`,
      `equality of ${path} finds one, and nobody where another condition fails`,
      async (t) => {
        await crowd(t);
        const [user] = (await t.store.list(listQuery<User>({ filter: eq('userName', 'user7') }), t.ctx())).resources;
        const value = { id: String(user?.id), userName: 'user7', externalId: 'X7' }[path];
        const page = await t.store.list(listQuery<User>({ filter: eq(path, value) }), t.ctx());
        t.same(numbers(page.resources), [7], 'the numbers of the users found');
        const none = await t.store.list(
          listQuery<User>({ filter: and(eq(path, value), compare('eq', active, true)) }),
          t.ctx(),
        );
        t.same([none.totalResults, none.resources], [0, []], 'what is found with a condition that fails');
      },
    ]),
    [
      'times',
      'gt, ge, lt and le compare times: meta.created and meta.lastModified',
      async (t) => {
        await t.users(3);
        for (const name of ['created', 'lastModified']) {
          const when = attribute(`meta.${name}`, { type: 'dateTime' });
          for (const [op, year, found] of [
            ['gt', 2000, 3],
            ['ge', 2200, 0],
            ['lt', 2200, 3],
            ['le', 2000, 0],
          ] as const) {
            const filter = compare(op, when, new Date(`${String(year)}-01-01T00:00:00Z`));
            const { totalResults } = await t.store.list(listQuery<User>({ filter }), t.ctx());
            t.same(totalResults, found, `totalResults of meta.${name} ${op} ${String(year)}`);
          }
        }
      },
      ['filter'],
    ],
    [
      'by-unknown-id',
      'equality with an id that is none finds nobody, and is no error',
      async (t) => {
        await t.users(2);
        for (const id of ['u999', '', "'", 'x'.repeat(300)]) {
          t.same(
            (await t.store.list(listQuery<User>({ filter: eq('id', id) }), t.ctx())).resources,
            [],
            `what id eq ${id.slice(0, 9)} finds`,
          );
        }
      },
    ],
    [
      'tenant',
      'a filter finds nobody of another tenant',
      async (t) => {
        await t.user('ada', {}, 'other');
        const others = t.store.supports?.filter === 'equals' ? [] : [not(eq('userName', 'bob'))];
        for (const filter of [undefined, eq('userName', 'ada'), ...others]) {
          const page = await t.store.list(listQuery<User>({ ...(filter && { filter }) }), t.ctx('acme'));
          t.same([page.totalResults, page.resources.length], [0, 0], 'what another tenant finds');
        }
      },
      ['tenants'],
    ],
    [
      'groups-by-name',
      'groups are found by name, without letter case',
      async (t) => {
        await t.group('Crew');
        await t.group('Pilots');
        const page = await t.groups.list(listQuery<Group>({ filter: eq('displayName', 'crew') }), t.ctx());
        t.same(
          page.resources.map(({ displayName }) => displayName),
          ['Crew'],
          'the groups found',
        );
      },
      ['groups'],
    ],
    [
      'groups-by-member',
      'groups are found by member, and members are shown only where wanted',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        await t.group('Crew', [a, b]);
        await t.group('Pilots', [a]);
        await t.group('Void');
        const find = async (filter: Filter) =>
          (await t.groups.list(listQuery<Group>({ filter }), t.ctx())).resources
            .map(({ displayName }) => displayName)
            .sort();
        const has = (id: string): Filter => eq('members.value', id);
        t.same(await find(has(a)), ['Crew', 'Pilots'], 'the groups of the first user');
        t.same(await find(and(has(a), has(b))), ['Crew'], 'the groups of both');
        t.same(await find(not(has(a))), ['Void'], 'the groups without the first');
        const [group] = (await t.groups.list(listQuery<Group>({ filter: has(b) }), t.ctx())).resources;
        t.ok(group !== undefined && !('members' in group), 'list gives members that nobody wants');
        const [shown] = (await t.groups.list(listQuery<Group>({ filter: has(b), selection: withMembers }), t.ctx()))
          .resources;
        t.same(shown?.members?.map(({ value }) => value).sort(), [a, b].sort(), 'the members that were wanted');
      },
      ['groups', 'filter'],
    ],
    [
      'users-by-group',
      'users are found by group',
      async (t) => {
        const [a = '', b = ''] = await t.users(3);
        const { id } = await t.group('Crew', [a, b]);
        const page = await t.store.list(listQuery<User>({ filter: eq('groups.value', id) }), t.ctx());
        t.same(numbers(page.resources).sort(), [0, 1], 'the users found');
        const others = await t.store.list(listQuery<User>({ filter: not(eq('groups.value', id)) }), t.ctx());
        t.same(others.totalResults, 1, 'totalResults of the others');
      },
      ['groups', 'filter'],
    ],
  ],
);

export const orderCases = casesOf(
  'order',
  'A client that walks through pages meets somebody twice and somebody else never.',
  [
    ['ascending', 'values go up, and who has none comes last', (t) => ordered(t, 'ascending'), ['sort']],
    ['descending', 'values go down, and who has none comes first', (t) => ordered(t, 'descending'), ['sort']],
    [
      'turned',
      'descending is ascending turned round, ties included',
      async (t) => {
        await crowd(t);
        const up = (await t.store.list(listQuery<User>({ sort: keysOf(t, 'ascending') }), t.ctx())).resources.map(
          ({ id }) => id,
        );
        const down = (await t.store.list(listQuery<User>({ sort: keysOf(t, 'descending') }), t.ctx())).resources.map(
          ({ id }) => id,
        );
        t.same(down.reverse(), up, 'the descending order turned round');
      },
      ['sort'],
    ],
    [
      'two-keys',
      'a second key decides where the first is the same',
      async (t) => {
        await crowd(t);
        const sort: SortKey[] = [
          { attribute: attribute('active', { type: 'boolean' }), descending: true },
          { attribute: attribute('userName'), descending: false },
        ];
        const page = await t.store.list(listQuery<User>({ sort }), t.ctx());
        const expected = [...all(25, (i) => i % 2 === 0), ...all(25, (i) => i % 2 === 1)];
        const text = (half: number[]): number[] =>
          half.sort((a, b) => (`user${String(a)}` < `user${String(b)}` ? -1 : 1));
        t.same(numbers(page.resources), [...text(expected.slice(0, 13)), ...text(expected.slice(13))], 'the order');
      },
      ['sort'],
    ],
    [
      'stable',
      'without a sort key the order is the same at every call, also when users are changed',
      async (t) => {
        await crowd(t);
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
  ],
);

async function ordered(t: Bench, direction: Direction): Promise<void> {
  await crowd(t);
  const sort = keysOf(t, direction);
  const { resources } = await t.store.list(listQuery<User>({ sort }), t.ctx());
  const values = numbers(resources).map((i) => named(i) ?? null);
  const there = values.filter((value) => value !== null).sort();
  const none = values.filter((value) => value === null);
  t.same(there.length, 20, 'the number of users with a value');
  const expected = direction === 'descending' ? [...none, ...there.reverse()] : [...there, ...none];
  t.same(values, expected, `the order of ${sort[0]?.attribute.path ?? ''}`);
}

export const pageCases = casesOf(
  'pages',
  'A client that walks through pages meets somebody twice and somebody else never.',
  [
    ...(['none', 'ascending', 'descending'] as const).map((direction, i): CaseRow => [
      `whole-${String(i)}`,
      `pages by index together are the whole, each user once, in one order (${i === 0 ? 'no key' : direction})`,
      async (t) => {
        await crowd(t);
        const sort = keysOf(t, direction);
        const whole = numbers((await t.store.list(listQuery<User>({ sort }), t.ctx())).resources);
        t.same(new Set(whole).size, 25, 'the number of users');
        const pages: number[] = [];
        for (let offset = 0; offset < 30; offset += 7) {
          const page = await t.store.list(listQuery<User>({ sort, page: index(offset, 7) }), t.ctx());
          t.same(page.totalResults, 25, 'totalResults');
          pages.push(...numbers(page.resources));
        }
        t.same(pages, whole, 'the pages together');
      },
      i === 0 ? [] : ['sort'],
    ]),
    [
      'count-only',
      'a limit of 0 and an offset beyond the end give no resources and the exact total',
      async (t) => {
        await crowd(t);
        for (const page of [index(3, 0), index(0, 0), index(25, 5), index(99, 5)]) {
          const response = await t.store.list(listQuery<User>({ page }), t.ctx());
          t.same([response.totalResults, response.resources], [25, []], 'total and resources');
        }
      },
    ],
    [
      'filtered',
      'pages of a filter count what matches',
      async (t) => {
        await crowd(t);
        const filter = compare('eq', active, true);
        const page = await t.store.list(listQuery<User>({ filter, page: index(10, 10) }), t.ctx());
        t.same([page.totalResults, page.resources.length], [13, 3], 'total and length of the second page');
      },
      ['filter'],
    ],
    [
      'groups',
      'groups are paged as users are, by index and by cursor, each once',
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
        const walked: string[] = [];
        for (let after: Position | undefined, i = 0; i === 0 || after !== undefined; i++) {
          t.ok(i < 10, 'the walk does not end');
          const page = await t.groups.list(listQuery<Group>({ page: cursor(4, after && { after }) }), t.ctx());
          walked.push(...ids(page));
          after = page.next;
        }
        t.same(walked, whole, 'the walk');
      },
      ['groups'],
    ],
    [
      'empty',
      'an empty store has an empty page with a total of 0',
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
      `a walk by cursor there and back is whole, each user once, while others come and go (${i === 0 ? 'no key' : direction})`,
      (t) => walk(t, keysOf(t, direction), undefined),
      i === 0 ? ['cursor'] : ['cursor', 'sort'],
    ]),
    [
      'cursor-filtered',
      'a walk by cursor keeps to its filter',
      (t) => walk(t, [], compare('eq', active, true)),
      ['cursor', 'filter'],
    ],
    [
      'cursor-deleted',
      'a walk goes on where the user it stopped at is deleted',
      async (t) => {
        await crowd(t);
        const whole = numbers((await t.store.list(listQuery<User>(), t.ctx())).resources);
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
  ],
);

async function walk(t: Bench, sort: readonly SortKey[], filter: Filter | undefined): Promise<void> {
  await crowd(t);
  const ask = async (page: PageRequest): Promise<Page<User>> =>
    t.store.list(listQuery<User>({ sort, page, ...(filter && { filter }) }), t.ctx());
  const whole = numbers((await ask(index(0, 100))).resources);
  const walked: number[] = [];
  const pages: number[][] = [];
  let after: Position | undefined;
  let previous: Position | undefined;
  for (let i = 0; i === 0 || after !== undefined; i++) {
    t.ok(i < 10, 'the walk does not end');
    const page = await ask(cursor(4, after && { after }));
    walked.push(...numbers(page.resources));
    pages.push(numbers(page.resources));
    t.ok(
      (page.previous === undefined) === (i === 0),
      `page ${String(i + 1)} has ${page.previous === undefined ? 'no' : 'a'} previous`,
    );
    after = page.next;
    previous = page.previous;
    // One that comes and goes moves nobody from page to page.
    const { id } = (await t.store.create(newUser(`passer${String(i)}`), t.ctx())).resource;
    await t.store.delete(id, removal(), t.ctx());
  }
  t.same(walked, whole, 'the walk');
  for (const expected of pages.slice(0, -1).reverse()) {
    const page = await ask(cursor(4, previous && { before: previous }));
    t.same(numbers(page.resources), expected, 'a page of the walk back');
    t.ok(page.next !== undefined, 'a page of the walk back has no next');
    previous = page.previous;
  }
  t.same(previous, undefined, 'previous of the first page');
}

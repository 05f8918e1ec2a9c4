import type { AttributeRef } from '../../contract/attribute.js';
import type { Filter, FilterValue } from '../../contract/filter.js';
import type { Group, User } from '../../contract/resource.js';
import { attribute, eq, listQuery, withMembers } from '../requests.js';
import { type CaseRow, casesOf } from '../store-case.js';
import { active, createUsers, numbers, numbersBelow, sortTextOf } from './listed-users.js';

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
const given = attribute('name.givenName');

const filters: readonly (readonly [id: string, what: string, filter: Filter, which: (i: number) => boolean])[] = [
  [
    'eq',
    'eq compares without letter case where the attribute is not caseExact',
    eq('displayName', 't1'),
    (i) => sortTextOf(i) === 't1',
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
  ['gt', 'gt compares prepared texts', compare('gt', attribute('displayName'), 't1'), (i) => sortTextOf(i) === 't2'],
  [
    'ge',
    'ge compares prepared texts',
    compare('ge', attribute('displayName'), 't1'),
    (i) => sortTextOf(i) === 't2' || sortTextOf(i) === 't1',
  ],
  [
    'lt',
    'lt compares prepared texts, and what is absent is never less',
    compare('lt', attribute('displayName'), 't1'),
    (i) => sortTextOf(i) === 't0',
  ],
  [
    'le',
    'le compares prepared texts, and what is absent is never less',
    compare('le', attribute('displayName'), 't1'),
    (i) => sortTextOf(i) === 't0' || sortTextOf(i) === 't1',
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
    (i) => sortTextOf(i) !== 't1',
  ],
  [
    'and',
    'and needs both',
    and(compare('eq', active, true), eq('displayName', 't1')),
    (i) => i % 2 === 0 && sortTextOf(i) === 't1',
  ],
  ['or', 'or needs one', or(eq('externalId', 'X3'), eq('name.givenName', 'g1')), (i) => i === 3 || i % 4 === 1],
  [
    'nested',
    'and, or and not may stand in each other',
    not(or(and(compare('eq', active, true), compare('eq', given, 'g0')), eq('displayName', 't2'))),
    (i) => !((i % 2 === 0 && i % 4 === 0) || sortTextOf(i) === 't2'),
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
    await createUsers(t);
    const page = await t.store.list(listQuery<User>({ filter }), t.ctx());
    t.same(
      numbers(page.resources).sort((a, b) => a - b),
      numbersBelow(25, which),
      'the numbers of the users found',
    );
    t.same(page.totalResults, numbersBelow(25, which).length, 'totalResults');
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
        await createUsers(t);
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

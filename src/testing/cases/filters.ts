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
const givenName = attribute('name.givenName');

const filters: readonly (readonly [id: string, what: string, filter: Filter, which: (i: number) => boolean])[] = [
  ['eq', 'eq ignores case if the attribute is not caseExact', eq('displayName', 't1'), (i) => sortTextOf(i) === 't1'],
  ['eq-exact', 'eq respects case if the attribute is caseExact', eq('externalId', 'X7'), (i) => i === 7],
  ['eq-exact-case', 'eq does not match another case of a caseExact attribute', eq('externalId', 'x7'), () => false],
  ['eq-boolean', 'eq compares booleans', compare('eq', active, true), (i) => i % 2 === 0],
  ['eq-false', 'eq false does not match absent', compare('eq', active, false), (i) => i % 2 === 1],
  ['co', 'co matches a substring', compare('co', attribute('userName'), 'ser1'), (i) => String(i).startsWith('1')],
  ['co-wildcard', 'co treats % and _ literally', compare('co', attribute('userName'), '%'), () => false],
  [
    'sw',
    'sw matches the beginning of a text',
    compare('sw', attribute('userName'), 'user2'),
    (i) => String(i).startsWith('2'),
  ],
  ['ew', 'ew matches the end of a text', compare('ew', attribute('userName'), '4'), (i) => i % 10 === 4],
  ['gt', 'gt compares normalized texts', compare('gt', attribute('displayName'), 't1'), (i) => sortTextOf(i) === 't2'],
  [
    'ge',
    'ge compares normalized texts',
    compare('ge', attribute('displayName'), 't1'),
    (i) => sortTextOf(i) === 't2' || sortTextOf(i) === 't1',
  ],
  [
    'lt',
    'lt compares normalized texts and never matches absent',
    compare('lt', attribute('displayName'), 't1'),
    (i) => sortTextOf(i) === 't0',
  ],
  [
    'le',
    'le compares normalized texts and never matches absent',
    compare('le', attribute('displayName'), 't1'),
    (i) => sortTextOf(i) === 't0' || sortTextOf(i) === 't1',
  ],
  [
    'present',
    'present matches an attribute with a value',
    { op: 'present', attribute: attribute('displayName') },
    (i) => i % 5 !== 4,
  ],
  [
    'present-complex',
    'present matches a complex attribute with a value',
    { op: 'present', attribute: attribute('name', { type: 'complex' }) },
    () => true,
  ],
  [
    'present-absent',
    'present matches nobody if no user has the attribute',
    { op: 'present', attribute: attribute('profileUrl', { type: 'reference', caseExact: true }) },
    () => false,
  ],
  ['sub', 'eq compares a sub-attribute', eq('name.givenName', 'g2'), (i) => i % 4 === 2],
  [
    'not',
    'not inverts the result: a comparison with absent is false, so its negation is true',
    not(eq('displayName', 't1')),
    (i) => sortTextOf(i) !== 't1',
  ],
  [
    'and',
    'and requires both',
    and(compare('eq', active, true), eq('displayName', 't1')),
    (i) => i % 2 === 0 && sortTextOf(i) === 't1',
  ],
  ['or', 'or requires one', or(eq('externalId', 'X3'), eq('name.givenName', 'g1')), (i) => i === 3 || i % 4 === 1],
  [
    'nested',
    'and, or and not can be nested',
    not(or(and(compare('eq', active, true), compare('eq', givenName, 'g0')), eq('displayName', 't2'))),
    (i) => !((i % 2 === 0 && i % 4 === 0) || sortTextOf(i) === 't2'),
  ],
  ['empty-and', 'and of no filters is true', and(), () => true],
  ['empty-or', 'or of no filters is false', or(), () => false],
  [
    'any-value',
    'a comparison with a multi-valued attribute matches any value',
    compare('sw', anyEmail('value'), 'home1'),
    (i) => String(i).startsWith('1'),
  ],
  [
    'some',
    'some requires one value that satisfies all conditions',
    some(and(compare('eq', inEmail('type'), 'work'), compare('sw', inEmail('value'), 'home'))),
    () => false,
  ],
  ['some-type', 'some matches a value by type', some(compare('eq', inEmail('type'), 'home')), (i) => i % 3 === 0],
  [
    'some-not',
    'not inside some applies to one value',
    some(and(not(compare('eq', inEmail('type'), 'work')), compare('ew', inEmail('value'), '@example.com'))),
    () => true,
  ],
  [
    'not-some',
    'not outside some applies to all values',
    not(some(compare('eq', inEmail('type'), 'home'))),
    (i) => i % 3 !== 0,
  ],
  [
    'present-multi',
    'present matches a multi-valued attribute with a value',
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
  'A client that finds no user creates a second account; one that finds the wrong user changes that one.',
  [
    ...filterRows,
    ...(['id', 'userName', 'externalId'] as const).map((path): CaseRow => [
      `one-by-${path}`,
      `eq on ${path} finds one user, and none if another condition fails`,
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
      'eq with an unknown or malformed id finds nobody and is no error',
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
      'a filter finds no user of another tenant',
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
      'a filter finds groups by name and ignores case',
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
      'a filter finds groups by member; members are returned only if selected',
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
        t.ok(group !== undefined && !('members' in group), 'list returns members that were not selected');
        const [shown] = (await t.groups.list(listQuery<Group>({ filter: has(b), selection: withMembers }), t.ctx()))
          .resources;
        t.same(shown?.members?.map(({ value }) => value).sort(), [a, b].sort(), 'the selected members');
      },
      ['groups', 'filter'],
    ],
    [
      'users-by-group',
      'a filter finds users by group',
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

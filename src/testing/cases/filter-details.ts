import type { AttributeRef, Attributes } from '../../contract/attribute.js';
import type { Filter, FilterValue } from '../../contract/filter.js';
import type { Group, Stored, User } from '../../contract/resource.js';
import { compileFilter } from '../../protocol/filter/compile.js';
import { attribute, change, enterprise, eq, listQuery, members, removal } from '../requests.js';
import type { CaseContext } from '../case-context.js';
import { type CaseRow, casesOf } from '../store-case.js';

const emails = attribute('emails', { type: 'complex', multiValued: true });
const active = attribute('active', { type: 'boolean' });
const inEmail = (sub: string, more: Partial<AttributeRef> = {}): AttributeRef =>
  attribute(`emails.${sub}`, { multiValued: false, ...more });
const anyEmail = (sub: string): AttributeRef => attribute(`emails.${sub}`, { multiValued: true });
const compare = (
  op: 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le',
  ref: AttributeRef,
  value: FilterValue,
): Filter => ({ op, attribute: ref, value });
const present = (ref: AttributeRef): Filter => ({ op: 'present', attribute: ref });
const some = (filter: Filter): Filter => ({ op: 'some', attribute: emails, filter });
const and = (...filters: Filter[]): Filter => ({ op: 'and', filters });
const or = (...filters: Filter[]): Filter => ({ op: 'or', filters });
const not = (filter: Filter): Filter => ({ op: 'not', filter });

/** Users of whom each lacks something else. */
const drawn: Readonly<Record<string, Partial<User>>> = {
  bare: {},
  off: { active: false, name: { familyName: 'Off' } },
  on: { active: true, displayName: 'On', [enterprise]: { department: 'R & D' } },
  one: { active: true, emails: [{ value: 'One@Example.com', type: 'work', primary: true }] },
  two: {
    active: false,
    displayName: 'Two',
    emails: [
      { value: 'two@example.com', type: 'work' },
      { value: 'two@example.org', type: 'home', primary: true },
    ],
  },
  three: {
    displayName: 'Three',
    emails: [
      { value: 'first@example.com', type: 'home', primary: true },
      { value: 'second@example.com', type: 'work' },
      { value: 'third@example.com', type: 'other' },
    ],
  },
};
const primary = inEmail('primary', { type: 'boolean' });
const value = (op: 'eq' | 'sw' | 'co' | 'ew', text: string): Filter => compare(op, inEmail('value'), text);
const type = (text: string): Filter => compare('eq', inEmail('type'), text);

const rows: readonly (readonly [id: string, what: string, filter: Filter, found: readonly string[]])[] = [
  ['present-false', 'present matches false', present(active), ['off', 'on', 'one', 'two']],
  ['present-none', 'present of a multi-valued attribute needs a value', present(emails), ['one', 'three', 'two']],
  [
    'present-no-name',
    'present of a complex attribute needs a part',
    present(attribute('name', { type: 'complex' })),
    ['off'],
  ],
  [
    'present-no-extension',
    'present of an extension needs an attribute of it',
    present({ path: enterprise, keys: [enterprise], type: 'complex', multiValued: false, caseExact: false }),
    ['on'],
  ],
  [
    'not-boolean',
    'not of a comparison with true matches false and absent',
    not(compare('eq', active, true)),
    ['bare', 'off', 'three', 'two'],
  ],
  [
    'not-false',
    'not of a comparison with false matches true and absent',
    not(compare('eq', active, false)),
    ['bare', 'on', 'one', 'three'],
  ],
  ['not-present', 'not of present matches who has no value', not(present(emails)), ['bare', 'off', 'on']],
  [
    'any-value-eq',
    'eq on a multi-valued attribute matches any value, in any letter case',
    compare('eq', anyEmail('value'), 'one@example.com'),
    ['one'],
  ],
  [
    'any-value-last',
    'eq on a multi-valued attribute matches the last value too',
    compare('eq', anyEmail('value'), 'third@example.com'),
    ['three'],
  ],
  [
    'any-value-once',
    'who has several values that match is found once, and counted once',
    compare('co', anyEmail('value'), '@example'),
    ['one', 'three', 'two'],
  ],
  [
    'any-value-either',
    'who matches several conditions under or is found once, and counted once',
    or(compare('ew', anyEmail('value'), '.com'), compare('eq', anyEmail('type'), 'home')),
    ['one', 'three', 'two'],
  ],
  [
    'some-or',
    'or inside some matches one value with either',
    some(or(value('sw', 'third'), value('sw', 'one@'))),
    ['one', 'three'],
  ],
  [
    'some-boolean',
    'some compares primary of the value itself',
    some(and(type('work'), compare('eq', primary, true))),
    ['one'],
  ],
  [
    'some-present',
    'present inside some looks at one value',
    some(and(present(inEmail('type')), value('ew', '.org'))),
    ['two'],
  ],
  [
    'some-twice',
    'two value paths under and may be satisfied by two values',
    and(some(type('work')), some(and(type('home'), compare('eq', primary, true)))),
    ['three', 'two'],
  ],
  [
    'three-terms',
    'and requires all of three conditions',
    and(present(emails), present(attribute('displayName')), compare('eq', active, false)),
    ['two'],
  ],
  [
    'three-choices',
    'or requires one of three conditions',
    or(eq('displayName', 'none'), eq('displayName', 'two'), eq('displayName', 'three')),
    ['three', 'two'],
  ],
  [
    'not-or',
    'not of or matches who satisfies none of its conditions',
    not(or(compare('eq', active, true), present(emails))),
    ['bare', 'off'],
  ],
  [
    'not-and',
    'not of and matches who lacks one of its conditions',
    not(and(compare('eq', active, false), present(emails))),
    ['bare', 'off', 'on', 'one', 'three'],
  ],
];

async function createDrawn(t: CaseContext): Promise<readonly Stored<User>[]> {
  const made: Stored<User>[] = [];
  for (const [name, attributes] of Object.entries(drawn)) made.push(await t.user(name, attributes));
  return made;
}

async function finds(t: CaseContext, filter: Filter, expected: readonly string[], what: string): Promise<void> {
  const { resources, totalResults } = await t.store.list(listQuery<User>({ filter }), t.ctx());
  t.same(resources.map(({ userName }) => userName).sort(), [...expected].sort(), `the users that ${what} finds`);
  t.same(totalResults, expected.length, `totalResults of ${what}`);
}

export const filterDetailCases = casesOf(
  'filters',
  'A client that finds no user creates a second account; one that finds the wrong user changes that one.',
  [
    ...rows.map(([id, what, filter, found]): CaseRow => [
      id,
      what,
      async (t) => {
        const made = await createDrawn(t);
        // A column may have a default, which a filter finds then.
        const hasDefaults = made.some((user) => user.active !== drawn[user.userName]?.active);
        const matches = compileFilter(filter);
        const expected = hasDefaults
          ? made.filter((user) => matches(user as unknown as Attributes)).map(({ userName }) => userName)
          : found;
        await finds(t, filter, expected, 'the filter');
      },
      ['filter'],
    ]),
    [
      'times-exact',
      'comparisons with meta.created and meta.lastModified agree with the times that get returns, to the second and in every time zone',
      async (t) => {
        const { id } = await t.user('ada');
        const before = await t.read(id);
        if (before?.meta.created === undefined || before.meta.lastModified === undefined) {
          return t.skip('the store has no created or no lastModified');
        }
        for (const name of ['created', 'lastModified'] as const) {
          const when = attribute(`meta.${name}`, { type: 'dateTime' });
          const time = new Date(before.meta[name] ?? 0).getTime();
          for (const seconds of [1, 90, 3_600, 86_400]) {
            const [early, late] = [new Date(time - seconds * 1000), new Date(time + seconds * 1000)];
            const what = `by ${String(seconds)} seconds from meta.${name}`;
            for (const op of ['gt', 'ge'] as const)
              await finds(t, compare(op, when, early), ['ada'], `${op} earlier ${what}`);
            for (const op of ['lt', 'le'] as const)
              await finds(t, compare(op, when, early), [], `${op} earlier ${what}`);
            for (const op of ['gt', 'ge'] as const) await finds(t, compare(op, when, late), [], `${op} later ${what}`);
            for (const op of ['lt', 'le'] as const)
              await finds(t, compare(op, when, late), ['ada'], `${op} later ${what}`);
          }
        }
      },
      ['filter'],
    ],
    [
      'times-changed',
      'meta.lastModified in a filter is the time of the last change, and meta.created that of the creation',
      async (t) => {
        const { id, meta } = await t.user('ada');
        if (meta.created === undefined || meta.lastModified === undefined) return t.skip('the store has no times');
        const created = new Date(meta.created).getTime();
        let changed = created;
        const end = performance.now() + 3_000;
        for (let n = 0; changed < created + 2 && performance.now() < end; n++) {
          // A column of whole seconds moves late.
          await new Promise((resolve) => setTimeout(resolve, 5));
          const result = await t.store.update(id, change<User>({ set: { userName: `ada${String(n)}` } }), t.ctx());
          changed = new Date(result?.resource.meta.lastModified ?? 0).getTime();
        }
        if (changed < created + 2) return t.skip('lastModified did not move in three seconds');
        const between = new Date(created + 1);
        const { resources } = await t.store.list(
          listQuery<User>({ filter: compare('gt', attribute('meta.lastModified', { type: 'dateTime' }), between) }),
          t.ctx(),
        );
        t.same(resources.length, 1, 'the number of users that were changed later');
        const made = listQuery<User>({
          filter: compare('gt', attribute('meta.created', { type: 'dateTime' }), between),
        });
        t.same((await t.store.list(made, t.ctx())).resources, [], 'the users that were created later');
      },
      ['filter'],
    ],
    [
      'groups-by-members',
      'who has several members that match is found once, and counted once',
      async (t) => {
        const [a = '', b = '', c = ''] = await t.users(3);
        await t.group('Both', [a, b]);
        await t.group('One', [b]);
        await t.group('None', [c]);
        const filter = or(eq('members.value', a), eq('members.value', b));
        const page = await t.groups.list(listQuery<Group>({ filter }), t.ctx());
        t.same(page.resources.map(({ displayName }) => displayName).sort(), ['Both', 'One'], 'the groups found');
        t.same(page.totalResults, 2, 'totalResults');
      },
      ['groups', 'filter'],
    ],
    [
      'users-by-group-now',
      'groups.value eq sees an addition, a removal and the deletion of the group at once',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const { id } = await t.group('Crew', [a]);
        const inGroup = async (): Promise<readonly string[]> =>
          (await t.store.list(listQuery<User>({ filter: eq('groups.value', id) }), t.ctx())).resources.map(
            (user) => user.id,
          );
        t.same(await inGroup(), [a], 'the users in the group');
        const delta = change<Group>({ members: members({ add: [b], remove: [a] }) });
        await t.groups.update(id, delta, t.ctx());
        t.same(await inGroup(), [b], 'the users after a removal and an addition');
        await t.groups.delete(id, removal(), t.ctx());
        t.same(await inGroup(), [], 'the users after the group was deleted');
      },
      ['groups', 'filter'],
    ],
  ],
);

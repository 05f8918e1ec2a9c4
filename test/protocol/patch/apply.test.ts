import type { Work } from '../../../src/contract/work.js';
import { RequestWork } from '../../../src/operations/request-work.js';
import { describe, expect, it } from '@jest/globals';
import { applyPatch } from '../../../src/protocol/patch/apply.js';
import { readPatch } from '../../../src/protocol/patch/read.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import { groupSchema } from '../../../src/schema/core/group.js';
import { userSchema } from '../../../src/schema/core/user.js';
import {
  enterprise,
  message,
  optionsFor,
  outcome,
  patched,
  refusal,
  scimTypeOf,
  strictly,
  testExtension,
  thingType,
  usingQuirk,
  userType,
} from './patching.js';

const work = { value: 'a@work.example', type: 'work', primary: true };
const home = { value: 'b@home.example', type: 'home' };
const club = { value: 'c@club.example', type: 'other' };
const name = {
  givenName: 'Rowan',
  familyName: 'Fell',
  formatted: 'Rowan Fell',
};
const user = {
  id: 'u1',
  userName: 'rowan',
  title: 'Bookbinder',
  active: true,
  name,
  emails: [work, home],
};
const employee = {
  ...user,
  [enterprise]: {
    department: 'Cartography',
    employeeNumber: '3107',
    manager: { value: 'm1' },
  },
};

const after = (...operations: readonly unknown[]): Record<string, unknown> => patched(userType, user, operations);
const unchanged = { set: {}, unset: [], members: undefined };

describe('add (RFC 7644 3.5.2.1)', () => {
  it('adds each attribute of a value without a path (7644-3.5.2.1-02)', () => {
    const result = after({
      op: 'add',
      value: { emails: [club], nickName: 'B' },
    });
    expect(result).toEqual({
      ...user,
      emails: [work, home, club],
      nickName: 'B',
    });
  });

  it('adds an attribute that is unassigned (7644-3.5.2.1-03)', () => {
    expect(patched(userType, {}, [{ op: 'add', path: 'title', value: 'x' }])).toEqual({ title: 'x' });
    expect(patched(userType, {}, [{ op: 'add', path: 'emails', value: [home] }])).toEqual({ emails: [home] });
    expect(patched(userType, {}, [{ op: 'add', path: 'name.givenName', value: 'x' }])).toEqual({
      name: { givenName: 'x' },
    });
  });

  it('sets the named sub-attributes and keeps the others (7644-3.5.2.1-04)', () => {
    expect(after({ op: 'add', path: 'name', value: { givenName: 'X' } })['name']).toEqual({ ...name, givenName: 'X' });
    expect(after({ op: 'add', path: 'name', value: {} })).toEqual(user);
  });

  it('appends a list, and one object, to a multi-valued attribute (7644-3.5.2.1-05)', () => {
    expect(after({ op: 'add', path: 'emails', value: [club] })['emails']).toEqual([work, home, club]);
    expect(after({ op: 'add', path: 'emails', value: club })['emails']).toEqual([work, home, club]);
    expect(patched(thingType, { tags: ['a'] }, [{ op: 'add', path: 'tags', value: 'b' }])).toEqual({
      tags: ['a', 'b'],
    });
  });

  it('replaces the value of a single-valued attribute (7644-3.5.2.1-06)', () => {
    expect(after({ op: 'add', path: 'title', value: 'y' })['title']).toBe('y');
  });

  it.each([
    ['a list', 'emails', [home]],
    ['one of two', 'emails', [home, work]],
    ['less than is stored', 'emails', [{ value: work.value }]],
    ['primary false, as if left out', 'emails', [{ ...home, primary: false }]],
    ['nothing', 'emails', []],
    ['null', 'emails', null],
    ['a complex value', 'name', { givenName: 'Rowan' }],
    ['a simple value', 'title', 'Bookbinder'],
    ['a value path', 'emails[type eq "work"].value', work.value],
    ['an element', 'emails[type eq "work"]', { value: work.value }],
  ])('changes nothing where it is present already: %s (7644-3.5.2.1-07, -08)', (_, path, value) => {
    expect(outcome(userType, user, [{ op: 'add', path, value }])).toEqual(unchanged);
  });

  it('changes nothing where a simple value is present already (7644-3.5.2.1-07)', () => {
    expect(outcome(thingType, { tags: ['a', 'b'] }, [{ op: 'add', path: 'tags', value: ['b', 'a'] }])).toEqual(
      unchanged,
    );
  });

  it('adds the same value with another type, and once where it appears twice (RFC 7643 2.4)', () => {
    const other = { value: home.value, type: 'other' };
    expect(after({ op: 'add', path: 'emails', value: [other, other] })['emails']).toEqual([work, home, other]);
  });

  it('merges new sub-attributes into the value with the same value and type (RFC 7643 2.4)', () => {
    const value = [{ ...home, display: 'Home' }];
    expect(after({ op: 'add', path: 'emails', value })['emails']).toEqual([work, { ...home, display: 'Home' }]);
  });

  it('compares whole values where they have no "value"', () => {
    const addresses = [{ type: 'work', locality: 'Bristol' }];
    const add = (value: unknown): unknown =>
      patched(userType, { addresses }, [{ op: 'add', path: 'addresses', value }])['addresses'];
    expect(add({ type: 'work', locality: 'Bristol' })).toEqual(addresses);
    expect(add({ type: 'work', locality: 'Bath' })).toEqual([...addresses, { type: 'work', locality: 'Bath' }]);
    expect(add({ type: 'work' })).toEqual([...addresses, { type: 'work' }]);
  });

  it('acts on the values that match a value path (7644-3.5.2.1-09)', () => {
    expect(after({ op: 'add', path: 'emails[type eq "home"].display', value: 'H' })['emails']).toEqual([
      work,
      { ...home, display: 'H' },
    ]);
    expect(
      after({
        op: 'add',
        path: 'emails[type eq "home"]',
        value: { display: 'H' },
      })['emails'],
    ).toEqual([work, { ...home, display: 'H' }]);
    expect(after({ op: 'add', path: 'emails.display', value: 'D' })['emails']).toEqual([
      { ...work, display: 'D' },
      { ...home, display: 'D' },
    ]);
  });

  it('creates the value that a filter of equalities describes (7644-3.5.2.1-09, standards reading 3)', () => {
    const useQuirk = usingQuirk();
    const operation = {
      op: 'add',
      path: 'phoneNumbers[type eq "work" and primary eq true].value',
      value: '1',
    };
    expect(patched(userType, {}, [operation], { useQuirk })).toEqual({
      phoneNumbers: [{ type: 'work', primary: true, value: '1' }],
    });
    expect([...useQuirk.used]).toEqual(['value-path-creates']);
    expect(refusal(userType, {}, [operation], { useQuirk: strictly })).toBe('noTarget');
  });

  it('appends to multi-valued sub-attributes and extension attributes', () => {
    const thing = {
      case: { material: 'oak', marks: ['a'] },
      parts: [{ value: '1', notes: ['x'] }],
    };
    const add = (path: string, value: unknown): unknown => patched(thingType, thing, [{ op: 'add', path, value }]);
    expect(add('case.marks', ['b', 'a'])).toMatchObject({
      case: { marks: ['a', 'b'] },
    });
    expect(add('case', { marks: 'c' })).toMatchObject({
      case: { material: 'oak', marks: ['a', 'c'] },
    });
    expect(add('case', { marks: [] })).toEqual(thing);
    expect(add('case.marks', [])).toEqual(thing);
    expect(add('parts[value eq "1"].notes', 'y')).toMatchObject({
      parts: [{ notes: ['x', 'y'] }],
    });
    expect(add(`${testExtension}:places`, 'x')).toMatchObject({
      [testExtension]: { places: ['x'] },
    });
  });
});

describe('remove (RFC 7644 3.5.2.2)', () => {
  it('unassigns a single value (7644-3.5.2.2-02)', () => {
    expect(outcome(userType, user, [{ op: 'remove', path: 'title' }])).toEqual({
      ...unchanged,
      unset: ['title'],
    });
    expect(outcome(userType, user, [{ op: 'remove', path: 'name' }])).toEqual({
      ...unchanged,
      unset: ['name'],
    });
    expect(outcome(userType, user, [{ op: 'remove', path: 'title', value: 'ignored' }]).unset).toEqual(['title']);
  });

  it('removes one sub-attribute, and with the last one the attribute', () => {
    expect(after({ op: 'remove', path: 'name.formatted' })['name']).toEqual({
      givenName: 'Rowan',
      familyName: 'Fell',
    });
    const one = { name: { givenName: 'Rowan' } };
    expect(patched(userType, one, [{ op: 'remove', path: 'name.givenName' }])).toEqual({});
  });

  it('removes all values where there is no filter (7644-3.5.2.2-03)', () => {
    expect(outcome(userType, user, [{ op: 'remove', path: 'emails' }])).toEqual({ ...unchanged, unset: ['emails'] });
  });

  it('removes the values that match, and with the last one the attribute (7644-3.5.2.2-04)', () => {
    expect(after({ op: 'remove', path: 'emails[type eq "work"]' })['emails']).toEqual([home]);
    expect(outcome(userType, user, [{ op: 'remove', path: 'emails[value pr]' }]).unset).toEqual(['emails']);
    expect(outcome(userType, user, [{ op: 'remove', path: 'emails[type eq "other"]' }])).toEqual(unchanged);
    expect(outcome(userType, {}, [{ op: 'remove', path: 'emails[type eq "other"]' }])).toEqual(unchanged);
  });

  it('removes one sub-attribute of the values that match (7644-3.5.2.2-05)', () => {
    expect(after({ op: 'remove', path: 'emails[type eq "work"].type' })['emails']).toEqual([
      { value: work.value, primary: true },
      home,
    ]);
    expect(after({ op: 'remove', path: 'emails.type' })['emails']).toEqual([
      { value: work.value, primary: true },
      { value: home.value },
    ]);
    expect(outcome(userType, user, [{ op: 'remove', path: 'emails[type eq "other"].value' }])).toEqual(unchanged);
  });

  it('removes a value with its last sub-attribute', () => {
    const operation = { op: 'remove', path: 'emails[value pr].value' };
    expect(patched(userType, { emails: [{ value: 'x' }, home] }, [operation])).toEqual({ emails: [{ type: 'home' }] });
    expect(patched(userType, { emails: [{ value: 'x' }] }, [operation])).toEqual({});
  });

  it('refuses to leave a required attribute without values (7644-3.5.2.2-06)', () => {
    const thing = { codes: ['a', 'b'] };
    expect(patched(thingType, thing, [{ op: 'remove', path: 'codes', value: ['a'] }])).toEqual({ codes: ['b'] });
    expect(refusal(thingType, thing, [{ op: 'remove', path: 'codes', value: ['a', 'b'] }])).toBe('mutability');
    expect(refusal(thingType, { [testExtension]: { owner: 'x' } }, [{ op: 'remove', path: testExtension }])).toBe(
      'mutability',
    );
  });

  it('removes only the values that are listed (standards reading 1)', () => {
    const useQuirk = usingQuirk();
    const roles = [{ value: 'Curator' }, { value: 'auditor', type: 'a' }, { value: 'auditor', type: 'b' }];
    const remove = (value: unknown): unknown =>
      patched(userType, { roles }, [{ op: 'remove', path: 'roles', value }], {
        useQuirk,
      })['roles'];
    expect(remove([{ value: 'curator' }])).toEqual(roles.slice(1));
    expect(remove({ value: 'auditor' })).toEqual(roles.slice(0, 1));
    expect(remove([{ value: 'auditor', type: 'B' }])).toEqual(roles.slice(0, 2));
    expect(remove([{ value: 'stranger' }])).toEqual(roles);
    expect(remove([])).toEqual(roles);
    expect(remove(roles)).toBeUndefined();
    expect([...useQuirk.used]).toEqual(['remove-listed-values']);
  });

  it('compares listed values whole where they have no "value", and by the case of the attribute', () => {
    const addresses = [{ type: 'work', locality: 'Bristol' }, { type: 'home' }];
    expect(
      patched(userType, { addresses }, [
        {
          op: 'remove',
          path: 'addresses',
          value: [{ type: 'home' }, { type: 'work' }],
        },
      ]),
    ).toEqual({
      addresses: [addresses[0]],
    });
    expect(patched(thingType, { tags: ['A', 'b'] }, [{ op: 'remove', path: 'tags', value: ['a'] }])).toEqual({
      tags: ['b'],
    });
    expect(patched(thingType, { codes: ['A', 'b'] }, [{ op: 'remove', path: 'codes', value: ['a', 'b'] }])).toEqual({
      codes: ['A'],
    });
  });

  it.each([null, '', 'text', 5])('never reads %j as the whole list (standards reading 1)', (value) => {
    expect(refusal(userType, user, [{ op: 'remove', path: 'emails', value }])).toBe('invalidValue');
  });

  it('refuses a list of values in strict mode (7644-3.5.2.2-08)', () => {
    expect(refusal(userType, user, [{ op: 'remove', path: 'emails', value: [home] }], { useQuirk: strictly })).toBe(
      'invalidValue',
    );
  });

  it.each(['nickName', 'photos', 'photos[type eq "photo"].value', enterprise, `${enterprise}:manager`])(
    'succeeds where %s has no value (7644-3.5.2.2-09)',
    (path) => expect(outcome(userType, user, [{ op: 'remove', path }])).toEqual(unchanged),
  );

  it('removes the extension with its last attribute (7644-3.5.2.2-10)', () => {
    const operation = { op: 'remove', path: `${enterprise}:department` };
    expect(patched(userType, { [enterprise]: { department: 'x' } }, [operation])).toEqual({});
    expect(patched(userType, { [enterprise]: { department: 'x', division: 'y' } }, [operation])).toEqual({
      [enterprise]: { division: 'y' },
    });
  });
});

describe('replace (RFC 7644 3.5.2.3)', () => {
  it('replaces each attribute of a value without a path (7644-3.5.2.3-01)', () => {
    const value = { active: false, emails: [club], name: { givenName: 'X' } };
    const expected = {
      ...user,
      active: false,
      emails: [club],
      name: { ...name, givenName: 'X' },
    };
    expect(after({ op: 'replace', value })).toEqual(expected);
    expect(after({ op: 'replace', path: userSchema.id, value })).toEqual(expected);
  });

  it('replaces a single value (7644-3.5.2.3-02)', () => {
    expect(outcome(userType, user, [{ op: 'replace', path: 'title', value: 'y' }])).toEqual({
      ...unchanged,
      set: { title: 'y' },
    });
  });

  it('replaces all values where there is no filter (7644-3.5.2.3-03)', () => {
    expect(after({ op: 'replace', path: 'emails', value: [club] })['emails']).toEqual([club]);
    expect(after({ op: 'replace', path: 'emails', value: club })['emails']).toEqual([club]);
  });

  it('adds an attribute that is unassigned (7644-3.5.2.3-04)', () => {
    expect(after({ op: 'replace', path: 'nickName', value: 'y' })['nickName']).toBe('y');
    expect(patched(userType, {}, [{ op: 'replace', path: 'emails.value', value: 'x' }])).toEqual({
      emails: [{ value: 'x' }],
    });
    expect(patched(userType, {}, [{ op: 'replace', path: 'emails.value', value: null }])).toEqual({});
  });

  it('keeps the other sub-attributes (7644-3.5.2.3-05)', () => {
    expect(after({ op: 'replace', path: 'name', value: { givenName: 'X' } })['name']).toEqual({
      ...name,
      givenName: 'X',
    });
    expect(
      after({
        op: 'replace',
        path: 'name',
        value: { givenName: 'X', formatted: null },
      })['name'],
    ).toEqual({
      givenName: 'X',
      familyName: 'Fell',
    });
  });

  it('removes unnamed sub-attributes with the interoperability profile (INTEROP-6.5-02)', () => {
    const run = (op: string): unknown =>
      patched(userType, user, [{ op, path: 'name', value: { givenName: 'X' } }], { profile: true })['name'];
    expect(run('replace')).toEqual({ givenName: 'X' });
    expect(run('add')).toEqual({ ...name, givenName: 'X' });
    const thing = { case: { material: 'oak', mould: '1' } };
    const replace = (value: unknown): string | undefined =>
      refusal(thingType, thing, [{ op: 'replace', path: 'case', value }], {
        profile: true,
      });
    expect(replace({ material: 'elm' })).toBe('mutability');
    expect(replace({ material: 'elm', mould: '1' })).toBeUndefined();
  });

  it('replaces all values that match (7644-3.5.2.3-06)', () => {
    const addresses = [
      { type: 'work', locality: 'Bristol', region: 'Avon' },
      { type: 'home', locality: 'Wells' },
      { type: 'work', locality: 'Bath' },
    ];
    const value = { type: 'work', locality: 'Leeds' };
    expect(patched(userType, { addresses }, [{ op: 'replace', path: 'addresses[type eq "work"]', value }])).toEqual({
      addresses: [value, addresses[1], value],
    });
  });

  it('removes the values that match where they are replaced with nothing', () => {
    for (const value of [null, '', [], {}]) {
      expect(after({ op: 'replace', path: 'emails[type eq "work"]', value })['emails']).toEqual([home]);
    }
  });

  it('replaces one sub-attribute of all values that match (7644-3.5.2.3-07)', () => {
    expect(after({ op: 'replace', path: 'emails[value pr].type', value: 'x' })['emails']).toEqual([
      { ...work, type: 'x' },
      { ...home, type: 'x' },
    ]);
  });

  it.each([
    'emails[type eq "other"]',
    'emails[type eq "other" or type eq "club"].value',
    'emails[type ne "work" and value eq "x"].value',
    'emails[value co "nowhere"].value',
    'emails[not (value pr)].value',
    'emails[display pr].value',
  ])('finds no target for %s (7644-3.5.2.3-08)', (path) => {
    const value = path.endsWith('.value') ? 'x' : { value: 'x' };
    for (const op of ['add', 'replace']) {
      expect(refusal(userType, user, [{ op, path, value }])).toBe('noTarget');
    }
  });

  it('creates the value that a filter of equalities describes, unless strict (7644-3.5.2.3-08)', () => {
    const operation = {
      op: 'replace',
      path: 'emails[type eq "other"].value',
      value: club.value,
    };
    expect(after(operation)['emails']).toEqual([work, home, club]);
    expect(refusal(userType, user, [operation], { useQuirk: strictly })).toBe('noTarget');
    expect(outcome(userType, user, [{ ...operation, value: null }])).toEqual(unchanged);
    expect(
      refusal(userType, user, [{ ...operation, value: null }], {
        useQuirk: strictly,
      }),
    ).toBe('noTarget');
  });

  it('creates no value from a read-only sub-attribute', () => {
    const operation = {
      op: 'replace',
      path: 'parts[grade eq "A"].value',
      value: 'x',
    };
    expect(refusal(thingType, {}, [operation])).toBe('noTarget');
  });

  it.each([
    ['title', null],
    ['title', ''],
    ['emails', null],
    ['emails', []],
    ['emails', ''],
    ['name', null],
    ['name', []],
  ])('unassigns %s with %j (7644-3.5.2.3-09)', (path, value) => {
    expect(outcome(userType, user, [{ op: 'replace', path, value }])).toEqual({
      ...unchanged,
      unset: [path],
    });
  });

  it('replaces simple values that match', () => {
    const thing = { tags: ['a', 'b'] };
    const replace = (path: string, value: unknown): unknown =>
      patched(thingType, thing, [{ op: 'replace', path, value }]);
    expect(replace('tags[value eq "a"]', 'c')).toEqual({ tags: ['c', 'b'] });
    expect(replace('tags[value eq "a"]', null)).toEqual({ tags: ['b'] });
    expect(refusal(thingType, thing, [{ op: 'replace', path: 'tags[value eq "z"]', value: 'c' }])).toBe('noTarget');
    expect(patched(thingType, thing, [{ op: 'remove', path: 'tags[value eq "a"]' }])).toEqual({ tags: ['b'] });
  });

  it.each([
    ['title', 'Bookbinder'],
    ['active', 'True'],
    ['name', name],
    ['emails', [work, home]],
    ['emails[type eq "work"].primary', true],
    ['emails[type eq "work"]', work],
    ['nickName', null],
    ['photos', []],
  ])('changes nothing where %s has the value already', (path, value) => {
    expect(outcome(userType, user, [{ op: 'replace', path, value }])).toEqual(unchanged);
  });
});

describe('extensions', () => {
  const run = (...operations: readonly unknown[]): unknown => patched(userType, employee, operations)[enterprise];
  const whole = employee[enterprise];

  it('are one attribute of the result (7644-3.5.2-10)', () => {
    expect(outcome(userType, user, [{ op: 'add', path: `${enterprise}:department`, value: 'x' }])).toEqual({
      ...unchanged,
      set: { [enterprise]: { department: 'x' } },
    });
  });

  it.each(['add', 'replace'])('keep what a bare URN with %s does not name (7644-3.5.2-11)', (op) => {
    expect(run({ op, path: enterprise, value: { division: 'N' } })).toEqual({
      ...whole,
      division: 'N',
    });
    expect(run({ op, value: { [enterprise]: { department: null } } })).toEqual({
      employeeNumber: '3107',
      manager: { value: 'm1' },
    });
  });

  it('are removed by their bare URN', () => {
    expect(outcome(userType, employee, [{ op: 'remove', path: enterprise }]).unset).toEqual([enterprise]);
    expect(outcome(userType, employee, [{ op: 'replace', path: enterprise, value: null }]).unset).toEqual([enterprise]);
  });

  it.each([
    ['a string', 'm2'],
    ['an object', { value: 'm2' }],
    ['a list of one', [{ value: 'm2', $ref: 'https://scim.example/Users/m2' }]],
    ['a reference alone', { $ref: 'https://scim.example/Users/m2' }],
    ['what is read-only beside it', { value: 'm2', displayName: 'Made up' }],
  ])('accept a manager as %s (standards reading 8)', (_, value) => {
    expect(run({ op: 'replace', path: `${enterprise}:manager`, value })).toEqual({
      ...whole,
      manager: { value: 'm2' },
    });
    expect(run({ op: 'add', path: 'manager', value })).toEqual({
      ...whole,
      manager: { value: 'm2' },
    });
  });

  it.each([null, '', [], { value: '' }])('clear a manager with %j', (value) => {
    expect(run({ op: 'replace', path: `${enterprise}:manager`, value })).toEqual({
      department: 'Cartography',
      employeeNumber: '3107',
    });
  });

  it('leave a manager as it is where the reference is null', () => {
    expect(
      run({
        op: 'replace',
        path: `${enterprise}:manager`,
        value: { $ref: null },
      }),
    ).toEqual(whole);
  });
});

describe('several operations', () => {
  it('apply in order to the running result (7644-3.5.2-12)', () => {
    const operations = [
      { op: 'add', path: 'nickName', value: 'one' },
      { op: 'replace', path: 'nickName', value: 'two' },
      { op: 'replace', path: 'emails[type eq "home"].type', value: 'other' },
      {
        op: 'replace',
        path: 'emails[type eq "other"].value',
        value: club.value,
      },
      { op: 'remove', path: 'title' },
      { op: 'add', path: enterprise, value: { department: 'a' } },
      { op: 'replace', path: `${enterprise}:department`, value: 'b' },
    ];
    expect(outcome(userType, user, operations)).toEqual({
      set: {
        nickName: 'two',
        emails: [work, club],
        [enterprise]: { department: 'b' },
      },
      unset: ['title'],
      members: undefined,
    });
  });

  it('that undo each other change nothing', () => {
    const operations = [
      { op: 'add', path: 'nickName', value: 'x' },
      { op: 'remove', path: 'nickName' },
      { op: 'remove', path: 'emails[type eq "home"]' },
      { op: 'add', path: 'emails', value: home },
    ];
    expect(outcome(userType, user, operations)).toEqual(unchanged);
  });

  it('change nothing where one of them fails (7644-3.5.2-14)', () => {
    const frozen = JSON.stringify(user);
    const operations = [
      { op: 'replace', path: 'title', value: 'x' },
      { op: 'remove', path: 'emails[type eq "home"]' },
      { op: 'replace', path: 'emails[type eq "home"]', value: home },
    ];
    expect(refusal(userType, user, operations)).toBe('noTarget');
    expect(JSON.stringify(user)).toBe(frozen);
  });

  it('are refused where they read long lists too often', () => {
    const current = { roles: Array.from({ length: 2_000 }, (_, i) => ({ value: String(i) })) };
    for (const operation of [
      { op: 'add', path: 'roles', value: { value: '1' } },
      { op: 'remove', path: 'roles', value: { value: 'x' } },
      { op: 'remove', path: 'roles[value eq "x"]' },
    ]) {
      const work = (): Work => new RequestWork(1_000_000, Number.POSITIVE_INFINITY);
      expect(refusal(userType, current, [operation], { work: work() })).toBe(undefined);
      expect(refusal(userType, current, Array(100).fill(operation), { work: work() })).toBe('tooMany');
    }
  });
});

describe('primary (RFC 7644 3.5.2)', () => {
  const others = (...operations: readonly unknown[]): unknown => after(...operations)['emails'];
  const demoted = { ...work, primary: false };

  it.each([
    [
      'an added value',
      { op: 'add', path: 'emails', value: { ...club, primary: true } },
      [demoted, home, { ...club, primary: true }],
    ],
    [
      'an added value that was present',
      { op: 'add', path: 'emails', value: { ...home, primary: true } },
      [demoted, { ...home, primary: true }],
    ],
    [
      'a sub-attribute',
      { op: 'replace', path: 'emails[type eq "home"].primary', value: 'True' },
      [demoted, { ...home, primary: true }],
    ],
    [
      'a whole value',
      {
        op: 'replace',
        path: 'emails[type eq "home"]',
        value: { ...club, primary: true },
      },
      [demoted, { ...club, primary: true }],
    ],
    [
      'a created value',
      {
        op: 'add',
        path: 'emails[type eq "other" and primary eq true].value',
        value: club.value,
      },
      [demoted, home, { type: 'other', primary: true, value: club.value }],
    ],
  ])('becomes false in the others after %s (7644-3.5.2-13)', (_, operation, expected) => {
    expect(others(operation)).toEqual(expected);
  });

  it('cannot be true in two values', () => {
    expect(refusal(userType, user, [{ op: 'replace', path: 'emails[value pr].primary', value: true }])).toBe(
      'invalidValue',
    );
  });

  it('may be true in two stored values while a client changes something else', () => {
    const emails = [work, { ...home, primary: true }];
    const display = { op: 'replace', path: 'emails[value pr].display', value: 'x' };
    expect(patched(userType, { emails }, [display])).toEqual({
      emails: emails.map((email) => ({ ...email, display: 'x' })),
    });
  });

  it('stays as it is where something else changes', () => {
    expect(
      others({
        op: 'replace',
        path: 'emails[type eq "work"].display',
        value: 'x',
      }),
    ).toEqual([{ ...work, display: 'x' }, home]);
  });
});

describe('immutable attributes (RFC 7644 3.5.2)', () => {
  const set = (current: Record<string, unknown>, path: string, value: unknown, op = 'replace'): string | undefined =>
    refusal(thingType, current, [{ op, path, value }]);

  it('can be set once (7644-3.5.2-07)', () => {
    expect(patched(thingType, {}, [{ op: 'add', path: 'serial', value: '1' }])).toEqual({ serial: '1' });
    expect(set({ serial: '1' }, 'serial', '1')).toBeUndefined();
    expect(set({ serial: '1' }, 'serial', '2')).toBe('mutability');
    expect(set({ serial: '1' }, 'serial', null)).toBe('mutability');
    expect(refusal(thingType, { serial: '1' }, [{ op: 'remove', path: 'serial' }])).toBe('mutability');
    expect(refusal(thingType, {}, [{ op: 'remove', path: 'serial' }])).toBeUndefined();
    expect(set({ stamps: ['a'] }, 'stamps', 'b', 'add')).toBe('mutability');
    expect(set({ stamps: ['a'] }, 'stamps', 'a', 'add')).toBeUndefined();
  });

  it('are immutable inside complex values too', () => {
    const thing = {
      case: { material: 'oak', mould: '1' },
      parts: [{ value: 'a', batch: '7' }],
    };
    expect(set(thing, 'case.mould', '2')).toBe('mutability');
    expect(set(thing, 'case', { mould: '1' })).toBeUndefined();
    expect(set({ case: { material: 'oak' } }, 'case.mould', '2')).toBeUndefined();
    expect(set(thing, 'parts[value eq "a"].batch', '8')).toBe('mutability');
    expect(set(thing, 'parts[value eq "a"]', { value: 'b' })).toBe('mutability');
    expect(set(thing, 'parts[value eq "a"]', { value: 'b', batch: '7' })).toBeUndefined();
    expect(set(thing, 'parts', { value: 'a', batch: '8' }, 'add')).toBe('mutability');
    expect(refusal(thingType, thing, [{ op: 'remove', path: 'parts[value eq "a"]' }])).toBeUndefined();
  });

  it('prevent the removal of an extension', () => {
    const thing = { [testExtension]: { owner: 'x', seal: '1' } };
    expect(set(thing, `${testExtension}:seal`, '2')).toBe('mutability');
    expect(set(thing, `${testExtension}:owner`, 'y')).toBeUndefined();
    expect(set(thing, testExtension, { seal: '1', owner: 'z' })).toBeUndefined();
  });
});

describe('read-only attributes named by a path (7644-3.5.2-06, standards reading 6)', () => {
  const run = (path: string, value: unknown, op = 'replace'): string | undefined =>
    refusal(userType, employee, [{ op, path, value }]);

  it('accept the current id', () => {
    expect(run('id', 'u1')).toBeUndefined();
    expect(run('id', 'u2')).toBe('mutability');
    expect(refusal(userType, {}, [{ op: 'replace', path: 'id', value: undefined }])).toBe('invalidValue');
  });

  it('accept the current schemas, and no others in strict mode', () => {
    const strictly = (value: unknown, op = 'replace', before: Attributes = employee): string | undefined =>
      refusal(userType, before, [{ op, path: 'schemas', value }], { useQuirk: usingQuirk(['schemas-in-path']) });
    expect(strictly([userSchema.id, enterprise])).toBeUndefined();
    expect(strictly([userSchema.id])).toBe('mutability');
    expect(strictly(enterprise, 'add')).toBeUndefined();
    expect(strictly(['urn:example:other'], 'add')).toBe('mutability');
    expect(strictly([5], 'add')).toBe('mutability');
    expect(strictly([enterprise], 'add', user)).toBe('mutability');
    expect(strictly([enterprise], 'remove')).toBe('mutability');
  });

  it.each(['add', 'replace', 'remove'])(
    '%s of schemas changes nothing where the type knows them (reading 60)',
    (op) => {
      for (const value of [
        [enterprise],
        enterprise.toUpperCase(),
        [userSchema.id, enterprise],
        ['urn:example:other'],
      ]) {
        expect(patched(userType, user, [{ op, path: 'schemas', value }])).toEqual(user);
      }
      expect(run('schemas', [groupSchema.id], op)).toBe('invalidValue');
      for (const filter of [`value eq "${enterprise}"`, 'value eq "urn:x"', 'not (value co "core")']) {
        const one = { op, path: `schemas[${filter}]`, ...(op !== 'remove' && { value: enterprise }) };
        expect(patched(userType, user, [one])).toEqual(user);
      }
      for (const value of [[5], [''], { value: enterprise }]) expect(run('schemas', value, op)).toBe('invalidValue');
    },
  );

  it('accept the value that responses show, and no other (standards reading 61)', () => {
    const meta = { resourceType: 'User', created: '2026-01-01T00:00:00.000Z', version: 'W/"1"' };
    const groups = [
      { value: 'g1', display: 'One', type: 'direct' },
      { value: 'g2', type: 'indirect' },
    ];
    const resource = { ...employee, meta, groups, [enterprise]: { manager: { value: 'b', displayName: 'Boss' } } };
    const asShown = (path: string, value: unknown, op = 'replace'): string | undefined =>
      scimTypeOf(() =>
        applyPatch(readPatch(message({ op, path, value }), userType, optionsFor(userType)), employee, { resource }),
      );
    expect(asShown('meta', meta)).toBeUndefined();
    expect(asShown('meta', { RESOURCETYPE: 'User' })).toBeUndefined();
    expect(asShown('meta.created', '2026-01-01T01:00:00+01:00')).toBeUndefined();
    expect(asShown('meta.version', 'W/"1"', 'add')).toBeUndefined();
    expect(asShown('groups', groups)).toBeUndefined();
    expect(asShown('groups', [{ value: 'g2' }], 'add')).toBeUndefined();
    expect(asShown(`${enterprise}:manager.displayName`, 'Boss')).toBeUndefined();
    expect(asShown('groups', [{ value: 'g2' }])).toBe('mutability');
    expect(asShown('groups', [])).toBe('mutability');
    expect(asShown('groups', [{ value: 'g1', type: 'indirect' }], 'add')).toBe('mutability');
    expect(asShown('groups', [{ value: 'g3' }], 'add')).toBe('mutability');
    expect(asShown('meta', { resourceType: 'User', version: 'W/"2"' })).toBe('mutability');
    expect(asShown('meta', { shoeSize: 9 })).toBe('mutability');
    expect(asShown('meta.version', 'W/"2"')).toBe('mutability');
    expect(asShown(`${enterprise}:manager.displayName`, 'Bos')).toBe('mutability');
    expect(asShown('groups', groups, 'remove')).toBe('mutability');
  });
});

describe('applying', () => {
  it('returns everything that the PATCH names, without the resource', () => {
    const operations = [
      { op: 'replace', value: { active: false, title: null } },
      { op: 'remove', path: 'nickName' },
      { op: 'add', path: 'title', value: 'x' },
    ];
    expect(outcome(userType, undefined, operations)).toEqual({
      set: { active: false, title: 'x' },
      unset: ['nickName'],
      members: undefined,
    });
  });

  it('needs the resource where the plan says so', () => {
    const plan = readPatch(message({ op: 'remove', path: 'name.givenName' }), userType, optionsFor(userType));
    expect(() => applyPatch(plan, undefined)).toThrow(TypeError);
  });

  it('always writes a writeOnly value', () => {
    const operations = [{ op: 'replace', path: 'secret', value: 'x' }];
    expect(outcome(thingType, { secret: 'x' }, operations).set).toEqual({
      secret: 'x',
    });
    expect(outcome(thingType, {}, [{ op: 'remove', path: 'secret' }]).unset).toEqual(['secret']);
  });

  it('reads stored null and empty lists as unassigned', () => {
    const current = { title: null, emails: [], stamps: null };
    expect(
      outcome(userType, current, [
        { op: 'remove', path: 'title' },
        { op: 'remove', path: 'emails' },
      ]),
    ).toEqual(unchanged);
    expect(refusal(thingType, current, [{ op: 'add', path: 'stamps', value: 'a' }])).toBeUndefined();
  });

  it('shares the parts that do not change, and changes neither the resource nor the request', () => {
    const frozen = freeze(structuredClone(employee)) as typeof employee;
    const { set } = outcome(userType, frozen, [
      { op: 'replace', path: 'emails[type eq "home"].display', value: 'x' },
      { op: 'replace', path: `${enterprise}:department`, value: 'x' },
    ]);
    expect((set['emails'] as unknown[])[0]).toBe(frozen.emails[0]);
    expect((set[enterprise] as { manager: unknown }).manager).toBe(frozen[enterprise].manager);
  });

  it('reads own properties only', () => {
    const current = Object.create({
      name: { givenName: 'inherited' },
      emails: [work],
    }) as Record<string, unknown>;
    expect(outcome(userType, current, [{ op: 'add', path: 'name.familyName', value: 'x' }]).set).toEqual({
      name: { familyName: 'x' },
    });
    expect(outcome(userType, current, [{ op: 'remove', path: 'emails' }])).toEqual(unchanged);
  });
});

function freeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

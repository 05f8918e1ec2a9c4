import { RequestWork } from '../../../src/operations/request-work.js';
import { describe, expect, it } from '@jest/globals';
import { readPatch } from '../../../src/protocol/patch/read.js';
import type { MemberDelta } from '../../../src/protocol/patch/members.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import { groupType, message, optionsFor, outcome, patched, refusal, strictly, usingQuirk } from './patching.js';

const member = (...ids: readonly string[]): { value: string }[] => ids.map((value) => ({ value }));
const add = (...ids: readonly string[]): unknown => ({
  op: 'add',
  path: 'members',
  value: member(...ids),
});
const remove = (id: string): unknown => ({
  op: 'remove',
  path: `members[value eq "${id}"]`,
});
const replace = (...ids: readonly string[]): unknown => ({
  op: 'replace',
  path: 'members',
  value: member(...ids),
});
const removeAll = { op: 'remove', path: 'members' };

function delta(operations: readonly unknown[], current?: Attributes): MemberDelta | undefined {
  return outcome(groupType, current, operations).members;
}
const only = (...ids: readonly string[]): MemberDelta => ({
  add: member(...ids),
  remove: [],
  only: true,
});

describe('members of a group as one delta', () => {
  it.each([
    ['add', [add('a', 'b')], { add: member('a', 'b'), remove: [], only: false }],
    [
      'add of one object',
      [{ op: 'add', path: 'members', value: { value: 'a' } }],
      { add: member('a'), remove: [], only: false },
    ],
    [
      'add without a path',
      [{ op: 'add', value: { members: member('a') } }],
      { add: member('a'), remove: [], only: false },
    ],
    [
      'add of a list inside an object',
      [{ op: 'add', path: 'members', value: { members: member('a', 'b') } }],
      { add: member('a', 'b'), remove: [], only: false },
    ],
    [
      'remove by a list inside an object',
      [{ op: 'remove', path: 'members', value: { members: member('a') } }],
      { add: [], remove: ['a'], only: false },
    ],
    ['add of one twice', [add('a', 'a'), add('a')], { add: member('a'), remove: [], only: false }],
    ['remove by id', [remove('a'), remove('b')], { add: [], remove: ['a', 'b'], only: false }],
    [
      'remove by an or of ids',
      [{ op: 'remove', path: 'members[value eq "a" or value eq "b"]' }],
      { add: [], remove: ['a', 'b'], only: false },
    ],
    [
      'remove by a list',
      [{ op: 'Remove', path: 'members', value: member('a', 'b') }],
      { add: [], remove: ['a', 'b'], only: false },
    ],
    [
      'remove by one object',
      [{ op: 'remove', path: 'members', value: { value: 'a' } }],
      { add: [], remove: ['a'], only: false },
    ],
    ['remove of all', [removeAll], only()],
    ['replace', [replace('a', 'b')], only('a', 'b')],
    ['replace without a path', [{ op: 'replace', value: { members: member('a') } }], only('a')],
    ['replace with nothing', [replace()], only()],
    ['replace with null', [{ op: 'replace', path: 'members', value: null }], only()],
    ['replace with empty text', [{ op: 'replace', path: 'members', value: '' }], only()],
    ['add, then remove', [add('a', 'b'), remove('a')], { add: member('b'), remove: ['a'], only: false }],
    ['remove, then add', [remove('a'), add('a')], { add: member('a'), remove: [], only: false }],
    ['replace, then add', [replace('a'), add('b')], only('a', 'b')],
    ['replace, then remove', [replace('a', 'b'), remove('a'), remove('z')], only('b')],
    ['add, then replace', [add('a'), remove('z'), replace('b')], only('b')],
    ['remove all, then add', [removeAll, add('a', 'b')], only('a', 'b')],
  ])('folds %s', (_, operations, expected) => expect(delta(operations)).toEqual(expected));

  it.each([
    ['an empty list to add', { op: 'add', path: 'members', value: [] }],
    ['null to add', { op: 'add', path: 'members', value: null }],
    ['an empty list to remove', { op: 'remove', path: 'members', value: [] }],
  ])('has none for %s', (_, operation) => {
    const plan = readPatch(message(operation), groupType, optionsFor(groupType));
    expect(plan).toMatchObject({ operations: [], needsCurrent: false });
    expect(delta([operation])).toBeUndefined();
  });

  it('is in the same change as a rename', () => {
    const rename = { op: 'replace', path: 'displayName', value: 'x' };
    expect(outcome(groupType, undefined, [rename, add('a')])).toEqual({
      set: { displayName: 'x' },
      unset: [],
      members: { add: member('a'), remove: [], only: false },
    });
  });

  it('keeps the type of a member, but not its URI and name, which are derived', () => {
    const value = [
      {
        Value: 'a',
        type: 'User',
        display: 'A',
        $ref: 'https://scim.example/Users/a',
      },
    ];
    expect(delta([{ op: 'add', path: 'members', value }])?.add).toEqual([{ value: 'a', type: 'User' }]);
    expect(
      delta([
        {
          op: 'add',
          path: 'members',
          value: [{ $ref: 'https://scim.example/Users/a%20b' }],
        },
      ])?.add,
    ).toEqual(member('a b'));
    expect(delta([{ op: 'Add', path: 'members', value: [{ $ref: null, value: 'a' }] }])?.add).toEqual(member('a'));
  });
});

describe('members selected by a filter', () => {
  const current = {
    displayName: 'x',
    members: [
      { value: 'u1', type: 'User', display: 'Una' },
      { value: 'u2', type: 'User', display: 'Uri' },
      { value: 'g1', type: 'Group', display: 'Gang' },
    ],
  };
  const groups = { op: 'remove', path: 'members[type eq "Group"]' };

  it('are removed by any other filter', () => {
    expect(delta([groups], current)).toEqual({
      add: [],
      remove: ['g1'],
      only: false,
    });
    expect(delta([{ op: 'remove', path: 'members[display sw "U"]' }], current)?.remove).toEqual(['u1', 'u2']);
    expect(delta([{ op: 'remove', path: 'members[display sw "Z"]' }], current)?.remove).toEqual([]);
  });

  it('are selected from the result of the operations before', () => {
    const g2 = {
      op: 'add',
      path: 'members',
      value: [{ value: 'g2', type: 'Group' }],
    };
    expect(delta([g2, groups], current)).toEqual({
      add: [],
      remove: ['g2', 'g1'],
      only: false,
    });
    expect(delta([replace('u1'), g2, groups], current)).toEqual(only('u1'));
    expect(delta([remove('g1'), groups], current)).toEqual({
      add: [],
      remove: ['g1'],
      only: false,
    });
    expect(delta([groups], { displayName: 'x' })).toEqual({
      add: [],
      remove: [],
      only: false,
    });
  });

  it('are refused where there are too many to read', () => {
    const members = Array.from({ length: 5_000 }, (_, i) => ({ value: `m${String(i)}` }));
    const work = new RequestWork(50_000, Number.POSITIVE_INFINITY);
    expect(refusal(groupType, { members }, [groups], { work })).toBe('tooMany');
  });
});

describe('errors of operations on members', () => {
  it.each([
    ['replace', 'members[value eq "a"].value', 'b'],
    ['replace', 'members[value eq "a"].$ref', 'https://scim.example/Users/b'],
    ['replace', 'members[type eq "User"].value', 'b'],
    ['replace', 'members[value eq "a"]', { value: 'b' }],
    ['add', 'members[value eq "a"].display', 'x'],
    ['add', 'members[value eq "a"]', { display: 'x' }],
    ['add', 'members.display', 'x'],
    ['remove', 'members[value eq "a"].value', undefined],
    ['remove', 'members.display', undefined],
  ])('%s of %s, a part of a member (standards reading 37)', (op, path, value) => {
    expect(refusal(groupType, {}, [{ op, path, value }])).toBe('mutability');
  });

  it.each([
    [[{ display: 'Nobody' }]],
    [[{ value: 7 }]],
    [[{ value: '' }]],
    [[{ value: null }]],
    [[{}]],
    [[null]],
    [[5]],
    [[['a']]],
    [[{ value: 'a', type: 5 }]],
    [[{ value: 'a', type: {} }]],
    [5],
    [true],
    [{}],
  ])('a member without an id: %j (RFC 7643 4.2)', (value) => {
    for (const op of ['add', 'replace', 'remove']) {
      expect(refusal(groupType, {}, [{ op, path: 'members', value }])).toBe('invalidValue');
    }
  });

  it('a string in place of all members, or of those to remove', () => {
    for (const op of ['replace', 'remove']) {
      expect(refusal(groupType, {}, [{ op, path: 'members', value: 'nobody' }])).toBe('invalidValue');
    }
  });

  it.each([null, ''])('%j as the list to remove, which never empties a group (7644-3.5.2.2-08)', (value) => {
    expect(refusal(groupType, {}, [{ op: 'remove', path: 'members', value }])).toBe('invalidValue');
  });

  it('a removal by a filter that selects no member, in strict mode (RFC 7644 3.12, noTarget)', () => {
    const current = { members: [{ value: 'a', display: 'Ann' }] };
    const named = (name: string): unknown => ({ op: 'remove', path: `members[display eq "${name}"]` });
    const refuse = (...operations: readonly unknown[]): unknown =>
      refusal(groupType, current, operations, { useQuirk: strictly });
    expect(refuse(named('Nobody'))).toBe('noTarget');
    expect(refuse(named('Ann'), named('Ann'))).toBe('noTarget');
    expect(refuse(remove('a'), named('Ann'))).toBe('noTarget');
    expect(refuse(replace('b'), named('Ann'))).toBe('noTarget');
    expect(outcome(groupType, current, [named('Ann')], { useQuirk: strictly }).members).toMatchObject({
      remove: ['a'],
    });
    expect(outcome(groupType, current, [remove('z')], { useQuirk: strictly }).members).toMatchObject({ remove: ['z'] });
    const useQuirk = usingQuirk();
    expect(outcome(groupType, current, [named('Nobody')], { useQuirk }).members).toMatchObject({ remove: [] });
    expect(useQuirk.used).toContain('remove-without-match');
  });

  it('a list to remove in strict mode (7644-3.5.2.2-08)', () => {
    const operation = { op: 'remove', path: 'members', value: member('a') };
    expect(refusal(groupType, {}, [operation], { useQuirk: strictly })).toBe('invalidValue');
    const useQuirk = usingQuirk();
    outcome(groupType, undefined, [operation], { useQuirk });
    expect([...useQuirk.used]).toEqual(['remove-listed-values']);
  });
});

it('treats members like any other list without memberDeltas', () => {
  const options = { ...optionsFor(groupType), memberDeltas: false };
  const plan = readPatch(message(add('a')), groupType, options);
  expect(plan).toMatchObject({
    needsCurrent: true,
    operations: [{ kind: 'append' }],
  });
});

it('leaves the members of a group as they are where no operation names them', () => {
  const current = { displayName: 'x', members: member('a') };
  expect(patched(groupType, current, [{ op: 'replace', path: 'displayName', value: 'y' }])).toEqual({
    ...current,
    displayName: 'y',
  });
});

it('reads 10,000 members in one operation and in 10,000', () => {
  const ids = Array.from({ length: 10_000 }, (_, i) => `user-${i}`);
  expect(delta([add(...ids)])?.add).toHaveLength(10_000);
  expect(delta(ids.map((id) => add(id)))?.add).toHaveLength(10_000);
  expect(delta(ids.map(remove))?.remove).toHaveLength(10_000);
});

it.each([
  { op: 'replace', path: 'members', value: { members: null } },
  { op: 'replace', path: 'members', value: { members: [] } },
  { op: 'add', path: 'members', value: { members: null } },
  { op: 'remove', path: 'members', value: { members: null } },
])('never reads %j as a change of all members', (operation) => {
  expect(refusal(groupType, { members: [{ value: 'a' }] }, [operation])).toBe('invalidValue');
});

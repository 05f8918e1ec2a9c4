import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyMembers, type MemberIds } from '../../src/index.js';
import { members } from '../../src/testing/requests.js';
import { random } from '../random.js';

const present = new Set(['a', 'b', 'c']);

describe('applyMembers', () => {
  it('adds who is absent and removes who is present', () => {
    expect(applyMembers(present, members({ add: ['x', 'a'], remove: ['b', 'y'] }))).toEqual({
      inserted: [{ value: 'x' }],
      added: ['x'],
      removed: ['b'],
      ignored: [],
    });
  });

  it('keeps exactly those in `add` with `only`, and those who stay are neither added nor removed', () => {
    expect(applyMembers(present, members({ add: ['b', 'x'], only: true }))).toMatchObject({
      added: ['x'],
      removed: ['a', 'c'],
    });
    expect(applyMembers(present, members({ only: true })).removed).toEqual(['a', 'b', 'c']);
  });

  it('counts an id that is named twice once', () => {
    const twice = members({ add: ['x', 'x'], remove: ['a', 'a'] });
    expect(applyMembers(present, twice)).toMatchObject({ inserted: [{ value: 'x' }], added: ['x'], removed: ['a'] });
  });

  it('inserts members as they were given', () => {
    const add = [{ value: 'x', type: 'Group', display: 'Crew' }];
    expect(applyMembers(new Set(), { ...members({}), add }).inserted).toEqual(add);
  });

  it('treats ids that are no resources as `pending` says', () => {
    const exists = (id: string) => !id.startsWith('?');
    const change = (pending: 'keep' | 'reject' | 'ignore') => members({ add: ['?1', 'x', '?2', '?1'], pending });
    expect(applyMembers(present, change('keep'), exists)).toMatchObject({ added: ['?1', 'x', '?2'], ignored: [] });
    expect(applyMembers(present, change('ignore'), exists)).toMatchObject({ added: ['x'], ignored: ['?1', '?2'] });
    expect(() => applyMembers(present, change('reject'), exists)).toThrow(
      expect.objectContaining({ code: 'SCIM_UNKNOWN_REFERENCE', ids: ['?1', '?2'] }),
    );
    expect(applyMembers(present, members({ remove: ['?1'] }), exists)).toMatchObject({ removed: [] });
    expect(applyMembers(new Set(['?1']), { ...change('ignore'), only: true }, exists).removed).toEqual(['?1']);
  });

  it.each([{}, { value: '' }, { value: 7 }, null])('refuses %j as a member', (member) => {
    const change = { ...members({}), add: [member] as never };
    expect(() => applyMembers(present, change)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('iterates the present members only for `only`', () => {
    const unreadable: MemberIds = {
      has: (id) => present.has(id),
      [Symbol.iterator]: () => {
        throw new Error('iterated');
      },
    };
    expect(applyMembers(unreadable, members({ add: ['x'], remove: ['a'] }))).toMatchObject({ removed: ['a'] });
    expect(() => applyMembers(unreadable, members({ only: true }))).toThrow('iterated');
  });

  it('agrees with a set, changes nothing that is given, and is idempotent', () => {
    const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 6 });
    fc.assert(
      fc.property(ids, ids, ids, fc.boolean(), fc.func(fc.boolean()), fc.constantFrom('keep', 'ignore'), (...given) => {
        const [list, add, named, only, known, pending] = given;
        const before = new Set(list);
        const exists = (id: string) => known(id);
        const remove = only ? [] : named.filter((id) => !add.includes(id));
        const change = members({ add, remove, only, pending: pending === 'keep' ? 'keep' : 'ignore' });
        const result = applyMembers(before, change, exists);
        expect(before).toEqual(new Set(list));
        const taken = new Set(add.filter((id) => pending === 'keep' || exists(id)));
        const after = new Set(only ? taken : [...before, ...taken].filter((id) => !remove.includes(id)));
        expect(new Set(result.added)).toEqual(new Set([...after].filter((id) => !before.has(id))));
        expect(new Set(result.removed)).toEqual(new Set([...before].filter((id) => !after.has(id))));
        expect(result.inserted.map(({ value }) => value)).toEqual(result.added);
        expect(applyMembers(after, change, exists)).toMatchObject({ added: [], removed: [] });
      }),
      random(300),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyChange, type AppliedChange, isSameJson } from '../../src/index.js';
import { random } from '../random.js';

type Values = Readonly<Record<string, unknown>>;
const badge = 'urn:example:2.0:Badge';

describe('applyChange', () => {
  const before: Values = {
    id: '1',
    title: 'Dr',
    name: { givenName: 'Ada', familyName: 'L' },
    emails: [{ value: 'a@x', type: 'work' }],
    [badge]: { number: '7', color: 'red' },
  };

  it.each<[string, object, readonly string[]]>([
    ['nothing', {}, []],
    ['equal values', { title: 'Dr', emails: [{ value: 'a@x', type: 'work' }] }, []],
    ['properties in another order', { name: { familyName: 'L', givenName: 'Ada' } }, []],
    ['a property that is undefined', { title: undefined }, []],
    ['unset of what has no value', {}, ['nickName']],
  ])('returns the resource itself for %s', (_, set, unset) => {
    const { after, changed } = applyChange(before, { set, unset });
    expect(after).toBe(before);
    expect(changed).toEqual([]);
  });

  it.each<[string, object, readonly string[], Values, readonly string[]]>([
    ['sets', { title: 'Prof' }, [], { ...before, title: 'Prof' }, ['title']],
    ['adds', { nickName: 'ace' }, [], { ...before, nickName: 'ace' }, ['nickName']],
    [
      'replaces objects as a whole',
      { name: { givenName: 'Ada' } },
      [],
      { ...before, name: { givenName: 'Ada' } },
      ['name'],
    ],
    [
      'replaces extensions as a whole',
      { [badge]: { number: '7' } },
      [],
      { ...before, [badge]: { number: '7' } },
      [badge],
    ],
    [
      'names only what differs',
      { title: 'Dr', nickName: 'ace' },
      ['id2'],
      { ...before, nickName: 'ace' },
      ['nickName'],
    ],
    ['takes null for a value', { title: null }, [], { ...before, title: null }, ['title']],
    ['takes the order of a list for a difference', { emails: [] }, [], { ...before, emails: [] }, ['emails']],
  ])('%s', (_, set, unset, after, changed) => {
    expect(applyChange(before, { set, unset })).toEqual({ after, changed });
  });

  it('removes a property whole, so that it is absent and not undefined', () => {
    const { after, changed } = applyChange(before, { set: {}, unset: ['title', badge, 'title'] });
    expect(Object.keys(after)).toEqual(['id', 'name', 'emails']);
    expect(changed).toEqual(['title', badge]);
  });

  it('shares the values that did not change', () => {
    expect(applyChange(before, { set: { title: 'Prof' }, unset: [] }).after['name']).toBe(before['name']);
  });

  it('reads own properties only', () => {
    expect(applyChange<Values>({}, { set: { constructor: 'x' }, unset: ['toString'] })).toEqual({
      after: { constructor: 'x' },
      changed: ['constructor'],
    });
  });

  it('agrees with an assignment of each property, changes no argument, and is idempotent', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', badge);
    const values = fc.dictionary(names, fc.jsonValue({ maxDepth: 2 }));
    const change = fc.record({ set: values, unset: fc.array(names) });
    fc.assert(
      fc.property(values, change, (old, { set, unset: given }) => {
        const unset = given.filter((name) => !Object.hasOwn(set, name));
        const [oldText, changeText] = [JSON.stringify(old), JSON.stringify({ set, unset })];
        const result: AppliedChange<Values> = applyChange<Values>(old, { set, unset });
        const expected = new Map(Object.entries({ ...old, ...set }));
        for (const name of unset) expected.delete(name);
        expect(isSameJson(result.after, Object.fromEntries(expected))).toBe(true);
        const all = new Set([...Object.keys(old), ...Object.keys(set)]);
        const differing = [...all].filter((name) => !isSameJson(old[name], result.after[name]));
        expect([...result.changed].sort()).toEqual(differing.sort());
        expect(result.after === old).toBe(result.changed.length === 0);
        expect([JSON.stringify(old), JSON.stringify({ set, unset })]).toEqual([oldText, changeText]);
        expect(applyChange(result.after, { set, unset })).toEqual({ after: result.after, changed: [] });
      }),
      random(300),
    );
  });
});

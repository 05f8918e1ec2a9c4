import { describe, expect, it } from '@jest/globals';
import type { AttributeRef } from '../../src/contract/attribute.js';
import type { Filter } from '../../src/contract/filter.js';
import { readsOf } from '../../src/contract/reads.js';
import { attribute, enterprise, eq } from '../../src/testing/requests.js';

const inExtension = (...names: readonly string[]): AttributeRef =>
  attribute(`${enterprise}:${names.join('.')}`, { keys: [enterprise, ...names] });
const present = (ref: AttributeRef): Filter => ({ op: 'present', attribute: ref });

describe('ListQuery.reads', () => {
  it.each<[string, Filter | undefined, readonly AttributeRef[], readonly string[]]>([
    ['nothing without a filter and an order', undefined, [], []],
    ['the top-level attribute of a sub-attribute', eq('name.givenName', 'ada'), [], ['name']],
    ['meta', present(attribute('meta.created')), [], ['meta']],
    ['an extension by its URN', present(attribute(enterprise, { keys: [enterprise] })), [], [enterprise]],
    [
      'an attribute of an extension by its whole path',
      present(inExtension('department')),
      [],
      [`${enterprise}:department`],
    ],
    ['one inside it by the same path', present(inExtension('manager', 'value')), [], [`${enterprise}:manager`]],
    ['what is negated', { op: 'not', filter: eq('title', 'x') }, [], ['title']],
    [
      'a value path once',
      { op: 'some', attribute: attribute('members'), filter: eq('members.value', '1') },
      [],
      ['members'],
    ],
    [
      'each once, of filter and order together',
      { op: 'or', filters: [eq('groups.value', '1'), { op: 'and', filters: [eq('title', 'x'), eq('userName', 'a')] }] },
      [attribute('userName'), attribute('groups.display'), inExtension('department')],
      ['groups', 'title', 'userName', `${enterprise}:department`],
    ],
  ])('names %s', (_, filter, sort, expected) => {
    expect(readsOf({ filter, sort: sort.map((ref) => ({ attribute: ref, descending: false })) })).toEqual(expected);
  });
});

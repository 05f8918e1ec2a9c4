import { describe, expect, it } from '@jest/globals';
import { assertedPaths } from '../../src/operations/asserted.js';
import { enterprise, userType } from './types.js';

describe('paths that a body asserts', () => {
  it.each<[string, object, string[]]>([
    ['simple attributes', { userName: 'a', active: true }, ['userName', 'active']],
    ['complex attributes and their parts', { name: { givenName: 'A' } }, ['name', 'name.givenName']],
    [
      'an extension under its URN',
      { [enterprise]: { manager: { value: '1' } } },
      [enterprise, `${enterprise}:manager`, `${enterprise}:manager.value`],
    ],
    [
      'the parts of every value',
      { emails: [{ value: 'a@example.com' }, { type: 'work' }] },
      ['emails', 'emails.value', 'emails.type'],
    ],
    ['nothing that the schema does not know', { unknown: { x: 1 }, name: { unknown: 1 } }, ['name']],
    ['an attribute without values', { emails: [] }, ['emails']],
  ])('are %s', (_, body, paths) => {
    expect(assertedPaths(userType, body as Record<string, unknown>)).toEqual(paths);
  });
});

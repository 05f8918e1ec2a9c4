import type { StoreRecord } from '../../../stores/over/primitives.js';
import { newId, record } from './primitives-context.js';

/** A user with everything that JSON has, and that databases are known to change. */
export function fullUser(keys: StoreRecord['keys'] = {}): StoreRecord {
  return record({
    version: 7,
    created: '2026-01-31T23:59:59.001Z',
    lastModified: '2026-03-01T00:00:00.000Z',
    attributes: {
      userName: 'Ada.Lovelace',
      displayName: 'Ada "the Countess" Lovelace, \\ é 漢字 😀',
      active: false,
      nickName: ' spaces ',
      title: "O'Brien; drop table records; --",
      name: { givenName: 'Ada', familyName: '' },
      emails: [
        { value: 'ada@example.com', primary: true },
        { value: 'a@x', type: 'home' },
      ],
      roles: [],
      numbers: { integer: 9_007_199_254_740_991, negative: -1, fraction: 0.1 },
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { value: newId(), $ref: '../Users/1' } },
    },
    keys,
  });
}

/** A group with this many members: users, groups and IDs that refer to nothing. */
export function fullGroup(count: number): StoreRecord {
  const members = Array.from({ length: count }, (_, n) => {
    if (n === 1) return { value: 'pending.1' };
    return { value: newId(), type: n % 10 === 2 ? 'Group' : 'User' };
  });
  return record({ type: 'Group', attributes: { displayName: 'Crew' }, members });
}

/** The same key for each path. */
export function keysAt(paths: readonly string[], key: string): StoreRecord['keys'] {
  return Object.fromEntries(paths.map((path) => [path, key]));
}

import { describe, expect, it } from '@jest/globals';
import type { AttributeRef } from '../../src/contract/attribute.js';
import type { Stored, User } from '../../src/contract/resource.js';
import { comparePositions, positionOf } from '../../src/schema/position.js';
import { selectPage } from '../../src/stores/select-page.js';
import { attribute, cursor, index, listQuery } from '../../src/testing/requests.js';

const meta = { created: '2026-01-01T00:00:00Z', lastModified: '2026-01-01T00:00:00Z', version: '1' };

function user(id: string, more: object = {}): Stored<User> {
  return { id, userName: `user ${id}`, meta, ...more };
}

function order(ref: AttributeRef, descending: boolean, rows: readonly Stored<User>[]): string {
  const query = listQuery<User>({ sort: [{ attribute: ref, descending }] });
  return selectPage(query, rows)
    .resources.map(({ id }) => id)
    .join('');
}

describe('positions (RFC 7644 3.4.2.3)', () => {
  const byTime = attribute('meta.created', { type: 'dateTime' });
  it.each<[string, AttributeRef, readonly Stored<User>[], string, string]>([
    [
      'strings without regard to case',
      attribute('title'),
      [user('a', { title: 'b' }), user('b', { title: 'A' }), user('c', { title: 'C' })],
      'bac',
      'cab',
    ],
    [
      'caseExact strings as they are',
      attribute('externalId'),
      [user('a', { externalId: 'a' }), user('b', { externalId: 'B' })],
      'ba',
      'ab',
    ],
    [
      'no value last, first descending, and "" as none',
      attribute('title'),
      [user('a'), user('b', { title: 'x' }), user('c', { title: '' })],
      'bac',
      'cab',
    ],
    [
      'the primary of several values',
      attribute('emails.value'),
      [
        user('a', { emails: [{ value: 'a' }, { value: 'z', primary: true }] }),
        user('b', { emails: [{ value: 'm' }, { value: 'n' }] }),
      ],
      'ba',
      'ab',
    ],
    [
      'a complex attribute by its value',
      attribute('emails', { type: 'complex' }),
      [user('a', { emails: [{ value: 'b' }] }), user('b', { emails: [{ value: 'a' }] })],
      'ba',
      'ab',
    ],
    [
      'times as instants',
      byTime,
      [
        user('a', { meta: { ...meta, created: '2026-01-01T01:00:00+02:00' } }),
        user('b', { meta: { ...meta, created: new Date('2025-12-31T22:00:00Z') } }),
        user('c', { meta: { ...meta, created: 'never' } }),
      ],
      'bac',
      'cab',
    ],
    [
      'booleans, false first',
      attribute('active', { type: 'boolean' }),
      [user('a', { active: true }), user('b', { active: false })],
      'ba',
      'ab',
    ],
    [
      'equal values by id, in the direction of the key',
      attribute('title'),
      [user('b', { title: 'x' }), user('a', { title: 'X' })],
      'ab',
      'ba',
    ],
    ['nothing by a name of Object.prototype', attribute('constructor.name'), [user('b'), user('a')], 'ab', 'ba'],
  ])('order %s', (_, ref, rows, ascending, descending) => {
    expect(order(ref, false, rows)).toBe(ascending);
    expect(order(ref, true, rows)).toBe(descending);
  });

  it('are plain JSON and survive it', () => {
    const sort = [
      { attribute: attribute('title'), descending: false },
      { attribute: attribute('meta.created', { type: 'dateTime' }), descending: true },
    ];
    const position = positionOf(user('a', { title: 'É' }), sort);
    expect(position).toEqual(['é', Date.parse(meta.created), 'a']);
    expect(comparePositions(JSON.parse(JSON.stringify(position)), position, sort)).toBe(0);
  });
});

describe('select', () => {
  it('gives the same order whatever order the rows come in', () => {
    const rows = ['c', 'a', 'b'].map((id) => user(id));
    expect(selectPage(listQuery<User>({ page: index(1, 1) }), rows).resources.map(({ id }) => id)).toEqual(['b']);
    expect(selectPage(listQuery<User>({ page: index(1, 1) }), rows.reverse()).resources.map(({ id }) => id)).toEqual([
      'b',
    ]);
  });

  it('keeps what matches, and counts that', () => {
    const filter = { op: 'eq' as const, attribute: attribute('title'), value: 'x' };
    const page = selectPage(listQuery<User>({ filter }), [
      user('a', { title: 'X' }),
      user('b'),
      user('c', { title: 'xx' }),
    ]);
    expect(page).toMatchObject({ totalResults: 1, resources: [{ id: 'a' }] });
  });

  it('removes members and groups that are not selected, and copies only then', () => {
    const plain = user('a');
    const laden = user('b', { members: [{ value: 'x' }], groups: [] });
    const bare = selectPage(listQuery<User>(), [plain, laden]).resources;
    expect(bare[0]).toBe(plain);
    expect(bare[1]).toEqual(user('b'));
    expect(laden).toHaveProperty('members');
    expect(selectPage(listQuery<User>({ selection: new Set(['members', 'groups']) }), [laden]).resources[0]).toBe(
      laden,
    );
  });

  it('returns empty cursor pages with a total and without neighbors', () => {
    expect(selectPage(listQuery<User>({ page: cursor(0) }), [user('a')])).toEqual({ resources: [], totalResults: 1 });
    expect(selectPage(listQuery<User>({ page: cursor(5, { after: ['z'] }) }), [user('a')])).toEqual({
      resources: [],
      totalResults: 1,
    });
    expect(selectPage(listQuery<User>({ page: cursor(5, { before: ['A'] }) }), [user('a')])).toEqual({
      resources: [],
      totalResults: 1,
    });
  });

  it('shows one that was added behind the cursor, and not one that was added before it', () => {
    const rows = ['b', 'd', 'f', 'h'].map((id) => user(id));
    const first = selectPage(listQuery<User>({ page: cursor(2) }), rows);
    const more = [...rows, user('a'), user('e')];
    const second = selectPage(listQuery<User>({ page: cursor(2, { ...(first.next && { after: first.next }) }) }), more);
    expect(second.resources.map(({ id }) => id)).toEqual(['e', 'f']);
  });
});

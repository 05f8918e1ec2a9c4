import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import type { Change } from '../../../src/contract/store.js';
import type { Filter, SortKey } from '../../../src/contract/filter.js';
import type { User } from '../../../src/contract/resource.js';
import {
  attribute,
  change as changing,
  ctx as contextOf,
  listQuery,
  newUser,
  nothing,
} from '../../../src/testing/requests.js';
import { builtInTables } from '../built-in/built-in.js';
import { engines } from './engines.js';

const ctx = contextOf();
const selection = nothing;
const userName = attribute('userName');
const externalId = attribute('externalId');
const active = attribute('active', { type: 'boolean' });

describe.each(engines)('the built-in tables on $name', ({ connect }) => {
  let db: Kysely<unknown>;
  let made: Awaited<ReturnType<typeof builtInTables>>;
  beforeAll(async () => {
    db = connect();
    made = await builtInTables(db, false);
  });
  afterAll(async () => {
    await made.drop();
    await db.destroy();
  });

  const create = async (resource: User, keys: Record<string, string>): Promise<string> =>
    (await made.store.create({ resource, keys, selection, caseExact: nothing, events: () => [] }, ctx)).resource.id;
  const change = (id: string, given: Partial<Change<User>>) =>
    made.store.update(id, changing<User>({ selection, ...given }), ctx);
  const found = async (filter: Filter, sort: readonly SortKey[] = []): Promise<string[]> =>
    (await made.store.list(listQuery<User>({ filter, sort, selection }), ctx)).resources.map((user) => user.userName);

  describe('a unique key goes with its attribute', () => {
    const urn = 'urn:example:params:scim:schemas:Badge:2.0:User';
    it.each<[string, string, object, Partial<Change<User>>]>([
      ['that is unset', 'nickName', { nickName: 'ace' }, { unset: ['nickName'] }],
      ['that is unset whole', 'name.familyName', { name: { familyName: 'ace' } }, { unset: ['name'] }],
      [
        'that lost the part',
        'name.familyName',
        { name: { familyName: 'ace' } },
        { set: { name: { givenName: 'Ann' } } },
      ],
      ['in an extension', `${urn}:number`, { [urn]: { number: 'ace' } }, { set: { [urn]: { color: 'red' } } }],
    ])('%s', async (title, path, attributes, lost) => {
      const name = (who: string) => ({ userName: `${who} ${title}`, ...attributes });
      const keys = (who: string) => ({ userName: `${who} ${title}`, [path]: title });
      const first = await create(name('first'), keys('first'));
      await expect(create(name('second'), keys('second'))).rejects.toMatchObject({ scimType: 'uniqueness' });
      expect(await change(first, { ...lost, keys: { [path]: null } })).toMatchObject({ changed: true });
      await create(name('second'), keys('second'));
    });
  });

  it('returns no groups of a new user, where they are selected', async () => {
    const create = async (name: string, ...selected: readonly string[]) =>
      (await made.store.create({ ...newUser(name), selection: new Set(selected) }, ctx)).resource;
    expect((await create('in no group', 'groups')).groups).toEqual([]);
    expect(await create('not asked', 'userName')).not.toHaveProperty('groups');
  });

  it('distinguishes long names with the same start', async () => {
    const start = 'long.'.repeat(50);
    const names = [`${start}b`, `${start}a`, start.slice(0, 249)];
    for (const name of names) await create({ userName: name }, { userName: name });
    for (const name of names) {
      expect(await found({ op: 'eq', attribute: userName, value: name })).toEqual([name]);
    }
    expect(await found({ op: 'sw', attribute: userName, value: start })).toEqual(
      expect.arrayContaining([names[0], names[1]]),
    );
    expect(await found({ op: 'sw', attribute: userName, value: start.slice(0, 200) })).toHaveLength(3);
    expect(await found({ op: 'ew', attribute: userName, value: `${start.slice(-200)}a` })).toEqual([names[1]]);
    const sorted = await found({ op: 'sw', attribute: userName, value: start.slice(0, 200) }, [
      { attribute: userName, descending: false },
    ]);
    // What begins alike up to the end of the column keeps together, after what is shorter.
    expect(sorted[0]).toBe(names[2]);
  });

  it('finds what has no value by not', async () => {
    await create({ userName: 'none' }, { userName: 'none' });
    await create({ userName: 'empty', externalId: '' }, { userName: 'empty' });
    await create({ userName: 'on', externalId: 'On', active: true }, { userName: 'on' });
    await create({ userName: 'off', externalId: 'off', active: false }, { userName: 'off' });
    const mine: Filter = {
      op: 'or',
      filters: ['none', 'empty', 'on', 'off'].map((value) => ({ op: 'eq', attribute: userName, value })),
    };
    const both = async (filter: Filter): Promise<string[]> =>
      (await found({ op: 'and', filters: [mine, filter] })).sort();
    const not = (filter: Filter): Filter => ({ op: 'not', filter });
    const isOn: Filter = { op: 'eq', attribute: externalId, value: 'On' };
    expect(await both(isOn)).toEqual(['on']);
    expect(await both({ ...isOn, value: 'on' })).toEqual([]);
    expect(await both(not(isOn))).toEqual(['empty', 'none', 'off']);
    expect(await both({ op: 'present', attribute: externalId })).toEqual(['off', 'on']);
    expect(await both(not({ op: 'present', attribute: externalId }))).toEqual(['empty', 'none']);
    expect(await both({ op: 'eq', attribute: externalId, value: '' })).toEqual(['empty']);
    expect(await both({ op: 'eq', attribute: active, value: true })).toEqual(['on']);
    expect(await both(not({ op: 'eq', attribute: active, value: true }))).toEqual(['empty', 'none', 'off']);
    expect(await both({ op: 'present', attribute: active })).toEqual(['off', 'on']);
    expect(await found(mine, [{ attribute: active, descending: false }])).toEqual([
      'off',
      'on',
      expect.any(String),
      expect.any(String),
    ]);
  });

  it('stores `active` as it is set', async () => {
    const id = await create({ userName: 'switched' }, { userName: 'switched' });
    const first = await made.store.get(id, selection, ctx);
    expect(first).not.toHaveProperty('active');
    expect(await change(id, { set: { active: false } })).toMatchObject({
      changed: true,
      resource: { active: false, meta: { version: '2' } },
    });
    expect(await change(id, { set: { active: false } })).toMatchObject({
      changed: false,
      resource: { active: false, meta: { version: '2' } },
    });
    expect(await change(id, { unset: ['active'] })).toMatchObject({ changed: true, before: { active: false } });
    expect(await made.store.get(id, selection, ctx)).not.toHaveProperty('active');
    expect(await change('nobody', { set: { active: true } })).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { compileSort, readSort } from '../../src/protocol/sort.js';
import type { Attributes } from '../../src/contract/attribute.js';
import type { Stored } from '../../src/contract/resource.js';
import { enterprise, groupType, thingType, userType } from './filter/types.js';

const refused = (scimType: string): unknown => expect.objectContaining({ status: 400, scimType });
const time = new Date(0);

function stored(id: string, attributes: Attributes): Stored<Attributes> {
  return { meta: { created: time, lastModified: time, version: '1' }, ...attributes, id };
}

/** Ids of the resources in the requested order. */
function order(
  sortBy: string,
  sortOrder: string | undefined,
  resources: readonly Attributes[],
  type = userType,
): string {
  const rows = resources.map((attributes, i) => stored(String.fromCharCode(97 + i), attributes));
  return [...rows]
    .reverse()
    .sort(compileSort(readSort(sortBy, sortOrder, type)))
    .map(({ id }) => id)
    .join('');
}

describe('sortBy and sortOrder (RFC 7644 3.4.2.3)', () => {
  it('are no sort key without sortBy', () => {
    expect(readSort(undefined, undefined, userType)).toEqual([]);
    expect(readSort(undefined, 'descending', userType)).toEqual([]);
  });

  it.each([
    [undefined, false],
    ['ascending', false],
    ['Ascending', false],
    ['DESCENDING', true],
  ])('accepts the order %j (7644-3.4.2.3-03)', (sortOrder, descending) =>
    expect(readSort('userName', sortOrder, userType)).toEqual([
      {
        attribute: { path: 'userName', keys: ['userName'], type: 'string', multiValued: false, caseExact: false },
        descending,
      },
    ]),
  );

  it.each(['', 'up', 'asc', 'descending '])('refuses the order %j, with or without a key', (sortOrder) => {
    for (const sortBy of [undefined, 'userName']) {
      expect(() => readSort(sortBy, sortOrder, userType)).toThrow(refused('invalidValue'));
    }
  });

  it.each([
    '',
    'nosuch',
    'name',
    'meta',
    'addresses',
    'userName asc',
    'manager',
    'nic\u212aName',
    '__proto__',
    'password',
    enterprise,
  ])('refuses the key %j', (sortBy) =>
    expect(() => readSort(sortBy, undefined, userType)).toThrow(refused('invalidPath')),
  );

  it('accept an extension attribute without its URN only with the quirk (reading 43)', () => {
    const used: string[] = [];
    const useQuirk = (quirk: string): boolean => used.push(quirk) > 0;
    const [key] = readSort('department', undefined, userType, useQuirk);
    expect(key?.attribute.path).toBe(`${enterprise}:department`);
    expect(used).toEqual(['unprefixed-extension']);
    expect(() => readSort('department', undefined, userType)).toThrow(refused('invalidPath'));
  });

  it.each(['secret', 'box.pin', 'vault.label', 'keys', 'vault', 'shared'])(
    'refuses the key %j of other types',
    (sortBy) => expect(() => readSort(sortBy, undefined, thingType)).toThrow(refused('invalidPath')),
  );

  it('never echo the key', () =>
    expect(() => readSort('hunter2', undefined, userType)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    ));

  it.each([
    ['NAME.GivenName', 'name.givenName', false],
    [`${enterprise.toUpperCase()}:department`, `${enterprise}:department`, false],
    [`${enterprise}:manager`, `${enterprise}:manager.value`, false],
    [`${enterprise}:manager.$ref`, `${enterprise}:manager.$ref`, false],
    ['groups.$ref', 'groups.value', true],
    ['emails', 'emails.value', true],
    ['emails.type', 'emails.type', true],
    ['meta.created', 'meta.created', false],
    ['meta.location', 'id', false],
  ])('%s is the key %s', (sortBy, path, multiValued) => {
    const [key] = readSort(sortBy, undefined, userType);
    expect(key?.attribute).toMatchObject({ path, multiValued });
  });

  it('ignore an attribute that all resources of the type share', () => {
    expect(readSort('meta.resourceType', undefined, userType)).toEqual([]);
    expect(readSort('schemas', undefined, groupType)).toEqual([]);
  });
});

describe('the order of resources (RFC 7644 3.4.2.3)', () => {
  it('puts resources without a value last in ascending and first in descending order (7644-3.4.2.3-06)', () => {
    const resources = [{ title: 'b' }, {}, { title: 'a' }, { title: '' }];
    expect(order('title', undefined, resources)).toBe('cabd');
    expect(order('title', 'descending', resources)).toBe('dbac');
  });

  it('uses the id as the tie-breaker, in the direction of the key (7644-3.4.2.3-08)', () => {
    const resources = [{ title: 'x' }, { title: 'X' }, { title: 'x' }];
    expect(order('title', 'ascending', resources)).toBe('abc');
    expect(order('title', 'descending', resources)).toBe('cba');
    expect(order('meta.location', 'descending', resources)).toBe('cba');
  });

  it('depends on letter case only where the attribute is caseExact (7644-3.4.2.3-07)', () => {
    expect(order('title', undefined, [{ title: 'b' }, { title: 'C' }, { title: 'A' }])).toBe('cab');
    expect(order('externalId', undefined, [{ externalId: 'b' }, { externalId: 'C' }, { externalId: 'A' }])).toBe('cba');
    expect(order('title', undefined, [{ title: 'É' }, { title: 'e\u0301a' }, { title: 'z' }])).toBe('cab');
  });

  it('uses the primary value, or else the first (7644-3.4.2.3-04)', () => {
    const resources = [
      { emails: [{ value: 'a' }, { value: 'z', primary: true }] },
      { emails: [{ value: 'm' }, { value: 'b' }] },
      { emails: [] },
    ];
    expect(order('emails', undefined, resources)).toBe('bac');
    expect(order('emails.value', 'descending', resources)).toBe('cab');
  });

  it('compares dates as instants and numbers by value', () => {
    const dates = ['2020-01-01T01:00:00+02:00', '2020-01-01T00:00:00Z', '2019-12-31T23:30:00'];
    expect(
      order(
        'bought',
        undefined,
        dates.map((bought) => ({ bought })),
        thingType,
      ),
    ).toBe('acb');
    expect(order('count', undefined, [{ count: 10 }, { count: 9 }, { count: -1 }], thingType)).toBe('cba');
    const metas = [new Date(2000), '1970-01-01T00:00:01.000Z', new Date(1500)];
    expect(
      order(
        'meta.created',
        undefined,
        metas.map((created) => ({ meta: { created } })),
      ),
    ).toBe('bca');
  });

  it('sorts 10,000 users, which differ in a number', () => {
    const users = Array.from({ length: 10_000 }, (_, i) =>
      stored(String(i), { userName: `User${String((i * 7919) % 10_000).padStart(4, '0')}` }),
    );
    users.sort(compileSort(readSort('userName', undefined, userType)));
    expect(users.map(({ userName }) => Number(String(userName).slice(4)))).toEqual(users.map((_, i) => i));
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Attributes, MemoryStore, type ResourceStore } from '../../src/index.js';
import { createResourceTable, createScimTables, sqlStore } from '../../src/sql.js';
import {
  resourceStoreCases,
  type ResourceStoreTestOptions,
  type ResourceUnderTest,
  runResourceStoreCases,
  testResourceStore,
} from '../../src/testing/index.js';
import { leakingLookup } from '../stores/broken/leaks.js';
import { databaseOf, Table } from '../stores/broken/sound-store.js';
import { dropping, OnlyUserNameIsUnique } from '../stores/broken/values.js';
import { UnsetForgotten, VersionIgnored, WholeRowWritten } from '../stores/broken/writes.js';
import { sqlite } from '../stores/sql/sqlite.js';
import { deciding } from './planted/alter.js';
import { patient } from '../patient.js';

const network = 'urn:example:2.0:Network';

/** A resource type with each kind of attribute, and an extension. */
type Device = {
  readonly displayName: string;
  readonly serial?: string;
  readonly active?: boolean;
  readonly weight?: number;
  readonly bought?: string;
  readonly site?: { readonly building?: string; readonly room?: string };
  readonly tags?: readonly { readonly value: string }[];
  readonly [network]?: { readonly hostName?: string; readonly address?: string };
};

const devices: Pick<ResourceStoreTestOptions<ResourceStore<Attributes>>, 'schema' | 'extensions' | 'example'> = {
  schema: {
    id: 'urn:example:2.0:Device',
    name: 'Device',
    attributes: [
      { name: 'displayName', required: true },
      { name: 'serial', uniqueness: 'server', caseExact: true },
      { name: 'active', type: 'boolean' },
      { name: 'weight', type: 'decimal' },
      { name: 'bought', type: 'dateTime' },
      { name: 'site', type: 'complex', subAttributes: [{ name: 'building' }, { name: 'room' }] },
      { name: 'tags', type: 'complex', multiValued: true, subAttributes: [{ name: 'value' }] },
    ],
  },
  extensions: [
    {
      id: network,
      name: 'Network',
      attributes: [{ name: 'hostName', uniqueness: 'server' }, { name: 'address' }],
    },
  ],
  example: (n): Device => ({
    displayName: `Laptop ${String(n)}`,
    serial: `SN-${String(n)}`,
    active: n % 2 === 0,
    weight: n + 0.5,
    bought: `2026-01-01T00:00:${String(n % 60).padStart(2, '0')}Z`,
    site: { building: `B${String(n)}`, room: `R${String(n)}` },
    tags: [{ value: `tag${String(n)}` }],
    [network]: { hostName: `Host-${String(n)}`, address: `10.0.0.${String(n)}` },
  }),
};

type Decides = Parameters<typeof deciding>[0];
const comparisons = { eq: [0], gt: [1], ge: [0, 1], lt: [-1], le: [-1, 0] } as const;

/** A comparison of texts, as in a column of type text. */
const asTexts =
  (type: string, form: (value: unknown) => string): Decides =>
  (condition, resource) => {
    if (!('value' in condition) || condition.attribute.type !== type || !(condition.op in comparisons))
      return undefined;
    const [name = ''] = condition.attribute.keys;
    if (resource[name] === undefined) return false;
    const [a, b] = [String(resource[name]), form(condition.value)];
    const order = a < b ? -1 : a > b ? 1 : 0;
    return comparisons[condition.op as keyof typeof comparisons].some((each) => each === order);
  };
const numbersAsTexts = asTexts('decimal', String);
const timesAsTexts = asTexts('dateTime', (value) => (value as Date).toISOString());
const absentIsFalse: Decides = (condition, resource) =>
  condition.op === 'eq' && condition.value === false ? resource['active'] !== true : undefined;

class TextsSorted<R extends object> extends Table<R> {
  protected override compare(...[a, b, sort]: Parameters<Table<R>['compare']>): number {
    const texts = (all: typeof a): typeof a => all.map((value) => (value === null ? null : String(value)));
    return super.compare(texts(a), texts(b), sort);
  }
}

class Rounded<R extends object> extends Table<R> {
  protected override read(...args: Parameters<Table<R>['read']>): ReturnType<Table<R>['read']> {
    const resource = super.read(...args);
    const weight: unknown = Reflect.get(resource, 'weight');
    return typeof weight === 'number' ? { ...resource, weight: Math.floor(weight) } : resource;
  }
}

const onCapabilityReport = (): void => undefined;

testResourceStore({
  ...patient,
  ...devices,
  name: 'devices in memory',
  onCapabilityReport,
  create: () => new MemoryStore().resources('Device'),
});

testResourceStore({
  ...patient,
  ...devices,
  name: 'devices in built-in tables on SQLite',
  onCapabilityReport,
  create: async (): Promise<ResourceUnderTest<Attributes>> => {
    const { db, breakAt } = sqlite();
    await createScimTables(db);
    await createResourceTable(db, 'Device');
    return { store: sqlStore(db, { outbox: false }).resources('Device'), breakAt };
  },
});

describe('the store test suite of a resource type', () => {
  const failures = async (make: typeof Table) => {
    const results = await runResourceStoreCases({
      ...devices,
      name: 'devices',
      create: () => databaseOf(make).store as unknown as ResourceStore<Attributes>,
    });
    return results.filter(({ status }) => status === 'failed').map(({ case: { id } }) => id);
  };

  it('passes a correct store', async () => {
    expect(await failures(Table)).toEqual([]);
  });

  it.each<readonly [string, typeof Table, readonly string[]]>([
    ['ifVersion that is never compared', VersionIgnored, ['resource-versions-compare-and-swap']],
    ['unset that clears nothing', UnsetForgotten, ['resource-writes-unset']],
    ['an unconditional update that writes the whole row', WholeRowWritten, ['resource-writes-lost-update']],
    ['a dropped attribute', dropping('weight'), ['resource-writes-keeps-weight']],
    ['a dropped extension', dropping('urn:'), ['resource-writes-keeps-example']],
    [
      'unique attributes that are not enforced',
      OnlyUserNameIsUnique,
      ['resource-keys-taken', 'resource-keys-parallel'],
    ],
    ['a lookup that forgets the tenant', leakingLookup('serial'), ['resource-tenants-eq-serial']],
    ['a lookup by name that forgets the tenant', leakingLookup('displayName'), ['resource-tenants-eq-displayName']],
    ['a lookup by id that forgets the tenant', leakingLookup('id'), ['resource-tenants-eq-id']],
    ['numbers that compare as texts', deciding(numbersAsTexts), ['resource-literals-types']],
    ['an absent boolean that is false', deciding(absentIsFalse), ['resource-literals-types']],
    ['times that compare as texts', deciding(timesAsTexts), ['resource-literals-times-offset']],
    ['numbers that are sorted as texts', TextsSorted, ['resource-literals-types-order']],
    ['decimals that are rounded', Rounded, ['resource-writes-keeps-weight']],
  ])('catches %s', async (_, make, caughtBy) => {
    expect(await failures(make)).toEqual(expect.arrayContaining([...caughtBy]));
  });

  it('gives its cases as objects, and refuses a wrong schema', async () => {
    const options = { ...devices, name: 'devices', create: () => new MemoryStore().resources('Device') };
    const cases = resourceStoreCases({ ...options, only: ['resource-keys'] });
    expect(cases.map(({ group }) => group)).toContain('resource-keys');
    for (const one of cases) await one.run();
    const schema = { ...devices.schema, attributes: [{ name: '1' }] };
    expect(() => resourceStoreCases({ ...options, schema })).toThrow(/not a valid name/);
  });

  it('skips what a store does not support', async () => {
    const supports = {
      attributes: ['displayName'],
      sort: false,
      cursor: false,
      filter: 'equals',
      tenants: 'one',
    } as const;
    const results = await runResourceStoreCases({
      ...devices,
      name: 'devices',
      create: () => Object.defineProperty(new MemoryStore().resources('Device'), 'supports', { value: supports }),
    });
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(results.filter(({ status }) => status === 'skipped').length).toBeGreaterThan(30);
  });
});

import { describe, expect, it } from '@jest/globals';
import { MemoryStore } from '../../src/index.js';
import { memoryHoldStore } from '../../src/lifecycle/index.js';
import {
  runStoreCases,
  runStorePrimitivesCases,
  testHoldStore,
  testLogStore,
  testResourceStore,
  testStorePrimitives,
  testUserStore,
  userStoreCases,
} from '../../src/testing/index.js';
import { SoundPrimitives, Storage } from './planted/sound-primitives.js';

const create = (): MemoryStore => new MemoryStore();
// As plain JavaScript calls them: without types.
const suites = {
  testUserStore,
  testStorePrimitives,
  testLogStore,
  testHoldStore,
  userStoreCases,
} as unknown as Readonly<Record<string, (options: unknown) => unknown>>;

describe.each(Object.entries(suites))('%s in plain JavaScript', (_, suite) => {
  it.each([
    ['no options', undefined, 'write { name, create }'],
    ['a store instead of options', create(), 'pass { name, create }'],
    ['no name', { create }, 'name is required'],
    ['a misspelled option', { name: 'x', create, destory: () => undefined }, 'did you mean destroy?'],
    ['a store instead of a function', { name: 'x', create: create() }, 'create must be a function'],
    ['one case that is no list', { name: 'x', create, only: 'uniqueness' }, 'only must be a list of non-empty strings'],
    ['a timeout of 0', { name: 'x', create, timeoutMilliseconds: 0 }, 'timeoutMilliseconds must be'],
  ])('refuses %s', (_name, options, message) => {
    expect(() => suite(options)).toThrow(message);
    expect(() => suite(options)).toThrow('docs/testing-a-store.md');
  });
});

it('names all that is missing for a store of a resource type', () => {
  const test = testResourceStore as (options: unknown) => void;
  expect(() => test({ create, exemple: () => ({}) })).toThrow(
    /name is required.*schema is required.*did you mean example\?/,
  );
});

it('refuses misspelled capabilities and random options', async () => {
  const wrong = { name: 'x', create, capabilities: { breakat: () => undefined }, randomRun: 1, seed: 'x' } as never;
  const run = runStoreCases(wrong);
  await expect(run).rejects.toThrow('capabilities.breakAt?');
  await expect(run).rejects.toThrow('did you mean randomRuns?');
  await expect(run).rejects.toThrow('seed must be a number');
  await expect(runStorePrimitivesCases({ name: 'x', create, keys: 'userName' } as never)).rejects.toThrow(
    'keys must be',
  );
});

it.each([
  ['a misspelled capability', { breakat: () => undefined }, 'create returned "breakat": did you mean breakAt?'],
  ['a capability of another kind', { nestedGroups: 'no' }, 'nestedGroups must be true or false'],
])('tells in each case that `create` returned %s', async (_, more, message) => {
  const results = await runStoreCases({
    name: 'x',
    only: ['identity'],
    create: () => ({ store: create(), ...more }) as never,
  });
  expect(results.length).toBeGreaterThan(1);
  for (const result of results)
    expect(result).toMatchObject({ status: 'failed', message: expect.stringContaining(message) });
});

it('leaves members of `create` that belong to the app', async () => {
  const made = { store: create(), db: 1, drop: () => undefined, tables: 'x', stores: [], connection: 1, events: [] };
  const results = await runStoreCases({ name: 'x', only: ['identity'], create: () => ({ ...made, store: create() }) });
  expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
});

it('accepts the options of a store of holds', () => {
  const titles: string[] = [];
  const runner = { describe: (title: string, body: () => void) => (titles.push(title), body()), it: () => undefined };
  testHoldStore({ name: 'holds', create: (clock) => memoryHoldStore({ now: clock } as never), runner });
  expect(titles[0]).toContain('holds');
});

describe('what create of testStorePrimitives returns', () => {
  const operations = () => new SoundPrimitives(new Storage());
  const all = () => ({
    insert: () => undefined,
    find: () => [],
    replaceIf: () => true,
    remove: () => undefined,
    scan: () => [],
  });
  it.each([
    ['nothing', undefined, 'create must return the five operations, or { primitives }'],
    ['other things', { db: 1 }, 'create must return the five operations, or { primitives }'],
    ['misspelled primitives', { primitive: operations() }, 'create returned "primitive": did you mean primitives?'],
    ['a misspelled another', { primitives: operations(), anoter: operations }, '"anoter": did you mean another?'],
    ['another that is no function', { primitives: operations(), another: operations() }, 'another must be a function'],
    ['breakAt', { primitives: operations(), breakAt: () => undefined }, 'breakAt, which only testUserStore uses'],
    ['a missing operation', { ...all(), find: undefined }, 'create returned without the function find'],
    ['a misspelled operation', { primitives: { ...all(), find: undefined, fnd: all } }, 'did you mean find?'],
    ['primitives that are nothing', { primitives: null }, 'create returned primitives without the function insert'],
    ['another without scan', { primitives: all(), another: () => ({ ...all(), scan: 1 }) }, 'the function scan'],
  ])('may not be %s', async (_, created, message) => {
    const only = ['find-two-handles'];
    const [result] = await runStorePrimitivesCases({ name: 'x', only, create: () => created as never });
    expect(result).toMatchObject({ status: 'failed', message: expect.stringContaining(message) });
    expect(result?.message).toContain('docs/testing-a-store.md#the-five-operations-under-storeover');
  });

  it('may have other members, which belong to the app', async () => {
    const create = () => ({ primitives: operations(), database: 1, close: () => undefined });
    const [result] = await runStorePrimitivesCases({ name: 'x', only: ['insert-whole'], create });
    expect(result).toMatchObject({ status: 'passed' });
  });

  it('is blamed for undefined among the records of scan', async () => {
    const holes = () => Object.assign(operations(), { scan: () => [undefined] });
    const [result] = await runStorePrimitivesCases({ name: 'x', only: ['remove-gone'], create: holes as never });
    expect(result).toMatchObject({ status: 'failed', message: expect.stringContaining('scan returned undefined') });
  });
});

it.each([
  ['a text that selects no case', ['identity', 'identty'], 'only selects no case with "identty"'],
  ['an empty list', [], 'only selects no case with an empty list'],
])('refuses %s in `only`', async (_, only, message) => {
  expect(() => userStoreCases({ name: 'x', create, only })).toThrow(message);
  expect(() => testUserStore({ name: 'x', create, only })).toThrow(message);
  await expect(runStoreCases({ name: 'x', create, only })).rejects.toThrow(message);
});

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
    ['a store instead of options', create(), 'name is required'],
    ['no name', { create }, 'name is required'],
    ['a misspelled option', { name: 'x', create, destory: () => undefined }, 'did you mean destroy?'],
    ['a store instead of a function', { name: 'x', create: create() }, 'create must be a function'],
    ['one case that is no list', { name: 'x', create, only: 'uniqueness' }, 'only must be a list of strings'],
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

import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { userStoreCases } from '../../src/testing/index.js';
import { MemoryStore } from '../../src/stores/memory/memory-store.js';
import { caseList } from './case-list.js';

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const guide = read('testing-a-store.md');
// Prettier writes tables and lists its own way.
const words = (text: string): string => text.replaceAll('\\', '').replace(/\s+/g, ' ').trim();

describe('docs/testing-a-store.md', () => {
  it('links to a list of every test case (npx tsx test/testing/write-case-list.ts writes it)', () => {
    expect(words(read('store-cases.md'))).toBe(words(caseList()));
  });

  it('names existing test cases in its table of failures', () => {
    const cases = userStoreCases({ name: 'memory', create: () => new MemoryStore() });
    const ids = new Set(cases.map(({ id }) => id));
    const [, rows = ''] = /\| the case .*\n([\s\S]*?)\n\n/.exec(guide) ?? [];
    const named = [...rows.matchAll(/`([a-z0-9-]+-[a-z0-9-]+)`/g)].map(([, id]) => id ?? '');
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('userStoreCases', () => {
  it('returns test cases that can be run one by one', async () => {
    let destroyed = 0;
    const [one] = userStoreCases({
      name: 'memory',
      create: () => new MemoryStore(),
      destroy: () => void destroyed++,
      only: ['uniqueness-parallel'],
    });
    await one?.run();
    expect(one).toMatchObject({ id: 'uniqueness-parallel', group: 'uniqueness' });
    expect(destroyed).toBe(1);
    const broken = userStoreCases({
      name: 'broken',
      create: () => Object.assign(new MemoryStore(), { get: () => undefined }),
      only: ['create-returned'],
    });
    await expect(broken[0]?.run()).rejects.toThrow('What the contract says: create returns the same resource as get');
  });
});

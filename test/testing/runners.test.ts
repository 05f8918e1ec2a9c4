import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { capabilityReport, runStoreCases } from '../../src/testing/index.js';
import { MemoryStore } from '../../src/index.js';
import { seed } from '../random.js';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

describe('the store test suite under other test runners', () => {
  let folder: string;
  beforeAll(async () => {
    // Inside the project, so that its packages are found.
    folder = await mkdtemp(join(root, 'node_modules', '.store-test-suite-'));
    const suite = (store: string) => `
      import { MemoryStore } from '${root}src/index.ts';
      import { testUserStore } from '${root}src/testing/index.ts';
      testUserStore({ name: 'a store', create: () => ${store}, only: ['create', 'deletion'] });`;
    await writeFile(join(folder, 'sound.test.mts'), suite('new MemoryStore()'));
    await writeFile(join(folder, 'broken.test.mts'), suite('Object.assign(new MemoryStore(), { delete: () => true })'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const runners = [
    ['node:test', ['--import', 'tsx', '--test']],
    ['mocha', ['--import', 'tsx', 'node_modules/mocha/bin/mocha.js']],
  ] as const;
  it.each(runners)(
    '%s passes a correct store and fails a broken one, with the capability report',
    async (_, args) => {
      const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_')));
      const ask = (file: string) =>
        run(process.execPath, [...args, join(folder, file)], { cwd: root, env: environment });
      const { stdout } = await ask('sound.test.mts');
      expect(stdout).toContain('Capability report: a store');
      expect(stdout).toMatch(/Test cases +\d\d passed, 0 failed/);
      const failed = (await ask('broken.test.mts').catch((error: unknown) => error)) as {
        readonly code?: number;
        readonly stdout?: string;
      };
      expect(failed.code).not.toBe(0);
      expect(failed.stdout).toContain('What the contract says');
    },
    60_000,
  );
});

describe('runStoreCases', () => {
  it('runs about 200 test cases without a runner, and makes a capability report of them', async () => {
    const options = { name: 'memory', create: () => new MemoryStore(), randomRuns: 5, seed };
    const results = await runStoreCases(options);
    expect(results.length).toBeGreaterThan(180);
    expect(new Set(results.map((each) => each.case.id)).size).toBe(results.length);
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    const report = capabilityReport('memory', new MemoryStore(), results);
    expect(report).toMatch(/Random filters +\d+ compared with the library, seed \d+\n/);
  });

  it('repeats the same random test for the same seed, and another one for another', async () => {
    const queriesOf = async (chosenSeed: number): Promise<string> => {
      const queries: unknown[] = [];
      const create = (): MemoryStore => {
        const store = new MemoryStore();
        const list = store.list.bind(store);
        store.list = (query, ctx) => {
          queries.push([query.filter, query.sort]);
          return list(query, ctx);
        };
        return store;
      };
      await runStoreCases({ name: 'memory', create, only: ['random'], randomRuns: 5, seed: chosenSeed });
      return JSON.stringify(queries);
    };
    const first = await queriesOf(7);
    expect(first.length).toBeGreaterThan(100);
    expect(await queriesOf(7)).toBe(first);
    expect(await queriesOf(8)).not.toBe(first);
  });

  it('reports the error of a store that fails', async () => {
    const failing = Object.assign(new MemoryStore(), { list: () => Promise.reject(new Error('no such table')) });
    const results = await runStoreCases({ name: 'x', create: () => failing, only: ['pages-empty'] });
    expect(results[0]).toMatchObject({ status: 'failed', message: expect.stringContaining('no such table') });
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { capabilityReport, runStoreCases } from '../../src/testing/index.js';
import { MemoryStore } from '../../src/index.js';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

describe('the contract kit under other runners', () => {
  let folder: string;
  beforeAll(async () => {
    // Inside the project, so that its packages are found.
    folder = await mkdtemp(join(root, 'node_modules', '.kit-'));
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
    '%s passes a sound store and fails a broken one, with the card',
    async (_, args) => {
      const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_')));
      const ask = (file: string) =>
        run(process.execPath, [...args, join(folder, file)], { cwd: root, env: environment });
      const { stdout } = await ask('sound.test.mts');
      expect(stdout).toContain('Store contract: a store');
      expect(stdout).toMatch(/Cases +\d\d passed, 0 failed/);
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
  it('runs about 200 cases without a runner, and makes the card of them', async () => {
    const options = { name: 'memory', create: () => new MemoryStore(), randomRuns: 5 };
    const results = await runStoreCases(options);
    expect(results.length).toBeGreaterThan(180);
    expect(new Set(results.map((each) => each.case.id)).size).toBe(results.length);
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    const card = capabilityReport('memory', new MemoryStore(), results);
    expect(card).toMatch(/Random filters +\d+ as the evaluator/);
  });

  it('names what the store does where it does not answer at all', async () => {
    const silent = Object.assign(new MemoryStore(), { list: () => Promise.reject(new Error('no such table')) });
    const results = await runStoreCases({ name: 'x', create: () => silent, only: ['pages-empty'] });
    expect(results[0]).toMatchObject({ status: 'failed', message: expect.stringContaining('no such table') });
  });
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { capabilityReport, capabilityVerdicts, runStoreCases } from '../../src/testing/index.js';
import { MemoryStore } from '../../src/index.js';
import { leakingLookup } from '../stores/broken/leaks.js';
import { storeOf, Table } from '../stores/broken/sound-store.js';
import { seed } from '../random.js';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

describe('the store test suite under each test runner', () => {
  let folder: string;
  beforeAll(async () => {
    // Inside the project, so that its packages are found.
    folder = await mkdtemp(join(root, 'node_modules', '.store-test-suite-'));
    const suite = (store: string) => `
      import { MemoryStore } from '${root}src/index.ts';
      import { testUserStore } from '${root}src/testing/index.ts';
      testUserStore({ name: 'a store', create: () => ${store}, only: ['create', 'deletion', 'events'] });`;
    const partial = `Object.defineProperty(new MemoryStore(), 'supports', { value: { attributes: ['userName', 'title'] } })`;
    await writeFile(join(folder, 'sound.test.mts'), suite(partial));
    const broken = 'Object.assign(new MemoryStore(), { delete: () => ({ changed: true }) })';
    await writeFile(join(folder, 'broken.test.mts'), suite(broken));
    const { default: config } = (await import(join(root, 'jest.config.js'))) as { readonly default: object };
    const own = { ...config, rootDir: root, roots: [folder], testMatch: ['**/*.test.mts'] };
    const ofTypeScript = {
      extensionsToTreatAsEsm: ['.ts', '.tsx', '.mts'],
      moduleFileExtensions: ['ts', 'tsx', 'mts', 'js', 'mjs', 'json', 'node'],
      transformIgnorePatterns: [],
      testPathIgnorePatterns: [],
      modulePathIgnorePatterns: [],
      haste: { retainAllFiles: true },
      transform: {
        '^.+\\.m?tsx?$': ['ts-jest', { useESM: true, diagnostics: false, tsconfig: join(root, 'test/tsconfig.json') }],
      },
    };
    await writeFile(join(folder, 'jest.config.json'), JSON.stringify({ ...own, ...ofTypeScript }));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** How to run a file, and how the runner counts what it skipped. */
  const runners: readonly (readonly [
    name: string,
    args: (folder: string, file: string) => readonly string[],
    skipped: RegExp,
  ])[] = [
    ['node:test', (_, file) => ['--import', 'tsx', '--test', file], /^(?:ℹ|#) skipped (\d+)$/m],
    ['mocha', (_, file) => ['--import', 'tsx', 'node_modules/mocha/bin/mocha.js', file], /^ *(\d+) pending$/m],
    [
      'jest',
      (at, file) => [
        ...['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '-w', '1'],
        ...['--config', join(at, 'jest.config.json'), '--runTestsByPath', file],
      ],
      /^Tests: .*?(\d+) skipped/m,
    ],
  ];
  it.each(runners)(
    '%s passes a correct store, skips what it does not support, and fails a broken one',
    async (_, args, skipped) => {
      const environment = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_') && !name.startsWith('JEST_')),
      );
      const ask = (file: string) =>
        run(process.execPath, [...args(folder, join(folder, file))], { cwd: root, env: environment });
      const { stdout, stderr } = await ask('sound.test.mts');
      expect(stdout).toContain('Capability report: a store');
      const [, passed = '', reported = ''] = /Test cases: (\d+) passed, 0 failed, (\d+) skipped/.exec(stdout) ?? [];
      expect(Number(passed)).toBeGreaterThan(10);
      expect(Number(reported)).toBeGreaterThan(10);
      expect(skipped.exec(stdout + stderr)?.[1]).toBe(reported);
      const failed = (await ask('broken.test.mts').catch((error: unknown) => error)) as {
        readonly code?: number;
        readonly stdout?: string;
        readonly stderr?: string;
      };
      expect(failed.code).not.toBe(0);
      expect(`${failed.stdout ?? ''}${failed.stderr ?? ''}`).toContain('What the contract says');
    },
  );
});

describe('runStoreCases', () => {
  it('runs more than 350 test cases without a runner, and makes a capability report of them', async () => {
    const options = { name: 'memory', create: () => new MemoryStore(), randomRuns: 5, seed };
    const results = await runStoreCases(options);
    expect(results.length).toBeGreaterThan(350);
    expect(new Set(results.map((each) => each.case.id)).size).toBe(results.length);
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    const report = capabilityReport('memory', new MemoryStore(), results);
    expect(report).toMatch(/Random filters +yes +proved by 1 case: \d+ compared with the library, seed \d+\n/);
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

  it('ends a case whose store never returns, or never lets another thing run, at the timeout', async () => {
    const timeoutMilliseconds = 200;
    const only = ['pages-empty', 'create-returned', 'random-filters'];
    const hanging = Object.assign(new MemoryStore(), { list: () => new Promise<never>(() => undefined) });
    const [, second] = await runStoreCases({ name: 'x', create: () => hanging, only, timeoutMilliseconds });
    expect(second).toMatchObject({ status: 'failed', message: expect.stringMatching(/did not finish within 200 ms/) });

    // Pages without an end, from a store whose promises never wait.
    const endless = (): MemoryStore => {
      const store = new MemoryStore();
      return Object.assign(store, { list: () => ({ resources: [], totalResults: 0, next: ['again'] }) });
    };
    const loop = (async () => {
      const results = await runStoreCases({
        name: 'x',
        create: endless,
        only: ['pages', 'races'],
        timeoutMilliseconds,
      });
      return results.filter(({ case: { id } }) => id.includes('cursor'));
    })();
    expect((await loop).map(({ status }) => status)).not.toContain('passed');

    const never = await runStoreCases({
      name: 'x',
      create: () => new Promise<never>(() => undefined),
      only: ['create-returned'],
      timeoutMilliseconds,
    });
    expect(never[0]).toMatchObject({ status: 'failed', message: expect.stringContaining('did not finish') });
  });

  it('gives `destroy` what `create` returned, also after a case that failed', async () => {
    const open = new Set<number>();
    let made = 0;
    const options = {
      name: 'x',
      create: () => {
        const connection = ++made;
        open.add(connection);
        return { store: Object.assign(new MemoryStore(), { delete: () => undefined }), connection };
      },
      destroy: ({ connection }: { readonly connection: number }) => void open.delete(connection),
      only: ['deletion', 'groups-create', 'faults'],
    };
    const results = await runStoreCases(options);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['passed', 'failed', 'skipped']));
    expect(made).toBe(results.length);
    expect(open).toEqual(new Set());
  });

  it('reports the error of a store that fails', async () => {
    const failing = Object.assign(new MemoryStore(), { list: () => Promise.reject(new Error('no such table')) });
    const results = await runStoreCases({ name: 'x', create: () => failing, only: ['pages-empty'] });
    expect(results[0]).toMatchObject({ status: 'failed', message: expect.stringContaining('no such table') });
  });
});

describe('the capability report', () => {
  const date = new Date('2026-03-01T00:00:00Z');

  it('has a verdict on each capability from its own cases, the version of the suite and the date', async () => {
    // It says that it separates tenants, and its lookup by externalId does not.
    const create = () => storeOf(leakingLookup('externalId'), Table);
    const results = await runStoreCases({ name: 'leaking', create, randomRuns: 5, seed });
    const report = capabilityReport('leaking', create(), results, date);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
    expect(report).toContain(`Capability report: leaking\n  express-scim ${version}, 2026-03-01\n`);
    expect(report).toMatch(/^ {2}Tenants +many +FAILED: user-tenants-eq-externalId$/m);
    expect(report).toMatch(/^ {2}Sorting +yes +proved by \d\d cases$/m);
    expect(report).toMatch(/^ {2}Outbox +no +not supported$/m);
    expect(report).toMatch(/^ {2}Atomic writes +not declared +not tested$/m);
    expect(report).toMatch(/^ {2}Several processes +not declared +not tested$/m);
    expect(report).toMatch(
      /\n {2}Test cases: \d+ passed, 1 failed, \d+ skipped\n {2}Warning: atomicity is not tested\. .+\n {2}Warning: several processes are not tested\. .+$/,
    );
    const complete = { store: create(), breakAt: () => undefined, another: create };
    expect(capabilityReport('leaking', complete, results)).not.toContain('Warning');
    const tenants = capabilityVerdicts(create(), results).find(({ capability }) => capability === 'Tenants');
    expect(tenants).toMatchObject({ declared: 'many', verdict: 'failed', failed: ['user-tenants-eq-externalId'] });
    expect(tenants?.passed).toBeGreaterThan(10);
  });

  it('has no row without cases, and says that no store was created', async () => {
    const create = (): never => {
      throw new Error('no database');
    };
    const results = await runStoreCases({ name: 'none', create, only: ['versions'] });
    const report = capabilityReport('none', undefined, results, date);
    expect(report).toMatch(/^ {2}Versions +no store was created +FAILED: versions-compare-and-swap, /m);
    expect(report).toContain(' and ');
    expect(report).not.toContain('Outbox');
  });
});

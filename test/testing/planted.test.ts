import { describe, expect, it } from '@jest/globals';
import { runStoreCases } from '../../src/testing/index.js';
import { plantedFaults } from './planted/index.js';
import { twoProcesses } from './planted/processes.js';

describe('the store test suite', () => {
  it.each(plantedFaults.map((fault) => [fault.name, fault.what, fault] as const))(
    'catches %s: %s',
    async (name, _, { caughtBy, create }) => {
      expect(caughtBy).not.toEqual([]);
      const results = await runStoreCases({ name, create, only: caughtBy, randomRuns: 1, timeoutMilliseconds: 4_000 });
      const failed = results.filter(({ status }) => status === 'failed').map((each) => each.case.id);
      expect(failed).toEqual(expect.arrayContaining([...caughtBy]));
    },
  );

  it('passes a correct store in two processes', async () => {
    const results = await runStoreCases({ name: 'two', create: () => twoProcesses(), only: ['processes', 'races'] });
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(results.filter(({ case: { group }, status }) => group === 'processes' && status === 'passed').length).toBe(
      9,
    );
  });

  it('is tried with more than 150 faults of different names', () => {
    const names = plantedFaults.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(150);
  });
});

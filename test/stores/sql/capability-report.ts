import { expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import { capabilityReport, runStoreCases, type StoreUnderTest } from '../../../src/testing/index.js';
import { mapped } from '../mapped/mapped.js';

/** What the capability report of mapped tables says about the collation. */
export function reportCases(open: () => Promise<Kysely<unknown>>, differences: string): void {
  it('reports which texts the database treats as equal', async () => {
    const db = await open();
    let under: StoreUnderTest | undefined;
    const create = async (): Promise<StoreUnderTest> => (under = await mapped(db));
    const results = await runStoreCases({ name: 'mapped', create, only: ['values-database-equality'] });
    expect(results.map(({ status }) => status)).toEqual(['passed']);
    const report = capabilityReport('mapped', under, results);
    expect(report).toContain(`as in the database  proved by 1 case: ${differences}\n`);
  });
}

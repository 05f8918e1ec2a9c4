import { expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import { capabilityReport, runStoreCases, type StoreUnderTest } from '../../../src/testing/index.js';
import { mapped } from '../mapped/mapped.js';

/** What the card of mapped tables says of the collation. */
export function reportCases(open: () => Promise<Kysely<unknown>>, said: string): void {
  it('says on its card which texts the database takes for each other', async () => {
    const db = await open();
    let under: StoreUnderTest | undefined;
    const create = async (): Promise<StoreUnderTest> => (under = await mapped(db));
    const results = await runStoreCases({ name: 'mapped', create, only: ['values-likeness'] });
    expect(results.map(({ status }) => status)).toEqual(['passed']);
    expect(capabilityReport('mapped', under, results)).toContain(`as the database does: ${said}\n`);
  });
}

import type { Supports, UserStore } from '../contract/store.js';
import type { CaseResult } from './run.js';
import type { StoreUnderTest } from './store-case.js';

/**
 * A table of text: what a store declares in `supports`, and what the test cases found out about it.
 *
 * @param store the store, or what `create` returned; undefined when no store could be created
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { capabilityReport, runStoreCases } from 'express-scim/testing';
 *
 * const results = await runStoreCases({ name: 'memory', create: () => new MemoryStore() });
 * console.log(capabilityReport('memory', new MemoryStore(), results));
 */
export function capabilityReport(
  name: string,
  store: UserStore | StoreUnderTest | undefined,
  results: readonly CaseResult[],
): string {
  const underTest = store === undefined || 'store' in store ? store : { store };
  const supports: Supports = underTest?.store.supports ?? {};
  const count = (status: CaseResult['status']): string =>
    String(results.filter((each) => each.status === status).length);
  const rows: readonly (readonly [label: string, value: string])[] = [
    ['Groups', yesOrNo(underTest?.store.groups !== undefined)],
    ['Tenants', supports.tenants === 'one' ? 'one' : 'many'],
    [
      'Attributes',
      supports.attributes === undefined
        ? 'all attributes of the schemas'
        : `${String(supports.attributes.length)} attributes`,
    ],
    ['Filters', supports.filter === 'equals' ? 'equality only' : 'all operators'],
    ['Sorting', yesOrNo(supports.sort !== false)],
    ['Cursor pagination', supports.cursor === 'forward' ? 'forward only' : yesOrNo(supports.cursor !== false)],
    [
      'Pending members',
      underTest !== undefined && underTest.store.groups === undefined
        ? 'no groups'
        : yesOrNo(underTest?.store.groups?.supports?.pendingMembers !== false && supports.pendingMembers !== false),
    ],
    ['Text comparison', underTest?.exactText === false ? databaseComparison(results) : 'as in the library'],
    ['Detects writes by your app', outcome(results, 'versions-foreign-write')],
    ['Atomic writes', outcome(results, 'faults-', underTest?.breakAt !== undefined)],
    ['Refuses outdated versions', outcome(results, 'versions-')],
    ['Outbox', yesOrNo(supports.outbox === true)],
    ['Checks inside writes', yesOrNo(supports.checks === true)],
    ['Random filters', randomFilters(results)],
    ['Test cases', `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return [`Capability report: ${name}`, ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)].join(
    '\n',
  );
}

function databaseComparison(results: readonly CaseResult[]): string {
  const tested = results.find(({ case: { id }, status }) => id === 'values-database-equality' && status === 'passed');
  return tested?.message === undefined ? 'as in the database' : `as in the database (${tested.message})`;
}

function randomFilters(results: readonly CaseResult[]): string {
  const random = results.find(({ case: { id } }) => id.startsWith('random'));
  if (random?.status === 'failed') return 'results differ from the library';
  return random?.message ?? 'not tested';
}

/** The result of all test cases whose ids begin with `prefix`. */
function outcome(results: readonly CaseResult[], prefix: string, isTestable = true): string {
  const tested = results.filter(({ case: { id }, status }) => id.startsWith(prefix) && status !== 'skipped');
  if (!isTestable || tested.length === 0) return 'not tested';
  return yesOrNo(tested.every(({ status }) => status === 'passed'));
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

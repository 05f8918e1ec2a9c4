import type { ResourceStore, Supports, UserStore } from '../contract/store.js';
import type { StoreUnderTest } from './store-under-test.js';
import type { CaseResult } from './suite.js';
import { suiteVersion } from './suite-version.js';

/**
 * One row of the capability report: what a store declares, and what its test cases found out about it.
 *
 * @example
 * import type { CapabilityVerdict } from 'express-scim/testing';
 *
 * export const isProved = ({ verdict }: CapabilityVerdict): boolean => verdict === 'proved';
 */
export interface CapabilityVerdict {
  /** For example `Tenants`. */
  readonly capability: string;
  /** What the store declares, in `supports` or to the suite. */
  readonly declared: string;
  /**
   * - `proved`: its cases have run and passed.
   * - `failed`: at least one of its cases failed.
   * - `unsupported`: the store declares that it does not have it, and all cases were skipped.
   * - `untested`: no case has run.
   */
  readonly verdict: 'proved' | 'failed' | 'unsupported' | 'untested';
  /** How many of its cases passed. */
  readonly passed: number;
  /** IDs of the cases that failed. */
  readonly failed: readonly string[];
  /** What a case found out besides. */
  readonly remark?: string | undefined;
}

/** What is under test: a store, or what `create` of a suite returned. */
type Tested = UserStore | StoreUnderTest | { readonly store: Pick<ResourceStore<unknown>, 'supports'> } | undefined;

/**
 * What a store declares in `supports`, with a verdict from the test cases of each capability.
 *
 * @param store the store, or what `create` returned; undefined when no store could be created
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { capabilityVerdicts, runStoreCases } from 'express-scim/testing';
 *
 * const results = await runStoreCases({ name: 'memory', create: () => new MemoryStore() });
 * const failed = capabilityVerdicts(new MemoryStore(), results).filter(({ verdict }) => verdict === 'failed');
 */
export function capabilityVerdicts(store: Tested, results: readonly CaseResult[]): readonly CapabilityVerdict[] {
  const underTest = underTestOf(store);
  const supports: Supports = underTest?.store.supports ?? {};
  return capabilities
    .filter(({ covers }) => results.some(({ case: one }) => covers(one)))
    .map(({ capability, declared, covers }): CapabilityVerdict => {
      const own = results.filter(({ case: one }) => covers(one));
      const failed = own.filter(({ status }) => status === 'failed').map(({ case: { id } }) => id);
      const passed = own.filter(({ status }) => status === 'passed').length;
      const said = underTest === undefined ? 'no store was created' : declared(underTest, supports);
      const remark = own.find(({ status, message }) => status === 'passed' && message !== undefined)?.message;
      const isUnsupported = ['no', 'one'].includes(said);
      const rest = isUnsupported ? 'unsupported' : 'untested';
      const verdict = failed.length > 0 ? 'failed' : passed > 0 ? 'proved' : rest;
      return { capability, declared: said, verdict, passed, failed, remark };
    });
}

/**
 * A table of text: what a store declares in `supports`, with a verdict on each capability from its own test cases, the
 * version of the suite and the date.
 *
 * @param store the store, or what `create` returned; undefined when no store could be created
 * @param date when the cases ran. Default: now
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
  store: Tested,
  results: readonly CaseResult[],
  date: Date = new Date(),
): string {
  const count = (status: CaseResult['status']): string =>
    String(results.filter((each) => each.status === status).length);
  const rows = capabilityVerdicts(store, results).map((row) => [row.capability, row.declared, verdictText(row)]);
  const table = [['', 'declared', 'found'], ...rows];
  const width = (column: number): number => Math.max(...table.map((row) => row[column]?.length ?? 0));
  const lines = table.map(([first = '', second = '', third = '']) =>
    `  ${first.padEnd(width(0))}  ${second.padEnd(width(1))}  ${third}`.trimEnd(),
  );
  return [
    `Capability report: ${name}`,
    `  express-scim ${suiteVersion}, ${date.toISOString().slice(0, 10)}`,
    ...lines,
    `  Test cases: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`,
    ...warningsFor(underTestOf(store), results).map((warning) => `  Warning: ${warning}`),
  ].join('\n');
}

/** What was not tested because of what `create` did not return, and would otherwise look like a store without it. */
function warningsFor(underTest: UnderTest | undefined, results: readonly CaseResult[]): readonly string[] {
  const wasLeftOut = (need: 'breakAt' | 'another'): boolean =>
    underTest !== undefined && underTest[need] === undefined && results.some(({ case: one }) => needing(need)(one));
  return [
    ...(wasLeftOut('breakAt')
      ? ['atomicity is not tested. Return `breakAt` from `create`, unless each write is one statement.']
      : []),
    ...(wasLeftOut('another')
      ? ['several processes are not tested. Return `another` from `create`, unless there is only one process.']
      : []),
  ];
}

const mostIds = 5;

function verdictText({ verdict, passed, failed, remark }: CapabilityVerdict): string {
  if (verdict === 'failed') {
    const more = failed.length - mostIds;
    return `FAILED: ${failed.slice(0, mostIds).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  }
  if (verdict === 'unsupported') return 'not supported';
  if (verdict === 'untested') return 'not tested';
  const proved = `proved by ${String(passed)} ${passed === 1 ? 'case' : 'cases'}`;
  return remark === undefined ? proved : `${proved}: ${remark}`;
}

interface UnderTest extends Partial<Omit<StoreUnderTest, 'store'>> {
  readonly store: { readonly supports?: Supports | undefined; readonly groups?: UserStore['groups'] };
}

function underTestOf(store: Tested): UnderTest | undefined {
  if (store === undefined) return undefined;
  return 'store' in store ? store : { store };
}

interface Capability {
  readonly capability: string;
  declared(underTest: UnderTest, supports: Supports): string;
  covers(one: CaseResult['case']): boolean;
}

const yesOrNo = (value: boolean): string => (value ? 'yes' : 'no');
const needing =
  (...needs: readonly string[]) =>
  (one: CaseResult['case']): boolean =>
    one.needs.some((need) => needs.includes(need));
const inGroup =
  (pattern: RegExp) =>
  ({ group }: CaseResult['case']): boolean =>
    pattern.test(group);

const capabilities: readonly Capability[] = [
  {
    capability: 'Groups',
    declared: ({ store }) => yesOrNo(store.groups !== undefined),
    covers: needing('groups'),
  },
  {
    capability: 'Tenants',
    declared: (_, { tenants }) => (tenants === 'one' ? 'one' : 'many'),
    covers: needing('tenants'),
  },
  {
    capability: 'Attributes',
    declared: (_, { attributes }) => (attributes === undefined ? 'all' : `${String(attributes.length)} paths`),
    covers: inGroup(/^create$|^changes$|^projections$|-writes$/),
  },
  {
    capability: 'Unique attributes',
    declared: (_, { keys }) => (keys === undefined ? 'all' : keys.join(', ')),
    covers: inGroup(/^uniqueness$|-keys$/),
  },
  {
    capability: 'Versions',
    declared: ({ contentVersions }) => (contentVersions === true ? 'of the content' : 'of each change'),
    covers: inGroup(/^versions$|-versions$/),
  },
  {
    capability: 'Concurrent requests',
    declared: () => 'yes',
    covers: (one) => one.group === 'races' || /-parallel|-lost-|-compare-and-swap/.test(one.id),
  },
  {
    capability: 'Several processes',
    declared: ({ another }) => (another === undefined ? 'not declared' : 'yes'),
    covers: needing('another'),
  },
  {
    capability: 'Filters',
    declared: (_, { filter }) => (filter === 'equals' ? 'equality only' : 'all operators'),
    covers: inGroup(/^filters$|-filters$/),
  },
  {
    capability: 'Random filters',
    declared: (_, { filter }) => (filter === 'equals' ? 'no' : 'yes'),
    covers: inGroup(/^random$/),
  },
  {
    capability: 'Sorting',
    declared: (_, { sort }) => yesOrNo(sort !== false),
    covers: needing('sort'),
  },
  {
    capability: 'Cursor pagination',
    declared: (_, { cursor }) => (cursor === 'forward' ? 'forward only' : yesOrNo(cursor !== false)),
    covers: needing('cursor'),
  },
  {
    capability: 'Text comparison',
    declared: ({ exactText }) => (exactText === false ? 'as in the database' : 'as in the library'),
    covers: inGroup(/^values$/),
  },
  {
    capability: 'Pending members',
    declared: ({ store }, supports) =>
      yesOrNo(store.groups !== undefined && (store.groups.supports ?? supports).pendingMembers !== false),
    covers: needing('pendingMembers'),
  },
  {
    capability: 'Nested groups',
    declared: ({ store, nestedGroups }) => yesOrNo(store.groups !== undefined && nestedGroups !== false),
    covers: needing('nestedGroups'),
  },
  {
    capability: 'Detects writes by your app',
    declared: ({ foreignWrite }) => (foreignWrite === undefined ? 'not declared' : 'yes'),
    covers: needing('foreignWrite'),
  },
  {
    capability: 'Atomic writes',
    declared: ({ breakAt }) => (breakAt === undefined ? 'not declared' : 'yes'),
    covers: needing('breakAt'),
  },
  {
    capability: 'Outbox',
    declared: (_, { outbox }) => yesOrNo(outbox === true),
    covers: needing('outbox'),
  },
  {
    capability: 'Checks inside writes',
    declared: (_, { checks }) => yesOrNo(checks === true),
    covers: needing('checks'),
  },
];

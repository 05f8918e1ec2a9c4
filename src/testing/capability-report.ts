import type { Supports, UserStore } from '../contract/store.js';
import type { StoreUnderTest } from './case.js';
import type { CaseResult } from './run.js';

/** What a store can do, and what was found out about it, as a small table of text. */
export function capabilityReport(
  name: string,
  given: UserStore | StoreUnderTest | undefined,
  results: readonly CaseResult[],
): string {
  const under = given === undefined ? undefined : 'store' in given ? given : { store: given };
  const supports: Supports = under?.store.supports ?? {};
  const count = (status: CaseResult['status']): string =>
    String(results.filter((each) => each.status === status).length);
  const random = results.find(({ case: { id } }) => id.startsWith('random'));
  const rows: readonly (readonly [string, string])[] = [
    ['Groups', yes(under?.store.groups !== undefined)],
    ['Tenants', supports.tenants === 'one' ? 'one' : 'many'],
    [
      'Attributes',
      supports.attributes === undefined ? 'all of the schema' : `${String(supports.attributes.length)} paths`,
    ],
    ['Filters', supports.filter === 'equals' ? 'equalities only' : 'all'],
    ['Sorting', yes(supports.sort !== false)],
    ['Cursors', yes(supports.cursor !== false)],
    [
      'Members that are not there yet',
      under !== undefined && under.store.groups === undefined
        ? 'no groups'
        : yes(under?.store.groups?.supports?.pendingMembers !== false && supports.pendingMembers !== false),
    ],
    ['Texts compare', under?.exactText === false ? ofDatabase(results) : 'as the library does, in every script'],
    ['Versions tell the writes of others', outcome(results, 'versions-foreign-write')],
    ['A fault in a write leaves nothing', outcome(results, 'faults-', under?.breakAt !== undefined)],
    ['Old versions are refused', outcome(results, 'versions-')],
    ['Outbox', yes(supports.outbox === true)],
    ['Random filters', random?.status === 'failed' ? 'not as the evaluator' : (random?.message ?? 'not tried')],
    ['Cases', `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return [`Store contract: ${name}`, ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)].join('\n');
}

function ofDatabase(results: readonly CaseResult[]): string {
  const tried = results.find(({ case: { id }, status }) => id === 'values-likeness' && status === 'passed');
  return `as the database does${tried?.message === undefined ? '' : `: ${tried.message}`}`;
}

/** What became of the cases whose ids begin so. */
function outcome(results: readonly CaseResult[], begin: string, isTried = true): string {
  const tried = results.filter(({ case: { id }, status }) => id.startsWith(begin) && status !== 'skipped');
  if (!isTried || tried.length === 0) return 'not tried';
  return yes(tried.every(({ status }) => status === 'passed'));
}

function yes(holds: boolean): string {
  return holds ? 'yes' : 'no';
}

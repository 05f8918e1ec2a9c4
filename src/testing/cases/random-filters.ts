import { compileFilter } from '../../protocol/filter/compile.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Filter, FilterValue, ListQuery, Page, SortKey } from '../../contract/filter.js';
import type { Stored, User } from '../../contract/resource.js';
import { comparePositions, positionOf } from '../../schema/position.js';
import type { CaseContext } from '../case-context.js';
import { cursor, index, listQuery, removal } from '../requests.js';
import { SkippedCase } from '../skipped-case.js';
import { casesOf, type RunnableCase } from '../store-case.js';
import { ContractViolation } from '../contract-violation.js';
import { arbitrariesFor, type FastCheck } from './arbitraries.js';

/** How much is tested, and from which seed the values are drawn. */
export interface RandomOptions {
  readonly runs: number;
  readonly seed: number;
}

const cursorPageSize = 2;

/** Random filters, orders and pages over random users give the results of the library's evaluator. */
export function randomCases(options: RandomOptions): readonly RunnableCase[] {
  return casesOf(
    'random',
    'A filter that is right for nine users and wrong for the tenth changes the account of the tenth.',
    [
      [
        'filters',
        'random filters, orders and pages over random users return what the library’s own evaluator returns',
        async (t) => {
          const fastCheck = await import('fast-check').catch(() => undefined);
          if (fastCheck === undefined) throw new SkippedCase('fast-check is not installed');
          await compareRandomQueries(t, fastCheck, options);
        },
        ['filter'],
      ],
    ],
  );
}

async function compareRandomQueries(t: CaseContext, fc: FastCheck, { runs, seed }: RandomOptions): Promise<void> {
  const { user, filter, sort } = arbitrariesFor(fc, t);
  const users = fc.array(user, { minLength: 1, maxLength: 8 });
  const queries = fc.array(fc.tuple(filter, sort), { minLength: 1, maxLength: 8, size: 'max' });
  let run = 0;
  let compared = 0;
  const details = await fc.check(
    fc.asyncProperty(users, queries, async (drawnUsers, drawnQueries) => {
      const tenant = `run${String(++run)}`;
      const created: Stored<User>[] = [];
      try {
        for (const [i, attributes] of drawnUsers.entries()) {
          created.push(await t.user(`User${String(i)}`, attributes, tenant));
        }
        for (const [drawnFilter, drawnSort] of drawnQueries) {
          await compareQuery(t, tenant, created, drawnFilter, drawnSort);
          compared++;
        }
      } finally {
        if (t.store.supports?.tenants === 'one') {
          for (const { id } of created) await t.store.delete(id, removal(), t.ctx());
        }
      }
    }),
    { numRuns: runs, seed },
  );
  if (details.failed) {
    const { errorInstance: error, counterexample } = details;
    if (error instanceof SkippedCase) throw error;
    const observed = error instanceof Error ? error.message : String(error);
    const attributes = JSON.stringify(counterexample?.[0], (_, value: unknown) =>
      typeof value === 'string' && value.length > longestLiteral ? literalOf(value) : value,
    );
    throw new ContractViolation(
      `${observed}; the users: User0 and on, with ${attributes} (repeat with seed: ${String(seed)}, randomRuns: ${String(runs)})`,
    );
  }
  t.note = `${String(compared)} compared with the library, seed ${String(seed)}`;
}

async function compareQuery(
  t: CaseContext,
  tenant: string,
  users: readonly Stored<User>[],
  filter: Filter,
  sort: readonly SortKey[],
): Promise<void> {
  const matches = compileFilter(filter);
  const expected = users
    .filter((user) => matches(user as unknown as Attributes))
    .sort((a, b) => comparePositions(positionOf(a, sort), positionOf(b, sort), sort))
    .map(({ id }) => id);
  const order = sort.map(({ attribute, descending }) => `${attribute.path}${descending ? ' descending' : ''}`);
  const what = `what ${textOf(filter)} finds, sorted by ${order.join(', ') || 'nothing'},`;
  const query = listQuery<User>({ filter, sort, page: index(0, 100) });
  const page = await t.store.list(query, t.ctx(tenant));
  const found = page.resources.map(({ id }) => id);
  const names = (ids: readonly string[]): string[] =>
    ids.map((id) => users.find((user) => user.id === id)?.userName ?? `the unknown ${id}`);
  t.same(names(found).sort(), names(expected).sort(), what);
  t.same(page.totalResults, expected.length, `totalResults of ${what}`);
  // The last value is the tie-breaker. A store may order by another key than the id, so only the others are compared.
  const sortValues = (ids: readonly string[]): unknown =>
    ids.map((id) => {
      const user = users.find((one) => one.id === id);
      return user && positionOf(user, sort).slice(0, -1);
    });
  if (sort.length > 0) t.same(sortValues(found), sortValues(expected), `the order of ${what}`);
  if (t.store.supports?.cursor === false) return;
  t.same(names(await idsByCursor(t, tenant, query, users.length)), names(found), `${what} by cursor`);
}

/** Reads all pages by cursor. A store whose pages never end fails instead of running forever. */
async function idsByCursor(
  t: CaseContext,
  tenant: string,
  query: ListQuery<User>,
  numberOfUsers: number,
): Promise<string[]> {
  // One more than needed: a store may return an empty last page.
  const maxPages = Math.ceil(numberOfUsers / cursorPageSize) + 1;
  const ids: string[] = [];
  let after: Page<User>['next'];
  for (let pages = 1; ; pages++) {
    const page = await t.store.list({ ...query, page: cursor(cursorPageSize, after && { after }) }, t.ctx(tenant));
    ids.push(...page.resources.map(({ id }) => id));
    after = page.next;
    if (after === undefined) return ids;
    t.ok(
      pages < maxPages,
      `reading ${String(numberOfUsers)} users by cursor does not end after ${String(pages)} pages`,
    );
  }
}

/** A filter as a client would write it (RFC 7644 3.4.2.2). */
function textOf(filter: Filter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return `(${filter.filters.map(textOf).join(` ${filter.op} `)})`;
    case 'not':
      return `not (${textOf(filter.filter)})`;
    case 'some':
      return `${filter.attribute.path}[${textOf(filter.filter)}]`;
    case 'present':
      return `${filter.attribute.path} pr`;
    default:
      return `${filter.attribute.path} ${filter.op} ${literalOf(filter.value)}`;
  }
}

const longestLiteral = 40;

/** A literal as a client would write it; a long one by its beginning and its length. */
function literalOf(value: FilterValue): string {
  const text = JSON.stringify(value);
  if (typeof value !== 'string' || value.length <= longestLiteral) return text;
  return `${JSON.stringify(value.slice(0, longestLiteral))}... (${String(value.length)} characters)`;
}

import { compileFilter } from '../../protocol/filter/compile.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Filter, Page, SortKey } from '../../contract/filter.js';
import type { Stored, User } from '../../contract/resource.js';
import { comparePositions, positionOf } from '../../schema/position.js';
import { type Bench, casesOf, ContractViolation, type StoreCase } from '../case.js';
import { cursor, index, listQuery, removal } from '../requests.js';
import { SkippedCase } from '../skipped.js';
import { drawsFor, type Fc } from './draws.js';

/** Random filters, orders and pages over random users give what the evaluator gives. */
export function randomCases(runs: number): readonly StoreCase[] {
  return casesOf(
    'random',
    'A filter that is right for nine users and wrong for the tenth changes the tenth one’s account.',
    [
      [
        'filters',
        'random filters, orders and pages over random users find and sort as the library’s own evaluator does',
        async (t) => {
          const fc = await import('fast-check').catch(() => undefined);
          if (fc === undefined) throw new SkippedCase('fast-check is not installed');
          await compare(t, fc, runs);
        },
        ['filter'],
      ],
    ],
  );
}

async function compare(t: Bench, fc: Fc, runs: number): Promise<void> {
  const { person, filter, sort } = drawsFor(fc, t);
  const questions = fc.array(fc.tuple(filter, sort), { minLength: 1, maxLength: 8, size: 'max' });
  let run = 0;
  let compared = 0;
  const details = await fc.check(
    fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 8 }), questions, async (drawn, asked) => {
      const tenant = `run${String(++run)}`;
      const users: Stored<User>[] = [];
      try {
        for (const [i, one] of drawn.entries()) users.push(await t.user(`User${String(i)}`, one, tenant));
        for (const [by, order] of asked) {
          await ask(t, tenant, users, by, order);
          compared++;
        }
      } finally {
        if (t.store.supports?.tenants === 'one') {
          for (const { id } of users) await t.store.delete(id, removal(), t.ctx());
        }
      }
    }),
    { numRuns: runs },
  );
  if (details.failed) {
    const { errorInstance: error, counterexample, seed } = details;
    if (error instanceof SkippedCase) throw error;
    const did = error instanceof Error ? error.message : String(error);
    const users = JSON.stringify(counterexample?.[0]);
    throw new ContractViolation(`${did}; the users: User0 and on, with ${users} (seed ${String(seed)})`);
  }
  t.note = `${String(compared)} as the evaluator`;
}

async function ask(
  t: Bench,
  tenant: string,
  users: readonly Stored<User>[],
  filter: Filter,
  sort: readonly SortKey[],
): Promise<void> {
  const matches = compileFilter(filter);
  const wanted = users
    .filter((user) => matches(user as unknown as Attributes))
    .sort((a, b) => comparePositions(positionOf(a, sort), positionOf(b, sort), sort))
    .map(({ id }) => id);
  const order = sort.map(({ attribute, descending }) => `${attribute.path}${descending ? ' descending' : ''}`);
  const what = `what ${written(filter)} finds, sorted by ${order.join(', ') || 'nothing'},`;
  const query = listQuery<User>({ filter, sort, page: index(0, 100) });
  const page = await t.store.list(query, t.ctx(tenant));
  const found = page.resources.map(({ id }) => id);
  const names = (ids: readonly string[]): string[] =>
    ids.map((id) => users.find((user) => user.id === id)?.userName ?? `the unknown ${id}`);
  t.same(names(found).sort(), names(wanted).sort(), what);
  t.same(page.totalResults, wanted.length, `totalResults of ${what}`);
  // Ties may go by the key that ids are made of: only the values are compared.
  const places = (ids: readonly string[]): unknown =>
    ids.map((id) => {
      const user = users.find((one) => one.id === id);
      return user && positionOf(user, sort).slice(0, -1);
    });
  if (sort.length > 0) t.same(places(found), places(wanted), `the order of ${what}`);
  if (t.store.supports?.cursor === false) return;
  const walked: string[] = [];
  for (let after: Page<User>['next'], first = true; first || after !== undefined; first = false) {
    const part = await t.store.list({ ...query, page: cursor(2, after && { after }) }, t.ctx(tenant));
    walked.push(...part.resources.map(({ id }) => id));
    after = part.next;
  }
  t.same(names(walked), names(found), `${what} by cursor`);
}

/** A filter as a client would write it (RFC 7644 3.4.2.2). */
function written(filter: Filter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return `(${filter.filters.map(written).join(` ${filter.op} `)})`;
    case 'not':
      return `not (${written(filter.filter)})`;
    case 'some':
      return `${filter.attribute.path}[${written(filter.filter)}]`;
    case 'present':
      return `${filter.attribute.path} pr`;
    default:
      return `${filter.attribute.path} ${filter.op} ${JSON.stringify(filter.value)}`;
  }
}

import type { ListQuery, Page, Position, SortKey } from '../../contract/filter.js';
import type { Stored } from '../../contract/resource.js';
import { sql } from '../../database/sql.js';
import { always, type Condition } from './compare.js';
import { type Candidates, type KeyRange, type KeyRanges, keyRanges } from './key-ranges.js';
import { mostBytes, tooManyBytes } from './list-bytes.js';
import { countThatFits, cursorEnds, type ListSource, type Row, resourcesOf } from './list-source.js';
import type { Order } from './order.js';

interface RangedPlan<R> {
  readonly where: Condition;
  readonly order: Order;
  readonly source: ListSource<R> & { readonly ranges: KeyRanges };
  readonly candidates: Candidates;
}

/**
 * Lists resources by a filter or order without an index, in ranges: the statements find the matches, and those of the page
 * are read afterwards.
 *
 * @throws TooManyError where the resources of an index page, or the values of the order, take more than `mostBytes`
 */
export async function listInRanges<R>(query: ListQuery<R>, plan: RangedPlan<R>): Promise<Page<R>> {
  const { page, selection } = query;
  const { source } = plan;
  const complete = async (rows: readonly Row[]): Promise<readonly Stored<R>[]> =>
    source.complete(await resourcesOf(rows, source), selection);
  const { matches, total } = await new Search(query, plan).run();
  if (page.kind === 'index') {
    const rows = await readRows(matches.slice(page.offset), source);
    if (countThatFits(rows) < rows.length) throw tooManyBytes();
    return { resources: await complete(rows), totalResults: total };
  }
  const { before, limit } = page;
  const rows = await readRows(matches.slice(0, limit), source);
  // A page of large resources ends early, and the next one begins after it.
  const fits = countThatFits(rows);
  const pageRows = rows.slice(0, fits);
  const seen = fits < rows.length ? matches.findIndex(({ id }) => id === rows[fits]?.['id']) : limit;
  const pageMatches = matches.slice(0, seen);
  if (before !== undefined) {
    pageRows.reverse();
    pageMatches.reverse();
  }
  return {
    resources: await complete(pageRows),
    ...cursorEnds(pageMatches, ({ position }) => position, { page, more: matches.length > seen }),
  };
}

/** A row that matches. */
interface Match {
  readonly id: string;
  readonly position: Position;
}

/** Finds the matches of a query up to the end of its page. */
class Search<R> {
  readonly #query: ListQuery<R>;
  readonly #plan: RangedPlan<R>;
  readonly #backwards: boolean;
  /** Where a cursor page begins. */
  readonly #start: Position | undefined;
  /** The part of the order in which the page begins. */
  readonly #from: Condition;
  /** How many matches, from the first, are kept: one more than a cursor page shows whether there is a next one. */
  readonly #most: number;

  constructor(query: ListQuery<R>, plan: RangedPlan<R>) {
    const { page } = query;
    this.#query = query;
    this.#plan = plan;
    const isCursor = page.kind === 'cursor';
    this.#backwards = isCursor && page.before !== undefined;
    this.#start = isCursor ? (page.before ?? page.after) : undefined;
    this.#most = isCursor ? page.limit + 1 : page.offset + page.limit;
    const parts = plan.order.ranges(this.#start, this.#backwards).map(({ where }) => where);
    this.#from = this.#start === undefined ? always : sql`(${sql.join(parts, sql` or `)})`;
  }

  /** @returns the first matches in order, and how many there are of an index page */
  async run(): Promise<{ readonly matches: readonly Match[]; readonly total: number }> {
    const { page, sort } = this.#query;
    const { source, candidates } = this.#plan;
    const isByKey = sort.length === 0;
    const after = isByKey && this.#start !== undefined ? String(this.#start[0]) : undefined;
    let matches: readonly Match[] = [];
    let total = 0;
    for await (const range of keyRanges(source, candidates, { after, backwards: this.#backwards })) {
      if (isByKey && matches.length >= this.#most) {
        if (page.kind === 'cursor') break;
        total += range.isLarge ? (await this.#large(range)).length : await this.#count(range);
        continue;
      }
      const found = range.isLarge ? await this.#large(range) : await this.#matches(range, this.#plan.where);
      total += found.length;
      matches = isByKey
        ? [...matches, ...found].slice(0, this.#most)
        : merged(matches, found, this.#most, (a, b) => compare(a.position, b.position, sort, this.#backwards));
      if (!isByKey) checkBytes(matches);
    }
    return { matches, total };
  }

  async #matches(range: KeyRange, where: Condition): Promise<readonly Match[]> {
    const { source, order } = this.#plan;
    const { rows } = await sql<Row>`select ${source.ranges.key} as id${order.columns} from ${source.from}
      where ${source.visible} and ${range.where} and ${where} and ${this.#from}
      order by ${order.by(this.#backwards)}`.execute(source.db);
    return rows.map((row) => ({ id: String(row['id']), position: order.positionIn(row) }));
  }

  async #count(range: KeyRange): Promise<number> {
    const { source, where } = this.#plan;
    const { rows } = await sql<{ total: unknown }>`select count(*) as total from ${source.from}
      where ${source.visible} and ${range.where} and ${where}`.execute(source.db);
    return Number(rows[0]?.total ?? 0);
  }

  /** The match in a range of one large row, which is evaluated in memory: a statement could not pause. */
  async #large(range: KeyRange): Promise<readonly Match[]> {
    const { source } = this.#plan;
    const { rows } = await sql<Row>`select ${source.columns} from ${source.from}
      where ${source.visible} and ${range.where}`.execute(source.db);
    const resources = await resourcesOf(rows, source);
    const [resource] = await source.forEvaluation(resources);
    return resource !== undefined && this.#query.matches(resource) ? this.#matches(range, always) : [];
  }
}

/** Two lists in order as one, up to a number of them. */
function merged<T>(a: readonly T[], b: readonly T[], most: number, compareItems: (a: T, b: T) => number): readonly T[] {
  const all: T[] = [];
  for (let i = 0, j = 0; all.length < most;) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && (right === undefined || compareItems(left, right) <= 0)) {
      all.push(left);
      i++;
    } else if (right !== undefined) {
      all.push(right);
      j++;
    } else {
      break;
    }
  }
  return all;
}

/** Compares positions as the statements order their rows. */
function compare(a: Position, b: Position, sort: readonly SortKey[], backwards: boolean): number {
  for (const [i, { descending }] of sort.entries()) {
    const order = compareValues(a[i] ?? null, b[i] ?? null);
    if (order !== 0) return descending === backwards ? order : -order;
  }
  const order = compareValues(a[sort.length] ?? null, b[sort.length] ?? null);
  return (sort.at(-1)?.descending === true) === backwards ? order : -order;
}

/** Null is the greatest value; SQLite orders numbers before texts, and texts by their bytes. */
function compareValues(a: Position[number], b: Position[number]): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  if (typeof a === 'string' && typeof b === 'string') return compareBytes(a, b);
  if (typeof a === 'string' || typeof b === 'string') return typeof a === 'string' ? 1 : -1;
  return a < b ? -1 : 1;
}

/** Compares texts by their bytes in UTF-8, which is the order of their code points. */
function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    // Surrogates are half of a code point above all others.
    const isAbove = isSurrogate(left);
    if (isAbove !== isSurrogate(right)) return isAbove ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** @throws TooManyError where the values of an order take too many bytes */
function checkBytes(matches: readonly Match[]): void {
  let units = 0;
  for (const { position } of matches) {
    for (const value of position) if (typeof value === 'string') units += value.length;
  }
  if (units > mostBytes) throw tooManyBytes();
}

/** The rows of matches, in their order, without those that were deleted in the meantime. */
async function readRows<R>(matches: readonly Match[], source: RangedPlan<R>['source']): Promise<Row[]> {
  if (matches.length === 0) return [];
  const { rows } = await sql<Row>`select ${source.columns} from ${source.from}
    where ${source.visible} and ${source.ranges.among(matches.map(({ id }) => id))}`.execute(source.db);
  const byId = new Map(rows.map((row) => [String(row['id']), row]));
  return matches.map(({ id }) => byId.get(id)).filter((row) => row !== undefined);
}

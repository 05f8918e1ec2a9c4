import type { Attributes } from '../contract/attribute.js';
import { isThenable } from '../contract/awaitable.js';
import type { Filter, ListQuery, Page, PageRequest, Position, SortKey } from '../contract/filter.js';
import { readsOf } from '../contract/reads.js';
import type { Work } from '../contract/work.js';
import { InvalidFilterError, InvalidValueError, ScimError, TooManyError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { BoundFilter } from '../protocol/filter/parse.js';
import { invalidCursor } from '../protocol/cursor.js';
import { listResponse } from '../protocol/messages.js';
import { readCount, readPage } from '../protocol/page.js';
import { compileSort, readSort } from '../protocol/sort.js';
import { sortText } from '../schema/position.js';
import { resolveAttribute } from '../schema/notation.js';
import { authorize, authorizeDerived } from './authorize.js';
import { bounded, type Call } from './call.js';
import { isLookedUp, listWhole, type WholeQuery } from './query-whole.js';
import type { SelectionParameters } from './projection-cache.js';
import { countThatFits, represent } from './represent.js';
import type { ScimResponse, ServedType, Service } from './service.js';

/** A query as the client wrote it, in the URL or in the body of a search. */
export interface QueryRequest extends SelectionParameters {
  readonly filter?: string | undefined;
  readonly sortBy?: string | undefined;
  readonly sortOrder?: string | undefined;
  readonly startIndex?: string | number | undefined;
  readonly count?: string | number | undefined;
  /** RFC 9865: present and empty for the first page. */
  readonly cursor?: string | undefined;
}

/** A query of one resource type. */
export interface QueryCall extends Call {
  readonly parameters: QueryRequest;
}

/** Units for looking at one resource, and for comparing it with others in an order. */
const unitsOfResource = 4;
const unitsOfComparison = 60;

/** Evaluates the filter, and charges what the order costs, for every resource that a store has to look at. */
function matcherFor(
  bound: Pick<BoundFilter, 'matches'> | undefined,
  sort: readonly SortKey[],
  work: Work,
): (resource: Attributes) => boolean {
  return (resource) => {
    work.spend(unitsOfResource);
    if (bound?.matches(resource, work) === false) return false;
    for (const { attribute } of sort) work.spend(unitsOfComparison + (sortText(resource, attribute).length << 1));
    return true;
  };
}

/**
 * GET of the endpoint of a resource type, or a search of it (RFC 7644 3.4.2, 3.4.3): filter, sort, page, project.
 *
 * @returns 200 with a ListResponse, also where nothing matches
 * @throws InvalidFilterError, InvalidPathError, InvalidValueError for parameters that cannot be read
 */
export async function query(call: QueryCall): Promise<ScimResponse> {
  const { service, served, ctx, parameters } = call;
  const permitted = authorize(call, 'query');
  if (isThenable(permitted)) await permitted;
  const projection = served.projections.get(parameters, ctx);
  const plan = planQuery(call);
  const paths = pathsOf(plan);
  if (paths.size > 0) await authorizeDerived(call, paths);
  const paging =
    parameters.cursor !== undefined && served.store.supports?.cursor !== false
      ? cursorPaging(call, parameters.cursor)
      : indexPaging(service, parameters);
  const respond = async (requested: PageRequest): Promise<ScimResponse> => {
    const { selection } = projection;
    const { whole, ...stored } = plan;
    const query = { ...stored, page: requested, selection };
    const listed = whole === undefined ? bounded(call, served.store.list(query, ctx)) : listWhole(call, query, whole);
    const page = isThenable(listed) ? await listed : listed;
    const { length } = page.resources;
    const shorten = (count: number): Promise<ScimResponse> => {
      if (requested.kind === 'index') throw pageTooLarge(service.limits);
      return respond({ ...requested, limit: Math.max(1, Math.min(count, length - 1)) });
    };
    const fits = length > 1 ? countThatFits(call, page.resources, projection) : length;
    if (fits < length) return shorten(fits);
    const represented = represent(call, page.resources, projection);
    const resources = isThenable(represented) ? await represented : represented;
    const body = listResponse(resources, paging.describe(page));
    // One resource is returned whatever its size, as a GET of it is.
    return length > 1 ? { status: 200, body, shorten } : { status: 200, body };
  };
  return respond(paging.page);
}

/** The error for an index page that takes more than `limits.pageBytes`. */
export function pageTooLarge({ pageBytes }: Limits): TooManyError {
  return new TooManyError(
    `The page takes more than ${String(pageBytes)} bytes (limits.pageBytes): send a smaller count, or fewer attributes.`,
  );
}

/** What to list, except the page and the selection. */
export type QueryPlan = Omit<ListQuery<Attributes>, 'page' | 'selection'> & {
  /** The whole query, where a store can decide only a part of it. */
  readonly whole?: WholeQuery | undefined;
};

/**
 * Binds filter and order to the resource type.
 *
 * @param mixed true in a query over several types, where an attribute that this type lacks has no value
 */
export function planQuery({ served, ctx, parameters }: QueryCall, mixed = false): QueryPlan {
  const { supports } = served.store;
  const { filter, sortBy, sortOrder } = parameters;
  const bound = filter === undefined ? undefined : served.filters.get(filter, ctx, mixed);
  if (bound !== undefined && supports?.filter === 'equals' && !isConjunctionOfEq(bound.filter)) {
    throw new InvalidFilterError('This service supports only eq, and eq joined by and.');
  }
  const ignoresSort = supports?.sort === false || (mixed && !hasAttribute(served, sortBy));
  const sort = ignoresSort ? [] : readSort(sortBy, sortOrder, served.type, ctx.useQuirk);
  const whole = bound?.whole ?? bound;
  if (bound?.whole !== undefined || sort.some(({ attribute }) => isLookedUp(served, attribute.path))) {
    if (mixed) throw looksUpInMixed();
    return {
      filter: bound?.filter,
      equals: bound?.equals ?? {},
      sort: [],
      reads: readsOf({ filter: bound?.filter, sort: [] }),
      matches: matcherFor(bound, [], ctx.work),
      compare: compileSort([]),
      whole: { filter: whole?.filter, sort, matches: matcherFor(whole, sort, ctx.work) },
    };
  }
  return {
    filter: bound?.filter,
    equals: bound?.equals ?? {},
    sort,
    reads: readsOf({ filter: bound?.filter, sort }),
    matches: matcherFor(bound, sort, ctx.work),
    compare: compileSort(sort),
  };
}

function looksUpInMixed(): InvalidFilterError {
  return new InvalidFilterError(
    '$ref and display names of references can be compared in a query of one resource type only: query its endpoint.',
  );
}

/** Paths of the attributes that a query compares. */
export function pathsOf(plan: QueryPlan): ReadonlySet<string> {
  const { filter, sort } = plan.whole ?? plan;
  if (filter === undefined && sort.length === 0) return noPaths;
  const paths = new Set(sort.map(({ attribute }) => attribute.path));
  if (filter !== undefined) collectPaths(filter, paths);
  return paths;
}

const noPaths: ReadonlySet<string> = new Set();

function collectPaths(filter: Filter, paths: Set<string>): void {
  if ('filters' in filter) for (const each of filter.filters) collectPaths(each, paths);
  else {
    if ('attribute' in filter) paths.add(filter.attribute.path);
    if ('filter' in filter) collectPaths(filter.filter, paths);
  }
}

function hasAttribute({ type }: ServedType, path: string | undefined): boolean {
  return path !== undefined && resolveAttribute(type, path) !== undefined;
}

/** Which page to list, and how the ListResponse describes it. */
interface Paging {
  readonly page: PageRequest;
  describe(page: Page<Attributes>): Parameters<typeof listResponse>[1];
}

function indexPaging(service: Service, parameters: QueryRequest): Paging {
  const { startIndex, count } = readPage(parameters, service.limits);
  return {
    page: { kind: 'index', offset: startIndex - 1, limit: count },
    describe: ({ totalResults, resources }) => ({
      totalResults: totalResults ?? startIndex - 1 + resources.length,
      startIndex,
    }),
  };
}

/** RFC 9865: the page that follows, or precedes, the position that the cursor holds. */
function cursorPaging({ service, served, ctx, parameters }: QueryCall, cursor: string): Paging {
  if (parameters.startIndex !== undefined) throw new InvalidValueError('Give cursor or startIndex, not both.');
  const { cursors, limits } = service;
  const isForwardOnly = served.store.supports?.cursor === 'forward';
  const count = cursorCount(parameters.count, limits);
  // A cursor is valid only for the same tenant, endpoint, filter and order.
  const binding = JSON.stringify([
    ctx.tenant,
    served.type.endpoint,
    parameters.filter ?? null,
    parameters.sortBy?.toLowerCase() ?? null,
    parameters.sortOrder?.toLowerCase() ?? null,
  ]);
  const state = cursor === '' ? undefined : cursors.open(cursor, binding);
  if (state !== undefined && parameters.count !== undefined && state.count !== count) {
    throw invalidCount('count must stay the same for all pages of a cursor.');
  }
  // Another store, or this one before an update, may have made it.
  if (isForwardOnly && state?.before !== undefined) throw invalidCursor();
  const limit = state?.count ?? count;
  const seal = (position: Position | undefined, side: 'after' | 'before'): string | undefined =>
    position === undefined ? undefined : cursors.seal({ [side]: position, count: limit }, binding);
  return {
    page: { kind: 'cursor', after: state?.after, before: state?.before, limit },
    describe: (page) => ({
      totalResults: page.totalResults,
      nextCursor: limit === 0 ? undefined : seal(page.next, 'after'),
      // RFC 9865 2: the first page has no previous one.
      previousCursor: state === undefined || isForwardOnly ? undefined : seal(page.previous, 'before'),
    }),
  };
}

// RFC 9865 2.1: with a cursor, a count that is not a number has its own scimType; a negative one still counts as 0.
function cursorCount(count: QueryRequest['count'], limits: Limits): number {
  try {
    return readCount(count, limits);
  } catch {
    throw invalidCount('count must be an integer.');
  }
}

function invalidCount(detail: string): ScimError {
  return new ScimError(400, detail, { scimType: 'invalidCount' });
}

function isConjunctionOfEq(filter: Filter): boolean {
  return filter.op === 'eq' || (filter.op === 'and' && filter.filters.every(isConjunctionOfEq));
}

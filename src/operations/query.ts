import type { RequestContext } from './request-context.js';
import { InvalidFilterError, InvalidValueError, ScimError } from '../errors.js';
import type { Limits } from '../limits.js';
import { listResponse } from '../protocol/messages.js';
import { readCount, readPage } from '../protocol/page.js';
import { compileSort, readSort } from '../protocol/sort.js';
import { resolveAttribute } from '../schema/notation.js';
import type { Attributes } from '../contract/attribute.js';
import type { Filter, ListQuery, Page, PageRequest, Position } from '../contract/filter.js';
import { isThenable } from '../contract/awaitable.js';
import type { SelectionParameters } from './projection-cache.js';
import { represent } from './represent.js';
import { type ScimResponse, authorize, type ServedType, type Service } from './service.js';

/** A query as the client wrote it, in the URL or in the body of a search. */
export interface QueryRequest extends SelectionParameters {
  readonly filter?: string | undefined;
  readonly sortBy?: string | undefined;
  readonly sortOrder?: string | undefined;
  readonly startIndex?: string | number | undefined;
  readonly count?: string | number | undefined;
  /** RFC 9865: present and empty asks for the first page. */
  readonly cursor?: string | undefined;
}

const everything = (): boolean => true;

/**
 * GET of a resource type's endpoint, or a search of it (RFC 7644 3.4.2, 3.4.3): filter, sort, page, project.
 *
 * @returns 200 with a ListResponse, also where nothing matches
 * @throws InvalidFilterError, InvalidPathError, InvalidValueError for parameters that cannot be read
 */
export async function query(
  service: Service,
  served: ServedType,
  request: QueryRequest,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const permitted = authorize(service, { operation: 'query', resourceType: served.type.name }, ctx);
  if (isThenable(permitted)) await permitted;
  const projection = served.projections.get(request);
  const plan = planQuery(served, request, ctx);
  const pages =
    request.cursor !== undefined && served.store.supports?.cursor !== false
      ? cursorPage(service, served, request, ctx)
      : indexPage(service, request);
  const listed = service.deadlines.bound(
    served.store.list({ ...plan, page: pages.page, selection: projection.selection }, ctx),
    ctx,
  );
  const page = isThenable(listed) ? await listed : listed;
  const shown = represent(service, served, page.resources, projection, ctx);
  const resources = isThenable(shown) ? await shown : shown;
  return { status: 200, body: listResponse(resources, pages.describe(page, resources.length)) };
}

/** What to list, but for the page and the attributes. */
export type QueryPlan = Omit<ListQuery<Attributes>, 'page' | 'selection'>;

/**
 * Binds filter and order to the type.
 *
 * @param mixed true in a query over several types, where an attribute that this one lacks has no value
 */
export function planQuery(served: ServedType, request: QueryRequest, ctx: RequestContext, mixed = false): QueryPlan {
  const { supports } = served.store;
  const bound = request.filter === undefined ? undefined : served.filters.get(request.filter, ctx, mixed);
  if (bound !== undefined && supports?.filter === 'equals' && !isEqualities(bound.filter)) {
    throw new InvalidFilterError('This service understands only eq, and eq joined by and.');
  }
  const lacksSort = supports?.sort === false || (mixed && !canSort(served, request.sortBy));
  const sort = lacksSort ? [] : readSort(request.sortBy, request.sortOrder, served.type, ctx.useQuirk);
  return {
    filter: bound?.filter,
    equals: bound?.equals ?? {},
    sort,
    matches: bound?.matches ?? everything,
    compare: compileSort(sort),
  };
}

function canSort(served: ServedType, sortBy: string | undefined): boolean {
  return sortBy !== undefined && resolveAttribute(served.type, sortBy) !== undefined;
}

interface Pages {
  readonly page: PageRequest;
  /** The page's part of the ListResponse. */
  describe(page: Page<Attributes>, shown: number): Parameters<typeof listResponse>[1];
}

function indexPage(service: Service, request: QueryRequest): Pages {
  const { startIndex, count } = readPage(request, service.limits);
  return {
    page: { kind: 'index', offset: startIndex - 1, limit: count },
    describe: (page, shown) => ({ totalResults: page.totalResults ?? startIndex - 1 + shown, startIndex }),
  };
}

/** RFC 9865: the walk goes on behind, or before, the row that the cursor holds. */
function cursorPage(service: Service, served: ServedType, request: QueryRequest, ctx: RequestContext): Pages {
  if (request.startIndex !== undefined) throw new InvalidValueError('Give cursor or startIndex, not both.');
  const { cursors, limits } = service;
  const count = cursorCount(request.count, limits);
  // With another tenant, endpoint, filter or order a cursor means nothing.
  const binding = JSON.stringify([
    ctx.tenant,
    served.type.endpoint,
    request.filter ?? null,
    request.sortBy?.toLowerCase() ?? null,
    request.sortOrder?.toLowerCase() ?? null,
  ]);
  const state = request.cursor === '' ? undefined : cursors.open(request.cursor ?? '', binding);
  if (state !== undefined && request.count !== undefined && state.count !== count) {
    throw invalidCount('count may not change while walking with a cursor.');
  }
  const limit = state?.count ?? count;
  const seal = (position: Position | undefined, side: 'after' | 'before'): string | undefined =>
    position === undefined ? undefined : cursors.seal({ [side]: position, count: limit }, binding);
  return {
    page: { kind: 'cursor', after: state?.after, before: state?.before, limit },
    describe: (page) => ({
      totalResults: page.totalResults,
      nextCursor: limit === 0 ? undefined : seal(page.next, 'after'),
      // RFC 9865 2: the first page has no previous one.
      previousCursor: state === undefined ? undefined : seal(page.previous, 'before'),
    }),
  };
}

// RFC 9865 2.1: with a cursor a count that is no number has a scimType of its own; negative ones are 0 as ever.
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

function isEqualities(filter: Filter): boolean {
  return filter.op === 'eq' || (filter.op === 'and' && filter.filters.every(isEqualities));
}

import type { RequestContext } from '../context.js';
import { InvalidFilterError } from '../errors.js';
import { listResponse } from '../protocol/messages.js';
import { readPage } from '../protocol/page.js';
import { compileSort, readSort } from '../protocol/sort.js';
import type { Filter, ListQuery, Attributes } from '../store/contract.js';
import type { Wanted } from './projection-cache.js';
import { represent } from './represent.js';
import { type Answer, authorise, type Served, type Service } from './service.js';

/** A query as the client wrote it, in the URL or in the body of a search. */
export interface QueryRequest extends Wanted {
  readonly filter?: string | undefined;
  readonly sortBy?: string | undefined;
  readonly sortOrder?: string | undefined;
  readonly startIndex?: string | number | undefined;
  readonly count?: string | number | undefined;
}

const everything = (): boolean => true;

/**
 * GET of a resource type's endpoint (RFC 7644 3.4.2): filter, sort, page, project.
 *
 * @returns 200 with a ListResponse, also where nothing matches
 * @throws InvalidFilterError, InvalidPathError, InvalidValueError for parameters that cannot be read
 */
export async function query(service: Service, served: Served, request: QueryRequest, ctx: RequestContext): Promise<Answer> {
  await authorise(service, { operation: 'query', resourceType: served.type.name }, ctx);
  const { supports } = served.store;
  const projection = served.projections.get(request);
  const { startIndex, count } = readPage(request, service.limits);
  const bound = request.filter === undefined ? undefined : served.filters.get(request.filter, ctx);
  if (bound !== undefined && supports?.filter === 'equals' && !isEqualities(bound.filter)) {
    throw new InvalidFilterError('This service understands only eq, and eq joined by and.');
  }
  const sort = supports?.sort === false ? [] : readSort(request.sortBy, request.sortOrder, served.type);
  const listQuery: ListQuery<Attributes> = {
    filter: bound?.filter,
    equals: bound?.equals ?? {},
    sort,
    page: { kind: 'index', offset: startIndex - 1, limit: count },
    want: projection.want,
    matches: bound?.matches ?? everything,
    compare: compileSort(sort),
  };
  const page = await service.deadlines.bound(served.store.list(listQuery, ctx), ctx);
  const resources = await represent(service, served, page.resources, projection, ctx);
  const totalResults = page.totalResults ?? startIndex - 1 + resources.length;
  return { status: 200, body: listResponse(resources, { totalResults, startIndex }) };
}

function isEqualities(filter: Filter): boolean {
  return filter.op === 'eq' || (filter.op === 'and' && filter.filters.every(isEqualities));
}

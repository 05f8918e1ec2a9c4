import type { Attributes, Selection } from '../contract/attribute.js';
import type { Stored } from '../contract/resource.js';
import { runInParts, type Work } from '../contract/work.js';
import { InvalidValueError, TooManyError, isScimError } from '../errors.js';
import { listResponse } from '../protocol/messages.js';
import { readPage } from '../protocol/page.js';
import { authorize, authorizeDerived } from './authorize.js';
import { bounded } from './call.js';
import { pageTooLarge, pathsOf, planQuery, type QueryCall, type QueryPlan, type QueryRequest } from './query.js';
import { countThatFits, represent } from './represent.js';
import type { RequestContext } from './request-context.js';
import type { ScimResponse, Service } from './service.js';

/** The query of one of the resource types. */
interface TypeQuery {
  readonly call: QueryCall;
  readonly plan: QueryPlan;
  readonly selection: Selection;
}

/** Pages that an ordered query over all types reads from every type at most. */
const deepestPages = 10;

/**
 * A query over all resource types: GET of the root, or POST /.search (RFC 7644 3.4.2.1).
 *
 * An attribute that a type lacks has no value there. Types that the client may not query are left out. Without an
 * order the types follow one another as in /ResourceTypes.
 *
 * @returns 200 with a ListResponse
 * @throws ForbiddenError where the client may query no type at all
 * @throws TooManyError for an ordered page that lies too deep
 */
export async function queryAll(service: Service, parameters: QueryRequest, ctx: RequestContext): Promise<ScimResponse> {
  if (parameters.cursor !== undefined) {
    throw new InvalidValueError('Cursors page through one resource type; use startIndex and count over all of them.');
  }
  const queries = await permittedQueries(service, parameters, ctx);
  const { startIndex, count } = readPage(parameters, service.limits);
  const { matches, totalResults } =
    parameters.sortBy === undefined
      ? await listInTurn(queries, startIndex - 1, count)
      : await listMerged(queries, { offset: startIndex - 1, count }, service.limits.maxResults, ctx.work);
  const resources = await representRuns(matches);
  const body = listResponse(resources, { totalResults, startIndex });
  const shorten = (): never => {
    throw pageTooLarge(service.limits);
  };
  return matches.length > 1 ? { status: 200, body, shorten } : { status: 200, body };
}

async function permittedQueries(
  service: Service,
  parameters: QueryRequest,
  ctx: RequestContext,
): Promise<readonly TypeQuery[]> {
  const queries: TypeQuery[] = [];
  let refusal: unknown;
  for (const served of service.servedTypes) {
    if (!served.operations.has('query')) continue;
    const call = { service, served, ctx, parameters };
    try {
      await authorize(call, 'query');
      await authorizeDerived(call, pathsOf(planQuery(call, true)));
    } catch (error) {
      if (!isScimError(error) || error.status !== 403) throw error;
      refusal = error;
      continue;
    }
    const { selection } = served.projections.get(parameters, ctx);
    queries.push({ call, selection, plan: planQuery(call, true) });
  }
  if (queries.length === 0) throw refusal;
  return queries;
}

interface Match {
  readonly call: QueryCall;
  readonly resource: Stored<Attributes>;
}

interface Matches {
  readonly matches: readonly Match[];
  readonly totalResults: number;
}

async function listInTurn(queries: readonly TypeQuery[], offset: number, count: number): Promise<Matches> {
  const matches: Match[] = [];
  let totalResults = 0;
  for (const query of queries) {
    const skip = Math.max(0, offset - totalResults);
    totalResults += await listInto(matches, query, skip, count - matches.length);
  }
  return { matches, totalResults };
}

async function listMerged(
  queries: readonly TypeQuery[],
  { offset, count }: { readonly offset: number; readonly count: number },
  maxResults: number,
  work: Work,
): Promise<Matches> {
  const depth = offset + count;
  if (depth > deepestPages * maxResults) {
    throw new TooManyError('An ordered query over all types cannot reach this page; add a filter.');
  }
  const matches: Match[] = [];
  let totalResults = 0;
  for (const query of queries) totalResults += await listInto(matches, query, 0, depth);
  const compare = queries.find(({ plan }) => plan.sort.length > 0)?.plan.compare;
  if (compare !== undefined) {
    await runInParts(sortValues(matches, compare), work);
    matches.sort((a, b) => compare(a.resource, b.resource));
  }
  return { matches: matches.slice(offset, depth), totalResults };
}

/** Makes the sort value of each resource, which the comparator keeps: while it sorts, nothing can pause. */
function* sortValues(matches: readonly Match[], compare: QueryPlan['compare']): Generator<void> {
  for (const { resource } of matches) yield void compare(resource, resource);
}

/** Adds a page of one type to the matches. Returns how many resources of the type match in all. */
async function listInto(matches: Match[], query: TypeQuery, offset: number, limit: number): Promise<number> {
  const { call, plan, selection } = query;
  const page = await bounded(
    call,
    call.served.store.list({ ...plan, page: { kind: 'index', offset, limit }, selection }, call.ctx),
  );
  for (const resource of page.resources) matches.push({ call, resource });
  return page.totalResults ?? offset + page.resources.length;
}

/** Represents each run of resources of one type together: one lookup of groups and names for each run. */
async function representRuns(matches: readonly Match[]): Promise<readonly unknown[]> {
  const resources: unknown[] = [];
  for (let start = 0; start < matches.length;) {
    const call = matches[start]?.call;
    if (call === undefined) break;
    let end = start;
    while (end < matches.length && matches[end]?.call === call) end++;
    const run = matches.slice(start, end).map(({ resource }) => resource);
    const projection = call.served.projections.get(call.parameters, call.ctx);
    if (run.length > 1 && countThatFits(call, run, projection) < run.length) throw pageTooLarge(call.service.limits);
    resources.push(...(await represent(call, run, projection)));
    start = end;
  }
  return resources;
}

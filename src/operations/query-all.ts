import type { RequestContext } from './request-context.js';
import { InvalidValueError, TooManyError, isScimError } from '../errors.js';
import { listResponse } from '../protocol/messages.js';
import { readPage } from '../protocol/page.js';
import type { Attributes, Selection } from '../contract/attribute.js';
import type { Stored } from '../contract/resource.js';
import { planQuery, type QueryPlan, type QueryRequest } from './query.js';
import { represent } from './represent.js';
import { type ScimResponse, authorize, type ServedType, type Service } from './service.js';

/** A type that takes part in the query, with what is asked of it. */
interface Part {
  readonly served: ServedType;
  readonly plan: QueryPlan;
  readonly selection: Selection;
}

/** How many pages deep an ordered query over all types may reach: each of them is read from every type. */
const deepestPages = 10;

/**
 * A query over all resource types: GET of the root, or POST /.search (RFC 7644 3.4.2.1).
 *
 * An attribute that a type lacks has no value there. Types that the client may not query are left out. Without an
 * order the types follow one another as in /ResourceTypes.
 */
export async function queryAll(service: Service, request: QueryRequest, ctx: RequestContext): Promise<ScimResponse> {
  if (request.cursor !== undefined) {
    throw new InvalidValueError('Cursors walk one resource type; use startIndex and count over all of them.');
  }
  const parts = await permittedParts(service, request, ctx);
  const { startIndex, count } = readPage(request, service.limits);
  const { found, totalResults } =
    request.sortBy === undefined
      ? await inTurn(service, parts, startIndex - 1, count, ctx)
      : await merged(service, parts, startIndex - 1, count, ctx);
  const resources: unknown[] = [];
  // Resources of one type that stand together are represented together: one lookup of groups for each run.
  for (let i = 0; i < found.length;) {
    const served = found[i]?.served;
    let end = i;
    while (end < found.length && found[end]?.served === served) end++;
    if (served === undefined) break;
    const run = found.slice(i, end).map(({ resource }) => resource);
    resources.push(...(await represent(service, served, run, served.projections.get(request), ctx)));
    i = end;
  }
  return { status: 200, body: listResponse(resources, { totalResults, startIndex }) };
}

async function permittedParts(service: Service, request: QueryRequest, ctx: RequestContext): Promise<Part[]> {
  const parts: Part[] = [];
  let refusal: unknown;
  for (const served of service.served) {
    try {
      await authorize(service, { operation: 'query', resourceType: served.type.name }, ctx);
    } catch (error) {
      if (!isScimError(error) || error.status !== 403) throw error;
      refusal = error;
      continue;
    }
    const { selection } = served.projections.get(request);
    parts.push({ served, selection, plan: planQuery(served, request, ctx, true) });
  }
  if (parts.length === 0) throw refusal;
  return parts;
}

interface Found {
  readonly found: readonly { readonly served: ServedType; readonly resource: Stored<Attributes> }[];
  readonly totalResults: number;
}

async function inTurn(
  service: Service,
  parts: readonly Part[],
  offset: number,
  count: number,
  ctx: RequestContext,
): Promise<Found> {
  const found: { served: ServedType; resource: Stored<Attributes> }[] = [];
  let totalResults = 0;
  for (const part of parts) {
    const skip = Math.max(0, offset - totalResults);
    const page = await list(service, part, skip, count - found.length, ctx);
    for (const resource of page.resources) found.push({ served: part.served, resource });
    totalResults += page.total;
  }
  return { found, totalResults };
}

async function merged(
  service: Service,
  parts: readonly Part[],
  offset: number,
  count: number,
  ctx: RequestContext,
): Promise<Found> {
  const depth = offset + count;
  if (depth > deepestPages * service.limits.maxResults) {
    throw new TooManyError('An ordered query over all types reaches no deeper than this; add a filter.');
  }
  const found: { served: ServedType; resource: Stored<Attributes> }[] = [];
  let totalResults = 0;
  for (const part of parts) {
    const page = await list(service, part, 0, depth, ctx);
    for (const resource of page.resources) found.push({ served: part.served, resource });
    totalResults += page.total;
  }
  const compare = parts.find(({ plan }) => plan.sort.length > 0)?.plan.compare;
  if (compare !== undefined) found.sort((a, b) => compare(a.resource, b.resource));
  return { found: found.slice(offset, depth), totalResults };
}

async function list(
  service: Service,
  { served, plan, selection }: Part,
  offset: number,
  limit: number,
  ctx: RequestContext,
): Promise<{ readonly resources: readonly Stored<Attributes>[]; readonly total: number }> {
  const page = await service.deadlines.bound(
    served.store.list({ ...plan, page: { kind: 'index', offset, limit }, selection }, ctx),
    ctx,
  );
  return { resources: page.resources, total: page.totalResults ?? offset + page.resources.length };
}

import type { Document } from 'mongodb';
import { TooManyError } from '../../errors.js';
import type { ListQuery, Page } from '../../contract/filter.js';
import type { Stored } from '../../contract/resource.js';
import { selectPage } from '../select-page.js';
import { projectionFor, type ReadDocument, type TenantScope, toStored } from './document.js';
import { compileToQuery, type FilterScope, groupsComparedIn, necessaryQuery } from './filter.js';
import { groupsOf, membersBelow, namesIn } from './members.js';
import { compileOrder, type Order } from './order.js';

/** The resources that are listed. */
export interface ListTarget extends TenantScope {
  /** Name of the resource type. */
  readonly type: string;
  /** How many resources may be evaluated in memory. */
  readonly scanLimit: number;
  onScan(type: string): void;
}

/** Bytes of resources that one list reads; in memory they take several times as much. */
const mostBytes = 24 * 1024 * 1024;

/** Bytes of one member in a document. */
const memberBytes = 80;

/**
 * Lists resources: filters, sorts and pages in the database, or in memory where only the evaluator can decide.
 *
 * @throws TooManyError when more than `scanLimit` resources would have to be evaluated in memory
 */
export async function listResources<R>(query: ListQuery<R>, target: ListTarget): Promise<Page<R>> {
  const { tenant, type } = target;
  const base = { tenant, type };
  const scope: FilterScope = { type, usersBelow: await usersBelow(query, target) };
  const where = query.filter === undefined ? {} : compileToQuery(query.filter, scope);
  const order = compileOrder(query.sort, type);
  if (where === undefined || order === undefined) {
    const necessary = where ?? (query.filter && necessaryQuery(query.filter, scope)) ?? {};
    return scan(query, { $and: [base, necessary] }, target);
  }
  const matches = Object.keys(where).length === 0 ? base : { $and: [base, where] };
  const plan: Plan<R> = { query, matches, order, target };
  return query.page.kind === 'index' ? indexPage(query.page, plan) : cursorPage(query.page, plan);
}

interface Plan<R> {
  readonly query: ListQuery<R>;
  readonly matches: Document;
  readonly order: Order;
  readonly target: ListTarget;
}

async function usersBelow<R>(
  { filter }: ListQuery<R>,
  target: ListTarget,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  if (filter === undefined || target.type !== 'User') return found;
  for (const group of new Set(groupsComparedIn(filter))) {
    const ids = await membersBelow(group, mostIds, target);
    if (ids !== undefined) found.set(group, ids);
  }
  return found;
}

/** How many IDs one query may name; with more it would come near the 16 MB of a message. */
const mostIds = 100_000;

async function indexPage<R>(
  { offset, limit }: { readonly offset: number; readonly limit: number },
  plan: Plan<R>,
): Promise<Page<R>> {
  const { target, matches, order } = plan;
  const rows: Document[] = [];
  let skip = offset;
  for (const { where } of order.ranges(undefined, false)) {
    if (limit === 0 || rows.length === limit) break;
    const filter = both(matches, where);
    const { documents, isCut } = await read(filter, plan, { skip, limit: limit - rows.length, backwards: false });
    if (isCut) throw tooManyBytes();
    rows.push(...documents);
    if (skip > 0 && documents.length === 0) skip -= await target.resources.countDocuments(filter);
    else skip = 0;
  }
  const resources = toResources(rows, plan);
  // A page that is not full is the last one, so a lookup by name needs no count.
  if (rows.length > 0 && rows.length < limit) return { resources, totalResults: offset + rows.length };
  if (offset === 0 && limit > 0 && rows.length === 0) return { resources, totalResults: 0 };
  const total = await target.resources.countDocuments(matches);
  // A deletion between the two queries must not make the total smaller than the page.
  return { resources, totalResults: Math.max(total, rows.length === 0 ? 0 : offset + rows.length) };
}

async function cursorPage<R>(
  page: Extract<ListQuery<R>['page'], { readonly kind: 'cursor' }>,
  plan: Plan<R>,
): Promise<Page<R>> {
  const { matches, order } = plan;
  const { after, before, limit } = page;
  const backwards = before !== undefined;
  const start = before ?? after;
  const found: Document[] = [];
  let isCut = false;
  // One document more than the page shows whether there is a next page.
  for (const { where } of order.ranges(start, backwards)) {
    const range = { skip: 0, limit: limit + 1 - found.length, backwards };
    const part = await read(both(matches, where), plan, range);
    found.push(...part.documents);
    // A page of large resources ends early, and the next one begins after it.
    isCut = part.isCut;
    if (isCut || found.length > limit) break;
  }
  const more = isCut || found.length > limit;
  const rows = found.slice(0, limit);
  if (backwards) rows.reverse();
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return { resources: [] };
  const hasNext = backwards || more;
  const hasPrevious = backwards ? more : start !== undefined;
  return {
    resources: toResources(rows, plan),
    ...(hasNext && { next: order.positionIn(last) }),
    ...(hasPrevious && { previous: order.positionIn(first) }),
  };
}

function both(matches: Document, where: Document | undefined): Document {
  return where === undefined ? matches : { $and: [matches, where] };
}

interface Part {
  readonly skip: number;
  readonly limit: number;
  readonly backwards: boolean;
}

/** Reads documents in order, up to the most bytes of a list, but at least one. */
async function read<R>(
  filter: Document,
  { query, order, target }: Plan<R>,
  { skip, limit, backwards }: Part,
): Promise<{ readonly documents: readonly Document[]; readonly isCut: boolean }> {
  const withMembers = target.type === 'Group' && query.selection.has('members');
  const cursor = target.resources.find<Document>(filter, {
    projection: { ...projectionFor(query.selection), ...order.fields },
    sort: order.by(backwards),
    skip,
    limit,
    // Large groups would fill a batch of 16 MB, which the driver decodes at once.
    ...(withMembers && { batchSize: 4 }),
  });
  const documents: Document[] = [];
  let bytes = 0;
  try {
    for await (const document of cursor) {
      bytes += bytesOf(document);
      if (bytes > mostBytes && documents.length > 0) return { documents, isCut: true };
      documents.push(document);
    }
  } finally {
    await cursor.close();
  }
  return { documents, isCut: false };
}

function bytesOf({ bytes, members }: Document): number {
  return Number(bytes ?? 0) + (Array.isArray(members) ? members.length * memberBytes : 0);
}

function toResources<R>(rows: readonly Document[], { query, target }: Plan<R>): readonly Stored<R>[] {
  return rows.map((row) => toStored<R>(row as ReadDocument, query.selection, target.type === 'Group'));
}

function tooManyBytes(): TooManyError {
  return new TooManyError(
    `The resources of this list take more than ${String(mostBytes)} bytes: send a smaller count, or a filter.`,
  );
}

/** Evaluates in memory a filter or sort key whose values are in other documents. */
async function scan<R>(query: ListQuery<R>, filter: Document, target: ListTarget): Promise<Page<R>> {
  const { scanLimit, type } = target;
  target.onScan(type);
  const selection = new Set([...query.selection, ...query.reads]);
  const cursor = target.resources.find<Document>(filter, {
    projection: projectionFor(selection),
    limit: scanLimit + 1,
    ...(type === 'Group' && selection.has('members') && { batchSize: 4 }),
  });
  const found: Stored<R>[] = [];
  let bytes = 0;
  try {
    for await (const document of cursor) {
      bytes += bytesOf(document);
      if (bytes > mostBytes && found.length > 0) throw tooManyBytes();
      found.push(toStored<R>(document as ReadDocument, selection, type === 'Group'));
      if (found.length <= scanLimit) continue;
      throw new TooManyError(
        'Too many resources would have to be read to evaluate this filter or sort order: add a more selective condition.',
      );
    }
  } finally {
    await cursor.close();
  }
  return selectPage(query, await withDerived(found, query, target));
}

type WithMembers<R> = Stored<R> & { readonly members?: readonly { readonly value: string }[] };

/** Adds what the filter or the sort keys read from other documents. */
async function withDerived<R>(
  found: readonly WithMembers<R>[],
  { reads }: ListQuery<R>,
  target: ListTarget,
): Promise<readonly Stored<R>[]> {
  if (target.type === 'User' && reads.includes('groups')) {
    const groups = await groupsOf(
      found.map(({ id }) => id),
      target,
    );
    return found.map((user) => ({ ...user, groups: groups.get(user.id) ?? [] }));
  }
  if (target.type !== 'Group' || !reads.includes('members')) return found;
  const ids = new Set(found.flatMap(({ members = [] }) => members.map(({ value }) => value)));
  const names = await namesIn(ids, target);
  return found.map((group) => ({
    ...group,
    members: (group.members ?? []).map((member) => {
      const display = names.get(member.value);
      return display === undefined ? member : { ...member, display };
    }),
  }));
}

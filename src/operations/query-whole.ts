import type { Attributes, Selection } from '../contract/attribute.js';
import { isThenable } from '../contract/awaitable.js';
import type { Filter, ListQuery, Page, Position, SortKey } from '../contract/filter.js';
import type { Stored } from '../contract/resource.js';
import { TooManyError } from '../errors.js';
import { jsonBytes } from '../schema/json-bytes.js';
import { comparePositions, positionOf } from '../schema/position.js';
import { bounded, type Call } from './call.js';
import { findNamed } from './named-resources.js';
import { deriveReference, groupValues } from './represent.js';
import type { ServedType } from './service.js';

/** A query that compares `$ref` or display names of references: they are looked up for each response, never stored. */
export interface WholeQuery {
  readonly filter: Filter | undefined;
  readonly sort: readonly SortKey[];
  /** Evaluates `filter` for a resource whose references are complete. */
  matches(resource: Attributes): boolean;
}

/** A resource that matches, and its place in the order. */
interface Match {
  readonly resource: Stored<Attributes>;
  readonly position: Position;
}

/** Resources that are read with one store call. */
const readAtOnce = 500;

/** Resources that are looked at for one query: as many as the SQL stores look at by default (`scanLimit`). */
const mostCandidates = 10_000;

/** Bytes of the resources that match, which are kept until the order is known; as in the SQL stores. */
const mostMatchedBytes = 24 * 1024 * 1024;

/** Whether responses look the attribute at a path up: `$ref` and display name of a reference. */
export function isLookedUp({ references }: ServedType, path: string): boolean {
  return references.some(({ attribute, nameIn }) => {
    return path === `${attribute.path}.$ref` || (nameIn !== undefined && path === `${attribute.path}.${nameIn}`);
  });
}

/**
 * Lists resources by what responses show of their references (standards reading 56): it reads what satisfies the stored
 * part of the filter, completes the references, then filters, sorts and counts in memory.
 *
 * @param query its filter is the part that the store decides, and it has no order
 * @throws TooManyError where the stored part of the filter leaves too many resources
 */
export async function listWhole(
  call: Call,
  query: ListQuery<Attributes>,
  whole: WholeQuery,
): Promise<Page<Attributes>> {
  const { served, ctx } = call;
  const { page, selection } = query;
  const matches: Match[] = [];
  let matchedBytes = 0;
  const everything = new Set([...served.fullSelection, ...selection, ...topNames(whole)]);
  for (let offset = 0; ; offset += readAtOnce) {
    const paused = ctx.work.pause();
    if (isThenable(paused)) await paused;
    const part = await bounded(
      call,
      served.store.list({ ...query, page: { kind: 'index', offset, limit: readAtOnce }, selection: everything }, ctx),
    );
    if (offset + part.resources.length > mostCandidates || (part.totalResults ?? 0) > mostCandidates) {
      throw new TooManyError(
        `The query compares what is looked up for each response, for more than ${String(mostCandidates)} resources: ` +
          'add a condition on another attribute.',
      );
    }
    for (const match of await matchesOf(call, part.resources, whole, everything)) {
      matchedBytes += jsonBytes(match.resource);
      if (matchedBytes > mostMatchedBytes && matches.length > 0) {
        throw new TooManyError(
          `The resources that match take more than ${String(mostMatchedBytes)} bytes: add a condition on another attribute.`,
        );
      }
      matches.push(match);
    }
    if (part.resources.length < readAtOnce) break;
  }
  matches.sort((a, b) => comparePositions(a.position, b.position, whole.sort));
  return cut(matches, page, whole.sort);
}

/** Those of the resources that match. */
async function matchesOf(
  call: Call,
  resources: readonly Stored<Attributes>[],
  { sort, matches: holds }: WholeQuery,
  selection: Selection,
): Promise<readonly Match[]> {
  const { service, served, ctx } = call;
  const { references } = served;
  const named = await findNamed(call, references, resources, (path) => isLookedUp(served, path));
  const ids = resources.map(({ id }) => id);
  const readsGroups = service.groupsOf !== undefined && served.type.name === 'User' && selection.has('groups');
  const groups = readsGroups && ids.length > 0 ? await bounded(call, service.groupsOf(ids, ctx)) : undefined;
  const matches: Match[] = [];
  for (const resource of resources) {
    const derived: Record<string, unknown> = {};
    for (const reference of references) deriveReference(call, reference, resource, derived, named);
    if (groups !== undefined) derived['groups'] = groupValues(call, groups.get(resource.id));
    const complete = { ...resource, ...derived };
    if (holds(complete)) matches.push({ resource, position: positionOf(complete, sort) });
  }
  return matches;
}

/** Names of the top-level attributes that a query compares. */
function topNames({ filter, sort }: WholeQuery): string[] {
  const names = sort.map(({ attribute }) => attribute.keys[0] ?? '');
  const collectNames = (each: Filter): void => {
    if ('filters' in each) each.filters.forEach(collectNames);
    else {
      if ('attribute' in each) names.push(each.attribute.keys[0] ?? '');
      if ('filter' in each) collectNames(each.filter);
    }
  };
  if (filter !== undefined) collectNames(filter);
  return names;
}

/** The page of matches in order. */
function cut(
  matches: readonly Match[],
  page: ListQuery<Attributes>['page'],
  sort: readonly SortKey[],
): Page<Attributes> {
  let start = 0;
  let end = matches.length;
  if (page.kind === 'index') {
    start = page.offset;
    end = page.offset + page.limit;
  } else if (page.before !== undefined) {
    end = firstIndex(matches, page.before, 0, sort);
    start = Math.max(0, end - page.limit);
  } else {
    if (page.after !== undefined) start = firstIndex(matches, page.after, 1, sort);
    end = start + page.limit;
  }
  const shown = matches.slice(start, end);
  const resources = shown.map(({ resource }) => resource);
  const [first, last] = [shown.at(0), shown.at(-1)];
  return {
    resources,
    totalResults: matches.length,
    next: page.kind === 'cursor' && end < matches.length ? last?.position : undefined,
    previous: page.kind === 'cursor' && start > 0 ? first?.position : undefined,
  };
}

/** Index of the first match that is not before the position (`least` 0), or after it (`least` 1). */
function firstIndex(matches: readonly Match[], position: Position, least: 0 | 1, sort: readonly SortKey[]): number {
  const index = matches.findIndex((match) => Math.sign(comparePositions(match.position, position, sort)) >= least);
  return index < 0 ? matches.length : index;
}

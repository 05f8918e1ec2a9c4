import type { AttributeRef, Attributes, Selection } from '../../contract/attribute.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { Filter } from '../../contract/filter.js';
import type { Stored } from '../../contract/resource.js';
import type { ResourceStore, UserStore } from '../../contract/store.js';

/** Resources in one query: each is a condition of its filter. */
const idsInQuery = 100;

const idAttribute: AttributeRef = {
  path: 'id',
  keys: ['id'],
  type: 'string',
  multiValued: false,
  caseExact: true,
};

/**
 * Reads resources by their IDs, as many in one query as the store can. IDs of no resource are left out.
 *
 * @param pause called before each query
 */
export async function resourcesById(
  store: ResourceStore<Attributes>,
  ids: readonly string[],
  selection: Selection,
  ctx: ScimContext,
  pause: () => Awaitable<void> = () => undefined,
): Promise<ReadonlyMap<string, Stored<Attributes>>> {
  const found = new Map<string, Stored<Attributes>>();
  const keep = (resource: Stored<Attributes> | undefined): void => {
    if (resource !== undefined) found.set(resource.id, resource);
  };
  for (let start = 0; start < ids.length; start += idsInQuery) {
    const part = ids.slice(start, start + idsInQuery);
    await pause();
    if (part.length === 1 || store.supports?.filter === 'equals') {
      for (const id of part) keep(await store.get(id, selection, ctx));
    } else for (const each of await listByIds(store, part, selection, ctx)) keep(each);
  }
  return found;
}

/** The number of users of a tenant. */
export async function countUsers(store: UserStore, ctx: ScimContext): Promise<number> {
  // Only pages of this kind have to count.
  const page = { kind: 'index', offset: 0, limit: 1 } as const;
  const all = { filter: undefined, equals: {}, sort: [], reads: [], matches: () => true, compare: byId };
  const { totalResults = 0 } = await store.list({ ...all, page, selection: new Set() }, ctx);
  return totalResults;
}

async function listByIds(
  store: ResourceStore<Attributes>,
  ids: readonly string[],
  selection: Selection,
  ctx: ScimContext,
): Promise<readonly Stored<Attributes>[]> {
  const requested = new Set(ids);
  const filters = ids.map((value): Filter => ({ op: 'eq', attribute: idAttribute, value }));
  const { resources } = await store.list(
    {
      filter: { op: 'or', filters },
      equals: {},
      sort: [],
      reads: ['id'],
      page: { kind: 'index', offset: 0, limit: ids.length },
      selection,
      matches: ({ id }) => requested.has(id),
      compare: byId,
    },
    ctx,
  );
  return resources;
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : Number(one.id > other.id);
}

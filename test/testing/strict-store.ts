import type { Creation, Change, ResourceStore, UserStore } from '../../src/contract/store.js';
import type { Group, Stored, User } from '../../src/contract/resource.js';
import type { Page } from '../../src/contract/filter.js';
import type { Selection } from '../../src/contract/attribute.js';
import { MemoryStore } from '../../src/stores/memory/memory-store.js';

/** A correct store that returns the selected attributes and nothing else, like one that selects columns. */
export function strictStore(): UserStore {
  const store = new MemoryStore();
  const { groups } = store;
  return {
    ...strict<User>(store),
    groups: { ...strict<Group>(groups), groupsOf: (ids, ctx) => groups.groupsOf?.(ids, ctx) ?? new Map() },
  };
}

function strict<R extends object>(store: ResourceStore<R>): ResourceStore<R> {
  const only = (resource: Stored<R>, selection: Selection): Stored<R> =>
    Object.fromEntries(
      Object.entries(resource).filter(([name]) => name === 'id' || name === 'meta' || selection.has(name)),
    ) as Stored<R>;
  const response = async <T extends { readonly resource: Stored<R> } | undefined>(
    result: PromiseLike<T> | T,
    { selection }: { readonly selection: Selection },
  ): Promise<T> => {
    const found = await result;
    return found === undefined ? found : { ...found, resource: only(found.resource, selection) };
  };
  return {
    create: async (creation: Creation<R>, ctx) => response(store.create(creation, ctx), creation),
    get: async (id, selection, ctx) => {
      const found = await store.get(id, selection, ctx);
      return found && only(found, selection);
    },
    list: async (query, ctx): Promise<Page<R>> => {
      const page = await store.list(query, ctx);
      return { ...page, resources: page.resources.map((resource) => only(resource, query.selection)) };
    },
    update: async (id, change: Change<R>, ctx) => response(store.update(id, change, ctx), change),
    delete: (id, removal, ctx) => store.delete(id, removal, ctx),
    namesOf: (ids, ctx) => store.namesOf?.(ids, ctx) ?? new Map(),
  };
}

import type {
  Creation,
  Change,
  Group,
  Page,
  ResourceStore,
  Selection,
  Stored,
  User,
  UserStore,
} from '../../src/contract/index.js';
import { createMemoryStore } from '../../src/stores/memory/memory-store.js';

/** A sound store that answers what is wanted and nothing more, as one that selects columns does. */
export function strictStore(): UserStore {
  const store = createMemoryStore();
  const { groups } = store;
  return {
    ...strict<User>(store),
    groups: { ...strict<Group>(groups), groupsOf: (ids, ctx) => groups.groupsOf?.(ids, ctx) ?? new Map() },
  };
}

function strict<R extends object>(store: ResourceStore<R>): ResourceStore<R> {
  const only = (resource: Stored<R>, want: Selection): Stored<R> =>
    Object.fromEntries(
      Object.entries(resource).filter(([name]) => name === 'id' || name === 'meta' || want.has(name)),
    ) as Stored<R>;
  const answer = async <T extends { readonly resource: Stored<R> } | undefined>(
    result: PromiseLike<T> | T,
    { want }: { readonly want: Selection },
  ): Promise<T> => {
    const found = await result;
    return found === undefined ? found : { ...found, resource: only(found.resource, want) };
  };
  return {
    create: async (creation: Creation<R>, ctx) => answer(store.create(creation, ctx), creation),
    get: async (id, want, ctx) => {
      const found = await store.get(id, want, ctx);
      return found && only(found, want);
    },
    list: async (query, ctx): Promise<Page<R>> => {
      const page = await store.list(query, ctx);
      return { ...page, resources: page.resources.map((resource) => only(resource, query.want)) };
    },
    update: async (id, change: Change<R>, ctx) => answer(store.update(id, change, ctx), change),
    delete: (id, removal, ctx) => store.delete(id, removal, ctx),
    namesOf: (ids, ctx) => store.namesOf?.(ids, ctx) ?? new Map(),
  };
}

import type { Filter, ListQuery, Page } from '../../src/contract/filter.js';
import type { ResourceStore, UserStore } from '../../src/contract/store.js';
import type { ScimContext } from '../../src/contract/context.js';
import type { Stored, User } from '../../src/contract/resource.js';
import { MemoryStore } from '../../src/stores/memory/memory-store.js';
import type { StoreUnderTest } from '../../src/testing/index.js';

/** A store with one plausible mistake, and what its author passes besides. */
export interface BrokenStore {
  readonly name: string;
  /** What its author did wrong. */
  readonly what: string;
  create(): StoreUnderTest;
}

/** A correct store with a mistake in its users. */
function broken(
  name: string,
  what: string,
  mistake: (sound: ResourceStore<User>) => Partial<ResourceStore<User>>,
  besides: (store: UserStore) => Partial<StoreUnderTest> = () => ({}),
): BrokenStore {
  return {
    name,
    what,
    create: () => {
      const sound = new MemoryStore();
      const store: UserStore = {
        create: (creation, ctx) => sound.create(creation, ctx),
        get: (id, selection, ctx) => sound.get(id, selection, ctx),
        list: (query, ctx) => sound.list(query, ctx),
        update: (id, change, ctx) => sound.update(id, change, ctx),
        delete: (id, removal, ctx) => sound.delete(id, removal, ctx),
        namesOf: (ids, ctx) => sound.namesOf(ids, ctx),
        groups: sound.groups,
        ...mistake(sound),
      };
      return { store, ...besides(store) };
    },
  };
}

let counter = 0;
let faultIn = 0;
const host = new Map<string, string>();

/** Mistakes that test/stores/broken does not have: of SQL, and those that are only visible from outside of the store. */
export const moreBrokenStores: readonly BrokenStore[] = [
  broken('unstable pages', 'there is no order, so the database returns rows in any order', (sound) => ({
    list: async (query: ListQuery<User>, ctx: ScimContext): Promise<Page<User>> => {
      if (query.page.kind === 'cursor' || query.sort.length > 0) return sound.list(query, ctx);
      const { offset, limit } = query.page;
      const all = await sound.list({ ...query, page: { kind: 'index', offset: 0, limit: 10_000 } }, ctx);
      const turn = counter++ % Math.max(1, all.resources.length);
      const turned = [...all.resources.slice(turn), ...all.resources.slice(0, turn)];
      return { ...all, resources: turned.slice(offset, offset + limit) };
    },
  })),
  broken('endless cursor', 'the last page has a next position too', (sound) => ({
    list: async (query, ctx) => {
      const page = await sound.list(query, ctx);
      return query.page.kind === 'cursor' ? { ...page, next: page.next ?? [] } : page;
    },
  })),
  broken('not of null', 'the negation of a comparison with null is null, as in SQL', (sound) => ({
    list: (query, ctx) => {
      const { filter } = query;
      if (filter?.op !== 'not' || filter.filter.op !== 'eq') return sound.list(query, ctx);
      const present: Filter = { op: 'present', attribute: filter.filter.attribute };
      const narrowed: Filter = { op: 'and', filters: [present, filter] };
      const has = (user: Stored<User>): boolean =>
        Object.hasOwn(user, filter.filter.op === 'eq' ? filter.filter.attribute.path : '');
      return sound.list({ ...query, filter: narrowed, matches: (user) => has(user) && query.matches(user) }, ctx);
    },
  })),
  broken('an error for the unknown', 'an unknown id throws', (sound) => ({
    get: async (id, selection, ctx) => {
      const found = await sound.get(id, selection, ctx);
      if (found === undefined) throw new Error('no rows in result set');
      return found;
    },
  })),
  broken(
    'a fault after the fact',
    'an error is thrown after the write was made',
    (sound) => ({
      create: async (creation, ctx) => {
        const result = await sound.create(creation, ctx);
        if (--faultIn === 0) throw new Error('connection lost');
        return result;
      },
    }),
    () => ({
      breakAt: (nth) => {
        faultIn = nth ?? 0;
      },
    }),
  ),
  broken(
    'breakAt of no effect',
    'breakAt does nothing, so that no fault is ever tested',
    () => ({}),
    () => ({ breakAt: () => undefined }),
  ),
  broken('deaf to checks', 'it declares checks and runs none', (sound) => ({
    supports: { checks: true },
    create: (creation, ctx) => sound.create({ ...creation, check: undefined }, ctx),
    update: (id, change, ctx) => sound.update(id, { ...change, check: undefined }, ctx),
    delete: (id, removal, ctx) => sound.delete(id, { ...removal, check: undefined }, ctx),
  })),
  broken('check outside of the lock', '`before` runs ahead of the transaction and not inside it', (sound) => ({
    supports: { checks: true },
    create: async (creation, ctx) => {
      await creation.check?.before?.({ handle: undefined });
      const result = await sound.create({ ...creation, check: undefined }, ctx);
      await creation.check?.after?.(result, { handle: undefined });
      return result;
    },
  })),
  broken('target forgotten', '`before` runs for what does not exist', (sound) => ({
    supports: { checks: true },
    update: async (id, change, ctx) => {
      await change.check?.before?.({ handle: undefined });
      return sound.update(id, { ...change, check: undefined }, ctx);
    },
  })),
  broken(
    'version of SCIM alone',
    'a write by the app does not change the version',
    (sound) => ({
      get: async (id, selection, ctx) => {
        const found = await sound.get(id, selection, ctx);
        const written = host.get(id);
        return found && written !== undefined ? { ...found, displayName: written } : found;
      },
    }),
    () => ({ foreignWrite: (id) => void host.set(id, 'Written by the host') }),
  ),
];

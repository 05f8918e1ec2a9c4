import type {
  Change,
  Creation,
  Filter,
  Group,
  GroupStore,
  ListQuery,
  Page,
  ResourceStore,
  ScimContext,
  Stored,
  User,
  UserStore,
} from '../../src/store/contract.js';
import { ConflictError } from '../../src/errors.js';
import { createMemoryStore } from '../../src/store/memory/memory-store.js';

/** A store with one plausible mistake. */
export interface BrokenStore {
  readonly name: string;
  /** What its author did wrong. */
  readonly what: string;
  create(): UserStore;
}

type Mistake<R> = (sound: ResourceStore<R>) => Partial<ResourceStore<R>>;

/** A sound store with a mistake in users, in groups, or in both. */
function broken(
  name: string,
  what: string,
  users: Mistake<User>,
  groups: (sound: GroupStore, users: UserStore) => Partial<GroupStore> = () => ({}),
): BrokenStore {
  return {
    name,
    what,
    create: () => {
      const sound = createMemoryStore();
      const { groups: soundGroups } = sound;
      return {
        ...bound<User>(sound),
        ...users(sound),
        groups: {
          ...bound<Group>(soundGroups),
          groupsOf: (ids, ctx) => soundGroups.groupsOf?.(ids, ctx) ?? new Map(),
          ...groups(soundGroups, sound),
        },
      };
    },
  };
}

function bound<R>(store: ResourceStore<R>): ResourceStore<R> {
  return {
    supports: store.supports,
    create: (creation, ctx) => store.create(creation, ctx),
    get: (id, want, ctx) => store.get(id, want, ctx),
    list: (query, ctx) => store.list(query, ctx),
    update: (id, change, ctx) => store.update(id, change, ctx),
    delete: (id, removal, ctx) => store.delete(id, removal, ctx),
    namesOf: (ids, ctx) => store.namesOf?.(ids, ctx) ?? new Map(),
  };
}

const everybody = (ctx: ScimContext): ScimContext => ({ ...ctx, tenant: 'all' });
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let counter = 0;

/** The stores of people who read the contract too fast. */
export const brokenStores: readonly BrokenStore[] = [
  broken('lost update', 'ifVersion is not looked at', (sound) => ({
    update: (id, change, ctx) => sound.update(id, { ...change, ifVersion: undefined }, ctx),
    delete: (id, removal, ctx) => sound.delete(id, { ...removal, ifVersion: undefined }, ctx),
  })),
  broken('case-sensitive unique', 'the unique index is over the name as it is spelt', (sound) => ({
    create: (creation, ctx) => sound.create({ ...creation, keys: { userName: creation.resource.userName } }, ctx),
  })),
  broken('check-then-insert', 'uniqueness is asked first and inserted later', (sound) => {
    const names = new Set<string>();
    return {
      create: async (creation: Creation<User>, ctx: ScimContext) => {
        const name = `${ctx.tenant} ${creation.keys['userName'] ?? ''}`;
        const isTaken = names.has(name);
        await pause();
        if (isTaken) throw new ConflictError('userName');
        names.add(name);
        return sound.create({ ...creation, keys: { userName: String(counter++) } }, ctx);
      },
    };
  }),
  broken(
    'leaking tenant',
    'the tenant is in no query',
    (sound) => ({
      create: (creation, ctx) => sound.create(creation, everybody(ctx)),
      get: (id, want, ctx) => sound.get(id, want, everybody(ctx)),
      list: (query, ctx) => sound.list(query, everybody(ctx)),
      update: (id, change, ctx) => sound.update(id, change, everybody(ctx)),
      delete: (id, removal, ctx) => sound.delete(id, removal, everybody(ctx)),
    }),
    (sound) => ({
      create: (creation, ctx) => sound.create(creation, everybody(ctx)),
      get: (id, want, ctx) => sound.get(id, want, everybody(ctx)),
      update: (id, change, ctx) => sound.update(id, change, everybody(ctx)),
    }),
  ),
  broken('unstable pages', 'there is no order, so the database gives any', (sound) => ({
    list: async (query: ListQuery<User>, ctx: ScimContext): Promise<Page<User>> => {
      if (query.page.kind === 'cursor' || query.sort.length > 0) return sound.list(query, ctx);
      const { offset, limit } = query.page;
      const all = await sound.list({ ...query, page: { kind: 'index', offset: 0, limit: 10_000 } }, ctx);
      const turn = counter++ % Math.max(1, all.resources.length);
      const turned = [...all.resources.slice(turn), ...all.resources.slice(0, turn)];
      return { ...all, resources: turned.slice(offset, offset + limit) };
    },
  })),
  broken(
    'half a write',
    'attributes and members are written one after the other',
    () => ({}),
    (sound) => ({
      update: async (id: string, change: Change<Group>, ctx: ScimContext) => {
        const { members, ...rest } = change;
        const first = await sound.update(id, rest, ctx);
        if (members === undefined || first === undefined) return first;
        return sound.update(id, { ...change, set: {}, unset: [], ifVersion: undefined }, ctx);
      },
    }),
  ),
  broken(
    'members replaced',
    'what is added takes the place of who was there',
    () => ({}),
    (sound) => ({
      update: (id, change, ctx) =>
        sound.update(
          id,
          change.members && change.members.add.length > 0
            ? { ...change, members: { ...change.members, only: true } }
            : change,
          ctx,
        ),
    }),
  ),
  broken('name taken for ever', 'deletion leaves the row of the unique index', (sound) => {
    const taken = new Set<string>();
    return {
      create: (creation: Creation<User>, ctx: ScimContext) => {
        const name = `${ctx.tenant} ${creation.keys['userName'] ?? ''}`;
        if (taken.has(name)) throw new ConflictError('userName');
        taken.add(name);
        return sound.create(creation, ctx);
      },
    };
  }),
  broken('everything is a change', 'updated_at is set by every update', (sound) => ({
    update: (id, change, ctx) => sound.update(id, { ...change, set: { ...change.set, locale: `l${counter++}` } }, ctx),
  })),
  broken('total of the page', 'totalResults is the length of the page', (sound) => ({
    list: async (query, ctx) => {
      const page = await sound.list(query, ctx);
      return { ...page, totalResults: page.resources.length };
    },
  })),
  broken('nulls first', 'who has no value comes first, as in this database', (sound) => ({
    list: async (query: ListQuery<User>, ctx: ScimContext): Promise<Page<User>> => {
      const page = await sound.list(query, ctx);
      const [key] = query.sort;
      if (key === undefined || query.page.kind === 'cursor') return page;
      const has = (user: Stored<User>): boolean =>
        (user as unknown as Readonly<Record<string, unknown>>)[key.attribute.path] !== undefined;
      return { ...page, resources: [...page.resources.filter((user) => !has(user)), ...page.resources.filter(has)] };
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
  broken('an error for the unknown', 'an id that is none throws', (sound) => ({
    get: async (id, want, ctx) => {
      const found = await sound.get(id, want, ctx);
      if (found === undefined) throw new Error('no rows in result set');
      return found;
    },
  })),
];

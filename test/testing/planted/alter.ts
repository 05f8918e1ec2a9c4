/** Ways to plant one fault in a correct store: in what it gets, in what it returns, or in one of its methods. */
import { compileFilter } from '../../../src/protocol/filter/compile.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import type { Filter, ListQuery, Page } from '../../../src/contract/filter.js';
import type { Group, Stored, User } from '../../../src/contract/resource.js';
import type { GroupStore, ResourceStore, UserStore } from '../../../src/contract/store.js';
import { MemoryStore } from '../../../src/stores/memory/memory-store.js';
import type { StoreUnderTest } from '../../../src/testing/index.js';
import { storeOf, Table } from '../../stores/broken/sound-store.js';

/** A store with one fault. */
export interface PlantedFault {
  readonly name: string;
  /** What its author did wrong. */
  readonly what: string;
  /** The test cases that must catch it; others may catch it too. */
  readonly caughtBy: readonly string[];
  create(): UserStore | StoreUnderTest;
}

/** A fault of one resource type, whichever it is. */
export type Fault = <R extends object>(sound: ResourceStore<R>) => Partial<ResourceStore<R>>;

/** The fault in the store of users. */
export function inUsers(mistake: (sound: ResourceStore<User>) => Partial<ResourceStore<User>>): UserStore {
  const sound = new MemoryStore();
  return { ...methodsOf<User>(sound), groups: sound.groups, ...mistake(methodsOf<User>(sound)) };
}

/** The fault in the store of groups. */
export function inGroups(mistake: (sound: GroupStore) => Partial<GroupStore>): UserStore {
  const sound = new MemoryStore();
  const groups = groupsOf(sound.groups);
  return { ...methodsOf<User>(sound), groups: { ...groups, ...mistake(groups) } };
}

/** The fault in both. */
export function inBoth(fault: Fault): UserStore {
  const sound = new MemoryStore();
  const groups = groupsOf(sound.groups);
  return {
    ...methodsOf<User>(sound),
    ...fault(methodsOf<User>(sound)),
    groups: { ...groups, ...fault<Group>(groups) },
  };
}

/** A store whose two tables are of these classes. */
export function ofTables(users: typeof Table, groups: typeof Table = Table): UserStore {
  return storeOf(users, groups);
}

function methodsOf<R extends object>(store: ResourceStore<R>): ResourceStore<R> {
  return {
    supports: store.supports,
    create: (creation, ctx) => store.create(creation, ctx),
    get: (id, selection, ctx) => store.get(id, selection, ctx),
    list: (query, ctx) => store.list(query, ctx),
    update: (id, change, ctx) => store.update(id, change, ctx),
    delete: (id, removal, ctx) => store.delete(id, removal, ctx),
    namesOf: (ids, ctx) => store.namesOf?.(ids, ctx) ?? new Map(),
  };
}

function groupsOf(groups: GroupStore): GroupStore {
  return { ...methodsOf<Group>(groups), groupsOf: (ids, ctx) => groups.groupsOf?.(ids, ctx) ?? new Map() };
}

/** Every attribute that is written is another one. */
export function written(change: (attributes: Attributes) => Attributes): Fault {
  return <R extends object>(sound: ResourceStore<R>): Partial<ResourceStore<R>> => ({
    create: (creation, ctx) =>
      sound.create({ ...creation, resource: change(creation.resource as Attributes) as R }, ctx),
    update: (id, update, ctx) =>
      sound.update(id, { ...update, set: change(update.set as Attributes) as Partial<R> }, ctx),
  });
}

/** Every resource that is returned is another one. */
export function returned(change: (resource: Stored<Attributes>) => unknown): Fault {
  return <R extends object>(sound: ResourceStore<R>): Partial<ResourceStore<R>> => {
    const altered = (resource: Stored<R>): Stored<R> => change(resource as Stored<Attributes>) as Stored<R>;
    return {
      create: async (creation, ctx) => {
        const result = await sound.create(creation, ctx);
        return { ...result, resource: altered(result.resource) };
      },
      get: async (id, selection, ctx) => {
        const found = await sound.get(id, selection, ctx);
        return found && altered(found);
      },
      list: async (query, ctx) => {
        const page = await sound.list(query, ctx);
        return { ...page, resources: page.resources.map(altered) };
      },
      update: async (id, update, ctx) => {
        const result = await sound.update(id, update, ctx);
        return result && { ...result, resource: altered(result.resource) };
      },
    };
  };
}

/** One attribute is altered, where there is one. */
export function attribute(name: string, change: (value: never) => unknown): (attributes: Attributes) => Attributes {
  return (attributes) =>
    Object.hasOwn(attributes, name)
      ? ({ ...attributes, [name]: change(attributes[name] as never) } as Attributes)
      : attributes;
}

/** Each text in any attribute is altered. */
export function texts(change: (text: string) => unknown): (attributes: Attributes) => Attributes {
  const altered = (value: unknown): unknown => {
    if (typeof value === 'string') return change(value);
    if (Array.isArray(value)) return value.map(altered);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, altered(each)]));
  };
  return (attributes) =>
    Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        name === 'id' || name === 'meta' || name === 'members' ? value : altered(value),
      ]),
    ) as Attributes;
}

export type Leaf = Extract<Filter, { readonly op: string; readonly value: unknown }>;

/** A table whose filters decide some conditions wrongly. @param holds undefined: as it should be */
export function deciding(holds: (condition: Filter, resource: Attributes) => boolean | undefined): typeof Table {
  const satisfies = (filter: Filter, resource: Attributes): boolean => {
    const decided = holds(filter, resource);
    if (decided !== undefined) return decided;
    if (filter.op === 'and') return filter.filters.every((each) => satisfies(each, resource));
    if (filter.op === 'or') return filter.filters.some((each) => satisfies(each, resource));
    if (filter.op === 'not') return !satisfies(filter.filter, resource);
    return compileFilter(filter)(resource);
  };
  return class<R extends object> extends Table<R> {
    protected override matches({ filter }: ListQuery<R>, resource: Stored<R>): boolean {
      return filter === undefined || satisfies(filter, resource as unknown as Attributes);
    }
  };
}

/** A table whose pages are wrong. */
export function paging(
  change: (query: ListQuery<object>, page: Page<object>, found: readonly Stored<object>[]) => Page<object>,
): typeof Table {
  return class<R extends object> extends Table<R> {
    protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
      return change(query as never, super.page(query, found), found) as Page<R>;
    }
  };
}

/** The text of an attribute in a resource. */
export function textAt(resource: Attributes, { keys }: { readonly keys: readonly string[] }): string | undefined {
  let value: unknown = resource;
  for (const key of keys) value = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
  return typeof value === 'string' ? value : undefined;
}

export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

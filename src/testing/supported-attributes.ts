import type { AttributeRef } from '../contract/attribute.js';
import type { Filter, SortKey } from '../contract/filter.js';
import type { ResourceStore, Supports, UserStore, GroupStore } from '../contract/store.js';
import type { User } from '../contract/resource.js';
import { isKept } from '../contract/supports.js';
import { attribute, enterprise } from './requests.js';
import { SkippedCase } from './skipped-case.js';

/** Those of the attributes that a store keeps: the library never passes it others. */
export function keptOf<T extends object>(supports: Supports | undefined, attributes: T): T {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (!isKept(supports, name)) continue;
    const subs = (one: object): object =>
      Object.fromEntries(Object.entries(one).filter(([sub]) => isKept(supports, pathOf(name, sub))));
    if (Array.isArray(value)) kept[name] = value.map((one: unknown) => (isObject(one) ? subs(one) : one));
    else kept[name] = isObject(value) ? subs(value) : value;
  }
  return kept as T;
}

/** The store, with calls that skip the case when they write, filter or sort by an attribute that it does not keep. */
export function skippingUnsupported(store: UserStore): UserStore {
  const { groups } = store;
  if (store.supports?.attributes === undefined && groups?.supports?.attributes === undefined) return store;
  const users: UserStore = skippingResources(store, requiredOfUsers);
  if (groups === undefined) return users;
  const skippingGroups: GroupStore = {
    ...skippingResources(groups, requiredOfGroups),
    ...(groups.groupsOf && { groupsOf: groups.groupsOf.bind(groups) }),
  };
  return { ...users, groups: skippingGroups };
}

const requiredOfUsers: ReadonlySet<string> = new Set(['userName']);
const requiredOfGroups: ReadonlySet<string> = new Set(['displayName', 'members']);
/** What the store assigns, and what is derived from groups. */
const always: ReadonlySet<string> = new Set(['id', 'meta', 'schemas', 'groups']);

function skippingResources<R extends object>(store: ResourceStore<R>, required: ReadonlySet<string>): ResourceStore<R> {
  const needs = (paths: Iterable<string>): void => {
    for (const path of paths) {
      const [first = ''] = path.split('.');
      if (!always.has(first) && !required.has(path) && !required.has(first) && !isKept(store.supports, path)) {
        throw new SkippedCase(`the store does not keep ${path}`);
      }
    }
  };
  return {
    supports: store.supports,
    create: (creation, ctx) => {
      needs(pathsOf(creation.resource));
      return store.create(creation, ctx);
    },
    get: (id, selection, ctx) => store.get(id, selection, ctx),
    list: (query, ctx) => {
      if (query.filter !== undefined) needs(pathsIn(query.filter));
      needs(query.sort.map((key: SortKey) => key.attribute.path));
      return store.list(query, ctx);
    },
    update: (id, change, ctx) => {
      needs(pathsOf(change.set));
      needs(change.unset);
      return store.update(id, change, ctx);
    },
    delete: (id, removal, ctx) => store.delete(id, removal, ctx),
    ...(store.namesOf && { namesOf: store.namesOf.bind(store) }),
  };
}

function* pathsOf(attributes: object): Iterable<string> {
  for (const [name, value] of Object.entries(attributes)) {
    yield name;
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (isObject(one)) for (const sub of Object.keys(one)) yield pathOf(name, sub);
    }
  }
}

function* pathsIn(filter: Filter): Iterable<string> {
  if ('filters' in filter) for (const each of filter.filters) yield* pathsIn(each);
  else {
    if ('attribute' in filter) yield filter.attribute.path;
    if ('filter' in filter) yield* pathsIn(filter.filter);
  }
}

function pathOf(parent: string, sub: string): string {
  return parent.startsWith('urn:') ? `${parent}:${sub}` : `${parent}.${sub}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A text attribute of users, for cases that work with any of them. */
export interface TextAttribute {
  /** The top-level attribute. */
  readonly name: keyof User & string;
  readonly ref: AttributeRef;
  /** The top-level attribute with this text. */
  of(text: string): Partial<User>;
}

type Plain = 'displayName' | 'title' | 'nickName' | 'userType' | 'externalId';

function plain(name: Plain, of: (text: string) => Partial<User>): TextAttribute {
  return { name, ref: attribute(name), of };
}

function ofName(sub: 'familyName' | 'formatted' | 'givenName'): TextAttribute {
  return { name: 'name', ref: attribute(`name.${sub}`), of: (text) => ({ name: { [sub]: text } }) };
}

const department: TextAttribute = {
  name: enterprise,
  ref: attribute(`${enterprise}:department`, { keys: [enterprise, 'department'] }),
  of: (text) => ({ [enterprise]: { department: text } }),
};

const candidates: readonly TextAttribute[] = [
  plain('displayName', (displayName) => ({ displayName })),
  plain('title', (title) => ({ title })),
  plain('nickName', (nickName) => ({ nickName })),
  plain('userType', (userType) => ({ userType })),
  ofName('familyName'),
  ofName('formatted'),
  ofName('givenName'),
  department,
  plain('externalId', (externalId) => ({ externalId })),
];

/** The text attributes that a store keeps, at most one in each top-level attribute, the most common first. */
export function textAttributes(supports: Supports | undefined): readonly TextAttribute[] {
  const names = new Set<string>();
  return candidates.filter(({ name, ref }) => {
    if (names.has(name) || !isKept(supports, ref.path)) return false;
    names.add(name);
    return true;
  });
}

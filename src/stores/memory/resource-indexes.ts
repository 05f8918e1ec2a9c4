import { ConflictError } from '../../errors.js';
import { normalize } from '../../schema/normalize.js';
import type { FilterValue } from '../../contract/filter.js';
import { SteadyMap } from './steady-map.js';
import { ValueIndex } from './value-index.js';

/** A string attribute that `list` finds without a scan; an `Attribute` of a compiled resource type is one. */
export interface IndexedAttribute {
  readonly path: string;
  readonly keys: readonly string[];
  readonly caseExact: boolean;
}

/** What the indexes know of an item: its resource, and its unique keys by path. */
export interface Indexable {
  resource: object;
  keys: UniqueKeys;
}

/** Prepared forms of unique attributes, by path. */
export type UniqueKeys = Readonly<Record<string, string>>;

/**
 * The unique keys of one resource type in one tenant, and the values that `list` looks up.
 *
 * A value that equals the item's unique key of the same attribute, as nearly every userName does, stands in the unique
 * index only.
 */
export class ResourceIndexes<T extends Indexable> {
  readonly #unique = new Map<string, SteadyMap<T>>();
  readonly #values: ReadonlyMap<string, Index<T>>;

  constructor(attributes: readonly IndexedAttribute[]) {
    this.#values = new Map(attributes.map((attribute) => [attribute.path, { attribute, items: new ValueIndex<T>() }]));
  }

  /** @throws ConflictError naming the attribute, when another item has one of the keys */
  checkUnique(keys: UniqueKeys, own: T | undefined): void {
    for (const [path, key] of Object.entries(keys)) {
      const holder = this.#unique.get(path)?.get(key);
      if (holder !== undefined && holder !== own) throw new ConflictError(path);
    }
  }

  add(item: T): void {
    for (const [path, key] of Object.entries(item.keys)) this.#claim(path, key, item);
    for (const index of this.#values.values()) {
      for (const value of valuesOf(item, index.attribute)) index.items.add(value, item);
    }
  }

  remove(item: T): void {
    for (const [path, key] of Object.entries(item.keys)) this.#unique.get(path)?.delete(key);
    for (const index of this.#values.values()) {
      for (const value of valuesOf(item, index.attribute)) index.items.remove(value, item);
    }
  }

  /** Puts another state in the place of an item's. Only attributes that are another object or value are looked at. */
  replace(item: T, resource: T['resource'], keys: UniqueKeys): void {
    const before = { resource: item.resource, keys: item.keys };
    item.resource = resource;
    item.keys = keys;
    for (const [path, key] of Object.entries(before.keys)) if (keys[path] !== key) this.#unique.get(path)?.delete(key);
    for (const [path, key] of Object.entries(keys)) if (before.keys[path] !== key) this.#claim(path, key, item);
    for (const { attribute, items } of this.#values.values()) {
      if (isShared(before, item, attribute)) continue;
      for (const value of valuesOf(before, attribute)) items.remove(value, item);
      for (const value of valuesOf(item, attribute)) items.add(value, item);
    }
  }

  /** How many items `get` gives at the most; undefined where there is no index for this. */
  count(path: string, value: FilterValue): number | undefined {
    if (typeof value !== 'string') return undefined;
    const index = this.#values.get(path);
    if (index === undefined) return undefined;
    return index.items.count(value) + (this.#unique.get(path)?.get(value) === undefined ? 0 : 1);
  }

  get(path: string, value: string): Iterable<T> {
    const holder = this.#unique.get(path)?.get(value);
    const others = this.#values.get(path)?.items.get(value) ?? [];
    return holder === undefined ? others : [holder, ...others];
  }

  #claim(path: string, key: string, item: T): void {
    let taken = this.#unique.get(path);
    if (taken === undefined) this.#unique.set(path, (taken = new SteadyMap<T>()));
    taken.set(key, item);
  }
}

interface Index<T extends object> {
  readonly attribute: IndexedAttribute;
  readonly items: ValueIndex<T>;
}

function isShared(before: Indexable, after: Indexable, { keys: [name = ''], path }: IndexedAttribute): boolean {
  return (
    Reflect.get(before.resource, name) === Reflect.get(after.resource, name) && before.keys[path] === after.keys[path]
  );
}

function valuesOf({ resource, keys }: Indexable, attribute: IndexedAttribute): readonly string[] {
  const values: string[] = [];
  collectStrings(resource, attribute.keys, 0, (text) => {
    const normalized = normalize(attribute, text);
    if (keys[attribute.path] === normalized) return;
    // Equal strings that are two objects would be kept twice.
    values.push(normalized === text ? text : normalized);
  });
  return values;
}

function collectStrings(value: unknown, keys: readonly string[], depth: number, take: (text: string) => void): void {
  if (Array.isArray(value)) {
    for (const each of value as readonly unknown[]) collectStrings(each, keys, depth, take);
    return;
  }
  const key = keys[depth];
  if (key === undefined) {
    if (typeof value === 'string') take(value);
  } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
    collectStrings((value as Readonly<Record<string, unknown>>)[key], keys, depth + 1, take);
  }
}

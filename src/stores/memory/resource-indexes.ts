import { ConflictError } from '../../errors.js';
import { normalize } from '../../schema/normalize.js';
import type { FilterValue } from '../../contract/filter.js';
import { SteadyMap } from './steady-map.js';
import { ValueIndex } from './value-index.js';

/** A string attribute that `list` finds without a scan. An `Attribute` of a compiled resource type can be passed. */
export interface IndexedAttribute {
  /** Path of the attribute as in a filter, such as `emails.value`. */
  readonly path: string;
  readonly keys: readonly string[];
  readonly caseExact: boolean;
}

/** An item of the indexes: a resource, and its unique keys by path. */
export interface Indexable {
  resource: object;
  keys: UniqueKeys;
}

/** Normalized values of unique attributes, by path. */
export type UniqueKeys = Readonly<Record<string, string>>;

/**
 * The unique keys of one resource type in one tenant, and the values that `list` looks up.
 *
 * A value that equals the item's unique key of the same attribute, as nearly every userName does, is in the unique index
 * only.
 */
export class ResourceIndexes<T extends Indexable> {
  readonly #unique = new Map<string, SteadyMap<T>>();
  readonly #values: ReadonlyMap<string, Index<T>>;

  constructor(attributes: readonly IndexedAttribute[]) {
    this.#values = new Map(attributes.map((attribute) => [attribute.path, { attribute, items: new ValueIndex<T>() }]));
  }

  /** @throws ConflictError that names the attribute, when another item has one of the keys */
  checkUnique(keys: Readonly<Record<string, string | null>>, item: T | undefined): void {
    for (const [path, key] of Object.entries(keys)) {
      const owner = key === null ? undefined : this.#unique.get(path)?.get(key);
      if (owner !== undefined && owner !== item) throw new ConflictError(path);
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

  /** Replaces the resource and keys of an item. Attributes that are the same object or value are skipped. */
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

  /** The maximal number of items that `get` returns; undefined when there is no index for the path. */
  count(path: string, value: FilterValue): number | undefined {
    if (typeof value !== 'string') return undefined;
    const index = this.#values.get(path);
    if (index === undefined) return undefined;
    return index.items.count(value) + (this.#unique.get(path)?.get(value) === undefined ? 0 : 1);
  }

  get(path: string, value: string): Iterable<T> {
    const owner = this.#unique.get(path)?.get(value);
    const others = this.#values.get(path)?.items.get(value) ?? [];
    return owner === undefined ? others : [owner, ...others];
  }

  #claim(path: string, key: string, item: T): void {
    let owners = this.#unique.get(path);
    if (owners === undefined) this.#unique.set(path, (owners = new SteadyMap<T>()));
    owners.set(key, item);
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

import { ConflictError } from '../../errors.js';
import { prepare } from '../../schema/prepare.js';
import type { FilterValue } from '../contract.js';
import { ValueIndex } from './value-index.js';

/** A string attribute that `list` finds without a scan; an `Attribute` of a compiled resource type is one. */
export interface IndexedAttribute {
  readonly path: string;
  readonly keys: readonly string[];
  readonly caseExact: boolean;
}

/** What the indexes know of an item: its resource, and its unique keys by path. */
export interface Indexable {
  readonly resource: object;
  readonly keys: Readonly<Record<string, string>>;
}

/**
 * The unique keys of one resource type in one tenant, and the values that `list` looks up.
 *
 * A value that equals the item's unique key of the same attribute, as nearly every userName does, stands in the unique
 * index only.
 */
export class ResourceIndexes<T extends Indexable> {
  readonly #unique = new Map<string, Map<string, T>>();
  readonly #values: ReadonlyMap<string, { readonly attribute: IndexedAttribute; readonly items: ValueIndex<T> }>;

  constructor(attributes: readonly IndexedAttribute[]) {
    this.#values = new Map(
      attributes.map((attribute) => [attribute.path, { attribute, items: new ValueIndex<T>() }]),
    );
  }

  /** @throws ConflictError naming the attribute, when another item has one of the keys */
  checkUnique(keys: Readonly<Record<string, string>>, own: T | undefined): void {
    for (const path of Object.keys(keys)) {
      const holder = this.#unique.get(path)?.get(keys[path] ?? '');
      if (holder !== undefined && holder !== own) throw new ConflictError(path);
    }
  }

  add(item: T): void {
    for (const path of Object.keys(item.keys)) {
      let taken = this.#unique.get(path);
      if (taken === undefined) this.#unique.set(path, (taken = new Map<string, T>()));
      taken.set(item.keys[path] ?? '', item);
    }
    this.#eachValue(item, (value, items) => items.add(value, item));
  }

  remove(item: T): void {
    for (const path of Object.keys(item.keys)) this.#unique.get(path)?.delete(item.keys[path] ?? '');
    this.#eachValue(item, (value, items) => items.remove(value, item));
  }

  /** How many items `get` gives at the most; undefined where there is no index for this. */
  count(path: string, value: FilterValue): number | undefined {
    if (typeof value !== 'string') return undefined;
    const index = this.#values.get(path);
    if (index === undefined) return undefined;
    return index.items.count(value) + (this.#unique.get(path)?.has(value) === true ? 1 : 0);
  }

  *get(path: string, value: string): Iterable<T> {
    const holder = this.#unique.get(path)?.get(value);
    if (holder !== undefined) yield holder;
    for (const item of this.#values.get(path)?.items.get(value) ?? []) if (item !== holder) yield item;
  }

  #eachValue(item: T, use: (value: string, items: ValueIndex<T>) => void): void {
    for (const { attribute, items } of this.#values.values()) {
      for (const text of stringsAt(item.resource, attribute.keys, 0)) {
        const prepared = prepare(text, attribute.caseExact);
        if (item.keys[attribute.path] === prepared) continue;
        // Equal strings that are two objects would be kept twice.
        use(prepared === text ? text : prepared, items);
      }
    }
  }
}

function* stringsAt(value: unknown, keys: readonly string[], depth: number): Iterable<string> {
  if (Array.isArray(value)) {
    const values: readonly unknown[] = value;
    for (const each of values) yield* stringsAt(each, keys, depth);
    return;
  }
  const key = keys[depth];
  if (key === undefined) {
    if (typeof value === 'string') yield value;
  } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
    yield* stringsAt((value as Readonly<Record<string, unknown>>)[key], keys, depth + 1);
  }
}

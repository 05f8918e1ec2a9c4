import { SteadyMap } from './steady-map.js';

/**
 * The items that have a value. Most values have one item, so a Set is created only for the second one; an item itself
 * must not be a Set.
 */
export class ValueIndex<T extends string | object> {
  readonly #entries = new SteadyMap<T | Set<T>>();

  add(value: string, item: T): void {
    const entry = this.#entries.get(value);
    if (entry === undefined) this.#entries.set(value, item);
    else if (entry instanceof Set) entry.add(item);
    else if (entry !== item) this.#entries.set(value, new Set([entry, item]));
  }

  remove(value: string, item: T): void {
    const entry = this.#entries.get(value);
    if (entry instanceof Set) {
      entry.delete(item);
      if (entry.size === 0) this.#entries.delete(value);
    } else if (entry === item) this.#entries.delete(value);
  }

  /** A live view, not a copy: do not change the index while reading it. */
  get(value: string): Iterable<T> {
    const entry = this.#entries.get(value);
    return entry === undefined ? [] : entry instanceof Set ? entry : [entry];
  }

  count(value: string): number {
    const entry = this.#entries.get(value);
    return entry === undefined ? 0 : entry instanceof Set ? entry.size : 1;
  }
}

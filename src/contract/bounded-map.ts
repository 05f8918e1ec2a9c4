/**
 * A Map with string keys and at most `capacity` entries: when it is full, the least recently used entry is evicted.
 *
 * Every cache and every other map that requests can grow is one of these.
 */
export class BoundedMap<V> {
  readonly #capacity: number;
  readonly #entries = new Map<string, V>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    // Moving an entry on each use costs more than it gains until the map is nearly full.
    if (value !== undefined && this.#entries.size > this.#capacity >> 1) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    // A Map keeps the place of a key that it already has: without this, a value just written could be the next to go.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#capacity) return;
    for (const leastRecentlyUsed of this.#entries.keys()) {
      this.#entries.delete(leastRecentlyUsed);
      return;
    }
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

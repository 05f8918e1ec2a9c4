/**
 * A Map by string whose deletions stay cheap.
 *
 * V8 keeps a deleted entry in its hash chain until it rehashes the whole table, so deleting and adding the same key
 * again, as for a member that joins and leaves a large group, makes each call slower than the last (22 µs at 100,000
 * entries). Here a deletion leaves a hole, which the same key reuses. When there are more holes than entries, the table
 * is rebuilt, at an amortized constant cost.
 */
export class SteadyMap<V extends string | object> {
  #entries = new Map<string, V | undefined>();
  #holes = 0;

  get size(): number {
    return this.#entries.size - this.#holes;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    if (this.#holes > 0 && this.#entries.has(key) && this.#entries.get(key) === undefined) this.#holes--;
    this.#entries.set(key, value);
  }

  delete(key: string): boolean {
    if (this.#entries.get(key) === undefined) return false;
    this.#entries.set(key, undefined);
    this.#holes++;
    if (this.#holes > 16 && this.#holes > this.size) this.#rebuild();
    return true;
  }

  // Lists, not iterators: a generator takes ten times as long for each entry.
  keys(): string[] {
    const keys: string[] = [];
    for (const [key, value] of this.#entries) if (value !== undefined) keys.push(key);
    return keys;
  }

  values(): V[] {
    const values: V[] = [];
    for (const value of this.#entries.values()) if (value !== undefined) values.push(value);
    return values;
  }

  #rebuild(): void {
    const entries = new Map<string, V>();
    for (const [key, value] of this.#entries) if (value !== undefined) entries.set(key, value);
    this.#entries = entries;
    this.#holes = 0;
  }
}

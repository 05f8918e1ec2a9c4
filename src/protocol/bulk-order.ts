import type { BulkOperation } from './bulk.js';

/**
 * The order in which the operations of a bulk request run: that of the request, except that an operation waits for the
 * resources that it names (RFC 7644 3.7.2). An operation that has waited runs as if the request were read again from
 * the start, until all have run.
 *
 * Each reference is looked at once, when its resource is created or has failed, so the whole takes time in proportion to
 * the number of operations and references.
 */
export class BulkOrder {
  /** Operations that may run now, in order. */
  #ready: number[] = [];
  /** Those that may run in the next pass over the request, in no order. */
  #next: number[] = [];
  #at = 0;
  /** The operation that was taken last; operations before it in the request wait for the next pass. */
  #last = -1;
  /** For each operation that waits: how many resources it waits for. */
  readonly #missing: number[];
  /** For each resource that is waited for, by bulkId: the operations that wait for it. */
  readonly #dependents = new Map<string, number[]>();
  readonly #operations: readonly BulkOperation[];
  readonly #taken: boolean[];
  #firstWaiting = 0;

  /** @param declared the bulkIds of all creations */
  constructor(operations: readonly BulkOperation[], declared: ReadonlySet<string>) {
    this.#operations = operations;
    this.#taken = operations.map(() => false);
    this.#missing = operations.map(({ references }, index) => {
      let missing = 0;
      for (const reference of references) {
        if (!declared.has(reference)) continue;
        missing++;
        const dependents = this.#dependents.get(reference);
        if (dependents === undefined) this.#dependents.set(reference, [index]);
        else dependents.push(index);
      }
      if (missing === 0) this.#ready.push(index);
      return missing;
    });
  }

  /** Indexes of the operations that run next, at most `count`. */
  peek(count: number): readonly number[] {
    if (this.#at === this.#ready.length) {
      this.#ready = this.#next.sort((a, b) => a - b);
      this.#next = [];
      this.#at = 0;
      this.#last = -1;
    }
    return this.#ready.slice(this.#at, this.#at + count);
  }

  /** Takes the first of those that `peek` returned. */
  take(count: number): void {
    for (let i = 0; i < count; i++) {
      const index = this.#ready[this.#at++];
      if (index === undefined) return;
      this.#last = index;
      this.#taken[index] = true;
    }
  }

  /** Takes an operation that waits, a creation if there is one; undefined where none is left. */
  takeWaiting(): number | undefined {
    const operations = this.#operations;
    while (this.#firstWaiting < operations.length && !this.#isWaitingCreation(this.#firstWaiting)) this.#firstWaiting++;
    const creation = this.#firstWaiting < operations.length ? this.#firstWaiting : undefined;
    const index = creation ?? this.#taken.indexOf(false);
    if (index < 0) return undefined;
    this.#taken[index] = true;
    return index;
  }

  #isWaitingCreation(index: number): boolean {
    return this.#taken[index] === false && this.#operations[index]?.method === 'POST';
  }

  /** Notes that a creation has ended, well or not: nothing waits for it any longer. */
  finish(bulkId: string | undefined): void {
    if (bulkId === undefined) return;
    const dependents = this.#dependents.get(bulkId) ?? [];
    this.#dependents.delete(bulkId);
    let added = false;
    for (const index of dependents) {
      const missing = (this.#missing[index] ?? 0) - 1;
      this.#missing[index] = missing;
      if (missing > 0 || this.#taken[index] === true) continue;
      if (index < this.#last) this.#next.push(index);
      else {
        this.#ready.push(index);
        added = true;
      }
    }
    // Those that are left are nearly in order already, which sorting makes use of.
    if (added) this.#ready = this.#ready.slice(this.#at).sort((a, b) => a - b);
    if (added) this.#at = 0;
  }
}

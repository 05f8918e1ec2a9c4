/** An item with its number in the order of creation. Numbers only grow, and no two items have the same. */
export interface Numbered {
  readonly sequence: number;
}

const chunkSize = 512;

/**
 * Items in the order of their numbers, addressable by position.
 *
 * A deletion from an array moves all items behind it, and a Map cannot be read from a position in the middle. This is a
 * list of chunks of at most 512 items: an addition changes the last chunk, a deletion moves items inside one chunk, and
 * a position is found by two binary searches. After a deletion the start positions are recomputed from the changed
 * chunk on, one addition for every 512 items; otherwise a page costs its own length. Small neighbors are joined, so the
 * number of chunks stays proportional to the number of items.
 */
export class CreationOrder<T extends Numbered> {
  readonly #chunks: T[][] = [];
  /** Position of the first item of each chunk; valid below index `#counted`. */
  readonly #starts: number[] = [];
  #counted = 0;
  #size = 0;
  /** Number of items read and chunks recounted, for the growth test. */
  steps = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an item whose number is above all others. */
  append(item: T): void {
    const last = this.#chunks.at(-1);
    if (last === undefined || last.length === chunkSize) this.#chunks.push([item]);
    else last.push(item);
    this.#size++;
  }

  remove(item: T): void {
    const at = this.#chunkOf(item.sequence);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const index = indexIn(chunk, item.sequence);
    if (chunk[index] !== item) return;
    chunk.splice(index, 1);
    this.#size--;
    // The start of this chunk moves when it is joined to the one before.
    this.#counted = Math.min(this.#counted, at);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#join(at);
    this.#join(at - 1);
  }

  /** Items from a position on. */
  *from(position: number): Iterable<T> {
    if (position >= this.#size) return;
    this.#count();
    const at = lastAtMost(this.#starts, this.#chunks.length, Math.max(0, position));
    yield* this.#walk(at, Math.max(0, position) - (this.#starts[at] ?? 0));
  }

  /** Items whose number is above `sequence`, in order. */
  *after(sequence: number): Iterable<T> {
    const at = this.#chunkOf(sequence + 1);
    yield* this.#walk(at, indexIn(this.#chunks[at] ?? [], sequence + 1));
  }

  /** Items whose number is below `sequence`, in reverse order. */
  *before(sequence: number): Iterable<T> {
    let at = this.#chunkOf(sequence);
    let index = indexIn(this.#chunks[at] ?? [], sequence) - 1;
    for (; at >= 0; at--, index = (this.#chunks[at]?.length ?? 0) - 1) {
      for (; index >= 0; index--) {
        const item = this.#chunks[at]?.[index];
        this.steps++;
        if (item !== undefined) yield item;
      }
    }
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#walk(0, 0);
  }

  *#walk(at: number, index: number): Generator<T> {
    for (; at < this.#chunks.length; at++, index = 0) {
      const chunk = this.#chunks[at] ?? [];
      for (; index < chunk.length; index++) {
        const item = chunk[index];
        this.steps++;
        if (item !== undefined) yield item;
      }
    }
  }

  #join(at: number): void {
    const left = this.#chunks[at];
    const right = this.#chunks[at + 1];
    if (left === undefined || right === undefined || left.length + right.length > chunkSize / 2) return;
    this.#chunks.splice(at, 2, [...left, ...right]);
  }

  #count(): void {
    for (let at = this.#counted; at < this.#chunks.length; at++) {
      this.#starts[at] = at === 0 ? 0 : (this.#starts[at - 1] ?? 0) + (this.#chunks[at - 1]?.length ?? 0);
      this.steps++;
    }
    // Additions go to the last chunk, or into a new one behind it: they move no start.
    this.#counted = this.#chunks.length;
  }

  // The chunk with the first number that is not below `sequence`; the last chunk when there is none.
  #chunkOf(sequence: number): number {
    let low = 0;
    let high = Math.max(0, this.#chunks.length - 1);
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#chunks[middle]?.at(-1)?.sequence ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function indexIn(chunk: readonly Numbered[], sequence: number): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunk[middle]?.sequence ?? 0) < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lastAtMost(starts: readonly number[], length: number, position: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

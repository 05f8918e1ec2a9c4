import { nextTurn } from '../contract/turns.js';

/**
 * The parts of a list, as `chunks`, with other requests served between them: a driver of SQLite holds the event loop
 * while a statement runs.
 *
 * @param isUrgent as for `nextTurn`
 */
export async function* chunksWithPauses<T>(
  items: readonly T[],
  { size = 500, isUrgent = false }: { readonly size?: number; readonly isUrgent?: boolean } = {},
): AsyncIterable<readonly T[]> {
  let isFirst = true;
  for (const part of chunks(items, size)) {
    if (!isFirst) await nextTurn(isUrgent);
    isFirst = false;
    yield part;
  }
}

/** Splits a list into parts that fit into one statement: PostgreSQL takes 65,535 parameters, SQLite 32,766. */
export function* chunks<T>(items: readonly T[], size = 500): Iterable<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/**
 * Splits a list into consecutive parts whose sizes add up to at most `most`; an item that is larger is a part of its own.
 *
 * @param mostItems of one part
 */
export function* chunksBySize<T>(
  items: Iterable<T>,
  sizeOf: (item: T) => number,
  most: number,
  mostItems = Number.POSITIVE_INFINITY,
): Iterable<readonly T[]> {
  let part: T[] = [];
  let size = 0;
  for (const item of items) {
    const own = sizeOf(item);
    if (part.length > 0 && (part.length === mostItems || size + own > most)) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(item);
    size += own;
  }
  if (part.length > 0) yield part;
}

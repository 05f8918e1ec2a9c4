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

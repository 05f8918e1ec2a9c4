/** Splits a list into parts that fit into one statement: PostgreSQL takes 65,535 parameters, SQLite 32,766. */
export function* chunks<T>(items: readonly T[], size = 500): Iterable<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

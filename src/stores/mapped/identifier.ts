/** The name of a PostgreSQL table, with its schema if it has one, for `to_regclass`. */
export function identifierOf(table: string): string {
  return table
    .split('.')
    .map((part) => quoted(part))
    .join('.');
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

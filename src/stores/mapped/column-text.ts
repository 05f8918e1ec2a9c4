import { type Fragment, sql } from '../../database/sql.js';
import type { Dialect } from '../../database/dialect.js';

/**
 * A column as a text. PostgreSQL needs the cast: it has no `lower` of an enum, and does not compare a UUID with ''. The
 * cast of a text column is a no-op, so its indexes are still used.
 */
export function asText(column: Fragment, dialect: Dialect): Fragment {
  return dialect === 'postgres' ? sql`cast(${column} as text)` : column;
}

/** A condition that a column holds exactly this text, whatever its collation. */
export function isExactly(column: Fragment, text: string, dialect: Dialect): Fragment {
  switch (dialect) {
    case 'postgres':
      return sql`cast(${column} as text) collate "C" = ${text}`;
    case 'mysql':
      return sql`cast(convert(${column} using utf8mb4) as binary) = ${text}`;
    case 'sqlite':
      return sql`${column} collate binary = ${text}`;
  }
}

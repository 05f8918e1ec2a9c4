import type { Kysely } from 'kysely';
import { type Dialect, dialectOfAdapter } from './adapter.js';
import { type Fragment, sql } from './sql.js';
import { usageError } from '../contract/option-mistakes.js';

export type { Dialect };

/**
 * Detects the SQL dialect from an instance of Kysely.
 *
 * @throws TypeError when its adapter is none of Kysely's own: the caller has to pass `dialect`
 */
export function dialectOf<DB>(db: Kysely<DB>): Dialect {
  const dialect = dialectOfAdapter(db.getExecutor().adapter);
  if (dialect !== undefined) return dialect;
  const remedy = "pass { dialect: 'postgres' }, { dialect: 'mysql' } or { dialect: 'sqlite' }";
  throw usageError('express-scim/sql', `the dialect of this Kysely instance is unknown: ${remedy}`, 'sql.md');
}

/** Column types of a dialect. Texts compare byte by byte: without padding, case folding or locale. */
export interface ColumnTypes {
  /** A text of at most `length` characters that can be part of a key or an index. */
  key(length: number): Fragment;
  readonly text: Fragment;
  readonly json: Fragment;
  /** JSON that conditions read: PostgreSQL can index it, but it has no U+0000. */
  readonly document: Fragment;
  readonly integer: Fragment;
  readonly number: Fragment;
  /** Table options behind the column list. */
  readonly suffix: Fragment;
  /** Replaces `suffix` for tables whose rows are updated often. */
  readonly changing: Fragment;
  /** Replaces `suffix` for tables whose rows are their primary key. */
  readonly keyOnly: Fragment;
  /** Whether an index can have a `where` clause. */
  readonly partialIndexes: boolean;
}

/** The column types of each dialect. */
export const columnTypes: Readonly<Record<Dialect, ColumnTypes>> = {
  postgres: {
    key: (length) => sql.raw(`varchar(${String(length)}) collate "C"`),
    text: sql.raw('text collate "C"'),
    // jsonb refuses U+0000, which JSON allows.
    json: sql.raw('text'),
    document: sql.raw('jsonb'),
    integer: sql.raw('bigint'),
    number: sql.raw('double precision'),
    suffix: sql.raw(''),
    // A new version of a row on the same page needs no new index entries (heap-only tuples).
    changing: sql.raw(' with (fillfactor = 80)'),
    keyOnly: sql.raw(''),
    partialIndexes: true,
  },
  mysql: {
    // MariaDB's utf8mb4_bin treats 'a ' and 'a' as equal; binary columns do not.
    key: (length) => sql.raw(`varbinary(${String(length * 4)})`),
    text: sql.raw('longblob'),
    json: sql.raw('longtext character set utf8mb4 collate utf8mb4_bin'),
    document: sql.raw('longtext character set utf8mb4 collate utf8mb4_bin'),
    integer: sql.raw('bigint'),
    number: sql.raw('double'),
    suffix: sql.raw(' engine = InnoDB'),
    changing: sql.raw(' engine = InnoDB'),
    keyOnly: sql.raw(' engine = InnoDB'),
    partialIndexes: false,
  },
  sqlite: {
    key: () => sql.raw('text'),
    text: sql.raw('text'),
    json: sql.raw('text'),
    document: sql.raw('text'),
    integer: sql.raw('integer'),
    number: sql.raw('real'),
    suffix: sql.raw(''),
    changing: sql.raw(''),
    keyOnly: sql.raw(' without rowid'),
    partialIndexes: true,
  },
};

/**
 * The clause that locks the rows of a select until the transaction ends; empty on SQLite, which has one writer at a
 * time.
 *
 * @param kind `write`: the row is going to be updated. `delete`: it is going to be deleted. `keep`: it must not be
 * deleted in the meantime.
 */
export function lock(dialect: Dialect, kind: 'write' | 'delete' | 'keep'): Fragment {
  if (dialect === 'sqlite') return sql.raw('');
  // An update does not conflict with rows that reference this one; a deletion does.
  if (dialect === 'postgres')
    return sql.raw({ write: 'for no key update', delete: 'for update', keep: 'for key share' }[kind]);
  return sql.raw(kind === 'keep' ? 'lock in share mode' : 'for update');
}

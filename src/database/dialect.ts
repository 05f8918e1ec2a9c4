import { type Kysely, MysqlAdapter, PostgresAdapter, type RawBuilder, sql, SqliteAdapter } from 'kysely';

/** The three families of SQL that the store speaks; MariaDB is `mysql`, PGlite and CockroachDB are `postgres`. */
export type Dialect = 'postgres' | 'mysql' | 'sqlite';

/** Which family an instance of Kysely speaks. @throws TypeError where it has to be said */
export function dialectOf(db: Kysely<unknown>): Dialect {
  const { adapter } = db.getExecutor();
  // By name too: the host's Kysely may be another copy, such as the one for CommonJS.
  for (let made: unknown = adapter; typeof made === 'object' && made !== null; made = Object.getPrototypeOf(made)) {
    const { constructor } = made;
    if (constructor === PostgresAdapter || constructor.name === 'PostgresAdapter') return 'postgres';
    if (constructor === MysqlAdapter || constructor.name === 'MysqlAdapter') return 'mysql';
    if (constructor === SqliteAdapter || constructor.name === 'SqliteAdapter') return 'sqlite';
  }
  throw new TypeError('This dialect of Kysely is not known: pass { dialect } to say which SQL the database speaks.');
}

/** Column types; every text is compared byte by byte, without padding, letter case or locale. */
export interface ColumnTypes {
  key(length: number): RawBuilder<unknown>;
  readonly text: RawBuilder<unknown>;
  readonly json: RawBuilder<unknown>;
  readonly integer: RawBuilder<unknown>;
  readonly number: RawBuilder<unknown>;
  readonly suffix: RawBuilder<unknown>;
  /** Of tables whose rows are changed often, in place of `suffix`. */
  readonly changing: RawBuilder<unknown>;
  /** An index can leave out the rows that have nothing for it. */
  readonly partialIndexes: boolean;
}

export const columnTypes: Readonly<Record<Dialect, ColumnTypes>> = {
  postgres: {
    key: (length) => sql.raw(`varchar(${String(length)}) collate "C"`),
    text: sql.raw('text collate "C"'),
    // jsonb refuses U+0000, which JSON allows.
    json: sql.raw('text'),
    integer: sql.raw('bigint'),
    number: sql.raw('double precision'),
    suffix: sql.raw(''),
    // A new state of a row in the same page needs no new entries in the indexes.
    changing: sql.raw(' with (fillfactor = 80)'),
    partialIndexes: true,
  },
  mysql: {
    // utf8mb4_bin of MariaDB takes 'a ' for 'a'; bytes do not.
    key: (length) => sql.raw(`varbinary(${String(length * 4)})`),
    text: sql.raw('longblob'),
    json: sql.raw('longtext character set utf8mb4 collate utf8mb4_bin'),
    integer: sql.raw('bigint'),
    number: sql.raw('double'),
    suffix: sql.raw(' engine = InnoDB'),
    changing: sql.raw(' engine = InnoDB'),
    partialIndexes: false,
  },
  sqlite: {
    key: () => sql.raw('text'),
    text: sql.raw('text'),
    json: sql.raw('text'),
    integer: sql.raw('integer'),
    number: sql.raw('real'),
    suffix: sql.raw(''),
    changing: sql.raw(''),
    partialIndexes: true,
  },
};

/** Locks the rows that a select reads until the transaction ends; SQLite has one writer at a time anyway. */
export function lock(dialect: Dialect, kind: 'write' | 'delete' | 'keep'): RawBuilder<unknown> {
  if (dialect === 'sqlite') return sql.raw('');
  // A new value in a row does not touch who refers to it: only a deletion does.
  if (dialect === 'postgres')
    return sql.raw({ write: 'for no key update', delete: 'for update', keep: 'for key share' }[kind]);
  return sql.raw(kind === 'keep' ? 'lock in share mode' : 'for update');
}

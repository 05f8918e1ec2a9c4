import { type Fragment, sql } from '../../database/sql.js';
import type { Dialect } from '../../database/dialect.js';

type ColumnType = 'text' | 'integer';

/**
 * Rows as a table in `from`, with the columns `c0`, `c1`, ... They are one parameter, so that the text of a statement does
 * not depend on how many there are, and its plan is kept.
 *
 * @param alias name of the table
 * @param types of the columns
 */
export function rowSource(
  dialect: Dialect,
  alias: string,
  types: readonly ColumnType[],
  rows: readonly (readonly (string | number | null)[])[],
): Fragment {
  const name = sql.ref(alias);
  if (dialect === 'postgres') {
    const records = rows.map((row) => Object.fromEntries(row.map((value, i) => [`c${String(i)}`, value])));
    const columns = types.map((type, i) => sql.raw(`c${String(i)} ${type === 'text' ? 'text' : 'bigint'}`));
    return sql`json_to_recordset(cast(${JSON.stringify(records)} as json)) as ${name} (${sql.join(columns)})`;
  }
  if (dialect === 'sqlite') {
    const columns = types.map((_, i) => sql.raw(`value ->> ${String(i)} as c${String(i)}`));
    return sql`(select ${sql.join(columns)} from json_each(${JSON.stringify(rows)})) as ${name}`;
  }
  const columns = types.map((type, i) => sql.raw(`c${String(i)} ${mysqlTypes[type]} path '$[${String(i)}]'`));
  return sql`json_table(${JSON.stringify(rows)}, '$[*]' columns (${sql.join(columns)})) as ${name}`;
}

// Without them MariaDB compares by the collation of the database.
const mysqlTypes = { text: 'longtext character set utf8mb4 collate utf8mb4_bin', integer: 'bigint' } as const;

/** The condition that a column has one of these texts. The text of the statement does not depend on how many there are. */
export function isOneOf(dialect: Dialect, column: Fragment, texts: readonly string[]): Fragment {
  if (texts.length === 1) return sql`${column} = ${texts[0]}`;
  if (dialect === 'mysql') return texts.length === 0 ? sql`1 = 0` : sql`${column} in (${sql.join(texts)})`;
  const list = JSON.stringify(texts);
  return dialect === 'postgres'
    ? // An array is looked up in an index; the rows of a subquery are joined, for which PostgreSQL may read a whole group.
      sql`${column} = any(array(select json_array_elements_text(cast(${list} as json))))`
    : sql`${column} in (select value from json_each(${list}))`;
}

/**
 * Has MariaDB and SQLite use the index on the members. The statistics of MariaDB can favor all memberships of the tenant, and
 * SQLite without statistics prefers the primary key, which contains all columns, and reads all of them.
 */
export function byMember(dialect: Dialect, members: string): Fragment {
  const index = sql.ref(`${members}_member`);
  return { mysql: sql`force index (${index})`, sqlite: sql`indexed by ${index}`, postgres: sql`` }[dialect];
}

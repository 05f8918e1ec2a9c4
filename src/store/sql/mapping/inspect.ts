import { type Kysely, sql } from 'kysely';
import { type Dialect, dialectOf } from '../dialect.js';
import type { Mapping } from './define.js';
import { fieldsOf } from './fields.js';

/**
 * Looks at the host's tables for what a mapping promises and the database does not keep. Run it at start, or in a test.
 *
 * SCIM compares `userName` without letter case (RFC 7643 4.1.1). Creations through SCIM are kept apart by the side
 * table; against the host's own writers uniqueness is as good as the host's index.
 *
 * @returns sentences that say what is wrong and what to do; none where nothing was found
 */
export async function inspectMapping<DB>(
  given: Kysely<DB>,
  mapping: Mapping,
  options: { readonly dialect?: Dialect | undefined } = {},
): Promise<readonly string[]> {
  const db = given as unknown as Kysely<unknown>;
  const dialect = options.dialect ?? dialectOf(db);
  const name = fieldsOf(mapping).find(({ place }) => place.path === 'userName');
  const [table, column] =
    name?.kind === 'lookup'
      ? [name.lookup.table, name.lookup.value]
      : name?.kind === 'column'
        ? [mapping.table, name.column]
        : [undefined, undefined];
  if (table === undefined || column === undefined) return [];
  const index = await indexOf(db, dialect, table, column);
  const where = `${table}.${column}`;
  if (index === undefined) {
    return [
      `${where} has no unique index: two people could get one userName. Make one over ${ideal(dialect, column, mapping)}.`,
    ];
  }
  return index.foldsCase
    ? []
    : [
        `The unique index ${index.name} tells letter case apart: the application could make ada@x and Ada@x, which are one userName. Make one over ${ideal(dialect, column, mapping)}.`,
      ];
}

function ideal(dialect: Dialect, column: string, { tenant }: Mapping): string {
  const folded = {
    postgres: `lower(${column})`,
    sqlite: `${column} collate nocase`,
    mysql: `${column} with a collation that ends in _ci`,
  }[dialect];
  return tenant === undefined ? folded : `${tenant.column}, ${folded}`;
}

interface UniqueIndex {
  readonly name: string;
  readonly foldsCase: boolean;
}

async function indexOf(
  db: Kysely<unknown>,
  dialect: Dialect,
  table: string,
  column: string,
): Promise<UniqueIndex | undefined> {
  const found = await uniqueIndexes(db, dialect, table, column);
  return found.find(({ foldsCase }) => foldsCase) ?? found[0];
}

async function uniqueIndexes(
  db: Kysely<unknown>,
  dialect: Dialect,
  table: string,
  column: string,
): Promise<readonly UniqueIndex[]> {
  switch (dialect) {
    case 'postgres': {
      const { rows } = await sql<{ name: string; definition: string; type: string; exact: boolean }>`
        select i.relname as name, pg_get_indexdef(x.indexrelid) as definition, format_type(a.atttypid, null) as type,
          coalesce(c.collisdeterministic, true) as exact
        from pg_index x join pg_class i on i.oid = x.indexrelid
        join pg_attribute a on a.attrelid = x.indrelid and a.attname = ${column}
        left join pg_collation c on c.oid = a.attcollation
        where x.indrelid = to_regclass(quote_ident(${table})) and x.indisunique`.execute(db);
      return rows
        .filter(({ definition }) => new RegExp(`\\b${column}\\b`).test(definition.slice(definition.indexOf('('))))
        .map(({ name, definition, type, exact }) => ({
          name,
          foldsCase: type === 'citext' || !exact || /\b(?:lower|upper)\s*\(/i.test(definition),
        }));
    }
    case 'mysql': {
      const { rows } = await sql<{ name: string; collation: string | null }>`
        select s.index_name as name, c.collation_name as collation from information_schema.statistics s
        join information_schema.columns c on c.table_schema = s.table_schema and c.table_name = s.table_name
          and c.column_name = s.column_name
        where s.table_schema = database() and s.table_name = ${table} and s.column_name = ${column} and s.non_unique = 0`.execute(
        db,
      );
      return rows.map(({ name, collation }) => ({ name, foldsCase: /_ci$/.test(collation ?? '') }));
    }
    case 'sqlite': {
      const { rows } = await sql<{ name: string; collation: string | null; statement: string | null }>`
        select l.name as name, x.coll as collation, m.sql as statement
        from pragma_index_list(${table}) l join pragma_index_xinfo(l.name) x left join sqlite_master m on m.name = l.name
        where l."unique" = 1 and (x.name = ${column} or x.cid = -2)`.execute(db);
      return rows.map(({ name, collation, statement }) => ({
        name,
        foldsCase: collation?.toLowerCase() === 'nocase' || /\b(?:lower|upper)\s*\(/i.test(statement ?? ''),
      }));
    }
  }
}

import { type Kysely, sql } from 'kysely';
import type { Dialect } from '../../database/dialect.js';
import { identifierOf } from './identifier.js';

/** What a column holds, as far as the type in the catalog of the database says. */
export type ColumnKind = 'text' | 'number' | 'boolean' | 'time' | 'json' | 'uuid' | 'binary' | 'array' | 'enum';

/** A column as the catalog describes it. */
export interface ColumnType {
  /** The name of its type, in lower case. */
  readonly name: string;
  /** Undefined for a type of your own, or one that may hold anything. */
  readonly kind: ColumnKind | undefined;
  readonly isNotNull: boolean;
}

/**
 * The columns of a table by name. Where the catalog has another name for the table or a column, as with a plugin that
 * changes names, they are left out.
 */
export async function columnTypesOf(
  db: Kysely<unknown>,
  dialect: Dialect,
  full: string,
): Promise<ReadonlyMap<string, ColumnType>> {
  const [table = '', schema] = full.split('.').reverse();
  const statement = {
    // cspell:disable
    // A domain counts as the type that it is made from.
    postgres: sql<CatalogRow>`select a.attname as name, b.typname as type, b.typcategory as category, a.attnotnull as required
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
      where a.attrelid = to_regclass(${identifierOf(full)}) and a.attnum > 0 and not a.attisdropped`,
    // cspell:enable
    mysql: sql<CatalogRow>`select column_name as name, data_type as type, '' as category, is_nullable = 'NO' as required
      from information_schema.columns
      where table_schema = coalesce(${schema ?? null}, database()) and table_name = ${table}`,
    sqlite: sql<CatalogRow>`select name, type, '' as category, "notnull" as required from pragma_table_info(${table})`,
  }[dialect];
  const { rows } = await statement.execute(db);
  return new Map(
    rows.map(({ name, type, category, required }) => {
      const lower = String(type).toLowerCase();
      const kind = kindOf[dialect](lower, String(category));
      return [String(name), { name: lower, kind, isNotNull: Number(required) === 1 }];
    }),
  );
}

interface CatalogRow {
  readonly name: unknown;
  readonly type: unknown;
  readonly category: unknown;
  readonly required: unknown;
}

const kindOf: Readonly<Record<Dialect, (type: string, category: string) => ColumnKind | undefined>> = {
  postgres: (type, category) => {
    if (category === 'A') return 'array';
    if (category === 'E') return 'enum';
    // cspell:disable-next-line
    if (/^(?:text|varchar|bpchar|citext|name)$/.test(type)) return 'text';
    if (/^(?:int[248]|numeric|float[48])$/.test(type)) return 'number';
    if (/^(?:timestamp|timestamptz|date|time|timetz)$/.test(type)) return 'time';
    if (/^jsonb?$/.test(type)) return 'json';
    return { bool: 'boolean', uuid: 'uuid', bytea: 'binary' }[type] as ColumnKind | undefined;
  },
  mysql: (type) => {
    if (/^(?:var)?char$|text$/.test(type)) return 'text';
    if (/int$|^(?:decimal|float|double)$/.test(type)) return 'number';
    if (/^(?:datetime|timestamp|date|time)$/.test(type)) return 'time';
    if (/binary$|blob$/.test(type)) return 'binary';
    return { json: 'json', uuid: 'uuid', enum: 'enum', set: 'enum' }[type] as ColumnKind | undefined;
  },
  // The declared type of SQLite is any text, and decides little (https://www.sqlite.org/datatype3.html).
  sqlite: (type) => {
    if (/^(?:datetime|timestamp|date|time)\b/.test(type)) return 'time';
    if (/^bool(?:ean)?$/.test(type)) return 'boolean';
    if (type.includes('int')) return 'number';
    if (/char|clob|text/.test(type)) return 'text';
    return type === 'blob' ? 'binary' : undefined;
  },
};

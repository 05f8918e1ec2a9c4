import type { Kysely } from 'kysely';
import { sql } from '../../database/sql.js';
import type { Dialect } from '../../database/dialect.js';
import type { CompiledMapping } from './compile-mapping.js';
import { identifierOf } from './identifier.js';

/**
 * Which of these tables are ordinary tables without triggers. What a statement on such a table returns is what a later
 * read would find. Beside a trigger or a view it may be something else: SQLite returns rows as they are before its
 * `after` triggers, which is where hosts increment a version.
 *
 * @returns no table on MariaDB and MySQL, which return nothing from an update
 */
export async function findPlainTables(
  db: Kysely<unknown>,
  dialect: Dialect,
  tables: readonly string[],
): Promise<ReadonlySet<string>> {
  const plain = new Set<string>();
  if (dialect === 'mysql') return plain;
  for (const table of tables) if (await isPlain(db, dialect, table)) plain.add(table);
  return plain;
}

async function isPlain(db: Kysely<unknown>, dialect: 'postgres' | 'sqlite', table: string): Promise<boolean> {
  const { rows } =
    dialect === 'postgres'
      ? await sql`select 1 from pg_class c where c.oid = to_regclass(${identifierOf(table)}) and c.relkind = 'r'
          and not c.relhassubclass and not c.relhasrules
          and not exists (select 1 from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal)`.execute(db)
      : await sql`select 1 from sqlite_master m where m.type = 'table' and lower(m.name) = lower(${table})
          and not exists (select 1 from sqlite_master t where t.type = 'trigger' and lower(t.tbl_name) = lower(m.name))
          and not exists (select 1 from sqlite_temp_master t where t.type = 'trigger' and lower(t.tbl_name) = lower(m.name))`.execute(
          db,
        );
  return rows.length > 0;
}

/** The tables that a write of these resources can change, without side tables. */
export function tablesOf({ mapping, fields }: CompiledMapping): readonly string[] {
  const children = fields.flatMap((field) => (field.kind === 'children' ? [field.children.table] : []));
  return [mapping.table, ...(mapping.members === undefined ? [] : [mapping.members.table]), ...children];
}

/** Whether the row of a resource is in one table, so that one statement can lock and read it, or write and return it. */
export function isOneTable({ mapping, fields, side }: CompiledMapping): boolean {
  // The xmin that a statement sees is the one of the row before it.
  return side === undefined && mapping.version !== 'xmin' && fields.every(({ kind }) => kind !== 'lookup');
}

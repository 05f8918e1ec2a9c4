import { type Fragment, sql } from '../../database/sql.js';
import { columnTypes, type Dialect } from '../../database/dialect.js';
import { lockTable } from '../../database/lock-table.js';
import { outboxTable } from '../../database/outbox.js';
import type { BuiltInTables } from '../../database/table-names.js';
import type { IndexDefinition, TableDefinition } from '../../database/table-definition.js';
import { attributeColumnsOf } from './attribute-columns.js';
import { hasLookups } from './lookups.js';

/** The definitions of the built-in tables, in the order of their foreign keys. */
export function scimTableDefinitions(dialect: Dialect, tables: BuiltInTables): readonly TableDefinition[] {
  return [
    resourceTableDefinition(dialect, tables.users, 'User'),
    resourceTableDefinition(dialect, tables.groups, 'Group'),
    membersTable(dialect, tables),
    keysTable(dialect, tables.keys),
    ...(hasLookups(dialect) ? [lookupsTable(dialect, tables.lookups)] : []),
    outboxTable(dialect, tables.outbox),
    lockTable(dialect, tables.locks),
  ];
}

function membersTable(dialect: Dialect, tables: BuiltInTables): TableDefinition {
  const { key, text, partialIndexes } = columnTypes[dialect];
  return {
    name: tables.members,
    columns: sql`tenant ${key(100)} not null, group_id ${key(64)} not null,
      member_id ${key(250)} not null, user_id ${key(64)}, subgroup_id ${key(64)}, type ${key(20)}, display ${text},
      primary key (tenant, group_id, member_id),
      foreign key (tenant, group_id) references ${sql.table(tables.groups)} (tenant, id) on delete cascade,
      foreign key (tenant, user_id) references ${sql.table(tables.users)} (tenant, id) on delete cascade,
      foreign key (tenant, subgroup_id) references ${sql.table(tables.groups)} (tenant, id) on delete cascade`,
    indexes: [
      { name: 'member', columns: ofOneId(dialect, 'member_id') },
      { name: 'user', columns: ofOneId(dialect, 'user_id') },
      {
        name: 'subgroup',
        columns: ofOneId(dialect, 'subgroup_id'),
        present: partialIndexes ? 'subgroup_id' : undefined,
      },
    ],
  };
}

// While its statistics are older than the members of a group, PostgreSQL takes an index that begins with the tenant for as
// good as the primary key, and reads all members of the tenant for one. MySQL requires the order of the foreign key.
function ofOneId(dialect: Dialect, column: string): readonly string[] {
  return dialect === 'postgres' ? [column, 'tenant'] : ['tenant', column];
}

function keysTable(dialect: Dialect, name: string): TableDefinition {
  const { key } = columnTypes[dialect];
  return {
    name,
    columns: sql`tenant ${key(100)} not null, type ${key(20)} not null, path ${key(250)} not null,
      normalized ${key(120)} not null, id ${key(64)} not null, primary key (tenant, type, path, normalized)`,
    indexes: [{ name: 'id', columns: ['tenant', 'id'] }],
  };
}

/** The definition of the table of lookups. It has no index by id: which rows a resource has follows from its attributes. */
export function lookupsTable(dialect: Dialect, name: string): TableDefinition {
  const { key, keyOnly } = columnTypes[dialect];
  return {
    name,
    columns: sql`tenant ${key(100)} not null, path ${key(250)} not null, normalized ${key(120)} not null,
      id ${key(64)} not null, primary key (tenant, path, normalized, id)`,
    options: keyOnly,
  };
}

/** The definition of the table of one resource type. */
export function resourceTableDefinition(dialect: Dialect, name: string, type: string): TableDefinition {
  const { key, text, json, document, integer } = columnTypes[dialect];
  const columns = attributeColumnsOf(type).map(({ column }) => sql`${sql.ref(column)} ${key(250)}`);
  return {
    name,
    // The large columns are the last ones: SQLite reads a row from its start up to the last column that a statement asks for.
    columns: sql`tenant ${key(100)} not null, id ${key(64)} not null,${dialect === 'sqlite' ? sql` ${sizeColumn('stored')},` : sql``}
      active ${integer}, created ${integer} not null, last_modified ${integer} not null, version ${integer} not null,
      ${sql.join(columns)}, name ${text}, attributes ${json} not null, normalized ${document} not null,
      primary key (tenant, id)`,
    options: resourceTableOptions(dialect),
    indexes: resourceIndexes(dialect, type),
    // To estimate a filter, the planner would compare it with each of the documents in the statistics, in every query.
    withoutStatistics: ['attributes', 'normalized'],
  };
}

/**
 * SQLite: the bytes of the larger one of the two JSON texts of a row, by which a list bounds what one statement reads.
 *
 * @param kind `virtual` for a column that is added to a table: SQLite cannot add one that is stored
 */
export function sizeColumn(kind: 'stored' | 'virtual'): Fragment {
  return sql`size integer generated always as
    (max(length(cast(attributes as blob)), length(cast(normalized as blob)))) ${sql.raw(kind)}`;
}

// A page of rows is read from an index only where the visibility map is recent. Many inserts and no updates would leave
// it old for long with the default of 20 %.
function resourceTableOptions(dialect: Dialect): TableDefinition['options'] {
  return dialect === 'postgres'
    ? sql.raw(' with (fillfactor = 80, autovacuum_vacuum_insert_scale_factor = 0.02)')
    : columnTypes[dialect].changing;
}

/** The indexes of the table of one resource type. */
export function resourceIndexes(dialect: Dialect, type: string): readonly IndexDefinition[] {
  const columns = attributeColumnsOf(type).map(({ column, unique }): IndexDefinition => ({
    name: column,
    columns: ['tenant', column, ...(unique ? [] : ['id'])],
    unique,
  }));
  if (dialect !== 'postgres') return columns;
  // The entries of new rows wait in a list and are merged together, for about half the time. Every search reads the list, and
  // one of the writes merges it: the limit, in kilobytes, keeps both short.
  const using = 'gin (normalized jsonb_path_ops) with (fastupdate = on, gin_pending_list_limit = 256)';
  return [...columns, { name: 'normalized', columns: [], using }];
}

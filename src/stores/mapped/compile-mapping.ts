import type { Kysely } from 'kysely';
import { type Fragment, sql } from '../../database/sql.js';
import type { Dialect } from '../../database/dialect.js';
import { type Field, fieldsOf } from './fields.js';
import type { Mapping } from './mapping.js';
import { callMapped, parseColumn } from './mapping-results.js';
import { usageError } from '../../contract/option-mistakes.js';

/** A mapping compiled for one database: everything that its statements have in common. */
export interface CompiledMapping {
  readonly type: 'User' | 'Group';
  readonly mapping: Mapping;
  readonly fields: readonly Field[];
  readonly dialect: Dialect;
  /** Name of the side table of this resource type. */
  readonly side: string | undefined;
  /** Columns of the host's table that are read, each with its alias in the select list. */
  readonly columns: ReadonlyMap<string, string>;
  /** The select list. */
  readonly selected: Fragment;
  /** The columns of the host's table as a write returns them, where the row of a resource is in one table. */
  readonly returned: Fragment;
  /** Where attributes without a column are stored; undefined: nowhere. */
  readonly restIn: 'column' | 'side' | undefined;
  /** The mapping of users, which references point to. */
  readonly users: () => CompiledMapping;
}

/** The connection or transaction that statements run in, and their tenant. */
export interface MappedScope {
  readonly db: Kysely<unknown>;
  readonly tenant: string;
  /** Tables for which a write can return rows instead of reading them again: see `findPlainTables`. */
  readonly plainTables: ReadonlySet<string>;
}

/** A row of the host's table, by the aliases of the select list. */
export type Row = Readonly<Record<string, unknown>>;

/** Compiles a mapping. @throws TypeError when it cannot work with this database */
export function compileMapping(
  type: 'User' | 'Group',
  mapping: Mapping,
  {
    dialect,
    side,
    users,
  }: Pick<CompiledMapping, 'dialect' | 'side'> & { readonly users: (() => CompiledMapping) | undefined },
): CompiledMapping {
  const fields = fieldsOf(mapping);
  const mistakes = [
    ...mistakesOfName(type, fields),
    ...mistakesOfVersion(type, mapping, fields, { dialect, hasSideTable: side !== undefined }),
    ...mistakesOfTenants(mapping, fields),
  ];
  if (mistakes.length > 0) throw usageError(`The mapping of ${mapping.table}`, mistakes, page);
  const names = new Set<string>([mapping.id.column]);
  const { version, created, lastModified, rest } = mapping;
  for (const name of [created, lastModified, rest]) if (name !== undefined) names.add(name);
  if (typeof version === 'object') names.add(version.column);
  for (const field of fields) for (const name of columnsOf(field)) names.add(name);
  const columns = new Map([...names].map((name, i) => [name, `h${String(i)}`]));
  const compiled: CompiledMapping = {
    type,
    mapping,
    fields,
    dialect,
    side,
    columns,
    selected: columnList({ columns, fields, side, mapping }),
    returned: returnedColumns(columns),
    restIn: rest !== undefined ? 'column' : side !== undefined ? 'side' : undefined,
    users: users ?? (() => compiled),
  };
  return compiled;
}

const page = 'sql.md#mapped-tables';

function mistakesOfName(type: 'User' | 'Group', fields: readonly Field[]): readonly string[] {
  const requiredPath = type === 'User' ? 'userName' : 'displayName';
  if (fields.some(({ place }) => place.path === requiredPath)) return [];
  return [`${requiredPath}, which SCIM requires, is missing: map it to a column`];
}

function mistakesOfVersion(
  type: 'User' | 'Group',
  { version }: Mapping,
  fields: readonly Field[],
  { dialect, hasSideTable }: { readonly dialect: Dialect; readonly hasSideTable: boolean },
): readonly string[] {
  if (version === 'xmin' && dialect !== 'postgres') {
    return ["only PostgreSQL has xmin: set version to { column } of a version column, or to 'hash'"];
  }
  const hasOtherTables = type === 'Group' || fields.some(({ kind }) => kind === 'children');
  if (version === 'hash' && !hasSideTable && hasOtherTables) {
    return [
      'a hash does not cover members and child tables: set version to { column }, or pass sideTables to the store',
    ];
  }
  return [];
}

/** Without a tenant of its own, a row of the other table would link users of one tenant to data of another. */
function mistakesOfTenants({ table, tenant }: Mapping, fields: readonly Field[]): readonly string[] {
  const mistakes: string[] = [];
  for (const field of fields) {
    if (field.kind !== 'lookup') continue;
    const { place, lookup } = field;
    const start = `the lookup of ${place.path} in ${lookup.table}`;
    if (lookup.shared === true && lookup.tenant !== undefined) {
      mistakes.push(`${start} has a tenant and is shared: remove one of the two`);
    }
    if (tenant !== undefined && lookup.tenant === undefined && lookup.shared !== true) {
      mistakes.push(
        `${start} is not by tenant, but ${table} is: add \`tenant\` with the column of ${lookup.table} that holds the ` +
          'tenant, or `shared: true` if every tenant may use all of its rows',
      );
    }
  }
  return mistakes;
}

/** The tenant of the request as the host's tables hold it. */
export function tenantValue({ mapping }: CompiledMapping, { tenant }: MappedScope): unknown {
  const given = mapping.tenant;
  if (given === undefined) return tenant;
  return parseColumn(
    callMapped('tenant.write', mapping, () => given.write(tenant)),
    'tenant.write',
    mapping,
  );
}

/**
 * The condition that a column of the host holds the tenant of the request. A collation may take `acme` and `ACME` for equal:
 * the tenants are compared exactly, and the index of the column is used all the same. On PostgreSQL columns compare exactly,
 * except those of the type `citext`.
 */
export function isTenant(column: Fragment, compiled: CompiledMapping, scope: MappedScope): Fragment {
  const value = tenantValue(compiled, scope);
  const equality = sql`${column} = ${value}`;
  if (typeof value !== 'string') return equality;
  switch (compiled.dialect) {
    case 'mysql':
      return sql`${equality} and cast(convert(${column} using utf8mb4) as binary) = cast(convert(${value} using utf8mb4) as binary)`;
    case 'sqlite':
      return sql`${equality} and ${column} = ${value} collate binary`;
    default:
      return equality;
  }
}

/** Columns of the host's table that a field reads. */
export function columnsOf(field: Field): readonly string[] {
  switch (field.kind) {
    case 'computed':
      return field.columns;
    case 'lookup':
      return [field.lookup.column];
    case 'constant':
    case 'children':
      return [];
    default:
      return [field.column];
  }
}

function returnedColumns(columns: CompiledMapping['columns']): Fragment {
  return sql.join([...columns].map(([name, alias]) => sql`${sql.ref(name)} as ${sql.ref(alias)}`));
}

function columnList({
  columns,
  fields,
  side,
  mapping,
}: Pick<CompiledMapping, 'columns' | 'fields' | 'side' | 'mapping'>): Fragment {
  const list = [...columns].map(([name, alias]) => sql`${sql.ref(`r.${name}`)} as ${sql.ref(alias)}`);
  for (const field of fields) {
    if (field.kind === 'lookup') {
      list.push(sql`${sql.ref(`${field.alias}.${field.lookup.value}`)} as ${sql.ref(field.alias)}`);
    }
  }
  if (mapping.version === 'xmin') list.push(sql`cast(r.xmin as text) as x`);
  if (side !== undefined) {
    list.push(sql`s.external_id as s_external_id, s.revision as s_revision, s.created as s_created,
      s.last_modified as s_last_modified, s.rest as s_rest`);
  }
  return sql.join(list);
}

/** The table, called `r`, joined with lookups and the side table. */
export function fromClause(compiled: CompiledMapping, scope: MappedScope): Fragment {
  const { mapping, fields, side } = compiled;
  const joins: Fragment[] = [];
  for (const field of fields) {
    if (field.kind !== 'lookup') continue;
    const { table, key, column, tenant } = field.lookup;
    // A row that the host has linked to another tenant must not show that tenant's data.
    const ofTenant =
      tenant === undefined ? sql`` : sql` and ${isTenant(sql.ref(`${field.alias}.${tenant}`), compiled, scope)}`;
    joins.push(sql` left join ${sql.table(table)} as ${sql.ref(field.alias)}
      on ${sql.ref(`${field.alias}.${key}`)} = ${sql.ref(`r.${column}`)}${ofTenant}`);
  }
  if (side !== undefined) {
    joins.push(sql` left join ${sql.table(side)} as s on s.tenant = ${scope.tenant}
      and s.row_id = ${sql.ref(`r.${mapping.id.column}`)}`);
  }
  return sql`${sql.table(mapping.table)} as r${sql.join(joins, sql``)}`;
}

/** A condition on rows: those of the tenant that are not deleted. */
export function visible(compiled: CompiledMapping, scope: MappedScope, alias = 'r'): Fragment {
  const { mapping } = compiled;
  const ofTenant =
    mapping.tenant === undefined ? sql`1 = 1` : isTenant(sql.ref(`${alias}.${mapping.tenant.column}`), compiled, scope);
  return mapping.softDelete === undefined
    ? ofTenant
    : sql`${ofTenant} and ${sql.ref(`${alias}.${mapping.softDelete.column}`)} is null`;
}

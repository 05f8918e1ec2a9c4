import { type Kysely, type RawBuilder, sql } from 'kysely';
import { ConflictError } from '../../errors.js';
import { normalize } from '../../schema/normalize.js';
import type { Attributes } from '../../contract/attribute.js';
import { columnTypes, type Dialect, dialectOf } from '../../database/dialect.js';
import { valueAt } from './assemble.js';
import { type Compiled, columnList, fromClause, type Scope, toResource, type Row, visible } from './compiled.js';
import type { Mapping } from './define.js';

/** Names of the side tables: one for users, one for groups. */
export interface SideTables {
  readonly users: string;
  readonly groups: string;
}

/** Names of the side tables for a prefix, such as `scim_side_`. */
export function sideTables(prefix: string): SideTables {
  if (!/^[a-z_][a-z0-9_]{0,40}$/i.test(prefix)) {
    throw new TypeError('sideTables must be a prefix of letters, digits and underscores, such as scim_side_.');
  }
  return { users: `${prefix}users`, groups: `${prefix}groups` };
}

/** Options of `createSideTables`. */
export interface SideTableOptions {
  readonly users: Mapping;
  readonly groups?: Mapping | undefined;
  /** What the names of the tables begin with. Default `scim_side_`. */
  readonly sideTables?: string | undefined;
  readonly dialect?: Dialect | undefined;
}

/**
 * Creates the side tables: what SCIM needs and a host's table has no place for.
 *
 * The host's own tables stay as they are. `tenant` and `row_id` lead to a row, whose values stand in it alone; here are
 * `external_id`, the prepared `userName` under a unique index, a count of SCIM's writes, their times, and as JSON the
 * attributes without a column.
 */
export async function createSideTables<DB>(given: Kysely<DB>, options: SideTableOptions): Promise<void> {
  const db = given as unknown as Kysely<unknown>;
  const dialect = options.dialect ?? dialectOf(db);
  const names = sideTables(options.sideTables ?? 'scim_side_');
  const { key, json, integer, suffix } = columnTypes[dialect];
  const pairs = [
    [names.users, options.users],
    [names.groups, options.groups],
  ] as const;
  for (const [name, mapping] of pairs) {
    if (mapping === undefined) continue;
    await sql`create table ${sql.table(name)} (tenant ${key(100)} not null, row_id ${rowIdType(mapping, dialect)} not null,
      external_id ${key(250)}, prepared ${key(250)}, revision ${integer} not null, created ${integer} not null,
      last_modified ${integer} not null, rest ${json} not null, primary key (tenant, row_id))${suffix}`.execute(db);
    await sql`create unique index ${sql.ref(`${name}_prepared`)} on ${sql.table(name)} (tenant, prepared)`.execute(db);
    await sql`create index ${sql.ref(`${name}_external`)} on ${sql.table(name)} (tenant, external_id)`.execute(db);
  }
}

/** Drops the side tables with everything in them. */
export async function dropSideTables<DB>(given: Kysely<DB>, options: SideTableOptions): Promise<void> {
  const db = given as unknown as Kysely<unknown>;
  const names = sideTables(options.sideTables ?? 'scim_side_');
  await db.schema.dropTable(names.users).execute();
  if (options.groups !== undefined) await db.schema.dropTable(names.groups).execute();
}

function rowIdType({ id }: Mapping, dialect: Dialect): RawBuilder<unknown> {
  if (id.type === 'integer') return sql.raw(dialect === 'sqlite' ? 'integer' : 'bigint');
  if (id.type === 'uuid' && dialect === 'postgres') return sql.raw('uuid');
  return sql.raw(dialect === 'sqlite' ? 'text' : 'varchar(250)');
}

/** What a write puts into the side table. */
export interface SideRow {
  readonly externalId: string | undefined;
  /** Prepared form of the unique name; undefined: as it was. */
  readonly normalized: string | undefined;
  readonly rest: Attributes;
}

/** Writes the side row of a resource: one count more, whatever was there. The host's row is locked by then. */
export async function writeSide(
  key: string | number,
  row: SideRow,
  { created, now }: { readonly created: number; readonly now: number },
  compiled: Compiled,
  scope: Scope,
): Promise<void> {
  if (compiled.side === undefined) return;
  const table = sql.table(compiled.side);
  const { tenant, db } = scope;
  const rest = JSON.stringify(row.rest);
  const { numAffectedRows } = await sql`update ${table} set external_id = ${row.externalId ?? null},
    ${row.normalized === undefined ? sql`` : sql`prepared = ${row.normalized},`} revision = revision + 1,
    last_modified = case when last_modified > ${now} then last_modified else ${now} end, rest = ${rest}
    where tenant = ${tenant} and row_id = ${key}`.execute(db);
  if (numAffectedRows !== 0n && numAffectedRows !== undefined) return;
  await sql`insert into ${table} (tenant, row_id, external_id, prepared, revision, created, last_modified, rest)
    values (${tenant}, ${key}, ${row.externalId ?? null}, ${row.normalized ?? null}, 1, ${created}, ${now}, ${rest})`.execute(
    db,
  );
}

/**
 * Sees to it that a prepared name is free: a row that the host has renamed or deleted since gives it up. Two writers
 * that both find it free are told apart by the unique index.
 *
 * @throws ConflictError where somebody has it
 */
export async function claimNormalized(
  normalized: string,
  key: string | number | undefined,
  compiled: Compiled,
  scope: Scope,
): Promise<void> {
  const { side, mapping, type, fields } = compiled;
  if (side === undefined) return;
  const { rows } = await sql<{ row_id: unknown }>`select row_id from ${sql.table(side)}
    where tenant = ${scope.tenant} and prepared = ${normalized}`.execute(scope.db);
  const [holder] = rows;
  if (holder === undefined || (key !== undefined && String(holder.row_id) === String(key))) return;
  const path = type === 'User' ? 'userName' : 'displayName';
  const { rows: owners } = await sql<Row>`select ${columnList(compiled)} from ${fromClause(compiled, scope)}
    where ${sql.ref(`r.${mapping.id.column}`)} = ${holder.row_id} and ${visible(compiled, scope)}`.execute(scope.db);
  const [owner] = owners;
  const field = fields.find(({ place }) => place.path === path);
  const name = owner && field ? valueAt(toResource<Attributes>(owner, compiled), field) : undefined;
  if (typeof name === 'string' && normalize({ path, caseExact: false }, name) === normalized)
    throw new ConflictError(path);
  await sql`update ${sql.table(side)} set prepared = null where tenant = ${scope.tenant} and row_id = ${holder.row_id}`.execute(
    scope.db,
  );
}

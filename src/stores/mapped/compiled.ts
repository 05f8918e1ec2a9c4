import { createHash } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Attributes } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import type { Dialect } from '../../database/dialect.js';
import { assemble } from './assemble.js';
import type { Mapping } from './define.js';
import { type Field, fieldsOf } from './fields.js';

/** A mapping made ready for one database: what statements about its table have in common. */
export interface Compiled {
  readonly type: 'User' | 'Group';
  readonly mapping: Mapping;
  readonly fields: readonly Field[];
  readonly dialect: Dialect;
  /** Name of the side table of this resource type. */
  readonly side: string | undefined;
  /** Host columns that are read, each with the name that a row has it under. */
  readonly columns: ReadonlyMap<string, string>;
  /** Where attributes go that have no column. */
  readonly restIn: 'column' | 'side' | undefined;
  /** The other users' mapping, to which references lead. */
  readonly users: () => Compiled;
}

/** Where statements run, and for whom. */
export interface Scope {
  readonly db: Kysely<unknown>;
  readonly tenant: string;
}

export type Row = Readonly<Record<string, unknown>>;

/** @throws TypeError where a mapping cannot work */
export function compileMapping(
  type: 'User' | 'Group',
  mapping: Mapping,
  { dialect, side, users }: Pick<Compiled, 'dialect' | 'side'> & { readonly users: (() => Compiled) | undefined },
): Compiled {
  const fields = fieldsOf(mapping);
  const need = type === 'User' ? 'userName' : 'displayName';
  if (!fields.some(({ place }) => place.path === need)) {
    throw new TypeError(`The mapping of ${mapping.table} lacks ${need}: SCIM cannot do without it.`);
  }
  if (mapping.version === 'xmin' && dialect !== 'postgres') {
    throw new TypeError(`Only PostgreSQL has xmin: give the mapping of ${mapping.table} a version column, or 'hash'.`);
  }
  if (mapping.version === 'hash' && side === undefined && (type === 'Group' || fields.some(isApart))) {
    throw new TypeError(
      `A hash of ${mapping.table} does not cover what stands in other tables: give it a version column, or the store a side table.`,
    );
  }
  const names = new Set<string>([mapping.id.column]);
  const { version, created, lastModified, rest } = mapping;
  for (const name of [created, lastModified, rest]) if (name !== undefined) names.add(name);
  if (typeof version === 'object') names.add(version.column);
  for (const field of fields) for (const name of columnsOf(field)) names.add(name);
  const compiled: Compiled = {
    type,
    mapping,
    fields,
    dialect,
    side,
    columns: new Map([...names].map((name, i) => [name, `h${String(i)}`])),
    restIn: rest !== undefined ? 'column' : side !== undefined ? 'side' : undefined,
    users: users ?? (() => compiled),
  };
  return compiled;
}

function isApart({ kind }: Field): boolean {
  return kind === 'children';
}

/** Host columns that a field reads. */
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

/** What a select names. */
export function columnList({ columns, fields, side, mapping }: Compiled): RawBuilder<unknown> {
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

/** The table with what belongs to each of its rows. */
export function fromClause({ mapping, fields, side }: Compiled, { tenant }: Scope): RawBuilder<unknown> {
  const joins: RawBuilder<unknown>[] = [];
  for (const field of fields) {
    if (field.kind !== 'lookup') continue;
    const { table, key, column } = field.lookup;
    joins.push(sql` left join ${sql.table(table)} as ${sql.ref(field.alias)}
      on ${sql.ref(`${field.alias}.${key}`)} = ${sql.ref(`r.${column}`)}`);
  }
  if (side !== undefined) {
    joins.push(sql` left join ${sql.table(side)} as s on s.tenant = ${tenant}
      and s.row_id = ${sql.ref(`r.${mapping.id.column}`)}`);
  }
  return sql`${sql.table(mapping.table)} as r${sql.join(joins, sql``)}`;
}

/** Rows of the tenant that are not deleted. */
export function visible({ mapping }: Compiled, { tenant }: Scope, alias = 'r'): RawBuilder<unknown> {
  const own =
    mapping.tenant === undefined
      ? sql`1 = 1`
      : sql`${sql.ref(`${alias}.${mapping.tenant.column}`)} = ${mapping.tenant.write(tenant)}`;
  return mapping.softDelete === undefined
    ? own
    : sql`${own} and ${sql.ref(`${alias}.${mapping.softDelete.column}`)} is null`;
}

/** The primary key that an id stands for; undefined where it can be none of this table's. */
export function keyOf({ mapping: { id } }: Compiled, given: string): string | number | undefined {
  if (!given.startsWith(id.prefix)) return undefined;
  const key = given.slice(id.prefix.length);
  if (id.type === 'integer') {
    return /^(?:0|[1-9]\d{0,15})$/.test(key) && Number.isSafeInteger(Number(key)) ? Number(key) : undefined;
  }
  if (id.type === 'uuid') return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key) ? key : undefined;
  return key === '' || key.length > 250 || key.includes('\0') ? undefined : key;
}

/** A primary key as a parameter: one that is too large for the column is nobody's, and no error. */
export function keyParameter({ mapping: { id }, dialect }: Compiled, key: string | number): RawBuilder<unknown> {
  return dialect === 'postgres' && id.type === 'integer' ? sql`cast(${key} as bigint)` : sql`${key}`;
}

/** A test that a column holds a primary key, letter for letter: ids are caseExact (RFC 7643 3.1). */
export function isKey(column: RawBuilder<unknown>, key: string | number, compiled: Compiled): RawBuilder<unknown> {
  const test = sql`${column} = ${keyParameter(compiled, key)}`;
  return typeof key === 'number' ? test : sql`(${test} and ${isExactly(column, key, compiled.dialect)})`;
}

/** A column as a text: PostgreSQL has no `lower` of an enum, no empty UUID; of texts an index is used as before. */
export function asText(column: RawBuilder<unknown>, dialect: Dialect): RawBuilder<unknown> {
  return dialect === 'postgres' ? sql`cast(${column} as text)` : column;
}

/** A comparison that no collation has a say in. */
export function isExactly(column: RawBuilder<unknown>, text: string, dialect: Dialect): RawBuilder<unknown> {
  switch (dialect) {
    case 'postgres':
      return sql`cast(${column} as text) collate "C" = ${text}`;
    case 'mysql':
      return sql`cast(convert(${column} using utf8mb4) as binary) = ${text}`;
    case 'sqlite':
      return sql`${column} collate binary = ${text}`;
  }
}

/** The id that a primary key is known by. */
export function idOf({ mapping: { id } }: Compiled, key: unknown): string {
  return id.prefix + textOf(key);
}

/** The resource in a row, without what stands in other tables. */
export function toResource<R>(row: Row, compiled: Compiled): Stored<R> {
  const { mapping, fields, columns } = compiled;
  const attributes = assemble(fields, (field) => readField(field, row, compiled), restOfRow(row, compiled));
  const external = plainValue(row['s_external_id']);
  const at = (name: string | undefined): unknown => (name === undefined ? undefined : row[columns.get(name) ?? '']);
  const meta = {
    created: timeOf(row['s_created'] ?? at(mapping.created)),
    lastModified: timeOf(row['s_last_modified'] ?? at(mapping.lastModified) ?? at(mapping.created)),
    version: versionOf(row, compiled),
  };
  return {
    ...attributes,
    ...(typeof external === 'string' && { externalId: external }),
    id: idOf(compiled, row[columns.get(mapping.id.column) ?? '']),
    meta,
  } as unknown as Stored<R>;
}

function restOfRow(row: Row, { restIn, mapping, columns }: Compiled): Attributes {
  const given =
    restIn === 'side' ? row['s_rest'] : restIn === 'column' ? row[columns.get(mapping.rest ?? '') ?? ''] : null;
  if (given === null || given === undefined) return {};
  // A json column comes as a value, a text column as text.
  const rest: unknown =
    typeof given === 'object' && !Buffer.isBuffer(given) ? given : JSON.parse(textOf(given) || '{}');
  return typeof rest === 'object' && rest !== null ? (rest as Attributes) : {};
}

/** What a field holds in a row. */
export function readField(field: Field, row: Row, compiled: Compiled): unknown {
  const { columns } = compiled;
  switch (field.kind) {
    case 'constant':
      return field.value;
    case 'children':
      return undefined;
    case 'lookup':
      return plainValue(row[field.alias]);
    case 'computed':
      return field.read(Object.fromEntries(field.columns.map((name) => [name, row[columns.get(name) ?? '']])));
    default:
  }
  const value = row[columns.get(field.column) ?? ''];
  switch (field.kind) {
    case 'flag':
      return field.on.some((state) => isSame(state, value));
    case 'converted':
      return field.read(value);
    case 'reference':
      return value === null || value === undefined ? undefined : idOf(compiled.users(), value);
    default:
      return isTruth(field) && value !== null && value !== undefined ? Number(value) !== 0 : plainValue(value);
  }
}

// SQLite and MySQL hold truth values as 0 and 1.
function isTruth({ place }: Field): boolean {
  return place.path === 'active' || (place.slot !== undefined && place.keys[0] === 'primary');
}

/** A value of a driver as plain JSON. */
export function plainValue(value: unknown): unknown {
  if (value === null) return undefined;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'bigint' ? Number(value) : value;
}

/** True where a driver's value is what the mapping names, whatever the driver makes of numbers and truth values. */
export function isSame(named: unknown, value: unknown): boolean {
  return (
    named === value || (named !== null && value !== null && value !== undefined && textOf(named) === textOf(value))
  );
}

export function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (value instanceof Date) return value.toISOString();
  // Arrays and JSON, as the driver of PostgreSQL gives them.
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(typeof value === 'boolean' ? Number(value) : value);
}

function timeOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' || typeof value === 'bigint') return new Date(Number(value)).toISOString();
  if (typeof value === 'string' && value !== '') {
    const time = /^\d+$/.test(value)
      ? Number(value)
      : Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`);
    if (!Number.isNaN(time)) return new Date(time).toISOString();
  }
  // Nobody knows when: the host's table does not say.
  return new Date(0).toISOString();
}

/** The version of a row: what the host's writers change, and the count of SCIM's own writes. */
export function versionOf(row: Row, { mapping, columns, fields }: Compiled): string {
  const revision = row['s_revision'];
  const own = revision === undefined ? '' : `.${textOf(revision ?? 0)}`;
  if (mapping.version === 'xmin') return `${textOf(row['x'])}${own}`;
  if (typeof mapping.version === 'object') {
    return `${textOf(row[columns.get(mapping.version.column) ?? ''])}${own}`.replace(/[^\w.-]/g, '-');
  }
  const names = new Set(fields.flatMap((field) => columnsOf(field)));
  const content = [...names]
    .map((name) => row[columns.get(name) ?? ''] ?? null)
    .map((value) => (value === null ? null : textOf(value)));
  if (mapping.rest !== undefined) content.push(JSON.stringify(row[columns.get(mapping.rest) ?? ''] ?? null));
  return `${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)}${own}`;
}

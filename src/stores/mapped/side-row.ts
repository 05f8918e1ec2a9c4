import { createHash } from 'node:crypto';
import { sql } from '../../database/sql.js';
import type { Attributes } from '../../contract/attribute.js';
import { ConflictError, InvalidValueError } from '../../errors.js';
import { normalize } from '../../schema/normalize.js';
import { restOf, valueAt } from './assemble.js';
import type { ColumnChange } from './column-change.js';
import { type CompiledMapping, fromClause, type Row, type MappedScope, visible } from './compile-mapping.js';
import type { Key } from './primary-key.js';
import { toResource } from './read-row.js';

/** The columns of a side row that a write sets. */
export interface SideRow {
  readonly externalId: string | undefined;
  /** The normalized unique name; undefined leaves it as it is. */
  readonly normalized: string | undefined;
  readonly rest: Attributes;
}

/** When a resource was created (0: unknown) and when it is written, in milliseconds since 1970. */
export interface WriteTimes {
  readonly created: number;
  readonly now: number;
}

/** A write as its side row sees it. */
export interface SideWrite {
  readonly after: Attributes;
  readonly columns: ColumnChange;
  readonly normalized: string | undefined;
}

/** The attributes of a resource that have no column. With a side table, `externalId` has a column there. */
export function attributesInRest(
  resource: Attributes,
  unplaced: ColumnChange['unplaced'],
  { fields, side }: CompiledMapping,
): Attributes {
  const { externalId, ...rest } = restOf(resource, fields, unplaced);
  return side !== undefined || externalId === undefined ? rest : { ...rest, externalId };
}

/** How many characters the indexed columns of a side table hold. */
const maxLength = 250;

/** A normalized name as its unique index holds it: a longer one as a digest. */
function indexable(normalized: string): string {
  if (normalized.length <= maxLength) return normalized;
  return `sha256:${createHash('sha256').update(normalized).digest('hex')}`;
}

/** Writes the side row of a resource, if the store has side tables. */
export async function saveSideRow(
  key: Key,
  { after, columns, normalized }: SideWrite,
  times: WriteTimes,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<void> {
  const externalId = after['externalId'];
  if (typeof externalId === 'string' && externalId.length > maxLength) {
    throw new InvalidValueError(`externalId is too long: this service stores up to ${String(maxLength)} characters.`);
  }
  const row = {
    externalId: typeof externalId === 'string' ? externalId : undefined,
    normalized,
    rest: compiled.restIn === 'side' ? attributesInRest(after, columns.unplaced, compiled) : {},
  };
  await writeSideRow(key, row, times, compiled, scope);
}

/** Inserts or updates a side row, and increments its revision. The caller has locked the host's row. */
export async function writeSideRow(
  key: Key,
  row: SideRow,
  { created, now }: WriteTimes,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<void> {
  if (compiled.side === undefined) return;
  const table = sql.table(compiled.side);
  const { tenant, db } = scope;
  const rest = JSON.stringify(row.rest);
  // `lastModified` must not go back when the system clock does.
  const { numAffectedRows } = await sql`update ${table} set external_id = ${row.externalId ?? null},
    ${row.normalized === undefined ? sql`` : sql`normalized = ${indexable(row.normalized)},`} revision = revision + 1,
    last_modified = case when last_modified > ${now} then last_modified else ${now} end, rest = ${rest}
    where tenant = ${tenant} and row_id = ${key}`.execute(db);
  if (numAffectedRows !== 0n && numAffectedRows !== undefined) return;
  await sql`insert into ${table} (tenant, row_id, external_id, normalized, revision, created, last_modified, rest)
    values (${tenant}, ${key}, ${row.externalId ?? null},
      ${row.normalized === undefined ? null : indexable(row.normalized)}, 1, ${created}, ${now}, ${rest})`.execute(db);
}

/**
 * Checks that a normalized name is free. A row that the host has since renamed or deleted gives it up. Of two writers
 * that both find it free, the unique index lets one succeed.
 *
 * @throws ConflictError when another resource has the name
 */
export async function checkNameIsFree(
  normalized: string,
  key: Key | undefined,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<void> {
  const { side, mapping, type, fields } = compiled;
  if (side === undefined) return;
  const { rows } = await sql<{ row_id: unknown }>`select row_id from ${sql.table(side)}
    where tenant = ${scope.tenant} and normalized = ${indexable(normalized)}`.execute(scope.db);
  const [owner] = rows;
  if (owner === undefined || (key !== undefined && String(owner.row_id) === String(key))) return;
  const path = type === 'User' ? 'userName' : 'displayName';
  const { rows: ownerRows } = await sql<Row>`select ${compiled.selected} from ${fromClause(compiled, scope)}
    where ${sql.ref(`r.${mapping.id.column}`)} = ${owner.row_id} and ${visible(compiled, scope)}`.execute(scope.db);
  const [ownerRow] = ownerRows;
  const field = fields.find(({ place }) => place.path === path);
  const name = ownerRow && field ? valueAt(toResource<Attributes>(ownerRow, compiled), field) : undefined;
  if (typeof name === 'string' && normalize({ path, caseExact: false }, name) === normalized) {
    throw new ConflictError(path);
  }
  await sql`update ${sql.table(side)} set normalized = null where tenant = ${scope.tenant} and row_id = ${owner.row_id}`.execute(
    scope.db,
  );
}

import { createHash } from 'node:crypto';
import { type Fragment, sql } from '../../database/sql.js';
import { ConflictError } from '../../errors.js';
import { storable } from '../../database/storable.js';
import { hasCode } from '../../database/transaction.js';
import { columnText, isUniqueColumn } from './attribute-columns.js';
import type { MemberScope } from './members.js';
import { isOneOf, rowSource } from './row-source.js';
import { ifWritten } from './write-batch.js';

/** Normalized values of unique attributes, by path; null frees the key of the path. */
type Keys = Readonly<Record<string, string | null>>;

/** The unique keys that a write moves, without those that are a column. */
export interface KeyChange {
  /** Paths whose keys the resource loses. */
  readonly freed: readonly string[];
  readonly taken: readonly (readonly [path: string, normalized: string])[];
}

/** Whether a write moves keys that are no columns. */
export function hasOwnKeys(keys: Keys, type: string): boolean {
  return Object.keys(keys).some((path) => !isUniqueColumn(path, type));
}

/** The keys of a new resource. */
export function keysOfCreation(keys: Keys, type: string): KeyChange {
  return {
    freed: [],
    taken: ownKeys(keys, type).flatMap(([path, key]) => (key === null ? [] : [[path, key] as const])),
  };
}

/** The keys of a change, without those that the resource has already. */
export async function keysOfChange(id: string, keys: Keys, type: string, scope: MemberScope): Promise<KeyChange> {
  const requested = ownKeys(keys, type);
  if (requested.length === 0) return { freed: [], taken: [] };
  const { rows } = await sql<{ path: unknown; normalized: unknown }>`select path, normalized
    from ${sql.table(scope.tables.keys)} where tenant = ${scope.tenant} and id = ${id}`.execute(scope.db);
  const stored = new Map(rows.map(({ path, normalized }) => [String(path), String(normalized)]));
  const changed = requested.filter(([path, key]) => (stored.get(path) ?? null) !== key);
  return {
    freed: changed.map(([path]) => path).filter((path) => stored.has(path)),
    taken: changed.flatMap(([path, key]) => (key === null ? [] : [[path, key] as const])),
  };
}

// Always in the same order, so that two writes with two keys each do not deadlock.
function ownKeys(keys: Keys, type: string): readonly (readonly [path: string, key: string | null])[] {
  return Object.entries(keys)
    .filter(([path]) => !isUniqueColumn(path, type))
    .map(([path, key]) => [path, key === null ? null : indexable(key)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The statements of a batch that move keys. */
export function keyStatements(
  id: string,
  type: string,
  { freed, taken }: KeyChange,
  { dialect, tables, tenant }: MemberScope,
): readonly Fragment[] {
  const table = sql.table(tables.keys);
  const gate = dialect === 'postgres' ? sql` and exists (select 1 from w)` : sql``;
  const statements: Fragment[] = [];
  if (freed.length > 0) {
    statements.push(sql`delete from ${table} where tenant = ${tenant} and type = ${type}
      and ${isOneOf(dialect, sql`path`, freed)} and id = ${id}${gate}`);
  }
  if (taken.length > 0) {
    const rows = rowSource(dialect, 'v', ['text', 'text'], taken);
    statements.push(sql`insert into ${table} (tenant, type, path, normalized, id)
      select ${tenant}, ${type}, v.c0, v.c1, ${id} from ${ifWritten(dialect, rows)}`);
  }
  return statements;
}

const uniqueViolation: ReadonlySet<unknown> = new Set([
  ...['23505', 1062],
  ...['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'],
]);

/** Whether a write violated a unique index. */
export function isUniqueViolation(error: unknown): boolean {
  return hasCode(error, uniqueViolation) || (error instanceof Error && /unique constraint failed/i.test(error.message));
}

/** The unique attribute whose value another resource has; undefined when it was freed in the meantime. */
export async function takenKey(
  id: string,
  keys: Keys,
  type: string,
  { db, tables, tenant }: MemberScope,
): Promise<ConflictError | undefined> {
  for (const [path, key] of Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key === null) continue;
    const { rows } = isUniqueColumn(path, type)
      ? await sql`select 1 from ${sql.table(tables.users)} where tenant = ${tenant} and user_name = ${columnText(key)}
          and id <> ${id}`.execute(db)
      : await sql`select 1 from ${sql.table(tables.keys)} where tenant = ${tenant} and type = ${type} and path = ${path}
          and normalized = ${indexable(key)} and id <> ${id}`.execute(db);
    if (rows.length > 0) return new ConflictError(path);
  }
  return undefined;
}

// A value that is too long for an index is stored as its digest.
function indexable(normalized: string): string {
  if (normalized.length <= 100) return storable(normalized);
  return `sha256:${createHash('sha256').update(normalized).digest('hex')}`;
}

import { type RawBuilder, sql } from 'kysely';
import { VersionMismatchError } from '../../errors.js';
import type { Attributes, Change, ChangeEvent, Stored, WriteResult } from '../contract.js';
import type { MemberScope } from './members.js';
import { type ResourceRow, toStored } from './rows.js';
import { type ValueRow, valuesOf } from './values.js';
import { activeOf, changedAttributes, nameOf, only, outboxRows, stands } from './writes.js';

/** PostgreSQL takes 65,535 parameters; under a lock values are written in parts. */
const mostValues = 1_000;

/** What an optimistic update needs to know of its table. */
export interface OptimisticTarget {
  readonly table: string;
  readonly outbox: boolean;
}

/**
 * Changes attributes in two statements without a transaction: the row is read, and written where its version is still
 * the same. For PostgreSQL, whose statements can change several tables at once; it saves half of the round trips.
 *
 * @returns `'locked'` where it has to be done under a lock: unique keys change, or somebody else was faster
 * @throws VersionMismatchError
 */
export async function updateOptimistically<R extends object>(
  id: string,
  change: Change<R>,
  { table, outbox }: OptimisticTarget,
  scope: MemberScope,
): Promise<WriteResult<R> | 'locked' | undefined> {
  const { db, tables, tenant } = scope;
  const { rows } = await sql<
    ResourceRow & { key_paths: unknown }
  >`select id, attributes, created, last_modified, version,
    (select string_agg(k.path, ${'\n'}) from ${sql.table(tables.keys)} k where k.tenant = r.tenant and k.id = r.id) as key_paths
    from ${sql.table(table)} r where tenant = ${tenant} and id = ${id}`.execute(db);
  const [row] = rows;
  if (row === undefined) return undefined;
  if (change.ifVersion !== undefined && change.ifVersion !== String(row.version)) throw new VersionMismatchError();
  const before = toStored<R>(row);
  const changed = changedAttributes(JSON.parse(String(row.attributes)) as Attributes, change.set, change.unset);
  if (changed === undefined) return { resource: before, changed: false, before, added: [], removed: [] };
  const { attributes, names } = changed;
  const values = valuesOf(only(attributes, names));
  if (values.length > mostValues) return 'locked';
  const keys = [...String(row.key_paths ?? '').split('\n'), ...Object.keys(change.keys)];
  if (keys.some((path) => names.some((name) => stands(path, name)))) return 'locked';
  const next: ResourceRow = {
    ...row,
    attributes: JSON.stringify(attributes),
    // A system clock may be set back.
    last_modified: Math.max(Date.now(), Number(row.last_modified)),
    version: Number(row.version) + 1,
  };
  const resource: Stored<R> = toStored<R>(next);
  const result = { resource, changed: true, before, added: [], removed: [] };
  const { rows: written } = await sql`with u as (update ${sql.table(table)} set attributes = ${next.attributes},
      name = ${nameOf(attributes)}, active = ${activeOf(attributes)}, last_modified = ${next.last_modified},
      version = ${next.version} where tenant = ${tenant} and id = ${id} and version = ${row.version} returning id)
    ${valueChanges(values, names, id, scope)}${outbox ? eventRows(change.events(result), scope) : sql``}
    select id from u`.execute(db);
  return written.length === 0 ? 'locked' : result;
}

/** Brings the prepared values of changed attributes up to date: rows that stay in place are written over. */
function valueChanges(
  values: readonly ValueRow[],
  names: readonly string[],
  id: string,
  { tables, tenant }: MemberScope,
): RawBuilder<unknown> {
  const table = sql.table(tables.values);
  const counts = new Map(names.map((name) => [name, 0]));
  for (const { attribute, n } of values) counts.set(attribute, Math.max(counts.get(attribute) ?? 0, n + 1));
  const surplus = [...counts].map(([name, count]) => sql`(v.attribute = ${name} and v.n >= ${count})`);
  const gone = sql`, d as (delete from ${table} v using u where v.tenant = ${tenant} and v.id = ${id}
    and (${sql.join(surplus, sql` or `)}))`;
  if (values.length === 0) return gone;
  const text = (value: string | null): RawBuilder<unknown> => sql`cast(${value} as text)`;
  const whole = (value: number): RawBuilder<unknown> => sql`cast(${value} as bigint)`;
  const rows = values.map(
    (row) => sql`select ${text(tenant)}, ${text(id)}, ${text(row.attribute)}, ${whole(row.n)}, ${text(row.path)},
      ${whole(row.slot)}, ${whole(row.leading)}, ${text(row.short)}, ${text(row.folded)}, ${text(row.exact)},
      cast(${row.instant} as double precision) from u`,
  );
  return sql`${gone}, i as (insert into ${table}
    (tenant, id, attribute, n, path, slot, leading_value, short, folded, exact_form, instant)
    ${sql.join(rows, sql` union all `)}
    on conflict (tenant, id, attribute, n) do update set path = excluded.path, slot = excluded.slot,
      leading_value = excluded.leading_value, short = excluded.short, folded = excluded.folded,
      exact_form = excluded.exact_form, instant = excluded.instant)`;
}

function eventRows(events: readonly ChangeEvent[], { tables }: MemberScope): RawBuilder<unknown> {
  const rows = outboxRows(events).map(
    ({ place, created, event }) =>
      sql`select cast(${place} as text), cast(${created} as bigint), cast(${event} as text) from u`,
  );
  if (rows.length === 0) return sql``;
  return sql`, o as (insert into ${sql.table(tables.outbox)} (id, created, event) ${sql.join(rows, sql` union all `)})`;
}

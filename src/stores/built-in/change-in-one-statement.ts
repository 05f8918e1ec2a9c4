import type { Attributes } from '../../contract/attribute.js';
import type { Change, WriteResult } from '../../contract/store.js';
import { withoutUndefined } from '../../contract/without-undefined.js';
import { type Fragment, sql } from '../../database/sql.js';
import { storable } from '../../database/storable.js';
import { hasCode } from '../../database/transaction.js';
import { applyChange } from '../apply-change.js';
import { attributeColumnsOf, columnTexts } from './attribute-columns.js';
import { documentOf, instantSuffix } from './document.js';
import { withGroupsOfRow } from './list-source.js';
import { attributesOf, groupsColumn, nameOf, type ResourceRow, storedAs } from './resource-row.js';
import { hasOwnKeys } from './unique-keys.js';
import { checkVersion, needsLock, type NeedsLock, type WriteScope } from './write-resource.js';

/** The row as it was, and what it is now; null in the second part where nothing changed. */
interface ChangedRow extends ResourceRow {
  readonly next_version: unknown;
  readonly next_modified: unknown;
}

/**
 * PostgreSQL: changes attributes of a resource in one statement. It locks the row, compares its attributes with what they
 * become, and returns them as they were.
 *
 * @returns `needsLock` when nothing was written, and the change has to be made in the general way; undefined when there is no
 * such resource
 * @throws VersionMismatchError when `change.ifVersion` is not the version of the row
 */
export async function changeInOneStatement<R extends object>(
  id: string,
  change: Change<R>,
  scope: WriteScope,
): Promise<WriteResult<R> | NeedsLock | undefined> {
  const { db, dialect, tables, tenant, type, table } = scope;
  const { ifVersion, selection } = change;
  const assigned = type === 'Group' && selection.has('members') ? undefined : assignmentsOf(change, scope);
  if (assigned === undefined) return needsLock;
  const groups = type === 'User' && selection.has('groups') ? groupsColumn(dialect, tables, { row: sql`n` }) : sql``;
  const target = sql.table(table);
  const version = ifVersion === undefined ? sql`` : sql` and cast(n.version as text) = ${ifVersion}`;
  const statement = sql<ChangedRow>`with o as materialized (
      select tenant, id, attributes, active, created, last_modified, version, cast(attributes as jsonb) as was
      from ${target} where tenant = ${tenant} and id = ${id} for no key update),
    n as materialized (select o.*, ${assigned.attributes} as becomes from o),
    u as (update ${target} r set ${assigned.columns}, version = n.version + 1,
      last_modified = greatest(n.last_modified, ${Date.now()})
      from n where r.tenant = ${tenant} and r.id = ${id}${version} and ${assigned.differs}
      returning r.version, r.last_modified)
    select n.id, n.attributes, n.active, n.created, n.last_modified, n.version, u.version as next_version,
      u.last_modified as next_modified${groups} from n left join u on true`;
  let row: ChangedRow | undefined;
  try {
    [row] = (await statement.execute(db)).rows;
  } catch (error) {
    if (hasCode(error, notBinaryJson)) return needsLock;
    throw error;
  }
  if (row === undefined) return undefined;
  checkVersion(row, ifVersion);
  return resultOf(row, change);
}

// `attributes` has a text that `jsonb` refuses, such as U+0000.
const notBinaryJson: ReadonlySet<unknown> = new Set(['22P05', '22P02']);

function resultOf<R extends object>(row: ChangedRow, change: Change<R>): WriteResult<R> {
  const old = attributesOf(row);
  const before = storedAs<R>(old, row);
  const { groups } = withGroupsOfRow<{ readonly groups?: unknown }>(row);
  const derived = groups === undefined ? {} : { groups };
  const moves = { added: [], removed: [] };
  if (row.next_version === null) return { resource: { ...before, ...derived }, changed: false, before, ...moves };
  const next = { ...row, version: row.next_version, last_modified: row.next_modified };
  return {
    resource: { ...storedAs<R>(applyChange(old, change).after, next), ...derived },
    changed: true,
    before,
    ...moves,
  };
}

interface Assignments {
  /** The attributes after the change, as `jsonb`. */
  readonly attributes: Fragment;
  readonly columns: Fragment;
  readonly differs: Fragment;
}

/** @returns undefined where a column depends on what is stored, or a key is in a table of its own */
function assignmentsOf<R extends object>(
  { set, unset, keys, caseExact }: Change<R>,
  { type, tenant }: WriteScope,
): Assignments | undefined {
  const values: Attributes = withoutUndefined({ ...set });
  const { active, ...others } = values;
  const touched = new Set([...Object.keys(values), ...unset]);
  if (hasOwnKeys(keys, type) || (active !== undefined && typeof active !== 'boolean')) return undefined;
  const columns = [
    sql`attributes = cast(n.becomes as text)`,
    sql`normalized = jsonb_build_object(cast(${storable(tenant)} as text), ((r.normalized -> cast(${storable(tenant)} as text))
      - ${textArray([...touched].flatMap((name) => [storable(name), storable(name) + instantSuffix]))})
      || cast(cast(${JSON.stringify(documentOf(values, { type, caseExact }))} as text) as jsonb))`,
  ];
  if (touched.has('displayName') || touched.has('userName')) {
    const { displayName } = values;
    const hasDisplayName = typeof displayName === 'string' && displayName !== '';
    if (!hasDisplayName && !(touched.has('displayName') && touched.has('userName'))) return undefined;
    columns.push(sql`name = ${nameOf(values)}`);
  }
  const texts = columnTexts(values, type);
  for (const [i, { column, path }] of attributeColumnsOf(type).entries()) {
    if (touched.has(path)) columns.push(sql`${sql.ref(column)} = ${texts[i] ?? null}`);
  }
  let differs = sql`n.becomes is distinct from n.was`;
  if (touched.has('active')) {
    const value = typeof active === 'boolean' ? Number(active) : null;
    columns.push(sql`active = ${value}`);
    differs = sql`(${differs} or n.active is distinct from ${value})`;
  }
  return {
    attributes: sql`(o.was - ${textArray([...touched])}) || cast(cast(${JSON.stringify(others)} as text) as jsonb)`,
    columns: sql.join(columns),
    differs,
  };
}

/** Texts as one parameter, so that the text of the statement does not depend on how many there are. */
function textArray(texts: readonly string[]): Fragment {
  return sql`array(select json_array_elements_text(cast(${JSON.stringify(texts)} as json)))`;
}

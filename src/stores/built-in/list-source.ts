import { type RawBuilder, sql } from 'kysely';
import type { AttributeRef, Selection } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import type { ListSource } from '../sql/list.js';
import { chunksWithPauses } from '../../database/chunks.js';
import { compileOrder, type SortColumn } from '../sql/order.js';
import { attributeColumnOf } from './attribute-columns.js';
import { compileToSql, type FilterScope } from './filter.js';
import { groupsOf, type MemberScope, membersOf, namesIn } from './members.js';
import { type ResourceRow, listedColumns, toStored } from './resource-row.js';
import { pathOf } from './value-rows.js';

/** The built-in table that is listed. */
export interface ListTarget {
  /** The table, called `r`. */
  readonly from: RawBuilder<unknown>;
  readonly type: string;
  readonly scanLimit: number;
  onScan(type: string): void;
}

const key = sql`r.id`;
const keyName = 'id';
// The order by id alone is the same in every dialect.
const byId = compileOrder([], { dialect: 'sqlite', key, keyName }, () => undefined);

/** The rows of one tenant in a built-in table, for `listRows`. */
export function builtInListSource<R>(target: ListTarget, scope: MemberScope): ListSource<R> {
  const { type, from, scanLimit } = target;
  const filterScope = { ...scope, type };
  return {
    db: scope.db,
    from,
    columns: listedColumns(scope.dialect),
    readLarge: (rows) => readLarge(rows, from, scope),
    visible: sql`r.tenant = ${scope.tenant}`,
    where: (filter) => compileToSql(filter, filterScope),
    order: (sort) =>
      sort.length === 0
        ? byId
        : compileOrder(sort, { dialect: scope.dialect, key, keyName }, (attribute, alias) =>
            sortColumn(attribute, alias, filterScope),
          ),
    toResource: (row) => toStored<R>(row as unknown as ResourceRow),
    complete: (resources, selection) => withMembers(resources, selection, type, scope),
    forEvaluation: (resources) => withDerived(resources, type, scope),
    scanLimit,
    onScan: () => target.onScan(type),
  };
}

type Row = Readonly<Record<string, unknown>>;

/** The rows with the attributes of those whose size made the list leave them out. */
async function readLarge(
  rows: readonly Row[],
  from: RawBuilder<unknown>,
  { db, tenant }: MemberScope,
): Promise<readonly Row[]> {
  const large = rows.filter(({ attributes }) => attributes === null);
  if (large.length === 0) return rows;
  const read = new Map<string, unknown>();
  for await (const ids of chunksWithPauses(
    large.map(({ id }) => String(id)),
    8,
  )) {
    const { rows: found } = await sql<{ id: unknown; attributes: unknown }>`select r.id, r.attributes from ${from}
      where r.tenant = ${tenant} and r.id in (${sql.join(ids)})`.execute(db);
    for (const { id, attributes } of found) read.set(String(id), attributes);
  }
  // A resource that was deleted in the meantime is no match any longer.
  return rows.flatMap((row) => {
    if (row['attributes'] !== null) return [row];
    const attributes = read.get(String(row['id']));
    return attributes === undefined ? [] : [{ ...row, attributes }];
  });
}

async function withMembers<R>(
  resources: readonly Stored<R>[],
  selection: Selection,
  type: string,
  scope: MemberScope,
): Promise<readonly Stored<R>[]> {
  if (type !== 'Group' || !selection.has('members') || resources.length === 0) return resources;
  const members = await membersOf(
    resources.map(({ id }) => id),
    scope,
  );
  return resources.map((resource) => ({ ...resource, members: members.get(resource.id) ?? [] }));
}

async function withDerived<R>(
  resources: readonly Stored<R>[],
  type: string,
  scope: MemberScope,
): Promise<readonly Stored<R>[]> {
  const ids = resources.map(({ id }) => id);
  if (type === 'User') {
    const groups = await groupsOf(ids, scope);
    return resources.map((user) => ({ ...user, groups: groups.get(user.id) ?? [] }));
  }
  if (type !== 'Group') return resources;
  const members = await membersOf(ids, scope);
  const names = await namesIn(
    new Set([...members.values()].flat().map(({ value }) => value)),
    [scope.tables.users, scope.tables.groups, ...scope.others.values()],
    scope,
  );
  return resources.map((group) => ({
    ...group,
    members: (members.get(group.id) ?? []).map((member) => {
      const display = names.get(member.value);
      return display === undefined ? member : { ...member, display };
    }),
  }));
}

/** Attributes that are columns of `r`. */
const columns: ReadonlyMap<string, SortColumn> = new Map([
  ['id', { value: sql`r.id` }],
  ['active', { value: sql`r.active` }],
  ['meta created', { value: sql`r.created` }],
  ['meta lastModified', { value: sql`r.last_modified` }],
]);

function sortColumn(
  attribute: AttributeRef,
  alias: string,
  { tables, type: resourceType }: FilterScope,
): SortColumn | undefined {
  const textColumn = attributeColumnOf(attribute, resourceType);
  if (textColumn !== undefined) return { value: textColumn.inRow };
  const { type, caseExact } = attribute;
  const keys = type === 'complex' ? [...attribute.keys, 'value'] : attribute.keys;
  const [top] = keys;
  const path = pathOf(keys);
  const rowColumn = columns.get(path);
  if (rowColumn !== undefined) return rowColumn;
  if (top === 'meta' || top === 'members' || top === 'groups') return undefined;
  const join = sql` left join ${sql.table(tables.values)} ${sql.ref(alias)} on ${sql.ref(`${alias}.tenant`)} = r.tenant
    and ${sql.ref(`${alias}.id`)} = r.id and ${sql.ref(`${alias}.path`)} = ${path} and ${sql.ref(`${alias}.leading_value`)} = 1`;
  const column = (which: string) => sql`${sql.ref(`${alias}.${which}`)}`;
  if (['boolean', 'decimal', 'integer', 'dateTime'].includes(type)) return { value: column('instant'), join };
  // RFC 7643 2.5: an empty string counts as unassigned.
  if (caseExact) return { value: sql`nullif(${column('exact_form')}, '')`, join };
  return { value: sql`nullif(${column('folded')}, '')`, indexed: [column('short'), column('folded')], join };
}

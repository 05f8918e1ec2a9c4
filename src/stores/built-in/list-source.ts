import { type Fragment, sql } from '../../database/sql.js';
import type { AttributeRef, Selection } from '../../contract/attribute.js';
import type { ListQuery } from '../../contract/filter.js';
import type { ScimContext } from '../../contract/context.js';
import type { Stored } from '../../contract/resource.js';
import { bytesOf, bytesOfPart, type ListSource, type Row } from '../sql/list-source.js';
import { chunksBySize } from '../../database/chunks.js';
import { nextTurn } from '../../contract/turns.js';
import type { Dialect } from '../../database/dialect.js';
import { compileOrder, type SortColumn } from '../sql/order.js';
import { attributeColumnOf } from './attribute-columns.js';
import { withoutIndex } from './document-postgres.js';
import {
  compileToSql,
  documentDialects,
  type FilterScope,
  hasColumnEquality,
  isFoundByIndex,
  narrowToSql,
} from './filter.js';
import { groupsOf, type MemberScope, membersOf, namesIn } from './members.js';
import {
  groupsColumn,
  groupsOfRow,
  listedColumns,
  mostGroupsInListedRow,
  type ResourceRow,
  toStored,
} from './resource-row.js';
import { isOneOf } from './row-source.js';
import { sqliteRanges } from './sqlite-ranges.js';

/** The built-in table that is listed. */
export interface ListTarget {
  readonly table: string;
  readonly type: string;
  readonly lookups: ReadonlySet<string>;
  readonly scanLimit: number;
  /** That of the request. Its signal is made at the first use, which most lists do not need. */
  readonly ctx: Pick<ScimContext, 'signal'>;
  onScan(type: string): void;
}

const key = sql`r.id`;
const keyName = 'id';
// The order by id alone is the same in every dialect.
const byId = compileOrder([], { dialect: 'sqlite', key, keyName }, () => undefined);

/** The rows of one tenant in a built-in table, for `listRows`. */
export function builtInListSource<R>(
  query: Pick<ListQuery<R>, 'filter' | 'selection' | 'sort' | 'page'>,
  target: ListTarget,
  scope: MemberScope,
): ListSource<R> {
  const { filter, selection } = query;
  const { type, table, scanLimit, lookups } = target;
  const { dialect, tables } = scope;
  const filterScope = { ...scope, type, lookups };
  const from = sql`${sql.table(table)} r`;
  const hasGroups = type === 'User' && selection.has('groups');
  const columns = listedColumns(dialect);
  const isSelective = dialect === 'postgres' && filter !== undefined && isFoundByIndex(filter, filterScope);
  const orderKey = isSelective ? withoutIndex(key) : key;
  const tenant = isSelective && !hasColumnEquality(filter, filterScope) ? withoutIndex(sql`r.tenant`) : sql`r.tenant`;
  return {
    db: scope.db,
    from,
    columns: hasGroups ? sql`${columns}${groupsColumn(dialect, tables, { most: mostGroupsInListedRow })}` : columns,
    byKey: { key, counted: countedTable(table, dialect), join: joinByKey[dialect] },
    ranges: dialect === 'sqlite' ? sqliteRanges(query, filterScope, target.ctx) : undefined,
    readLarge: (rows) => readLarge(rows, from, scope),
    visible: sql`${tenant} = ${scope.tenant}`,
    where: (each) => compileToSql(each, filterScope),
    narrow: (each) => narrowToSql(each, filterScope),
    order: (sort) =>
      sort.length === 0 && !isSelective
        ? byId
        : compileOrder(sort, { dialect, key: orderKey, keyName }, (attribute) => {
            const column = sortColumn(attribute, filterScope);
            return isSelective && column?.isText === true ? { value: withoutIndex(column.value) } : column;
          }),
    toResource: (row) => withGroupsOfRow<R>(row as unknown as ResourceRow),
    complete: (resources) => withMembers(resources, selection, type, scope),
    forEvaluation: (resources) => withDerived(resources, type, scope),
    scanLimit,
    onScan: () => target.onScan(type),
  };
}

/** Where they choose the order, SQLite and MariaDB may read all rows of the tenant, and look for each of them among the keys. */
const joinByKey = { postgres: sql`join`, sqlite: sql`cross join`, mysql: sql`straight_join` } as const;

/** The table for counting the rows of a tenant: InnoDB would read the rows themselves, unless an index is named. */
function countedTable(table: string, dialect: Dialect): Fragment {
  const hint = dialect === 'mysql' ? sql` use index (${sql.ref(`${table}_external_id`)})` : sql``;
  return sql`${sql.table(table)} r${hint}`;
}

/** The resource of a row, with its groups where the row has them. */
export function withGroupsOfRow<R>(row: ResourceRow): Stored<R> {
  const resource = toStored<R>(row);
  if (row.groups === undefined) return resource;
  const groups = groupsOfRow(row);
  return groups === undefined ? resource : { ...resource, groups };
}

/** The rows with the attributes of those whose size made the list leave them out. */
async function readLarge(
  rows: readonly Row[],
  from: Fragment,
  { db, dialect, tenant }: MemberScope,
): Promise<readonly Row[]> {
  const large = rows.filter(({ attributes }) => attributes === null);
  if (large.length === 0) return rows;
  const read = new Map<string, unknown>();
  for (const part of chunksBySize(large, bytesOf, bytesOfPart)) {
    if (read.size > 0) await nextTurn();
    const ids = part.map(({ id }) => String(id));
    const { rows: found } = await sql<{ id: unknown; attributes: unknown }>`select r.id, r.attributes from ${from}
      where r.tenant = ${tenant} and ${isOneOf(dialect, sql`r.id`, ids)}`.execute(db);
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
  ['meta.created', { value: sql`r.created` }],
  ['meta.lastModified', { value: sql`r.last_modified` }],
]);

function sortColumn(
  attribute: AttributeRef,
  { dialect, tenant, type }: FilterScope,
): (SortColumn & { readonly isText?: boolean }) | undefined {
  const textColumn = attributeColumnOf(attribute, type);
  if (textColumn !== undefined) return { value: textColumn.inRow, isText: true };
  const rowColumn = columns.get(attribute.path);
  if (rowColumn !== undefined) return rowColumn;
  const [top] = attribute.keys;
  if (top === 'meta' || top === 'members' || top === 'groups') return undefined;
  return { value: documentDialects[dialect].sortValue(attribute, tenant) };
}

import { type RawBuilder, sql } from 'kysely';
import type { AttributeRef, Selection } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import { compileToSql, type FilterScope } from './filter.js';
import type { ListSource } from '../sql/list.js';
import { groupsOf, type MemberScope, membersOf, namesIn } from './members.js';
import { compileOrder, type SortColumn } from '../sql/order.js';
import { ownColumnOf } from './own-columns.js';
import { type ResourceRow, resourceColumns, toStored } from './rows.js';
import { pathOf } from './values.js';

/** How the ready-made tables are listed. */
export interface ReadyMadeTarget {
  /** The table, called `r`. */
  readonly from: RawBuilder<unknown>;
  readonly type: string;
  readonly scanLimit: number;
  onScan(type: string): void;
}

const key = sql`r.id`;
const keyName = 'id';
// Without values to sort by, no dialect differs.
const byId = compileOrder([], { dialect: 'sqlite', key, keyName }, () => undefined);

/** The rows of one tenant in a ready-made table, as `listRows` reads them. */
export function readyMadeSource<R>(target: ReadyMadeTarget, scope: MemberScope): ListSource<R> {
  const { type, from, scanLimit } = target;
  const filterScope = { ...scope, type };
  return {
    db: scope.db,
    from,
    columns: resourceColumns,
    visible: sql`r.tenant = ${scope.tenant}`,
    where: (filter) => compileToSql(filter, filterScope),
    order: (sort) =>
      sort.length === 0
        ? byId
        : compileOrder(sort, { dialect: scope.dialect, key, keyName }, (attribute, name) =>
            sortColumn(attribute, name, filterScope),
          ),
    toResource: (row) => toStored<R>(row as unknown as ResourceRow),
    complete: (resources, selection) => withMembers(resources, selection, type, scope),
    forEvaluation: (resources) => withEverything(resources, type, scope),
    scanLimit,
    onScan: () => target.onScan(type),
  };
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

async function withEverything<R>(
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
  const names = await namesIn(new Set([...members.values()].flat().map(({ value }) => value)), scope);
  return resources.map((group) => ({
    ...group,
    members: (members.get(group.id) ?? []).map((member) => {
      const display = names.get(member.value);
      return display === undefined ? member : { ...member, display };
    }),
  }));
}

const ownColumns: ReadonlyMap<string, SortColumn> = new Map([
  ['id', { value: sql`r.id` }],
  ['active', { value: sql`r.active` }],
  ['meta created', { value: sql`r.created` }],
  ['meta lastModified', { value: sql`r.last_modified` }],
]);

function sortColumn(attribute: AttributeRef, name: string, { tables, type: of }: FilterScope): SortColumn | undefined {
  const text = ownColumnOf(attribute, of);
  if (text !== undefined) return { value: text.inRow };
  const { type, caseExact } = attribute;
  const keys = type === 'complex' ? [...attribute.keys, 'value'] : attribute.keys;
  const [top] = keys;
  const path = pathOf(keys);
  const own = ownColumns.get(path);
  if (own !== undefined) return own;
  if (top === 'meta' || top === 'members' || top === 'groups') return undefined;
  const join = sql` left join ${sql.table(tables.values)} ${sql.ref(name)} on ${sql.ref(`${name}.tenant`)} = r.tenant
    and ${sql.ref(`${name}.id`)} = r.id and ${sql.ref(`${name}.path`)} = ${path} and ${sql.ref(`${name}.leading_value`)} = 1`;
  const column = (which: string) => sql`${sql.ref(`${name}.${which}`)}`;
  if (['boolean', 'decimal', 'integer', 'dateTime'].includes(type)) return { value: column('instant'), join };
  // RFC 7643 2.5: an empty string counts as unassigned.
  if (caseExact) return { value: sql`nullif(${column('exact_form')}, '')`, join };
  return { value: sql`nullif(${column('folded')}, '')`, indexed: [column('short'), column('folded')], join };
}

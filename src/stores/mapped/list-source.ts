import { sql } from '../../database/sql.js';
import type { Selection } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import { chunks } from '../../database/chunks.js';
import { reading } from '../../database/transaction.js';
import type { ListSource } from '../sql/list-source.js';
import { compileOrder } from '../sql/order.js';
import { withChildren } from './children.js';
import { type CompiledMapping, fromClause, type Row, type MappedScope, visible } from './compile-mapping.js';
import { compileMapped, narrowMapped } from './filter.js';
import { mappedGroupsOf, mappedMembersOf, type MappedPair } from './members.js';
import { mappedSortColumn } from './order.js';
import { keyOf, keyParameter } from './primary-key.js';
import { toResource } from './read-row.js';

/** The two mappings of a store. */
export interface MappedTables {
  readonly users: CompiledMapping;
  readonly groups: CompiledMapping | undefined;
}

/** At the size that `limits.storedBytes` allows, this many resources take 50 MiB. */
const rowsInPart = 50;

/** The rows of one tenant in a mapped table, for `listRows`. */
export function mappedListSource<R>(
  compiled: CompiledMapping,
  tables: MappedTables,
  limits: Pick<ListSource<R>, 'scanLimit' | 'onScan'>,
  scope: MappedScope,
): ListSource<R> {
  const key = sql.ref(`r.${compiled.mapping.id.column}`);
  return {
    db: scope.db,
    from: fromClause(compiled, scope),
    columns: compiled.selected,
    visible: visible(compiled, scope),
    where: (filter) => compileMapped(filter, compiled, tables, scope),
    order: (sort) =>
      compileOrder(sort, { dialect: compiled.dialect, key: sql`${key}` }, (attribute) =>
        mappedSortColumn(attribute, compiled),
      ),
    narrow: (filter) => narrowMapped(filter, compiled),
    rowsInPart,
    toResource: (row) => toResource<R>(row, compiled),
    complete: (resources, selection) => withOtherTables(resources, selection, compiled, tables, scope),
    forEvaluation: (resources) => withDerived(resources, compiled, tables, scope),
    ...limits,
  };
}

/** Adds the values in child tables, and members if they are selected. */
export async function withOtherTables<R>(
  resources: readonly Stored<R>[],
  selection: Selection,
  compiled: CompiledMapping,
  tables: MappedTables,
  scope: MappedScope,
): Promise<readonly Stored<R>[]> {
  if (resources.length === 0) return resources;
  const complete = await withChildren(resources, compiled, scope);
  if (compiled.type === 'User' || !selection.has('members')) return complete;
  const ids = complete.map(({ id }) => id);
  const members = await mappedMembersOf(ids, pairOf(compiled, tables), scope);
  return complete.map((resource) => ({ ...resource, members: members.get(resource.id) ?? [] }));
}

/** Adds everything that a filter or sort key may read: groups of users, members of groups with their names. */
async function withDerived<R>(
  resources: readonly Stored<R>[],
  compiled: CompiledMapping,
  tables: MappedTables,
  scope: MappedScope,
): Promise<readonly Stored<R>[]> {
  const complete = await withOtherTables(resources, new Set(['members']), compiled, tables, scope);
  const ids = complete.map(({ id }) => id);
  if (compiled.type === 'User') {
    const groups = await mappedGroupsOf(ids, pairOf(compiled, tables), scope);
    return complete.map((user) => ({ ...user, groups: groups.get(user.id) ?? [] }));
  }
  const memberIds = new Set(complete.flatMap((group) => membersIn(group).map(({ value }) => value)));
  const all = tables.groups === undefined ? [tables.users] : [tables.users, tables.groups];
  const names = await namesIn([...memberIds], all, scope);
  return complete.map((group) => ({
    ...group,
    members: membersIn(group).map((member) => ({ ...member, display: names.get(member.value) })),
  }));
}

/** The names of users and groups, by ID. */
export async function namesIn(
  ids: readonly string[],
  tables: readonly CompiledMapping[],
  scope: MappedScope,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const compiled of tables) {
    const column = sql.ref(`r.${compiled.mapping.id.column}`);
    const keys = ids.map((id) => keyOf(compiled, id)).filter((key) => key !== undefined);
    for (const part of chunks(keys)) {
      const { rows } = await reading(() =>
        sql<Row>`select ${compiled.selected} from ${fromClause(compiled, scope)} where ${visible(compiled, scope)}
          and ${column} in (${sql.join(part.map((key) => keyParameter(compiled, key)))})`.execute(scope.db),
      );
      for (const row of rows) {
        const resource = toResource<{ displayName?: unknown; userName?: unknown }>(row, compiled);
        const name = [resource.displayName, resource.userName].find((each) => typeof each === 'string' && each !== '');
        if (typeof name === 'string') names.set(resource.id, name);
      }
    }
  }
  return names;
}

/** Both mappings, as seen from one of them: only groups have members, so a store without groups never uses the other. */
export function pairOf(compiled: CompiledMapping, { users, groups }: MappedTables): MappedPair {
  return { users, groups: groups ?? compiled };
}

function membersIn(group: object): readonly { readonly value: string }[] {
  return (group as { readonly members?: readonly { readonly value: string }[] }).members ?? [];
}

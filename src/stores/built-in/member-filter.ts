import { sql } from '../../database/sql.js';
import type { Filter, FilterValue } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';
import { storable } from '../../database/storable.js';
import type { BuiltInTables } from '../../database/table-names.js';
import { always, type Condition } from '../sql/compare.js';
import type { Leaf } from './document-dialect.js';
import { byMember, isOneOf } from './row-source.js';

/** The tables of one tenant. */
interface MemberFilterScope {
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  readonly tenant: string;
}

export function isMemberEquality(filter: Filter): filter is Extract<Filter, { readonly value: FilterValue }> {
  return filter.op === 'eq' && filter.attribute.path === 'members.value';
}

/** Groups that have one of the members: one look at the members is enough for all of them. */
export function memberIdsCondition(ids: readonly string[], scope: MemberFilterScope): Condition {
  return hasMember(sql`${isOneOf(scope.dialect, sql`m.member_id`, ids.map(storable))}`, scope);
}

/** A condition on the members of a group; undefined where it reads more than their IDs. */
export function memberCondition(filter: Leaf, scope: MemberFilterScope): Condition | undefined {
  const inner = filter.attribute.path === 'members' && filter.op === 'present' ? always : insideMember(filter);
  return inner === undefined ? undefined : hasMember(inner, scope);
}

/** A condition on one member of a group; undefined where it reads more than its ID. */
export function someMember(filter: Filter, scope: MemberFilterScope): Condition | undefined {
  const inner = insideMember(filter);
  return inner === undefined ? undefined : hasMember(inner, scope);
}

function hasMember(test: Condition, { dialect, tables, tenant }: MemberFilterScope): Condition {
  if (dialect === 'sqlite' && test === always) return hasMembership(sql`m.group_id`, tables, tenant);
  const hint = dialect === 'sqlite' ? byMember(dialect, tables.members) : sql``;
  return sql`r.id in (select m.group_id from ${sql.table(tables.members)} m ${hint} where m.tenant = ${tenant} and ${test})`;
}

/** A condition that looks at the memberships of a row alone: SQLite would collect those of all rows, in each range of a list. */
function hasMembership(column: Condition, { members }: BuiltInTables, tenant: string): Condition {
  return sql`exists (select 1 from ${sql.table(members)} m where m.tenant = ${tenant} and ${column} = r.id)`;
}

// Names of members are in other rows: only ids are compared here.
function insideMember(filter: Filter): Condition | undefined {
  if (filter.op === 'and' || filter.op === 'or') {
    const parts = filter.filters.map(insideMember);
    const decided = parts.filter((part) => part !== undefined);
    if (decided.length < parts.length || decided.length === 0) return undefined;
    return sql`(${sql.join(decided, filter.op === 'and' ? sql` and ` : sql` or `)})`;
  }
  if (filter.op !== 'eq' && filter.op !== 'present') return undefined;
  if (filter.attribute.path !== 'members.value') return undefined;
  return filter.op === 'present' ? always : sql`m.member_id = ${storable(String(filter.value))}`;
}

/** A condition on the groups of a user. Members of nested groups are in the outer group too (RFC 7643 4.1.2: indirect). */
export function membershipOf(filter: Leaf, { dialect, tables, tenant }: MemberFilterScope): Condition | undefined {
  const members = sql.table(tables.members);
  const { path } = filter.attribute;
  if (filter.op === 'present' && (path === 'groups' || path === 'groups.value')) {
    if (dialect === 'sqlite') return hasMembership(sql`m.member_id`, tables, tenant);
    return sql`r.id in (select m.member_id from ${members} m where m.tenant = ${tenant})`;
  }
  if (filter.op !== 'eq' || path !== 'groups.value') return undefined;
  // SQLite keeps the order of a cross join. Otherwise it would read all memberships of the tenant for each of the members.
  return sql`r.id in (with recursive below as (
    select member_id from ${members} where tenant = ${tenant} and group_id = ${storable(String(filter.value))}
    union select m.member_id from below b cross join ${members} m where m.tenant = ${tenant} and m.group_id = b.member_id
    ) select member_id from below)`;
}

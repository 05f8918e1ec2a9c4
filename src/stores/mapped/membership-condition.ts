import { sql } from '../../database/sql.js';
import { type Condition, never } from '../sql/compare.js';
import type { Leaf } from './combine-conditions.js';
import { type CompiledMapping, type MappedScope, visible } from './compile-mapping.js';
import { isKey, keyOf } from './primary-key.js';

/** A comparison of `members.value` of groups, or `groups.value` of users; undefined when SQL cannot decide it. */
export function membershipCondition(
  filter: Leaf,
  groups: CompiledMapping,
  users: CompiledMapping,
  scope: MappedScope,
  attribute: 'members' | 'groups',
): Condition | undefined {
  const join = groups.mapping.members;
  if (join === undefined) return never;
  const [ownColumn, otherColumn, target] =
    attribute === 'members'
      ? ([join.group, join.member, users] as const)
      : ([join.member, join.group, groups] as const);
  const sub = filter.attribute.keys.at(-1);
  if (sub !== 'value' && sub !== attribute) return undefined;
  const self = attribute === 'members' ? groups : users;
  const exists = sql`exists (select 1 from ${sql.table(join.table)} as j
    join ${sql.table(target.mapping.table)} as o on ${sql.ref(`o.${target.mapping.id.column}`)} = ${sql.ref(`j.${otherColumn}`)}
    where ${sql.ref(`j.${ownColumn}`)} = ${sql.ref(`r.${self.mapping.id.column}`)} and ${visible(target, scope, 'o')}`;
  if (filter.op === 'present') return sql`${exists})`;
  if (filter.op !== 'eq') return undefined;
  const key = keyOf(target, String(filter.value));
  return key === undefined ? never : sql`${exists} and ${isKey(sql.ref(`j.${otherColumn}`), key, target)})`;
}

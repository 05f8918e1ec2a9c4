import { describe } from '../../contract/describe.js';
import { isObject } from '../../contract/is-object.js';
import type { GroupRole, RoleGrant } from './rights.js';
import { checkGroupRole } from './role-mapping-store.js';
import { usageError } from '../../contract/option-mistakes.js';

/** What the functions of the host returned, parsed. A mistake fails the write, so that no right follows from it. */

function wrong(name: string, value: unknown, expected: string): TypeError {
  return usageError('accessRights', `${name} returned ${describe(value)}; return ${expected}`, 'access-rights.md');
}

/** What `map.ofGroups` returned, by group. @throws TypeError */
export function parseGroupRoles(value: unknown, asked: readonly string[]): ReadonlyMap<string, readonly GroupRole[]> {
  if (!Array.isArray(value)) throw wrong('map.ofGroups', value, 'a list of { groupId, role, setBy, setAt }');
  const found = new Map<string, GroupRole[]>(asked.map((id) => [id, []]));
  for (const entry of value as readonly unknown[]) {
    const mapping = checkGroupRole(entry);
    const ofGroup = found.get(mapping.groupId);
    // Another group's role must not reach the members of this one.
    if (ofGroup === undefined)
      throw usageError('accessRights', 'map.ofGroups returned a group that it was not asked for', 'access-rights.md');
    if (!ofGroup.some(({ role }) => role === mapping.role)) ofGroup.push(mapping);
  }
  return found;
}

/** What `exists` returned. @throws TypeError */
export function parseExists(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw wrong('exists', value, 'true or false');
}

/** What `manualGrants` returned, by user. @throws TypeError */
export function parseGrants(value: unknown, asked: readonly string[]): ReadonlyMap<string, readonly RoleGrant[]> {
  const expected = 'a Map from the ids of users to lists of { role, setBy, setAt }';
  if (!(value instanceof Map)) throw wrong('manualGrants', value, expected);
  const found = new Map<string, readonly RoleGrant[]>();
  for (const id of asked) {
    const grants: unknown = value.get(id) ?? [];
    if (!Array.isArray(grants)) throw wrong('manualGrants', grants, expected);
    found.set(
      id,
      grants.map((grant: unknown) => toGrant(grant, expected)),
    );
  }
  return found;
}

function toGrant(value: unknown, expected: string): RoleGrant {
  if (!isObject(value)) throw wrong('manualGrants', value, expected);
  const { role } = value;
  if (typeof role !== 'string' || role === '') throw wrong('manualGrants', role, expected);
  const text = (name: 'setBy' | 'setAt'): { readonly [key in typeof name]?: string } => {
    const one = value[name];
    if (one === undefined || one === null) return {};
    if (typeof one !== 'string') throw wrong('manualGrants', one, expected);
    return { [name]: one };
  };
  return { role, ...text('setBy'), ...text('setAt') };
}

/** Checks what `reconcile` returned. @throws TypeError for `false`, which somebody may mean as a refusal */
export function checkReconciled(value: unknown): void {
  if (value === false) throw wrong('reconcile', value, 'nothing, and throw to refuse the write');
}

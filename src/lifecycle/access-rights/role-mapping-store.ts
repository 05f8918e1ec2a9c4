import type { Awaitable } from '../../contract/awaitable.js';
import type { WriteTransaction } from '../../contract/store.js';
import type { GroupRole, RoleMapping } from './rights.js';
import { usageError } from '../../contract/option-mistakes.js';

/** Which mappings to list. */
export interface RoleMappingQuery {
  /** Only those of this group. Default: all. */
  readonly groupId?: string | undefined;
  /** The last mapping of the page before. Default: the first page. */
  readonly after?: Pick<GroupRole, 'groupId' | 'role'> | undefined;
  /** Default 100, at most 1,000. */
  readonly limit?: number | undefined;
}

/**
 * Keeps which groups give which roles. A group may give several roles, and several groups the same one.
 *
 * @example
 * import { memoryRoleMappings } from 'express-scim/lifecycle';
 *
 * const mappings = memoryRoleMappings();
 *
 * export const mapEngineering = () =>
 *   mappings.set('acme', {
 *     groupId: 'a3f0c2',
 *     role: 'editor',
 *     setBy: 'ana@example.com',
 *     setAt: new Date().toISOString(),
 *   });
 */
export interface RoleMappingStore extends RoleMapping {
  /**
   * Adds a mapping, or replaces the one with the same group and role.
   *
   * @throws TypeError that names what is wrong with the mapping
   */
  set(tenant: string, mapping: GroupRole, transaction?: WriteTransaction): Awaitable<void>;
  /** Removes a mapping; false if there is none. */
  remove(tenant: string, groupId: string, role: string, transaction?: WriteTransaction): Awaitable<boolean>;
  /** Mappings in the order of group and role. */
  list(tenant: string, query?: RoleMappingQuery): Awaitable<readonly GroupRole[]>;
}

const longest = { groupId: 250, role: 100, setBy: 200, connection: 100 } as const;

/** Whether a field of a mapping can hold a text: not blank, without control characters, not too long. */
export function isMappingText(name: keyof typeof longest, value: unknown): value is string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > longest[name]) return false;
  return !/[\0-\x1f\x7f]/.test(value);
}

/**
 * Checks a mapping that your app sets or that its own table returned.
 *
 * @returns only its known fields
 * @throws TypeError that names what is wrong, never a value
 */
export function checkGroupRole(value: unknown): GroupRole {
  if (typeof value !== 'object' || value === null) {
    throw usageError('accessRights', 'a role mapping must be an object', 'access-rights.md');
  }
  const { groupId, role, setBy, setAt, connection } = value as Readonly<Record<string, unknown>>;
  const wrong = (name: string, expected: string): TypeError =>
    usageError('accessRights', `${name} of a role mapping must be ${expected}`, 'access-rights.md');
  const text = (name: keyof typeof longest, one: unknown): string => {
    if (isMappingText(name, one)) return one;
    throw wrong(name, `a string of 1 to ${String(longest[name])} characters without control characters`);
  };
  const given = { groupId: text('groupId', groupId), role: text('role', role), setBy: text('setBy', setBy) };
  if (typeof setAt !== 'string' || !timestamp.test(setAt) || Number.isNaN(Date.parse(setAt))) {
    throw wrong('setAt', 'an RFC 3339 timestamp');
  }
  // A database has null for a column without a value.
  if (connection === undefined || connection === null) return { ...given, setAt };
  return { ...given, setAt, connection: text('connection', connection) };
}

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** @returns the number of mappings of a page */
export function pageSizeOf({ limit = 100 }: RoleMappingQuery): number {
  if (!Number.isInteger(limit) || limit < 1) {
    throw usageError('accessRights', 'limit must be a positive integer', 'access-rights.md');
  }
  return Math.min(limit, 1_000);
}

// Maps SCIM users and groups to the tables `members` and `teams`.
import { defineMapping, lookup, reference } from 'express-scim/sql';
import type { Tables } from './database.js';

const define = defineMapping<Tables>();

/** `m12` is the SCIM ID of member 12. */
export const memberPrefix = 'm';
/** `t3` is the SCIM ID of team 3. */
export const teamPrefix = 't';

export const users = define({
  table: 'members',
  id: { column: 'id', prefix: memberPrefix },
  version: 'hash',
  softDelete: { column: 'deleted_at', mark: () => new Date().toISOString() },
  attributes: {
    userName: 'email',
    displayName: 'display_name',
    'name.givenName': 'first_name',
    'name.familyName': 'last_name',
    title: 'title',
    'phoneNumbers[type eq "work"].value': 'phone',
    // The identity provider decides who may sign in. It does not decide who may hold assets: no attribute maps to that.
    active: { column: 'may_sign_in', on: [1], off: [0] },
    'enterprise.employeeNumber': 'employee_number',
    'enterprise.department': lookup({
      column: 'department_id',
      table: 'departments',
      key: 'id',
      value: 'name',
      unknown: 'create',
    }),
    'addresses[type eq "work"].locality': lookup({
      column: 'location_id',
      table: 'locations',
      key: 'id',
      value: 'name',
      unknown: 'create',
    }),
    'enterprise.manager.value': reference('manager_id'),
  },
  defaults: () => ({
    role: 'viewer',
    role_source: 'default',
    may_sign_in: 1,
    may_hold_assets: 1,
    created_at: new Date().toISOString(),
  }),
});

export const groups = define({
  table: 'teams',
  id: { column: 'id', prefix: teamPrefix },
  version: 'hash',
  attributes: { displayName: 'name' },
  members: { table: 'team_members', group: 'team_id', member: 'member_id' },
  defaults: () => ({ created_at: new Date().toISOString() }),
});

/** The primary key of a member in a SCIM ID; undefined for any other ID. */
export function memberKey(id: string): number | undefined {
  return keyIn(id, memberPrefix);
}

/** The primary key of a team in a SCIM ID; undefined for any other ID. */
export function teamKey(id: string): number | undefined {
  return keyIn(id, teamPrefix);
}

/** The SCIM ID of a member. */
export function memberId(key: number): string {
  return memberPrefix + String(key);
}

/** The SCIM ID of a team. */
export function groupId(key: number): string {
  return teamPrefix + String(key);
}

function keyIn(id: string, prefix: string): number | undefined {
  return id.startsWith(prefix) && /^[1-9]\d{0,9}$/.test(id.slice(prefix.length))
    ? Number(id.slice(prefix.length))
    : undefined;
}

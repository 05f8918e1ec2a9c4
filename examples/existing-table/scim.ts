// SCIM over tables that were there before: the resource is the membership, so that the identity provider of one
// organization never changes a person of another. This file is all that was added to the application.
import type { Kysely } from 'kysely';
import type { UserStore } from 'express-scim';
import { createSideTables, defineMapping, lookup, mappedStore, reference } from 'express-scim/sql';
import type { Tables } from './database.js';

const define = defineMapping<Tables>();
const tenant = { column: 'organization_id', write: (id: string) => Number(id) } as const;

export const users = define({
  table: 'memberships',
  id: { column: 'id', prefix: 'm' },
  tenant,
  // The table counts no changes: its content is hashed under a lock, and the side table counts ours.
  version: 'hash',
  attributes: {
    // The person behind the membership is found, or made; never changed: another organization may know them too.
    userName: lookup({
      column: 'user_id',
      table: 'users',
      key: 'id',
      value: 'email',
      unknown: 'create',
      create: (email, { displayName }) => ({ full_name: displayName ?? email }),
    }),
    displayName: lookup({ column: 'user_id', table: 'users', key: 'id', value: 'full_name', unknown: 'read-only' }),
    // Who is invited may sign in as soon as they like: `active` leaves that as it is.
    active: { column: 'status', on: ['active', 'invited'], off: ['suspended'] },
    title: 'job_title',
    'phoneNumbers[type eq "work"].value': 'phone',
    'enterprise.manager.value': reference('manager_id'),
  },
  // A role is given in the application, never by the identity provider.
  defaults: () => ({ role: 'viewer' }),
});

export const groups = define({
  table: 'teams',
  id: { column: 'id', prefix: 't' },
  tenant,
  version: 'hash',
  attributes: { displayName: 'name' },
  members: { table: 'team_members', group: 'team_id', member: 'membership_id' },
});

/** Run once, as a migration: the application's own tables stay as they are. */
export function migrate(db: Kysely<Tables>): Promise<void> {
  return createSideTables(db, { users, groups });
}

export function scimStore(db: Kysely<Tables>): UserStore {
  return mappedStore(db, { users, groups, sideTables: 'scim_side_' });
}

// SCIM over existing tables. A SCIM user is a membership, so that the identity provider of one organization never changes
// the users of another. The application needs no other new file.
import type { Kysely } from 'kysely';
import type { UserStore } from 'express-scim';
import { createSideTables, defineMapping, lookup, mappedStore, reference } from 'express-scim/sql';
import type { Tables } from './database.js';

const define = defineMapping<Tables>();
const tenant = { column: 'organization_id', write: (id: string) => Number(id) } as const;

const users = define({
  table: 'memberships',
  id: { column: 'id', prefix: 'm' },
  tenant,
  // The table has no version column, so the version is a hash of the row, computed under a lock.
  version: 'hash',
  attributes: {
    // The user behind the membership is looked up or created, but never changed: other organizations may share it.
    userName: lookup({
      column: 'user_id',
      table: 'users',
      key: 'id',
      value: 'email',
      shared: true,
      unknown: 'create',
      create: (email, { displayName }) => ({ full_name: displayName ?? email }),
    }),
    displayName: lookup({
      column: 'user_id',
      table: 'users',
      key: 'id',
      value: 'full_name',
      shared: true,
      unknown: 'read-only',
    }),
    // An invited user counts as active, and `active: true` keeps the invitation.
    active: { column: 'status', on: ['active', 'invited'], off: ['suspended'] },
    title: 'job_title',
    'phoneNumbers[type eq "work"].value': 'phone',
    'enterprise.manager.value': reference('manager_id'),
  },
  // The application assigns roles, never the identity provider.
  defaults: () => ({ role: 'viewer' }),
});

const groups = define({
  table: 'teams',
  id: { column: 'id', prefix: 't' },
  tenant,
  version: 'hash',
  attributes: { displayName: 'name' },
  members: { table: 'team_members', group: 'team_id', member: 'membership_id' },
});

/** Run once, as a migration. It does not change the existing tables. */
export function migrate(db: Kysely<Tables>): Promise<void> {
  return createSideTables(db, { users, groups });
}

export function scimStore(db: Kysely<Tables>): UserStore {
  return mappedStore(db, { users, groups, sideTables: 'scim_side_' });
}

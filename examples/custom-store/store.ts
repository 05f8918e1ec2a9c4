// The store for `createScimRouter`: users, groups, and what they support.
import type { UserStore } from 'express-scim';
import type { Database } from './database.js';
import { groupStore } from './groups.js';
import { userStore } from './users.js';

/**
 * `pendingMembers: false`: members must exist, because the memberships have foreign keys. Everything else is supported.
 */
export function customStore(db: Database): UserStore {
  return {
    ...userStore(db),
    groups: { ...groupStore(db), supports: { pendingMembers: false } },
    supports: { pendingMembers: false },
  };
}

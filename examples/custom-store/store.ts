// The store for `createScimRouter`: users, groups, and what they support.
import type { Supports, UserStore } from 'express-scim';
import type { Database } from './database.js';
import { groupStore } from './groups.js';
import { userStore } from './users.js';

/**
 * `pendingMembers: false`: members must exist, because the memberships have foreign keys. `keys`: only userName has a unique
 * index. Everything else is supported.
 */
const supports: Supports = { pendingMembers: false, keys: ['userName'] };

export function customStore(db: Database): UserStore {
  return {
    ...userStore(db),
    groups: { ...groupStore(db), supports },
    supports,
  };
}

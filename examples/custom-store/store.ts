// The store that `createScimRouter` is given.
import type { UserStore } from 'express-scim';
import type { Database } from './database.js';
import { groupStore } from './groups.js';
import { userStore } from './users.js';

export function customStore(db: Database): UserStore {
  return {
    ...userStore(db),
    groups: { ...groupStore(db), supports: { pendingMembers: false } },
    supports: { pendingMembers: false },
  };
}

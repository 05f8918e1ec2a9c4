// The store for `createScimRouter`, made from the five operations in `primitives.ts`.
import { storeOver, type StoreOver } from 'express-scim/stores';
import type { Database } from './database.js';
import { primitives } from './primitives.js';

export function myStore(database: Database): StoreOver {
  return storeOver(primitives(database), {
    // Attributes that your identity provider looks users up by, besides userName, externalId, displayName and emails.
    userIndexes: [],
    // If your database has unique indexes for some paths only, name them: keys: ['userName'].
  });
}

// SCIM over the tables of the asset tracker. This file is the same for every ORM: it only needs Kysely, and each example
// lets Kysely borrow the connections of its ORM.
import type { RequestHandler } from 'express';
import type { Kysely } from 'kysely';
import { connectorKeys, createScimRouter, type UserStore } from 'express-scim';
import { createLockTable, createSideTables, mappedStore } from 'express-scim/sql';
import type { Tables } from '../asset-tracker/database.js';
import { groups, users } from '../asset-tracker/mapping.js';

const sideTables = 'scim_side_';

/** Run once, as a migration. It does not change the existing tables. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  await createSideTables(db, { users, groups, sideTables });
  await createLockTable(db);
}

export function scimStore(db: Kysely<Tables>): UserStore {
  return mappedStore(db, { users, groups, sideTables });
}

/** @param key the connector key of the identity provider */
export function scimRouter(db: Kysely<Tables>, key: string): RequestHandler {
  return createScimRouter(scimStore(db), {
    authenticate: connectorKeys([{ id: 'idp', key }]),
  });
}

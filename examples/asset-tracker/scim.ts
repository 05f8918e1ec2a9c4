// The SCIM router over members and teams: which accounts are linked, and which changes are refused.
import type { Handler } from 'express';
import { type ResponseRecord, createScimRouter, type UserStore } from 'express-scim';
import {
  type AccessRights,
  adoptBy,
  type ConflictStore,
  type ExistingAccount,
  type Guard,
  guards,
  type HoldStore,
  lastOwner,
  massDeactivationBreaker,
  type Offboarding,
  roleCeiling,
  seatLimit,
} from 'express-scim/lifecycle';
import type { Kysely } from 'kysely';
import { mappedStore, sqlTombstoneStore } from 'express-scim/sql';
import type { Configuration } from './configuration.js';
import type { Database, Tables } from './database.js';
import type { Log } from './log.js';
import { groups, memberKey, memberPrefix, users } from './mapping.js';
import { inside } from './roles.js';
import { countActive, countOwners, nameOf } from './users.js';
import type { Provisioning } from './provisioning.js';

export interface ScimServices {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly log: Log;
  readonly leaving: Offboarding;
  readonly rights: AccessRights;
  readonly conflicts: ConflictStore;
  readonly holds: HoldStore;
  readonly secret: string;
  readonly provisioning: Provisioning;
  readonly store: UserStore;
  /** Called after each response: the outbox may contain new events. */
  onResponded(record: ResponseRecord): void;
}

/** The store of members and teams: for the router, and for the end of the connection. */
export function createStore({ db, dialect }: Database): UserStore {
  return mappedStore(db, { users, groups, sideTables: 'scim_side_', outbox: 'scim_outbox', dialect });
}

export function createScim(services: ScimServices): Handler {
  const { configuration, database, log, provisioning, leaving, rights, conflicts, holds } = services;
  const { db } = database;
  const { publicUrl, seats, verifiedDomains } = configuration;
  const adopt = adoptBy({
    rules: ['externalId', 'employeeNumber', 'verifiedEmail'],
    find: (_tenant, { by, value }) => findAccounts(database, by, value),
    account: (_tenant, id) => findAccount(database, id),
    domains: () => verifiedDomains,
    attributes: ['active'],
    tombstones: sqlTombstoneStore(db),
    conflicts,
  });
  return createScimRouter(services.store, {
    authenticate: provisioning.keys,
    ...(publicUrl !== undefined && { baseUrl: `${publicUrl}/scim/v2` }),
    secret: services.secret,
    adopt,
    beforeChange: guards(
      adopt.guard,
      roleCeiling({ roles: { forbidden: ['owner'] }, userType: { forbidden: ['owner'] } }),
      keepsAnOwner(db),
      leaving.guard,
      rights.guard,
      seatLimit({ seats, count: (_ctx, transaction) => countActive(inside(db, transaction)) }),
      massDeactivationBreaker({
        count: (_ctx, transaction) => countActive(inside(db, transaction)),
        holds,
        conflicts,
        onHold: () => log.warn('a mass deactivation is held until an administrator decides'),
      }),
    ),
    async withinWrite(_change, { before, resource }, transaction) {
      // A new address is not verified, so it identifies nobody.
      if (before === undefined || before['userName'] === resource['userName']) return;
      await inside(db, transaction)
        .updateTable('members')
        .set({ email_verified: 0 })
        .where('id', '=', memberKey(resource.id) ?? 0)
        .execute();
    },
    onExchange: (exchange) => provisioning.hooks.onExchange(exchange),
    onResponse(record) {
      provisioning.hooks.onResponse(record);
      services.onResponded(record);
    },
    onError: (error, ctx) => log.error('a SCIM request failed', { error, requestId: ctx?.requestId }),
  });
}

/** One owner must be left, whoever changes members: the identity provider, or the end of its connection. */
export function keepsAnOwner(db: Kysely<Tables>): Guard {
  return lastOwner({
    async isOwner({ id }, _ctx, transaction) {
      const row = await inside(db, transaction)
        .selectFrom('members')
        .select('role')
        .where('id', '=', memberKey(id) ?? 0)
        .executeTakeFirst();
      return row?.role === 'owner';
    },
    ownersLeft: ({ without }, _ctx, transaction) =>
      countOwners(
        inside(db, transaction),
        without.map((id) => memberKey(id) ?? 0),
      ),
  });
}

/** Finds existing accounts for `adoptBy`. */
async function findAccounts(database: Database, by: string, value: string): Promise<ExistingAccount[]> {
  let query = accountsIn(database);
  if (by === 'externalId') query = query.where('scim_side_users.external_id', '=', value);
  else if (by === 'employeeNumber') query = query.where('members.employee_number', '=', value);
  else query = query.where(({ fn, ref }) => fn<string>('lower', [ref('members.email')]), '=', value.toLowerCase());
  if (by === 'verifiedEmail') query = query.where('members.email_verified', '=', 1);
  return (await query.execute()).map(toAccount);
}

async function findAccount(database: Database, id: string): Promise<ExistingAccount | undefined> {
  const row = await accountsIn(database)
    .where('members.id', '=', memberKey(id) ?? 0)
    .executeTakeFirst();
  return row && toAccount(row);
}

function accountsIn({ db }: Database) {
  return db
    .selectFrom('members')
    .leftJoin('scim_side_users', (join) => join.onRef('scim_side_users.row_id', '=', 'members.id'))
    .selectAll('members')
    .select('scim_side_users.external_id')
    .where('members.deleted_at', 'is', null);
}

type Account = Awaited<ReturnType<ReturnType<typeof accountsIn>['execute']>>[number];

/** Only an administrator may link privileged accounts (`review`). */
function toAccount(row: Account): ExistingAccount {
  return {
    id: memberPrefix + String(row.id),
    label: `${nameOf(row)} (${row.email})`,
    active: row.may_sign_in === 1,
    review: row.role === 'owner' || row.role === 'admin',
    ...(row.external_id !== null && { externalId: row.external_id }),
  };
}

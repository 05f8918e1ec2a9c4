// Roles of teams: a member has the highest role of their teams, unless an administrator has assigned another one.
import {
  type AccessRights,
  accessRights,
  type RoleMappingAdministration,
  roleMappingAdministration,
  type RoleMappingStore,
  type UserRights,
} from 'express-scim/lifecycle';
import { mappedStore, sqlRightsJobStore, sqlRoleMappings } from 'express-scim/sql';
import type { Kysely } from 'kysely';
import type { UserStore, WriteTransaction } from 'express-scim';
import type { Database, Role, Tables } from './database.js';
import type { Log } from './log.js';
import { groups, memberId, memberKey, teamKey, users } from './mapping.js';

/** Roles that a team can have. Only an owner can make another member an owner, and never the identity provider. */
const teamRoles = ['viewer', 'technician', 'admin'] as const;

const rank: Readonly<Record<Role, number>> = { viewer: 0, technician: 1, admin: 2, owner: 3 };

/** The transaction of a write, for everything that runs inside it; the database outside of one. */
export function inside(db: Kysely<Tables>, transaction: WriteTransaction | undefined): Kysely<Tables> {
  return (transaction?.handle as Kysely<Tables> | undefined) ?? db;
}

/** The roles that teams give, and which role each of them gives: administrators choose it in the settings panel. */
export interface Roles {
  readonly rights: AccessRights;
  readonly roleMappings: RoleMappingAdministration;
}

export function createRoles(database: Database, store: UserStore, log: Log): Roles {
  const { db, dialect } = database;
  const mappings = sqlRoleMappings(db, { dialect });
  const rights = createRights(database, mappings);
  const roleMappings = roleMappingAdministration({
    ...{ rights, mappings, store, roles: teamRoles },
    jobs: sqlRightsJobStore(db, { dialect }),
    onError: (error) => log.error('the roles of teams could not be applied and will be retried', { error }),
  });
  return { rights, roleMappings };
}

/** Gives members the roles of their teams, in the transaction of the write that changes their teams. */
function createRights({ db, dialect }: Database, map: RoleMappingStore): AccessRights {
  return accessRights({
    store: (transaction) => mappedStore(inside(db, transaction), { users, groups, sideTables: 'scim_side_', dialect }),
    map,
    exists: (role) => role in rank,
    ceiling: { allowed: teamRoles },
    async manualGrants(_tenant, userIds, transaction) {
      const rows = await membersIn(inside(db, transaction), userIds);
      const assigned = rows.filter(({ role, role_source }) => role_source === 'hand' || role === 'owner');
      return new Map(assigned.map(({ id, role }) => [memberId(id), [{ role }]]));
    },
    reconcile: (members, { transaction }) => saveRoles(inside(db, transaction), members),
    // A member who may not sign in still appears in lists with the role.
    whileInactive: 'keep',
  });
}

/** Writes only roles that change. A role that an administrator has assigned stays. */
async function saveRoles(db: Kysely<Tables>, members: readonly UserRights[]): Promise<void> {
  const current = new Map(
    (
      await membersIn(
        db,
        members.map(({ userId }) => userId),
      )
    ).map((row) => [row.id, row]),
  );
  for (const { userId, roles } of members) {
    const id = memberKey(userId);
    const row = id === undefined ? undefined : current.get(id);
    if (id === undefined || row === undefined) continue;
    if (roles.some(({ sources }) => sources.some(({ kind }) => kind === 'manual'))) continue;
    const next = highest(roles);
    if (next.role === row.role && next.source === row.role_source) continue;
    await db
      .updateTable('members')
      .set({ role: next.role, role_source: next.source })
      .where('id', '=', id)
      .where('role_source', '=', row.role_source)
      .execute();
  }
}

function highest(roles: UserRights['roles']): { readonly role: Role; readonly source: string } {
  let best: { readonly role: Role; readonly source: string } = { role: 'viewer', source: 'default' };
  for (const { role, sources } of roles) {
    const known = teamRoles.find((each) => each === role);
    const [source] = sources;
    if (known === undefined || source?.kind !== 'group') continue;
    if (best.source !== 'default' && rank[known] <= rank[best.role]) continue;
    best = { role: known, source: `team:${String(teamKey(source.groupId) ?? 0)}` };
  }
  return best;
}

function membersIn(db: Kysely<Tables>, userIds: readonly string[]) {
  return db
    .selectFrom('members')
    .select(['id', 'role', 'role_source'])
    .where('deleted_at', 'is', null)
    .where(
      'id',
      'in',
      userIds.map((id) => memberKey(id) ?? 0),
    )
    .execute();
}

// Stores with a place for roles, for the tests of access rights.
import { type Kysely, sql } from 'kysely';
import { MemoryStore, type UserStore, type WriteTransaction } from '../../../src/index.js';
import {
  memoryRightsJobStore,
  memoryRoleMappings,
  type RightsJobStore,
  type RoleMappingStore,
  type UserRights,
} from '../../../src/lifecycle/index.js';
import {
  createAccessRightsTables,
  createScimTables,
  dropAccessRightsTables,
  dropScimTables,
  sqlRightsJobStore,
  sqlRoleMappings,
  sqlStore,
} from '../../../src/sql.js';
import { databases } from '../databases.js';

/** A store, a mapping, and a table of roles that `reconcile` writes. */
export interface Arena {
  readonly store: UserStore;
  storeIn(transaction: WriteTransaction | undefined): UserStore;
  readonly mappings: RoleMappingStore;
  readonly jobs: RightsJobStore;
  save(users: readonly UserRights[], transaction: WriteTransaction | undefined): Promise<void>;
  /** The saved roles of each user who has any. */
  roles(): Promise<Readonly<Record<string, readonly string[]>>>;
}

type Roles = readonly (readonly [userId: string, role: string])[];

function byUser(rows: Roles): Record<string, readonly string[]> {
  const found: Record<string, string[]> = {};
  for (const [userId, role] of rows) (found[userId] ??= []).push(role);
  for (const roles of Object.values(found)) roles.sort();
  return found;
}

function memoryArena(store: UserStore = new MemoryStore()): Arena {
  const saved = new Map<string, readonly string[]>();
  return {
    store,
    storeIn: () => store,
    mappings: memoryRoleMappings(),
    jobs: memoryRightsJobStore(),
    async save(users) {
      for (const { userId, roles } of users)
        saved.set(
          userId,
          roles.map(({ role }) => role),
        );
    },
    roles: async () => byUser([...saved].flatMap(([id, roles]) => roles.map((role) => [id, role] as const))),
  };
}

/** The memory store as one that runs no checks, as a store over some API would be. */
function uncheckedArena(): Arena {
  const store = new MemoryStore();
  const { groups } = store;
  const supports = { ...store.supports, checks: false };
  const plain = (one: MemoryStore['groups'] | MemoryStore) => ({
    supports,
    create: one.create.bind(one),
    get: one.get.bind(one),
    list: one.list.bind(one),
    update: one.update.bind(one),
    delete: one.delete.bind(one),
  });
  const unchecked = {
    ...plain(store),
    groups: { ...plain(groups), groupsOf: groups.groupsOf?.bind(groups) },
  } as unknown as UserStore;
  return memoryArena(unchecked);
}

async function sqlArena(db: Kysely<unknown>, tables: string): Promise<Arena> {
  const table = sql.table(`${tables}held_roles`);
  await createScimTables(db, { tables });
  await createAccessRightsTables(db, { tables });
  await sql`create table ${table} (user_id varchar(64) not null, role varchar(100) not null,
    primary key (user_id, role))`.execute(db);
  const store = sqlStore(db, { tables, outbox: true });
  const handleOf = (transaction: WriteTransaction | undefined) => transaction?.handle as Kysely<unknown> | undefined;
  return {
    store,
    storeIn: (transaction) => {
      const handle = handleOf(transaction);
      return handle === undefined ? store : sqlStore(handle, { tables });
    },
    mappings: sqlRoleMappings(db, { tables }),
    jobs: sqlRightsJobStore(db, { tables }),
    async save(users, transaction) {
      const handle = handleOf(transaction) ?? db;
      for (const { userId, roles } of users) {
        await sql`delete from ${table} where user_id = ${userId}`.execute(handle);
        for (const { role } of roles) {
          await sql`insert into ${table} (user_id, role) values (${userId}, ${role})`.execute(handle);
        }
      }
    },
    async roles() {
      const { rows } = await sql<{ user_id: string; role: string }>`select user_id, role from ${table}`.execute(db);
      return byUser(rows.map(({ user_id, role }) => [user_id, role] as const));
    },
  };
}

/** Every arena with a store that runs checks. */
export const checkedArenas: readonly (readonly [string, () => Promise<Arena>])[] = [
  ['in memory', async () => memoryArena()],
  ...databases.map(([name, make]): readonly [string, () => Promise<Arena>] => [
    `in ${name}`,
    async () => {
      const { db, tables, afterwards } = make();
      afterwards(async () => {
        await dropScimTables(db, { tables });
        await dropAccessRightsTables(db, { tables });
        await db.schema.dropTable(`${tables}held_roles`).execute();
      });
      return sqlArena(db, tables);
    },
  ]),
];

export const arenas: readonly (readonly [string, () => Promise<Arena>])[] = [
  ...checkedArenas,
  ['in memory, without checks', async () => uncheckedArena()],
];

// Guards under parallel requests over HTTP: 30 at once, each round in a tenant of its own.
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import express, { type Request } from 'express';
import { type Kysely, sql } from 'kysely';
import {
  createScimRouter,
  MemoryStore,
  type Stored,
  type User,
  type UserStore,
  type WriteTransaction,
} from '../../../src/index.js';
import {
  guards,
  type HoldStore,
  lastOwner,
  massDeactivationBreaker,
  memoryHoldStore,
  seatLimit,
} from '../../../src/lifecycle/index.js';
import {
  createLifecycleTables,
  createScimTables,
  dropLifecycleTables,
  dropScimTables,
  sqlHoldStore,
  sqlStore,
} from '../../../src/sql.js';
import { ctx, listQuery, newUser } from '../../../src/testing/requests.js';
import { patientServer } from '../../patient.js';

/** A store with what its guards need. */
export interface Arena {
  readonly store: UserStore;
  readonly holds: HoldStore;
  /** The active users of a tenant, inside a transaction where one is given. */
  activeUsers(tenant: string, transaction?: WriteTransaction): Promise<readonly Stored<User>[]>;
  close(): Promise<void>;
}

export function memoryArena(): Arena {
  const store = new MemoryStore();
  return {
    store,
    holds: memoryHoldStore(),
    activeUsers: async (tenant) => {
      const { resources } = store.list(listQuery<User>(), ctx(tenant));
      // As long as the result of a query takes to arrive: other requests run in between.
      await new Promise((resolve) => setImmediate(resolve));
      return resources.filter(({ active }) => active !== false);
    },
    close: async () => undefined,
  };
}

/** The memory store as a store that knows nothing of checks: the library has its own lock. */
export function uncheckedArena(): Arena {
  const arena = memoryArena();
  const { store } = arena;
  const unchecked: UserStore = {
    create: async (creation, context) => store.create(creation, context),
    get: async (id, selection, context) => store.get(id, selection, context),
    list: async (query, context) => store.list(query, context),
    update: async (id, change, context) => store.update(id, change, context),
    delete: async (id, removal, context) => store.delete(id, removal, context),
  };
  return { ...arena, store: unchecked };
}

/** The built-in tables, under a prefix of their own. */
export async function sqlArena(db: Kysely<unknown>, tables: string): Promise<Arena> {
  await createScimTables(db, { tables });
  await createLifecycleTables(db, { tables });
  return {
    store: sqlStore(db, { tables, outbox: true }),
    holds: sqlHoldStore(db, { tables }),
    activeUsers: async (tenant, transaction) => {
      const { rows } = await sql<{ id: unknown; attributes: unknown }>`select id, attributes from
        ${sql.table(`${tables}users`)} where tenant = ${tenant} and active = 1`.execute(
        (transaction?.handle as Kysely<unknown> | undefined) ?? db,
      );
      return rows.map(
        ({ id, attributes }) => ({ id: String(id), ...(JSON.parse(String(attributes)) as User) }) as Stored<User>,
      );
    },
    async close() {
      await dropLifecycleTables(db, { tables });
      await dropScimTables(db, { tables });
    },
  };
}

/** A race: what is there before, 30 requests at once, and what must hold afterwards. */
interface Race {
  readonly users: readonly Partial<User>[];
  requests(ids: readonly string[]): readonly (readonly [method: string, path: string, body?: object])[];
  /** @returns what is wrong; undefined: nothing */
  problem(
    active: readonly Stored<User>[],
    statuses: Readonly<Record<number, number>>,
    holds: number,
  ): string | undefined;
}

const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
const patch = (path: string, value: unknown): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path, value }],
});
const isOwner = (user: object): boolean => 'title' in user && user.title === 'owner';
const thirty = Array.from({ length: 30 }, (_, i) => i);
const seats = 35;
const share = 0.2;

export const races: Readonly<Record<string, Race>> = {
  'the last owner stays': {
    users: [...Array<Partial<User>>(4).fill({ title: 'owner' }), {}, {}],
    requests: (ids) =>
      thirty.map((i) => {
        const path = `/Users/${ids[i % 4] ?? ''}`;
        const kind = Math.floor(i / 4) % 3;
        if (kind === 0) return ['PATCH', path, patch('active', false)];
        return kind === 1 ? ['DELETE', path] : ['PATCH', path, patch('title', 'guest')];
      }),
    problem(active, statuses) {
      const owners = active.filter(isOwner).length;
      return owners === 1 && (statuses[403] ?? 0) > 0 ? undefined : `${String(owners)} owners are left`;
    },
  },
  'no seat too many': {
    users: [...Array<Partial<User>>(seats - 3).fill({}), { active: false }],
    requests: (ids) =>
      thirty.map((i) =>
        i < 25
          ? ['POST', '/Users', { schemas, userName: `late${String(i)}` }]
          : ['PATCH', `/Users/${ids.at(-1) ?? ''}`, patch('active', true)],
      ),
    problem: (active) => (active.length === seats ? undefined : `${String(active.length)} users have a seat`),
  },
  'the breaker lets through exactly its limit': {
    users: Array<Partial<User>>(30).fill({}),
    requests: (ids) =>
      ids.map((id, i) =>
        i % 2 === 0 ? ['PATCH', `/Users/${id}`, patch('active', false)] : ['DELETE', `/Users/${id}`],
      ),
    problem(active, statuses, holds) {
      const isExact = active.length === 30 - 30 * share && statuses[503] === active.length && holds === 1;
      return isExact ? undefined : `${String(active.length)} of 30 are left, ${String(holds)} holds were reported`;
    },
  },
};

/** Runs a race some times. @returns what was wrong, with the statuses of the round */
export async function run({ store, holds, activeUsers }: Arena, race: Race, rounds: number): Promise<string[]> {
  const problems: string[] = [];
  let reported = 0;
  const faults: unknown[] = [];
  const app = express();
  app.use(
    '/scim',
    createScimRouter<Request>(store, {
      authenticate: (req) => ({ id: 'idp', tenant: req.get('x-tenant') ?? '' }),
      onError: (error) => void faults.push(error),
      beforeChange: guards(
        lastOwner({
          isOwner,
          ownersLeft: async ({ without }, { tenant }, transaction) =>
            (await activeUsers(tenant, transaction)).filter((user) => isOwner(user) && !without.includes(user.id))
              .length,
        }),
        seatLimit({ seats, count: async ({ tenant }, transaction) => (await activeUsers(tenant, transaction)).length }),
        massDeactivationBreaker({
          share,
          minimum: 4,
          count: async ({ tenant }, transaction) => (await activeUsers(tenant, transaction)).length,
          holds,
          onHold: () => void reported++,
        }),
      ),
    }),
  );
  const server = Object.assign(app.listen(0, '127.0.0.1'), patientServer);
  await new Promise((resolve) => server.once('listening', resolve));
  const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/scim`;
  try {
    for (let round = 0; round < rounds; round++) {
      const tenant = `${String(process.pid)}-${String(Date.now())}-${String(round)}`;
      const ids: string[] = [];
      for (const [i, user] of race.users.entries()) {
        const creation = newUser(`user${String(i)}`, { active: true, ...user });
        ids.push((await store.create(creation, ctx(tenant))).resource.id);
      }
      reported = 0;
      const responses = await Promise.all(
        race.requests(ids).map(async ([method, path, body]) => {
          const response = await fetch(base + path, {
            method,
            headers: { 'content-type': 'application/scim+json', 'x-tenant': tenant },
            ...(body !== undefined && { body: JSON.stringify(body) }),
          });
          await response.arrayBuffer();
          return response.status;
        }),
      );
      const statuses: Record<number, number> = {};
      for (const status of responses) statuses[status] = (statuses[status] ?? 0) + 1;
      const problem = race.problem(await activeUsers(tenant), statuses, reported);
      const allowed = [200, 201, 204, 403, 404, 503];
      const others = responses.filter((status) => !allowed.includes(status));
      if (problem !== undefined || !isDeepStrictEqual(others, [])) {
        problems.push(`round ${String(round)}: ${problem ?? 'unexpected statuses'} ${JSON.stringify(statuses)}`);
      }
    }
  } finally {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }
  const unexpected = faults.filter((fault) => !String(fault).includes('Unusually many'));
  return [...problems, ...unexpected.slice(0, 3).map(String)];
}

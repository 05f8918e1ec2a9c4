// How much a user, a membership and a connection are on PostgreSQL, for the figures in docs/stores.md. POSTGRES_URL names
// the database; the tables are the run's own. Compare the rates with each other only.
//   node --import tsx bench/sizing.ts [USERS]
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Change, Group, ScimContext, User } from 'express-scim';
import { createScimTables, dropScimTables, sqlStore } from 'express-scim/sql';
import { normalizeUserName } from '../src/schema/normalize.js';

const url = process.env['POSTGRES_URL'];
if (url === undefined) throw new Error('POSTGRES_URL is missing: .ci/databases.sh start prints one.');
const users = Number(process.argv[2] ?? 10_000);
const tables = 'sizing_';
const open = (max: number): Kysely<unknown> =>
  new Kysely<unknown>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max }) }) });
const ctx: ScimContext = {
  tenant: 'default',
  actor: { id: 'bench' },
  requestId: 'r',
  signal: new AbortController().signal,
};
const selection: ReadonlySet<string> = new Set();
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** What Entra ID sends with its default mapping, some 1 KB of JSON. */
function userAt(i: number): User {
  const name = `user.${String(i)}@example.com`;
  return {
    userName: name,
    externalId: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    active: true,
    displayName: `Given${String(i)} Family${String(i)}`,
    title: 'Maintenance Technician',
    preferredLanguage: 'en-GB',
    name: {
      givenName: `Given${String(i)}`,
      familyName: `Family${String(i)}`,
      formatted: `Given${String(i)} Family${String(i)}`,
    },
    emails: [{ value: name, type: 'work', primary: true }],
    phoneNumbers: [
      { value: `+44 20 7946 ${String(i).padStart(4, '0')}`, type: 'work' },
      { value: `+44 7700 90${String(i).padStart(4, '0')}`, type: 'mobile' },
    ],
    addresses: [
      {
        type: 'work',
        formatted: '1 Harbour Road, Southampton SO14 1AA',
        streetAddress: '1 Harbour Road',
        locality: 'Southampton',
        region: 'Hampshire',
        postalCode: 'SO14 1AA',
        country: 'United Kingdom',
      },
    ],
    [enterprise]: {
      employeeNumber: String(100_000 + i),
      department: 'Workshop',
      manager: { value: `manager-${String(i % 50)}` },
    },
  };
}

const db = open(8);
await dropScimTables(db, { tables }).catch(() => undefined);
await createScimTables(db, { tables });
const store = sqlStore(db, { tables });
const groups = store.groups;
if (groups === undefined) throw new Error('The store has no groups.');
const caseExact: ReadonlySet<string> = new Set(['id', 'externalId']);
const ids: string[] = [];
for (let start = 0; start < users; start += 100) {
  const part = Array.from({ length: Math.min(100, users - start) }, async (_, i) => {
    const resource = userAt(start + i);
    const keys = { userName: normalizeUserName(resource.userName) };
    return (await store.create({ resource, keys, selection, caseExact, events: () => [] }, ctx)).resource.id;
  });
  ids.push(...(await Promise.all(part)));
}
const bytesOf = async (...names: string[]): Promise<number> => {
  let bytes = 0;
  for (const name of names) {
    const { rows } = await sql<{ n: string }>`select pg_total_relation_size(${tables + name}) as n`.execute(db);
    bytes += Number(rows[0]?.n);
  }
  return bytes;
};
const members = { add: ids.map((value) => ({ value })), remove: [], pending: 'reject' } as const;
await groups.create(
  { resource: { displayName: 'All' } as Group, keys: {}, members, selection, caseExact, events: () => [] },
  ctx,
);
await sql`vacuum analyze`.execute(db);
const { rows } = await sql<{ n: string }>`select count(*) as n from ${sql.table(`${tables}values`)}`.execute(db);
const json = JSON.stringify(userAt(1)).length;
const per = (bytes: number): string => `${String(Math.round(bytes / users))} bytes`;
console.log(
  `a user of ${String(json)} bytes of JSON: ${String(Math.round(Number(rows[0]?.n) / users))} rows in values`,
);
console.log(`a user, indexes included: ${per(await bytesOf('users', 'keys', 'values'))}`);
console.log(
  `of it users ${per(await bytesOf('users'))}, keys ${per(await bytesOf('keys'))}, values ${per(await bytesOf('values'))}`,
);
console.log(`a membership, indexes included: ${per(await bytesOf('members'))}`);

const change = (active: boolean): Change<User> => ({
  set: { active },
  unset: [],
  keys: {},
  selection,
  caseExact,
  events: () => [],
});
let base: readonly [number, number] | undefined;
for (const size of [1, 2, 4, 8, 16, 32]) {
  const pool = open(size);
  const served = sqlStore(pool, { tables });
  const rate = async (work: (i: number) => Promise<unknown>): Promise<number> => {
    let done = 0;
    const began = performance.now();
    const client = async (first: number): Promise<void> => {
      for (let i = first; performance.now() - began < 3_000; i += 64) {
        await work(i % ids.length);
        done++;
      }
    };
    await Promise.all(Array.from({ length: 64 }, (_, i) => client(i)));
    return (done / (performance.now() - began)) * 1_000;
  };
  await rate(async (i) => served.get(ids[i] ?? '', selection, ctx));
  const reads = await rate(async (i) => served.get(ids[i] ?? '', selection, ctx));
  const writes = await rate(async (i) => served.update(ids[i] ?? '', change(Math.floor(i / 64) % 2 === 0), ctx));
  base ??= [reads, writes];
  console.log(
    `64 clients, pool of ${String(size)}: reads ${(reads / base[0]).toFixed(2)}, changes ${(writes / base[1]).toFixed(2)} of a pool of 1`,
  );
  await pool.destroy();
}
await dropScimTables(db, { tables });
await db.destroy();

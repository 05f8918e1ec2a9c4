// Speed of the SQL store on PostgreSQL against hand-written prepared queries for only the columns needed, through the
// same driver, in turns within one run. POSTGRES_URL names the database; the tables are the run's own. What it measured
// is kept for bench/report.mjs.
//   node --import tsx bench/sql.ts [USERS] [ROUNDS]
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Change, Creation, Group, ListQuery, ScimContext, Stored, User } from 'express-scim';
import type * as sources from 'express-scim/sql';
import { normalizeUserName } from '../src/schema/normalize.js';
import { keep, measuredAt } from './results.mjs';

// As it is published: what runs TypeScript here adds to every function.
const built = new URL('../dist/sql.js', import.meta.url).href;
const { createScimTables, dropScimTables, withPreparedStatements, sqlStore } = (await import(built)) as typeof sources;
const url = process.env['POSTGRES_URL'];
if (url === undefined) throw new Error('POSTGRES_URL is missing: .ci/databases.sh start prints one.');
const at = measuredAt();
const users = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 9);
const members = Math.min(50_000, users - 1);
const tables = 'bench_';
const pool = new pg.Pool({ connectionString: url, max: 4 });
const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: withPreparedStatements(pool) }) });
const store = sqlStore(db, { tables });
const ctx: ScimContext = {
  tenant: 'default',
  actor: { id: 'bench' },
  requestId: 'r',
  signal: new AbortController().signal,
};

const userNameRef = {
  path: 'userName',
  keys: ['userName'],
  type: 'string',
  multiValued: false,
  caseExact: false,
} as const;
const titleRef = { ...userNameRef, path: 'title', keys: ['title'] } as const;
const nothing: ReadonlySet<string> = new Set();
await dropScimTables(db, { tables }).catch(() => undefined);
await sql`drop table if exists hand_users, hand_members`.execute(db);
await createScimTables(db, { tables });
const ids = await seed();
const group = await seedGroup(ids);
await sql`vacuum analyze`.execute(db);

let turn = 0;
const next = (): number => (turn = (turn * 7919 + 104_729) % users);
const handQuery = (name: string, text: string, values: unknown[]): Promise<pg.QueryResult> =>
  pool.query({ name, text, values });
const shownColumns = 'id, attributes, created, last_modified, version';
const deep = [...ids].sort()[Math.floor(users * 0.9)] ?? '';

const inactive = new Set<string>();

interface Work {
  readonly name: string;
  ours(): Promise<unknown>;
  handWritten(): Promise<unknown>;
}
const works: Work[] = [
  {
    name: 'get by id',
    ours: async () => store.get(ids[next()] ?? '', nothing, ctx),
    handWritten: () =>
      handQuery('get', `select ${shownColumns} from hand_users where tenant = $1 and id = $2`, [
        'default',
        ids[next()],
      ]),
  },
  {
    name: 'userName eq',
    ours: async () => store.list(byUserName(`user${String(next())}@example.com`), ctx),
    handWritten: () =>
      handQuery('eq', `select ${shownColumns} from hand_users where tenant = $1 and user_name = $2`, [
        'default',
        `user${String(next())}@example.com`,
      ]),
  },
  {
    name: 'page of 100 at 90 % by cursor',
    ours: async () => store.list(page([deep]), ctx),
    handWritten: () =>
      handQuery('page', `select ${shownColumns} from hand_users where tenant = $1 and id > $2 order by id limit 100`, [
        'default',
        deep,
      ]),
  },
  {
    name: 'page of 100 at 90 % by cursor, sorted by userName',
    ours: async () => store.list(page([`user${String(Math.floor(users * 0.9))}@example.com`, ''], true), ctx),
    handWritten: () =>
      handQuery(
        'sorted',
        `select ${shownColumns} from hand_users where tenant = $1 and (user_name, id) > ($2, $3) order by user_name, id limit 100`,
        ['default', `user${String(Math.floor(users * 0.9))}@example.com`, ''],
      ),
  },
  {
    name: 'PATCH active',
    ours: async () => {
      const id = ids[next()] ?? '';
      const active = inactive.delete(id) || !inactive.add(id);
      return store.update(id, change({ active }), ctx);
    },
    handWritten: () =>
      handTransaction([
        'active',
        `update hand_users set active = not active, version = version + 1, last_modified = $3 where tenant = $1 and id = $2 returning ${shownColumns}`,
        ['default', ids[next()], Date.now()],
      ]),
  },
  {
    name: 'PUT',
    ours: async () => {
      const n = next();
      return store.update(ids[n] ?? '', change(userAt(n, String(turn))), ctx);
    },
    handWritten: () => {
      const n = next();
      const attributes = userAt(n, String(turn));
      return handTransaction([
        'put',
        `update hand_users set attributes = $3, user_name = $4, title = $5, active = $6, version = version + 1, last_modified = $7 where tenant = $1 and id = $2 returning ${shownColumns}`,
        [
          'default',
          ids[n],
          JSON.stringify(attributes),
          attributes.userName,
          attributes.title,
          attributes.active,
          Date.now(),
        ],
      ]);
    },
  },
  {
    name: `a member into and out of a group of ${String(members)}`,
    ours: async () => {
      const id = ids[users - 1] ?? '';
      await store.groups?.update(
        group,
        { ...change<Group>({}), members: { add: [{ value: id }], remove: [], pending: 'keep' } },
        ctx,
      );
      await store.groups?.update(
        group,
        { ...change<Group>({}), members: { add: [], remove: [id], pending: 'keep' } },
        ctx,
      );
    },
    handWritten: async () => {
      const id = ids[users - 1];
      await handTransaction(
        [
          'add',
          'insert into hand_members (tenant, group_id, member_id) values ($1, $2, $3) on conflict do nothing',
          ['default', group, id],
        ],
        ['touch', 'update hand_users set version = version + 1 where tenant = $1 and id = $2', ['default', group]],
      );
      await handTransaction(
        [
          'remove',
          'delete from hand_members where tenant = $1 and group_id = $2 and member_id = $3',
          ['default', group, id],
        ],
        ['touch', 'update hand_users set version = version + 1 where tenant = $1 and id = $2', ['default', group]],
      );
    },
  },
];

const results = [];
for (const work of works) results.push(await measured(work));
console.table(results);
const { rows: settings } = await pool.query<{ server_version: string; fsync: string }>(
  `select current_setting('server_version') as server_version, current_setting('fsync') as fsync`,
);
const [setting] = settings;
keep(`sql-fsync-${String(setting?.fsync)}`, { at, users, rounds, postgres: setting?.server_version, rows: results });
await explain();
await dropScimTables(db, { tables });
await sql`drop table hand_users, hand_members`.execute(db);
await db.destroy();

// One of each in turns: what else the machine does then slows both.
async function measured({ name, ours, handWritten }: Work) {
  const times: Record<'ours' | 'handWritten', number[]> = { ours: [], handWritten: [] };
  const count = rounds * (name.startsWith('page') ? 40 : 150);
  for (let i = -30; i < count; i++) {
    for (const [key, run] of [
      ['handWritten', handWritten],
      ['ours', ours],
    ] as const) {
      const began = performance.now();
      await run();
      if (i >= 0) times[key].push(performance.now() - began);
    }
  }
  const median = (all: number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  const [a, b] = [median(times.ours), median(times.handWritten)];
  return {
    title: name,
    ours: Number(a.toFixed(3)),
    handWritten: Number(b.toFixed(3)),
    ratio: Number((a / b).toFixed(2)),
  };
}

async function handTransaction(...statements: readonly (readonly [string, string, unknown[]])[]): Promise<void> {
  const client = await pool.connect();
  await client.query('begin');
  for (const [name, text, values] of statements) await client.query({ name, text, values });
  await client.query('commit');
  client.release();
}

function userAt(n: number, title = 'Guide') {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: `user${String(n)}@example.com`,
    externalId: `ext-${String(n)}`,
    displayName: `User ${String(n)}`,
    title,
    active: true,
    name: { givenName: `Given${String(n)}`, familyName: `Family${String(n)}` },
    emails: [{ value: `user${String(n)}@example.com`, type: 'work', primary: true }],
    phoneNumbers: [{ value: `+44-1632-${String(n)}`, type: 'work' }],
  };
}

async function seed(): Promise<string[]> {
  await sql`create table hand_users (tenant varchar(100) not null, id varchar(64) collate "C" not null, user_name text collate "C" not null,
    title text, active boolean, attributes json not null, created bigint not null, last_modified bigint not null, version bigint not null,
    primary key (tenant, id))`.execute(db);
  await sql`create table hand_members (tenant varchar(100) not null, group_id varchar(64) not null, member_id varchar(64) not null,
    primary key (tenant, group_id, member_id))`.execute(db);
  await sql`create unique index hand_users_name on hand_users (tenant, user_name)`.execute(db);
  const made: string[] = [];
  const now = Date.now();
  const insert = async (table: string, columns: string, rows: readonly unknown[][]): Promise<void> => {
    const width = rows[0]?.length ?? 1;
    const size = Math.floor(60_000 / width);
    for (let start = 0; start < rows.length; start += size) {
      const part = rows.slice(start, start + size);
      const places = part.map(
        (_, i) => `(${Array.from({ length: width }, (__, j) => `$${String(i * width + j + 1)}`).join(',')})`,
      );
      await pool.query(`insert into ${table} (${columns}) values ${places.join(',')}`, part.flat());
    }
  };
  for (let start = 0; start < users; start += 2_000) {
    const numbers = Array.from({ length: Math.min(2_000, users - start) }, (_, i) => start + i);
    const created = await Promise.all(numbers.map((n) => store.create(creationOf(userAt(n)), ctx)));
    const own = created.map(({ resource: { id, meta, ...attributes } }) => {
      made.push(id);
      const json = JSON.stringify(attributes);
      return ['default', id, attributes.userName, attributes.title, true, json, now, now, Number(meta.version)];
    });
    await insert(
      'hand_users',
      'tenant, id, user_name, title, active, attributes, created, last_modified, version',
      own,
    );
  }
  return made;
}

async function seedGroup(all: readonly string[]): Promise<string> {
  const { resource } = (await store.groups?.create(
    { ...change({}), resource: { displayName: 'large' }, keys: {}, selection: nothing } as never,
    ctx,
  )) as { resource: Stored<object> };
  for (const part of [all.slice(0, members)]) {
    await store.groups?.update(
      resource.id,
      { ...change<Group>({}), members: { add: part.map((value) => ({ value })), remove: [], pending: 'keep' } },
      ctx,
    );
  }
  await sql`insert into hand_members (tenant, group_id, member_id) select tenant, group_id, member_id from ${sql.table(`${tables}members`)}`.execute(
    db,
  );
  return resource.id;
}

function creationOf(resource: User): Creation<User> {
  const keys = { userName: normalizeUserName(resource.userName) };
  return { resource, keys, selection: nothing, caseExact: nothing, events: () => [] };
}

function change<R extends object = User>(set: object): Change<R> {
  const { userName } = set as { readonly userName?: string };
  return {
    set,
    unset: [],
    keys: userName === undefined ? {} : { userName: normalizeUserName(userName) },
    selection: nothing,
    caseExact: nothing,
    events: () => [],
  } as unknown as Change<R>;
}

function byUserName(value: string): ListQuery<User> {
  return {
    filter: { op: 'eq', attribute: userNameRef, value },
    equals: { userName: value },
    sort: [],
    reads: ['userName'],
    page: { kind: 'index', offset: 0, limit: 100 },
    selection: nothing,
    matches: () => true,
    compare: () => 0,
  };
}

function page(after: readonly string[], isSorted = false): ListQuery<User> {
  return {
    filter: undefined,
    equals: {},
    sort: isSorted ? [{ attribute: userNameRef, descending: false }] : [],
    reads: isSorted ? ['userName'] : [],
    page: { kind: 'cursor', after, before: undefined, limit: 100 },
    selection: nothing,
    matches: () => true,
    compare: () => 0,
  };
}

/** Shows what plans PostgreSQL makes for statements of the store. */
async function explain(): Promise<void> {
  let last: { readonly sql: string; readonly parameters: readonly unknown[] } | undefined;
  const listening = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool }),
    log: ({ level, query }) => {
      if (level === 'query' && query.sql.includes('attributes')) last = query;
    },
  });
  const listed = sqlStore(listening, { tables });
  const startsWith = byUserName('user4242');
  const questions: readonly (readonly [string, ListQuery<User>])[] = [
    ['userName eq', byUserName('user42@example.com')],
    ['userName sw', { ...startsWith, filter: { op: 'sw', attribute: userNameRef, value: 'user4242' } }],
    ['title eq, by the table of values', { ...startsWith, filter: { op: 'eq', attribute: titleRef, value: 'guide' } }],
    ['page by cursor', page([deep])],
    ['page by cursor, sorted by userName', page(['user42@example.com', ''], true)],
  ];
  for (const [name, query] of questions) {
    await listed.list(query, ctx);
    const text = last?.sql ?? '';
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...(last?.parameters ?? [])]);
    const plan = rows.map((row) => row['QUERY PLAN']);
    console.log(`\n${name}\n${plan.map((line) => `  ${line}`).join('\n')}`);
    if (plan.some((line) => line.includes('Seq Scan'))) process.exitCode = 1;
  }
}

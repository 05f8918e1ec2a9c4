import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import request from 'supertest';
import { productTables } from '../../examples/asset-tracker/schema.js';
import type { Example, OpenExample } from '../../examples/orm/example.js';
import { startPostgres } from '../../examples/orm/postgres.js';
import { migrate, scimStore } from '../../examples/orm/scim.js';
import { testUserStore } from '../../src/testing/index.js';
import { simulate } from '../../src/tools/index.js';
import { breakable } from '../stores/sql/breakable.js';
import { postgresUrl } from '../database-servers.js';
import { patient, patientServer } from '../patient.js';
import { storeCases } from '../store-cases.js';

const key = 'key-of-the-provider-0123456789';
const urn = 'urn:ietf:params:scim';

/**
 * PostgreSQL in this process, which takes one connection: Kysely without the pool of the ORM would wait forever for a
 * second one. With a server of the environment a database of it, and a pool of five.
 */
async function openDatabase(): Promise<{ readonly url: string; readonly poolSize: number; close(): Promise<void> }> {
  if (postgresUrl === undefined) return { ...(await startPostgres()), poolSize: 1 };
  // Not a schema: Prisma takes no search_path.
  const name = `orm_${randomBytes(6).toString('hex')}`;
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 1 });
  await pool.query(`create database ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = name;
  const close = async (): Promise<void> => {
    await pool.query(`drop database ${name}`);
    await pool.end();
  };
  return { url: url.href, poolSize: 5, close };
}

/** The asset tracker has no two teams of one name. */
const uniqueTeams = 'groups-names';

/** What depends on connections and transactions. All cases take a minute for each ORM. */
const quick = ['uniqueness', 'versions', 'changes', 'deletion', 'groups', 'faults'];

const chosen = storeCases((group) => quick.includes(group)).filter((id) => id !== uniqueTeams);

/** The store test suite, two identity providers, and the application's own routes over the same rows. */
export function ormCases(name: string, open: OpenExample): void {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let example: Example;
  let server: Server;

  beforeAll(async () => {
    database = await openDatabase();
    example = await open({ url: database.url, poolSize: database.poolSize, key });
    for (const statement of productTables('postgres')) await sql.raw(statement).execute(example.db);
    await migrate(example.db);
    server = createServer(patientServer, example.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    server.close();
    await example.close();
    await database.close();
  });

  const clear = async (): Promise<void> => {
    const tables = [
      'members',
      'teams',
      'departments',
      'locations',
      'scim_side_users',
      'scim_side_groups',
      'scim_locks',
    ];
    await sql`truncate ${sql.join(tables.map((table) => sql.table(table)))} restart identity cascade`.execute(
      example.db,
    );
  };

  const rename = async (id: string, displayName: string): Promise<void> => {
    const response = await request(server)
      .patch(`/members/${id.slice(1)}`)
      .send({ displayName });
    expect(response.status).toBe(204);
  };

  testUserStore({
    ...patient,
    name: `the asset tracker on ${name}`,
    only: chosen,
    randomRuns: 20,
    create: async () => {
      await clear();
      const { db, breakAt } = breakable(example.db as never);
      return {
        store: scimStore(db as never),
        breakAt,
        nestedGroups: false,
        longText: false,
        exactText: false,
        foreignWrite: (id) => rename(id, 'changed by the application'),
      };
    },
  });

  describe(`SCIM beside ${name}`, () => {
    beforeEach(clear);

    const scim = (method: 'get' | 'post' | 'patch', path: string, body?: object) => {
      const sent = request(server)[method](`/scim/v2${path}`).set('authorization', `Bearer ${key}`);
      return body === undefined ? sent : sent.set('content-type', 'application/scim+json').send(JSON.stringify(body));
    };
    const add = async (userName: string): Promise<string> => {
      const user = { schemas: [`${urn}:schemas:core:2.0:User`], userName, displayName: 'Ada' };
      const { status, body } = await scim('post', '/Users', user);
      expect(status).toBe(201);
      return String(body.id);
    };
    const team = (displayName: string, ...ids: readonly string[]) => ({
      schemas: [`${urn}:schemas:core:2.0:Group`],
      displayName,
      members: ids.map((value) => ({ value })),
    });

    it('shows users and groups of the identity provider on the page of the application', async () => {
      const [ada] = [await add('ada@example.com'), await add('eve@example.com')];
      expect((await scim('post', '/Groups', team('Workshop', ada))).status).toBe(201);
      expect((await scim('post', '/Groups', team('Crew', ada))).status).toBe(201);
      const deactivation = {
        schemas: [`${urn}:api:messages:2.0:PatchOp`],
        Operations: [{ op: 'replace', path: 'active', value: false }],
      };
      expect((await scim('patch', `/Users/${ada}`, deactivation)).status).toBe(200);
      const { body } = await request(server).get('/members');
      expect(body).toEqual([
        { id: 1, email: 'ada@example.com', displayName: 'Ada', maySignIn: 0, teams: ['Crew', 'Workshop'] },
        { id: 2, email: 'eve@example.com', displayName: 'Ada', maySignIn: 1, teams: [] },
      ]);
    });

    it('sees what the application writes, and refuses a change of an older version', async () => {
      const id = await add('ada@example.com');
      const { etag } = (await scim('get', `/Users/${id}`)).headers;
      await rename(id, 'Ada King');
      const { body } = await scim('get', `/Users/${id}`);
      expect(body).toMatchObject({ userName: 'ada@example.com', displayName: 'Ada King' });
      const change = {
        schemas: [`${urn}:api:messages:2.0:PatchOp`],
        Operations: [{ op: 'replace', path: 'title', value: 'Guide' }],
      };
      expect((await scim('patch', `/Users/${id}`, change).set('if-match', String(etag))).status).toBe(412);
    });

    it('refuses a second team of the same name, as the table does', async () => {
      expect((await scim('post', '/Groups', team('Workshop'))).status).toBe(201);
      const second = await scim('post', '/Groups', team('Workshop'));
      expect([second.status, second.body]).toMatchObject([409, { scimType: 'uniqueness' }]);
    });

    // PostgreSQL in this process has no other process to end.
    const onServer = postgresUrl === undefined ? it.skip : it;
    onServer('goes on after connections broke in the middle of a transaction', async () => {
      const id = await add('ada@example.com');
      for (let nth = 0; nth < 2 * database.poolSize; nth++) {
        const transaction = example.db.transaction().execute(async (broken) => {
          await sql`update members set title = 'Guide'`.execute(broken);
          await sql`select pg_terminate_backend(pg_backend_pid())`.execute(broken);
        });
        await expect(transaction).rejects.toThrow('terminat');
      }
      await rename(id, 'Ada King');
      const { body } = await scim('get', `/Users/${id}`);
      expect(body).toMatchObject({ userName: 'ada@example.com', displayName: 'Ada King' });
      expect(body).not.toHaveProperty('title');
    });

    it.each(['entra', 'okta'] as const)('passes all stages of %s', async (client) => {
      const { port } = server.address() as AddressInfo;
      const baseUrl = `http://127.0.0.1:${String(port)}/scim/v2`;
      const report = await simulate({ baseUrl, key, client, users: 5, groups: 2, pageSize: 5 });
      expect(report.findings).toEqual([]);
      expect(report.passed).toBe(true);
      expect(report.stages.filter(({ outcome, requests }) => outcome !== 'played' || requests === 0)).toEqual([]);
    });
  });
}

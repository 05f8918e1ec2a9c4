import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { testUserStore } from 'express-scim/testing';
import request from 'supertest';
import { createApp } from '../../examples/custom-store/app.js';
import { type Database, openDatabase } from '../../examples/custom-store/database.js';
import { users } from '../../examples/custom-store/schema.js';
import { customStore } from '../../examples/custom-store/store.js';
import { patient } from '../patient.js';

let db: Database;
let close: () => Promise<void>;

// Number of writes until one fails as if the connection broke.
let writesLeft: number | undefined;
let staysBroken = false;
const logger = {
  logQuery(statement: string): void {
    if (writesLeft === undefined || !/^\s*(?:insert|update|delete)/.test(statement)) return;
    if (--writesLeft > 0) return;
    if (!staysBroken) writesLeft = undefined;
    throw new Error('the connection broke');
  },
};

beforeAll(async () => {
  ({ db, close } = await openDatabase(logger));
});

afterAll(() => close());

const emptyDatabase = async (): Promise<Database> => {
  await db.execute(sql`truncate users, groups, memberships`);
  return db;
};

testUserStore({
  ...patient,
  name: 'a store on Drizzle',
  create: async () => customStore(await emptyDatabase()),
  capabilities: {
    nestedGroups: false,
    anyAttribute: true,
    breakAt(nth, permanently = false) {
      writesLeft = nth;
      staysBroken = permanently;
    },
    async foreignWrite(id) {
      await db
        .update(users)
        .set({ displayName: 'changed by the application', version: sql`version + 1` })
        .where(eq(users.id, id));
    },
  },
});

const urn = 'urn:ietf:params:scim';
const key = 'key-of-the-provider-0123456789';

async function start() {
  const app = createApp(await emptyDatabase(), key);
  const send =
    (method: 'get' | 'post' | 'patch' | 'delete') =>
    (path: string, body: object = {}) => {
      const sent = request(app)[method](`/scim/v2${path}`).set('authorization', `Bearer ${key}`);
      if (method === 'get' || method === 'delete') return sent;
      return sent.set('content-type', 'application/scim+json').send(JSON.stringify(body));
    };
  return { get: send('get'), post: send('post'), patch: send('patch'), delete: send('delete') };
}

const user = (userName: string, more: object = {}) => ({
  schemas: [`${urn}:schemas:core:2.0:User`],
  userName,
  ...more,
});
const patch = (...Operations: readonly object[]) => ({
  schemas: [`${urn}:api:messages:2.0:PatchOp`],
  Operations,
});
const filtered = (filter: string): string => `?filter=${encodeURIComponent(filter)}`;

describe('SCIM with a custom store on Drizzle', () => {
  it('creates a user once, ignoring the case of userName', async () => {
    const scim = await start();
    const created = await scim.post('/Users', user('Ada@example.com', { emails: [{ value: 'ada@example.com' }] }));
    expect(created.status).toBe(201);
    expect((await scim.post('/Users', user('ADA@example.com'))).status).toBe(409);
    const found = await scim.get(`/Users/${String(created.body.id)}`);
    expect(found.body).toMatchObject({
      userName: 'Ada@example.com',
      active: true,
      emails: [{ value: 'ada@example.com' }],
    });
  });

  it('deactivates a user, and keeps columns that SCIM does not know', async () => {
    const scim = await start();
    const { id } = (await scim.post('/Users', user('bob', { title: 'Guide' }))).body as { id: string };
    await db.execute(sql`update users set last_seen_at = '2026-01-01T00:00:00Z' where id = ${id}`);
    const response = await scim.patch(`/Users/${id}`, patch({ op: 'replace', path: 'active', value: false }));
    expect([response.status, response.body]).toMatchObject([200, { active: false, title: 'Guide' }]);
    expect(await db.$count(sql`users`, sql`last_seen_at = '2026-01-01T00:00:00Z' and not active`)).toBe(1);
  });

  it('finds users with filters in SQL and filters in memory', async () => {
    const scim = await start();
    await scim.post('/Users', user('ada', { externalId: 'x-1', name: { familyName: 'Lovelace' } }));
    await scim.post('/Users', user('bob', { externalId: 'X-1' }));
    const namesBy = async (filter: string) => {
      const { body } = await scim.get(`/Users${filtered(filter)}`);
      return (body.Resources as { userName: string }[]).map(({ userName }) => userName);
    };
    expect(await namesBy('userName eq "ADA"')).toEqual(['ada']);
    expect(await namesBy('externalId eq "X-1" and active eq true')).toEqual(['bob']);
    expect(await namesBy('name.familyName sw "love" and externalId eq "x-1"')).toEqual(['ada']);
    expect(await namesBy('externalId eq "x-1" and not (name.familyName pr)')).toEqual([]);
  });

  it('keeps members as a set, and shows the groups of a user', async () => {
    const scim = await start();
    const ids = await Promise.all(
      ['ada', 'bob'].map(async (name) =>
        String((await scim.post('/Users', user(name, { displayName: name }))).body.id),
      ),
    );
    const group = {
      schemas: [`${urn}:schemas:core:2.0:Group`],
      displayName: 'Crew',
      members: [{ value: ids[0] }],
    };
    const created = await scim.post('/Groups', group);
    expect([created.status, created.body]).toMatchObject([201, { members: [{ value: ids[0], display: 'ada' }] }]);
    const path = `/Groups/${String(created.body.id)}`;
    const response = await scim.patch(path, patch({ op: 'add', path: 'members', value: [{ value: ids[1] }] }));
    expect(response.status).toBe(204);
    expect((await scim.get(`/Users/${String(ids[1])}`)).body.groups).toMatchObject([{ display: 'Crew' }]);
    expect((await scim.delete(`/Users/${String(ids[0])}`)).status).toBe(204);
    expect((await scim.get(path)).body.members).toMatchObject([{ value: ids[1] }]);
    expect((await scim.post('/Groups', { ...group, members: [{ value: 'nobody' }] })).status).toBe(400);
  });

  it('pages with cursors', async () => {
    const scim = await start();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await scim.post('/Users', user(name));
    const names: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const path = `/Users?count=2&sortBy=userName&sortOrder=descending&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await scim.get(path);
      names.push(...(body.Resources as { userName: string }[]).map(({ userName }) => userName));
      cursor = body.nextCursor as string | undefined;
    }
    expect(names).toEqual(['e', 'd', 'c', 'b', 'a']);
  });
});

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { open } from '../../examples/orm/mongoose/app.js';
import { mongoStore } from '../../src/mongodb.js';
import { testUserStore } from '../../src/testing/index.js';
import { simulate } from '../../src/tools/index.js';
import { breakable } from '../stores/mongodb/mongodb.js';
import { until } from './asset-tracker-visitor.js';
import { patient, patientServer } from '../patient.js';

const key = 'key-of-the-provider-0123456789';
const urn = 'urn:ietf:params:scim';
const url = process.env['MONGODB_URL'];

if (url === undefined) {
  describe('SCIM beside Mongoose', () => {
    it.skip('needs MONGODB_URL (.ci/mongodb.sh start)', () => undefined);
  });
} else {
  let example: Awaited<ReturnType<typeof open>>;
  let server: Server;

  beforeAll(async () => {
    const database = new URL(url);
    database.pathname = `orm_${randomBytes(6).toString('hex')}`;
    example = await open(database.href, key);
    server = createServer(patientServer, example.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    server.close();
    await example.connection.dropDatabase();
    await example.connection.close();
  });

  /** The database of the application, as SCIM gets it. */
  const emptyDatabase = async () => {
    const { connection } = example;
    const db = connection.getClient().db(connection.name);
    for (const name of ['scim_resources', 'profiles']) await db.collection(name).deleteMany({});
    return db;
  };

  testUserStore({
    ...patient,
    name: 'MongoDB over the client of Mongoose',
    randomRuns: 20,
    create: async () => {
      const { db, fault } = breakable(await emptyDatabase());
      return { store: mongoStore(db), breakAt: fault.breakAt, anyAttribute: true };
    },
  });

  describe('SCIM beside Mongoose', () => {
    beforeEach(() => emptyDatabase());

    const scim = (method: 'post' | 'patch' | 'delete', path: string, body: object = {}) => {
      const sent = request(server)[method](`/scim/v2${path}`).set('authorization', `Bearer ${key}`);
      return method === 'delete' ? sent : sent.set('content-type', 'application/scim+json').send(JSON.stringify(body));
    };
    const add = async (userName: string): Promise<string> => {
      const user = { schemas: [`${urn}:schemas:core:2.0:User`], userName, displayName: 'Ada' };
      const { status, body } = await scim('post', '/Users', user);
      expect(status).toBe(201);
      return String(body.id);
    };
    const members = async (): Promise<unknown> => (await request(server).get('/members')).body;

    it('shows users and groups of the identity provider on the page of the application', async () => {
      const [ada, eve] = [await add('ada@example.com'), await add('eve@example.com')];
      for (const displayName of ['Workshop', 'Crew']) {
        const team = { schemas: [`${urn}:schemas:core:2.0:Group`], displayName, members: [{ value: ada }] };
        expect((await scim('post', '/Groups', team)).status).toBe(201);
      }
      const deactivation = {
        schemas: [`${urn}:api:messages:2.0:PatchOp`],
        Operations: [{ op: 'replace', path: 'active', value: false }],
      };
      expect((await scim('patch', `/Users/${ada}`, deactivation)).status).toBe(200);
      expect((await request(server).patch(`/members/${ada}`).send({ mayHoldAssets: true })).status).toBe(204);
      const common = { displayName: 'Ada', mayHoldAssets: false };
      expect(await members()).toEqual([
        {
          ...common,
          ...{ id: ada, userName: 'ada@example.com', maySignIn: false },
          ...{ mayHoldAssets: true, teams: ['Crew', 'Workshop'] },
        },
        { ...common, id: eve, userName: 'eve@example.com', maySignIn: true, teams: [] },
      ]);
    });

    it('deletes the profile with the user, and takes none of a user who does not exist', async () => {
      const id = await add('ada@example.com');
      expect((await request(server).patch(`/members/${id}`).send({ mayHoldAssets: true })).status).toBe(204);
      expect((await scim('delete', `/Users/${id}`)).status).toBe(204);
      const profiles = () => example.connection.model('Profile').countDocuments();
      // After the response.
      await until(async () => (await profiles()) === 0);
      expect(await members()).toEqual([]);
      expect((await request(server).patch(`/members/${id}`).send({ mayHoldAssets: true })).status).toBe(404);
    });

    it('does not let a model of the application write documents of the store', async () => {
      const id = await add('ada@example.com');
      const Member = example.connection.model('Member');
      const found = await Member.findById(id);
      found?.set('attributes.displayName', 'Eve');
      const writes = [
        () => found?.save(),
        () => found?.deleteOne(),
        () => Member.create({ _id: 'x' }),
        () => Member.updateOne({ _id: id }, { type: 'Group' }),
        () => Member.updateMany({}, { type: 'Group' }),
        () => Member.replaceOne({ _id: id }, {}),
        () => Member.findOneAndUpdate({ _id: id }, { type: 'Group' }),
        () => Member.findOneAndReplace({ _id: id }, {}),
        () => Member.findOneAndDelete({ _id: id }),
        () => Member.findByIdAndUpdate(id, { type: 'Group' }),
        () => Member.deleteOne({ _id: id }),
        () => Member.deleteMany({}),
        () => Member.insertMany([{ _id: 'x' }]),
        () => Member.bulkWrite([{ deleteOne: { filter: { _id: id } } }]),
      ];
      for (const write of writes) await expect(async () => write()).rejects.toThrow('Only SCIM changes');
      expect(await members()).toMatchObject([{ id, displayName: 'Ada' }]);
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

import { expect, it, describe } from '@jest/globals';
import { defaultLimits, MemoryStore, type UserStore } from '../../src/index.js';
import { builtInTables } from '../stores/built-in/built-in.js';
import { sqlite } from '../stores/sql/sqlite.js';
import { expresses, groupSchemas, scimOn, userSchemas } from './app.js';

const list = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
/** As long as a UUID. */
const longId = (prefix: string, i: number): string => prefix + String(i).padStart(35, '0');
/** These tests are about `limits.work`. A busy machine may take its time. */
const patient = { limits: { storeMilliseconds: 600_000, requestMilliseconds: 600_000 } };
const bulkSchemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];

describe.each([
  ['the memory store', async () => new MemoryStore()],
  ['the SQL store on SQLite', async () => (await builtInTables(sqlite().db)).store],
] as readonly (readonly [string, () => Promise<UserStore>])[])(
  'large requests under the default limits over %s',
  (_, open) => {
    const [[, make] = ['', undefined]] = expresses;
    if (make === undefined) throw new Error('No Express.');

    it('a bulk request of 1,000 creations succeeds', async () => {
      const scim = scimOn(make, patient, await open());
      const Operations = list(1_000, (i) => ({
        method: 'POST',
        path: '/Users',
        bulkId: `b${String(i)}`,
        data: {
          schemas: userSchemas,
          userName: `user${String(i)}@example.com`,
          name: { givenName: 'Ada', familyName: `Lovelace ${String(i)}` },
          emails: [{ value: `user${String(i)}@example.com`, type: 'work', primary: true }],
        },
      }));
      const { body } = await scim.post('/Bulk', { schemas: bulkSchemas, Operations });
      const results = (body as { Operations: readonly { status: string }[] }).Operations;
      expect(results.filter(({ status }) => status !== '201')).toEqual([]);
      expect(results).toHaveLength(1_000);
      expect((await scim.get('/Users?count=1')).body).toMatchObject({ totalResults: 1_000 });
    });

    it('a user of nearly 1 MiB is created, found, changed and read', async () => {
      const scim = scimOn(make, patient, await open());
      const photo = (i: number): object => ({ value: `https://photos.example.com/${String(i)}/${'x'.repeat(240)}` });
      const text = 'é'.repeat(100_000);
      const body = { schemas: userSchemas, userName: 'large', title: text, nickName: text, photos: list(1_900, photo) };
      expect(Buffer.byteLength(JSON.stringify(body))).toBeGreaterThan(930_000);
      const { status, body: created } = await scim.post('/Users', body);
      expect(status).toBe(201);
      const { id } = created as { id: string };
      const found = await scim.get(`/Users?filter=${encodeURIComponent('title co "éé" and photos.value ew "x"')}`);
      expect(found.body).toMatchObject({ totalResults: 1 });
      const patched = await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'displayName', value: 'Large' }]);
      expect(patched.status).toBe(200);
      expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ displayName: 'Large', title: text });
    });

    it('a group of 100,000 members is created, replaced and read', async () => {
      const scim = scimOn(make, patient, await open());
      const group = (prefix: string): object => ({
        schemas: groupSchemas,
        displayName: 'Everybody',
        members: list(defaultLimits.maxMembers, (i) => ({ value: longId(prefix, i) })),
      });
      const { status, body } = await scim.post('/Groups', group('m'));
      expect(status).toBe(201);
      const { id } = body as { id: string };
      expect((await scim.put(`/Groups/${id}`, group('n'))).status).toBe(200);
      const shown = await scim.get(`/Groups/${id}`);
      expect({ status: shown.status, detail: (shown.body as { detail?: string }).detail }).toEqual({ status: 200 });
      const { members } = shown.body as { members: readonly { value: string }[] };
      const ids = new Set(members.map(({ value }) => value));
      expect(ids.size).toBe(defaultLimits.maxMembers);
      expect([...ids].filter((id) => !id.startsWith('n'))).toEqual([]);
    });
  },
);

import express from 'express';
import { afterEach, describe, expect, it } from '@jest/globals';
import { testClient } from '../../../src/tools/conformance/client.js';
import { type TestClient } from '../../../src/tools/conformance/conformance-test.js';
import {
  type Access,
  type ResponseRecord,
  connectorKeys,
  createScimRouter,
  generateConnectorKey,
  type SchemaDefinition,
  type ScimRouterOptions,
} from '../../../src/index.js';
import { MemoryStore } from '../../../src/stores/memory/memory-store.js';
import { testExtension } from './test-schema.js';
import { serve, type ServedType } from './serve.js';
import { urn } from '../../../src/tools/wire/urn.js';

/** Rows of the checklist that only a host with options of its own can show. */

const key = 'the-connector-key-of-the-host';
const open: ServedType[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function host(options: Partial<ScimRouterOptions>, mount = '/scim/v2', path = mount): Promise<TestClient> {
  const app = express();
  app.use(
    mount,
    createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key, tenant: 'acme' }]), ...options }),
  );
  const server = await serve(app);
  open.push(server);
  return clientOf(`${server.url}${path}`);
}

let names = 0;
function clientOf(baseUrl: string): TestClient {
  const unique = (prefix = 'host'): string => `${prefix}-${String(++names)}`;
  return testClient({
    endpoint: { baseUrl, key },
    fetch,
    signal: AbortSignal.timeout(600_000),
    onCreated: () => {},
    unique,
  });
}

const schemaWith = (attribute: SchemaDefinition['attributes'][number]): SchemaDefinition => ({
  id: 'urn:example:2.0:Extension',
  attributes: [attribute],
});
const creationWith = (schema: SchemaDefinition) => () =>
  createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key }]), extensions: { User: [{ schema }] } });

describe('custom schemas', () => {
  it('rejects an invalid attribute name at creation (7643-2.1-04)', () =>
    expect(creationWith(schemaWith({ name: '9x' }))).toThrow(TypeError));

  it('rejects a complex attribute within a complex one at creation (7643-2.3.8-02)', () => {
    const inner = { name: 'inner', type: 'complex', subAttributes: [{ name: 'a' }] } as const;
    expect(creationWith(schemaWith({ name: 'outer', type: 'complex', subAttributes: [inner] }))).toThrow(TypeError);
  });

  it('announces the defaults of an attribute without characteristics (7643-2.2-01)', async () => {
    const client = await host({ extensions: { User: [{ schema: schemaWith({ name: 'bare' }) }] } });
    expect((await client.get('/Schemas/urn:example:2.0:Extension')).get('attributes', 0)).toMatchObject({
      name: 'bare',
      type: 'string',
      multiValued: false,
      required: false,
      caseExact: false,
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'none',
    });
  });

  it('limits a string to canonicalValues only where the definition closes them (7643-2.3.1-01)', async () => {
    const client = await host({ extensions: { User: [{ schema: testExtension }] } });
    const body = (shade: string): object => ({
      schemas: [urn.user, testExtension.id],
      [testExtension.id]: { shade },
    });
    expect((await client.user(body('dark'))).get(testExtension.id, 'shade')).toBe('dark');
    const refusal = await client.post('/Users', { userName: 'shady', ...body('bright') });
    expect([refusal.status, refusal.get('scimType')]).toEqual([400, 'invalidValue']);
  });
});

describe('references (7643-2.3.7-04)', () => {
  it.each([
    ['keep', 201],
    ['reject', 400],
  ] as const)('pendingMembers %s returns %i for a member that does not exist', async (pendingMembers, status) => {
    const client = await host({ groups: { pendingMembers } });
    const members = [{ value: 'nobody' }];
    expect((await client.post('/Groups', { schemas: [urn.group], displayName: 'Staff', members })).status).toBe(status);
  });
});

describe('authorization', () => {
  it('calls authorize before the store, and a denial changes nothing (7644-2-02)', async () => {
    const client = await host({ authorize: ({ operation }) => operation !== 'delete' && operation !== 'patch' });
    const user = await client.user({ title: 'Engineer' });
    const refusals = [
      await client.delete(`/Users/${user.id}`),
      await client.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'title', value: 'Boss' }]),
    ];
    expect(refusals.map((response) => [response.status, response.get('schemas', 0)])).toEqual([
      [403, urn.error],
      [403, urn.error],
    ]);
    expect((await client.get(`/Users/${user.id}`)).get('title')).toBe('Engineer');
  });

  it('passes authorize the client, the action and the resource (7644-2-03, 7644-7.7-02)', async () => {
    const asked: [Access, string, string][] = [];
    const client = await host({
      authorize: (access, ctx) => {
        asked.push([access, ctx.actor.id, ctx.tenant]);
        return true;
      },
    });
    const user = await client.user();
    asked.length = 0;
    await client.get(`/Users/${user.id}`);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.[0]).toMatchObject({ operation: 'read', resourceType: 'User', id: user.id });
    expect(asked[0]?.slice(1)).toEqual([expect.stringMatching(/./), 'acme']);
  });

  it('passes authenticate the raw header, with or without Bearer (OKTA-auth-01)', async () => {
    const authenticate: ScimRouterOptions['authenticate'] = (req) =>
      req.headers.authorization === key ? { id: 'okta' } : undefined;
    const client = await host({ authenticate });
    expect((await client.get('/Users', { headers: { authorization: key } })).status).toBe(200);
    expect((await client.get('/Users')).status).toBe(401);
  });

  it('creates keys of 32 random bytes, and rejects them after they expire (7644-7.4-01)', async () => {
    const made = generateConnectorKey();
    expect(Buffer.byteLength(made.key)).toBeGreaterThan(32);
    const ends = new Date(Date.now() + 60_000);
    const status = async (expires: Date): Promise<number> => {
      const client = await host({ authenticate: connectorKeys([{ id: made.id, digest: made.digest, expires }]) });
      return (await client.get('/Users', { key: made.key })).status;
    };
    expect(await status(ends)).toBe(200);
    expect(await status(new Date(Date.now() - 1))).toBe(401);
  });

  it('records responses without the query, which may contain personal data (7644-7.5.2-02)', async () => {
    const records: ResponseRecord[] = [];
    const client = await host({ onResponse: (record) => records.push(record) });
    await client.query('/Users', { filter: 'userName eq "ada.lovelace"' });
    expect(records).toHaveLength(1);
    expect(JSON.stringify(records)).not.toContain('lovelace');
    expect(JSON.stringify(records)).not.toContain(key);
  });
});

describe('tenants (RFC 7644 6)', () => {
  it('are optional: a key without a tenant uses the default tenant (7644-6-01)', async () => {
    const client = await host({ authenticate: connectorKeys([{ key }]) });
    expect((await client.user()).status).toBe(201);
  });

  it.each([
    ['the path', '/acme/scim/v2', 200],
    ['a path of another tenant', '/other/scim/v2', 401],
  ])('reads the tenant from %s, which must be that of the key (7644-6.1-01)', async (_, path, status) => {
    const tenantOf: ScimRouterOptions['tenantOf'] = (req) => (req as express.Request).params['org'] as string;
    const client = await host({ tenantOf }, '/:org/scim/v2', path);
    expect((await client.get('/Users')).status).toBe(status);
  });

  it('reads the tenant from a header (7644-6.1-01)', async () => {
    const client = await host({ tenantOf: (req) => req.headers['x-tenant'] as string | undefined });
    expect((await client.get('/Users', { headers: { 'x-tenant': 'acme' } })).status).toBe(200);
    expect((await client.get('/Users', { headers: { 'x-tenant': 'other' } })).status).toBe(401);
  });
});

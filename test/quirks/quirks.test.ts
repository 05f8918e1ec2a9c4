import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  type AppliedQuirk,
  connectorKeys,
  createScimRouter,
  defineSchema,
  quirks,
  MemoryStore,
  type QuirkId,
  type ResourceTypeOption,
  type ScimRouterOptions,
} from '../../src/index.js';
import { recognizeClient } from '../../src/quirks/clients.js';
import { type Fixture, replayFixture } from '../../src/tools/simulator/fixture.js';
import { expresses, groupSchemas, userSchemas } from '../http/app.js';
import { type RunningServer, startServer } from '../servers.js';
import { lockerSchema, type Step, steps, type Wire } from './steps.js';

const folder = new URL('../traffic/fixtures/', import.meta.url);
const fixtures = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture);

function wireTo({ baseUrl, key }: RunningServer): Wire {
  const send: Wire['send'] = async (method, path, body) => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/scim+json',
        'user-agent': 'Okta SCIM Client 1.0.0',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };
  const made = async (path: string, body: object): Promise<string> =>
    String((await send('POST', path, body)).body['id']);
  let users = 0;
  const fresh = (): string => `u${String(++users)}@example.com`;
  return {
    send,
    user: (more = {}) => made('/Users', { schemas: userSchemas, userName: fresh(), ...more }),
    group: (more = {}) => made('/Groups', { schemas: groupSchemas, displayName: fresh(), ...more }),
  };
}

/** A store without `ims`, to send an attribute that the store does not keep. */
function withoutIms(): MemoryStore {
  const store = new MemoryStore();
  const paths = [
    'userName',
    'active',
    'name',
    'title',
    'nickName',
    'emails',
    'phoneNumbers',
    'addresses',
    'roles',
    'externalId',
    'displayName',
  ];
  const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  Object.defineProperty(store, 'supports', { value: { attributes: [...paths, urn] } });
  return store;
}

const lockers = (store: MemoryStore): ResourceTypeOption => ({
  name: 'Locker',
  schema: defineSchema({
    id: lockerSchema,
    attributes: [{ name: 'displayName' }, { name: 'number', type: 'integer' }, { name: 'height', type: 'decimal' }],
  }),
  store: store.resources('Locker'),
});

async function on<T>(
  make: (typeof expresses)[number][1],
  options: Partial<ScimRouterOptions>,
  body: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const store = withoutIms();
  const resourceTypes = [lockers(store)];
  const server = await startServer(make, { onError: () => undefined, resourceTypes, ...options }, store);
  try {
    return await body(server);
  } finally {
    await server.close();
  }
}

const entries = quirks.map(({ id }) => [id, steps[id]] as readonly [QuirkId, Step]);

describe.each(expresses)('quirks on %s', (_, make) => {
  it.each(entries)('%s: its request succeeds and is reported; with the quirk off it fails', async (id, step) => {
    const seen: AppliedQuirk[] = [];
    const lenient: Partial<ScimRouterOptions> = { onQuirk: (applied) => seen.push(applied), quirks: { [id]: true } };
    expect(await on(make, lenient, (server) => step(wireTo(server)))).toBe(true);
    expect(seen.map(({ quirk }) => quirk)).toContain(id);
    expect(seen.find(({ quirk }) => quirk === id)).toMatchObject({ tenant: 'default', client: 'okta' });
    expect(await on(make, { quirks: { [id]: false } }, (server) => step(wireTo(server)))).toBe(false);
    expect(await on(make, { strict: true }, (server) => step(wireTo(server)))).toBe(false);
  });
});

describe('recorded traffic in strict mode', () => {
  const [[, make]] = expresses as readonly [(typeof expresses)[number], ...typeof expresses];

  // No attribute of the RFC's schemas is a number: the steps above have a resource type with some.
  const replayed = quirks.filter(({ id, byDefault }) => byDefault && id !== 'number-as-string');
  it.each(replayed)('the fixture of $id fails with the quirk off', async (entry) => {
    const fixture = fixtures.find(({ id }) => 'fixture' in entry && id === entry.fixture);
    if (fixture === undefined) throw new Error(`${entry.id} has no fixture`);
    const server = await startServer(make, { quirks: { [entry.id]: false } });
    const problems = await replayFixture(server, fixture).catch((error: unknown) => [
      { severity: 'must', problem: String(error) },
    ]);
    await server.close();
    expect(problems.filter(({ severity }) => severity === 'must')).not.toEqual([]);
  });

  it.each(fixtures.map((fixture) => [fixture.id, fixture] as const))(
    '%s succeeds, or a quirk explains why not',
    async (__, fixture) => {
      const applied = new Set<string>();
      const lenient = await startServer(make, { onQuirk: ({ quirk }) => applied.add(quirk) });
      expect((await replayFixture(lenient, fixture)).filter(({ severity }) => severity === 'must')).toEqual([]);
      await lenient.close();
      const strict = await startServer(make, { strict: true });
      const problems = await replayFixture(strict, fixture).catch((error: unknown) => [
        { severity: 'must', problem: String(error) },
      ]);
      await strict.close();
      if (!problems.some(({ severity }) => severity === 'must')) return;
      expect({ fixture: fixture.id, explainedBy: [...applied] }).not.toMatchObject({ explainedBy: [] });
    },
  );
});

describe('quirk rows', () => {
  it.each(quirks)('$id names clients, a section, and a fixture that exists', (entry) => {
    expect(entry.clients.length).toBeGreaterThan(0);
    expect(entry.section).toMatch(/^(?:RFC 764[34]|Interoperability profile) \d/);
    if ('fixture' in entry) expect(existsSync(new URL(`${entry.fixture}.json`, folder))).toBe(true);
  });
});

describe('onQuirk', () => {
  it('is called once for each quirk of a request; what it throws goes to onError and not to the client', async () => {
    const [[, make]] = expresses as readonly [(typeof expresses)[number], ...typeof expresses];
    const errors: unknown[] = [];
    const seen: string[] = [];
    const options: Partial<ScimRouterOptions> = {
      onError: (error) => errors.push(error),
      onQuirk: ({ quirk }) => {
        seen.push(quirk);
        throw new Error('full');
      },
    };
    const server = await startServer(make, options);
    const { send } = wireTo(server);
    const body = { schemas: userSchemas, userName: 'twice@example.com', title: '', nickName: '' };
    expect((await send('POST', '/Users', body)).status).toBe(201);
    await server.close();
    expect(seen).toEqual(['empty-string']);
    expect(errors).toHaveLength(1);
  });

  it('must be a function', () => {
    const make = () =>
      createScimRouter(new MemoryStore(), {
        authenticate: connectorKeys([{ key: 'a key of some length' }]),
        onQuirk: 1,
      } as never);
    expect(make).toThrow('onQuirk must be a function');
  });
});

describe('recognizeClient', () => {
  it.each([
    ['Microsoft Azure AD SCIM provisioning', '/Users', 'entra'],
    [undefined, '/Users?aadOptscim062020&filter=x', 'entra'],
    ['Okta SCIM Client 1.0.0', '/Users', 'okta'],
    ['application/json', '/Users?filter=x&', 'onelogin'],
    ['Google-Auto-Provisioning', '/Users', 'google'],
    ['goauthentik.io/2026.1', '/Users', 'authentik'],
    ['curl/8.0', '/Users', undefined],
    [undefined, '/Users', undefined],
  ])('User-Agent %s and URL %s: %s', (userAgent, url, client) => {
    expect(recognizeClient({ userAgent, url })).toBe(client);
  });
});

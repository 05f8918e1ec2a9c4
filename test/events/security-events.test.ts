import type { RequestListener } from 'node:http';
import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { jwtVerify } from 'jose';
import type { Attributes, ScimRouterOptions, UserStore } from '../../src/index.js';
import { MemoryStore } from '../../src/index.js';
import {
  eventDelivery,
  type EventDeliveryOptions,
  memoryDeliveryStore,
  type SecurityEventEndpoint,
  type SecurityEventOptions,
  securityEventUris,
} from '../../src/events/index.js';
import { enterprise, groupSchemas, scimOn, userSchemas } from '../http/app.js';
import { ctx, everything } from '../../src/testing/requests.js';
import { event, local, type Received, type Receiver, startReceiver } from './receiver.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const prov = 'urn:ietf:params:scim:event:prov:';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const signing: SecurityEventOptions = { issuer: 'https://app.example.com', key: privateKey, keyId: 'k1' };

function endpoint({ url }: Receiver, more: Partial<SecurityEventEndpoint> = {}): SecurityEventEndpoint {
  return { id: 'partner', format: 'security-event', url, audience: 'https://partner.example.com', ...more };
}

interface Token {
  readonly jti: string;
  readonly txn: string;
  readonly sub_id: Readonly<Record<string, string>>;
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [claim: string]: unknown;
}

/** Verifies a token as its receiver does. */
async function read({ body }: Received, key: KeyObject = publicKey): Promise<Token> {
  const { payload } = await jwtVerify(body, key, {
    typ: 'secevent+jwt',
    issuer: signing.issuer,
    audience: 'https://partner.example.com',
  });
  return payload as unknown as Token;
}

/** The events of a token, without the common prefix. */
const eventsOf = ({ events }: Token) =>
  Object.fromEntries(Object.entries(events).map(([uri, payload]) => [uri.replace(prov, ''), payload]));

/** A router whose changes are pushed to a receiver; `tokens` delivers what is due and returns what arrived since. */
async function pushed(
  payload: 'notice' | 'full',
  more: { signing?: SecurityEventOptions; router?: Partial<ScimRouterOptions>; store?: UserStore } = {},
) {
  const receiver = await startReceiver();
  receiver.respond = 202;
  const deliveries = eventDelivery({
    store: memoryDeliveryStore(),
    endpoints: [endpoint(receiver, { payload })],
    securityEvents: more.signing ?? signing,
    // One at a time, so that they arrive in the order of the changes.
    concurrency: 1,
    ...local,
  });
  const saved: Promise<void>[] = [];
  const scim = scimOn(
    express,
    { onChange: (each) => void saved.push(deliveries.enqueue(each)), ...more.router },
    more.store ?? new MemoryStore(),
  );
  const tokens = async (): Promise<Token[]> => {
    receiver.received.length = 0;
    await Promise.all(saved);
    await deliveries.run();
    await deliveries.stop();
    return Promise.all(receiver.received.map((each) => read(each)));
  };
  return { scim, receiver, deliveries, tokens };
}

describe('a security event token', () => {
  it('names its subject in sub_id at the top, as a relative path, and never in sub (9967-2.1-01)', async () => {
    const { scim, tokens } = await pushed('notice');
    const id = await scim.user();
    const [token] = await tokens();
    expect(token?.sub_id).toEqual({ format: 'scim', uri: `/Users/${id}` });
    expect(token).not.toHaveProperty('sub');
    expect(JSON.stringify(token?.events)).not.toContain('sub_id');
    expect(token).not.toHaveProperty('exp');
  });

  it('has the externalId of the resource, where it is known (9967-2.1-02)', async () => {
    const { scim, tokens } = await pushed('notice');
    const id = await scim.user({ externalId: 'ada@okta' });
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'Countess' }]);
    await scim.patch(`/Users/${id}`, [{ op: 'remove', path: 'externalId' }]);
    expect((await tokens()).map(({ sub_id }) => sub_id['externalId'])).toEqual(['ada@okta', 'ada@okta', undefined]);
  });

  it('has the txn of its write for every receiver, and a jti of its own (9967-2.2-01)', async () => {
    const [first, second] = [await startReceiver(), await startReceiver()];
    first.respond = second.respond = 202;
    const deliveries = eventDelivery({
      store: memoryDeliveryStore(),
      endpoints: [endpoint(first, { id: 'a' }), endpoint(second, { id: 'b' })],
      securityEvents: signing,
      ...local,
    });
    const saved: Promise<void>[] = [];
    const scim = scimOn(express, { onChange: (each) => void saved.push(deliveries.enqueue(each)) });
    const id = await scim.user();
    await scim.patch(`/Users/${id}`, [{ op: 'replace', value: { active: false, title: 'x' } }]);
    await Promise.all(saved);
    await deliveries.run();
    await deliveries.stop();
    const at = await Promise.all(
      [first, second].map(({ received }) => Promise.all(received.map((each) => read(each)))),
    );
    const [tokens = [], others = []] = at;
    expect(tokens).toHaveLength(3);
    // The creation is a write; the two events of the PATCH are one.
    const txns = new Set(tokens.map(({ txn }) => txn));
    expect(txns.size).toBe(2);
    expect(new Set(others.map(({ txn }) => txn))).toEqual(txns);
    expect(new Set([...tokens, ...others].map(({ jti }) => jti)).size).toBe(6);
  });

  it('has either data or attributes, never both (9967-2.2-02)', async () => {
    for (const [payload, has, lacks] of [
      ['full', 'data', 'attributes'],
      ['notice', 'attributes', 'data'],
    ] as const) {
      const { scim, tokens } = await pushed(payload);
      const id = await scim.user();
      await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'x' }]);
      await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'bob', title: 'y' });
      const payloads = (await tokens()).flatMap(({ events }) => Object.entries(events));
      expect(payloads).toHaveLength(3);
      for (const [uri, each] of payloads) {
        expect(uri.endsWith(`:${payload}`)).toBe(true);
        expect(each).toHaveProperty(has);
        expect(each).not.toHaveProperty(lacks);
      }
    }
  });

  it('has the version that the resource has after the change (9967-2.2-03)', async () => {
    const { scim, tokens } = await pushed('notice');
    const id = await scim.user();
    const created = (await scim.get(`/Users/${id}`)).body as { meta: { version: string } };
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'x' }]);
    const changed = await scim.get(`/Users/${id}`);
    const versions = (await tokens()).map((token) => Object.values(token.events)[0]?.['version']);
    expect(versions).toEqual([created.meta.version, changed.headers['etag']]);
  });

  it('of a deletion has no payload and no qualifier, and none says that a feed lost it (9967-2.3-01, 9967-2.4.4-01)', async () => {
    for (const payload of ['full', 'notice'] as const) {
      const { scim, tokens } = await pushed(payload);
      const id = await scim.user();
      await scim.delete(`/Users/${id}`);
      const [, ...deletion] = await tokens();
      expect(deletion.map(({ events }) => events)).toEqual([{ [`${prov}delete`]: {} }]);
    }
  });

  it('has one of the registered URIs, in lower case (9967-2.4-01)', async () => {
    const registered = ['create', 'patch', 'put']
      .flatMap((name) => [`${prov}${name}:notice`, `${prov}${name}:full`])
      .concat(`${prov}delete`, `${prov}activate`, `${prov}deactivate`);
    for (const payload of ['full', 'notice'] as const) {
      const announced = securityEventUris(payload);
      expect(registered).toEqual(expect.arrayContaining([...announced]));
      const resource = () => Promise.resolve({ userName: 'ada' });
      const { scim, tokens } = await pushed(payload, { signing: { ...signing, resource } });
      const id = await scim.user();
      await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
      await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'bob', active: true });
      await scim.delete(`/Users/${id}`);
      const uris = (await tokens()).flatMap(({ events }) => Object.keys(events));
      expect(new Set(uris).size).toBe(6);
      expect(announced).toEqual(expect.arrayContaining(uris));
    }
  });

  it('of a creation has the representation with its id (9967-2.4.1-01)', async () => {
    const { scim, tokens } = await pushed('full');
    const id = await scim.user({ name: { givenName: 'Ada' }, [enterprise]: { department: 'Engines' } });
    const { meta: _, ...representation } = (await scim.get(`/Users/${id}`)).body as Attributes;
    const [token] = await tokens();
    const data = token?.events[`${prov}create:full`]?.['data'] as Attributes;
    expect({ ...data, schemas: [...(data['schemas'] as string[])].sort() }).toEqual({
      ...representation,
      schemas: [...(representation['schemas'] as string[])].sort(),
    });
  });

  it('of a change has the PATCH that has its effect (9967-2.4.2-01)', async () => {
    const { scim, tokens } = await pushed('full');
    const twin = scimOn(express);
    const attributes = {
      ...{ title: 'a', nickName: 'b', name: { givenName: 'Ada', familyName: 'King' } },
      [enterprise]: { department: 'Engines', division: 'North' },
    };
    const id = await scim.user(attributes);
    const copy = await twin.user(attributes);
    await scim.patch(`/Users/${id}`, [
      { op: 'remove', path: 'nickName' },
      { op: 'replace', path: 'title', value: 'c' },
      { op: 'remove', path: 'name.familyName' },
      { op: 'remove', path: `${enterprise}:division` },
      { op: 'add', path: `${enterprise}:costCenter`, value: '7' },
    ]);
    await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'renamed', emails: [{ value: 'a@example.com' }] });
    const changes = (await tokens()).slice(1);
    expect(changes.map(({ events }) => Object.keys(events))).toEqual([[`${prov}patch:full`], [`${prov}patch:full`]]);
    for (const { events } of changes) {
      const data = events[`${prov}patch:full`]?.['data'] as { schemas: string[]; Operations: object[] };
      expect(data.schemas).toEqual([patchOp]);
      expect((await twin.patch(`/Users/${copy}`, data.Operations)).status).toBeLessThan(300);
    }
    const state = async (of: typeof scim, which: string) => {
      const { id: _, meta: __, schemas: ___, ...rest } = (await of.get(`/Users/${which}`)).body as Attributes;
      return rest;
    };
    expect(await state(twin, copy)).toEqual(await state(scim, id));
  });

  it('of a PUT has the state after it, where `resource` reads it, and is a notice where it is gone (9967-2.4.2-01)', async () => {
    const store = new MemoryStore();
    const resource: SecurityEventOptions['resource'] = async ({ tenant, resourceId }) => {
      const found = await store.get(resourceId, everything, ctx(tenant));
      return found === undefined ? undefined : { ...found };
    };
    const { scim, tokens } = await pushed('full', { store, signing: { ...signing, resource } });
    const id = await scim.user();
    await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'bob', title: 'y' });
    const { headers } = await scim.get(`/Users/${id}`);
    const gone = await scim.user({ userName: 'gone' });
    await scim.put(`/Users/${gone}`, { schemas: userSchemas, userName: 'carl' });
    await scim.delete(`/Users/${gone}`);
    const events = (await tokens()).map(eventsOf);
    expect(events[1]).toMatchObject({
      'put:full': { data: { id, userName: 'bob', title: 'y' }, version: headers['etag'] },
    });
    expect(events.map((each) => Object.keys(each)[0])).toEqual([
      ...['create:full', 'put:full', 'create:full', 'put:notice', 'delete'],
    ]);
  });

  it('of a PUT has the version of the state that it has, which may be newer than the event (9967-2.2-03)', async () => {
    const store = new MemoryStore();
    const resource: SecurityEventOptions['resource'] = async ({ tenant, resourceId }) => {
      const found = await store.get(resourceId, everything, ctx(tenant));
      return found === undefined ? undefined : { ...found };
    };
    const { scim, tokens } = await pushed('full', { store, signing: { ...signing, resource } });
    const id = await scim.user();
    for (const title of ['a', 'b']) await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'bob', title });
    const { headers } = await scim.get(`/Users/${id}`);
    const state = { data: { title: 'b' }, version: headers['etag'] };
    expect((await tokens()).slice(1).map(eventsOf)).toMatchObject([{ 'put:full': state }, { 'put:full': state }]);
  });

  it('of members is a PATCH of what changed, also where the client sent all members with PUT (9967-5-02)', async () => {
    const { scim, tokens } = await pushed('full');
    const [a, b, c] = [
      await scim.user({ userName: 'a' }),
      await scim.user({ userName: 'b' }),
      await scim.user({ userName: 'c' }),
    ];
    const group = { schemas: groupSchemas, displayName: 'Engines' };
    const created = await scim.post('/Groups', { ...group, members: [{ value: a }, { value: b }] });
    const { id } = created.body as { id: string };
    await scim.put(`/Groups/${id}`, { ...group, members: [{ value: b }, { value: c }] });
    const changes = (await tokens()).slice(3).map(eventsOf);
    const operations = (list: object[]) => ({ 'patch:full': { data: { schemas: [patchOp], Operations: list } } });
    expect(changes).toMatchObject([
      { 'create:full': { data: { ...group, id } } },
      operations([{ op: 'add', path: 'members', value: [{ value: a }, { value: b }] }]),
      operations([{ op: 'add', path: 'members', value: [{ value: c }] }]),
      operations([{ op: 'remove', path: `members[value eq "${a}"]` }]),
    ]);
  });

  it('of members is a patch also where a PUT caused it, as a notice (9967-5-02)', async () => {
    const { scim, tokens } = await pushed('notice');
    const member = await scim.user();
    const created = await scim.post('/Groups', { schemas: groupSchemas, displayName: 'Engines' });
    const { id } = created.body as { id: string };
    await scim.put(`/Groups/${id}`, { schemas: groupSchemas, displayName: 'Motors', members: [{ value: member }] });
    const changes = (await tokens()).slice(2).map(eventsOf);
    expect(changes).toMatchObject([
      { 'put:notice': { attributes: ['displayName'] } },
      { 'patch:notice': { attributes: ['members'] } },
    ]);
  });

  it('of a notice names attributes as paths: those of an extension with its URN', async () => {
    const { scim, tokens } = await pushed('notice');
    const id = await scim.user({ title: 'a', [enterprise]: { department: 'Engines' } });
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: `${enterprise}:division`, value: 'North' }]);
    const [created, changed] = (await tokens()).map(eventsOf);
    const named = created?.['create:notice']?.['attributes'];
    expect(named).toEqual(expect.arrayContaining(['id', 'userName', 'title', `${enterprise}:department`]));
    expect(named).not.toContain(enterprise);
    expect(changed?.['patch:notice']?.['attributes']).toEqual([`${enterprise}:department`, `${enterprise}:division`]);
  });

  it('tells when a user is activated or deactivated (9967-2.4.5-01)', async () => {
    const { scim, tokens } = await pushed('notice');
    const id = await scim.user({ active: true });
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: true }]);
    const names = (await tokens()).map((token) => Object.keys(eventsOf(token))[0]);
    expect(names).toEqual(['create:notice', 'deactivate', 'patch:notice', 'activate', 'patch:notice']);
  });

  it('has the endpoint and schema of a resource type of the app', async () => {
    const receiver = await startReceiver();
    receiver.respond = 202;
    const schema = 'urn:example:Device';
    const deliveries = eventDelivery({
      store: memoryDeliveryStore(),
      endpoints: [endpoint(receiver, { payload: 'full' })],
      securityEvents: { ...signing, resourceTypes: { Device: { endpoint: '/Things', schema } } },
      ...local,
    });
    await deliveries.enqueue(event({ type: 'device.created', resourceType: 'Device', resourceId: 'a/b' }));
    await deliveries.run();
    await deliveries.stop();
    const token = await read(receiver.received[0] ?? { path: '', headers: {}, body: '' });
    expect(token.sub_id).toEqual({ format: 'scim', uri: '/Things/a%2Fb' });
    expect(token.events).toMatchObject({ [`${prov}create:full`]: { data: { schemas: [schema], id: 'a/b' } } });
  });
});

describe('signatures of security event tokens', () => {
  it.each([
    ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
  ])('are %s for such a key, with its kid', async (alg, pair) => {
    const { scim, receiver, tokens } = await pushed('notice', { signing: { ...signing, key: pair.privateKey } });
    await scim.user();
    await expect(tokens()).rejects.toThrow();
    const [request] = receiver.received;
    if (request === undefined) throw new Error('nothing was received');
    expect((await read(request, pair.publicKey)).iss).toBe(signing.issuer);
    const [head = ''] = request.body.split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg, kid: 'k1', typ: 'secevent+jwt' });
  });

  it('hold without any library: ES256 over header and payload', async () => {
    const { scim, receiver, tokens } = await pushed('notice');
    await scim.user();
    await tokens();
    const [head = '', payload = '', signature = ''] = (receiver.received[0]?.body ?? '').split('.');
    const key = { key: createPublicKey(privateKey), dsaEncoding: 'ieee-p1363' } as const;
    const check = (text: string) => verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64url'));
    expect(check(`${head}.${payload}`)).toBe(true);
    expect(check(`${head}.${payload}x`)).toBe(false);
  });

  it.each([
    ['an RSA key of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
    ['a key of another curve', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey],
    ['a public key', publicKey],
    ['a PEM text', '-----BEGIN PRIVATE KEY-----'],
  ])('are refused with %s when deliveries are created', (_, key) => {
    const securityEvents = { ...signing, key } as SecurityEventOptions;
    const options: EventDeliveryOptions = { store: memoryDeliveryStore(), endpoints: [], securityEvents };
    expect(() => eventDelivery(options)).toThrow(/key must be/);
  });
});

describe('pushing a security event token (RFC 8935)', () => {
  const outcomeOf = async (respond: Receiver['respond']) => {
    const { scim, receiver, deliveries, tokens } = await pushed('notice');
    receiver.respond = respond;
    await scim.user();
    await tokens();
    return { receiver, delivery: (await deliveries.deliveries('default'))[0] };
  };
  const error =
    (err: unknown, type = 'application/json'): RequestListener =>
    (_, res) =>
      res.writeHead(400, { 'content-type': type }).end(JSON.stringify({ err, description: 'ada' }));

  it('sends it as application/secevent+jwt and takes 202 as its acknowledgment', async () => {
    const { receiver, delivery } = await outcomeOf(202);
    expect(receiver.received[0]?.headers).toMatchObject({
      'content-type': 'application/secevent+jwt',
      accept: 'application/json',
    });
    expect(delivery).toMatchObject({ state: 'delivered', status: 202 });
  });

  it.each([200, 204, 400, 401, 500])('sends it again after %d', async (status) => {
    expect((await outcomeOf(status)).delivery).toMatchObject({ state: 'pending', status });
  });

  it.each([
    'invalid_request',
    'invalid_key',
    'invalid_issuer',
    'invalid_audience',
    'authentication_failed',
    'access_denied',
  ])('gives up after the registered error %s, and shows it', async (err) => {
    const { delivery } = await outcomeOf(error(err));
    expect(delivery).toMatchObject({ state: 'dead', status: 400, error: `The receiver refused the token: ${err}.` });
  });

  it('sends it again after an unregistered error, which it does not show', async () => {
    for (const respond of [error('<script>'), error(1), error('invalid_key', 'text/html')]) {
      expect((await outcomeOf(respond)).delivery).toMatchObject({
        state: 'pending',
        error: 'The receiver returned 400.',
      });
    }
  });

  it('sends the same token in each attempt, up to its signature', async () => {
    let now = Date.parse('2026-11-28T12:00:00Z');
    const receiver = await startReceiver();
    receiver.respond = 500;
    const deliveries = eventDelivery({
      ...{ store: memoryDeliveryStore(), endpoints: [endpoint(receiver)], securityEvents: signing, clock: () => now },
      ...local,
    });
    await deliveries.enqueue(event());
    await deliveries.run();
    now += 3_600_000;
    await deliveries.run();
    await deliveries.stop();
    const [first, second] = await Promise.all(receiver.received.map((each) => read(each)));
    expect(second).toEqual(first);
    expect(first).toMatchObject({ iat: Date.parse('2026-11-28T12:00:00Z') / 1000, toe: 1_795_867_200 });
  });

  it('travels over TLS: an http URL is refused (9967-5-01)', async () => {
    const receiver = await startReceiver();
    const errors: unknown[] = [];
    const deliveries = eventDelivery({
      store: memoryDeliveryStore(),
      endpoints: () => [endpoint(receiver)],
      securityEvents: signing,
      allowedNetworks: local.allowedNetworks,
      onError: (each) => errors.push(each),
    });
    await deliveries.enqueue(event());
    await deliveries.run();
    await deliveries.stop();
    expect(receiver.received).toEqual([]);
    expect(errors.join()).toContain('url must be an absolute https URL');
  });

  it('tests an endpoint with the verification event of OpenID Shared Signals', async () => {
    const receiver = await startReceiver();
    receiver.respond = 202;
    const endpoints = [endpoint(receiver)];
    const deliveries = eventDelivery({ store: memoryDeliveryStore(), endpoints, securityEvents: signing, ...local });
    expect(await deliveries.sendTest('acme', 'partner')).toMatchObject({ delivered: true, status: 202 });
    await deliveries.stop();
    const [request] = receiver.received;
    if (request === undefined) throw new Error('nothing was received');
    expect(Object.keys((await read(request)).events)).toEqual([
      'https://schemas.openid.net/secevent/ssf/event-type/verification',
    ]);
  });
});

describe('ServiceProviderConfig', () => {
  const configuration = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';

  it('announces security events only where they are on (9967-4-01)', async () => {
    const securityEvents = securityEventUris('notice');
    const on = scimOn(express, { securityEvents });
    const off = scimOn(express);
    const expected = { asyncRequest: 'none', eventUris: securityEvents };
    expect((await on.get('/ServiceProviderConfig')).body).toMatchObject({ securityEvents: expected });
    expect((await off.get('/ServiceProviderConfig')).body).not.toHaveProperty('securityEvents');
    const names = async (scim: typeof on) => {
      const { body } = await scim.get(`/Schemas/${configuration}`);
      return (body as { attributes: { name: string }[] }).attributes.map(({ name }) => name);
    };
    expect(await names(on)).toContain('securityEvents');
    expect(await names(off)).not.toContain('securityEvents');
  });

  it.each([['urn:example:event'], [1], [null], [`${prov}CREATE:FULL`]])('refuses to announce %j', (uri) => {
    expect(() => scimOn(express, { securityEvents: [uri as string] })).toThrow(
      'securityEvents must be a list of event URIs',
    );
  });

  it('announces no asynchronous requests, and `Prefer: respond-async` is ignored (9967-2.5.1.1-05)', async () => {
    const scim = scimOn(express, { securityEvents: securityEventUris('full') });
    const body = { schemas: userSchemas, userName: 'ada' };
    const response = await scim.post('/Users', body, { prefer: 'respond-async, wait=5' });
    expect(response.status).toBe(201);
    expect(response.headers).not.toHaveProperty('preference-applied');
    expect(response.headers).not.toHaveProperty('set-txn');
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  type ChangeEvent,
  type Group,
  MemoryStore,
  type ScimContext,
  type Stored,
  type User,
} from '../../src/index.js';
import { FaultyStore, storeFaults } from '../../src/testing/index.js';
import { change, ctx as ctxOf, listQuery, newUser, withMembers } from '../../src/testing/requests.js';
import { enterprise, expresses, groupSchemas, scimOn, type Scim, userSchemas } from '../http/app.js';

interface Ids {
  readonly ada: string;
  readonly bob: string;
  readonly crew: string;
  /** The entity tag of Ada. */
  readonly tag: string;
}

interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request of a client, and what the client does when it does not know whether it was carried out. */
interface Operation {
  readonly send: (scim: Scim, ids: Ids) => PromiseLike<Response>;
  /** Default: sends the same again. */
  readonly retry?: (scim: Scim, ids: Ids) => PromiseLike<unknown>;
  /** False: the request only reads. */
  readonly writes?: false;
}

const member = (value: string) => ({ value });
const newAda = { schemas: userSchemas, userName: 'new@example.com', externalId: 'x-1', displayName: 'New' };
const replacedAda = { schemas: userSchemas, userName: 'ada@example.com', displayName: 'Replaced', active: true };

/** What clients do after a POST without a response: they look the resource up, and create it or correct it. */
const createOrReplace =
  (path: '/Users' | '/Groups', filter: string, body: object) =>
  async (scim: Scim): Promise<void> => {
    const found = await scim.get(`${path}?filter=${encodeURIComponent(filter)}`);
    const [first] = (found.body as { readonly Resources: readonly { readonly id: string }[] }).Resources;
    await (first === undefined ? scim.post(path, body) : scim.put(`${path}/${first.id}`, body));
  };

const groupBody = ({ ada, bob }: Ids) => ({
  schemas: groupSchemas,
  displayName: 'Pilots',
  externalId: 'g-2',
  members: [member(ada), member(bob)],
});

const operations: Readonly<Record<string, Operation>> = {
  'POST /Users': {
    send: (scim) => scim.post('/Users', newAda),
    retry: createOrReplace('/Users', 'userName eq "new@example.com"', newAda),
  },
  'GET /Users/{id}': { send: (scim, { ada }) => scim.get(`/Users/${ada}`), writes: false },
  'GET /Users with a filter': { send: (scim) => scim.get('/Users?filter=active%20eq%20true'), writes: false },
  'POST /Users/.search': {
    send: (scim) => scim.post('/Users/.search', { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] }),
    writes: false,
  },
  'PUT /Users/{id}': { send: (scim, { ada }) => scim.put(`/Users/${ada}`, replacedAda) },
  'PATCH of a simple attribute': {
    send: (scim, { ada }) => scim.patch(`/Users/${ada}`, [{ op: 'replace', path: 'active', value: false }]),
  },
  'PATCH that depends on what is stored': {
    send: (scim, { ada }) =>
      scim.patch(`/Users/${ada}`, [
        { op: 'replace', path: 'emails[type eq "work"].value', value: 'new@example.com' },
        { op: 'remove', path: 'displayName' },
      ]),
  },
  'PATCH with If-Match': {
    send: (scim, { ada, tag }) =>
      scim.patch(`/Users/${ada}`, [{ op: 'replace', path: 'displayName', value: 'Matched' }], { 'if-match': tag }),
  },
  'PATCH of a manager': {
    send: (scim, { ada, bob }) =>
      scim.patch(`/Users/${ada}?attributes=${enterprise}:manager,groups`, [
        { op: 'add', path: `${enterprise}:manager`, value: member(bob) },
      ]),
  },
  'DELETE of a user in a group': { send: (scim, { bob }) => scim.delete(`/Users/${bob}`) },
  'POST /Groups': {
    send: (scim, ids) => scim.post('/Groups', groupBody(ids)),
    retry: (scim, ids) => createOrReplace('/Groups', 'displayName eq "Pilots"', groupBody(ids))(scim),
  },
  'PUT /Groups/{id}': { send: (scim, ids) => scim.put(`/Groups/${ids.crew}`, groupBody(ids)) },
  'PATCH of members': {
    send: (scim, { crew, ada, bob }) =>
      scim.patch(`/Groups/${crew}`, [
        { op: 'add', path: 'members', value: [member(ada)] },
        { op: 'remove', path: `members[value eq "${bob}"]` },
      ]),
  },
  'PATCH of a name and members': {
    send: (scim, { crew, ada }) =>
      scim.patch(`/Groups/${crew}`, [
        { op: 'replace', path: 'displayName', value: 'Renamed' },
        { op: 'replace', path: 'members', value: [member(ada)] },
      ]),
  },
  'DELETE /Groups/{id}': { send: (scim, { crew }) => scim.delete(`/Groups/${crew}`) },
};

/** An app over a store with a user in a group and one outside, and what can be seen of it. */
async function started(make: (typeof expresses)[number][1]) {
  const memory = new MemoryStore();
  const store = new FaultyStore(memory);
  const events: ChangeEvent[] = [];
  const scim = scimOn(
    make,
    { limits: { requestMilliseconds: 60 }, onChange: (event) => void events.push(event) },
    store,
  );
  const emails = [{ value: 'ada@example.com', type: 'work' }];
  const ada = await scim.user({ userName: 'ada@example.com', displayName: 'Ada', emails });
  const bob = await scim.user({ userName: 'bob@example.com' });
  const group = await scim.post('/Groups', { schemas: groupSchemas, displayName: 'Crew', members: [member(bob)] });
  const { id: crew } = group.body as { readonly id: string };
  const tag = (await scim.get(`/Users/${ada}`)).headers['etag'] ?? '';
  events.length = 0;
  const ctx: ScimContext = { ...ctxOf(), tenant: 'default' };
  /** The state without what differs from store to store: ids, times and versions. */
  const state = async (): Promise<string> => {
    const users = await memory.list(listQuery<User>(), ctx);
    const groups = await memory.groups.list(listQuery<Group>({ selection: withMembers }), ctx);
    const names = new Map(users.resources.map(({ id, userName }) => [id, userName]));
    const plain = ({ id: _, meta: __, ...attributes }: Stored<User> | Stored<Group>): unknown => attributes;
    const text = JSON.stringify([users.resources.map(plain), groups.resources.map(plain)]);
    return [...names].reduce((all, [id, name]) => all.replaceAll(id, name), text);
  };
  return { scim, store, events, state, ids: { ada, bob, crew, tag } };
}

describe.each(expresses)('FaultyStore in every call of every operation (%s)', (_, make) => {
  it.each(Object.entries(operations))(
    '%s: all or nothing, no false success or refusal, and a retry converges',
    async (_name, { send, retry = send, writes }) => {
      const sound = await started(make);
      const before = await sound.state();
      expect((await send(sound.scim, sound.ids)).status).toBeLessThan(300);
      const done = await sound.state();
      expect(done !== before).toBe(writes !== false);
      for (const fault of storeFaults) {
        for (let nth = 1; ; nth++) {
          expect(nth).toBeLessThan(20);
          const { scim, store, events, state, ids } = await started(make);
          store.failAt(nth, fault);
          const { status, headers } = await send(scim, ids);
          const { fired } = store;
          store.failAt(undefined);
          const now = await state();
          const where = { fault, nth, status };
          expect({ ...where, state: now }).toEqual({ ...where, state: now === done ? done : before });
          // A success has been carried out, and what was refused has not.
          if (writes !== false && status < 300) expect({ ...where, state: now }).toEqual({ ...where, state: done });
          if (status >= 400 && status < 500) expect({ ...where, state: now }).toEqual({ ...where, state: before });
          if (fired && (fault === 'hang' || fault === 'lose-hang'))
            expect({ ...where, retry: headers['retry-after'] }).toEqual({ ...where, retry: expect.any(String) });
          if (now === before) expect({ ...where, events }).toEqual({ ...where, events: [] });
          await retry(scim, ids);
          expect({ ...where, state: await state() }).toEqual({ ...where, state: done });
          if (!fired) break;
        }
      }
    },
  );
});

describe('FaultyStore', () => {
  const open = async () => {
    const sound = new MemoryStore();
    const store = new FaultyStore(sound);
    const { id } = (await store.create(newUser('ada'), ctxOf())).resource;
    const rename = async () => store.update(id, change<User>({ set: { userName: 'eve' } }), ctxOf());
    const name = async () => (await sound.get(id, withMembers, ctxOf()))?.userName;
    return { store, rename, name };
  };

  it.each([
    ['throw', 'ada', 'threw'],
    ['null', 'ada', null],
    ['lose', 'eve', 'threw'],
    ['hang', 'ada', 'hangs'],
    ['lose-hang', 'eve', 'hangs'],
  ] as const)('%s: the stored name is %s, and the call %s', async (fault, stored, expected) => {
    const { store, rename, name } = await open();
    store.failAt(2, fault);
    expect(await name()).toBe('ada');
    await store.list(listQuery<User>(), ctxOf());
    const ended = rename().catch(() => 'threw');
    const pause = new Promise((resolve) => setTimeout(() => resolve('hangs'), 20));
    expect(await (expected === 'hangs' ? Promise.race([ended, pause]) : ended)).toEqual(expected);
    expect(await name()).toBe(stored);
    expect(store.fired).toBe(true);
    expect(store.calls).toEqual([
      { method: 'list', failed: false },
      { method: 'update', failed: true },
    ]);
  });

  it('passes every call on when nothing is to fail, and has groups only where the store has them', async () => {
    const { store, rename, name } = await open();
    store.failAt(undefined);
    await rename();
    expect(await name()).toBe('eve');
    expect(store.fired).toBe(false);
    const { groups: _, ...users } = new FaultyStore(new MemoryStore());
    expect(new FaultyStore({ ...users }).groups).toBeUndefined();
    expect(store.groups?.groupsOf).toBeDefined();
  });
});

import { tracingChannel } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import {
  type ChangeEvent,
  generateConnectorKey,
  MemoryStore,
  UnavailableError,
  type UserStore,
} from '../../../src/index.js';
import { type ConnectionStore, memoryConnectionStore } from '../../../src/admin/index.js';
import {
  connectionEnding,
  type ConnectionEndingOptions,
  type FateOfUsers,
  type Guard,
  lastOwner,
  provisioningStatus,
  userLinks,
} from '../../../src/lifecycle/index.js';
import { connectionStores } from './stores.js';

const ctx = { tenant: 'a', actor: { id: 'k1' }, requestId: 'r', signal: new AbortController().signal };
const all = new Set(['userName', 'active', 'externalId']);

describe.each(connectionStores)('the end of a connection, with jobs %s', (_, makeStores) => {
  /** A connection with one key, and so many users, as its identity provider created them. */
  const start = async (users: number, more: Partial<ConnectionEndingOptions> = {}) => {
    const stores = await makeStores();
    const store: UserStore = new MemoryStore();
    const connections = memoryConnectionStore();
    await connections.create({ tenant: 'a', id: 'main', name: '', provider: 'okta', enabled: true });
    const { id: keyId, digest } = generateConnectorKey();
    await connections.addKey('a', 'main', { id: keyId, name: 'k', digest, createdAt: new Date() });
    const links = userLinks({ store: stores.links, connectionOf: () => 'main' });
    const ids: string[] = [];
    const add = async (n: number): Promise<string> => {
      const { resource } = await store.create(
        {
          resource: { userName: `user${String(n)}`, externalId: `e${String(n)}`, active: true },
          ...{ keys: { userName: `user${String(n)}` }, selection: all, caseExact: new Set(), events: () => [] },
        },
        ctx,
      );
      const { id: resourceId } = resource;
      await links.onChange({
        ...{ id: `c${String(n)}`, type: 'user.created', time: new Date(0).toISOString(), tenant: 'a', actor: keyId },
        ...{ requestId: 'r', resourceType: 'User', resourceId, changed: [], quirks: [], data: { after: {} } },
      });
      return resourceId;
    };
    for (let n = 0; n < users; n++) ids.push(await add(n));
    let now = 1_000_000;
    const events: ChangeEvent[] = [];
    const options: ConnectionEndingOptions = {
      ...{ connections, store, links: stores.links, jobs: stores.jobs, auditTrail: stores.trail },
      onChange: (event) => void events.push(event),
      clock: () => now,
      ...more,
    };
    const endings = connectionEnding(options);
    const read = async (id: string) => store.get(id, all, ctx);
    return {
      ...{ ...stores, store, connections, options, endings, ids, events, read, add },
      later: (milliseconds: number) => (now += milliseconds),
      end: (fate: FateOfUsers) => endings.endConnection({ tenant: 'a', connection: 'main', users: fate, by: 'ada' }),
      async finish() {
        await endings.run();
        now += 15_000;
        await endings.run();
        return endings.progress('a', 'main');
      },
    };
  };
  const isClosed = async (connections: ConnectionStore): Promise<boolean> => {
    const { enabled, keys } = (await connections.get('a', 'main')) ?? { enabled: true, keys: [] };
    return !enabled && keys.every(({ revokedAt }) => revokedAt !== undefined);
  };

  it('shows how many users it concerns, and changes none', async () => {
    const { endings, connections, ids, read } = await start(3);
    expect(await endings.count('a', 'main')).toBe(3);
    expect(await endings.count('b', 'main')).toBe(0);
    expect(await isClosed(connections)).toBe(false);
    expect(await read(String(ids[0]))).toMatchObject({ active: true, externalId: 'e0' });
    expect(await endings.progress('a', 'main')).toBeUndefined();
  });

  it('revokes the keys before any user is changed', async () => {
    const { end, connections, ids, read, endings } = await start(1);
    await end('off-board');
    expect(await isClosed(connections)).toBe(true);
    expect(await read(String(ids[0]))).toBeDefined();
    await endings.run();
    expect(await read(String(ids[0]))).toBeUndefined();
  });

  it('keeps the users, and unlinks them', async () => {
    const { end, finish, ids, read, links, events } = await start(120);
    await end('keep');
    expect(await finish()).toMatchObject({ state: 'done', total: 120, processed: 120, refused: 0 });
    for (const id of ids) {
      expect(await read(id)).toMatchObject({ active: true });
      expect((await read(id))?.externalId).toBeUndefined();
    }
    expect(await links.count('a', 'main')).toBe(0);
    expect(events).toHaveLength(120);
    expect(events[0]).toMatchObject({ type: 'user.updated', actor: 'connection-ended:main', tenant: 'a' });
  });

  it('deactivates the users, with the events that off-boarding acts on', async () => {
    const { end, finish, ids, read, links, events } = await start(2);
    await end('deactivate');
    await finish();
    expect(await read(String(ids[1]))).toMatchObject({ active: false, externalId: 'e1' });
    expect(events.map(({ type }) => type)).toEqual(Array(2).fill(['user.deactivated', 'user.updated']).flat());
    const account = () => ({ id: String(ids[0]), active: false });
    expect(await provisioningStatus({ links, account })('a', 'user0')).toMatchObject({
      ...{ maySignIn: false, state: 'suspended', by: 'connection-ended', linked: false },
    });
  });

  it('off-boards the users: they are deleted, with their attributes in the event', async () => {
    const { end, finish, ids, read, links, events } = await start(2);
    await end('off-board');
    await finish();
    expect(await read(String(ids[0]))).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['user.deleted', 'user.deleted']);
    expect(events[0]?.data).toMatchObject({ before: { userName: expect.stringMatching(/^user[01]$/) } });
    expect(await links.get('a', String(ids[0]))).toMatchObject({ offboardedAt: expect.anything() });
  });

  it('leaves the users of other connections and tenants alone', async () => {
    const { end, finish, ids, read, links } = await start(2);
    await links.change('a', String(ids[0]), (link) => link && { ...link, connection: 'other' });
    await end('off-board');
    expect(await finish()).toMatchObject({ total: 1, processed: 1 });
    expect(await read(String(ids[0]))).toBeDefined();
  });

  it('leaves a user alone whom a guard refuses, and names the user', async () => {
    const guard = lastOwner({ isOwner: async ({ id }) => id === first, ownersLeft: () => 0 });
    const { end, finish, ids, read, links } = await start(3, { guard });
    const first = ids[0];
    await end('deactivate');
    const job = await finish();
    expect(job).toMatchObject({ state: 'done', total: 3, processed: 2, refused: 1 });
    expect(job?.refusals).toEqual([{ userId: first, reason: expect.stringMatching(/owner/i) }]);
    expect(await read(String(first))).toMatchObject({ active: true });
    expect(await links.count('a', 'main')).toBe(1);
  });

  it('takes `false` of a guard for a refusal, and a number for none', async () => {
    let returned: unknown = false;
    const { end, finish, endings } = await start(1, { guard: (() => returned) as Guard });
    await end('deactivate');
    expect(await finish()).toMatchObject({ refused: 1, processed: 0 });
    returned = 1;
    await end('deactivate');
    await finish();
    expect(await endings.progress('a', 'main')).toMatchObject({ refused: 0, processed: 1 });
  });

  it('takes `false` of a check for a refusal, and an object that is no check for a fault', async () => {
    let returned: unknown = { before: () => false };
    const errors: unknown[] = [];
    const guard = (() => returned) as Guard;
    const { end, finish, endings, later } = await start(1, { guard, onError: (error) => errors.push(error) });
    await end('deactivate');
    expect(await finish()).toMatchObject({ refused: 1, processed: 0 });
    returned = { befor: () => undefined };
    await end('deactivate');
    await endings.run();
    expect(String(errors[0])).toMatch(/connectionEnding: guard returned an object/);
    returned = undefined;
    later(60_000);
    await endings.run();
    expect(await endings.progress('a', 'main')).toMatchObject({ state: 'done', processed: 1 });
  });

  it('resumes after a fault half-way, and counts every user once', async () => {
    const errors: unknown[] = [];
    const run = await start(130, { onError: (error) => errors.push(error), firstRetryMilliseconds: 100 });
    const { store, end, endings, ids, read, later } = run;
    let calls = 0;
    const update: UserStore['update'] = store.update.bind(store);
    store.update = (...call) => {
      if (++calls === 77) throw new UnavailableError();
      return update(...call);
    };
    await end('deactivate');
    await endings.run();
    const broken = await endings.progress('a', 'main');
    expect(broken).toMatchObject({ state: 'running', processed: 50, failures: 1, error: expect.any(String) });
    expect(errors).toHaveLength(1);
    // Not before the delay is over.
    expect(await endings.run()).toBe(0);
    later(100);
    await endings.run();
    expect(await run.finish()).toMatchObject({ state: 'done', total: 130, processed: 130 });
    expect((await endings.progress('a', 'main'))?.error).toBeUndefined();
    for (const id of ids) expect((await read(id))?.active).toBe(false);
    expect(calls).toBe(131);
  });

  it('resumes in another process, after one has died in the middle of a page', async () => {
    const run = await start(60);
    const { store, options, end, endings, later, ids, read } = run;
    await end('off-board');
    const remove: UserStore['delete'] = store.delete.bind(store);
    let dies: (() => void) | undefined;
    const died = new Promise<void>((resolve) => (dies = resolve));
    let calls = 0;
    store.delete = (...call) => {
      if (++calls !== 20) return remove(...call);
      dies?.();
      return new Promise(() => undefined);
    };
    // It hangs until the time for one user is over, when this test is long done.
    endings.run().catch(() => undefined);
    await died;
    const other = connectionEnding(options);
    expect(await other.run()).toBe(0);
    later(52 * 30_000);
    await other.run();
    expect(await other.progress('a', 'main')).toMatchObject({ state: 'done', total: 60, processed: 60 });
    for (const id of ids) expect(await read(id)).toBeUndefined();
  });

  it('may be run by several processes at once, and requested twice', async () => {
    const { options, events, endings, end, later } = await start(130);
    const [first, second] = await Promise.all([end('deactivate'), end('off-board')]);
    expect(first.id).toBe(second.id);
    expect(first.users).toBe(second.users);
    const processes = [endings, ...Array.from({ length: 3 }, () => connectionEnding(options))];
    await Promise.all(processes.map((each) => each.run()));
    later(15_000);
    await Promise.all(processes.map((each) => each.run()));
    expect(await endings.progress('a', 'main')).toMatchObject({ state: 'done', processed: 130 });
    const perUser = first.users === 'deactivate' ? 2 : 1;
    expect(events).toHaveLength(130 * perUser);
    // Once more, when it is over: there is nobody left.
    await end('off-board');
    later(15_000);
    await endings.run();
    expect(await endings.progress('a', 'main')).toMatchObject({ state: 'done', total: 0, processed: 0 });
    expect(events).toHaveLength(130 * perUser);
  });

  it('finds a user that another process created with a cached key', async () => {
    const { end, endings, add, later, read } = await start(1);
    await end('deactivate');
    await endings.run();
    expect(await endings.progress('a', 'main')).toMatchObject({ state: 'running', processed: 1 });
    const late = await add(7);
    later(15_000);
    await endings.run();
    expect(await read(late)).toMatchObject({ active: false });
    expect(await endings.progress('a', 'main')).toMatchObject({ state: 'done', total: 2, processed: 2 });
  });

  it('is not undone by events that arrive late', async () => {
    const { end, finish, ids, links } = await start(1);
    await end('keep');
    await finish();
    const onChange = userLinks({ store: links, connectionOf: () => 'main' }).onChange;
    await onChange({
      ...{ id: 'x', type: 'user.updated', time: new Date(900_000).toISOString(), tenant: 'a', actor: 'k1' },
      ...{ requestId: 'r', resourceType: 'User', resourceId: String(ids[0]), changed: [], quirks: [], data: {} },
    });
    expect(await links.count('a', 'main')).toBe(0);
  });

  it('is in the audit trail when it begins and when it ends', async () => {
    const { end, finish, trail } = await start(2);
    const { id } = await end('keep');
    await end('keep');
    await finish();
    const entries = await trail.list('a', { limit: 9 });
    expect(entries.map(({ action, by, outcome, subjects }) => ({ action, by, outcome, subjects }))).toEqual([
      {
        ...{ action: 'connection.ended', by: 'ada', outcome: 'done' },
        subjects: { job: id, users: 'keep', processed: '2', refused: '0' },
      },
      { action: 'connection.end', by: 'ada', outcome: 'requested', subjects: { job: id, users: 'keep', count: '2' } },
    ]);
  });

  it('does not begin where the audit trail cannot be written', async () => {
    const { connections, options } = await start(1);
    const auditTrail = { append: () => Promise.reject(new Error('down')), list: () => [], prune: () => undefined };
    const endings = connectionEnding({ ...options, auditTrail });
    const request = { tenant: 'a', connection: 'main', users: 'off-board', by: 'ada' } as const;
    await expect(endings.endConnection(request)).rejects.toThrow('down');
    expect(await isClosed(connections)).toBe(false);
    expect(await endings.progress('a', 'main')).toBeUndefined();
  });

  it('publishes each attempt on the channel of jobs', async () => {
    const messages: unknown[] = [];
    const listen = (message: unknown): number => messages.push({ ...(message as object) });
    const channel = tracingChannel('express-scim:job');
    channel.asyncEnd.subscribe(listen);
    const { end, finish } = await start(1);
    await end('keep');
    await finish();
    channel.asyncEnd.unsubscribe(listen);
    expect(messages).toEqual([
      expect.objectContaining({ job: 'connection-ending', subject: 'keep', tenant: 'a', attempt: 1 }),
      expect.objectContaining({ job: 'connection-ending', subject: 'keep', tenant: 'a', attempt: 2 }),
    ]);
  });

  it('stops between two pages', async () => {
    const { endings, end, store } = await start(130);
    const update: UserStore['update'] = store.update.bind(store);
    let stopped: Promise<void> | undefined;
    store.update = (...call) => {
      stopped ??= endings.stop();
      return update(...call);
    };
    await end('deactivate');
    await endings.run();
    await stopped;
    expect(await endings.progress('a', 'main')).toMatchObject({ state: 'running', processed: 50 });
    await endings.run();
    expect(await endings.progress('a', 'main')).toMatchObject({ processed: 130 });
  });
});

describe('the end of a connection', () => {
  const [, makeStores] = connectionStores[0] ?? ['', undefined];
  const make = async (more: Partial<ConnectionEndingOptions> = {}) => {
    const { links, jobs } = (await makeStores?.()) ?? {};
    const options = { connections: memoryConnectionStore(), store: new MemoryStore(), links, jobs, ...more };
    return connectionEnding(options as ConnectionEndingOptions);
  };

  it.each([
    [{ users: 'delete' }],
    [{ users: undefined }],
    [{ users: 'toString' }],
    [{ tenant: '' }],
    [{ connection: 7 }],
    [{ by: '' }],
  ])('is refused for %j', async (wrong) => {
    const request = { tenant: 'a', connection: 'main', users: 'keep', by: 'ada', ...wrong };
    await expect((await make()).endConnection(request as never)).rejects.toThrow(TypeError);
  });

  it('is refused for a connection that does not exist', async () => {
    const request = { tenant: 'a', connection: 'mian', users: 'keep', by: 'ada' } as const;
    await expect((await make()).endConnection(request)).rejects.toThrow('there is no such connection');
  });

  it.each(['connections', 'store', 'links', 'jobs'])('needs %s', async (name) => {
    await expect(make({ [name]: undefined })).rejects.toThrow(new RegExp(`${name} is required`));
  });

  it('does not run a check with `after` ahead of a write that could not be rolled back', async () => {
    const store: UserStore = new MemoryStore();
    const withoutChecks: UserStore = Object.create(store, { supports: { value: { checks: false } } });
    const links = (await makeStores?.())?.links;
    await links?.change('a', 'u1', () => ({ tenant: 'a', userId: 'u1', connection: 'main', time: '' }));
    const errors: unknown[] = [];
    const guard: Guard = () => ({ after: () => undefined });
    const endings = await make({
      store: withoutChecks,
      links,
      guard,
      onError: (error: unknown) => errors.push(error),
    } as never);
    await endings.endConnection({ tenant: 'a', connection: 'main', users: 'deactivate', by: 'ada' });
    await endings.run();
    expect(String(errors[0])).toMatch(/`after`/);
  });
});

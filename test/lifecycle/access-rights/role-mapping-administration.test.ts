import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { MemoryStore } from '../../../src/index.js';
import {
  accessRights,
  memoryRightsJobStore,
  memoryRoleMappings,
  type RightsJob,
  roleMappingAdministration,
  type RoleMappingAdministrationOptions,
} from '../../../src/lifecycle/index.js';
import { groupSchemas, scimOn } from '../../http/app.js';
import { arenas } from './arenas.js';

const tenant = 'default';
const ana = 'ana@example.com';

async function start(open: (typeof arenas)[number][1], more: Partial<RoleMappingAdministrationOptions> = {}) {
  const arena = await open();
  let now = Date.parse('2026-03-01T12:00:00Z');
  /** The users of each call of `reconcile`, and what it does before it writes. */
  const calls: string[][] = [];
  const faults: { before: (call: number) => Promise<void> } = { before: async () => undefined };
  const rights = accessRights({
    store: (transaction) => arena.storeIn(transaction),
    map: arena.mappings,
    exists: () => true,
    async reconcile(users, { transaction }) {
      calls.push(users.map(({ userId }) => userId));
      await faults.before(calls.length);
      await arena.save(users, transaction);
    },
  });
  const options: RoleMappingAdministrationOptions = {
    ...{ rights, mappings: arena.mappings, store: arena.store, jobs: arena.jobs },
    roles: ['viewer', 'editor'],
    clock: () => now,
    ...more,
  };
  const scim = scimOn(express, {}, arena.store);
  const group = async (displayName: string, members: readonly string[] = []): Promise<string> => {
    const value = members.map((each) => ({ value: each }));
    const { body } = await scim.post('/Groups', { schemas: groupSchemas, displayName, members: value });
    return (body as { id: string }).id;
  };
  return {
    ...{ arena, calls, faults, options, scim, group },
    administration: roleMappingAdministration(options),
    pass: (milliseconds: number) => void (now += milliseconds),
  };
}

describe.each(arenas)('the administration of role mappings %s', (_, open) => {
  it('lists mappings with the names of their groups, and says what gives nothing any more', async () => {
    const { administration, arena, group, scim } = await start(open);
    const [kept, deleted] = [await group('Städte <b>'), await group('Gone')];
    for (const id of [kept, deleted]) {
      expect(await administration.set(tenant, { groupId: id, role: 'editor', setBy: ana, connection: 'okta' })).toBe(
        undefined,
      );
    }
    const setAt = '2026-03-01T12:00:00.000Z';
    await arena.mappings.set(tenant, { groupId: kept, role: 'retired', setBy: ana, setAt });
    await scim.delete(`/Groups/${deleted}`);
    const mapping = { groupId: kept, setBy: ana, setAt, group: { id: kept, name: 'Städte <b>' } };
    const found = await administration.list(tenant);
    expect(found.filter(({ groupId }) => groupId === kept)).toEqual([
      { ...mapping, role: 'editor', connection: 'okta', isOffered: true },
      { ...mapping, role: 'retired', isOffered: false },
    ]);
    expect(found.filter(({ groupId }) => groupId === deleted)).toEqual([
      { groupId: deleted, role: 'editor', setBy: ana, setAt, connection: 'okta', group: undefined, isOffered: true },
    ]);
    expect(await administration.list('another')).toEqual([]);
    expect(await administration.list(tenant, { limit: 1 })).toHaveLength(1);
  });

  it('finds groups by a part of their names, in the order of their names', async () => {
    const { administration, group } = await start(open);
    for (const name of ['Sales', 'ENGINEERING north', 'Engineering', 'Café 100%']) await group(name);
    const names = async (...search: [text?: string, limit?: number]) =>
      (await administration.groups(tenant, ...search)).map(({ name }) => name);
    expect(await names('engin')).toEqual(['Engineering', 'ENGINEERING north']);
    expect(await names('CAFE\u0301')).toEqual(['Café 100%']);
    expect(await names('0%')).toEqual(['Café 100%']);
    expect(await names(' ')).toHaveLength(4);
    expect(await names('', 2)).toEqual(['Café 100%', 'Engineering']);
    expect(await names('\0')).toEqual([]);
    expect(await administration.groups('another')).toEqual([]);
  });

  it('refuses roles that are not offered and groups that do not exist, and changes nothing', async () => {
    const { administration, arena, group, scim } = await start(open);
    const groupId = await group('Sales');
    const user = await scim.user();
    expect(await administration.set(tenant, { groupId, role: 'owner', setBy: ana })).toBe('unknown-role');
    for (const id of ['nothing', '', ' ', 'a\0b', 'x'.repeat(251), user]) {
      expect(await administration.set(tenant, { groupId: id, role: 'editor', setBy: ana })).toBe('unknown-group');
    }
    expect(await administration.set('another', { groupId, role: 'editor', setBy: ana })).toBe('unknown-group');
    expect(await arena.mappings.list(tenant)).toEqual([]);
    for (const id of [groupId, 'a\0b']) expect(await administration.remove(tenant, id, 'editor')).toBe(false);
  });

  it('applies a mapping to those who are members already, and takes the role from them again', async () => {
    const { administration, arena, group, scim } = await start(open);
    const [member, other] = [await scim.user(), await scim.user()];
    const groupId = await group('Sales', [member]);
    await administration.set(tenant, { groupId, role: 'editor', setBy: ana });
    expect(await arena.roles()).toEqual({});
    expect(await administration.progress(tenant)).toBeUndefined();
    const job = await administration.apply(tenant, ana);
    expect(await administration.progress(tenant)).toEqual(job);
    expect(job).toMatchObject({ state: 'running', by: ana, processed: 0 });
    await administration.run();
    expect(await administration.progress(tenant)).toEqual({
      ...{ id: job.id, tenant, by: ana, requestedAt: job.requestedAt, state: 'done', processed: 2 },
      ...{ attempts: 1, failures: 0, finishedAt: new Date('2026-03-01T12:00:00Z') },
      total: 2,
    });
    expect(await arena.roles()).toEqual({ [member]: ['editor'] });
    expect(await administration.remove(tenant, groupId, 'editor')).toBe(true);
    await administration.apply(tenant, ana);
    await administration.run();
    expect(await arena.roles()).toEqual({});
    expect(other).not.toBe(member);
  });
});

describe.each(arenas)('the store of jobs %s', (_, open) => {
  const job = (id: string, more: Partial<RightsJob> = {}): RightsJob => ({
    ...{ id, tenant: 'a', by: 'ada', requestedAt: new Date(1_000), state: 'running', processed: 0 },
    ...{ attempts: 0, failures: 0, nextAttemptAt: 1_000 },
    ...more,
  });

  it('keeps one job for each tenant, as it was saved', async () => {
    const { jobs } = await open();
    await jobs.begin(job('j1'));
    await jobs.begin(job('j2', { tenant: 'b' }));
    expect(await jobs.latest('a')).toEqual(job('j1'));
    expect(await jobs.latest('c')).toBeUndefined();
    const [claimed] = await jobs.claim(1_000, 500, 1);
    const saved = { ...job('j1'), tenant: claimed?.tenant ?? '', id: claimed?.id ?? '', attempts: 1 };
    const done: RightsJob = {
      ...{ ...saved, state: 'done', processed: 7, total: 7, after: 'ü"\\', failures: 2, error: 'Lost' },
      ...{ nextAttemptAt: undefined, finishedAt: new Date(9_000) },
    };
    expect(await jobs.save(done)).toBe(true);
    expect(await jobs.latest(done.tenant)).toEqual(done);
    expect((await jobs.claim(99_000, 500, 9)).map(({ id }) => id)).toEqual([done.id === 'j1' ? 'j2' : 'j1']);
  });

  it('gives a due job to one of several processes, and to another one after the lease', async () => {
    const { jobs } = await open();
    await jobs.begin(job('j1'));
    expect(await jobs.claim(999, 500, 9)).toEqual([]);
    const claims = await Promise.all(Array.from({ length: 5 }, async () => jobs.claim(1_000, 500, 9)));
    expect(claims.flat()).toEqual([job('j1', { attempts: 1, nextAttemptAt: 1_500 })]);
    expect(await jobs.claim(1_500, 500, 9)).toEqual([job('j1', { attempts: 2, nextAttemptAt: 2_000 })]);
    // The first process was slow: what it saves now is not saved.
    expect(await jobs.save(job('j1', { attempts: 1, processed: 99 }))).toBe(false);
    expect((await jobs.latest('a'))?.processed).toBe(0);
  });

  it('saves nothing of a job in whose place another one has begun', async () => {
    const { jobs } = await open();
    await jobs.begin(job('j1'));
    const [claimed] = await jobs.claim(1_000, 500, 9);
    await jobs.begin(job('j2'));
    expect(claimed && (await jobs.save({ ...claimed, processed: 99 }))).toBe(false);
    expect(await jobs.latest('a')).toEqual(job('j2'));
  });
});

describe('applying a mapping to many users', () => {
  const many = async (users: number, more: Partial<RoleMappingAdministrationOptions> = {}) => {
    const started = await start(async () => (arenas[0] ?? fail())[1](), more);
    const ids: string[] = [];
    for (let n = 0; n < users; n++) ids.push(await started.scim.user());
    const groupId = await started.group('Everybody', ids);
    await started.administration.set(tenant, { groupId, role: 'viewer', setBy: ana });
    return { ...started, ids, groupId };
  };
  const fail = (): never => {
    throw new Error('There is no arena.');
  };

  it('goes on behind the last page after a failure, and says what failed', async () => {
    const errors: unknown[] = [];
    const { administration, faults, calls, pass, ids, arena } = await many(210, {
      onError: (error) => errors.push(error),
    });
    faults.before = async (call) => {
      if (call === 2) throw new Error('The disk is full: \0');
    };
    await administration.apply(tenant, ana);
    await administration.run();
    const failed = await administration.progress(tenant);
    expect(failed).toMatchObject({ state: 'running', processed: 100, total: 210, failures: 1 });
    expect(failed?.error).toBe('The disk is full: \ufffd');
    expect(errors).toHaveLength(1);
    // Not before the retry is due.
    expect(await administration.run()).toBe(0);
    pass(1_000);
    expect(await administration.run()).toBe(1);
    expect(calls.map(({ length }) => length)).toEqual([100, 100, 100, 10]);
    const job = await administration.progress(tenant);
    expect(job).toMatchObject({ state: 'done', processed: 210, attempts: 2, failures: 0 });
    expect(job?.error).toBeUndefined();
    expect(Object.keys(await arena.roles()).sort()).toEqual([...ids].sort());
  });

  it('is given back when a process stops, and another one goes on', async () => {
    const { administration, faults, options, calls } = await many(210);
    const stopped: { promise?: Promise<void> } = {};
    faults.before = async (call) => {
      if (call === 1) stopped.promise = administration.stop();
    };
    await administration.apply(tenant, ana);
    await administration.run();
    await stopped.promise;
    expect(await administration.progress(tenant)).toMatchObject({ state: 'running', processed: 100 });
    await roleMappingAdministration(options).run();
    expect(await administration.progress(tenant)).toMatchObject({ state: 'done', processed: 210, attempts: 2 });
    expect(calls.flat()).toHaveLength(210);
  });

  it('begins anew when the mapping has changed meanwhile', async () => {
    const { administration, faults, groupId, arena, ids } = await many(110);
    faults.before = async (call) => {
      if (call !== 1) return;
      await administration.set(tenant, { groupId, role: 'editor', setBy: ana });
      await administration.apply(tenant, 'bo@example.com');
    };
    await administration.apply(tenant, ana);
    await administration.run();
    expect(await administration.progress(tenant)).toMatchObject({
      state: 'done',
      by: 'bo@example.com',
      processed: 110,
    });
    const roles = await arena.roles();
    expect(ids.filter((id) => roles[id]?.join() !== 'editor,viewer')).toEqual([]);
  });

  it('does not wait for a page that hangs', async () => {
    const { administration, faults, pass } = await many(1, { timeoutMilliseconds: 5 });
    const hang = new Promise<void>(() => undefined);
    faults.before = (call) => (call === 1 ? hang : Promise.resolve());
    await administration.apply(tenant, ana);
    await administration.run();
    const job = await administration.progress(tenant);
    expect(job).toMatchObject({ state: 'running', error: 'A page of users took longer than 5 ms.' });
    expect(pass).toBeDefined();
  });
});

describe('the options of roleMappingAdministration', () => {
  const store = new MemoryStore();
  const right = {
    rights: { run: () => Promise.reject(new Error('not called')) },
    ...{ mappings: memoryRoleMappings(), store, roles: ['viewer'], jobs: memoryRightsJobStore() },
  };

  it.each([
    [{ rights: {} }, 'rights must be what accessRights() returned'],
    [{ mappings: undefined }, 'mappings is required, and must be an object'],
    [{ mappings: {} }, 'mappings must be memoryRoleMappings() or sqlRoleMappings(db)'],
    [{ store: { list: () => undefined } }, 'store must have groups'],
    [{ roles: 'viewer' }, 'roles must be a list or a function'],
    [{ roles: [''] }, 'roles must be a list of strings'],
    [{ jobs: null }, 'jobs must be an object'],
    [{ timeoutMilliseconds: 0 }, 'timeoutMilliseconds must be a positive integer'],
    [{ clock: 1 }, 'clock must be a function'],
    [{ role: [] }, 'there is no option "role"'],
  ])('are refused: %j', (wrong, message) => {
    const create = () => roleMappingAdministration({ ...right, ...wrong } as never);
    expect(create).toThrow(message);
    expect(create).toThrow('docs/access-rights.md#changing-the-mapping');
  });

  it('may have a function that returns the roles of a tenant, which are checked', async () => {
    const roles = (id: string) => (id === 'a' ? ['viewer', 'viewer', 'editor'] : ([1] as never));
    const administration = roleMappingAdministration({ ...right, roles });
    expect(await administration.roles('a')).toEqual(['viewer', 'editor']);
    await expect(administration.roles('b')).rejects.toThrow('roles must return a list of strings');
    await expect(administration.set('b', { groupId: 'g', role: 'viewer', setBy: ana })).rejects.toThrow(TypeError);
  });
});

import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { MemoryStore } from '../../../src/index.js';
import {
  accessRights,
  type AccessRights,
  type AccessRightsOptions,
  guards,
  memoryRoleMappings,
  type RightsRun,
  type RoleMappingStore,
  type UserRights,
} from '../../../src/lifecycle/index.js';
import { groupSchemas, scimOn, type Scim } from '../../http/app.js';
import { type Arena, arenas, checkedArenas } from './arenas.js';

const mapping = (groupId: string, role: string) => ({ groupId, role, setBy: 'ana', setAt: '2026-01-01T00:00:00Z' });

interface World {
  readonly arena: Arena;
  readonly rights: AccessRights;
  readonly scim: Scim;
  readonly seen: UserRights[];
  group(members: readonly string[], role?: string): Promise<string>;
}

async function world(open: () => Promise<Arena>, options: Partial<AccessRightsOptions> = {}): Promise<World> {
  const arena = await open();
  const seen: UserRights[] = [];
  const rights = accessRights({
    store: (transaction) => arena.storeIn(transaction),
    map: arena.mappings,
    exists: (role) => role !== 'gone',
    async reconcile(users, { transaction }) {
      seen.push(...users);
      await arena.save(users, transaction);
    },
    ...options,
  });
  const outbox = arena.store.supports?.outbox === true;
  const follow = { onChange: rights.onChange };
  const scim = scimOn(express, { beforeChange: guards(rights.guard), ...(!outbox && follow) }, arena.store);
  return {
    arena,
    rights,
    scim,
    seen,
    async group(members, role) {
      const body = { schemas: groupSchemas, displayName: `g${String(count++)}` };
      const { id } = (await scim.post('/Groups', body)).body as { id: string };
      if (role !== undefined) await arena.mappings.set('default', mapping(id, role));
      if (members.length > 0) await add(scim, id, members);
      return id;
    },
  };
}

let count = 0;

async function add(scim: Scim, id: string, members: readonly string[]): Promise<number> {
  const value = members.map((each) => ({ value: each }));
  return (await scim.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value }])).status;
}

describe.each(arenas)('rights %s', (_, open) => {
  it('name every source of a role, also groups around a group and what was given manually', async () => {
    const { rights, scim, group, arena } = await world(open, {
      manualGrants: (__, ids) =>
        new Map(ids.map((id) => [id, [{ role: 'billing', setBy: 'bo', setAt: '2026-02-02T00:00:00Z' }]])),
      ceiling: { forbidden: ['Owner', 'billing'] },
    });
    const id = await scim.user();
    const inner = await group([id], 'editor');
    const outer = await group([inner], 'editor');
    for (const role of ['owner', 'gone']) await arena.mappings.set('default', mapping(outer, role));
    await arena.mappings.set('default', { ...mapping(outer, 'viewer'), connection: 'okta' });
    const given = { setBy: 'ana', setAt: '2026-01-01T00:00:00Z' };
    const fromOuter = { kind: 'group', groupId: outer, membership: 'indirect', ...given };
    const fromInner = { kind: 'group', groupId: inner, membership: 'direct', ...given };
    expect(await rights.of('default', id)).toEqual({
      tenant: 'default',
      userId: id,
      exists: true,
      active: true,
      roles: [
        { role: 'billing', sources: [{ kind: 'manual', setBy: 'bo', setAt: '2026-02-02T00:00:00Z' }] },
        { role: 'editor', sources: expect.arrayContaining([fromOuter, fromInner]) as unknown },
        { role: 'viewer', sources: [{ ...fromOuter, connection: 'okta' }] },
      ],
      withheld: [
        { role: 'gone', reason: 'unknown-role', sources: [fromOuter] },
        { role: 'owner', reason: 'ceiling', sources: [fromOuter] },
      ],
    });
    expect(await rights.of('default', 'nobody')).toBeUndefined();
    expect(await rights.of('another', id)).toBeUndefined();
  });

  it('are withheld while a user is deactivated, except those given manually, and end with the user', async () => {
    const { scim, group, arena, seen } = await world(open, {
      manualGrants: (__, ids) => new Map(ids.map((id) => [id, [{ role: 'billing' }]])),
    });
    const id = await scim.user();
    await group([id], 'editor');
    expect(await arena.roles()).toEqual({ [id]: ['billing', 'editor'] });
    const active = (value: boolean) => scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value }]);
    await active(false);
    expect(await arena.roles()).toEqual({ [id]: ['billing'] });
    expect(seen.at(-1)).toMatchObject({ active: false, withheld: [{ role: 'editor', reason: 'inactive' }] });
    await active(true);
    expect(await arena.roles()).toEqual({ [id]: ['billing', 'editor'] });
    await scim.delete(`/Users/${id}`);
    expect(await arena.roles()).toEqual({});
    expect(seen.at(-1)).toMatchObject({ userId: id, exists: false, roles: [] });
  });

  it('stay with deactivated users where the app wants that', async () => {
    const { scim, group, arena } = await world(open, { whileInactive: 'keep' });
    const id = await scim.user();
    await group([id], 'editor');
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    expect(await arena.roles()).toEqual({ [id]: ['editor'] });
  });

  it('follow the group and not its name', async () => {
    const { scim, group, arena } = await world(open);
    const id = await scim.user();
    const editors = await group([id], 'editor');
    await scim.patch(`/Groups/${editors}`, [{ op: 'replace', path: 'displayName', value: 'Renamed' }]);
    const namesake = await group([]);
    await scim.patch(`/Groups/${namesake}`, [{ op: 'replace', path: 'displayName', value: 'editor' }]);
    await add(scim, namesake, [await scim.user()]);
    expect(await arena.roles()).toEqual({ [id]: ['editor'] });
  });

  it('are not asked for where no mapping concerns the group', async () => {
    const { scim, group, seen } = await world(open);
    const id = await scim.user();
    const plain = await group([id]);
    await scim.patch(`/Groups/${plain}`, [{ op: 'remove', path: 'members' }]);
    expect(seen).toEqual([]);
  });

  it('are reconciled in pages after the mapping has changed, from where an earlier run stopped', async () => {
    const { scim, group, arena, rights } = await world(open);
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(await scim.user());
    const editors = await group(ids);
    await arena.mappings.set('default', mapping(editors, 'editor'));
    expect(await arena.roles()).toEqual({});
    const first = await rights.run('default', { pageSize: 2, maxUsers: 3 });
    expect(first).toMatchObject({ done: false, users: 3 });
    expect(Object.keys(await arena.roles())).toHaveLength(3);
    const stop = new AbortController();
    const progress: RightsRun[] = [];
    const second = await rights.run('default', {
      after: first.after,
      pageSize: 2,
      signal: stop.signal,
      onProgress(each) {
        progress.push(each);
        stop.abort();
      },
    });
    expect([second.done, second.users, progress]).toEqual([false, 2, [second]]);
    expect(await rights.run('default', { after: second.after })).toMatchObject({
      done: true,
      after: undefined,
      users: 2,
    });
    expect(Object.keys(await arena.roles()).sort()).toEqual([...ids].sort());
    await arena.mappings.remove('default', editors, 'editor');
    expect(await rights.run('default')).toMatchObject({ done: true, users: 7 });
    expect(await arena.roles()).toEqual({});
    await rights.reconcile('default', ['nobody', ...ids]);
    await expect(rights.run('default', { after: 'x' })).rejects.toThrow('after must be');
    await expect(rights.run('default', { pageSize: 0 })).rejects.toThrow('pageSize must be');
    await expect(rights.run('default', { maxUsers: 0 })).rejects.toThrow('maxUsers must be');
  });
});

describe.each(checkedArenas)('a write that changes rights %s', (_, open) => {
  it.each<[string, Partial<AccessRightsOptions>]>([
    ['reconcile throws', { reconcile: () => Promise.reject(new Error('reconcile failed')) }],
    ['reconcile returns false', { reconcile: () => false as unknown as undefined }],
    [
      'exists throws',
      {
        exists: () => {
          throw new Error('exists failed');
        },
      },
    ],
    ['exists returns a text', { exists: () => 'yes' as unknown as boolean }],
    ['manualGrants returns a list', { manualGrants: () => [] as never }],
    [
      'manualGrants returns a role without a name',
      { manualGrants: (__, [id = '']) => new Map([[id, [{ role: '' }]]]) },
    ],
    ['map returns nothing', { map: { ofGroups: () => undefined as never } }],
    ['map returns a group that was not asked for', { map: { ofGroups: () => [mapping('other', 'editor')] } }],
    [
      'map returns a mapping without an author',
      { map: { ofGroups: (__, [id = '']) => [{ groupId: id, role: 'editor' }] as never } },
    ],
    ['map rejects', { map: { ofGroups: () => Promise.reject(new Error('map failed')) } }],
  ])('is undone where %s', async (__, broken) => {
    const { arena, group, scim } = await world(open);
    const [old, fresh] = [await scim.user(), await scim.user()];
    const id = await group([old], 'editor');
    await group([old], 'viewer');
    const before = (await scim.get(`/Groups/${id}`)).body as unknown;
    const faulty = await world(async () => arena, broken);
    expect(await add(faulty.scim, id, [fresh])).toBe(500);
    expect((await faulty.scim.delete(`/Groups/${id}`)).status).toBe(500);
    expect((await scim.get(`/Groups/${id}`)).body).toEqual(before);
    expect(await arena.roles()).toEqual({ [old]: ['editor', 'viewer'] });
  });

  it('waits for another one of the tenant, so that parallel writes lose no role', async () => {
    const { arena, group, scim, rights } = await world(open);
    const id = await scim.user();
    const roles = ['a', 'b', 'c', 'd', 'e', 'f'];
    const groups: string[] = [];
    for (const role of roles) groups.push(await group([], role));
    const runs = [rights.run('default'), rights.run('default')];
    const statuses = await Promise.all(groups.map((each) => add(scim, each, [id])));
    await Promise.all(runs);
    expect(new Set(statuses)).toEqual(new Set([204]));
    expect(await arena.roles()).toEqual({ [id]: roles });
  });
});

it('reconciles a group of 5,000 members in calls of 500', async () => {
  const calls: number[] = [];
  const arena = (await arenas[0]?.[1]()) as Arena;
  const { scim, group } = await world(async () => arena, { reconcile: (users) => void calls.push(users.length) });
  const ids: string[] = [];
  // Each request takes a port: all at once would take a sixth of what the machine has.
  while (ids.length < 5_000) ids.push(...(await Promise.all(Array.from({ length: 100 }, () => scim.user()))));
  const id = await group([], 'editor');
  expect(await add(scim, id, ids)).toBe(204);
  expect(calls).toEqual(Array.from({ length: 10 }, () => 500));
});

describe('the options of accessRights', () => {
  const good: AccessRightsOptions = {
    store: () => new MemoryStore(),
    map: memoryRoleMappings(),
    exists: () => true,
    reconcile: () => undefined,
  };

  it.each<[Record<string, unknown>, string]>([
    [{ store: new MemoryStore() }, 'store must be a function'],
    [{ store: () => undefined }, 'store returned undefined'],
    [{ store: () => ({ ...new MemoryStore(), get: () => undefined, groups: undefined }) }, 'groups with groupsOf'],
    [{ map: () => [] }, 'map must be an object'],
    [{ map: {} }, 'map must have a function ofGroups'],
    [{ exists: true }, 'exists must be a function'],
    [{ reconcile: undefined }, 'reconcile is required, and must be a function'],
    [{ manualGrants: new Map() }, 'manualGrants must be a function'],
    [{ ceiling: ['owner'] }, 'ceiling must be'],
    [{ ceiling: {} }, 'ceiling must be'],
    [{ ceiling: { allowed: ['a'], forbidden: ['b'] } }, 'ceiling must be'],
    [{ ceiling: { forbidden: [1] } }, 'ceiling must be'],
    [{ whileInactive: true }, 'whileInactive must be'],
    [{ roles: [] }, 'there is no option "roles"'],
  ])('%j is refused', (wrong, message) => {
    expect(() => accessRights({ ...good, ...wrong } as AccessRightsOptions)).toThrow(message);
  });

  it('are an object', () => expect(() => accessRights(undefined as never)).toThrow('options must be an object'));
});

const stores: readonly (readonly [string, () => Promise<RoleMappingStore>])[] = checkedArenas.map(([name, open]) => [
  name,
  async () => (await open()).mappings,
]);

describe.each(stores)('role mappings %s', (_, open) => {
  it('are kept by tenant, group and role', async () => {
    const mappings = await open();
    for (const role of ['a', 'B', 'b']) await mappings.set('acme', mapping('g1', role));
    await mappings.set('acme', { ...mapping('G1', 'a'), connection: 'okta' });
    await mappings.set('other', mapping('g1', 'x'));
    await mappings.set('acme', { ...mapping('g1', 'a'), setBy: 'bo' });
    const all = [
      { ...mapping('G1', 'a'), connection: 'okta' },
      mapping('g1', 'B'),
      { ...mapping('g1', 'a'), setBy: 'bo' },
      mapping('g1', 'b'),
    ];
    expect(await mappings.list('acme')).toEqual(all);
    expect(await mappings.list('acme', { limit: 2 })).toEqual(all.slice(0, 2));
    expect(await mappings.list('acme', { after: all[1], limit: 1 })).toEqual([all[2]]);
    expect(await mappings.list('acme', { groupId: 'G1' })).toEqual(all.slice(0, 1));
    expect(await mappings.ofGroups('acme', ['G1', 'none'], undefined)).toEqual(all.slice(0, 1));
    expect([await mappings.remove('acme', 'g1', 'a'), await mappings.remove('acme', 'g1', 'a')]).toEqual([true, false]);
    expect(await mappings.list('acme', { groupId: 'g1' })).toHaveLength(2);
    await expect((async () => mappings.list('acme', { limit: 0 }))()).rejects.toThrow('limit must be');
  });

  it.each<[object]>([
    [{ groupId: '' }],
    [{ groupId: 7 }],
    [{ groupId: 'g'.repeat(251) }],
    [{ role: ' ' }],
    [{ role: 'a\nb' }],
    [{ role: undefined }],
    [{ setBy: null }],
    [{ setAt: 'yesterday' }],
    [{ setAt: '2026-99-01T00:00:00Z' }],
    [{ connection: '' }],
  ])('refuse %j', async (wrong) => {
    const mappings = await open();
    const bad = { ...mapping('g1', 'a'), ...wrong } as never;
    await expect((async () => mappings.set('acme', bad))()).rejects.toThrow('of a role mapping must be');
    expect(await mappings.list('acme')).toEqual([]);
  });
});

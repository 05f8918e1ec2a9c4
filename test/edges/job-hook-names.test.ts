import { describe, expect, it, jest } from '@jest/globals';
import express from 'express';
import { memoryConnectionStore } from '../../src/admin/index.js';
import { eventDelivery, type EventDeliveryOptions, memoryDeliveryStore } from '../../src/events/index.js';
import { type ChangeEvent, MemoryStore } from '../../src/index.js';
import {
  accessRights,
  type AccessRightsOptions,
  connectionEnding,
  type ConnectionEndingOptions,
  guards,
  memoryConnectionEndingStore,
  memoryOffboardingTaskStore,
  memoryRightsJobStore,
  memoryRoleMappings,
  memoryUserLinkStore,
  offboarding,
  type OffboardingHandler,
  type OffboardingOptions,
  onEvents,
  roleMappingAdministration,
} from '../../src/lifecycle/index.js';
import { scimOn } from '../http/app.js';

const broken = new Error('it broke');
const fail = (): never => {
  throw broken;
};
const reject = () => Promise.reject(broken);

/** What `onError` was called with first: the error and the name. */
function seen({ mock }: jest.Mock): readonly unknown[] {
  const [error, , hook] = mock.calls[0] ?? [];
  return [error, hook];
}

const left = (data: ChangeEvent['data'] = {}): ChangeEvent => ({
  ...{ id: 'e1', type: 'user.deactivated', time: new Date().toISOString(), tenant: 'acme', actor: 'okta' },
  ...{ requestId: 'r1', resourceType: 'User', resourceId: 'u1', changed: ['active'], quirks: [], data },
});

describe('the name of a function that fails in a job', () => {
  const held = () => [{ id: 'i1', label: 'Laptop' }];
  const handler: OffboardingHandler = { name: 'assets', heldBy: held, apply: () => undefined };

  it.each<readonly [string, Partial<OffboardingHandler>, Partial<OffboardingOptions>]>([
    ['offboarding.handlers["assets"].heldBy', { heldBy: reject }, {}],
    ['offboarding.handlers["assets"].apply', { apply: fail }, {}],
    ['offboarding.policy["assets"]', {}, { policy: { assets: fail } }],
    ['offboarding.user', {}, { user: reject }],
    ['offboarding.handlers["assets"]', { apply: () => new Promise(() => undefined) }, { timeoutMilliseconds: 20 }],
  ])('is passed to onError of off-boarding: %s', async (name, functions, options) => {
    const onError = jest.fn();
    const leaving = offboarding({
      handlers: [{ ...handler, ...functions }],
      policy: { assets: 'flag' },
      store: memoryOffboardingTaskStore(),
      onError,
      ...options,
    });
    await leaving.onChange(left());
    await leaving.run();
    const error = name.endsWith('"]') && functions.apply !== undefined ? expect.any(Error) : broken;
    expect(seen(onError)).toEqual([error, name]);
  });

  it('is passed to onError of off-boarding where an action is undone', async () => {
    const onError = jest.fn();
    const undo = { ...handler, undo: reject };
    const leaving = offboarding({
      ...{ handlers: [undo], policy: { assets: 'flag' }, store: memoryOffboardingTaskStore(), onError },
    });
    await leaving.onChange(left());
    await leaving.run();
    const time = new Date(Date.now() + 1_000).toISOString();
    await leaving.onChange({ ...left(), id: 'e2', type: 'user.reactivated', time });
    await leaving.run();
    expect(seen(onError)).toEqual([broken, 'offboarding.handlers["assets"].undo']);
  });

  it('is not passed for a fault of a store', async () => {
    const onError = jest.fn();
    const store = { ...memoryOffboardingTaskStore(), add: reject };
    const leaving = offboarding({ handlers: [handler], policy: { assets: 'flag' }, store, onError });
    await expect(leaving.onChange(left())).rejects.toBe(broken);
    const claim = memoryOffboardingTaskStore();
    await offboarding({ handlers: [handler], policy: { assets: 'flag' }, store: claim }).onChange(left());
    await offboarding({
      ...{ handlers: [handler], policy: { assets: 'flag' }, onError },
      store: { ...claim, add: reject },
    }).run();
    expect(seen(onError)).toEqual([broken, undefined]);
  });

  const endings: readonly (readonly [string, Partial<ConnectionEndingOptions>])[] = [
    ['connectionEnding.guard', { guard: fail }],
    ['connectionEnding.guard > guard 1 of guards()', { guard: guards(undefined, reject) }],
    ['connectionEnding.guard', { guard: () => 'no' as never }],
    ['connectionEnding.guard.before', { guard: () => ({ before: fail }) }],
    ['connectionEnding.guard.after', { guard: () => ({ after: reject }) }],
    ['connectionEnding.onChange', { onChange: reject }],
    ['connectionEnding.onChange > onEvents["user.deactivated"]', { onChange: onEvents({ 'user.deactivated': fail }) }],
  ];
  it.each(endings)('is passed to onError of connectionEnding: %s', async (name, options) => {
    const store = new MemoryStore();
    const { body } = await scimOn(express, {}, store).post('/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'ada@example.com',
    });
    const connections = memoryConnectionStore();
    await connections.create({ tenant: 'default', id: 'main', name: '', provider: 'okta', enabled: true });
    const users = { page: () => [(body as { id: string }).id], count: () => 1 };
    const onError = jest.fn();
    const jobs = memoryConnectionEndingStore();
    const ending = connectionEnding({
      ...{ connections, store, links: memoryUserLinkStore(), users, jobs, onError },
      ...options,
    });
    await ending.endConnection({ tenant: 'default', connection: 'main', users: 'deactivate', by: 'ada' });
    await ending.run();
    const [error, hook] = seen(onError);
    expect(hook).toBe(name);
    expect(error).toEqual(options.guard?.length === 0 && name.endsWith('guard') ? expect.any(Error) : broken);
  });

  it.each<readonly [string, Partial<AccessRightsOptions>]>([
    ['accessRights.reconcile', { reconcile: reject }],
    ['accessRights.manualGrants', { manualGrants: fail }],
    ['accessRights.map.ofGroups', { map: { ...memoryRoleMappings(), ofGroups: reject } }],
  ])('is passed to onError of roleMappingAdministration: %s', async (name, options) => {
    const store = new MemoryStore();
    const scim = scimOn(express, {}, store);
    const { body } = await scim.post('/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'ada@example.com',
    });
    await scim.post('/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Editors',
      members: [{ value: (body as { id: string }).id }],
    });
    const mappings = memoryRoleMappings();
    const onError = jest.fn();
    const rights = accessRights({
      ...{ store: () => store, map: mappings, exists: () => true, reconcile: () => undefined },
      ...options,
    });
    const administration = roleMappingAdministration({
      ...{ rights, mappings, store, roles: ['editor'], jobs: memoryRightsJobStore(), onError },
    });
    await administration.apply('default', 'ada');
    await administration.run();
    expect(seen(onError)).toEqual([broken, name]);
  });

  const endpoint = {
    ...{ id: 'crm', url: 'http://127.0.0.1:9/', format: 'webhook' as const, types: ['user.deactivated' as const] },
    secrets: [`whsec_${Buffer.alloc(32, 1).toString('base64')}`],
  };
  it.each<readonly [string, (isDown: () => boolean) => Partial<EventDeliveryOptions>]>([
    ['eventDelivery.endpoints', (isDown) => ({ endpoints: () => (isDown() ? fail() : [endpoint]) })],
    ['eventDelivery.onDisabled', () => ({ endpoints: [endpoint], onDisabled: fail, disableAfterMilliseconds: 1 })],
  ])('is passed to onError of eventDelivery: %s', async (name, options) => {
    const errors: (readonly unknown[])[] = [];
    let now = Date.now();
    let isDown = false;
    const deliveries = eventDelivery({
      store: memoryDeliveryStore(),
      endpoints: [],
      ...{ allowHttp: true, allowedNetworks: ['127.0.0.0/8'], clock: () => now },
      onError: (error, _, hook) => errors.push([error, hook]),
      ...options(() => isDown),
    });
    await deliveries.enqueue(left({ after: {} }));
    isDown = true;
    for (let turn = 0; turn < 2; turn++) {
      await deliveries.run();
      now += 3_600_000;
    }
    await deliveries.stop();
    expect(errors).toContainEqual([broken, name]);
  });
});

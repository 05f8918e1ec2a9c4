import { describe, expect, it } from '@jest/globals';
import {
  memoryUserLinkStore,
  provisioningStatus,
  type SignInAccount,
  userLinks,
  type UserLinksOptions,
} from '../../../src/lifecycle/index.js';
import type { ChangeEvent } from '../../../src/index.js';

const at = (second: number): string => new Date(Date.UTC(2026, 2, 1, 12, 0, second)).toISOString();
const event = (type: string, second: number, data: ChangeEvent['data'] = {}): ChangeEvent => ({
  ...{ id: type, type, time: at(second), tenant: 'a', actor: 'k1', requestId: 'r', resourceType: 'User' },
  ...{ resourceId: 'u1', changed: [], quirks: [], data },
});

describe('user links', () => {
  const start = (more: Partial<UserLinksOptions> = {}) => {
    const store = memoryUserLinkStore();
    const links = userLinks({ store, ...more });
    return {
      store,
      links,
      apply: async (...events: ChangeEvent[]) => {
        for (const each of events) await links.onChange(each);
        return store.get('a', 'u1');
      },
    };
  };

  it('are made by the first change of a connection, and keep who deactivated the user', async () => {
    const { apply } = start();
    expect(await apply(event('user.updated', 1))).toMatchObject({ connection: 'default', time: at(1) });
    expect(await apply(event('user.deactivated', 2))).toMatchObject({ deactivated: { by: 'provider', time: at(2) } });
    expect((await apply(event('user.reactivated', 3)))?.deactivated).toBeUndefined();
    expect(await apply(event('user.deleted', 4))).toMatchObject({ offboardedAt: at(4) });
  });

  it('take events in any order, and more than once', async () => {
    const { apply } = start();
    const late = [event('user.updated', 5), event('user.deactivated', 3), event('user.reactivated', 2)];
    expect(await apply(...late, ...late)).toMatchObject({ time: at(5), deactivated: { time: at(3) } });
    const deleted = await apply(event('user.deleted', 4));
    expect(deleted).toMatchObject({ offboardedAt: at(4) });
    expect(await apply(event('user.reactivated', 9))).toEqual(deleted);
  });

  it('know a user who was created without access', async () => {
    const { apply } = start();
    const created = await apply(event('user.created', 1, { after: { userName: 'ada', active: false } }));
    expect(created).toMatchObject({ deactivated: { by: 'provider' } });
  });

  it('find the connection by the key, which is looked up once', async () => {
    let lookups = 0;
    const findKey = (id: string) => {
      lookups += 1;
      return id === 'k1' ? { connection: { id: 'okta' } } : undefined;
    };
    const { apply } = start({ connectionOf: { findKey } });
    await apply(event('user.updated', 1), event('user.updated', 2));
    expect(await apply({ ...event('user.updated', 3), actor: 'job' })).toMatchObject({
      connection: 'okta',
      time: at(2),
    });
    expect(lookups).toBe(2);
  });

  it('leave groups and unknown actors alone', async () => {
    const { apply } = start({ connectionOf: () => undefined });
    expect(await apply(event('user.created', 1))).toBeUndefined();
    const groups = start();
    expect(await groups.apply({ ...event('group.created', 1), resourceType: 'Group' })).toBeUndefined();
  });
});

describe('the provisioning status', () => {
  const start = (account: unknown) => {
    const store = memoryUserLinkStore();
    const calls: unknown[] = [];
    const statusOf = provisioningStatus({
      links: store,
      account: (...call) => {
        calls.push(call);
        return account as SignInAccount;
      },
    });
    return { store, calls, links: userLinks({ store }), status: () => statusOf('a', 'ada@a.example') };
  };
  const active = { id: 'u1', active: true };

  it('is active for an account with access, linked or not', async () => {
    const { status, links, calls } = start(active);
    expect(await status()).toEqual({ maySignIn: true, state: 'active', userId: 'u1', linked: false });
    await links.onChange(event('user.created', 1));
    expect(await status()).toMatchObject({ maySignIn: true, linked: true, connection: 'default' });
    expect(calls).toEqual([
      ['a', 'ada@a.example'],
      ['a', 'ada@a.example'],
    ]);
  });

  it('is unknown where there is no account', async () => {
    for (const nothing of [undefined, null]) {
      expect(await start(nothing).status()).toEqual({ maySignIn: false, state: 'unknown' });
    }
  });

  it('says who suspended the user', async () => {
    const { status, links } = start({ id: 'u1', active: 0 });
    expect(await status()).toMatchObject({ maySignIn: false, state: 'suspended', by: 'administrator' });
    await links.onChange(event('user.deactivated', 1));
    expect(await status()).toMatchObject({ maySignIn: false, by: 'provider', since: at(1) });
    await links.suspend('a', 'u1', { by: 'guard' });
    expect(await status()).toMatchObject({ maySignIn: false, by: 'guard' });
  });

  it('stays suspended by an administrator when the identity provider reactivates the user', async () => {
    const { status, links } = start(active);
    await links.suspend('a', 'u1', { by: 'administrator' });
    await links.onChange(event('user.reactivated', 9));
    expect(await status()).toMatchObject({ maySignIn: false, by: 'administrator' });
    await links.resume('a', 'u1');
    expect(await status()).toMatchObject({ maySignIn: true });
  });

  it('is off-boarded for a deleted user, by the row of the app or by the event', async () => {
    expect(await start({ ...active, deleted: 1 }).status()).toMatchObject({ maySignIn: false, state: 'off-boarded' });
    const { status, links } = start(active);
    await links.onChange(event('user.deleted', 4));
    expect(await status()).toMatchObject({ maySignIn: false, state: 'off-boarded', since: at(4) });
  });

  it.each([
    ['u1'],
    [true],
    [[]],
    [{ active: true }],
    [{ id: '', active: true }],
    [{ id: 7, active: true }],
    [{ id: 'u1' }],
    [{ id: 'u1', active: 'true' }],
    [{ id: 'u1', active: null }],
    [{ id: 'u1', active: 2 }],
    [{ id: 'u1', active: true, deleted: 'no' }],
  ])('lets nobody in where the account is %j', async (account) => {
    await expect(start(account).status()).rejects.toThrow(/account returned/);
  });

  it('lets nobody in where the link cannot be read', async () => {
    const failing = { get: () => Promise.reject(new Error('down')) };
    await expect(
      provisioningStatus({ links: failing, account: () => ({ id: 'u1', active: true }) })('a', 'x'),
    ).rejects.toThrow('down');
  });
});

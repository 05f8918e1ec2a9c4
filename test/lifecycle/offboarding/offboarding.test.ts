import { describe, expect, it, jest } from '@jest/globals';
import { type ChangeEvent } from '../../../src/index.js';
import {
  type OffboardingHandler,
  type OffboardingTask,
  offboarding,
  type Offboarding,
  type OffboardingOptions,
  type OffboardingPolicy,
} from '../../../src/lifecycle/index.js';
import { Assets } from './assets.js';
import { offboardingStores, type OffboardingStores } from './stores.js';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
let seconds = 0;

function event(type: string, data: ChangeEvent['data'] = {}, more: Partial<ChangeEvent> = {}): ChangeEvent {
  const time = new Date(Date.UTC(2026, 0, 1) + ++seconds * 1_000).toISOString();
  return {
    ...{ id: `event-${String(seconds)}`, type, time, tenant: 'acme', actor: 'okta', requestId: 'r' },
    ...{ resourceType: 'User', resourceId: 'ada', changed: [], quirks: [], data, ...more },
  };
}

const left = () => event('user.deactivated', { after: { active: false } });
const back = () => event('user.reactivated', { after: { active: true } });
const deleted = () =>
  event('user.deleted', {
    before: {
      id: 'ada',
      userName: 'ada@example.com',
      externalId: 'ext-ada',
      [enterprise]: { employeeNumber: '0815', manager: { value: 'boss' } },
    },
  });

describe.each(offboardingStores)('off-boarding %s', (_, open) => {
  interface Setting extends OffboardingStores {
    readonly assets: Assets;
    readonly leaving: Offboarding;
    /** Delivers events, then carries out what is due. */
    deliver(...events: readonly ChangeEvent[]): Promise<void>;
    later(milliseconds: number): void;
    states(userId?: string): Promise<unknown[]>;
  }
  const set = async (
    policy: OffboardingPolicy[string] = 'flag',
    options: Partial<OffboardingOptions> = {},
  ): Promise<Setting> => {
    const stores = await open();
    const assets = new Assets('assets', { laptop: 'ada', phone: 'ada', desk: 'bob' });
    let now = 1_000_000;
    const leaving = offboarding({
      ...stores,
      ...{ handlers: [assets], policy: { assets: policy }, clock: () => now, user: () => ({ managerId: 'boss' }) },
      ...options,
    });
    return {
      ...{ ...stores, assets, leaving, later: (milliseconds) => (now += milliseconds) },
      async deliver(...events) {
        for (const each of events) await leaving.onChange(each);
        await leaving.run();
      },
      async states(userId = 'ada') {
        const all = await stores.store.ofUser('acme', userId);
        return all.map(({ kind, item, state }) => [item?.id ?? kind, state]);
      },
    };
  };

  it('lists what the user holds, and flags each item', async () => {
    const { deliver, assets, states } = await set();
    await deliver(left());
    // Tasks that are due at the same time run in no particular order.
    expect([...assets.calls].sort()).toEqual(['flag laptop', 'flag phone', 'heldBy deactivated']);
    expect([assets.asset('laptop').marked?.as, assets.asset('desk').marked]).toEqual(['flag', undefined]);
    expect(await states()).toEqual([
      ['collect', 'done'],
      ['laptop', 'done'],
      ['phone', 'done'],
    ]);
    expect(assets.users[0]).toMatchObject({ tenant: 'acme', id: 'ada', departure: 'deactivated', managerId: 'boss' });
  });

  it('is idempotent for repeated events', async () => {
    const { deliver, assets } = await set();
    const once = left();
    await deliver(once, once);
    await deliver(once);
    // Tasks that are due at the same time run in no particular order.
    expect([...assets.calls].sort()).toEqual(['flag laptop', 'flag phone', 'heldBy deactivated']);
  });

  it('ignores every other event', async () => {
    const { deliver, assets, store } = await set();
    await deliver(event('user.updated', { after: {}, unset: [] }), event('group.deleted', { before: { id: 'ada' } }));
    expect(assets.calls).toEqual([]);
    expect(await store.ofUser('acme', 'ada')).toEqual([]);
  });

  it('applies the policy of the departure or of the item, and does nothing for keep', async () => {
    const byDeparture = await set({ deactivated: 'keep', deleted: 'revoke' });
    await byDeparture.deliver(left());
    expect(byDeparture.assets.calls).toEqual(['heldBy deactivated']);
    await byDeparture.deliver(deleted());
    expect(byDeparture.assets.asset('laptop').holder).toBeUndefined();
    const byThing = await set(({ id }) => (id === 'phone' ? 'block' : 'keep'));
    await byThing.deliver(left());
    expect(byThing.assets.calls).toEqual(['heldBy deactivated', 'block phone']);
  });

  it('transfers to the manager, and flags without one', async () => {
    const { deliver, assets } = await set('transfer');
    await deliver(left());
    expect(assets.asset('laptop').holder).toBe('boss');
    const without = await set('transfer', { user: undefined });
    await without.deliver(left());
    expect(without.assets.asset('laptop')).toMatchObject({ holder: 'ada', marked: { as: 'flag' } });
    const fromEvent = await set('transfer', { user: undefined });
    await fromEvent.deliver(deleted());
    expect(fromEvent.assets.asset('laptop').holder).toBe('boss');
  });

  it('undoes its own markers on reactivation, and no others', async () => {
    const { deliver, assets, states } = await set();
    assets.asset('phone').marked = { by: 'an admin', as: 'flag' };
    await deliver(left());
    await deliver(back());
    expect(assets.asset('laptop').marked).toBeUndefined();
    expect(assets.asset('phone').marked).toEqual({ by: 'an admin', as: 'flag' });
    expect(assets.calls.slice(3)).toEqual(['undo laptop']);
    expect(assets.markers[0]).toMatchObject({
      item: { id: 'laptop' },
      action: 'flag',
      note: 'note laptop',
      userId: 'ada',
    });
    expect(await states()).toEqual([
      ['collect', 'done'],
      ['laptop', 'undone'],
      ['phone', 'done'],
    ]);
    await deliver(back());
    expect(assets.calls).toHaveLength(4);
  });

  it('leaves settled tasks alone', async () => {
    const { deliver, assets, store, states } = await set();
    await deliver(left());
    const laptop = (await store.ofUser('acme', 'ada')).find(({ item }) => item?.id === 'laptop');
    expect(await store.settle('other', laptop?.id ?? '', 'root')).toBe(false);
    expect(await store.settle('acme', laptop?.id ?? '', 'root')).toBe(true);
    await deliver(back());
    expect(assets.calls.slice(3)).toEqual(['undo phone']);
    expect(await states()).toContainEqual(['laptop', 'settled']);
    expect((await store.list('acme', 'settled'))[0]).toMatchObject({ settledBy: 'root' });
    expect(await store.settle('acme', laptop?.id ?? '', 'another')).toBe(false);
  });

  it('does not undo transfers and revocations, unless the handler can', async () => {
    for (const undoes of [undefined, ['revoke'] as const]) {
      const assets = new Assets('assets', { laptop: 'ada' });
      const handler: OffboardingHandler = {
        name: 'assets',
        undoes,
        heldBy: (user) => assets.heldBy(user),
        apply: (...call) => assets.apply(...call),
        undo: (marker) => assets.undo(marker),
      };
      const { deliver } = await set('revoke', { handlers: [handler] });
      await deliver(left());
      await deliver(back());
      expect(assets.calls.includes('undo laptop')).toBe(undoes !== undefined);
    }
  });

  it('revokes again what was revoked before and is held again', async () => {
    const { deliver, assets } = await set('revoke');
    await deliver(left());
    assets.asset('laptop').holder = 'ada';
    await deliver(left());
    expect(assets.asset('laptop').holder).toBeUndefined();
  });

  it('drops tasks that have not started when the user returns, in whatever order the events arrive', async () => {
    const before = await set();
    await before.deliver(left(), back());
    expect(before.assets.calls).toEqual([]);
    expect(await before.states()).toEqual([['collect', 'canceled']]);
    const overtaken = await set();
    const departure = left();
    await overtaken.deliver(back());
    await overtaken.deliver(departure);
    expect(overtaken.assets.calls).toEqual([]);
    await overtaken.deliver(left());
    expect(overtaken.assets.calls).toContain('flag laptop');
  });

  it('orders a departure and a return at the same time by their arrival', async () => {
    const { deliver, assets } = await set();
    const returned = back();
    const departure = { ...left(), time: returned.time };
    await deliver(returned, departure);
    expect(assets.calls).toContain('flag laptop');
  });

  it('undoes what is flagged while the user returns', async () => {
    for (const during of ['heldBy', 'apply']) {
      const { deliver, assets, leaving } = await set();
      assets.meanwhile = async () => {
        if (during === 'apply' && !assets.calls.includes('flag laptop')) return;
        assets.meanwhile = undefined;
        await leaving.onChange(back());
      };
      await deliver(left());
      await deliver();
      expect([assets.asset('laptop').marked, assets.asset('phone').marked]).toEqual([undefined, undefined]);
      expect(assets.calls.includes('undo laptop')).toBe(during === 'apply');
    }
  });

  it('flags at the next departure what somebody else had flagged at the last one', async () => {
    const { deliver, assets } = await set();
    assets.asset('phone').marked = { by: 'an admin', as: 'flag' };
    await deliver(left());
    await deliver(back());
    assets.asset('phone').marked = undefined;
    await deliver(left());
    expect(assets.asset('phone').marked).toMatchObject({ as: 'flag', by: expect.not.stringContaining('admin') });
  });

  it('undoes nothing of a departure after the return, when the event of the return arrives late', async () => {
    const { deliver, assets, later } = await set();
    const [first, returned, second] = [left(), back(), left()];
    await deliver(first);
    const old = assets.asset('laptop').marked?.by;
    await deliver(second);
    await deliver(returned);
    later(60_000);
    await deliver();
    const renewed = assets.asset('laptop').marked?.by;
    expect(renewed).toEqual(expect.any(String));
    expect(renewed).not.toBe(old);
    await deliver(back());
    expect(assets.asset('laptop').marked).toBeUndefined();
  });

  it('drops only tasks from before the return', async () => {
    const { deliver, assets, states } = await set();
    const [first, returned, second] = [left(), back(), left()];
    await deliver(first, second, returned);
    expect((await states()).slice(0, 2)).toEqual([
      ['collect', 'canceled'],
      ['collect', 'done'],
    ]);
    expect(assets.asset('laptop').marked?.as).toBe('flag');
  });

  it('does not reschedule a task in progress when the event of the return is repeated', async () => {
    const { deliver, leaving, store } = await set();
    await deliver(left());
    const returned = back();
    await leaving.onChange(returned);
    const taken = await store.claim(1_000_000, 60_000, 10);
    expect(taken.map(({ item, undo }) => [item?.id, undo])).toEqual([
      ['laptop', true],
      ['phone', true],
    ]);
    await leaving.onChange(returned);
    expect(await store.claim(1_000_001, 60_000, 10)).toEqual([]);
  });

  it('flags again after a return, once the old marker is gone', async () => {
    const { deliver, assets, later } = await set();
    await deliver(left());
    assets.failures = 2;
    await deliver(back()); // both fail
    await deliver(left()); // must wait for the old markers
    expect(assets.asset('laptop').marked).toBeDefined();
    const old = assets.asset('laptop').marked?.by;
    for (let i = 0; i < 5; i++) {
      later(60_000);
      await deliver();
    }
    expect(assets.asset('laptop').marked?.by).toEqual(expect.any(String));
    expect(assets.asset('laptop').marked?.by).not.toBe(old);
  });

  it('retries with exponential backoff until it succeeds', async () => {
    const onError = jest.fn();
    const { deliver, assets, later, states, store } = await set('flag', {
      onError,
      firstRetryMilliseconds: 1_000,
      maxRetryMilliseconds: 4_000,
    });
    assets.failures = 6;
    await deliver(left());
    expect((await store.list('acme', 'pending'))[0]).toMatchObject({ attempts: 1, error: 'The assets are away.' });
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      const calls = assets.calls.length;
      let waited = 0;
      while (assets.calls.length === calls && waited < 10_000) {
        later(50);
        waited += 50;
        await deliver();
      }
      waits.push(waited);
    }
    expect(onError).toHaveBeenCalledTimes(6);
    expect(onError).toHaveBeenCalledWith(
      expect.any(Error),
      expect.objectContaining({ handler: 'assets' }),
      'offboarding.handlers["assets"].heldBy',
    );
    waits.forEach((wait, i) => {
      const full = Math.min(4_000, 1_000 * 2 ** i);
      expect(wait).toBeGreaterThanOrEqual(full * 0.75);
      expect(wait).toBeLessThanOrEqual(full + 50);
    });
    later(4_000);
    await deliver();
    expect((await states()).map((each) => (each as string[])[1])).toEqual(['done', 'done', 'done']);
    expect((await store.ofUser('acme', 'ada'))[0]?.error).toBeUndefined();
  });

  it('times out a handler that never finishes', async () => {
    const stuck: OffboardingHandler = {
      name: 'assets',
      heldBy: () => new Promise(() => undefined),
      apply: () => undefined,
    };
    const { deliver, store } = await set('flag', { handlers: [stuck], timeoutMilliseconds: 20 });
    await deliver(left());
    expect((await store.list('acme', 'pending'))[0]).toMatchObject({
      error: 'The handler did not finish within 20 ms.',
    });
  });

  it('shares the work with another process, and takes over a task whose lease has ended', async () => {
    const { leaving, assets, store, later } = await set();
    await leaving.onChange(left());
    const [taken] = await store.claim(1_000_000, 60_000, 10);
    expect(taken).toMatchObject({ kind: 'collect', attempts: 1 });
    await leaving.run();
    expect(assets.calls).toEqual([]);
    later(60_000);
    await leaving.run();
    expect(assets.calls).toContain('flag laptop');
    // The first process recovers: its report is ignored.
    expect(await store.report(taken as OffboardingTask, { state: 'canceled' }, 0)).toBe(false);
  });

  it('keeps a tombstone of a deleted user with the custody history', async () => {
    const { deliver, tombstones, assets } = await set();
    const departure = left();
    await deliver(departure);
    assets.asset('phone').holder = undefined; // handed back
    const deletion = deleted();
    await deliver(deletion, deletion);
    await deliver(deletion);
    const [tombstone, ...others] = await tombstones.list('acme');
    expect(others).toEqual([]);
    expect(tombstone).toMatchObject({
      ...{ id: deletion.id, userId: 'ada', time: deletion.time, actor: 'okta', label: 'ada@example.com' },
      ...{ externalId: 'ext-ada', employeeNumber: '0815' },
      custody: [
        { handler: 'assets', item: { id: 'laptop', label: 'Asset laptop' }, time: departure.time, action: 'flag' },
        { handler: 'assets', item: { id: 'phone' }, time: departure.time, action: 'flag' },
        { handler: 'assets', item: { id: 'laptop' }, time: deletion.time, action: 'flag' },
      ],
    });
    expect(await tombstones.list('other')).toEqual([]);
    // An item that carries its marker is not flagged again.
    expect(assets.calls.filter((call) => call === 'flag laptop')).toHaveLength(1);
  });

  it('lets a deleted user return once, and undoes the markers', async () => {
    const { deliver, tombstones, assets } = await set();
    const deletion = deleted();
    await deliver(deletion);
    expect(await tombstones.find('acme', { by: 'employeeNumber', value: '0815' })).toMatchObject([{ id: deletion.id }]);
    expect(await tombstones.find('acme', { by: 'userName', value: 'ada@example.com' })).toEqual([]);
    expect(await tombstones.find('other', { by: 'externalId', value: 'ext-ada' })).toEqual([]);
    const rehired = (id: string) => event('user.rehired', { tombstone: deletion.id }, { resourceId: id });
    await deliver(rehired('ada-2'));
    expect(assets.markers).toMatchObject([
      { item: { id: 'laptop' }, userId: 'ada', returnedAs: 'ada-2' },
      { item: { id: 'phone' }, userId: 'ada', returnedAs: 'ada-2' },
    ]);
    await deliver(rehired('mallory'));
    expect((await tombstones.get('acme', deletion.id))?.claimedBy).toBe('ada-2');
    expect(await tombstones.find('acme', { by: 'externalId', value: 'ext-ada' })).toEqual([]);
    expect(await tombstones.forget('other', deletion.id)).toBe(false);
    expect(await tombstones.forget('acme', deletion.id)).toBe(true);
    expect(await tombstones.get('acme', deletion.id)).toBeUndefined();
  });

  it('keeps tenants apart', async () => {
    const { deliver, assets, store } = await set();
    await deliver(left());
    await deliver({ ...back(), tenant: 'other' });
    expect(assets.asset('laptop').marked).toBeDefined();
    expect(await store.ofUser('other', 'ada')).toEqual([]);
    expect(await store.list('other', 'done')).toEqual([]);
  });

  it('loses no departure when the lookup of the user fails', async () => {
    const onError = jest.fn();
    const user = (): never => {
      throw new Error('directory');
    };
    const { deliver, store, leaving } = await set('flag', { onError, user });
    await leaving.onChange(left());
    expect(onError).toHaveBeenCalledTimes(1);
    expect(await store.list('acme', 'pending')).toHaveLength(1);
    await deliver();
    expect((await store.list('acme', 'pending'))[0]?.error).toBe('directory');
  });

  it('runs on its own between start and stop', async () => {
    const { leaving, assets } = await set('flag');
    leaving.start();
    const flagged = new Promise<void>((resolve) => {
      assets.meanwhile = async () => {
        if (assets.calls.includes('flag phone')) resolve();
      };
    });
    await leaving.onChange(left());
    await flagged;
    await leaving.stop();
    await leaving.onChange(deleted());
    // A run that had started would be waited for.
    await leaving.stop();
    expect(assets.calls).not.toContain('heldBy deleted');
  });

  it('waits for the attempts in progress when it is stopped, and leaves other due tasks for the next run', async () => {
    let applied = 0;
    let stopped = Promise.resolve();
    const handler: OffboardingHandler = {
      name: 'assets',
      heldBy: () => Array.from({ length: 25 }, (_item, i) => ({ id: String(i), label: 'Phone' })),
      apply() {
        applied += 1;
        if (applied === 1) stopped = leaving.stop();
      },
    };
    const { leaving } = await set('flag', { handlers: [handler] });
    await leaving.onChange(left());
    await leaving.run();
    await stopped;
    expect(applied).toBe(10);
    await leaving.run();
    expect(applied).toBe(25);
  });
});

describe('offboarding', () => {
  it('reports mistakes in handlers and policy', () => {
    const handler: OffboardingHandler = { name: 'a', heldBy: () => [], apply: () => undefined };
    const make = (handlers: readonly OffboardingHandler[], policy: OffboardingPolicy) => () =>
      offboarding({ handlers, policy, store: {} as OffboardingOptions['store'] });
    expect(make([handler, handler], { a: 'flag' })).toThrow('two handlers');
    expect(make([handler], {})).toThrow('policy has no entry for a');
    expect(make([handler], { a: 'flag', b: 'flag' })).toThrow('policy names b');
  });
});

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
    /** Hears events, and does what is due. */
    hear(...events: readonly ChangeEvent[]): Promise<void>;
    later(milliseconds: number): void;
    states(person?: string): Promise<unknown[]>;
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
      async hear(...events) {
        for (const each of events) await leaving.onChange(each);
        await leaving.run();
      },
      async states(person = 'ada') {
        const all = await stores.store.of('acme', person);
        return all.map(({ task, item, state }) => [item?.id ?? task, state]);
      },
    };
  };

  it('asks what the person holds, and marks each thing', async () => {
    const { hear, assets, states } = await set();
    await hear(left());
    // Obligations of one moment are settled in no promised order.
    expect([...assets.calls].sort()).toEqual(['flag laptop', 'flag phone', 'heldBy deactivated']);
    expect([assets.asset('laptop').marked?.as, assets.asset('desk').marked]).toEqual(['flag', undefined]);
    expect(await states()).toEqual([
      ['ask', 'done'],
      ['laptop', 'done'],
      ['phone', 'done'],
    ]);
    expect(assets.users[0]).toMatchObject({ tenant: 'acme', id: 'ada', departure: 'deactivated', managerId: 'boss' });
  });

  it('does nothing twice for an event that arrives twice', async () => {
    const { hear, assets } = await set();
    const once = left();
    await hear(once, once);
    await hear(once);
    // Obligations of one moment are settled in no promised order.
    expect([...assets.calls].sort()).toEqual(['flag laptop', 'flag phone', 'heldBy deactivated']);
  });

  it('passes over every other event', async () => {
    const { hear, assets, store } = await set();
    await hear(event('user.updated', { after: {}, unset: [] }), event('group.deleted', { before: { id: 'ada' } }));
    expect(assets.calls).toEqual([]);
    expect(await store.of('acme', 'ada')).toEqual([]);
  });

  it('applies the policy of the departure, of the thing, and keeps what is to be kept', async () => {
    const byDeparture = await set({ deactivated: 'keep', deleted: 'revoke' });
    await byDeparture.hear(left());
    expect(byDeparture.assets.calls).toEqual(['heldBy deactivated']);
    await byDeparture.hear(deleted());
    expect(byDeparture.assets.asset('laptop').handler).toBeUndefined();
    const byThing = await set(({ id }) => (id === 'phone' ? 'block' : 'keep'));
    await byThing.hear(left());
    expect(byThing.assets.calls).toEqual(['heldBy deactivated', 'block phone']);
  });

  it('transfers to the manager, and flags where there is none', async () => {
    const { hear, assets } = await set('transfer');
    await hear(left());
    expect(assets.asset('laptop').handler).toBe('boss');
    const without = await set('transfer', { user: undefined });
    await without.hear(left());
    expect(without.assets.asset('laptop')).toMatchObject({ handler: 'ada', marked: { as: 'flag' } });
    const told = await set('transfer', { user: undefined });
    await told.hear(deleted());
    expect(told.assets.asset('laptop').handler).toBe('boss');
  });

  it('takes back its own marks on reactivation, and no others', async () => {
    const { hear, assets, states } = await set();
    assets.asset('phone').marked = { by: 'a person', as: 'flag' };
    await hear(left());
    await hear(back());
    expect(assets.asset('laptop').marked).toBeUndefined();
    expect(assets.asset('phone').marked).toEqual({ by: 'a person', as: 'flag' });
    expect(assets.calls.slice(3)).toEqual(['undo laptop']);
    expect(assets.markers[0]).toMatchObject({
      item: { id: 'laptop' },
      action: 'flag',
      note: 'note laptop',
      userId: 'ada',
    });
    expect(await states()).toEqual([
      ['ask', 'done'],
      ['laptop', 'undone'],
      ['phone', 'done'],
    ]);
    await hear(back());
    expect(assets.calls).toHaveLength(4);
  });

  it('leaves what a person has settled', async () => {
    const { hear, assets, store, states } = await set();
    await hear(left());
    const laptop = (await store.of('acme', 'ada')).find(({ item }) => item?.id === 'laptop');
    expect(await store.settle('other', laptop?.id ?? '', 'root')).toBe(false);
    expect(await store.settle('acme', laptop?.id ?? '', 'root')).toBe(true);
    await hear(back());
    expect(assets.calls.slice(3)).toEqual(['undo phone']);
    expect(await states()).toContainEqual(['laptop', 'settled']);
    expect((await store.list('acme', 'settled'))[0]).toMatchObject({ settledBy: 'root' });
    expect(await store.settle('acme', laptop?.id ?? '', 'another')).toBe(false);
  });

  it('does not take back what was transferred or revoked, unless the holder can', async () => {
    for (const undoes of [undefined, ['revoke'] as const]) {
      const assets = new Assets('assets', { laptop: 'ada' });
      const handler: OffboardingHandler = {
        name: 'assets',
        undoes,
        heldBy: (person) => assets.heldBy(person),
        apply: (...given) => assets.apply(...given),
        undo: (marker) => assets.undo(marker),
      };
      const { hear } = await set('revoke', { handlers: [handler] });
      await hear(left());
      await hear(back());
      expect(assets.calls.includes('undo laptop')).toBe(undoes !== undefined);
    }
  });

  it('revokes again what is held again, though it was revoked before', async () => {
    const { hear, assets } = await set('revoke');
    await hear(left());
    assets.asset('laptop').handler = 'ada';
    await hear(left());
    expect(assets.asset('laptop').handler).toBeUndefined();
  });

  it('drops what was not begun when the person is back, whatever the order in which the events arrive', async () => {
    const before = await set();
    await before.hear(left(), back());
    expect(before.assets.calls).toEqual([]);
    expect(await before.states()).toEqual([['ask', 'canceled']]);
    const overtaken = await set();
    const departure = left();
    await overtaken.hear(back());
    await overtaken.hear(departure);
    expect(overtaken.assets.calls).toEqual([]);
    await overtaken.hear(left());
    expect(overtaken.assets.calls).toContain('flag laptop');
  });

  it('counts a departure in the same moment as a return by their order', async () => {
    const { hear, assets } = await set();
    const returned = back();
    const departure = { ...left(), time: returned.time };
    await hear(returned, departure);
    expect(assets.calls).toContain('flag laptop');
  });

  it('takes back what is marked while the person comes back', async () => {
    for (const during of ['heldBy', 'apply']) {
      const { hear, assets, leaving } = await set();
      assets.meanwhile = async () => {
        if (during === 'apply' && !assets.calls.includes('flag laptop')) return;
        assets.meanwhile = undefined;
        await leaving.onChange(back());
      };
      await hear(left());
      await hear();
      expect([assets.asset('laptop').marked, assets.asset('phone').marked]).toEqual([undefined, undefined]);
      expect(assets.calls.includes('undo laptop')).toBe(during === 'apply');
    }
  });

  it('marks at the next departure what somebody else had marked at the last one', async () => {
    const { hear, assets } = await set();
    assets.asset('phone').marked = { by: 'a person', as: 'flag' };
    await hear(left());
    await hear(back());
    assets.asset('phone').marked = undefined;
    await hear(left());
    expect(assets.asset('phone').marked).toMatchObject({ as: 'flag', by: expect.not.stringContaining('person') });
  });

  it('takes back nothing of a departure that came after the return, when it hears of the return late', async () => {
    const { hear, assets, later } = await set();
    const [first, returned, second] = [left(), back(), left()];
    await hear(first);
    const old = assets.asset('laptop').marked?.by;
    await hear(second);
    await hear(returned);
    later(60_000);
    await hear();
    const renewed = assets.asset('laptop').marked?.by;
    expect(renewed).toEqual(expect.any(String));
    expect(renewed).not.toBe(old);
    await hear(back());
    expect(assets.asset('laptop').marked).toBeUndefined();
  });

  it('drops only what is older than the return', async () => {
    const { hear, assets, states } = await set();
    const [first, returned, second] = [left(), back(), left()];
    await hear(first, second, returned);
    expect((await states()).slice(0, 2)).toEqual([
      ['ask', 'canceled'],
      ['ask', 'done'],
    ]);
    expect(assets.asset('laptop').marked?.as).toBe('flag');
  });

  it('does not hurry what is at work when a return is heard of again', async () => {
    const { hear, leaving, store } = await set();
    await hear(left());
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

  it('marks anew after a return, once the old mark is gone', async () => {
    const { hear, assets, later } = await set();
    await hear(left());
    assets.failures = 2;
    await hear(back()); // both fail
    await hear(left()); // must wait for the old marks
    expect(assets.asset('laptop').marked).toBeDefined();
    const old = assets.asset('laptop').marked?.by;
    for (let i = 0; i < 5; i++) {
      later(60_000);
      await hear();
    }
    expect(assets.asset('laptop').marked?.by).toEqual(expect.any(String));
    expect(assets.asset('laptop').marked?.by).not.toBe(old);
  });

  it('tries again, later and later, until it is done', async () => {
    const onError = jest.fn();
    const { hear, assets, later, states, store } = await set('flag', {
      onError,
      firstRetryMilliseconds: 1_000,
      maxRetryMilliseconds: 4_000,
    });
    assets.failures = 6;
    await hear(left());
    expect((await store.list('acme', 'pending'))[0]).toMatchObject({ attempts: 1, error: 'The assets are away.' });
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      const calls = assets.calls.length;
      let waited = 0;
      while (assets.calls.length === calls && waited < 10_000) {
        later(50);
        waited += 50;
        await hear();
      }
      waits.push(waited);
    }
    expect(onError).toHaveBeenCalledTimes(6);
    expect(onError).toHaveBeenCalledWith(expect.any(Error), expect.objectContaining({ handler: 'assets' }));
    waits.forEach((wait, i) => {
      const full = Math.min(4_000, 1_000 * 2 ** i);
      expect(wait).toBeGreaterThanOrEqual(full * 0.75);
      expect(wait).toBeLessThanOrEqual(full + 50);
    });
    later(4_000);
    await hear();
    expect((await states()).map((each) => (each as string[])[1])).toEqual(['done', 'done', 'done']);
    expect((await store.of('acme', 'ada'))[0]?.error).toBeUndefined();
  });

  it('does not wait for ever for a holder', async () => {
    const stuck: OffboardingHandler = {
      name: 'assets',
      heldBy: () => new Promise(() => undefined),
      apply: () => undefined,
    };
    const { hear, store } = await set('flag', { handlers: [stuck], timeoutMilliseconds: 20 });
    await hear(left());
    expect((await store.list('acme', 'pending'))[0]).toMatchObject({ error: 'The holder did not answer in time.' });
  });

  it('shares the work with another process, and takes over what one left lying', async () => {
    const { leaving, assets, store, later } = await set();
    await leaving.onChange(left());
    const [taken] = await store.claim(1_000_000, 60_000, 10);
    expect(taken).toMatchObject({ task: 'ask', attempts: 1 });
    await leaving.run();
    expect(assets.calls).toEqual([]);
    later(60_000);
    await leaving.run();
    expect(assets.calls).toContain('flag laptop');
    // The first comes back to life: what it has to say is of no interest any more.
    expect(await store.report(taken as OffboardingTask, { state: 'canceled' }, 0)).toBe(false);
  });

  it('keeps a tombstone of the deleted, with what was held, when, and by whom', async () => {
    const { hear, tombstones, assets } = await set();
    const departure = left();
    await hear(departure);
    assets.asset('phone').handler = undefined; // handed back
    const deletion = deleted();
    await hear(deletion, deletion);
    await hear(deletion);
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
    // What bears its mark already is not marked again.
    expect(assets.calls.filter((call) => call === 'flag laptop')).toHaveLength(1);
  });

  it('brings back a deleted person once, and takes its marks back', async () => {
    const { hear, tombstones, assets } = await set();
    const deletion = deleted();
    await hear(deletion);
    expect(await tombstones.find('acme', { by: 'employeeNumber', value: '0815' })).toMatchObject([{ id: deletion.id }]);
    expect(await tombstones.find('acme', { by: 'userName', value: 'ada@example.com' })).toEqual([]);
    expect(await tombstones.find('other', { by: 'externalId', value: 'ext-ada' })).toEqual([]);
    const rehired = (id: string) => event('user.rehired', { tombstone: deletion.id }, { resourceId: id });
    await hear(rehired('ada-2'));
    expect(assets.markers).toMatchObject([
      { item: { id: 'laptop' }, userId: 'ada', returnedAs: 'ada-2' },
      { item: { id: 'phone' }, userId: 'ada', returnedAs: 'ada-2' },
    ]);
    await hear(rehired('mallory'));
    expect((await tombstones.get('acme', deletion.id))?.claimedBy).toBe('ada-2');
    expect(await tombstones.find('acme', { by: 'externalId', value: 'ext-ada' })).toEqual([]);
    expect(await tombstones.forget('other', deletion.id)).toBe(false);
    expect(await tombstones.forget('acme', deletion.id)).toBe(true);
    expect(await tombstones.get('acme', deletion.id)).toBeUndefined();
  });

  it('knows nothing of the users of another tenant', async () => {
    const { hear, assets, store } = await set();
    await hear(left());
    await hear({ ...back(), tenant: 'other' });
    expect(assets.asset('laptop').marked).toBeDefined();
    expect(await store.of('other', 'ada')).toEqual([]);
    expect(await store.list('other', 'done')).toEqual([]);
  });

  it('loses no departure where the host cannot tell who the person is', async () => {
    const onError = jest.fn();
    const user = (): never => {
      throw new Error('directory');
    };
    const { hear, store, leaving } = await set('flag', { onError, user });
    await leaving.onChange(left());
    expect(onError).toHaveBeenCalledTimes(1);
    expect(await store.list('acme', 'pending')).toHaveLength(1);
    await hear();
    expect((await store.list('acme', 'pending'))[0]?.error).toBe('directory');
  });

  it('works by itself between start and stop', async () => {
    const { leaving, assets } = await set('flag', { intervalMilliseconds: 5 });
    leaving.start();
    await leaving.onChange(left());
    for (let i = 0; i < 200 && !assets.calls.includes('flag phone'); i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await leaving.stop();
    expect(assets.calls).toContain('flag phone');
    await leaving.onChange(deleted());
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(assets.calls).not.toContain('heldBy deleted');
  });
});

describe('offboarding', () => {
  it('says what is wrong with holders and policy', () => {
    const handler: OffboardingHandler = { name: 'a', heldBy: () => [], apply: () => undefined };
    const make = (handlers: readonly OffboardingHandler[], policy: OffboardingPolicy) => () =>
      offboarding({ handlers, policy, store: {} as OffboardingOptions['store'] });
    expect(make([handler, handler], { a: 'flag' })).toThrow('two holders');
    expect(make([handler], {})).toThrow('policy lacks a');
    expect(make([handler], { a: 'flag', b: 'flag' })).toThrow('policy names b');
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { MemoryStore } from '../../../src/index.js';
import {
  type Conflict,
  type ConflictStore,
  type Hold,
  type HoldStore,
  massDeactivationBreaker,
  type MassDeactivationOptions,
} from '../../../src/lifecycle/index.js';
import { expresses, scimOn, type Scim, userSchemas } from '../../http/app.js';
import { lifecycleStores } from '../stores.js';

const hour = 3_600_000;
const off = [{ op: 'replace', path: 'active', value: false }];

describe.each(lifecycleStores)('holds %s', (_, open) => {
  const tooMany = (users: number): boolean => users > 2;
  const attempt = (now: number) => ({ now, windowMilliseconds: 100, tooMany });
  const tried = async (holds: HoldStore, times: readonly (readonly [string, number])[]): Promise<boolean[]> => {
    const held: boolean[] = [];
    for (const [id, now] of times) held.push((await holds.attempt('acme', id, attempt(now))) !== undefined);
    return held;
  };

  it('counts each user once in a sliding window', async () => {
    const { holds } = await open();
    const times = [
      ['a', 0],
      ['a', 10],
      ['b', 50],
      ['b', 60],
      ['c', 101],
      ['d', 120],
    ] as const;
    expect(await tried(holds, times)).toEqual([false, false, false, false, false, true]);
  });

  it('holds all further deactivations, without time limit, until it is approved', async () => {
    let now = 0;
    const { holds } = await open(() => now);
    expect(
      await tried(holds, [
        ['a', 0],
        ['b', 0],
        ['c', 0],
        ['a', 1],
        ['d', 10_000],
      ]),
    ).toEqual([false, false, true, true, true]);
    expect(await holds.held('other')).toBeUndefined();
    expect(await holds.held('acme')).toMatchObject({ tenant: 'acme', since: 0 });
    now = 10_000;
    expect(await holds.approve('acme', { milliseconds: 50 })).toBe(true);
    expect(await holds.approve('acme')).toBe(false);
    expect(
      await tried(holds, [
        ['c', 10_001],
        ['d', 10_002],
        ['e', 10_003],
      ]),
    ).toEqual([false, false, false]);
    // The time of approval is over, and counting begins at nothing.
    expect(
      await tried(holds, [
        ['f', 10_050],
        ['g', 10_051],
        ['h', 10_052],
      ]),
    ).toEqual([false, false, true]);
  });

  it('keeps a refused hold for a time', async () => {
    let now = 0;
    const { holds } = await open(() => now);
    await tried(holds, [
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ]);
    expect(await holds.refuse('other')).toBe(false);
    expect(await holds.refuse('acme', { milliseconds: 500 })).toBe(true);
    expect(
      await tried(holds, [
        ['c', 499],
        ['c', 500],
        ['d', 501],
      ]),
    ).toEqual([true, false, false]);
    now = 600;
    expect(await holds.held('acme')).toBeUndefined();
  });

  it('creates one hold for concurrent attempts', async () => {
    const { holds } = await open();
    const ids = Array.from({ length: 20 }, (__, i) => String(i));
    const responses = await Promise.all(ids.map(async (id) => holds.attempt('acme', id, attempt(0))));
    expect(responses.filter((hold) => hold === undefined)).toHaveLength(2);
    expect(new Set(responses.flatMap((hold) => (hold === undefined ? [] : [hold.id]))).size).toBe(1);
  });
});

describe.each(expresses)('the mass-deactivation breaker on %s', (_, make) => {
  describe.each(lifecycleStores)('with stores %s', (__, open) => {
    interface Setting {
      readonly scim: Scim;
      readonly ids: readonly string[];
      readonly holds: HoldStore;
      readonly conflicts: ConflictStore;
      readonly reportedHolds: Hold[];
      later(milliseconds: number): void;
    }
    const set = async (users: number, options: Partial<MassDeactivationOptions> = {}): Promise<Setting> => {
      let now = 1_000;
      const { holds, conflicts } = await open(() => now);
      const reportedHolds: Hold[] = [];
      const store = new MemoryStore();
      const plain = scimOn(make, {}, store);
      const ids: string[] = [];
      for (let i = 0; i < users; i++) ids.push(await plain.user());
      const count = async (): Promise<number> => {
        const response = await plain.get('/Users?count=0&filter=active%20eq%20true');
        return (response.body as { totalResults: number }).totalResults;
      };
      const breaker = massDeactivationBreaker({
        ...{ share: 0.2, minimum: 3, count, holds, conflicts, clock: () => now },
        onHold: (hold) => void reportedHolds.push(hold),
        ...options,
      });
      const scim = scimOn(make, { beforeChange: breaker }, store);
      return { scim, ids, holds, conflicts, reportedHolds, later: (milliseconds) => (now += milliseconds) };
    };
    const switchOff = async ({ scim }: Setting, ids: readonly string[]): Promise<number[]> => {
      const statuses: number[] = [];
      for (const id of ids) statuses.push((await scim.patch(`/Users/${id}`, off)).status);
      return statuses;
    };

    it('holds more than the share with 503 and Retry-After, deletions included, and allows everything else', async () => {
      const setting = await set(20);
      const { scim, ids } = setting;
      expect(await switchOff(setting, ids.slice(0, 3))).toEqual([200, 200, 200]);
      expect((await scim.delete(`/Users/${String(ids[3])}`)).status).toBe(204);
      const held = await scim.patch(`/Users/${String(ids[4])}`, off);
      expect([held.status, held.headers['retry-after']]).toEqual([503, '600']);
      expect((await scim.delete(`/Users/${String(ids[5])}`)).status).toBe(503);
      const body = { schemas: userSchemas, userName: 'x', active: false };
      expect((await scim.put(`/Users/${String(ids[6])}`, body)).status).toBe(503);
      expect((await scim.get(`/Users/${String(ids[4])}`)).body).toMatchObject({ active: true });
      // Nothing else is refused: other attributes, users who are off already, new users, ids that are unknown.
      expect((await scim.patch(`/Users/${String(ids[4])}`, [{ op: 'add', path: 'title', value: 'T' }])).status).toBe(
        200,
      );
      expect(await switchOff(setting, ids.slice(0, 3))).toEqual([200, 200, 200]);
      expect(await scim.user({ active: false })).toBeDefined();
      expect((await scim.delete('/Users/nobody')).status).toBe(404);
      expect(
        (await scim.patch(`/Users/${String(ids[0])}`, [{ op: 'replace', path: 'active', value: true }])).status,
      ).toBe(200);
    });

    it('never holds fewer than the minimum, and counts a user once', async () => {
      const setting = await set(4);
      const { scim, ids, reportedHolds } = setting;
      expect(await switchOff(setting, ids.slice(0, 2))).toEqual([200, 200]);
      for (let i = 0; i < 5; i++) {
        await scim.patch(`/Users/${String(ids[0])}`, [{ op: 'replace', path: 'active', value: true }]);
        expect((await scim.patch(`/Users/${String(ids[0])}`, off)).status).toBe(200);
      }
      expect(reportedHolds).toEqual([]);
      expect(await switchOff(setting, ids.slice(2))).toEqual([200, 503]);
    });

    it('ignores deactivations before the window', async () => {
      const setting = await set(8);
      expect(await switchOff(setting, setting.ids.slice(0, 3))).toEqual([200, 200, 200]);
      setting.later(hour + 1);
      expect(await switchOff(setting, setting.ids.slice(3, 7))).toEqual([200, 200, 200, 503]);
    });

    it('continues once an administrator approves', async () => {
      const setting = await set(10);
      const { ids, holds, reportedHolds } = setting;
      expect(await switchOff(setting, ids.slice(0, 5))).toEqual([200, 200, 200, 503, 503]);
      expect(reportedHolds).toEqual([await holds.held('default')]);
      expect(await holds.approve('default')).toBe(true);
      expect(await switchOff(setting, ids.slice(3))).toEqual([200, 200, 200, 200, 200, 200, 200]);
    });

    it('queues the hold as a conflict, and applies the decision', async () => {
      const setting = await set(10);
      const { ids, conflicts } = setting;
      await switchOff(setting, ids.slice(0, 5));
      const waiting = await conflicts.list('default');
      expect(waiting).toMatchObject([{ kind: 'mass-deactivation', tenant: 'default', candidates: [] }]);
      expect(waiting[0]?.summary).toContain('deactivate or delete 4 of 10 active users within an hour');
      const [{ id }] = waiting as [Conflict];
      await conflicts.settle('default', id, { action: 'approve', by: 'root', time: new Date().toISOString() });
      expect(await switchOff(setting, ids.slice(3, 6))).toEqual([200, 200, 200]);
    });

    it('keeps holding for a window when refused, then queues a new conflict', async () => {
      const setting = await set(12);
      const { ids, conflicts } = setting;
      await switchOff(setting, ids.slice(0, 4));
      const [{ id }] = (await conflicts.list('default')) as [Conflict];
      await conflicts.settle('default', id, { action: 'refuse', by: 'root', time: new Date().toISOString() });
      expect(await switchOff(setting, ids.slice(3, 5))).toEqual([503, 503]);
      setting.later(hour);
      expect(await switchOff(setting, ids.slice(3, 7))).toEqual([200, 200, 200, 503]);
      expect((await conflicts.list('default')).map(({ decision }) => decision?.action)).toEqual([undefined, 'refuse']);
    });
  });

  it('reports mistakes in its options', () => {
    const { holds } = { holds: {} as HoldStore };
    const count = jest.fn<() => number>();
    expect(() => massDeactivationBreaker({ share: 20, count, holds })).toThrow('share');
    expect(() => massDeactivationBreaker({ windowMilliseconds: NaN, count, holds })).toThrow('window');
  });
});

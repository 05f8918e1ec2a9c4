import { describe, expect, it } from '@jest/globals';
import {
  type AuditTrailEntry,
  type EndingJob,
  recordAction,
  type UserLink,
  userLinks,
} from '../../../src/lifecycle/index.js';
import type { SetupLink } from '../../../src/admin/index.js';
import { connectionStores } from './stores.js';

const time = '2026-03-01T12:00:00.000Z';
const link = (userId: string, more: Partial<UserLink> = {}): UserLink => ({
  ...{ tenant: 'a', userId, connection: 'main', time },
  ...more,
});
const job = (id: string, more: Partial<EndingJob> = {}): EndingJob => ({
  ...{ id, tenant: 'a', connection: 'main', users: 'keep', by: 'ada', requestedAt: new Date(time), state: 'running' },
  ...{ total: 2, processed: 0, refused: 0, refusals: [], attempts: 0, failures: 0, nextAttemptAt: 1_000 },
  ...more,
});

describe.each(connectionStores)('stores of connections %s', (_, make) => {
  it('keep a user link, counted and paged by its connection', async () => {
    const { links } = await make();
    for (const id of ['u3', 'u1', 'u2']) await links.change('a', id, () => link(id));
    await links.change('a', 'u9', () => link('u9', { connection: 'other' }));
    await links.change('b', 'u1', () => link('u1', { tenant: 'b' }));
    await links.change('a', 'u4', () => link('u4', { offboardedAt: time }));
    expect(await links.get('a', 'u1')).toEqual(link('u1'));
    expect(await links.get('a', 'none')).toBeUndefined();
    expect(await links.count('a', 'main')).toBe(3);
    expect(await links.page('a', 'main', undefined, 2)).toEqual(['u1', 'u2']);
    expect(await links.page('a', 'main', 'u2', 2)).toEqual(['u3']);
    expect(await links.count('b', 'other')).toBe(0);
    await links.change('a', 'u1', (stored) => stored && { ...stored, connection: undefined });
    expect(await links.page('a', 'main', undefined, 9)).toEqual(['u2', 'u3']);
  });

  it('leave nothing behind of a change that changes nothing', async () => {
    const { links } = await make();
    await links.change('a', 'u1', () => undefined);
    expect(await links.get('a', 'u1')).toBeUndefined();
    let seen: unknown = 'not called';
    await links.change('a', 'u1', (stored) => {
      seen = stored;
      return undefined;
    });
    expect(seen).toBeUndefined();
  });

  it('lose none of 20 concurrent changes of one user link', async () => {
    const { links } = await make();
    const add = () => links.change('a', 'u1', (stored) => link('u1', { connection: `${stored?.connection ?? ''}x` }));
    await Promise.all(Array.from({ length: 20 }, add));
    expect((await links.get('a', 'u1'))?.connection).toBe('x'.repeat(20));
  });

  it('suspend a user whom no connection has touched, and resume it', async () => {
    const { links: store } = await make();
    const links = userLinks({ store });
    await links.suspend('a', 'u1', { by: 'administrator', reason: 'Lost laptop' });
    expect((await store.get('a', 'u1'))?.suspended).toMatchObject({ by: 'administrator', reason: 'Lost laptop' });
    expect(await store.get('b', 'u1')).toBeUndefined();
    await links.resume('a', 'u1');
    expect((await store.get('a', 'u1'))?.suspended).toBeUndefined();
  });

  it('run one job for a connection at a time', async () => {
    const { jobs } = await make();
    expect(await jobs.add(job('j1'))).toMatchObject({ id: 'j1' });
    expect(await jobs.add(job('j2', { users: 'off-board' }))).toMatchObject({ id: 'j1', users: 'keep' });
    expect(await jobs.add(job('j3', { connection: 'second' }))).toMatchObject({ id: 'j3' });
    expect(await jobs.add(job('j4', { tenant: 'b' }))).toMatchObject({ id: 'j4' });
    const [first] = await jobs.claim(1_000, 500, 1);
    if (first === undefined) throw new Error('nothing was claimed');
    expect(await jobs.save({ ...first, state: 'done', nextAttemptAt: undefined, finishedAt: new Date(time) })).toBe(
      true,
    );
    expect(await jobs.save(first)).toBe(false);
    expect(await jobs.latest(first.tenant, first.connection)).toMatchObject({ id: first.id, state: 'done' });
    const next = job('j5', { ...first, id: 'j5', requestedAt: new Date(Date.parse(time) + 1) });
    expect(await jobs.add(next)).toMatchObject({ id: 'j5' });
    expect((await jobs.latest(first.tenant, first.connection))?.id).toBe('j5');
    expect(await jobs.latest('c', 'main')).toBeUndefined();
  });

  it('return a job as it was saved', async () => {
    const { jobs } = await make();
    await jobs.add(job('j1'));
    const [claimed] = await jobs.claim(1_000, 500, 9);
    expect(claimed).toEqual(job('j1', { attempts: 1, nextAttemptAt: 1_500 }));
    const saved = job('j1', {
      ...{ attempts: 1, nextAttemptAt: 9_000, processed: 1, refused: 1, after: 'ü' },
      ...{ refusals: [{ userId: 'u1', reason: 'last owner' }], failures: 2, error: 'x' },
    });
    expect(await jobs.save(saved)).toBe(true);
    expect(await jobs.latest('a', 'main')).toEqual(saved);
  });

  it('give a due job to one of several processes, and to another one after the lease', async () => {
    const { jobs } = await make();
    await jobs.add(job('j1'));
    expect(await jobs.claim(999, 500, 9)).toEqual([]);
    const claims = await Promise.all(Array.from({ length: 5 }, () => jobs.claim(1_000, 500, 9)));
    const [mine] = claims.flat();
    expect(claims.flat()).toHaveLength(1);
    const [theirs] = await jobs.claim(1_500, 500, 9);
    expect(theirs?.attempts).toBe(2);
    // The first process was slow: what it saves now is not saved.
    expect(mine && (await jobs.save({ ...mine, processed: 99 }))).toBe(false);
    expect((await jobs.latest('a', 'main'))?.processed).toBe(0);
  });

  describe('of set-up links', () => {
    const setupLink = (id: string, more: Partial<SetupLink> = {}): SetupLink => ({
      ...{ id, tenant: 'a', connection: 'main', name: 'Städte <b>', createdBy: 'ada' },
      ...{ createdAt: new Date(1_000 + Number(id.slice(1))), expiresAt: new Date(9_000) },
      ...more,
    });

    it('return what was stored, newest first, of one connection', async () => {
      const { setup } = await make();
      for (const id of ['l1', 'l2', 'l3']) await setup.add(setupLink(id));
      await setup.add(setupLink('l4', { connection: 'other' }));
      await setup.add(setupLink('l1', { tenant: 'b' }));
      expect(await setup.get('a', 'l2')).toEqual(setupLink('l2'));
      expect(await setup.get('a', 'none')).toBeUndefined();
      expect((await setup.list('a', 'main', 2)).map(({ id }) => id)).toEqual(['l3', 'l2']);
      expect(await setup.list('b', 'main', 9)).toEqual([setupLink('l1', { tenant: 'b' })]);
    });

    it('use a link once, whoever else tries at the same time', async () => {
      const { setup } = await make();
      await setup.add(setupLink('l1'));
      await setup.add(setupLink('l1', { tenant: 'b' }));
      const used = await Promise.all(Array.from({ length: 10 }, () => setup.use('a', 'l1', new Date(2_000))));
      expect(used.filter(Boolean)).toHaveLength(1);
      expect((await setup.get('a', 'l1'))?.usedAt).toEqual(new Date(2_000));
      expect((await setup.get('b', 'l1'))?.usedAt).toBeUndefined();
    });

    it('use no link that is expired, revoked or unknown', async () => {
      const { setup } = await make();
      for (const id of ['l1', 'l2']) await setup.add(setupLink(id));
      expect(await setup.use('a', 'l1', new Date(9_000))).toBe(false);
      expect(await setup.use('b', 'l1', new Date(2_000))).toBe(false);
      await setup.revoke('a', 'other', new Date(3_000));
      await setup.revoke('b', 'main', new Date(3_000));
      expect((await setup.get('a', 'l2'))?.revokedAt).toBeUndefined();
      await setup.revoke('a', 'main', new Date(3_000));
      await setup.revoke('a', 'main', new Date(4_000));
      expect((await setup.get('a', 'l2'))?.revokedAt).toEqual(new Date(3_000));
      expect(await setup.use('a', 'l2', new Date(2_000))).toBe(false);
    });
  });

  it('keep the audit trail of each tenant, newest first, in pages', async () => {
    const { trail } = await make();
    const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 1, 12, minute));
    const add = (minute: number, more: Partial<AuditTrailEntry> = {}) =>
      recordAction(trail, {
        ...{ time: at(minute), tenant: 'a', connection: 'main', by: 'ada', action: `key.n${String(minute)}` },
        ...{ subjects: { key: 'k1' }, outcome: 'requested', ...more },
      });
    const first = await add(1);
    await add(2, { tenant: 'b' });
    await add(3, { connection: 'other' });
    await add(4, { connection: undefined });
    await add(4);
    const actions = async (query: object) =>
      (await trail.list('a', { limit: 9, ...query })).map(({ action }) => action.slice(5));
    expect(await actions({})).toEqual(['4', '4', '3', '1']);
    expect(await actions({ limit: 2 })).toEqual(['4', '4']);
    expect(await actions({ connection: 'main' })).toEqual(['4', '1']);
    const [, second] = await trail.list('a', { limit: 2 });
    expect(await actions({ before: second?.id })).toEqual(['3', '1']);
    expect((await trail.list('a', { limit: 9 })).at(-1)).toEqual(first);
    await trail.prune(at(3));
    expect(await actions({})).toEqual(['4', '4', '3']);
    expect(await trail.list('b', { limit: 9 })).toEqual([]);
  });

  it('keep texts of an audit trail entry short and on one line', async () => {
    const { trail } = await make();
    const by = `eve\n2026 ada: ${'x'.repeat(1_000)}`;
    const subjects = Object.fromEntries(Array.from({ length: 50 }, (__, n) => [`s${String(n)}`, `\u202e\0${by}`]));
    const base = { time: new Date(time), tenant: 'a', action: 'a'.repeat(99), outcome: 'requested' } as const;
    const entry = await recordAction(trail, { ...base, by, subjects });
    expect(JSON.stringify(entry)).not.toMatch(/\\n|\\u0000|\u202e/);
    expect(entry.by).toHaveLength(250);
    expect(entry.action).toHaveLength(60);
    expect(Object.keys(entry.subjects)).toHaveLength(20);
    expect(await trail.list('a', { limit: 1 })).toEqual([entry]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { ConflictDecision, NewConflict } from '../../../src/lifecycle/index.js';
import { lifecycleStores } from '../stores.js';

const conflict = (fingerprint: string, tenant = 'acme'): NewConflict => ({
  tenant,
  kind: 'adopt',
  fingerprint,
  summary: 'Several accounts match.',
  candidates: [{ id: '1', label: 'Ada' }],
  resource: { userName: 'ada' },
});
const by = (time: string) => ({ by: 'root', time: `2026-01-01T00:00:${time}Z` });
const link = (time = '00'): ConflictDecision => ({ action: 'link', id: '1', ...by(time) });

describe.each(lifecycleStores)('conflicts %s', (_, open) => {
  it('queues one conflict once, also when it is added concurrently', async () => {
    const { conflicts } = await open();
    const added = await Promise.all([1, 2, 3].map(async () => conflicts.add(conflict('a'))));
    expect(new Set(added.map(({ id }) => id)).size).toBe(1);
    expect(await conflicts.list('acme')).toEqual([added[0]]);
    expect(added[0]).toMatchObject(conflict('a'));
    expect(added[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('settles once, and queues a settled conflict again', async () => {
    const { conflicts } = await open();
    const { id } = await conflicts.add(conflict('a'));
    expect(await conflicts.settle('acme', id, link())).toMatchObject({ id, decision: link() });
    expect(await conflicts.settle('acme', id, { action: 'refuse', ...by('01') })).toBeUndefined();
    expect((await conflicts.find('acme', 'a'))?.decision).toEqual(link());
    const again = await conflicts.add(conflict('a'));
    expect(again.id).not.toBe(id);
    expect(await conflicts.find('acme', 'a')).toEqual(again);
    await conflicts.settle('acme', again.id, { action: 'create', ...by('02') });
    expect((await conflicts.find('acme', 'a'))?.id).toBe(again.id);
  });

  it('lists waiting conflicts, oldest first, then settled ones', async () => {
    const { conflicts } = await open();
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      ids.push((await conflicts.add(conflict(name))).id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await conflicts.settle('acme', ids[0] ?? '', link());
    expect((await conflicts.list('acme')).map(({ fingerprint }) => fingerprint)).toEqual(['b', 'c', 'a']);
  });

  it('keeps tenants apart', async () => {
    const { conflicts } = await open();
    const { id } = await conflicts.add(conflict('a'));
    expect(await conflicts.list('other')).toEqual([]);
    expect(await conflicts.find('other', 'a')).toBeUndefined();
    expect(await conflicts.settle('other', id, link())).toBeUndefined();
    expect((await conflicts.add(conflict('a', 'other'))).id).not.toBe(id);
  });

  it('refuses a decision that the conflict does not allow', async () => {
    const { conflicts } = await open();
    const { id } = await conflicts.add(conflict('a'));
    const settle = async (decision: ConflictDecision) => conflicts.settle('acme', id, decision);
    await expect(settle({ action: 'approve', ...by('00') })).rejects.toThrow(TypeError);
    await expect(settle({ action: 'link', id: 'somebody else', ...by('00') })).rejects.toThrow(TypeError);
    expect((await conflicts.find('acme', 'a'))?.decision).toBeUndefined();
  });
});

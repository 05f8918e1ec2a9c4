import { describe, expect, it } from '@jest/globals';
import { RequestContext } from '../../../src/operations/request-context.js';
import { changeEvents, type IntendedChange } from '../../../src/lifecycle/events/change-events.js';
import { groupSchema } from '../../../src/schema/core/group.js';
import { userSchema } from '../../../src/schema/core/user.js';
import { compileResourceType } from '../../../src/schema/resource-type.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import type { WriteResult } from '../../../src/contract/store.js';

const user = compileResourceType({ name: 'User', endpoint: '/Users', schema: userSchema });
const group = compileResourceType({ name: 'Group', endpoint: '/Groups', schema: groupSchema });
const meta = { created: 'c', lastModified: 'l', version: 'v' };
const ctx = new RequestContext({
  tenant: 'acme',
  actor: { id: 'key' },
  requestId: 'r',
  base: '',
  deadline: 0,
  activeQuirks: new Set(),
});
const update = (set: Attributes, unset: string[] = []): IntendedChange => ({ operation: 'patch', set, unset });

function types(intended: IntendedChange, result: Partial<WriteResult<Attributes>>, type = user): unknown[] {
  const whole = { resource: { id: '1', meta }, changed: true, ...result };
  return changeEvents(type, intended, whole, ctx).map((event) => [event.type, event.changed]);
}

describe('events of a write', () => {
  it('are empty for a no-op, whatever the store reports', () => {
    expect(types(update({ active: false }), { changed: false })).toEqual([]);
    expect(types(update({ active: false }), { changed: false, added: ['2'] })).toEqual([]);
  });

  it('distinguish a deactivation from a reactivation', () => {
    expect(types(update({ active: false }), {})).toEqual([
      ['user.deactivated', ['active']],
      ['user.updated', ['active']],
    ]);
    expect(types(update({ active: true }), {})[0]).toEqual(['user.reactivated', ['active']]);
    const without = { id: '1', meta };
    expect(types(update({ active: true }), { before: without })).toEqual([['user.updated', ['active']]]);
    expect(types(update({}, ['active']), { before: { ...without, active: true } })).toEqual([
      ['user.updated', ['active']],
    ]);
    expect(types(update({}, ['active']), { before: { ...without, active: false } })[0]).toEqual([
      'user.reactivated',
      ['active'],
    ]);
  });

  it('name only what differs when the store reports `before`', () => {
    const before = { id: '1', meta, active: false, title: 'a' };
    expect(types(update({ active: false, title: 'b' }, ['nickName']), { before })).toEqual([
      ['user.updated', ['title']],
    ]);
    expect(types(update({ active: false }, ['title']), { before })).toEqual([['user.updated', ['title']]]);
  });

  it('have one event for members that were added, and one for members that were removed', () => {
    expect(types(update({}), { added: ['2'], removed: ['3'] }, group)).toEqual([
      ['member.added', ['members']],
      ['member.removed', ['members']],
    ]);
    expect(types(update({}), { added: [], removed: [] }, group)).toEqual([]);
  });

  it('never contain attributes that are never returned', () => {
    const set = { userName: 'ada', password: 'secret' };
    const [event] = changeEvents(
      user,
      { operation: 'create', set, unset: [] },
      { resource: { id: '1', meta, ...set }, changed: true },
      ctx,
    );
    expect(event).toMatchObject({
      type: 'user.created',
      tenant: 'acme',
      actor: 'key',
      requestId: 'r',
      resourceId: '1',
    });
    expect(JSON.stringify(event?.data)).not.toContain('secret');
    const [gone] = changeEvents(
      user,
      { operation: 'delete', set: {}, unset: [] },
      { resource: { id: '1', meta, ...set }, changed: true },
      ctx,
    );
    expect([gone?.type, JSON.stringify(gone?.data)]).toEqual(['user.deleted', expect.not.stringContaining('secret')]);
  });
});

describe('events of a write', () => {
  const of = (operation: IntendedChange['operation'], set: Attributes, result: Partial<WriteResult<Attributes>> = {}) =>
    changeEvents(user, { operation, set, unset: [] }, { resource: { id: '1', meta }, changed: true, ...result }, ctx);

  it('share the id of the first, the operation and the version', () => {
    const events = of('replace', { active: false });
    expect(events).toHaveLength(2);
    for (const each of events) expect(each).toMatchObject({ write: events[0]?.id, operation: 'replace', version: 'v' });
    expect(of('adopt', { externalId: 'x' })[0]).toMatchObject({ operation: 'patch', externalId: 'x' });
  });

  it('have no version after a deletion', () => {
    const [gone] = of('delete', {}, { resource: { id: '1', meta, externalId: 'x' } });
    expect(gone).toMatchObject({ operation: 'delete', externalId: 'x' });
    expect(gone).not.toHaveProperty('version');
  });

  it('have the externalId after the write', () => {
    const before = { id: '1', meta, externalId: 'old' };
    expect(of('patch', { externalId: 'new' }, { before })[0]?.externalId).toBe('new');
    expect(of('patch', { title: 'x' }, { before })[0]?.externalId).toBe('old');
    const unset: IntendedChange = { operation: 'patch', set: {}, unset: ['externalId'] };
    const [event] = changeEvents(user, unset, { resource: { id: '1', meta }, before, changed: true }, ctx);
    expect(event).not.toHaveProperty('externalId');
  });
});

import { describe, expect, it } from '@jest/globals';
import { type ChangeEvent, MemoryStore } from '../../../src/index.js';
import {
  type EventOf,
  type EventType,
  isEvent,
  onEvents,
  type TypedChangeEvent,
} from '../../../src/lifecycle/index.js';
import { enterprise, expresses, groupSchemas, scimOn, userSchemas } from '../../http/app.js';

function describeEvent(event: TypedChangeEvent): string {
  // Each branch type-checks only where `type` narrows `data`.
  switch (event.type) {
    case 'user.created':
      return event.data.after.userName;
    case 'user.deleted':
      return event.data.before.id;
    case 'user.deactivated':
      return String(event.data.after.active satisfies false | undefined);
    case 'member.added':
      return event.data.members.join();
    case 'group.updated':
      return event.data.after.displayName ?? event.data.unset.join();
    default:
      return event.type;
  }
}

describe.each(expresses)('typed events on %s', (_, make) => {
  it('contain before and after, the changed names, actor, tenant and quirks', async () => {
    const events: ChangeEvent[] = [];
    const scim = scimOn(make, { onChange: (event) => void events.push(event) }, new MemoryStore());
    const id = await scim.user({ userName: 'ada', title: 'T', [enterprise]: { department: 'D' } });
    await scim.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: false }]);
    await scim.patch(`/Users/${id}`, [{ op: 'replace', value: { title: 'U', nickName: 'N' } }]);
    await scim.patch(`/Users/${id}`, [{ op: 'remove', path: 'title' }]);
    const group = await scim.post('/Groups', { schemas: groupSchemas, displayName: 'G', members: [{ value: id }] });
    const groupId = (group.body as { id: string }).id;
    await scim.patch(`/Groups/${groupId}`, [{ op: 'replace', path: 'displayName', value: 'H' }]);
    await scim.patch(`/Groups/${groupId}`, [{ op: 'remove', path: 'members' }]);
    await scim.delete(`/Groups/${groupId}`);
    await scim.delete(`/Users/${id}`);
    const user = { userName: 'ada', nickName: 'N', active: false, [enterprise]: { department: 'D' }, id };
    expect(events.map(({ type, changed, data }) => [type, changed, data])).toEqual([
      [
        'user.created',
        expect.anything(),
        { after: { userName: 'ada', title: 'T', active: true, [enterprise]: { department: 'D' } } },
      ],
      ['user.deactivated', ['active'], { before: { active: true }, after: { active: false } }],
      ['user.updated', ['active'], { before: { active: true }, after: { active: false }, unset: [] }],
      [
        'user.updated',
        ['title', 'nickName'],
        { before: { title: 'T' }, after: { title: 'U', nickName: 'N' }, unset: [] },
      ],
      ['user.updated', ['title'], { before: { title: 'U' }, after: {}, unset: ['title'] }],
      ['group.created', ['displayName'], { after: { displayName: 'G' } }],
      ['member.added', ['members'], { members: [id] }],
      ['group.updated', ['displayName'], { before: { displayName: 'G' }, after: { displayName: 'H' }, unset: [] }],
      ['member.removed', ['members'], { members: [id] }],
      ['group.deleted', [], { before: { displayName: 'H', id: groupId } }],
      ['user.deleted', [], { before: user }],
    ]);
    expect(events.every((event) => isEvent(event))).toBe(true);
    expect(events[1]).toMatchObject({ actor: expect.any(String), tenant: 'default', quirks: ['op-case'] });
    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
    expect(events.filter((event) => isEvent(event)).map(describeEvent)).toEqual([
      ...['ada', 'false', 'user.updated', 'user.updated', 'user.updated', 'group.created', id],
      ...['H', 'member.removed', 'group.deleted', id],
    ]);
  });

  it('name only what differs when a PUT repeats whole attributes', async () => {
    const events: ChangeEvent[] = [];
    const scim = scimOn(make, { onChange: (event) => void events.push(event) });
    const body = {
      schemas: userSchemas,
      userName: 'ada',
      name: { givenName: 'A' },
      emails: [{ value: 'a@b.c', type: 'work' }],
    };
    const id = await scim.user(body);
    await scim.put(`/Users/${id}`, { ...body, emails: [{ type: 'work', value: 'a@b.c' }], name: { givenName: 'B' } });
    expect(events.at(-1)?.changed).toEqual(['name']);
  });
});

describe('isEvent', () => {
  const event = (type: string, data: ChangeEvent['data']): ChangeEvent => ({
    ...{ id: '1', type, time: 't', tenant: 'acme', actor: 'a', requestId: 'r', resourceType: 'User', resourceId: '2' },
    ...{ changed: [], quirks: [], data },
  });

  it('recognizes the given types, and only with the data of the type', () => {
    const gone = event('user.deleted', { before: { id: '2' } });
    expect([isEvent(gone), isEvent(gone, 'user.deleted', 'user.created'), isEvent(gone, 'user.created')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isEvent(event('device.created', { after: {} }))).toBe(false);
    expect(isEvent(event('toString', { after: {} }))).toBe(false);
    expect(isEvent(event('user.deleted', {}))).toBe(false);
    expect(isEvent(event('user.deleted', null))).toBe(false);
  });

  it('onEvents calls the handler of the type and waits for it', async () => {
    const seen: string[] = [];
    const handler = onEvents({
      'user.deleted': async ({ data }) => {
        await Promise.resolve();
        seen.push(data.before.id);
      },
      'member.added': (added: EventOf<'member.added'>) => void seen.push(...added.data.members),
    });
    await handler(event('user.deleted', { before: { id: 'gone' } }));
    await handler(event('member.added', { members: ['a', 'b'] }));
    await handler(event('user.created' satisfies EventType, { after: {} }));
    await handler(event('device.deleted', { before: {} }));
    expect(seen).toEqual(['gone', 'a', 'b']);
  });
});

// Random histories of users, groups, memberships and mappings: the saved roles are always those that follow from them.
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import fc from 'fast-check';
import { accessRights, guards } from '../../../src/lifecycle/index.js';
import { groupSchemas, scimOn } from '../../http/app.js';
import { random } from '../../random.js';
import { type Arena, arenas } from './arenas.js';

const roles = ['admin', 'editor', 'owner', 'viewer'] as const;
const granted = new Set<string>(['admin', 'editor', 'viewer']);

/** A step names users and groups by numbers, which are taken modulo those that exist. */
const step = fc.oneof(
  fc.record({ do: fc.constant('user' as const) }),
  fc.record({ do: fc.constant('group' as const), members: fc.array(fc.nat(9), { maxLength: 3 }) }),
  fc.record({
    do: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const),
    group: fc.nat(9),
    members: fc.array(fc.nat(9), { maxLength: 3 }),
  }),
  fc.record({ do: fc.constant('nest' as const), group: fc.nat(9), inside: fc.nat(9), in: fc.boolean() }),
  fc.record({ do: fc.constant('put' as const), group: fc.nat(9), members: fc.array(fc.nat(9), { maxLength: 3 }) }),
  fc.record({ do: fc.constantFrom('deleteUser' as const, 'deleteGroup' as const), which: fc.nat(9) }),
  fc.record({ do: fc.constant('active' as const), user: fc.nat(9), value: fc.boolean() }),
  fc.record({ do: fc.constant('map' as const), group: fc.nat(9), role: fc.constantFrom(...roles), on: fc.boolean() }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Three users in three groups, one inside another, all of which give roles. */
const opening: readonly Step[] = [
  { do: 'user' },
  { do: 'user' },
  { do: 'user' },
  { do: 'group', members: [0, 1] },
  { do: 'group', members: [1, 2] },
  { do: 'group', members: [] },
  { do: 'map', group: 0, role: 'editor', on: true },
  { do: 'map', group: 1, role: 'viewer', on: true },
  { do: 'map', group: 2, role: 'admin', on: true },
  { do: 'map', group: 2, role: 'owner', on: true },
  { do: 'nest', group: 2, inside: 1, in: true },
];

/** What the roles follow from, kept by the test alone. */
class Model {
  readonly users = new Map<string, boolean>();
  readonly groups = new Map<string, Set<string>>();
  readonly mapped = new Map<string, Set<string>>();

  isIn(member: string, group: string, seen: ReadonlySet<string> = new Set()): boolean {
    const members = this.groups.get(group);
    if (members === undefined || seen.has(group)) return false;
    if (members.has(member)) return true;
    return [...members].some((each) => this.isIn(member, each, new Set([...seen, group])));
  }

  roles(): Record<string, readonly string[]> {
    const all: Record<string, readonly string[]> = {};
    for (const [user, active] of this.users) {
      const found = new Set<string>();
      for (const [group, given] of this.mapped) {
        if (active && this.isIn(user, group)) for (const role of given) if (granted.has(role)) found.add(role);
      }
      if (found.size > 0) all[user] = [...found].sort();
    }
    return all;
  }
}

async function play(arena: Arena, steps: readonly Step[]): Promise<void> {
  const pending: Promise<void>[] = [];
  const rights = accessRights({
    store: (transaction) => arena.storeIn(transaction),
    map: arena.mappings,
    exists: (role) => granted.has(role),
    reconcile: (users, { transaction }) => arena.save(users, transaction),
  });
  const hasOutbox = arena.store.supports?.outbox === true;
  const scim = scimOn(
    express,
    {
      beforeChange: guards(rights.guard),
      ...(!hasOutbox && {
        onChange: (event) => {
          const followed = rights.onChange(event);
          pending.push(followed);
          return followed;
        },
      }),
    },
    arena.store,
  );
  const model = new Model();
  const at = (ids: Iterable<string>, index: number): string | undefined => {
    const all = [...ids];
    return all[index % Math.max(1, all.length)];
  };
  const usersAt = (indexes: readonly number[]) =>
    [...new Set(indexes.map((index) => at(model.users.keys(), index)))].filter((id) => id !== undefined);
  const values = (ids: readonly string[]) => ids.map((value) => ({ value }));
  const send = async (made: PromiseLike<{ readonly status: number }>): Promise<void> => {
    expect((await made).status).toBeLessThan(300);
  };
  let count = 0;
  for (const each of steps) {
    switch (each.do) {
      case 'user':
        model.users.set(await scim.user(), true);
        break;
      case 'group': {
        const members = usersAt(each.members);
        const body = { schemas: groupSchemas, displayName: `g${String(count++)}`, members: values(members) };
        const { id } = (await scim.post('/Groups', body)).body as { id: string };
        model.groups.set(id, new Set(members));
        break;
      }
      case 'add':
      case 'remove':
      case 'replace':
      case 'put': {
        const group = at(model.groups.keys(), each.group);
        const members = usersAt(each.members);
        if (group === undefined) break;
        const known = model.groups.get(group) ?? new Set();
        if (each.do === 'put') {
          const body = { schemas: groupSchemas, displayName: `g${String(count++)}`, members: values(members) };
          await send(scim.put(`/Groups/${group}`, body));
        } else if (members.length > 0) {
          await send(scim.patch(`/Groups/${group}`, [{ op: each.do, path: 'members', value: values(members) }]));
        } else break;
        if (each.do === 'add') for (const id of members) known.add(id);
        else if (each.do === 'remove') for (const id of members) known.delete(id);
        else model.groups.set(group, new Set(members));
        break;
      }
      case 'nest': {
        const group = at(model.groups.keys(), each.group);
        const inside = at(model.groups.keys(), each.inside);
        if (group === undefined || inside === undefined || group === inside) break;
        const op = each.in ? 'add' : 'remove';
        await send(scim.patch(`/Groups/${group}`, [{ op, path: 'members', value: values([inside]) }]));
        if (each.in) model.groups.get(group)?.add(inside);
        else model.groups.get(group)?.delete(inside);
        break;
      }
      case 'deleteUser':
      case 'deleteGroup': {
        const [type, all] = each.do === 'deleteUser' ? ['Users', model.users] : ['Groups', model.groups];
        const id = at(all.keys(), each.which);
        if (id === undefined) break;
        await send(scim.delete(`/${type}/${id}`));
        all.delete(id);
        model.mapped.delete(id);
        for (const members of model.groups.values()) members.delete(id);
        break;
      }
      case 'active': {
        const id = at(model.users.keys(), each.user);
        if (id === undefined) break;
        await send(scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: each.value }]));
        model.users.set(id, each.value);
        break;
      }
      case 'map': {
        const groupId = at(model.groups.keys(), each.group);
        if (groupId === undefined) break;
        const given = model.mapped.get(groupId) ?? new Set();
        const mapping = { groupId, role: each.role, setBy: 'ana', setAt: '2026-01-01T00:00:00Z' };
        if (each.on) await arena.mappings.set('default', mapping);
        else await arena.mappings.remove('default', groupId, each.role);
        if (each.on) given.add(each.role);
        else given.delete(each.role);
        model.mapped.set(groupId, given);
        expect(await rights.run('default', { pageSize: 2 })).toMatchObject({ done: true });
      }
    }
    await Promise.all(pending.splice(0));
    expect(await arena.roles()).toEqual(model.roles());
  }
}

describe.each(arenas)('random histories %s', (_, open) => {
  it('always leave the roles that follow from memberships and mapping', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await play(await open(), [...opening, ...steps]);
      }),
      random(15),
    ));
});

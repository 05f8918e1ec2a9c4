import { describe, expect, it } from '@jest/globals';
import {
  connectorKeys,
  createScimRouter,
  digestConnectorKey,
  MemoryStore,
  type GroupStore,
  type UserStore,
} from '../../src/index.js';
import { clientOf, enterprise, expresses, groupSchemas, key, type Scim, scimOn } from './app.js';

interface Counts {
  readonly calls: string[];
  readonly store: UserStore;
}

/** A memory store that records which of its methods were called, and whether for members. */
function counting(): Counts {
  const calls: string[] = [];
  const memory = new MemoryStore();
  const watch = <T extends object>(target: T, name: string): T =>
    new Proxy(target, {
      get(object, property) {
        const value: unknown = Reflect.get(object, property);
        if (typeof value !== 'function') return property === 'groups' ? groups : value;
        return (...args: unknown[]) => {
          const selection =
            args.find((arg) => arg instanceof Set) ??
            (args[0] as { selection?: unknown } | undefined)?.selection ??
            (args[1] as { selection?: unknown } | undefined)?.selection;
          const members = selection instanceof Set && selection.has('members') ? ' with members' : '';
          calls.push(`${name}.${String(property)}${members}`);
          return (value as (...all: unknown[]) => unknown).apply(object, args);
        };
      },
    });
  const groups: GroupStore = watch(memory.groups, 'groups');
  return { calls, store: watch<UserStore>(memory, 'users') };
}

describe.each(expresses)('groups on %s', (_, make) => {
  const membersOf = async (scim: Scim, id: string): Promise<string[]> => {
    const { body } = (await scim.get(`/Groups/${id}`)) as unknown as { body: { members?: { value: string }[] } };
    return (body.members ?? []).map((member) => member.value).sort();
  };
  const group = async (scim: Scim, displayName: string, ...members: string[]): Promise<string> => {
    const response = await scim.post('/Groups', {
      schemas: groupSchemas,
      displayName,
      members: members.map((value) => ({ value })),
    });
    expect(response.status).toBe(201);
    return (response.body as { id: string }).id;
  };

  it('are created, read, replaced, renamed and deleted', async () => {
    const scim = scimOn(make);
    const [a, b] = [await scim.user({ displayName: 'Ann' }), await scim.user()];
    const id = await group(scim, 'Team', a);
    const read = (await scim.get(`/Groups/${id}`)).body;
    expect(read).toMatchObject({
      schemas: groupSchemas,
      displayName: 'Team',
      members: [{ value: a, type: 'User', display: 'Ann', $ref: `https://app.example.com/scim/v2/Users/${a}` }],
      meta: { resourceType: 'Group', location: `https://app.example.com/scim/v2/Groups/${id}` },
    });
    const put = await scim.put(`/Groups/${id}`, {
      schemas: groupSchemas,
      displayName: 'Crew',
      members: [{ value: b }],
    });
    expect([put.status, (put.body as { displayName: string }).displayName]).toEqual([200, 'Crew']);
    expect(await membersOf(scim, id)).toEqual([b]);
    expect((await scim.patch(`/Groups/${id}`, [{ op: 'replace', value: { id, displayName: 'Squad' } }])).status).toBe(
      204,
    );
    expect((await scim.get('/Groups?filter=displayName eq "SQUAD"')).body).toMatchObject({ totalResults: 1 });
    expect((await scim.delete(`/Groups/${id}`)).status).toBe(204);
    expect((await scim.get(`/Groups/${id}`)).status).toBe(404);
    expect((await scim.get(`/Users/${b}`)).body).not.toHaveProperty('groups');
  });

  it('change their members without reading them: one store call', async () => {
    const { calls, store } = counting();
    const scim = scimOn(make, {}, store);
    const [a, b, c] = [await scim.user(), await scim.user(), await scim.user()];
    const id = await group(scim, 'Team', a, b);
    calls.length = 0;
    await scim.patch(`/Groups/${id}`, [{ op: 'Add', path: 'members', value: [{ $ref: null, value: c }] }]);
    await scim.patch(`/Groups/${id}`, [{ op: 'Remove', path: 'members', value: [{ value: a }] }]);
    await scim.patch(`/Groups/${id}`, [{ op: 'remove', path: `members[value eq "${b}"]` }]);
    await scim.patch(`/Groups/${id}`, [
      { op: 'replace', path: 'displayName', value: 'Renamed' },
      { op: 'add', path: 'members', value: [{ value: a }] },
      { op: 'remove', path: `members[value eq "${c}"]` },
    ]);
    expect(calls).toEqual(['groups.update', 'groups.update', 'groups.update', 'groups.update']);
    expect(await membersOf(scim, id)).toEqual([a]);
    expect((await scim.get(`/Groups/${id}`)).body).toMatchObject({ displayName: 'Renamed' });
  });

  it('never load members that are not shown', async () => {
    const { calls, store } = counting();
    const scim = scimOn(make, {}, store);
    const id = await group(scim, 'Team', await scim.user());
    calls.length = 0;
    expect((await scim.get(`/Groups/${id}?excludedAttributes=members`)).body).not.toHaveProperty('members');
    expect((await scim.get('/Groups?excludedAttributes=members&filter=displayName eq "Team"')).body).toMatchObject({
      totalResults: 1,
    });
    await scim.get(`/Groups/${id}?attributes=displayName`);
    expect(calls).toEqual(['groups.get', 'groups.list', 'groups.get']);
    await scim.get(`/Groups/${id}`);
    expect(calls.slice(3, 4)).toEqual(['groups.get with members']);
  });

  it('show in their members, for a whole page in one call, also through other groups', async () => {
    const { calls, store } = counting();
    const scim = scimOn(make, {}, store);
    const users = [await scim.user(), await scim.user(), await scim.user()];
    const inner = await group(scim, 'Inner', ...users);
    const outer = await group(scim, 'Outer', inner);
    calls.length = 0;
    const { body } = (await scim.get('/Users')) as unknown as { body: { Resources: { groups: unknown[] }[] } };
    expect(calls).toEqual(['users.list', 'groups.groupsOf']);
    for (const user of body.Resources) {
      expect(user.groups).toEqual([
        { value: inner, $ref: `https://app.example.com/scim/v2/Groups/${inner}`, display: 'Inner', type: 'direct' },
        { value: outer, $ref: `https://app.example.com/scim/v2/Groups/${outer}`, display: 'Outer', type: 'indirect' },
      ]);
    }
    calls.length = 0;
    await scim.get('/Users?attributes=userName');
    expect(calls).toEqual(['users.list']);
    expect((await scim.get(`/Groups/${outer}`)).body).toMatchObject({
      members: [{ value: inner, type: 'Group', display: 'Inner' }],
    });
    expect((await scim.get(`/Users?filter=groups.value eq "${inner}"&count=1`)).body).toMatchObject({
      totalResults: 3,
    });
  });

  it('may hold each other, and everything still ends', async () => {
    const scim = scimOn(make);
    const user = await scim.user();
    const [a, b] = [await group(scim, 'A', user), await group(scim, 'B')];
    await scim.patch(`/Groups/${a}`, [{ op: 'add', path: 'members', value: [{ value: b }, { value: a }] }]);
    await scim.patch(`/Groups/${b}`, [{ op: 'add', path: 'members', value: [{ value: a }] }]);
    const { body } = (await scim.get(`/Users/${user}`)) as unknown as { body: { groups: { value: string }[] } };
    expect(body.groups.map((each) => each.value).sort()).toEqual([a, b].sort());
  });

  it('keep members that are not there yet, or refuse them (7643-2.3.7-04)', async () => {
    const keeping = scimOn(make);
    const id = await group(keeping, 'Team', 'not yet here');
    expect((await keeping.get(`/Groups/${id}`)).body).toMatchObject({ members: [{ value: 'not yet here' }] });
    const rejecting = scimOn(make, { groups: { pendingMembers: 'reject' } });
    const body = { schemas: groupSchemas, displayName: 'Team', members: [{ value: 'nobody' }] };
    expect((await rejecting.post('/Groups', body)).body).toMatchObject({ status: '400', scimType: 'invalidValue' });
    const empty = await group(rejecting, 'Empty');
    const add = [
      { op: 'add', path: 'members', value: [{ value: 'nobody' }] },
      { op: 'replace', path: 'displayName', value: 'Changed' },
    ];
    expect((await rejecting.patch(`/Groups/${empty}`, add)).status).toBe(400);
    expect((await rejecting.get(`/Groups/${empty}`)).body).toMatchObject({ displayName: 'Empty' });
  });

  it('take no members of another tenant', async () => {
    const app = make();
    const authenticate = connectorKeys(
      ['a', 'b'].map((tenant) => ({ id: tenant, digest: digestConnectorKey(`${key}-${tenant}`), tenant })),
    );
    app.use('/scim/v2', createScimRouter(new MemoryStore(), { authenticate, groups: { pendingMembers: 'reject' } }));
    const scim = clientOf(app);
    const as = (tenant: string): Record<string, string> => ({ authorization: `Bearer ${key}-${tenant}` });
    const stranger = (
      await scim.post('/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 's' }, as('b'))
    ).body as { id: string };
    const body = { schemas: groupSchemas, displayName: 'Team', members: [{ value: stranger.id }] };
    expect((await scim.post('/Groups', body, as('a'))).status).toBe(400);
    expect((await scim.post('/Groups', body, as('b'))).status).toBe(201);
  });

  it('respond to a PATCH as configured, and as attributes select', async () => {
    const scim = scimOn(make, { groups: { patchStatus: 200 } });
    const user = await scim.user();
    const id = await group(scim, 'Team');
    const add = [{ op: 'add', path: 'members', value: [{ value: user }] }];
    expect((await scim.patch(`/Groups/${id}`, add)).body).toMatchObject({ id, members: [{ value: user }] });
    const plain = scimOn(make);
    const other = await group(plain, 'Other');
    expect(
      (
        await plain.patch(`/Groups/${other}?attributes=displayName`, [
          { op: 'replace', path: 'displayName', value: 'X' },
        ])
      ).body,
    ).toEqual({
      schemas: groupSchemas,
      id: other,
      displayName: 'X',
    });
    expect((await plain.patch(`/Groups/${other}`, [{ op: 'replace', path: 'displayName', value: 'X' }])).status).toBe(
      204,
    );
  });

  it('of 50,000 members are read, and bounded by maxMembers', async () => {
    const values = Array.from({ length: 50_000 }, (__, i) => ({ value: `m${String(i)}` }));
    const body = { schemas: groupSchemas, displayName: 'Everybody', members: values };
    const scim = scimOn(make);
    const { id } = (await scim.post('/Groups?excludedAttributes=members', body)).body as { id: string };
    expect(await membersOf(scim, id)).toHaveLength(50_000);
    expect(
      (await scim.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members', value: [{ value: 'm7' }] }])).status,
    ).toBe(204);
    const bounded = scimOn(make, { limits: { maxMembers: 10 } });
    const many = { ...body, members: values.slice(0, 11) };
    const refused = await bounded.post('/Groups', many);
    expect(refused.body).toMatchObject({
      status: '400',
      scimType: 'tooMany',
      detail: expect.stringContaining('excludedAttributes=members'),
    });
    // What was refused was not written.
    expect((await bounded.get('/Groups?excludedAttributes=members')).body).toMatchObject({ totalResults: 0 });
    const made = (await bounded.post('/Groups', { ...body, members: values.slice(0, 10) })).body as { id: string };
    expect((await bounded.put(`/Groups/${made.id}`, many)).body).toMatchObject({ scimType: 'tooMany' });
    expect(await membersOf(bounded, made.id)).toHaveLength(10);
    const add = [{ op: 'add', path: 'members', value: [{ value: 'one more' }] }];
    expect((await bounded.patch(`/Groups/${made.id}?attributes=members`, add)).status).toBe(204);
    expect((await bounded.get(`/Groups/${made.id}`)).body).toMatchObject({ scimType: 'tooMany' });
    expect((await bounded.get(`/Groups/${made.id}?excludedAttributes=members`)).status).toBe(200);
  });

  it('shape the manager before and after the manager is there', async () => {
    const scim = scimOn(make);
    const employee = await scim.user({ [enterprise]: { manager: { value: 'later' } } });
    expect((await scim.get(`/Users/${employee}`)).body).toMatchObject({
      [enterprise]: { manager: { value: 'later' } },
    });
    const boss = await scim.user({ displayName: 'Boss' });
    await scim.patch(`/Users/${employee}`, [{ op: 'Add', path: `${enterprise}:manager`, value: boss }]);
    expect((await scim.get(`/Users/${employee}`)).body).toMatchObject({
      [enterprise]: {
        manager: { value: boss, displayName: 'Boss', $ref: `https://app.example.com/scim/v2/Users/${boss}` },
      },
    });
  });
});

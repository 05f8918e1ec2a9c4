import { describe, expect, it } from '@jest/globals';
import { type Attributes, ForbiddenError, MemoryStore } from '../../../src/index.js';
import { guards, lastOwner, roleCeiling, seatLimit } from '../../../src/lifecycle/index.js';
import { expresses, groupSchemas, scimOn, type Scim, userSchemas } from '../../http/app.js';

const set = (path: string, value: unknown) => [{ op: 'replace', path, value }];

async function groupOf(scim: Scim, displayName: string, members: readonly string[]): Promise<string> {
  const body = { schemas: groupSchemas, displayName, members: members.map((value) => ({ value })) };
  return ((await scim.post('/Groups', body)).body as { id: string }).id;
}

describe.each(expresses)('guards on %s', (_, make) => {
  describe('seatLimit', () => {
    const open = () => {
      const store = new MemoryStore();
      const plain = scimOn(make, {}, store);
      const count = async (): Promise<number> => {
        const response = await plain.get('/Users?count=0&filter=active%20eq%20true');
        return (response.body as { totalResults: number }).totalResults;
      };
      const seats = (tenant: string): number => (tenant === 'default' ? 2 : 0);
      return scimOn(make, { beforeChange: seatLimit({ seats, count }) }, store);
    };

    it('refuses a user with 403 when no seat is left, and says what to do', async () => {
      const scim = open();
      await scim.user();
      const id = await scim.user();
      const refused = await scim.post('/Users', { schemas: userSchemas, userName: 'late@example.com' });
      expect(refused.status).toBe(403);
      expect(refused.body).toMatchObject({ detail: expect.stringContaining('seat') });
      expect(JSON.stringify(refused.body)).not.toContain('late');
      await scim.patch(`/Users/${id}`, set('active', false));
      expect(await scim.user()).toBeDefined();
      expect((await scim.patch(`/Users/${id}`, set('active', true))).status).toBe(403);
      expect((await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'x', active: true })).status).toBe(403);
      // Standards reading 53: a user keeps `active` where a client leaves it without a value.
      expect((await scim.patch(`/Users/${id}`, [{ op: 'remove', path: 'active' }])).body).toMatchObject({
        active: false,
      });
    });

    it('allows changes that take no seat', async () => {
      const scim = open();
      const id = await scim.user();
      await scim.user();
      expect(await scim.user({ active: false })).toBeDefined();
      expect((await scim.patch(`/Users/${id}`, set('title', 'T'))).status).toBe(200);
      expect((await scim.patch(`/Users/${id}`, set('active', true))).status).toBe(200);
      expect(await groupOf(scim, 'G', [])).toBeDefined();
      expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
    });
  });

  describe('lastOwner', () => {
    const isOwner = (user: Attributes): boolean =>
      ((user['roles'] ?? []) as readonly { value?: string }[]).some(({ value }) => value === 'owner');
    const open = (groups: string[] = []) => {
      const store = new MemoryStore();
      const plain = scimOn(make, {}, store);
      const guard = lastOwner({
        isOwner,
        groups: () => groups,
        ownersLeft: async ({ without, group, only }) => {
          if (group !== undefined) {
            const { body } = await plain.get(`/Groups/${group}`);
            const members = ((body as { members?: { value: string }[] }).members ?? []).map(({ value }) => value);
            return (only ?? members.filter((id) => !without.includes(id))).length;
          }
          const { body } = await plain.get('/Users?filter=active%20eq%20true%20and%20roles.value%20eq%20%22owner%22');
          const { Resources = [] } = body as { Resources?: { id: string }[] };
          return Resources.filter(({ id }) => !without.includes(id)).length;
        },
      });
      return { plain, groups, scim: scimOn(make, { beforeChange: guard }, store) };
    };
    const owner = { roles: [{ value: 'owner' }, { value: 'editor' }] };

    it('refuses to deactivate, delete or demote the last owner', async () => {
      const { scim } = open();
      const id = await scim.user(owner);
      await scim.user();
      expect((await scim.patch(`/Users/${id}`, set('active', false))).status).toBe(403);
      expect((await scim.delete(`/Users/${id}`)).status).toBe(403);
      expect((await scim.patch(`/Users/${id}`, [{ op: 'remove', path: 'roles' }])).status).toBe(403);
      expect((await scim.patch(`/Users/${id}`, [{ op: 'remove', path: 'roles[value eq "owner"]' }])).status).toBe(403);
      expect((await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'x' })).status).toBe(403);
      expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ active: true, ...owner });
    });

    it('allows one of two owners to leave, and changes that keep an owner an owner', async () => {
      const { scim } = open();
      const [a, b] = [await scim.user(owner), await scim.user(owner)];
      expect((await scim.patch(`/Users/${a}`, set('title', 'T'))).status).toBe(200);
      expect((await scim.patch(`/Users/${a}`, [{ op: 'remove', path: 'roles[value eq "editor"]' }])).status).toBe(200);
      expect((await scim.patch(`/Users/${a}`, set('active', false))).status).toBe(200);
      expect((await scim.delete(`/Users/${b}`)).status).toBe(403);
      expect((await scim.delete(`/Users/${a}`)).status).toBe(204);
    });

    it('keeps the last owner in a group of owners', async () => {
      const { scim, plain, groups } = open();
      const [a, b] = [await plain.user(), await plain.user()];
      const id = await groupOf(plain, 'Owners', [a, b]);
      const other = await groupOf(plain, 'Others', [a]);
      groups.push(id);
      expect((await scim.patch(`/Groups/${id}`, [{ op: 'remove', path: `members[value eq "${a}"]` }])).status).toBe(
        204,
      );
      expect((await scim.patch(`/Groups/${id}`, [{ op: 'remove', path: `members[value eq "${b}"]` }])).status).toBe(
        403,
      );
      expect((await scim.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members' }])).status).toBe(403);
      expect((await scim.put(`/Groups/${id}`, { schemas: groupSchemas, displayName: 'O' })).status).toBe(403);
      expect((await scim.delete(`/Groups/${id}`)).status).toBe(403);
      expect((await scim.patch(`/Groups/${id}`, set('displayName', 'The owners'))).status).toBe(204);
      expect((await scim.delete(`/Groups/${other}`)).status).toBe(204);
    });
  });

  describe('roleCeiling', () => {
    const guard = roleCeiling({
      roles: { forbidden: ['owner'] },
      userType: { allowed: ['employee', 'guest'] },
      entitlements: { allowed: ['basic', 'Basic plan'] },
    });

    it.each([
      [{ roles: [{ value: 'editor' }, { value: 'owner' }] }],
      [{ roles: [{ value: ' OWNER ' }] }],
      [{ roles: [{ value: 'ｏｗｎｅｒ' }] }],
      [{ roles: [{ value: 'x', display: 'Owner' }] }],
      [{ roles: [{ value: '{"id":"1","value":"owner","displayName":"o"}' }] }],
      [{ roles: ['owner'] }],
      [{ userType: 'administrator' }],
      [{ entitlements: [{ value: 'basic', display: 'Owner' }] }],
    ])('refuses %j', async (attributes) => {
      const scim = scimOn(make, { beforeChange: guard });
      const body = { schemas: userSchemas, userName: 'ada@example.com', ...attributes };
      const created = await scim.post('/Users', body);
      expect(created.status).toBe(403);
      const id = await scim.user();
      const [[path, value]] = Object.entries(attributes) as [[string, unknown]];
      const patched = await scim.patch(`/Users/${id}`, [{ op: 'add', path, value }]);
      expect(patched.status).toBe(403);
      expect((await scim.get(`/Users/${id}`)).body).not.toHaveProperty(path);
    });

    it('refuses a role in JSON that is nested too deep to be looked through', async () => {
      const scim = scimOn(make, { beforeChange: guard });
      const value = ` ${'['.repeat(20_000)}"owner"${']'.repeat(20_000)}`;
      const body = { schemas: userSchemas, userName: 'deep@example.com', roles: [{ value }] };
      expect((await scim.post('/Users', body)).status).toBe(403);
    });

    it('does not normalize a text that is longer than every name', async () => {
      const scim = scimOn(make, { beforeChange: guard });
      const normalized: number[] = [];
      const original = Reflect.get(String.prototype, 'normalize') as (form?: string) => string;
      String.prototype.normalize = function (form) {
        if (form === 'NFKC') normalized.push(this.length);
        return Reflect.apply(original, this, [form]) as string;
      };
      try {
        const roles = [{ value: '\ufdfa'.repeat(100_000) }, { value: `${' '.repeat(50_000)}owner` }];
        const body = { schemas: userSchemas, userName: 'long@example.com', roles };
        expect((await scim.post('/Users', body)).status).toBe(403);
      } finally {
        String.prototype.normalize = original;
      }
      expect(Math.max(...normalized)).toBeLessThan(100);
      expect(normalized).toContain(5);
    });

    it('reads a role that is JSON in a string, also when the router does not parse it', async () => {
      const scim = scimOn(make, { beforeChange: guard, strict: true });
      const role = (value: string) => ({ roles: [{ value }] });
      for (const value of ['{"id":"1","value":"owner"}', ' ["Owner"]', '{"a":{"b":"OWNER"}}']) {
        const body = { schemas: userSchemas, userName: 'ada', ...role(value) };
        expect((await scim.post('/Users', body)).status).toBe(403);
      }
      expect(await scim.user(role('{"id":"1","value":"editor"}'))).toBeDefined();
      expect(await scim.user(role('{not JSON: owner'))).toBeDefined();
    });

    it('allows unprivileged roles, and keeps a role that the app granted', async () => {
      const store = new MemoryStore();
      const roles = [{ value: 'owner' }, { value: 'editor' }];
      const id = await scimOn(make, {}, store).user({ roles });
      const scim = scimOn(make, { beforeChange: guard }, store);
      expect(await scim.user({ roles: [{ value: 'editor' }], userType: 'Guest' })).toBeDefined();
      const body = { schemas: userSchemas, userName: 'x', roles };
      expect((await scim.put(`/Users/${id}`, body)).status).toBe(200);
      expect((await scim.patch(`/Users/${id}`, set('roles', [{ value: 'viewer' }]))).status).toBe(200);
      expect((await scim.put(`/Users/${id}`, body)).status).toBe(403);
    });

    it('adds nobody to a guarded group, but allows removals', async () => {
      const store = new MemoryStore();
      const plain = scimOn(make, {}, store);
      const [a, b] = [await plain.user(), await plain.user()];
      const id = await groupOf(plain, 'Owners', [a]);
      const other = await groupOf(plain, 'Others', []);
      for (const groups of [[id], (groupId: string) => groupId === id]) {
        const scim = scimOn(make, { beforeChange: roleCeiling({ groups }) }, store);
        const add = [{ op: 'add', path: 'members', value: [{ value: b }] }];
        expect((await scim.patch(`/Groups/${id}`, add)).status).toBe(403);
        const body = { schemas: groupSchemas, displayName: 'Owners', members: [{ value: b }] };
        expect((await scim.put(`/Groups/${id}`, body)).status).toBe(403);
        expect((await scim.patch(`/Groups/${other}`, add)).status).toBe(204);
        expect((await scim.patch(`/Groups/${id}`, set('displayName', 'Owners'))).status).toBe(204);
      }
      const scim = scimOn(make, { beforeChange: roleCeiling({ groups: [id] }) }, store);
      expect((await scim.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members' }])).status).toBe(204);
    });
  });

  it('run in order ahead of the write, then in order inside it, and the first that refuses decides', async () => {
    const asked: string[] = [];
    const note = (name: string, refuses = false) => ({
      before: () => {
        asked.push(name);
        if (refuses) throw new ForbiddenError('no');
      },
      failed: () => void asked.push(`${name} failed`),
    });
    const guard = guards(
      () => {
        asked.push('first');
        return note('inside first');
      },
      undefined,
      seatLimit({ seats: 1, count: () => (asked.push('count'), asked.length > 4 ? 1 : 0) }),
      () => void asked.push('third'),
      () => note('inside fourth'),
    );
    const scim = scimOn(make, { beforeChange: guard });
    await scim.user();
    expect(asked).toEqual(['first', 'third', 'inside first', 'count', 'inside fourth']);
    asked.length = 0;
    asked.push('1', '2', '3', '4');
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'ada' })).status).toBe(403);
    expect(asked.slice(4)).toEqual([
      'first',
      'third',
      'inside first',
      'count',
      'inside first failed',
      'inside fourth failed',
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { MemoryStore } from '../../../src/index.js';
import { adoptBy, type Conflict, type ExistingAccount, memoryConflictStore } from '../../../src/lifecycle/index.js';
import { expresses, patchSchemas, scimOn, userSchemas } from '../../http/app.js';

describe.each(expresses)('the guard of adoptBy on %s', (_, make) => {
  const email = (value: string) => [{ value, primary: true }];
  const account = { userName: 'owner@example.com', emails: email('owner@example.com') };

  async function open(more: Partial<ExistingAccount> = { review: true }) {
    const store = new MemoryStore();
    const plain = scimOn(make, {}, store);
    const id = await plain.user(account);
    const conflicts = memoryConflictStore();
    const existing: ExistingAccount = { id, label: 'The owner', ...more };
    const adopt = adoptBy({
      find: (__, key) => (key.by === 'userName' && key.value === account.userName ? [existing] : []),
      account: (__, wanted) => (wanted === id ? existing : undefined),
      conflicts,
    });
    const scim = scimOn(make, { adopt, beforeChange: adopt.guard, password: true }, store);
    const before = (await plain.get(`/Users/${id}`)).body as object;
    const isUnchanged = async () => expect((await plain.get(`/Users/${id}`)).body).toEqual(before);
    return { plain, scim, id, conflicts, isUnchanged };
  }

  const link = { op: 'add', path: 'externalId', value: 'x' };
  const rename = { op: 'replace', path: 'userName', value: 'evil@example.com' };

  it.each([
    [[rename, link]],
    [[link, rename]],
    [[link]],
    [[rename]],
    [[{ op: 'replace', path: 'active', value: false }]],
    [[{ op: 'replace', path: 'emails', value: email('evil@example.com') }]],
    [[{ op: 'replace', value: { userName: 'evil@example.com', externalId: 'x' } }]],
    [[{ op: 'add', path: 'password', value: 'A new secret 1' }]],
  ])('refuses PATCH %j of an account under review that is not linked', async (operations) => {
    const { scim, id, isUnchanged } = await open();
    const response = await scim.patch(`/Users/${id}`, operations);
    expect(response.status).toBe(403);
    expect(JSON.stringify(response.body)).not.toContain('evil');
    await isUnchanged();
  });

  it('refuses PUT, DELETE and the operations of a bulk request', async () => {
    const { scim, id, isUnchanged } = await open();
    const body = { schemas: userSchemas, ...account };
    expect((await scim.put(`/Users/${id}`, { ...body, title: 'Dr' })).status).toBe(403);
    expect((await scim.put(`/Users/${id}`, { ...body, externalId: 'x' })).status).toBe(403);
    expect((await scim.delete(`/Users/${id}`)).status).toBe(403);
    const bulk = await scim.post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'PATCH', path: `/Users/${id}`, data: { schemas: patchSchemas, Operations: [link, rename] } },
        { method: 'DELETE', path: `/Users/${id}` },
      ],
    });
    const { Operations } = bulk.body as { Operations: { status: string }[] };
    expect(Operations.map(({ status }) => status)).toEqual(['403', '403']);
    await isUnchanged();
  });

  it('lets a linking PATCH through once an administrator has decided, and the account is then open', async () => {
    const { scim, id, conflicts } = await open();
    expect((await scim.patch(`/Users/${id}`, [link])).status).toBe(403);
    expect((await scim.patch(`/Users/${id}`, [link])).status).toBe(403);
    const waiting = await conflicts.list('default');
    expect(waiting).toMatchObject([{ kind: 'adopt', candidates: [{ id, label: 'The owner' }] }]);
    const [{ id: conflict }] = waiting as [Conflict];
    await conflicts.settle('default', conflict, { action: 'link', id, by: 'root', time: new Date().toISOString() });
    expect((await scim.patch(`/Users/${id}`, [{ ...link, value: 'another' }])).status).toBe(403);
    expect((await scim.patch(`/Users/${id}`, [link, rename])).status).toBe(403);
    expect((await scim.patch(`/Users/${id}`, [link])).status).toBe(200);
    expect((await scim.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'Dr' }])).status).toBe(200);
  });

  it('keeps the account closed where an administrator has decided to link another one', async () => {
    const { scim, id, conflicts } = await open();
    await scim.patch(`/Users/${id}`, [link]);
    const { find } = conflicts;
    const decision = { action: 'link', id: 'another', by: 'root', time: new Date().toISOString() } as const;
    Object.assign(conflicts, {
      find: async (...key: Parameters<typeof find>) => {
        const conflict = await find(...key);
        return conflict && { ...conflict, decision };
      },
    });
    expect((await scim.patch(`/Users/${id}`, [link])).status).toBe(403);
  });

  it('leaves an account alone that the app itself knows as linked', async () => {
    const { scim, id } = await open({ review: true, externalId: 'x' });
    expect((await scim.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'Dr' }])).status).toBe(200);
  });

  it('keeps a refused link refused', async () => {
    const { scim, id, conflicts } = await open();
    await scim.patch(`/Users/${id}`, [link]);
    const [{ id: conflict }] = (await conflicts.list('default')) as [Conflict];
    await conflicts.settle('default', conflict, { action: 'refuse', by: 'root', time: new Date().toISOString() });
    expect((await scim.patch(`/Users/${id}`, [link])).status).toBe(403);
  });

  it('links by POST what an administrator has decided to link', async () => {
    const { scim, id, conflicts } = await open();
    const user = { schemas: userSchemas, ...account, externalId: 'x' };
    expect((await scim.post('/Users', user)).status).toBe(409);
    const [{ id: conflict }] = (await conflicts.list('default')) as [Conflict];
    await conflicts.settle('default', conflict, { action: 'link', id, by: 'root', time: new Date().toISOString() });
    expect((await scim.post('/Users', user)).status).toBe(201);
  });

  it.each([
    ['userName', rename],
    ['the primary address', { op: 'replace', path: 'emails', value: email('evil@example.com') }],
    ['the password', { op: 'add', path: 'password', value: 'A new secret 1' }],
  ])('never changes %s together with the first externalId, of any account', async (__, operation) => {
    const { scim, id, isUnchanged } = await open({});
    expect((await scim.patch(`/Users/${id}`, [link, operation])).status).toBe(403);
    await isUnchanged();
    const title = { op: 'add', path: 'title', value: 'Dr' };
    expect((await scim.patch(`/Users/${id}`, [link, title])).status).toBe(200);
    expect((await scim.patch(`/Users/${id}`, [operation])).status).toBe(200);
  });

  it('leaves other accounts alone: not under review, linked, unknown, new', async () => {
    const { scim, id } = await open({ review: false });
    expect((await scim.patch(`/Users/${id}`, [rename])).status).toBe(200);
    expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
    expect((await scim.delete(`/Users/${id}`)).status).toBe(404);
    const created = await scim.user({ externalId: 'y' });
    expect((await scim.patch(`/Users/${created}`, [rename])).status).toBe(200);
    expect((await scim.delete(`/Users/${created}`)).status).toBe(204);
  });

  it('says at creation which option is missing', () => {
    expect(() => adoptBy({ find: () => [], conflicts: memoryConflictStore() }).guard).toThrow('account');
  });
});

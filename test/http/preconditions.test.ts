import { describe, expect, it } from '@jest/globals';
import { MemoryStore, type UserStore } from '../../src/index.js';
import { expresses, groupSchemas, patchSchemas, scimOn, userSchemas } from './app.js';

const bulkSchemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];

/** Counts the writes that reach the store of users. */
function countingStore(): { readonly store: UserStore; readonly updates: string[] } {
  const store = new MemoryStore();
  const updates: string[] = [];
  const counting: UserStore = {
    supports: store.supports,
    groups: store.groups,
    create: (creation, ctx) => store.create(creation, ctx),
    get: (id, selection, ctx) => store.get(id, selection, ctx),
    list: (query, ctx) => store.list(query, ctx),
    update: (id, change, ctx) => {
      updates.push(id);
      return store.update(id, change, ctx);
    },
    delete: (id, removal, ctx) => store.delete(id, removal, ctx),
  };
  return { store: counting, updates };
}

describe.each(expresses)('the headers of a write on %s', (_, make) => {
  const scim = scimOn(make);
  const newGroup = async (): Promise<string> => {
    const { body } = await scim.post('/Groups', { schemas: groupSchemas, displayName: 'Team' });
    return (body as { id: string }).id;
  };

  it('a 204 has the ETag and the Location of the group (reading 64)', async () => {
    const id = await newGroup();
    const rename = [{ op: 'replace', path: 'displayName', value: 'Other' }];
    for (const operations of [
      rename,
      rename,
      [{ op: 'add', path: 'members', value: [{ value: await scim.user() }] }],
    ]) {
      const response = await scim.patch(`/Groups/${id}`, operations);
      const { headers, body } = await scim.get(`/Groups/${id}`);
      expect([response.status, response.body]).toEqual([204, expect.not.objectContaining({ id })]);
      expect(response.headers['etag']).toBe(headers['etag']);
      expect(response.headers['location']).toBe((body as { meta: { location: string } }).meta.location);
    }
  });

  it('the result of a group PATCH in a bulk request has its version', async () => {
    const id = await newGroup();
    const operation = {
      method: 'PATCH',
      path: `/Groups/${id}`,
      data: { schemas: patchSchemas, Operations: [{ op: 'replace', path: 'displayName', value: 'B' }] },
    };
    const { body } = await scim.post('/Bulk', { schemas: bulkSchemas, Operations: [operation] });
    const version = (await scim.get(`/Groups/${id}`)).headers['etag'];
    expect(body).toMatchObject({ Operations: [{ status: '204', version }] });
  });
});

describe.each(expresses)('preconditions on %s', (_, make) => {
  it.each(['put', 'patch', 'delete'] as const)('If-None-Match on %s: 412, and nothing changes', async (method) => {
    const { store, updates } = countingStore();
    const scim = scimOn(make, {}, store);
    const id = await scim.user({ title: 'before' });
    const { headers } = await scim.get(`/Users/${id}`);
    const send = (path: string, ifNoneMatch: string) => {
      const sent = { 'if-none-match': ifNoneMatch };
      if (method === 'delete') return scim.delete(path, sent);
      if (method === 'put') return scim.put(path, { schemas: userSchemas, userName: 'n', title: 'after' }, sent);
      return scim.patch(path, [{ op: 'replace', path: 'title', value: 'after' }], sent);
    };
    for (const ifNoneMatch of ['*', String(headers['etag']), `"other", ${String(headers['etag'])}`]) {
      expect((await send(`/Users/${id}`, ifNoneMatch)).status).toBe(412);
    }
    expect(updates).toEqual([]);
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ title: 'before' });
    expect((await send('/Users/nobody', '*')).status).toBe(404);
    expect((await send(`/Users/${id}`, 'W/"other"')).status).toBe(method === 'delete' ? 204 : 200);
  });

  it('If-Match on GET: 412 for another version, before If-None-Match (reading 65)', async () => {
    const scim = scimOn(make);
    const id = await scim.user();
    const etag = String((await scim.get(`/Users/${id}`)).headers['etag']);
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await scim.get(`/Users/${id}`, headers)).status;
    expect(await status({ 'if-match': etag })).toBe(200);
    expect(await status({ 'if-match': '*' })).toBe(200);
    expect(await status({ 'if-match': 'W/"other"' })).toBe(412);
    expect(await status({ 'if-match': 'W/"other"', 'if-none-match': etag })).toBe(412);
    expect(await status({ 'if-match': etag, 'if-none-match': etag })).toBe(304);
  });
});

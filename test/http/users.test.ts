import { describe, expect, it } from '@jest/globals';
import { enterprise, expresses, scimOn, userSchemas } from './app.js';

describe.each(expresses)('users on %s', (_, make) => {
  const scim = scimOn(make, { baseUrl: 'https://app.example.com/scim/v2' });
  const base = 'https://app.example.com/scim/v2/Users';

  it('creates: 201 with the resource, Location, ETag (7644-3.3-01, 7644-3.3-03, 7643-3.1-17)', async () => {
    const body = {
      schemas: [...userSchemas, enterprise],
      userName: 'Ada@example.com',
      externalId: 'X',
      [enterprise]: { department: 'D' },
    };
    const response = await scim.post('/Users', body);
    expect(response.status).toBe(201);
    expect(response.headers['content-type']).toBe('application/scim+json');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers['x-powered-by']).toBeUndefined();
    expect(response.body).toMatchObject({ ...body, active: true, meta: { resourceType: 'User' } });
    const { id, meta } = response.body as { id: string; meta: Record<string, string> };
    expect(meta['location']).toBe(`${base}/${id}`);
    expect(response.headers['location']).toBe(meta['location']);
    expect(response.headers['etag']).toBe(meta['version']);
    expect(meta['created']).toBe(meta['lastModified']);
  });

  it('reads, and returns 304 for a version that the client has (7644-3.14-04)', async () => {
    const id = await scim.user();
    const response = await scim.get(`/Users/${id}`);
    expect(response.status).toBe(200);
    const etag = String(response.headers['etag']);
    const again = await scim.get(`/Users/${id}`, { 'if-none-match': etag });
    expect([again.status, again.body]).toEqual([304, expect.not.objectContaining({ id })]);
    expect((await scim.get(`/Users/${id}`, { 'if-none-match': 'W/"other"' })).status).toBe(200);
  });

  it('finds by filter, in any letter case, and shows what is asked for', async () => {
    await scim.user({ userName: 'Find.Me@example.com' });
    const response = await scim.get('/Users?filter=userName%20eq%20%22find.ME@example.com%22&attributes=userName');
    expect(response.body).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 1,
      startIndex: 1,
      itemsPerPage: 1,
      Resources: [{ schemas: userSchemas, id: expect.any(String), userName: 'Find.Me@example.com' }],
    });
  });

  it('replaces: what is left out is cleared, but a suspended user stays suspended', async () => {
    const id = await scim.user({ userName: 'put@example.com', title: 'T', active: false });
    const response = await scim.put(`/Users/${id}`, {
      schemas: userSchemas,
      userName: 'put@example.com',
      nickName: 'N',
    });
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ id, nickName: 'N', active: false });
    expect(response.body).not.toHaveProperty('title');
    expect((await scim.get(`/Users/${id}`)).body).toEqual(response.body);
  });

  it('never creates by PUT (7644-3.2-03)', async () => {
    expect((await scim.put('/Users/none', { schemas: userSchemas, userName: 'none@example.com' })).status).toBe(404);
    expect((await scim.get('/Users?filter=userName eq "none@example.com"')).body).toMatchObject({
      totalResults: 0,
      Resources: [],
    });
  });

  it('deactivates as Entra asks, in one store call', async () => {
    const id = await scim.user();
    const response = await scim.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'False' }]);
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ active: false });
  });

  it('keeps version and lastModified where nothing changes (7644-3.5.2.1-08)', async () => {
    const id = await scim.user({ title: 'T', name: { givenName: 'G' } });
    const before = (await scim.get(`/Users/${id}`)).body as object;
    for (const operations of [
      [{ op: 'replace', path: 'title', value: 'T' }],
      [{ op: 'add', path: 'name', value: { givenName: 'G' } }],
      [],
    ]) {
      expect((await scim.patch(`/Users/${id}`, operations)).body).toEqual(before);
    }
  });

  it('deletes: 204, then 404 for everything, and the name is free (7644-3.6-01, 7644-3.6-02, 7644-3.6-04)', async () => {
    const id = await scim.user({ userName: 'gone@example.com' });
    expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
    const body = { schemas: userSchemas, userName: 'gone@example.com' };
    const responses = await Promise.all([
      scim.get(`/Users/${id}`),
      scim.put(`/Users/${id}`, body),
      scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'x' }]),
      scim.patch(`/Users/${id}`, [{ op: 'add', path: 'name', value: { givenName: 'x' } }]),
      scim.delete(`/Users/${id}`),
    ]);
    expect(responses.map((response) => response.status)).toEqual([404, 404, 404, 404, 404]);
    expect((await scim.post('/Users', body)).status).toBe(201);
  });

  it('refuses a taken name in any letter case on POST, PUT and PATCH (7643-4.1.1-02)', async () => {
    await scim.user({ userName: 'Taken@example.com' });
    const id = await scim.user();
    const responses = await Promise.all([
      scim.post('/Users', { schemas: userSchemas, userName: 'taken@EXAMPLE.com' }),
      scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'TAKEN@example.com' }),
      scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'userName', value: 'tAken@example.com' }]),
      scim.patch(`/Users/${id}`, [{ op: 'add', value: { userName: 'taken@example.com', name: { givenName: 'x' } } }]),
    ]);
    for (const response of responses) {
      expect(response.status).toBe(409);
      expect(response.body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    }
  });

  it.each(['put', 'patch', 'delete'] as const)(
    'compares If-Match on %s: 412 for a stale one (7644-3.14-05)',
    async (method) => {
      const id = await scim.user({ userName: `match-${method}@example.com` });
      const stale = String((await scim.get(`/Users/${id}`)).headers['etag']);
      await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'new' }]);
      const send = (ifMatch: string): PromiseLike<{ status: number }> => {
        const headers = { 'if-match': ifMatch };
        if (method === 'delete') return scim.delete(`/Users/${id}`, headers);
        if (method === 'patch')
          return scim.patch(
            `/Users/${id}`,
            [{ op: 'add', path: 'name', value: { givenName: ifMatch.length.toString() } }],
            headers,
          );
        return scim.put(
          `/Users/${id}`,
          { schemas: userSchemas, userName: `match-${method}@example.com`, title: ifMatch.length.toString() },
          headers,
        );
      };
      expect((await send(stale)).status).toBe(412);
      expect((await send('W/"nonsense", "other"')).status).toBe(412);
      expect((await send('unquoted')).status).toBe(412);
      const fresh = String((await scim.get(`/Users/${id}`)).headers['etag']);
      const done = await send(`"x", ${fresh}`);
      expect(done.status).toBe(method === 'delete' ? 204 : 200);
      if (method !== 'delete') expect((await send('*')).status).toBe(200);
    },
  );

  it('pages in a stable order and counts everything (7644-3.4.2.4-07, 7644-3.4.2.4-09)', async () => {
    const fresh = scimOn(make);
    for (let i = 0; i < 5; i++) await fresh.user();
    const seen: string[] = [];
    for (let startIndex = 1; startIndex <= 5; startIndex += 2) {
      const { body } = (await fresh.get(`/Users?startIndex=${String(startIndex)}&count=2`)) as {
        body: { totalResults: number; Resources: { id: string }[] };
      };
      expect(body.totalResults).toBe(5);
      seen.push(...body.Resources.map((resource) => resource.id));
    }
    expect(new Set(seen).size).toBe(5);
    expect((await fresh.get('/Users?count=0')).body).toMatchObject({ totalResults: 5, itemsPerPage: 0, Resources: [] });
    expect((await fresh.get('/Users?startIndex=99')).body).toMatchObject({ totalResults: 5, Resources: [] });
  });

  it('derives the manager, before and after he is there', async () => {
    const boss = await scim.user({ displayName: 'The Boss' });
    const id = await scim.user({
      [enterprise]: { manager: { value: boss, $ref: 'https://elsewhere.example/Users/1' } },
    });
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({
      [enterprise]: { manager: { value: boss, $ref: `${base}/${boss}`, displayName: 'The Boss' } },
    });
    const other = await scim.user({ [enterprise]: { manager: { value: 'not yet here' } } });
    expect(((await scim.get(`/Users/${other}`)).body as Record<string, unknown>)[enterprise]).toEqual({
      manager: { value: 'not yet here' },
    });
    const part = await scim.get(`/Users/${id}?attributes=${enterprise}:manager.displayName`);
    expect((part.body as Record<string, unknown>)[enterprise]).toEqual({ manager: { displayName: 'The Boss' } });
  });
});

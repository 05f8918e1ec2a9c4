import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { expresses, key, patchSchemas, scimOn, userSchemas } from './app.js';

describe.each(expresses)('bad input on %s', (_, make) => {
  const scim = scimOn(make, { limits: { resourceBytes: 2_000, nesting: 8, patchOperations: 3 } });
  const raw = (method: 'post' | 'patch', path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    request(scim.app)
      [method](`/scim/v2${path}`)
      .set({ authorization: `Bearer ${key}`, 'content-type': 'application/scim+json', ...headers })
      .serialize((text) => text as string)
      .send(body);
  const parsed = (response: request.Response): Record<string, unknown> =>
    JSON.parse(response.text || String(response.body)) as Record<string, unknown>;

  it.each<[string, string, number, string | undefined]>([
    ['no JSON', '{', 400, 'invalidSyntax'],
    ['an empty body', '', 400, 'invalidSyntax'],
    ['a list', '[]', 400, 'invalidSyntax'],
    ['null', 'null', 400, 'invalidSyntax'],
    ['empty schemas', '{"schemas":[],"userName":"a"}', 400, 'invalidSyntax'],
    ['no userName', JSON.stringify({ schemas: userSchemas }), 400, 'invalidValue'],
    ['an empty userName', JSON.stringify({ schemas: userSchemas, userName: '' }), 400, 'invalidValue'],
    ['a wrong type', JSON.stringify({ schemas: userSchemas, userName: 'a', displayName: 42 }), 400, 'invalidValue'],
    ['a NUL', `{"schemas":["${userSchemas.join()}"],"userName":"a\\u0000"}`, 400, 'invalidSyntax'],
    ['a lone surrogate', `{"schemas":["${userSchemas.join()}"],"userName":"\\ud800"}`, 400, 'invalidSyntax'],
    ['deep nesting', `${'['.repeat(9)}${']'.repeat(9)}`, 400, 'invalidSyntax'],
    ['many bytes', JSON.stringify({ schemas: userSchemas, userName: 'a'.repeat(3_000) }), 413, undefined],
  ])('refuses %s', async (_name, body, status, scimType) => {
    const response = await raw('post', '/Users', body);
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toBe('application/scim+json');
    const error = parsed(response);
    expect(error).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      detail: expect.any(String),
    });
    expect(error['scimType']).toBe(scimType);
  });

  it.each(['/', ''])(
    'refuses an endpoint in the query of %j, which a flag in the base URL moves there',
    async (root) => {
      for (const query of ['aadOptscim062020/Users?filter=userName+eq+%22a%22', 'a&b%2FUsers', 'count=1&x/Groups/1=']) {
        const { status, body } = await scim.get(`${root}?${query}`);
        expect([status, body]).toEqual([
          400,
          expect.objectContaining({ scimType: 'invalidValue', detail: expect.stringContaining('remove the ?') }),
        ]);
      }
      // In a value, or below an endpoint, it is no endpoint.
      const filter = encodeURIComponent('userName eq "a/b"');
      for (const url of [`${root}?filter=${filter}&x=a/b`, '/Users?a/b=1']) {
        expect((await scim.get(url)).status).toBe(200);
      }
    },
  );

  it('bounds a body without Content-Length', async () => {
    const chunked = request(scim.app)
      .post('/scim/v2/Users')
      .set({ authorization: `Bearer ${key}`, 'content-type': 'application/scim+json', 'transfer-encoding': 'chunked' });
    for (let i = 0; i < 30; i++) chunked.write('x'.repeat(100));
    const response = await chunked;
    expect([response.status, parsed(response)['detail']]).toEqual([
      413,
      'The body is larger than 2000 bytes (limits.resourceBytes).',
    ]);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const response = await raw('post', '/Users', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]));
    expect(parsed(response)).toMatchObject({
      status: '400',
      scimType: 'invalidSyntax',
      detail: 'The body is not UTF-8.',
    });
  });

  it.each([
    ['text/plain', 415],
    ['application/xml; charset=utf-8', 415],
    ['application/json; charset=latin1', 415],
    ['application/json; charset=utf-8 latin1', 415],
    ['application/json; charset=utf-8=latin1', 415],
    ['application/json; charset="UTF-8"', 400],
    ['APPLICATION/SCIM+JSON;charset=utf-8', 400],
  ])('reads Content-Type %s as %d (7644-3.8-04)', async (type, status) => {
    expect((await raw('post', '/Users', '{', { 'content-type': type })).status).toBe(status);
  });

  it('refuses compressed bodies', async () => {
    expect((await raw('post', '/Users', '{', { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it.each([
    ['text/html', 406],
    ['application/scim+json;q=0', 406],
    ['text/html, application/json;q=0.5', 200],
    ['application/*', 200],
    ['', 200],
  ])('reads Accept %j as %d (7644-3.8-02)', async (accept, status) => {
    expect((await scim.get('/Users', { accept })).status).toBe(status);
  });

  it.each<[string, string, number, string | undefined]>([
    ['DELETE', '/Users', 405, 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/Users/1', 405, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
    ['PUT', '/Schemas', 405, 'GET, HEAD, OPTIONS'],
    ['GET', '/nope', 404, undefined],
    ['GET', '/Users/1/2', 404, undefined],
    ['GET', '/Users/%ff', 404, undefined],
    ['GET', '/users', 404, undefined],
    ['GET', '/Me', 501, undefined],
  ])('answers %s %s with %d (7644-3.2-04, 7644-3.12-07)', async (method, path, status, allow) => {
    const response = await request(scim.app)
      [method.toLowerCase() as 'get'](`/scim/v2${path}`)
      .set('authorization', `Bearer ${key}`);
    expect(response.status).toBe(status);
    expect(response.headers['allow']).toBe(allow);
    expect(parsed(response)).toMatchObject({ status: String(status) });
  });

  it('responds to HEAD like GET without a body, and to OPTIONS with the methods', async () => {
    const head = await request(scim.app).head('/scim/v2/Users').set('authorization', `Bearer ${key}`);
    expect([head.status, head.text ?? '']).toEqual([200, '']);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
    const options = await request(scim.app).options('/scim/v2/Users').set('authorization', `Bearer ${key}`);
    expect([options.status, options.headers['allow']]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
  });

  it.each([
    ['filter=userName', 'invalidFilter'],
    ['filter=', 'invalidFilter'],
    ['filter=nosuch eq "x"', 'invalidFilter'],
    ['filter=userName eq "a"&filter=userName eq "b"', 'invalidValue'],
    ['count=ten', 'invalidValue'],
    ['sortBy=userName&sortOrder=sideways', 'invalidValue'],
    ['attributes=userName&excludedAttributes=name', 'invalidValue'],
  ])('refuses the query %s', async (query, scimType) => {
    expect((await scim.get(`/Users?${query}`)).body).toMatchObject({ status: '400', scimType });
  });

  it('ignores parameters that it does not know (7644-3.4.2-01)', async () => {
    expect((await scim.get('/Users?aadOptscim062020&foo=bar&')).status).toBe(200);
  });

  it('changes nothing where one operation of several fails (7644-3.5.2-14)', async () => {
    const id = await scim.user({ title: 'T' });
    const before = (await scim.get(`/Users/${id}`)).body as object;
    for (const bad of [
      { op: 'replace', path: 'nosuch', value: 'x' },
      { op: 'replace', path: 'id', value: 'x' },
      { op: 'replace', path: 'active', value: 'maybe' },
      { op: 'remove', path: 'userName' },
      { op: 'remove' },
      { op: 'move', path: 'title' },
      { op: 'replace', path: 'emails[type eq', value: 'x' },
    ]) {
      const response = await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'new' }, bad]);
      expect(response.status).toBe(400);
      expect((await scim.get(`/Users/${id}`)).body).toEqual(before);
    }
  });

  it('bounds the operations of a PATCH, naming the limit', async () => {
    const id = await scim.user();
    const operation = { op: 'replace', path: 'title', value: 'x' };
    const response = await scim.patch(`/Users/${id}`, [operation, operation, operation, operation]);
    expect(response.status).toBe(413);
    expect((response.body as { detail: string }).detail).toContain('3');
  });

  it('never reaches a prototype (7644-3.5.2-19)', async () => {
    const id = await scim.user();
    const body = `{"schemas":["${patchSchemas.join()}"],"Operations":[{"op":"add","value":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}},{"op":"add","path":"__proto__.polluted","value":true}]}`;
    const response = await raw('patch', `/Users/${id}`, body);
    expect(response.status).toBe(400);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('takes a URL as long as the server allows, and refuses one above 32,768 characters with 414', async () => {
    expect((await scim.get(`/Users?x=${'a'.repeat(13_000)}`)).status).toBe(200);
    const listening = createServer({ maxHeaderSize: 64 * 1024 }, scim.app).listen(0);
    try {
      const get = (length: number): Promise<{ readonly status: number; readonly text: string }> =>
        request(listening)
          .get(`/scim/v2/Users?x=${'a'.repeat(length)}`)
          .set('authorization', `Bearer ${key}`);
      expect((await get(32_000)).status).toBe(200);
      const refused = await get(33_000);
      expect([refused.status, JSON.parse(refused.text)]).toEqual([414, expect.objectContaining({ status: '414' })]);
    } finally {
      listening.closeAllConnections();
      listening.close();
    }
  });
});

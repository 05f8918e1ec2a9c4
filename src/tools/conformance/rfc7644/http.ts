import { type TestContext, tests, implied, may, must, should } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

const scimJson = /^application\/scim\+json(?:\s*;.*)?$/i;
const errorTypes = [
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
  'invalidVers',
  'sensitive',
  'invalidCursor',
  'expiredCursor',
  'invalidCount',
];

/** RFC 7644 1.2, 1.3, 3.2, 3.8: the use of HTTP. */
export const httpTests = tests('http', [
  must(
    '7644-1.2-01',
    'Percent-encoded URLs are decoded, and + in a query is a space',
    async (ctx) => {
      const user = await ctx.user({ displayName: ctx.unique('Ada Lovelace') });
      const userName = encodeURIComponent(`"${String(user.get('userName'))}"`);
      for (const filter of [
        `userName%20eq%20${userName}`,
        `userName+eq+${userName}`,
        `%75serName%20%65q%20${userName}`,
      ]) {
        const response = await ctx.get(`/Users?filter=${filter}`);
        ctx.status(response, 200);
        ctx.equal(response.get('Resources', 0, 'id'), user.id, 'id of the user found');
      }
    },
    ['filter'],
  ),
  must('7644-1.3-01', 'Every URI in a response is below the base URL', async (ctx) => {
    const user = await ctx.user();
    const location = user.headers.get('location');
    ctx.equal(location, `${ctx.baseUrl}/Users/${encodeURIComponent(user.id)}`, 'Location');
    ctx.equal(user.get('meta', 'location'), location, 'meta.location');
    ctx.equal((await ctx.follow(location)).id, user.id, 'id of the resource at Location');
  }),
  must('7644-3.1-01', 'Bodies are application/scim+json', async (ctx) => {
    const user = await ctx.user();
    const responses = [user, await ctx.get(`/Users/${user.id}`), await ctx.get('/Users'), await ctx.get('/Users/none')];
    for (const response of responses) {
      ctx.matches(response.headers.get('content-type'), scimJson, `Content-Type of ${response.request}`);
    }
  }),
  must(
    '7644-3.2-01',
    'The endpoints of users and groups support the methods of the protocol',
    async (ctx) => {
      const bodies: [string, object][] = [['/Users', ctx.userBody()]];
      if (ctx.service.capabilities.has('groups')) bodies.push(['/Groups', ctx.groupBody()]);
      for (const [endpoint, body] of bodies) {
        const made = ctx.need(await ctx.post(endpoint, body), 201);
        const place = `${endpoint}/${made.id}`;
        const responses = [
          await ctx.get(endpoint),
          await ctx.get(place),
          await ctx.put(place, body),
          await ctx.patch(place, [{ op: 'replace', path: 'displayName', value: ctx.unique('renamed') }]),
        ];
        for (const response of responses) ctx.status(response, [200, 204]);
        ctx.status(await ctx.delete(place), 204);
      }
    },
    ['patch'],
  ),
  should('7644-3.2-02', 'The endpoint of a resource type is the plural of its name', async (ctx) => {
    for (const { name, endpoint } of ctx.service.resourceTypes) {
      if (name === 'User' || name === 'Group') ctx.equal(endpoint, `/${name}s`, `endpoint of ${name}`);
      ctx.status(await ctx.get(endpoint), 200);
    }
  }),
  must('7644-3.2-03', 'PUT never creates a resource', async (ctx) => {
    const body = ctx.userBody();
    ctx.refused(await ctx.put(`/Users/${ctx.unique()}`, body), 404);
    const found = await ctx.query('/Users', { filter: `userName eq "${body.userName}"` });
    ctx.equal(found.get('totalResults'), 0, 'users of that name');
  }),
  implied('7644-3.2-04', 'A method that an endpoint does not support is rejected', async (ctx) => {
    ctx.refused(await ctx.delete('/Users'), [405, 404, 501]);
    const user = await ctx.user();
    const response = await ctx.post(`/Users/${user.id}`, ctx.userBody());
    if (ctx.refused(response, [405, 404, 501]) && response.status === 405) {
      ctx.check(response.headers.get('allow') !== null, 'a 405 should name the methods in Allow');
    }
  }),
  must('7644-3.8-01', 'JSON is UTF-8, in requests and responses', async (ctx) => {
    const displayName = 'Zoë 日本語 😀';
    const user = await ctx.user({ displayName });
    ctx.equal((await ctx.get(`/Users/${user.id}`)).get('displayName'), displayName, 'displayName');
  }),
  must('7644-3.8-02', 'Accept: application/scim+json is supported', (ctx) => accepts(ctx, 'application/scim+json')),
  should('7644-3.8-03', 'Accept: application/json is supported', (ctx) => accepts(ctx, 'application/json')),
  implied(
    '7644-3.8-04',
    'Bodies can be application/scim+json or application/json; others are rejected with 415',
    async (ctx) => {
      for (const type of ['application/scim+json', 'application/json', 'application/scim+json; charset=utf-8']) {
        const response = await ctx.post('/Users', ctx.userBody(), { headers: { 'content-type': type } });
        ctx.status(response, 201);
      }
      const text = { headers: { 'content-type': 'text/plain' } };
      ctx.refused(await ctx.post('/Users', ctx.userBody(), text), [415, 400]);
    },
  ),
  implied('7644-3.8-05', 'Without a preference the response is application/scim+json', (ctx) => accepts(ctx, '*/*')),
  may('7644-3.8-06', 'A .scim suffix is not part of an id', async (ctx) => {
    const user = await ctx.user();
    const response = await ctx.get(`/Users/${user.id}.scim`);
    if (response.status === 200) ctx.equal(response.id, user.id, 'id');
    else ctx.refused(response, 404);
  }),
  should('7644-8.1-01', 'Responses have the media type application/scim+json', async (ctx) => {
    const response = await ctx.get('/ServiceProviderConfig');
    ctx.matches(response.headers.get('content-type'), scimJson, 'Content-Type');
  }),
]);

async function accepts(ctx: TestContext, accept: string): Promise<void> {
  const response = await ctx.get('/Users?count=1', { headers: { accept } });
  ctx.status(response, 200);
  ctx.matches(response.headers.get('content-type'), /^application\/(?:scim\+)?json/i, 'Content-Type');
}

/** RFC 7644 3.1, 8.2: messages. */
export const messageTests = tests('message', [
  must('7644-3.1-02', 'Messages carry their schema URI', async (ctx) => {
    ctx.equal((await ctx.get('/Users?count=1')).get('schemas'), [urn.list], '"schemas" of a list');
    ctx.equal((await ctx.get('/Users/none')).get('schemas'), [urn.error], '"schemas" of an error');
  }),
  must('7644-3.1-03', 'Message schemas are not discoverable', async (ctx) => {
    const ids = (await ctx.get('/Schemas')).resources.map((schema) => String(schema['id']));
    ctx.check(ids.length > 0, '/Schemas should list schemas');
    ctx.check(!ids.some((id) => id.startsWith('urn:ietf:params:scim:api:')), '/Schemas should list no messages');
    ctx.refused(await ctx.get(`/Schemas/${urn.list}`), 404);
  }),
  must('7644-8.2-01', 'The message URNs are spelled as registered', async (ctx) => {
    ctx.equal(
      (await ctx.get('/Users?count=1')).get('schemas', 0),
      'urn:ietf:params:scim:api:messages:2.0:ListResponse',
      'the URN of a list',
    );
    ctx.equal(
      (await ctx.get('/Users/none')).get('schemas', 0),
      'urn:ietf:params:scim:api:messages:2.0:Error',
      'the URN of an error',
    );
  }),
]);

/** RFC 7644 3.1: resource state in bodies. */
export const stateTests = tests('core', [
  must('7644-3.1-04', 'The body of a GET can be sent back with PUT', async (ctx) => {
    const user = await ctx.user({ displayName: 'Ada' });
    const read = await ctx.get(`/Users/${user.id}`);
    const response = await ctx.put(`/Users/${user.id}`, read.body);
    ctx.status(response, 200);
    ctx.equal(response.get('displayName'), 'Ada', 'displayName');
    ctx.equal(response.id, user.id, 'id');
  }),
  must('7644-3.1-05', 'Responses show the stored state', async (ctx) => {
    const user = await ctx.user({ displayName: 'Ada', emails: [{ value: 'ada@example.com', type: 'work' }] });
    const read = await ctx.get(`/Users/${user.id}`);
    for (const name of ['userName', 'displayName', 'emails', 'active', 'meta']) {
      ctx.equal(user.get(name), read.get(name), `${name} in the response to POST`);
    }
  }),
]);

/** RFC 7644 3.2, 3.12: errors. */
export const errorTests = tests('error', [
  should('7644-3.2-05', 'The status is in the HTTP response and in the body', async (ctx) => {
    const response = await ctx.get(`/Users/${ctx.unique()}`);
    ctx.status(response, 404);
    ctx.equal(response.get('status'), '404', '"status"');
  }),
  must('7644-3.12-01', 'Every error has a JSON body with the error schema and its status as a string', async (ctx) => {
    const user = await ctx.user();
    ctx.refused(await ctx.get('/Users', { key: null }), 401);
    ctx.refused(await ctx.get(`/Users/${ctx.unique()}`), 404);
    ctx.refused(await ctx.get(`/${ctx.unique('nope')}`), 404);
    ctx.refused(await ctx.send('DELETE', '/Users'), [405, 404, 501]);
    ctx.refused(await ctx.post('/Users', ctx.userBody({ userName: user.get('userName') })), 409);
    ctx.refused(await ctx.post('/Users', ctx.userBody(), { headers: { 'content-type': 'text/plain' } }), [415, 400]);
    ctx.refused(await ctx.post('/Users', {}), 400);
  }),
  must(
    '7644-3.12-02',
    'scimType is a registered value',
    async (ctx) => {
      const user = await ctx.user();
      const responses = [
        await ctx.post('/Users', {}),
        await ctx.post('/Users', undefined, { raw: '{' }),
        await ctx.get('/Users?filter=nonsense'),
        await ctx.patch(`/Users/${user.id}`, [{ op: 'remove' }]),
        await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'id', value: 'x' }]),
        await ctx.get(`/Users/${ctx.unique()}`),
      ];
      for (const response of responses) {
        const scimType = response.get('scimType');
        ctx.check(
          scimType === undefined || errorTypes.includes(String(scimType)),
          `${response.request}: scimType should be a registered one`,
        );
      }
    },
    ['patch'],
  ),
  should('7644-3.12-03', 'detail is readable, and contains no stack trace', async (ctx) => {
    for (const response of [await ctx.post('/Users', {}), await ctx.get(`/Users/${ctx.unique()}`)]) {
      const detail = response.get('detail');
      ctx.check(
        typeof detail === 'string' && detail.length > 3,
        `${response.request}: detail should say what was wrong`,
      );
      ctx.check(
        !/\n[ \t]+at |node_modules|Exception/.test(String(detail)),
        `${response.request}: detail should show no internals`,
      );
    }
  }),
  should('7644-3.12-04', 'Status codes are those of RFC 7644, Table 8', async (ctx) => {
    const user = await ctx.user();
    ctx.refused(await ctx.get('/Users', { key: 'no-such-key-at-all' }), 401);
    ctx.refused(await ctx.get(`/Users/${ctx.unique()}`), 404);
    ctx.refused(await ctx.post('/Users', ctx.userBody({ userName: user.get('userName') })), 409, 'uniqueness');
    ctx.refused(await ctx.get('/Users?filter=nonsense'), 400, 'invalidFilter');
  }),
  implied('7644-3.12-06', 'A body that is not JSON is rejected with 400 invalidSyntax', async (ctx) => {
    for (const raw of ['{', '', 'x', '{"userName":}']) {
      ctx.refused(await ctx.post('/Users', undefined, { raw }), 400, 'invalidSyntax');
    }
  }),
  implied('7644-3.12-07', 'An unknown path below the base URL returns a SCIM error with 404', async (ctx) => {
    ctx.refused(await ctx.get(`/${ctx.unique('nope')}`), 404);
    ctx.refused(await ctx.get(`/Users/${ctx.unique()}/${ctx.unique()}`), 404);
  }),
]);

import { tests, implied, must, should } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

/** RFC 7644 4: the discovery endpoints. */
export const discoveryTests = tests('discovery', [
  must('7644-3.4.1-04', 'Schemas and resource types can be read one by one', async (ctx) => {
    ctx.equal((await ctx.get(`/Schemas/${urn.user}`)).id, urn.user, 'id of the schema');
    ctx.equal((await ctx.get('/ResourceTypes/User')).get('name'), 'User', 'name of the resource type');
  }),
  must('7644-4-01', 'ServiceProviderConfig is a single object', async (ctx) => {
    const response = await ctx.get('/ServiceProviderConfig');
    ctx.status(response, 200);
    ctx.includes(response.get('schemas'), urn.serviceProviderConfig, '"schemas"');
    ctx.check(response.get('Resources') === undefined, 'it should be no list');
  }),
  must('7644-4-02', 'Schemas are listed, and each can be read by its URI in any case', async (ctx) => {
    const list = await ctx.get('/Schemas');
    ctx.equal(list.get('schemas'), [urn.list], '"schemas"');
    ctx.equal(list.get('totalResults'), list.resources.length, 'totalResults');
    for (const schema of list.resources) {
      ctx.equal((await ctx.get(`/Schemas/${String(schema['id'])}`)).id, schema['id'], 'id');
    }
    ctx.equal((await ctx.get(`/Schemas/${urn.user.toUpperCase()}`)).id, urn.user, 'id, asked for in capitals');
  }),
  must('7644-4-03', 'Resource types are listed, and each can be read by its name', async (ctx) => {
    const list = await ctx.get('/ResourceTypes');
    ctx.equal(list.get('schemas'), [urn.list], '"schemas"');
    for (const type of list.resources) {
      const one = await ctx.get(`/ResourceTypes/${String(type['name'])}`);
      ctx.equal(one.body, type, 'the type read alone');
    }
  }),
  must('7644-4-04', 'Query parameters are ignored on discovery endpoints', async (ctx) => {
    for (const path of ['/Schemas', '/ResourceTypes']) {
      const plain = await ctx.get(path);
      const asked = await ctx.get(`${path}?startIndex=2&count=1&sortBy=name`);
      ctx.status(asked, 200);
      ctx.equal(asked.resources.length, plain.resources.length, `entries of ${path}`);
    }
  }),
  should('7644-4-05', 'A filter on a discovery endpoint is rejected with 403', async (ctx) => {
    for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas']) {
      ctx.refused(await ctx.query(path, { filter: 'name pr' }), 403);
    }
  }),
  implied('7644-4-06', 'Unknown schemas and resource types return 404', async (ctx) => {
    ctx.refused(await ctx.get(`/Schemas/urn:example:${ctx.unique()}`), 404);
    ctx.refused(await ctx.get(`/ResourceTypes/${ctx.unique()}`), 404);
  }),
  implied('7644-4-07', 'Discovery resources have meta', async (ctx) => {
    const entries = [
      ...(await ctx.get('/Schemas')).resources.map((each) => [each, 'Schema'] as const),
      ...(await ctx.get('/ResourceTypes')).resources.map((each) => [each, 'ResourceType'] as const),
      [(await ctx.get('/ServiceProviderConfig')).body, 'ServiceProviderConfig'] as const,
    ];
    for (const [entry, kind] of entries) {
      const meta = (entry['meta'] ?? {}) as { readonly resourceType?: unknown; readonly location?: unknown };
      ctx.equal(meta.resourceType, kind, `meta.resourceType of a ${kind}`);
      ctx.status(await ctx.follow(meta.location), 200);
    }
  }),
]);

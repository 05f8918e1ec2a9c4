import { type TestContext, tests, implied, must, should } from '../conformance-test.js';
import { isObject } from '../../wire/json.js';
import { urn } from '../../wire/urn.js';

const types = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex'];

/** RFC 7643 5 to 7: how a service provider describes itself. */
export const modelDiscoveryTests = tests('discovery', [
  must('7643-5-01', 'ServiceProviderConfig has every feature with its required sub-attributes', async (ctx) => {
    const config = ctx.need(await ctx.get('/ServiceProviderConfig'), 200);
    for (const name of ['patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag']) {
      ctx.equal(typeof config.get(name, 'supported'), 'boolean', `type of ${name}.supported`);
    }
    for (const path of [
      ['bulk', 'maxOperations'],
      ['bulk', 'maxPayloadSize'],
      ['filter', 'maxResults'],
    ]) {
      ctx.check(Number.isInteger(config.get(...path)), `${path.join('.')} should be an integer`);
    }
    ctx.check(Array.isArray(config.get('authenticationSchemes')), 'authenticationSchemes should be an array');
    ctx.includes(config.get('schemas'), urn.serviceProviderConfig, '"schemas"');
  }),
  must('7643-5-02', 'Each authentication scheme has a registered type, a name and a description', async (ctx) => {
    const config = ctx.need(await ctx.get('/ServiceProviderConfig'), 200);
    const schemes = config.get('authenticationSchemes');
    for (const [place] of (Array.isArray(schemes) ? schemes : []).entries()) {
      const at = `authenticationSchemes[${String(place)}]`;
      const type = config.get('authenticationSchemes', place, 'type');
      ctx.includes(
        ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
        type ?? null,
        `types ${at} may have`,
      );
      for (const name of ['name', 'description']) {
        ctx.equal(typeof config.get('authenticationSchemes', place, name), 'string', `type of ${at}.${name}`);
      }
    }
  }),
  must('7643-5-03', 'ServiceProviderConfig cannot be written', (ctx) => isReadOnly(ctx, '/ServiceProviderConfig')),
  should(
    '7643-5-04',
    'authenticationSchemes can be read without authentication where the provider allows it',
    async (ctx) => {
      const response = await ctx.get('/ServiceProviderConfig', { key: null });
      if (response.status !== 200) return void ctx.refused(response, 401);
      ctx.present(response, 'authenticationSchemes');
    },
  ),
  implied('7643-5-05', 'The service behaves as ServiceProviderConfig announces', async (ctx) => {
    const { capabilities } = ctx.service;
    const user = await ctx.user();
    ctx.equal(user.headers.has('etag'), capabilities.has('etag'), 'whether there is an ETag');
    const bulk = await ctx.post('/Bulk', {
      schemas: [urn.bulk],
      Operations: [{ method: 'DELETE', path: `/Users/${ctx.unique()}` }],
    });
    ctx.status(bulk, capabilities.has('bulk') ? 200 : [501, 404, 403]);
    const sorted = await ctx.query('/Users', { sortBy: 'userName', count: 1 });
    ctx.status(sorted, capabilities.has('sort') ? 200 : [200, 400, 501]);
    const patched = await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'title', value: 'x' }]);
    ctx.status(patched, capabilities.has('patch') ? [200, 204] : [501, 405]);
    const filtered = await ctx.query('/Users', { filter: `id eq "${user.id}"` });
    ctx.status(filtered, capabilities.has('filter') ? 200 : [400, 403, 501]);
  }),
  must('7643-6-01', 'A resource type has a name, an endpoint, a schema, and its extensions', async (ctx) => {
    const type = ctx.need(await ctx.get('/ResourceTypes/User'), 200);
    ctx.equal(type.get('name'), 'User', 'name');
    ctx.matches(type.get('endpoint'), /^\/?Users$/, 'endpoint');
    ctx.equal(type.get('schema'), urn.user, 'schema');
    const description = type.get('description');
    if (description !== undefined) ctx.equal(typeof description, 'string', 'type of description');
    for (const { schema, required } of type.list('schemaExtensions')) {
      ctx.equal(
        [typeof schema, typeof required],
        ['string', 'boolean'],
        'types of schema and required of an extension',
      );
    }
  }),
  must('7643-6-02', 'The schemas of a resource type are ids of Schema resources', async (ctx) => {
    const named = ctx.service.resourceTypes.flatMap((type) => [
      type.schema,
      ...type.extensions.map((entry) => entry.schema),
    ]);
    ctx.check(named.length > 0, '/ResourceTypes should name schemas');
    for (const uri of new Set(named)) ctx.equal((await ctx.get(`/Schemas/${uri}`)).id, uri, `id of /Schemas/${uri}`);
  }),
  must('7643-6-03', 'meta.resourceType of a resource is the name of a resource type', async (ctx) => {
    const names = ctx.service.resourceTypes.map((type) => type.name);
    ctx.includes(names, (await ctx.user()).get('meta', 'resourceType') ?? null, 'names in /ResourceTypes');
    if (ctx.service.capabilities.has('groups'))
      ctx.includes(names, (await ctx.group()).get('meta', 'resourceType') ?? null, 'names in /ResourceTypes');
  }),
  must('7643-7-01', 'Every schema that a resource names has a Schema resource', async (ctx) => {
    const made = [await ctx.user(), ...(ctx.service.capabilities.has('groups') ? [await ctx.group()] : [])];
    for (const response of made) {
      const schemas = response.get('schemas');
      for (const uri of Array.isArray(schemas) ? schemas : [])
        ctx.status(await ctx.get(`/Schemas/${String(uri)}`), 200);
    }
  }),
  must('7643-7-02', 'Schema resources cannot be written', async (ctx) => {
    await isReadOnly(ctx, `/Schemas/${urn.user}`);
    ctx.refused(await ctx.post('/Schemas', { schemas: [urn.schema], id: 'urn:x:y', attributes: [] }), [405, 501, 404]);
  }),
  must(
    '7643-7-03',
    'Each attribute definition has the characteristics that apply to it, with their allowed values',
    async (ctx) => {
      const schemas = ctx.need(await ctx.get('/Schemas'), 200);
      ctx.check(schemas.resources.length > 0, '/Schemas should hold schemas');
      for (const schema of schemas.resources) checkAttributes(ctx, schema['attributes'], String(schema['id']), true);
    },
  ),
  must('7643-7-04', 'The id of a schema is its URI, and is always returned', async (ctx) => {
    const response = await ctx.get('/Schemas?attributes=name');
    ctx.status(response, 200);
    for (const schema of response.resources) ctx.matches(schema['id'], /^urn:/, 'id of a schema');
    ctx.equal((await ctx.get(`/Schemas/${urn.user}?attributes=name`)).id, urn.user, 'id of the User schema');
  }),
]);

async function isReadOnly(ctx: TestContext, path: string): Promise<void> {
  const before = ctx.need(await ctx.get(path), 200);
  for (const method of ['PUT', 'PATCH', 'POST', 'DELETE']) {
    const body = method === 'DELETE' ? undefined : { schemas: before.get('schemas'), description: 'changed' };
    ctx.refused(await ctx.send(method, path, body), [405, 501, 404]);
  }
  ctx.equal((await ctx.get(path)).body, before.body, `${path} after the refusals`);
}

function checkAttributes(ctx: TestContext, attributes: unknown, at: string, top: boolean): void {
  if (!Array.isArray(attributes) || attributes.length === 0)
    return void ctx.check(false, `${at} should have attributes`);
  for (const attribute of attributes.filter(isObject)) {
    const name = `${at}${top ? ':' : '.'}${String(attribute['name'])}`;
    ctx.matches(attribute['name'], /^(\$ref|[A-Za-z][\w$-]*)$/, `name of ${name}`);
    ctx.includes(types, attribute['type'] ?? null, `types ${name} may have`);
    ctx.equal(
      [typeof attribute['multiValued'], typeof attribute['required']],
      ['boolean', 'boolean'],
      `types of multiValued and required of ${name}`,
    );
    ctx.equal(typeof attribute['description'], 'string', `type of the description of ${name}`);
    allowed(ctx, attribute['mutability'], ['readOnly', 'readWrite', 'immutable', 'writeOnly'], `mutability of ${name}`);
    allowed(ctx, attribute['returned'], ['always', 'never', 'default', 'request'], `returned of ${name}`);
    if (attribute['type'] === 'complex') checkAttributes(ctx, attribute['subAttributes'], name, false);
    else {
      ctx.equal(attribute['subAttributes'], undefined, `subAttributes of ${name}`);
      if (attribute['uniqueness'] !== undefined)
        allowed(ctx, attribute['uniqueness'], ['none', 'server', 'global'], `uniqueness of ${name}`);
    }
    if (attribute['type'] === 'string')
      ctx.equal(typeof attribute['caseExact'], 'boolean', `type of caseExact of ${name}`);
  }
}

function allowed(ctx: TestContext, value: unknown, values: readonly string[], what: string): void {
  ctx.check(typeof value === 'string' && values.includes(value), `${what} should be one of ${values.join(', ')}`);
}

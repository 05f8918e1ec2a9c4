import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import express from 'express';
import {
  defineSchema,
  enterpriseUserSchema,
  MemoryStore,
  type ScimRouterOptions,
  type UserStore,
} from '../../src/index.js';
import { type OpenApiDocument, openApiDocument } from '../../src/openapi/index.js';
import { runCli } from '../../src/tools/cli/run.js';
import { enterprise, groupSchemas, scimOn, userSchemas } from '../http/app.js';
import { startServer } from '../servers.js';

const authenticate = (): { readonly id: string } => ({ id: 'client' });

const badge = defineSchema({
  id: 'urn:example:params:scim:schemas:extension:2.0:Badge',
  name: 'Badge',
  attributes: [
    { name: 'number', required: true, minLength: 3, maxLength: 8, pattern: '^[A-Z0-9]+$' },
    { name: 'color', canonicalValues: ['red', 'green'], closed: true, caseExact: true },
    { name: 'secretCode', mutability: 'writeOnly', returned: 'never' },
    { name: 'issued', type: 'dateTime', mutability: 'readOnly' },
    { name: 'doors', type: 'integer', multiValued: true, minimum: 1, maxItems: 5 },
  ],
});
const device = defineSchema({
  id: 'urn:example:params:scim:schemas:2.0:Device',
  attributes: [{ name: 'displayName', required: true }],
});

const noGroups = (): UserStore => {
  const { create, get, list, update, delete: remove } = new MemoryStore();
  const store = new MemoryStore();
  return {
    supports: { sort: false, cursor: false, attributes: ['userName', 'active'] },
    create: create.bind(store),
    get: get.bind(store),
    list: list.bind(store),
    update: update.bind(store),
    delete: remove.bind(store),
  };
};

const configurations: readonly (readonly [string, Partial<ScimRouterOptions>, (() => UserStore)?])[] = [
  ['the defaults', {}],
  ['/Me and public discovery', { me: () => undefined, publicDiscovery: true, documentationUri: 'https://example.com' }],
  [
    'a resource type and extensions of its own',
    {
      extensions: { User: [{ schema: enterpriseUserSchema }, { schema: badge, required: true }] },
      resourceTypes: [{ name: 'Device', schema: device, store: new MemoryStore().resources('Device') }],
      password: true,
    },
  ],
  ['read-only types', { users: { operations: ['read', 'query'] }, groups: { operations: ['read', 'query'] } }],
  ['no queries and no PATCH', { users: { operations: ['create', 'delete'] }, groups: { operations: ['read'] } }],
  ['/Me of users that can only be read', { me: () => undefined, users: { operations: ['read'] } }],
  ['a store without groups, sorting and cursors', {}, noGroups],
  ['PATCH of groups with 200', { groups: { patchStatus: 200 } }],
];

function documentOf(options: Partial<ScimRouterOptions>, store: UserStore = new MemoryStore()): OpenApiDocument {
  return openApiDocument(store, { authenticate, ...options });
}

/** Every path that a router could have, of which `{id}` is one. */
function possiblePaths(document: OpenApiDocument): readonly string[] {
  const endpoints = ['/Users', '/Groups', '/Devices'];
  return [
    ...new Set([
      ...endpoints.flatMap((endpoint) => [endpoint, `${endpoint}/.search`, `${endpoint}/{id}`]),
      ...['/', '/.search', '/Bulk', '/Me', '/ServiceProviderConfig'],
      ...['/ResourceTypes', '/ResourceTypes/{id}', '/Schemas', '/Schemas/{id}'],
      ...Object.keys(document.paths),
    ]),
  ];
}

function* referencesIn(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '$ref' && typeof member === 'string') yield member;
    else yield* referencesIn(member);
  }
}

const at = (document: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name], document);

describe.each(configurations)('the document of %s', (_name, options, makeStore = () => new MemoryStore()) => {
  const document = documentOf(options, makeStore());

  it('is a valid OpenAPI 3.1 document', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone({ ...document }));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('refers to nothing that is not in it, has nothing that nothing refers to, and no operationId twice', () => {
    const references = new Set(referencesIn(document));
    expect([...references].filter((reference) => at(document, reference.slice(1)) === undefined)).toEqual([]);
    const components = ['schemas', 'parameters', 'responses'].flatMap((section) =>
      Object.keys((document.components[section] ?? {}) as object).map((name) => `#/components/${section}/${name}`),
    );
    expect(components.filter((component) => !references.has(component))).toEqual([]);
    const ids = [...JSON.stringify(document).matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has exactly the paths and methods that the router serves', async () => {
    const scim = scimOn(express, options, makeStore());
    const served: Record<string, readonly string[]> = {};
    for (const path of possiblePaths(document)) {
      const response = await fetchOptions(scim.app, path.replace('{id}', 'x'));
      const methods = response.filter((method) => method !== 'HEAD' && method !== 'OPTIONS').sort();
      if (methods.length > 0) served[path] = methods;
    }
    const documented = Object.entries(document.paths).map(
      ([path, item]) =>
        [
          path,
          Object.keys(item)
            .map((method) => method.toUpperCase())
            .sort(),
        ] as const,
    );
    expect(Object.fromEntries(documented)).toEqual(served);
  });
});

/** The Allow header of an OPTIONS request; none for 404 and 501. */
async function fetchOptions(app: express.Express, path: string): Promise<readonly string[]> {
  const { default: request } = await import('supertest');
  const response = await request(app)
    .options(`/scim/v2${path}`)
    .set({ authorization: 'Bearer a-connector-key-for-tests' });
  if (response.status === 501 || response.status === 404) return [];
  expect(response.status).toBe(204);
  return String(response.headers['allow']).split(', ');
}

describe('schemas of the document', () => {
  const options: Partial<ScimRouterOptions> = {
    extensions: { User: [{ schema: enterpriseUserSchema }, { schema: badge }] },
    password: true,
  };
  const document = documentOf(options);
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'https://example.com/document', ...document });
  const validate = (name: string, value: unknown): unknown => {
    const check = ajv.getSchema(`https://example.com/document#/components/schemas/${name}`);
    if (check === undefined) throw new Error(`no schema ${name}`);
    return check(value) === true ? [] : check.errors;
  };
  const user = {
    schemas: [...userSchemas, enterprise, badge.id],
    userName: 'ada@example.com',
    externalId: 'e-1',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    password: 'correct horse battery staple',
    active: true,
    emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
    [enterprise]: { employeeNumber: '1', department: 'Mathematics' },
    [badge.id]: { number: 'A12', color: 'red', doors: [1, 2], secretCode: 'x' },
  };

  it('accept what clients send and what the router returns', async () => {
    const scim = scimOn(express, options);
    expect(validate('UserRequest', user)).toEqual([]);
    const created = await scim.post('/Users', user);
    expect(created.status).toBe(201);
    expect(validate('User', created.body)).toEqual([]);
    const { id } = created.body as { id: string };
    const group = { schemas: groupSchemas, displayName: 'Analysts', members: [{ value: id }] };
    expect(validate('GroupRequest', group)).toEqual([]);
    expect(validate('Group', (await scim.post('/Groups', group)).body)).toEqual([]);
    expect(validate('UserList', (await scim.get('/Users')).body)).toEqual([]);
    expect(validate('UserList', (await scim.get('/Users?cursor=')).body)).toEqual([]);
    expect(validate('ResourceList', (await scim.get('/')).body)).toEqual([]);
    expect(validate('Error', (await scim.get('/Users/none')).body)).toEqual([]);
    expect(validate('ServiceProviderConfig', (await scim.get('/ServiceProviderConfig')).body)).toEqual([]);
    expect(validate('ResourceTypeList', (await scim.get('/ResourceTypes')).body)).toEqual([]);
    expect(validate('SchemaList', (await scim.get('/Schemas')).body)).toEqual([]);
    const bulk = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [{ method: 'DELETE', path: `/Users/${id}` }],
    };
    expect(validate('BulkRequest', bulk)).toEqual([]);
    expect(validate('BulkResponse', (await scim.post('/Bulk', bulk)).body)).toEqual([]);
  });

  it.each<[string, object]>([
    ['a pattern', { number: 'a b' }],
    ['a shortest length', { number: 'A' }],
    ['a closed list', { number: 'A12', color: 'blue' }],
    ['a minimum', { number: 'A12', doors: [0] }],
    ['a number of values', { number: 'A12', doors: [1, 2, 3, 4, 5, 6] }],
    ['a required attribute', {}],
  ])('have the constraints of an extension of your own: %s', (_name, values) => {
    expect(validate('UserRequest', { ...user, [badge.id]: values })).not.toEqual([]);
  });

  it('show what only one side sends on that side only', () => {
    const { User, UserRequest } = document.components['schemas'] as Readonly<
      Record<
        'User' | 'UserRequest',
        { readonly properties: Readonly<Record<string, { readonly properties?: object }>> }
      >
    >;
    expect(User.properties).toHaveProperty('id');
    expect(UserRequest.properties).not.toHaveProperty('id');
    expect(User.properties).not.toHaveProperty('password');
    expect(UserRequest.properties).toHaveProperty('password');
    expect(Object.keys(User.properties[badge.id]?.properties ?? {})).toEqual(['number', 'color', 'issued', 'doors']);
    expect(Object.keys(UserRequest.properties[badge.id]?.properties ?? {})).toEqual([
      'number',
      'color',
      'secretCode',
      'doors',
    ]);
  });

  it('leave out what the store does not keep', () => {
    const { schemas } = documentOf({}, noGroups()).components as {
      readonly schemas: Record<string, { properties: object }>;
    };
    expect(Object.keys(schemas['User']?.properties ?? {})).toEqual(['schemas', 'id', 'meta', 'userName', 'active']);
  });
});

describe('openApiDocument', () => {
  it('names the service, and the base URL of the options', () => {
    const baseUrl = 'https://app.example.com/scim/v2';
    const document = openApiDocument(
      new MemoryStore(),
      { authenticate, baseUrl },
      { title: 'Provisioning', version: '7' },
    );
    expect(document.info).toEqual({ title: 'Provisioning', version: '7' });
    expect(document.servers).toEqual([{ url: baseUrl }]);
    expect(document.components['securitySchemes']).toMatchObject({ auth0: { type: 'http', scheme: 'bearer' } });
  });

  it.each<[string, unknown, RegExp]>([
    ['null', null, /the options must be an object/],
    ['an unknown member', { titel: 'x' }, /there is no option "titel": did you mean title/],
    ['an empty title', { title: '' }, /title must be a non-empty string/],
    ['servers that are no list', { servers: 'https://a' }, /servers must be a list/],
    ['no server', { servers: [] }, /servers must be a list/],
  ])('refuses %s', (_name, information, message) => {
    expect(() => openApiDocument(new MemoryStore(), { authenticate }, information as never)).toThrow(message);
  });

  it('refuses wrong options as createScimRouter does', () => {
    expect(() => openApiDocument(new MemoryStore(), {} as never)).toThrow(/authenticate is required/);
  });
});

describe('express-scim openapi', () => {
  const run = async (args: readonly string[], env: Record<string, string>) => {
    const written = { out: '', err: '' };
    const code = await runCli(['openapi', ...args], {
      env,
      stdout: { write: (text: string) => (written.out += text) },
      stderr: { write: (text: string) => (written.err += text) },
    });
    return { code, ...written };
  };

  it('writes the paths of a running service, as openApiDocument does', async () => {
    const options: Partial<ScimRouterOptions> = {
      users: { operations: ['create', 'read', 'query', 'patch'] },
      extensions: { User: [{ schema: badge }] },
      groups: { patchStatus: 204 },
    };
    const server = await startServer(express, options);
    try {
      const { code, out, err } = await run([server.baseUrl, '--title', 'Mine'], { SCIM_KEY: server.key });
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const written = JSON.parse(out) as OpenApiDocument;
      expect((await new Validator().validate(structuredClone({ ...written }))).errors).toBeUndefined();
      const made = documentOf(options);
      expect(written.info).toMatchObject({ title: 'Mine' });
      expect(Object.keys(written.paths)).toEqual(Object.keys(made.paths));
      for (const [path, item] of Object.entries(made.paths)) {
        expect([path, Object.keys(written.paths[path] ?? {})]).toEqual([path, Object.keys(item)]);
      }
      const { User } = written.components['schemas'] as Readonly<Record<string, { readonly properties: object }>>;
      expect(User?.properties).toHaveProperty([badge.id, 'properties', 'doors', 'type'], 'array');
    } finally {
      await server.close();
    }
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['no configuration', { '/ServiceProviderConfig': undefined }, /GET \/ServiceProviderConfig returned 404/],
    ['no schemas', { '/Schemas': { Resources: [] } }, /GET \/Schemas returned no resources/],
    [
      'a schema whose id is no URI',
      {
        '/Schemas': { Resources: [{ id: 'a b' }] },
        '/ResourceTypes': { Resources: [{ name: 'User', endpoint: '/Users', schema: 'a b' }] },
      },
      /no valid id/,
    ],
    [
      'an attribute without a name',
      { '/Schemas': { Resources: [{ id: 'urn:a:b', attributes: [{ name: '__proto__ x' }] }] } },
      /no valid name/,
    ],
    [
      'attributes that nest too deep',
      {
        '/Schemas': {
          Resources: [
            {
              id: 'urn:a:b',
              attributes: [{ name: 'a', type: 'complex', subAttributes: [{ name: 'b', type: 'complex' }] }],
            },
          ],
        },
      },
      /complex inside a complex attribute/,
    ],
    [
      'a type whose schema is missing',
      { '/ResourceTypes': { Resources: [{ name: 'User', endpoint: '/Users', schema: 'urn:other:schema' }] } },
      /names a schema that \/Schemas does not contain/,
    ],
    [
      'a type whose endpoint is no path',
      {
        '/ResourceTypes': { Resources: [{ name: 'User', endpoint: 'https://other.example.com/', schema: 'urn:a:b' }] },
      },
      /no valid endpoint/,
    ],
  ])('exits with 2 for a service with %s', async (_name, changed, message) => {
    const responses: Readonly<Record<string, unknown>> = {
      '/ServiceProviderConfig': { patch: { supported: true } },
      '/Schemas': { Resources: [{ id: 'urn:a:b', attributes: [{ name: 'userName' }] }] },
      '/ResourceTypes': { Resources: [{ name: 'User', endpoint: '/Users', schema: 'urn:a:b' }] },
      ...changed,
    };
    const app = express();
    app.use((req, res) => {
      const body = req.method === 'GET' ? responses[req.path] : undefined;
      if (body === undefined) res.sendStatus(404);
      else res.json(body);
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { readonly port: number };
    try {
      const { code, out, err } = await run([`http://127.0.0.1:${String(port)}`], { SCIM_KEY: 'a-key' });
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(message);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

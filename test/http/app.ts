import express5, { type Express } from 'express';
import express4 from 'express4';
import request, { type Test } from 'supertest';
import {
  connectorKeys,
  createScimRouter,
  MemoryStore,
  type ScimRouterOptions,
  type UserStore,
} from '../../src/index.js';

/** Every HTTP test runs on both. */
export const expresses: readonly (readonly [string, typeof express5])[] = [
  ['Express 5', express5],
  ['Express 4', express4],
];

export const key = 'a-connector-key-for-tests';
export const userSchemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
export const groupSchemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const patchSchemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];

/** A request in one line: `await scim.post('/Users', body)`. */
export interface Scim {
  readonly app: Express;
  get(path: string, headers?: Record<string, string>): Test;
  post(path: string, body: object, headers?: Record<string, string>): Test;
  put(path: string, body: object, headers?: Record<string, string>): Test;
  patch(path: string, operations: readonly object[], headers?: Record<string, string>): Test;
  delete(path: string, headers?: Record<string, string>): Test;
  /** Creates a user. Returns its ID. */
  user(attributes?: object): Promise<string>;
}

/** An app with the router at /scim/v2, and a client of it. */
export function scimOn(
  make: typeof express5,
  options: Partial<ScimRouterOptions> = {},
  store: UserStore = new MemoryStore(),
  mount: (app: Express, router: ReturnType<typeof createScimRouter>) => void = (app, router) =>
    app.use('/scim/v2', router),
): Scim {
  const app = make();
  mount(
    app,
    createScimRouter(store, {
      authenticate: connectorKeys([{ key }]),
      baseUrl: 'https://app.example.com/scim/v2',
      onError: () => undefined,
      ...options,
    }),
  );
  return clientOf(app);
}

/** A client of an app that has a router at /scim/v2. */
export function clientOf(app: Express, base = '/scim/v2'): Scim {
  const send = (
    method: 'get' | 'post' | 'put' | 'patch' | 'delete',
    path: string,
    headers: Record<string, string> = {},
  ): Test =>
    request(app)
      [method](base + path)
      .set({ authorization: `Bearer ${key}`, ...headers })
      .buffer(true)
      .parse(parse);
  const json = { 'content-type': 'application/scim+json' };
  const scim: Scim = {
    app,
    get: (path, headers) => send('get', path, headers),
    post: (path, body, headers) => send('post', path, { ...json, ...headers }).send(JSON.stringify(body)),
    put: (path, body, headers) => send('put', path, { ...json, ...headers }).send(JSON.stringify(body)),
    patch: (path, Operations, headers) =>
      send('patch', path, { ...json, ...headers }).send(JSON.stringify({ schemas: patchSchemas, Operations })),
    delete: (path, headers) => send('delete', path, headers),
    async user(attributes = {}) {
      const response = await scim.post('/Users', {
        schemas: userSchemas,
        userName: `u${String(count++)}@example.com`,
        ...attributes,
      });
      if (response.status !== 201) throw new Error(`creating a user returned ${String(response.status)}`);
      return (response.body as { id: string }).id;
    },
  };
  return scim;
}

let count = 0;

type Parser = Parameters<Test['parse']>[0];

const parse: Parser = (res, done) => {
  let text = '';
  // A character may be split between two chunks.
  res.setEncoding('utf8');
  res.on('data', (chunk: string) => (text += chunk));
  res.on('end', () => {
    try {
      done(null, text === '' ? undefined : JSON.parse(text));
    } catch (error) {
      done(error as Error, text);
    }
  });
};

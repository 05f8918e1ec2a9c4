import { describe, expect, it } from '@jest/globals';
import { blocksOf } from './examples.js';
import { serve } from './run-code.js';

const blocks = blocksOf('docs/recipes.md');

/** The app of the reader that the recipes use. */
const before = `
import { connectorKeys, MemoryStore } from 'express-scim';
const store = new MemoryStore();
const authenticate = connectorKeys([{ key: 'a-key-for-the-recipes' }]);
const baseUrl = 'http://localhost/scim/v2';
`;

/** Runs the recipe that declares an app, and calls `request` with its address. */
async function withRecipe(
  app: string,
  request: (url: string, output: () => string) => Promise<void>,
  edit: (code: string) => string = (code) => code,
): Promise<void> {
  const { code = '' } = blocks.find((block) => block.code.includes(`const ${app} = express()`)) ?? {};
  const after = `\n${app}.listen(3000, '127.0.0.1', () => console.log('is listening'));`;
  const { port, output, close } = await serve(before + edit(code) + after, /is listening/);
  try {
    await request(`http://127.0.0.1:${port}/scim/v2`, output);
  } finally {
    await close();
  }
}

const headers = { authorization: 'Bearer a-key-for-the-recipes', 'content-type': 'application/scim+json' };

describe('the recipes of docs/recipes.md work', () => {
  it('helmet: SCIM responses keep its headers', async () => {
    await withRecipe('secured', async (url) => {
      const response = await fetch(`${url}/Users`, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get('strict-transport-security')).toMatch(/max-age/);
      expect(response.headers.get('content-type')).toMatch(/^application\/scim\+json/);
      expect(response.headers.get('x-powered-by')).toBeNull();
    });
  });

  it('pino: the log has the request ID, and neither the key nor the query', async () => {
    await withRecipe('logged', async (url, output) => {
      const response = await fetch(`${url}/Users?filter=${encodeURIComponent('userName eq "tove"')}`, { headers });
      expect(response.status).toBe(200);
      while (!output().includes('request completed')) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(output()).toContain(`"scimRequestId":"${response.headers.get('x-request-id') ?? 'no ID'}"`);
      expect(output()).toContain('"operation":"query"');
      expect(output()).not.toContain('a-key-for-the-recipes');
      expect(output()).not.toContain('tove');
    });
  });

  it('audit log: who changed which attributes, without values', async () => {
    await withRecipe('audited', async (url, output) => {
      const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'tove' };
      const created = await fetch(`${url}/Users`, { method: 'POST', headers, body: JSON.stringify(body) });
      const { id } = (await created.json()) as { readonly id: string };
      const deactivation = {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value: false }],
      };
      await fetch(`${url}/Users/${id}`, { method: 'PATCH', headers, body: JSON.stringify(deactivation) });
      while (!output().includes('user.updated')) await new Promise((resolve) => setTimeout(resolve, 20));
      const lines = output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      expect(lines.map(({ type }) => type)).toEqual(['user.created', 'user.deactivated', 'user.updated']);
      expect(lines[1]).toMatchObject({ tenant: 'default', resourceId: id, changed: ['active'] });
      expect(lines[1]?.['write']).toBe(lines[2]?.['write']);
      expect(lines[0]?.['requestId']).toBe(created.headers.get('x-request-id'));
      expect(output()).not.toContain('tove');
    });
  });

  it('rate limits: 429 in SCIM form, with Retry-After', async () => {
    await withRecipe(
      'limited',
      async (url) => {
        const statuses: number[] = [];
        for (let i = 0; i < 3; i++) statuses.push((await fetch(`${url}/Users`, { headers })).status);
        const refused = await fetch(`${url}/Users`, { headers });
        expect([...statuses, refused.status]).toEqual([200, 200, 200, 429]);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await refused.json()).toMatchObject({
          schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
          status: '429',
        });
        // A key of no tenant is refused for another reason.
        const other = await fetch(`${url}/Users`, { headers: { authorization: 'Bearer another-key' } });
        expect(other.status).toBe(401);
      },
      (code) => code.replace('limit: 1_000', 'limit: 3').replace('windowMs: 10_000', 'windowMs: 600_000'),
    );
  });
});

import type { RequestListener, Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import request from 'supertest';
import { createScimRouter, MemoryStore } from '../../src/index.js';
import { jwtBearer, type JwtBearerOptions } from '../../src/jwt/index.js';
import { closed, listening } from './jwt-issuer.js';

const resource = 'https://app.example.com/scim/v2';
const clients = ['acme', 'other'].map((client_id) => ({
  client_id,
  client_secret: `secret-of-${client_id}`,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  id_token_signed_response_alg: 'ES256' as const,
}));

/** A real authorization server (npm `oidc-provider`) for the client-credentials grant, with keys that can be rotated. */
async function startProvider(): Promise<{
  readonly server: Server;
  readonly issuer: string;
  rotate(keys: readonly JWK[]): Promise<void>;
  token(client: string, scope?: string, audience?: string): Promise<string>;
}> {
  const { default: Provider } = await import('oidc-provider');
  let handle: RequestListener = () => undefined;
  const { server, url } = await listening((req, res) => handle(req, res));
  const rotate = async (keys: readonly JWK[]): Promise<void> => {
    const provider = new Provider(url, {
      clients,
      jwks: { keys },
      scopes: ['users:read', 'users:write'],
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_ctx: unknown, indicator: string) => ({
            scope: 'users:read users:write',
            audience: indicator,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 300,
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
    });
    handle = provider.callback();
  };
  return {
    server,
    issuer: url,
    rotate,
    async token(client, scope = 'users:read', audience = resource) {
      const response = await fetch(`${url}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${client}:secret-of-${client}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: audience }),
      });
      const body = (await response.json()) as { access_token?: string; error?: string };
      if (body.access_token === undefined) throw new Error(`oidc-provider returned ${JSON.stringify(body)}`);
      return body.access_token;
    },
  };
}

async function privateJwk(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' };
}

describe('tokens of oidc-provider, a real authorization server', () => {
  let provider: Awaited<ReturnType<typeof startProvider>>;
  let first: JWK;
  beforeAll(async () => {
    first = await privateJwk('first');
    provider = await startProvider();
    await provider.rotate([first]);
  });
  afterAll(() => closed(provider.server));

  const router = (change: Partial<JwtBearerOptions> = {}) => {
    const authenticate = jwtBearer({
      issuer: provider.issuer,
      audience: resource,
      jwks: `${provider.issuer}/jwks`,
      tenant: ({ client_id: client }) => (client === 'acme' ? 'acme' : undefined),
      scopes: 'scope',
      ...change,
    });
    const app = express5().use('/scim/v2', createScimRouter(new MemoryStore(), { authenticate }));
    return async (token: string, method: 'get' | 'post' = 'get'): Promise<number> =>
      (
        await request(app)
          [method]('/scim/v2/Users')
          .set({ authorization: `Bearer ${token}` })
      ).status;
  };

  it('are accepted, with the scopes that it has granted', async () => {
    const send = router();
    expect(await send(await provider.token('acme'))).toBe(200);
    expect(await send(await provider.token('acme', 'users:write'))).toBe(403);
  });

  it('are refused for another audience, of another issuer, and of a client without a tenant', async () => {
    const token = await provider.token('acme');
    expect(await router({ audience: 'https://other.example.com' })(token)).toBe(401);
    expect(await router({ issuer: 'https://login.example.com/' })(token)).toBe(401);
    expect(await router()(await provider.token('acme', 'users:read', 'https://other.example.com'))).toBe(401);
    expect(await router()(await provider.token('other'))).toBe(401);
  });

  it('are refused after a bit of them has changed', async () => {
    const token = await provider.token('acme');
    const changed = `${token.slice(0, -10)}${token.at(-10) === 'A' ? 'B' : 'A'}${token.slice(-9)}`;
    expect(await router()(changed)).toBe(401);
  });

  it('are accepted across a rotation of its keys', async () => {
    const old = await provider.token('acme');
    const second = await privateJwk('second');
    await provider.rotate([second, first]);
    const fresh = await provider.token('acme');
    const send = router();
    expect([await send(old), await send(fresh)]).toEqual([200, 200]);
    await provider.rotate([second]);
    expect([await router()(old), await router()(fresh)]).toEqual([401, 200]);
    await provider.rotate([first]);
  });
});

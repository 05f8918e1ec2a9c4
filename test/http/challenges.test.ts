import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import {
  anyAuthenticator,
  type AuthenticationScheme,
  bearerScheme,
  connectorKeys,
  ScimError,
} from '../../src/index.js';
import { expresses, key, scimOn } from './app.js';

const basicScheme: AuthenticationScheme = {
  type: 'httpbasic',
  name: 'HTTP Basic',
  description: 'A name and a password.',
};
const refuseAll = () => undefined;

describe.each(expresses)('WWW-Authenticate on %s (reading 66)', (_, make) => {
  const challenge = async (
    authenticate: Parameters<typeof scimOn>[1],
    authorization: string,
  ): Promise<string | undefined> => {
    const response = await scimOn(make, authenticate).get('/Users', { authorization });
    expect(response.status).toBe(401);
    return response.headers['www-authenticate'];
  };

  it('has one challenge for each announced scheme', async () => {
    const both = { authenticate: { schemes: [bearerScheme, basicScheme], authenticate: refuseAll } };
    expect(await challenge(both, '')).toBe('Bearer realm="SCIM", Basic realm="SCIM", charset="UTF-8"');
    const basic = { authenticate: { schemes: [basicScheme], authenticate: refuseAll } };
    expect(await challenge(basic, '')).toBe('Basic realm="SCIM", charset="UTF-8"');
    const twoBearers = { authenticate: anyAuthenticator(connectorKeys([{ key }]), refuseAll) };
    expect(await challenge(twoBearers, '')).toBe('Bearer realm="SCIM"');
    const digest = {
      authenticate: { schemes: [{ ...basicScheme, type: 'httpdigest' as const }], authenticate: refuseAll },
    };
    expect(await challenge(digest, '')).toMatch(/^Digest realm="SCIM", .*nonce="[0-9a-f-]{36}"$/);
  });

  it('says invalid_token where a bearer token was given and refused, and only there (RFC 6750 3.1)', async () => {
    expect(await challenge({}, 'Bearer wrong')).toBe('Bearer realm="SCIM", error="invalid_token"');
    expect(await challenge({}, 'bearer  wrong')).toBe('Bearer realm="SCIM", error="invalid_token"');
    for (const authorization of ['', 'Bearer', 'Basic dTpw', key]) {
      expect(await challenge({}, authorization)).toBe('Bearer realm="SCIM"');
    }
    expect(await challenge({ tenantOf: () => 'another' }, `Bearer ${key}`)).toContain('invalid_token');
  });

  it('keeps the challenge of an error that the host throws', async () => {
    const authenticate = () => {
      throw new ScimError(401, 'Log in.', { headers: { 'www-authenticate': 'Negotiate' } });
    };
    expect(await challenge({ authenticate }, '')).toBe('Negotiate');
  });
});

describe.each(expresses)('discovery without a key on %s (reading 67)', (_, make) => {
  const paths = ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes', '/ResourceTypes/User'];
  const bare = (app: Parameters<typeof request>[0], path: string) => request(app).get(`/scim/v2${path}`);

  it('is refused by default', async () => {
    for (const path of paths) expect((await bare(scimOn(make).app, path)).status).toBe(401);
  });

  it('is an option, for these endpoints only', async () => {
    const records: unknown[] = [];
    const { app, get } = scimOn(make, { publicDiscovery: true, onResponse: (record) => records.push(record) });
    for (const path of paths) expect([path, (await bare(app, path)).status]).toEqual([path, 200]);
    expect(records[0]).toMatchObject({ status: 200, tenant: undefined, actor: undefined });
    expect((await bare(app, '/ResourceTypes/Nothing')).status).toBe(404);
    for (const path of ['/Users', '/Groups', '/', '/Me', '/Bulk', '/SchemasX', '/schemas']) {
      expect([path, (await bare(app, path)).status]).toEqual([path, 401]);
    }
    expect((await get('/ServiceProviderConfig', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await get('/ServiceProviderConfig')).status).toBe(200);
  });
});

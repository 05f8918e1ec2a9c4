import { describe, expect, it } from '@jest/globals';
import {
  type AppliedQuirk,
  type ChangeEvent,
  type CustomQuirk,
  defineQuirk,
  type ScimRouterOptions,
} from '../../src/index.js';
import { expresses, patchSchemas, type Scim, scimOn, userSchemas } from './app.js';

type JsonObject = Readonly<Record<string, unknown>>;
const asObject = (value: unknown): JsonObject => value as JsonObject;

const opSet = defineQuirk({
  id: 'op-set',
  clients: ['Our directory'],
  section: 'RFC 7644 3.5.2',
  operation: (operation) => {
    const { op, ...rest } = asObject(operation);
    return op === 'set' ? { ...rest, op: 'replace' } : undefined;
  },
});
const login = defineQuirk({
  id: 'login',
  clients: ['Our directory'],
  request: (body, { operation, resourceType }) => {
    const { login: userName, ...rest } = asObject(body);
    return operation === 'create' && resourceType === 'User' && userName !== undefined
      ? { ...rest, userName }
      : undefined;
  },
});

describe.each(expresses)('quirks of the host on %s', (_, make) => {
  const withQuirk = (quirk: CustomQuirk, more: Partial<ScimRouterOptions> = {}): Scim =>
    scimOn(make, { quirks: { custom: [quirk] }, ...more });

  it('read a body and the operations of a PATCH, and are reported like any other', async () => {
    const applied: AppliedQuirk[] = [];
    const events: ChangeEvent[] = [];
    const scim = scimOn(make, {
      strict: true,
      quirks: { custom: [opSet, login] },
      onQuirk: (each) => applied.push(each),
      onChange: (event) => void events.push(event),
    });
    const created = await scim.post('/Users', { schemas: userSchemas, login: 'ada' });
    expect(created).toMatchObject({ status: 201, body: { userName: 'ada' } });
    const { id } = created.body as { id: string };
    const set = { op: 'set', path: 'title', value: 'T' };
    expect(
      (await scim.patch(`/Users/${id}`, [set, { op: 'replace', path: 'nickName', value: 'N' }])).body,
    ).toMatchObject({
      title: 'T',
      nickName: 'N',
    });
    expect(applied).toMatchObject([
      { quirk: 'login', operation: 'create' },
      { quirk: 'op-set', operation: 'patch', id },
    ]);
    expect(events.map(({ quirks }) => quirks)).toEqual([['login'], ['op-set']]);
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'U' }]);
    expect(applied).toHaveLength(2);
    const bulk = await scim.post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [{ method: 'PATCH', path: `/Users/${id}`, data: { schemas: patchSchemas, Operations: [set] } }],
    });
    expect(bulk.body).toMatchObject({ Operations: [{ status: '200' }] });
    expect((await scim.get('/ServiceProviderConfig')).text ?? '').not.toContain('interopProfileConformant');
  });

  it('a throw is a 500 that onError gets, and nothing changes', async () => {
    const errors: unknown[] = [];
    const fault = new Error('a fault of the quirk');
    const failing: CustomQuirk = {
      id: 'failing',
      clients: ['x'],
      operation: () => {
        throw fault;
      },
    };
    const scim = withQuirk(failing, { onError: (error) => errors.push(error) });
    const id = await scim.user({ title: 'before' });
    const response = await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'after' }]);
    expect(response.status).toBe(500);
    expect(JSON.stringify(response.body)).not.toContain('fault of the quirk');
    expect(errors).toEqual([fault]);
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ title: 'before' });
  });

  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  it.each<[string, unknown, number]>([
    ['a body that is nested too deep', { schemas: userSchemas, userName: 'a', x: deep(40) }, 400],
    ['a NUL', { schemas: userSchemas, userName: 'a\u0000' }, 400],
    ['a body without userName', { schemas: userSchemas }, 400],
    ['a body that is too large', { schemas: userSchemas, userName: 'a', title: 'x'.repeat(3_000) }, 413],
    ['no object', 'text', 400],
    ['a promise', Promise.resolve({}), 500],
    ['a function', () => undefined, 500],
    ['a bigint', 1n, 500],
  ])('%s that a quirk returns is refused', async (__, returned, status) => {
    const scim = withQuirk(
      { id: 'broken', clients: ['x'], request: () => returned },
      { limits: { resourceBytes: 2_000 } },
    );
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'fine' })).status).toBe(status);
    expect((await scim.get('/Users')).body).toMatchObject({ totalResults: 0 });
  });

  it('what a quirk does to its copy does not count', async () => {
    const meddling: CustomQuirk = {
      id: 'meddling',
      clients: ['x'],
      request: (body) => {
        Object.assign(body as object, { userName: 'meddled' });
        return undefined;
      },
      operation: (operation) => {
        Object.assign(operation as object, { value: 'meddled' });
        return undefined;
      },
    };
    const applied: AppliedQuirk[] = [];
    const scim = withQuirk(meddling, { onQuirk: (each) => applied.push(each) });
    const response = await scim.post('/Users', { schemas: userSchemas, userName: 'mine' });
    expect(response.body).toMatchObject({ userName: 'mine' });
    const { id } = response.body as { id: string };
    const patched = await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'mine' }]);
    expect(patched.body).toMatchObject({ userName: 'mine', title: 'mine' });
    expect(applied).toEqual([]);
  });

  it.each([
    [{ custom: {} }, 'quirks.custom must be a list; got an object.'],
    [{ custom: [1] }, 'quirks.custom[0] must be a quirk'],
    [{ custom: [{ ...opSet, id: 'Op Set' }] }, 'quirks.custom[0].id must be lowercase letters'],
    [{ custom: [{ ...opSet, id: 'op-case' }] }, 'quirks.custom[0].id "op-case" is taken'],
    [{ custom: [opSet, opSet] }, 'quirks.custom[1].id "op-set" is taken'],
    [{ custom: [{ id: 'x', clients: ['x'] }] }, 'quirks.custom[0] does nothing'],
    [{ custom: [{ ...opSet, clients: [] }] }, 'quirks.custom[0].clients must be a list of names'],
    [{ custom: [{ ...opSet, operation: 1 }] }, 'quirks.custom[0].operation must be a function'],
    [{ custom: [{ ...opSet, operations: 1 }] }, 'There is no option "quirks.custom[0].operations"'],
  ])('%j is refused at creation', (quirks, sentence) => {
    expect(() => scimOn(make, { quirks: quirks as never })).toThrow(sentence);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningServer, startServer } from '../servers.js';
import { expresses, groupSchemas, patchSchemas, userSchemas } from './app.js';

describe.each(expresses)('parallel requests on %s', (_, make) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(make);
  });
  afterAll(() => server.close());

  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: object = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(server.baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/scim+json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  const patch = (path: string, ...Operations: object[]): ReturnType<typeof send> =>
    send('PATCH', path, { schemas: patchSchemas, Operations });
  const make1 = async (userName: string): Promise<string> =>
    String((await send('POST', '/Users', { schemas: userSchemas, userName })).body['id']);
  const times = <T>(count: number, run: (i: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (__, i) => run(i)));
  const countOf = (responses: readonly { status: number }[], status: number): number =>
    responses.filter((response) => response.status === status).length;

  it('active:false beside 20 parallel PATCHes of other attributes stays, in 100 rounds of 100', async () => {
    const id = await make1('active@example.com');
    const others = [
      (i: number) => ({ op: 'replace', path: 'title', value: `t${String(i)}` }),
      (i: number) => ({ op: 'add', path: 'name', value: { givenName: `g${String(i)}` } }),
      (i: number) => ({ op: 'Replace', path: 'emails[type eq "work"].value', value: `w${String(i)}@example.com` }),
      (i: number) => ({
        op: 'add',
        path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
        value: `d${String(i)}`,
      }),
    ];
    let lost = 0;
    for (let round = 0; round < 100; round++) {
      await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: true });
      const at = round % 20;
      const responses = await times(21, (i) =>
        i === at
          ? patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' })
          : patch(`/Users/${id}`, (others[i % others.length] ?? others[0])?.(round * 100 + i) ?? {}),
      );
      expect(countOf(responses, 200)).toBe(21);
      if ((await send('GET', `/Users/${id}`)).body['active'] !== false) lost++;
    }
    expect(lost).toBe(0);
  });

  it('gives one 201 to 100 creations of one name, in whatever letter case', async () => {
    const responses = await times(100, (i) =>
      send('POST', '/Users', { schemas: userSchemas, userName: i % 2 === 0 ? 'Same@example.com' : 'sAME@EXAMPLE.com' }),
    );
    expect([countOf(responses, 201), countOf(responses, 409)]).toEqual([1, 99]);
  });

  it('gives one success to 40 PUTs with one If-Match', async () => {
    const id = await make1('put@example.com');
    const etag = String(
      (await send('GET', `/Users/${id}`)).body['meta'] &&
        ((await send('GET', `/Users/${id}`)).body['meta'] as { version: string }).version,
    );
    const responses = await times(40, (i) =>
      send(
        'PUT',
        `/Users/${id}`,
        { schemas: userSchemas, userName: 'put@example.com', title: `t${String(i)}` },
        { 'if-match': etag },
      ),
    );
    expect([countOf(responses, 200), countOf(responses, 412)]).toEqual([1, 39]);
  });

  it('loses none of 100 members added at once, nor of 100 removed', async () => {
    const ids = await times(100, (i) => make1(`member${String(i)}@example.com`));
    const group = String(
      (await send('POST', '/Groups', { schemas: groupSchemas, displayName: 'Everybody' })).body['id'],
    );
    const members = async (): Promise<number> =>
      (((await send('GET', `/Groups/${group}`)).body['members'] ?? []) as unknown[]).length;
    await times(100, (i) => patch(`/Groups/${group}`, { op: 'Add', path: 'members', value: [{ value: ids[i] }] }));
    expect(await members()).toBe(100);
    await times(100, (i) =>
      patch(
        `/Groups/${group}`,
        i % 2 === 0
          ? { op: 'Remove', path: 'members', value: [{ value: ids[i] }] }
          : { op: 'remove', path: `members[value eq "${String(ids[i])}"]` },
      ),
    );
    expect(await members()).toBe(0);
  });

  it('renames a group while 8 clients add members to it', async () => {
    const group = String((await send('POST', '/Groups', { schemas: groupSchemas, displayName: 'Old' })).body['id']);
    let renamed = false;
    let added = 0;
    const client = async (n: number): Promise<void> => {
      for (let i = 0; !renamed && i < 2_000; i++) {
        await patch(`/Groups/${group}`, {
          op: 'add',
          path: 'members',
          value: [{ value: `pending-${String(n)}-${String(i)}` }],
        });
        added++;
      }
    };
    const clients = times(8, client);
    while (added < 8) await new Promise((resolve) => setImmediate(resolve));
    const response = await patch(
      `/Groups/${group}`,
      { op: 'replace', path: 'displayName', value: 'New' },
      { op: 'add', path: 'members', value: [{ value: 'with-the-name' }] },
    );
    renamed = true;
    await clients;
    expect(response.status).toBe(204);
    const { body } = await send('GET', `/Groups/${group}`);
    expect(body['displayName']).toBe('New');
    expect((body['members'] as unknown[]).length).toBe(added + 1);
  });
});

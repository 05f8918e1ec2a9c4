import { describe, expect, it, jest } from '@jest/globals';
import { RequestWork } from '../../src/operations/request-work.js';
import { expresses, groupSchemas, scimOn, userSchemas } from './app.js';

type List = {
  totalResults?: number;
  startIndex?: number;
  itemsPerPage: number;
  nextCursor?: string;
  previousCursor?: string;
  Resources: { id: string; userName?: string; displayName?: string; meta?: { resourceType: string } }[];
};
const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];

describe.each(expresses)('searches on %s (RFC 7644 3.4.3)', (_, make) => {
  const scim = scimOn(make);
  const ready = Promise.all(
    ['ada', 'bob', 'cy'].map((name) =>
      scim.user({ userName: name, displayName: `${name} person`, title: name === 'cy' ? undefined : 'T' }),
    ),
  ).then(() => scim.post('/Groups', { schemas: groupSchemas, displayName: 'bob team' }));
  const search = async (
    path: string,
    body: object,
  ): Promise<{ status: number; body: List & { scimType?: string } }> => {
    await ready;
    return (await scim.post(path, body)) as unknown as { status: number; body: List };
  };

  it('returns what the GET would (7644-3.4.3-03)', async () => {
    const { body } = await search('/Users/.search', {
      schemas,
      filter: 'title pr',
      sortBy: 'userName',
      sortOrder: 'descending',
      startIndex: 1,
      count: 1,
      attributes: ['userName'],
    });
    const get = (
      await scim.get(
        '/Users?filter=title pr&sortBy=userName&sortOrder=descending&startIndex=1&count=1&attributes=userName',
      )
    ).body as List;
    expect(body).toEqual(get);
    expect(body).toMatchObject({ totalResults: 2, Resources: [{ userName: 'bob' }] });
  });

  it('lists everything without a filter, and takes a list of names as text (7644-3.4.3-04, 7644-3.4.3-05)', async () => {
    const { body } = await search('/Users/.search', {
      schemas,
      attributes: 'userName, title',
      excludedAttributes: null,
    });
    expect(body.totalResults).toBe(3);
    expect(Object.keys(body.Resources[0] ?? {}).sort()).toEqual(['id', 'schemas', 'title', 'userName']);
  });

  it.each<[object, string]>([
    [{ schemas: [] }, 'invalidSyntax'],
    [{ schemas: userSchemas }, 'invalidSyntax'],
    [[], 'invalidSyntax'],
    [{ schemas, filter: 1 }, 'invalidValue'],
    [{ schemas, count: {} }, 'invalidValue'],
    [{ schemas, attributes: [1] }, 'invalidValue'],
    [{ schemas, filter: '' }, 'invalidFilter'],
    [{ schemas, count: 1, COUNT: 2 }, 'invalidSyntax'],
  ])('refuses %j (7644-3.4.3-02)', async (body, scimType) => {
    expect((await search('/Users/.search', body)).body.scimType).toBe(scimType);
  });

  it('searches all types; what a type lacks has no value there (7644-3.4.2.1-02, 7644-3.4.2.1-04)', async () => {
    const names = async (filter: string): Promise<unknown> =>
      (await search('/.search', { schemas, filter, sortBy: 'displayName' })).body.Resources.map(
        (resource) => resource.displayName,
      );
    expect(await names('displayName pr')).toEqual(['ada person', 'bob person', 'bob team', 'cy person']);
    expect(await names('displayName sw "bob"')).toEqual(['bob person', 'bob team']);
    expect(await names('userName pr')).toEqual(['ada person', 'bob person', 'cy person']);
    expect(await names('not (userName pr)')).toEqual(['bob team']);
    expect(await names('userName ne "ada" and meta.resourceType eq "Group"')).toEqual(['bob team']);
    expect(await names('emails[type eq "work"] or members pr or nosuch eq "x"')).toEqual([]);
    expect(await names('title eq null')).toEqual(['bob team', 'cy person']);
  });

  it('pages over all types as over one', async () => {
    await ready;
    const seen: unknown[] = [];
    for (const order of ['', '&sortBy=displayName']) {
      seen.length = 0;
      for (let startIndex = 1; startIndex <= 4; startIndex += 3) {
        const { body } = (await scim.get(`/?startIndex=${String(startIndex)}&count=3${order}`)) as unknown as {
          body: List;
        };
        expect([body.totalResults, body.startIndex]).toEqual([4, startIndex]);
        seen.push(...body.Resources.map((resource) => resource.id));
      }
      expect(new Set(seen).size).toBe(4);
    }
    expect((await scim.get('/?sortBy=displayName&startIndex=5000')).body).toMatchObject({ scimType: 'tooMany' });
    expect((await scim.get('/?cursor=')).body).toMatchObject({ scimType: 'invalidValue' });
    expect((await scim.get('/?filter=userName eq')).body).toMatchObject({ scimType: 'invalidFilter' });
  });

  it('may pause after it made the sort value of a resource', async () => {
    await ready;
    const pauses = jest.spyOn(RequestWork.prototype, 'pause');
    await scim.get('/');
    const unsorted = pauses.mock.calls.length;
    await scim.get('/?sortBy=displayName');
    expect(pauses.mock.calls.length - 2 * unsorted).toBeGreaterThanOrEqual(4);
    pauses.mockRestore();
  });

  it('shows only types that the client may query', async () => {
    const onlyUsers = scimOn(make, { authorize: (access) => access.resourceType === 'User' });
    await onlyUsers.user();
    expect((await onlyUsers.get('/')).body).toMatchObject({ totalResults: 1 });
    expect((await scimOn(make, { authorize: () => false }).get('/')).status).toBe(403);
  });
});

describe.each(expresses)('cursors on %s (RFC 9865)', (_, make) => {
  const secret = 'a secret of at least thirty-two bytes';
  const scim = scimOn(make, { secret, limits: { defaultResults: 4, maxResults: 10 } });
  const ready = (async () => {
    for (let i = 0; i < 25; i++)
      await scim.user({
        userName: `c${String(i).padStart(2, '0')}`,
        title: i % 3 === 0 ? undefined : `t${String(i % 2)}`,
      });
  })();
  const page = async (query: string): Promise<List & { scimType?: string }> => {
    await ready;
    return (await scim.get(`/Users?${query}`)).body as List;
  };
  const walk = async (query: string): Promise<string[]> => {
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { Resources, nextCursor, ...rest } = await page(`${query}&cursor=${cursor}`);
      seen.push(...Resources.map((resource) => resource.userName ?? ''));
      expect(rest.startIndex).toBeUndefined();
      if (nextCursor === undefined) return seen;
      expect(nextCursor).toMatch(/^[A-Za-z0-9\-._~]+$/);
      cursor = nextCursor;
    }
  };

  it('walks everything once, in order (9865-2-03, 9865-2-09, 9865-2.2-01)', async () => {
    const all = Array.from({ length: 25 }, (__, i) => `c${String(i).padStart(2, '0')}`);
    expect((await walk('count=10')).sort()).toEqual(all);
    expect(await walk('sortBy=userName')).toEqual(all);
    expect(await walk('sortBy=userName&sortOrder=descending&count=7')).toEqual([...all].reverse());
    const byTitle = await walk('sortBy=title&count=3');
    expect([...byTitle].sort()).toEqual(all);
    expect(byTitle).toEqual(
      (await page('sortBy=title&count=10')).Resources.concat(
        (await page('sortBy=title&count=10&startIndex=11')).Resources,
        (await page('sortBy=title&count=10&startIndex=21')).Resources,
      ).map((resource) => resource.userName),
    );
    expect(await walk('filter=userName ge "c20"&count=2&sortBy=userName')).toEqual(all.slice(20));
  });

  it('goes back (9865-2-04)', async () => {
    const first = await page('sortBy=userName&count=10&cursor=');
    expect(first.previousCursor).toBeUndefined();
    const second = await page(`sortBy=userName&count=10&cursor=${first.nextCursor ?? ''}`);
    const back = await page(`sortBy=userName&count=10&cursor=${second.previousCursor ?? ''}`);
    expect(back.Resources).toEqual(first.Resources);
  });

  it('stays stable while others insert and delete', async () => {
    const busy = scimOn(make, { secret });
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push(await busy.user({ userName: `m${String(i).padStart(2, '0')}` }));
    const seen: string[] = [];
    let cursor: string | undefined = '';
    for (let round = 0; cursor !== undefined; round++) {
      const { body } = (await busy.get(`/Users?sortBy=userName&count=5&cursor=${cursor}`)) as unknown as { body: List };
      seen.push(...body.Resources.map((resource) => resource.userName ?? ''));
      cursor = body.nextCursor;
      await busy.delete(`/Users/${ids[round * 5] ?? ''}`);
      await busy.user({ userName: `a-before-all-${String(round)}` });
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (__, i) => `m${String(i).padStart(2, '0')}`));
  });

  it('holds to what it was made for (9865-2-07, 9865-5.2-01)', async () => {
    const { nextCursor = '' } = await page('count=4&cursor=');
    expect((await page(`count=4&filter=title pr&cursor=${nextCursor}`)).scimType).toBe('invalidCursor');
    expect((await page(`count=4&sortBy=title&cursor=${nextCursor}`)).scimType).toBe('invalidCursor');
    expect((await page(`count=5&cursor=${nextCursor}`)).scimType).toBe('invalidCount');
    expect((await page(`count=x&cursor=${nextCursor}`)).scimType).toBe('invalidCount');
    expect((await page(`startIndex=1&cursor=${nextCursor}`)).scimType).toBe('invalidValue');
    expect((await page('cursor=garbage')).scimType).toBe('invalidCursor');
    expect((await page(`cursor=${nextCursor}`)).itemsPerPage).toBe(4);
    await ready;
    expect((await scim.get(`/Groups?cursor=${nextCursor}`)).body).toMatchObject({ scimType: 'invalidCursor' });
  });

  it('returns the total only for count=0 (9865-2-05)', async () => {
    expect(await page('count=0&cursor=')).toMatchObject({ totalResults: 25, itemsPerPage: 0, Resources: [] });
    expect((await page('count=0&cursor=')).nextCursor).toBeUndefined();
  });

  it('works in the body of a search (9865-3-01)', async () => {
    await ready;
    const first = (await scim.post('/Users/.search', { schemas, cursor: '', count: 10 })).body as List;
    const second = (await scim.post('/Users/.search', { schemas, cursor: first.nextCursor, count: 10 })).body as List;
    expect(second.Resources).toHaveLength(10);
    expect(second.Resources[0]?.id).not.toBe(first.Resources[0]?.id);
  });

  it('is announced (9865-4-01)', async () => {
    expect((await scim.get('/ServiceProviderConfig')).body).toMatchObject({
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: 4,
        maxPageSize: 10,
        cursorTimeout: 3_600,
      },
    });
  });
});

describe.each(expresses)('/Me on %s (RFC 7644 3.11)', (_, make) => {
  it('is the user that the client is, under its own URI (7644-3.11-03)', async () => {
    const ids: string[] = [];
    const scim = scimOn(make, { me: () => ids[0] });
    expect((await scim.get('/Me')).status).toBe(404);
    const me = await scim.user({ title: 'T' });
    ids.push(me);
    const response = await scim.get('/Me?attributes=meta.location');
    expect(response.headers['location']).toBe(`https://app.example.com/scim/v2/Users/${me}`);
    expect((await scim.patch('/Me', [{ op: 'replace', path: 'title', value: 'new' }])).body).toMatchObject({
      id: me,
      title: 'new',
    });
    expect((await scim.put('/Me', { schemas: userSchemas, userName: 'me' })).body).toMatchObject({
      id: me,
      userName: 'me',
    });
    expect((await scim.post('/Me', {})).status).toBe(405);
    expect((await scim.delete('/Me')).status).toBe(204);
  });

  it('is 501 where it is not offered (7644-3.11-01)', async () => {
    expect((await scimOn(make).get('/Me')).status).toBe(501);
  });
});

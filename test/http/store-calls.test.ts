import { describe, expect, it } from '@jest/globals';
import { defineSchema, enterpriseUserSchema, MemoryStore, type ChangeEvent, type UserStore } from '../../src/index.js';
import type { ListQuery } from '../../src/contract/filter.js';
import type { User } from '../../src/contract/resource.js';
import type { Change, Creation, Removal, Write } from '../../src/contract/store.js';
import { enterprise, expresses, type Scim, scimOn, userSchemas } from './app.js';

const badgeSchema = defineSchema({
  id: 'urn:example:params:scim:schemas:Badge:2.0:User',
  attributes: [
    { name: 'number', uniqueness: 'server', caseExact: true },
    { name: 'color' },
    { name: 'door', type: 'complex', subAttributes: [{ name: 'code', type: 'integer', uniqueness: 'server' }] },
    { name: 'photo', type: 'binary' },
  ],
});
const badge = badgeSchema.id;
const number = `${badge}:number`;
const code = `${badge}:door.code`;
const schemas = [...userSchemas, badge];

/** A memory store of users that records what it is called with. */
class Recorder {
  readonly memory = new MemoryStore();
  readonly keys: Change<User>['keys'][] = [];
  readonly writes: Write<User>[] = [];
  readonly queries: ListQuery<User>[] = [];
  readonly store: UserStore = {
    create: (creation: Creation<User>, ctx) => {
      this.#note(creation);
      return this.memory.create(creation, ctx);
    },
    get: (id, selection, ctx) => this.memory.get(id, selection, ctx),
    list: (query, ctx) => {
      this.queries.push(query);
      return this.memory.list(query, ctx);
    },
    update: (id, change: Change<User>, ctx) => {
      this.#note(change);
      return this.memory.update(id, change, ctx);
    },
    delete: (id, removal: Removal<User>, ctx) => {
      this.writes.push(removal);
      return this.memory.delete(id, removal, ctx);
    },
    groups: this.memory.groups,
  };

  #note(write: Creation<User> | Change<User>): void {
    this.keys.push(write.keys);
    this.writes.push(write);
  }
}

describe.each(expresses)('what a store is called with, on %s', (_, make) => {
  const open = (): { readonly recorder: Recorder; readonly scim: Scim } => {
    const recorder = new Recorder();
    const options = {
      extensions: { User: [{ schema: enterpriseUserSchema }, { schema: badgeSchema }] },
      users: { unique: ['externalId'] },
    };
    return { recorder, scim: scimOn(make, options, recorder.store) };
  };
  const whole = {
    schemas,
    userName: 'Ada',
    externalId: 'E1',
    [badge]: { number: 'N1', color: 'red', door: { code: 7 } },
  };

  describe('keys of a change', () => {
    it('are the new values, and null for what a PUT leaves out', async () => {
      const { recorder, scim } = open();
      const { id } = (await scim.post('/Users', whole)).body as { id: string };
      await scim.put(`/Users/${id}`, { ...whole, userName: 'EVE', [badge]: { color: 'blue' } });
      await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'Eve' });
      expect(recorder.keys).toEqual([
        { userName: 'ada', externalId: 'E1', [number]: 'N1', [code]: '7' },
        { userName: 'eve', externalId: 'E1', [number]: null, [code]: null },
        { userName: 'eve', externalId: null, [number]: null, [code]: null },
      ]);
    });

    it('name only what a PATCH writes, with null for what it removes', async () => {
      const { recorder, scim } = open();
      const { id } = (await scim.post('/Users', whole)).body as { id: string };
      recorder.keys.length = 0;
      const patch = (...operations: readonly object[]) => scim.patch(`/Users/${id}`, operations);
      await patch({ op: 'replace', path: 'title', value: 'Dr' });
      await patch({ op: 'replace', path: 'userName', value: 'BOB' });
      await patch({ op: 'remove', path: 'externalId' });
      await patch({ op: 'remove', path: `${badge}:door` });
      await patch({ op: 'remove', path: number }, { op: 'add', path: 'externalId', value: 'E2' });
      await patch({ op: 'remove', path: badge });
      expect(recorder.keys).toEqual([
        {},
        { userName: 'bob' },
        { externalId: null },
        { [number]: 'N1', [code]: null },
        { externalId: 'E2', [number]: null, [code]: null },
        { [number]: null, [code]: null },
      ]);
    });

    it('free a name for the next one', async () => {
      const { scim } = open();
      const { id } = (await scim.post('/Users', whole)).body as { id: string };
      const other = { ...whole, userName: 'Bob' };
      expect((await scim.post('/Users', other)).status).toBe(409);
      await scim.put(`/Users/${id}`, { schemas, userName: 'Ada', externalId: 'E2', [badge]: { color: 'red' } });
      expect((await scim.post('/Users', other)).status).toBe(201);
    });
  });

  it('names the string attributes that compare exactly, in one and the same set for each type', async () => {
    const { recorder, scim } = open();
    const { id } = (await scim.post('/Users', whole)).body as { id: string };
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'Dr' }]);
    await scim.put(`/Users/${id}`, whole);
    await scim.delete(`/Users/${id}`);
    const sets = recorder.writes.map(({ caseExact }) => caseExact);
    expect(sets).toHaveLength(4);
    expect(new Set(sets).size).toBe(1);
    const exact = [
      ...['id', 'externalId', 'profileUrl', 'photos.value', 'x509Certificates.value', 'meta.location'],
      ...[`${enterprise}:manager.$ref`, number, `${badge}:photo`],
    ];
    const folded = [
      'userName',
      'displayName',
      'emails.value',
      `${enterprise}:department`,
      `${badge}:color`,
      code,
      badge,
    ];
    expect(exact.filter((path) => sets[0]?.has(path) !== true)).toEqual([]);
    expect(folded.filter((path) => sets[0]?.has(path) === true)).toEqual([]);
  });

  it('names what filter and order read', async () => {
    const { recorder, scim } = open();
    const ask = async (query: string) => {
      await scim.get(`/Users?${query}`);
      return recorder.queries.at(-1)?.reads;
    };
    expect(await ask('')).toEqual([]);
    expect(await ask('filter=userName eq "a"')).toEqual(['userName']);
    expect(await ask(`filter=emails[type eq "x" and value co "y"] and not (${badge}:door.code pr)`)).toEqual([
      'emails',
      `${badge}:door`,
    ]);
    expect(await ask('filter=groups.value eq "g"&sortBy=name.familyName')).toEqual(['groups', 'name']);
    expect(await ask('filter=meta.lastModified gt "2026-01-01T00:00:00Z"&sortBy=id')).toEqual(['meta', 'id']);
    await scim.get('/?filter=displayName eq "x"');
    expect(recorder.queries.at(-1)?.reads).toEqual(['displayName']);
  });
});

describe.each(expresses)('what a store returns, on %s', (_, make) => {
  it('is the event of a deletion: the resource that delete returned', async () => {
    const events: ChangeEvent[] = [];
    const scim = scimOn(make, { onChange: (event) => void events.push(event) });
    const id = await scim.user({ userName: 'ada', title: 'Dr' });
    expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
    expect((await scim.delete(`/Users/${id}`)).status).toBe(404);
    expect(events.filter(({ type }) => type === 'user.deleted').map(({ data }) => data)).toMatchObject([
      { before: { id, userName: 'ada', title: 'Dr' } },
    ]);
  });

  /** A memory store that returns groups in some users, and counts the calls of groupsOf. */
  const withGroups = (groups: (id: string) => unknown) => {
    const memory = new MemoryStore();
    const asked: string[][] = [];
    const shown = (user: object | undefined): never =>
      ({ ...user, groups: groups((user as { id: string }).id) }) as never;
    const store: UserStore = {
      create: async (creation, ctx) => {
        const result = await memory.create(creation, ctx);
        return { ...result, resource: shown(result.resource) };
      },
      get: (id, selection, ctx) => {
        const user = memory.get(id, selection, ctx);
        return user && shown(user);
      },
      list: (query, ctx) => {
        const page = memory.list(query, ctx);
        return { ...page, resources: page.resources.map(shown) };
      },
      update: (id, change, ctx) => memory.update(id, change, ctx),
      delete: (id, removal, ctx) => memory.delete(id, removal, ctx),
      groups: Object.assign(Object.create(memory.groups) as typeof memory.groups, {
        groupsOf: (ids: readonly string[]) => {
          asked.push([...ids]);
          return new Map(ids.map((id) => [id, [{ value: 'asked', type: 'direct' as const }]]));
        },
      }),
    };
    return { store, asked };
  };
  const own = [{ value: 'own', display: 'Crew', type: 'direct' }];

  it('has the groups of a user in the user itself, and groupsOf is asked for the others only', async () => {
    const owners = new Set<string>();
    const { store, asked } = withGroups((id) => (owners.has(id) ? own : undefined));
    const scim = scimOn(make, {}, store);
    const owner = await scim.user({ userName: 'ada' });
    owners.add(owner);
    const without = await scim.user({ userName: 'bob' });
    asked.length = 0;
    const { body } = await scim.get('/Users');
    const found = (body as { Resources: { id: string; groups: { value: string }[] }[] }).Resources;
    expect(found.map(({ id, groups }) => [id, groups.map(({ value }) => value)])).toEqual([
      [owner, ['own']],
      [without, ['asked']],
    ]);
    expect(asked).toEqual([[without]]);
    expect((await scim.get(`/Users/${owner}`)).body).toMatchObject({
      groups: [{ value: 'own', display: 'Crew', $ref: 'https://app.example.com/scim/v2/Groups/own', type: 'direct' }],
    });
    expect((await scim.get(`/Users/${owner}?excludedAttributes=groups`)).body).not.toHaveProperty('groups');
    expect(asked).toHaveLength(1);
  });

  it('may be no group at all: a created user needs no call of groupsOf', async () => {
    const { store, asked } = withGroups(() => []);
    const response = await scimOn(make, {}, store).post('/Users', { schemas: userSchemas, userName: 'ada' });
    expect(response.status).toBe(201);
    expect(response.body).not.toHaveProperty('groups');
    expect(asked).toEqual([]);
  });

  it.each(['x', [{ display: 'no value' }], [7], {}])('is a fault where the groups are %j', async (groups) => {
    const errors: unknown[] = [];
    const { store } = withGroups(() => groups);
    const scim = scimOn(make, { onError: (error) => void errors.push(error) }, store);
    expect((await scim.get('/Users/none')).status).toBe(404);
    await scim.post('/Users', { schemas: userSchemas, userName: 'ada' });
    expect((await scim.get('/Users')).status).toBe(500);
    expect(String(errors.at(-1))).toContain('as the groups of a user');
  });

  it('does not count the groups of a user as a part of its size', async () => {
    const many = Array.from({ length: 100 }, (_entry, i) => ({ value: `g${String(i)}`, type: 'direct' }));
    const { store } = withGroups(() => many);
    const scim = scimOn(make, { limits: { storedBytes: 2_000 } }, store);
    const id = await scim.user({ userName: 'ada', name: { givenName: 'Ada' } });
    expect((await scim.patch(`/Users/${id}`, [{ op: 'add', path: 'name.familyName', value: 'L' }])).status).toBe(200);
  });
});

describe.each(expresses)('a store that pages forward only, on %s', (_, make) => {
  const open = (cursor: boolean | 'forward', memory = new MemoryStore()): { scim: Scim; pages: unknown[] } => {
    const pages: unknown[] = [];
    const store: UserStore = {
      supports: { ...memory.supports, cursor },
      create: (creation, ctx) => memory.create(creation, ctx),
      get: (id, selection, ctx) => memory.get(id, selection, ctx),
      list: (query, ctx) => {
        pages.push(query.page);
        return memory.list(query, ctx);
      },
      update: (id, change, ctx) => memory.update(id, change, ctx),
      delete: (id, removal, ctx) => memory.delete(id, removal, ctx),
      groups: memory.groups,
    };
    return { scim: scimOn(make, { secret: 'a-secret-of-more-than-32-characters!' }, store), pages };
  };
  type List = { Resources: unknown[]; nextCursor?: string; previousCursor?: string };

  it('announces cursors, and shows none to a previous page', async () => {
    const { scim } = open('forward');
    for (let i = 0; i < 5; i++) await scim.user({ userName: `user${String(i)}` });
    expect((await scim.get('/ServiceProviderConfig')).body).toMatchObject({ pagination: { cursor: true } });
    const lengths: number[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: List = (await scim.get(`/Users?count=2&cursor=${cursor}`)).body as List;
      lengths.push(page.Resources.length);
      expect(page).not.toHaveProperty('previousCursor');
      cursor = page.nextCursor;
    }
    expect(lengths).toEqual([2, 2, 1]);
  });

  it('refuses a cursor to a previous page that was made before, and never passes it on', async () => {
    const memory = new MemoryStore();
    const both = open(true, memory);
    for (let i = 0; i < 5; i++) await both.scim.user({ userName: `user${String(i)}` });
    const first = (await both.scim.get('/Users?count=2&cursor')).body as List;
    const second = (await both.scim.get(`/Users?count=2&cursor=${first.nextCursor ?? ''}`)).body as List;
    expect(second.previousCursor).toBeDefined();
    const { scim, pages } = open('forward', memory);
    const refused = await scim.get(`/Users?count=2&cursor=${second.previousCursor ?? ''}`);
    expect([refused.status, (refused.body as { scimType?: string }).scimType]).toEqual([400, 'invalidCursor']);
    expect((await scim.get(`/Users?count=2&cursor=${second.nextCursor ?? ''}`)).status).toBe(200);
    expect(pages).toEqual([expect.objectContaining({ kind: 'cursor', before: undefined })]);
  });

  it('is refused at creation where the word is another', () => {
    expect(() => open('backward' as never)).toThrow("store.supports.cursor must be true, false or 'forward'");
  });
});

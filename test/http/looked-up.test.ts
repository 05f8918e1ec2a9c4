import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { connectorKeys, MemoryStore, type UserStore } from '../../src/index.js';
import { createScimTables, sqlStore } from '../../src/sql.js';
import { builtInTables } from '../stores/built-in/built-in.js';
import { mapped, prepareMapped } from '../stores/mapped/mapped.js';
import { TestDatabase, url } from '../stores/mongodb/mongodb.js';
import { engines } from '../stores/sql/engines.js';
import { sqlite } from '../stores/sql/sqlite.js';
import { ctx } from '../../src/testing/requests.js';
import { enterprise, expresses, groupSchemas, key, type Scim, scimOn, userSchemas } from './app.js';

const stores: readonly (readonly [string, () => Promise<UserStore>])[] = [
  ['memory', () => Promise.resolve(new MemoryStore())],
  [
    'built-in tables',
    async () => {
      const { db } = sqlite();
      await createScimTables(db);
      return sqlStore(db);
    },
  ],
  [
    'mapped tables',
    async () => {
      const { db } = sqlite();
      await prepareMapped(db, 'sqlite');
      return (await mapped(db)).store;
    },
  ],
];
/** Closes the databases that tests opened. */
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

const mongodb = url;
/** The same on the other engines and on MongoDB, where the environment has them: once is enough there. */
const servers: typeof stores = [
  ...engines
    .filter(({ dialect }) => dialect !== 'sqlite')
    .map(({ name, connect }): (typeof stores)[number] => [
      `built-in tables on ${name}`,
      async () => {
        const db = connect();
        const { store, drop } = await builtInTables(db);
        closing.push(async () => {
          await drop();
          await db.destroy();
        });
        return store;
      },
    ]),
  ...(mongodb === undefined
    ? []
    : [
        [
          'MongoDB',
          async () => {
            const database = new TestDatabase(mongodb);
            closing.push(() => database.close());
            return (await database.make()).store;
          },
        ] satisfies (typeof stores)[number],
      ]),
];
const hosts = [
  ...expresses.flatMap(([express, make]) =>
    stores.flatMap(([kept, open]) =>
      [false, true].map((strict) => [express, kept, strict ? 'strict' : 'default', make, open, strict] as const),
    ),
  ),
  ...expresses
    .slice(0, 1)
    .flatMap(([express, make]) =>
      servers.map(([kept, open]) => [express, kept, 'default', make, open, false] as const),
    ),
];
const manager = `${enterprise}:manager`;

interface Listed {
  readonly totalResults: number;
  readonly nextCursor?: string;
  readonly previousCursor?: string;
  readonly Resources: readonly { readonly displayName: string }[];
}

describe.each(hosts)('what responses look up of references, on %s in %s, %s', (_, kept, __, make, open, strict) => {
  let scim: Scim;
  const ids = new Map<string, string>();
  const uri = (name: string): string => `https://app.example.com/scim/v2/Users/${ids.get(name) ?? name}`;
  const list = async (path: string, query: Readonly<Record<string, string>>): Promise<Listed> => {
    const { status, body } = await scim.get(`${path}?${new URLSearchParams(query).toString()}`);
    expect([status, body]).toEqual([200, expect.anything()]);
    return body as Listed;
  };
  const found = async (filter: string, path = '/Users'): Promise<string[]> => {
    const { totalResults, Resources } = await list(path, { filter });
    expect(totalResults).toBe(Resources.length);
    const searched = await scim.post(`${path}/.search`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      filter,
    });
    expect((searched.body as Listed).Resources).toEqual(Resources);
    return Resources.map(({ displayName }) => displayName).sort();
  };
  const user = async (displayName: string, boss?: string): Promise<void> => {
    const value = boss === undefined ? undefined : (ids.get(boss) ?? boss);
    const body = {
      schemas: [...userSchemas, enterprise],
      userName: `${displayName.replace(' ', '-')}@example.com`,
      displayName,
    };
    const response = await scim.post('/Users', { ...body, ...(value && { [enterprise]: { manager: { value } } }) });
    expect(response.body).toMatchObject({ displayName });
    ids.set(displayName, (response.body as { id: string }).id);
  };

  beforeAll(async () => {
    scim = scimOn(make, { strict }, await open());
    await user('Zoe');
    await user('ann');
    await user('Of Zoe', 'Zoe');
    await user('Of Ann', 'ann');
    // A manager who is deleted stays in the value, but is not shown as a link.
    await user('nobody');
    await user('Of Nobody', 'nobody');
    await scim.delete(`/Users/${ids.get('nobody') ?? ''}`);
    for (const [displayName, ...members] of [
      ['Both', 'Zoe', 'ann'],
      ['One', 'Zoe'],
      ['None'],
      // Mapped tables keep no pending members.
      ...(kept === 'mapped tables' ? [] : [['Pending', 'somebody']]),
    ]) {
      const values = members.map((name) => ({ value: ids.get(name) ?? name, type: 'User' }));
      await scim.post('/Groups', { schemas: groupSchemas, displayName, members: values });
    }
  });
  const everybody = ['Of Ann', 'Of Nobody', 'Of Zoe', 'Zoe', 'ann'];
  const pending = kept === 'mapped tables' ? [] : ['Pending'];

  it.each([
    ['$ref pr', ['Of Ann', 'Of Zoe']],
    ['$ref eq "URI(Zoe)"', ['Of Zoe']],
    ['$ref eq "URI(nobody)"', []],
    ['$ref sw "https://app.example.com/"', ['Of Ann', 'Of Zoe']],
    ['displayName eq "zoe"', ['Of Zoe']],
    ['displayName pr', ['Of Ann', 'Of Zoe']],
    ['displayName co "N"', ['Of Ann']],
    ['displayName gt "b"', ['Of Zoe']],
  ])('compares manager.%s as shown (standards reading 56)', async (condition, expected) => {
    const filter = `${manager}.${condition.replace(/URI\((\w+)\)/, (___, name: string) => uri(name))}`;
    expect(await found(filter)).toEqual(expected);
    const others = everybody.filter((name) => !expected.includes(name));
    expect(await found(`not (${filter})`)).toEqual(others);
    const [path = '', ...rest] = filter.slice(manager.length + 1).split(' ');
    expect(await found(`${manager}[${[path, ...rest].join(' ')}]`)).toEqual(expected);
    expect(await found(`${filter} and active eq true and userName co "zoe"`)).toEqual(
      (await found('active eq true and userName co "zoe"')).filter((name) => expected.includes(name)),
    );
    if (path === '$ref' && rest[0] === 'eq') expect(await found(filter.replace(' eq ', ' ne '))).toEqual(others);
  });

  it.each([
    ['members.$ref pr', ['Both', 'One']],
    ['not (members.$ref pr)', ['None', ...pending]],
    ['members[$ref pr]', ['Both', 'One']],
    ['members.$ref eq "URI(ann)"', ['Both']],
    ['members.$ref eq "URI(somebody)"', []],
    ['members[not ($ref pr)]', pending],
    ['members.$ref ne "URI(Zoe)"', ['Both', 'None', ...pending]],
    ['members.display eq "ANN"', ['Both']],
    ['members[display eq "ann" and value eq "ID(Zoe)"]', []],
    ['members[display ne "Zoe"]', ['Both', ...pending]],
    ['members.display pr or displayName eq "none"', ['Both', 'None', 'One']],
  ])('compares %s as shown', async (filter, expected) => {
    const text = filter
      .replace(/URI\((\w+)\)/, (___, name: string) => uri(name))
      .replace(/ID\((\w+)\)/, (___, name: string) => ids.get(name) ?? '');
    expect(await found(text, '/Groups')).toEqual(expected);
  });

  it('sorts by the name of the manager: users without one come last (RFC 7644 3.4.2.3)', async () => {
    const names = async (query: Readonly<Record<string, string>>): Promise<string[]> =>
      (await list('/Users', { sortBy: `${manager}.displayName`, ...query })).Resources.map((each) => each.displayName);
    expect((await names({})).slice(0, 2)).toEqual(['Of Ann', 'Of Zoe']);
    expect((await names({ sortOrder: 'descending' })).slice(-2)).toEqual(['Of Zoe', 'Of Ann']);
    expect(await names({ startIndex: '2', count: '1' })).toEqual(['Of Zoe']);
    expect((await list('/Users', { sortBy: `${manager}.displayName`, count: '0' })).totalResults).toBe(5);
    expect(
      (await list('/Users', { sortBy: `${manager}.$ref` })).Resources.slice(0, 2)
        .map((each) => each.displayName)
        .sort(),
    ).toEqual(['Of Ann', 'Of Zoe']);
  });

  it('pages by cursor in both directions (RFC 9865 2)', async () => {
    const query = { sortBy: `${manager}.displayName`, count: '2' };
    const forward: string[] = [];
    let page = await list('/Users', { ...query, cursor: '' });
    expect(page.previousCursor).toBeUndefined();
    for (;;) {
      forward.push(...page.Resources.map(({ displayName }) => displayName));
      if (page.nextCursor === undefined) break;
      page = await list('/Users', { ...query, cursor: page.nextCursor });
    }
    expect(forward.slice(0, 2)).toEqual(['Of Ann', 'Of Zoe']);
    expect([...forward].sort()).toEqual(everybody);
    const back = await list('/Users', { ...query, cursor: page.previousCursor ?? '' });
    expect(back.Resources.map(({ displayName }) => displayName)).toEqual(forward.slice(2, 4));
  });

  it('removes by $ref only who is shown with it, in a PATCH', async () => {
    if (kept === 'mapped tables') return;
    const members = [ids.get('Zoe'), 'somebody'].map((value) => ({ value, type: 'User' }));
    const { body } = await scim.post('/Groups', { schemas: groupSchemas, displayName: 'G', members });
    const path = `/Groups/${(body as { id: string }).id}`;
    const left = async (filter: string): Promise<string[]> => {
      await scim.patch(path, [{ op: 'remove', path: `members[${filter}]` }]);
      const { members: after = [] } = (await scim.get(path)).body as { members?: { value: string }[] };
      return after.map(({ value }) => value);
    };
    expect(await left(`$ref eq "${uri('somebody')}"`)).toHaveLength(2);
    expect(await left('not ($ref pr)')).toEqual([ids.get('Zoe')]);
    expect(await left('$ref pr')).toEqual([]);
    await scim.delete(path);
  });

  it('knows no manager who is a group: neither its name nor its URI', async () => {
    const group = await scim.post('/Groups', { schemas: groupSchemas, displayName: 'A group' });
    const { id = '' } = group.body as { id?: string };
    const { status, body } = await scim.post('/Users', {
      schemas: [...userSchemas, enterprise],
      userName: 'of-a-group@example.com',
      [enterprise]: { manager: { value: id } },
    });
    expect(status).toBe(201);
    const extension = (body as { [enterprise]?: { manager?: object } })[enterprise];
    expect(extension?.manager ?? {}).not.toHaveProperty('displayName');
    expect(extension?.manager ?? {}).not.toHaveProperty('$ref');
    expect(await found(`${manager}.displayName eq "a group" or ${manager}.$ref ew "${id}"`)).toEqual([]);
    await scim.delete(`/Groups/${id}`);
    await scim.delete(`/Users/${(body as { id?: string }).id ?? ''}`);
  });

  it('refuses both where several resource types are queried: their references are not completed', async () => {
    for (const query of [
      'filter=members.$ref%20pr',
      'filter=members.display%20eq%20%22x%22',
      'sortBy=members.display',
    ]) {
      const { body } = await scim.get(`/?${query}`);
      expect(body).toMatchObject({ status: '400' });
    }
  });
});

it('needs a key that may read the type whose names are compared', async () => {
  const scim = scimOn(express, {
    authenticate: connectorKeys([{ key, scopes: ['groups:read'] }]),
  });
  for (const query of ['filter=members.display%20pr', 'sortBy=members.display']) {
    expect((await scim.get(`/Groups?${query}`)).status).toBe(403);
  }
});

it('looks at 10,000 resources at most', async () => {
  const store = new MemoryStore();
  const many: UserStore = {
    create: (...creation) => store.create(...creation),
    get: (...read) => store.get(...read),
    update: (...change) => store.update(...change),
    delete: (...removal) => store.delete(...removal),
    list: (...query) => ({ ...store.list(...query), totalResults: 10_001 }),
  };
  const scim = scimOn(express, {}, many);
  const filter = encodeURIComponent(`${manager}.displayName pr`);
  expect((await scim.get(`/Users?filter=${filter}`)).body).toMatchObject({ status: '400', scimType: 'tooMany' });
});

it('keeps 24 MiB of resources at most, however few of them the page shows', async () => {
  const store = new MemoryStore();
  const scim = scimOn(express, {}, store);
  const id = await scim.user();
  const filter = encodeURIComponent(`${manager}.displayName pr`);
  const add = (title: string): void => {
    const resource = { userName: title.slice(0, 20), title, [enterprise]: { manager: { value: id } } };
    const creation = { resource, keys: {}, selection: new Set<string>(), caseExact: new Set<string>() };
    store.create({ ...creation, events: () => [] }, ctx('default'));
  };
  for (let i = 0; i < 24; i++) add(`${String(i)}${'x'.repeat(1024 * 1024)}`);
  expect((await scim.get(`/Users?count=1&filter=${filter}`)).body).toMatchObject({
    status: '400',
    scimType: 'tooMany',
  });
  expect((await scim.get(`/Users?count=1&filter=${filter}%20and%20userName%20sw%20%221x%22`)).body).toMatchObject({
    totalResults: 1,
  });
});

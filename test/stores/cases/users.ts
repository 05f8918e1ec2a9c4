import { expect, it } from '@jest/globals';
import type { User } from '../../../src/store/contract.js';
import type { MakeHarness } from '../contract-cases.js';
import { change, ctx, enterprise, newUser, nothing, removal } from '../requests.js';

const version = /^[A-Za-z0-9._-]{1,128}$/;

export function userCases(make: MakeHarness): void {
  it('creates with a minted id, equal times and a version, and gives back what it was given', async () => {
    const { store } = await make();
    const given = {
      externalId: 'X-1',
      active: true,
      name: { givenName: 'Ada' },
      emails: [{ value: 'ada@example.com', type: 'work' }],
    };
    const { resource, changed } = await store.create(newUser('Ada', given), ctx());
    expect(changed).toBe(true);
    expect(resource.id).not.toBe('');
    expect(resource.meta.version).toMatch(version);
    expect(new Date(resource.meta.created).getTime()).toBe(new Date(resource.meta.lastModified).getTime());
    expect(await store.get(resource.id, nothing, ctx())).toMatchObject({ id: resource.id, userName: 'Ada', ...given });
  });

  it("answers an id that is unknown, empty or another tenant's with a value, in every call", async () => {
    const { store } = await make();
    if (store.supports?.tenants === 'one') return;
    const { resource } = await store.create(newUser('ada'), ctx('acme'));
    for (const [id, tenant] of [
      [resource.id, 'other'],
      ['u999', 'acme'],
      ['', 'acme'],
      ['__proto__', 'acme'],
    ] as const) {
      expect(await store.get(id, nothing, ctx(tenant))).toBeUndefined();
      expect(
        await store.update(id, change<User>({ ifVersion: 'no', set: { title: 'x' } }), ctx(tenant)),
      ).toBeUndefined();
      expect(await store.delete(id, removal('no'), ctx(tenant))).toBe(false);
    }
    expect(await store.get(resource.id, nothing, ctx('acme'))).toEqual(resource);
  });

  it('keeps tenants apart: the same name may be used in each', async () => {
    const { store } = await make();
    if (store.supports?.tenants === 'one') return;
    const acme = await store.create(newUser('ada'), ctx('acme'));
    const other = await store.create(newUser('ada'), ctx('other'));
    expect(acme.resource.id).not.toBe(other.resource.id);
    await store.delete(acme.resource.id, removal(), ctx('acme'));
    expect(await store.get(other.resource.id, nothing, ctx('other'))).toBeDefined();
  });

  it('lets one of 100 parallel creations of one name succeed', async () => {
    const { store } = await make();
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, i) => store.create(newUser(i % 2 === 0 ? 'Ada' : 'ADA'), ctx())),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ status: 409, attribute: 'userName' });
    }
  });

  it('refuses a change to a name that is taken, and frees the name that a change gives up', async () => {
    const { store } = await make();
    const ada = (await store.create(newUser('ada'), ctx())).resource;
    const bob = (await store.create(newUser('bob', { title: 'old' }), ctx())).resource;
    await expect(async () =>
      store.update(bob.id, change<User>({ set: { userName: 'ADA', title: 'new' } }), ctx()),
    ).rejects.toMatchObject({ attribute: 'userName' });
    expect(await store.get(bob.id, nothing, ctx())).toEqual(bob);
    await store.update(ada.id, change<User>({ set: { userName: 'eve' } }), ctx());
    expect((await store.update(bob.id, change<User>({ set: { userName: 'Ada' } }), ctx()))?.resource.userName).toBe(
      'Ada',
    );
    await expect(async () => store.create(newUser('EVE'), ctx())).rejects.toMatchObject({ status: 409 });
  });

  it('lets a user keep its own name, and spell it otherwise', async () => {
    const { store } = await make();
    const { resource } = await store.create(newUser('ada'), ctx());
    expect((await store.update(resource.id, change<User>({ set: { userName: 'ADA' } }), ctx()))?.changed).toBe(true);
    expect(await store.get(resource.id, nothing, ctx())).toMatchObject({ userName: 'ADA' });
  });

  it('lets one of 40 parallel changes with one version succeed; the others throw VersionMismatchError', async () => {
    const { store } = await make();
    const { id, meta } = (await store.create(newUser('ada'), ctx())).resource;
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, async (_, i) =>
        store.update(id, change<User>({ ifVersion: meta.version, set: { title: `t${i}` } }), ctx()),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ status: 412 });
    const now = await store.get(id, nothing, ctx());
    expect(now?.meta.version).not.toBe(meta.version);
    expect(
      (await store.update(id, change<User>({ ifVersion: now?.meta.version, set: { title: 'next' } }), ctx()))?.changed,
    ).toBe(true);
  });

  it('judges the version before the name', async () => {
    const { store } = await make();
    await store.create(newUser('ada'), ctx());
    const bob = (await store.create(newUser('bob'), ctx())).resource;
    await expect(async () =>
      store.update(bob.id, change<User>({ ifVersion: 'stale', set: { userName: 'ada' } }), ctx()),
    ).rejects.toMatchObject({ status: 412 });
  });

  it('keeps a blind active:false beside 20 parallel changes of other attributes', async () => {
    const { store } = await make();
    const { id } = (await store.create(newUser('ada', { active: true }), ctx())).resource;
    const others = Array.from({ length: 20 }, (_, i) =>
      change<User>({ set: i % 2 === 0 ? { title: `t${i}` } : { name: { givenName: `g${i}` } } }),
    );
    await Promise.all(
      [...others.slice(0, 10), change<User>({ set: { active: false } }), ...others.slice(10)].map(async (each) =>
        store.update(id, each, ctx()),
      ),
    );
    expect(await store.get(id, nothing, ctx())).toMatchObject({
      active: false,
      title: expect.any(String),
      name: expect.any(Object),
    });
  });

  it('changes nothing, version and lastModified included, where everything is already so', async () => {
    const { store } = await make();
    const set = {
      title: 'Dr',
      active: false,
      name: { givenName: 'Ada', familyName: 'L' },
      [enterprise]: { department: 'R & D' },
    };
    const { resource } = await store.create(newUser('ada', set), ctx());
    const before = await store.get(resource.id, nothing, ctx());
    // Members of an object have no order (RFC 7643 2.3.8).
    const same = { ...set, name: { familyName: 'L', givenName: 'Ada' }, userName: 'ada' };
    const result = await store.update(resource.id, change<User>({ set: same, unset: ['nickName'] }), ctx());
    expect(result?.changed).toBe(false);
    expect(await store.get(resource.id, nothing, ctx())).toEqual(before);
  });

  it('sets and unsets in one write, extensions by their URN included', async () => {
    const { store } = await make();
    const { resource } = await store.create(
      newUser('ada', { title: 'Dr', nickName: 'A', [enterprise]: { department: 'R & D', costCenter: '1.5' } }),
      ctx(),
    );
    const changed = await store.update(
      resource.id,
      change<User>({ set: { [enterprise]: { department: 'Sales' }, nickName: 'B' }, unset: ['title'] }),
      ctx(),
    );
    expect(changed?.changed).toBe(true);
    expect(changed?.resource.meta.version).not.toBe(resource.meta.version);
    const now = await store.get(resource.id, nothing, ctx());
    expect(now).toMatchObject({ nickName: 'B', [enterprise]: { department: 'Sales' } });
    expect(now?.[enterprise]).not.toHaveProperty('costCenter');
    expect(now).not.toHaveProperty('title');
    await store.update(resource.id, change<User>({ unset: [enterprise] }), ctx());
    expect(await store.get(resource.id, nothing, ctx())).not.toHaveProperty([enterprise]);
  });

  it('gives a new version at every change, also back to an old state, and lastModified never goes back', async () => {
    const { store } = await make();
    const { resource } = await store.create(newUser('ada', { title: 'a' }), ctx());
    const versions = new Set([resource.meta.version]);
    let last = new Date(resource.meta.lastModified).getTime();
    for (const title of ['b', 'a', 'b', 'a']) {
      const { meta } = (await store.update(resource.id, change<User>({ set: { title } }), ctx()))?.resource ?? resource;
      versions.add(meta.version);
      expect(new Date(meta.lastModified).getTime()).toBeGreaterThanOrEqual(last);
      last = new Date(meta.lastModified).getTime();
      expect(meta.created).toEqual(resource.meta.created);
    }
    expect(versions.size).toBe(5);
  });

  it('deletes once, under a version only if it fits, and frees the name', async () => {
    const { store } = await make();
    const { resource } = await store.create(newUser('ada'), ctx());
    await expect(async () => store.delete(resource.id, removal('stale'), ctx())).rejects.toMatchObject({ status: 412 });
    const results = await Promise.all(
      Array.from({ length: 10 }, async () => store.delete(resource.id, removal(), ctx())),
    );
    expect(results.filter((deleted) => deleted)).toHaveLength(1);
    expect(await store.get(resource.id, nothing, ctx())).toBeUndefined();
    const again = await store.create(newUser('ADA'), ctx());
    expect(again.resource.id).not.toBe(resource.id);
  });
}

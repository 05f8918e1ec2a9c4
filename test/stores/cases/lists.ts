import { expect, it } from '@jest/globals';
import type {
  Filter,
  Group,
  Page,
  PageRequest,
  Position,
  SortKey,
  User,
  UserStore,
} from '../../../src/store/contract.js';
import type { MakeHarness } from '../contract-cases.js';
import {
  attribute,
  change,
  ctx,
  cursor,
  eq,
  index,
  listQuery,
  newGroup,
  newUser,
  nothing,
  removal,
  withMembers,
} from '../requests.js';
import { groupsIn, people } from './groups.js';

const byTitle: readonly SortKey[] = [{ attribute: attribute('title'), descending: false }];

async function crowd(store: UserStore): Promise<void> {
  for (let i = 0; i < 25; i++) {
    const title = i % 5 === 4 ? {} : { title: i % 2 === 0 ? `t${i % 3}` : `T${i % 3}` };
    await store.create(newUser(`User${i}`, { ...title, externalId: `X${i}`, active: i % 2 === 0 }), ctx());
  }
}

function names(page: Page<User>): string[] {
  return page.resources.map(({ userName }) => userName);
}

export function listCases(make: MakeHarness): void {
  it('finds by filter with an exact total, in its own tenant only', async () => {
    const { store } = await make();
    await crowd(store);
    const many: Filter = {
      op: 'and',
      filters: [eq('active', true), { op: 'co', attribute: attribute('userName'), value: 'user1' }],
    };
    const page = await store.list(listQuery<User>({ filter: many, page: index(0, 2) }), ctx());
    expect(page.totalResults).toBe(5);
    expect(page.resources).toHaveLength(2);
    expect(await store.list(listQuery<User>({ filter: many }), ctx())).toMatchObject({ totalResults: 5 });
    if (store.supports?.tenants === 'one') return;
    expect(await store.list(listQuery<User>({ filter: many }), ctx('other'))).toMatchObject({
      totalResults: 0,
      resources: [],
    });
  });

  it.each([
    ['id', undefined],
    ['userName', 'user7'],
    ['externalId', 'X7'],
  ])('finds one by %s, and nobody where another condition fails', async (path, given) => {
    const { store } = await make();
    await crowd(store);

    const [found] = (await store.list(listQuery<User>({ filter: eq('userName', 'user7') }), ctx())).resources;
    const value = given ?? String(found?.id);
    expect(names(await store.list(listQuery<User>({ filter: eq(path, value) }), ctx()))).toEqual(['User7']);
    const and = (more: Filter): Filter => ({ op: 'and', filters: [eq(path, value), more] });
    expect(names(await store.list(listQuery<User>({ filter: and(eq('active', false)) }), ctx()))).toEqual(['User7']);
    expect(names(await store.list(listQuery<User>({ filter: and(eq('active', true)) }), ctx()))).toEqual([]);
    expect(
      names(
        await store.list(
          listQuery<User>({ filter: { op: 'or', filters: [eq(path, value), eq('userName', 'user8')] } }),
          ctx(),
        ),
      ).sort(),
    ).toEqual(['User7', 'User8']);
  });

  it('gives pages that together are the whole, each user once, in one order', async () => {
    const { store } = await make();
    await crowd(store);
    for (const sort of [[], byTitle, byTitle.map((key) => ({ ...key, descending: true }))]) {
      if (sort.length > 0 && store.supports?.sort === false) continue;
      const whole = names(await store.list(listQuery<User>({ sort }), ctx()));
      expect(new Set(whole).size).toBe(25);
      const pages: string[] = [];
      for (let offset = 0; offset < 30; offset += 7) {
        const page = await store.list(listQuery<User>({ sort, page: index(offset, 7) }), ctx());
        expect(page.totalResults).toBe(25);
        pages.push(...names(page));
      }
      expect(pages).toEqual(whole);
      expect(await store.list(listQuery<User>({ sort, page: index(3, 0) }), ctx())).toMatchObject({
        totalResults: 25,
        resources: [],
      });
      expect(await store.list(listQuery<User>({ sort, page: index(99, 5) }), ctx())).toMatchObject({
        totalResults: 25,
        resources: [],
      });
    }
  });

  it('sorts by the prepared value, no value last, ties in one order; descending turns all round', async () => {
    const { store } = await make();
    if (store.supports?.sort === false) return;
    await crowd(store);
    const ascending = (await store.list(listQuery<User>({ sort: byTitle }), ctx())).resources;
    const titles = ascending.map(({ title }) => title?.toLowerCase());
    expect(titles).toEqual(
      [...titles].sort((a, b) => (a === b ? 0 : a === undefined ? 1 : b === undefined ? -1 : a < b ? -1 : 1)),
    );
    expect(titles.slice(-5)).toEqual(Array.from({ length: 5 }, () => undefined));
    const descending = (
      await store.list(listQuery<User>({ sort: byTitle.map((key) => ({ ...key, descending: true })) }), ctx())
    ).resources;
    expect(descending.slice(0, 5).every(({ title }) => title === undefined)).toBe(true);
    // Whatever order ties have, it turns round with the rest.
    expect(descending.map(({ id }) => id).reverse()).toEqual(ascending.map(({ id }) => id));
  });

  it('keeps the rest of the order when users are changed between pages', async () => {
    const { store } = await make();
    await crowd(store);
    const first = await store.list(listQuery<User>({ page: index(0, 10) }), ctx());
    for (const { id } of first.resources) await store.update(id, change<User>({ set: { nickName: 'seen' } }), ctx());
    const second = await store.list(listQuery<User>({ page: index(10, 15) }), ctx());
    expect(new Set([...names(first), ...names(second)]).size).toBe(25);
  });

  it('walks by cursor there and back, whole and each once, while others come and go', async () => {
    const { store } = await make();
    if (store.supports?.cursor === false) return;
    await crowd(store);
    for (const [sort, filter] of [
      [[], undefined],
      [[], eq('active', true)],
      [byTitle, undefined],
    ] as const) {
      if (sort.length > 0 && store.supports?.sort === false) continue;
      const ask = (page: PageRequest) => store.list(listQuery<User>({ sort, page, ...(filter && { filter }) }), ctx());
      const whole = names(await ask(index(0, 100)));
      const walked: string[] = [];
      const pages: string[][] = [];
      let after: Position | undefined;
      let previous: Position | undefined;
      for (let i = 0; i === 0 || after !== undefined; i++) {
        expect(i).toBeLessThan(10);
        const page: Page<User> = await ask(cursor(4, { ...(after && { after }) }));
        walked.push(...names(page));
        pages.push(names(page));
        expect(page.previous === undefined).toBe(i === 0);
        after = page.next;
        previous = page.previous;
        // One that comes and goes moves nobody from page to page.
        const { id } = (await store.create(newUser(`passer${i}`), ctx())).resource;
        await store.delete(id, removal(), ctx());
      }
      expect(walked).toEqual(whole);
      for (const expected of pages.slice(0, -1).reverse()) {
        const page: Page<User> = await ask(cursor(4, { ...(previous && { before: previous }) }));
        expect(names(page)).toEqual(expected);
        expect(page.next).toBeDefined();
        previous = page.previous;
      }
      expect(previous).toBeUndefined();
    }
  });

  it('goes on by cursor where the user it stopped at is deleted', async () => {
    const { store } = await make();
    if (store.supports?.cursor === false) return;
    await crowd(store);
    const whole = names(await store.list(listQuery<User>(), ctx()));
    const first = await store.list(listQuery<User>({ page: cursor(5) }), ctx());
    await store.delete(String(first.resources[4]?.id), removal(), ctx());
    const second = await store.list(
      listQuery<User>({ page: cursor(5, { ...(first.next && { after: first.next }) }) }),
      ctx(),
    );
    expect(names(second)).toEqual(whole.slice(5, 10));
  });

  it('finds groups by name and by member, and shows members only where wanted', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = ''] = await people(store, 2);
    await groups.create(newGroup('Crew', [a, b]), ctx());
    await groups.create(newGroup('Pilots', [a]), ctx());
    await groups.create(newGroup('Void'), ctx());
    const find = async (filter: Filter) =>
      (await groups.list(listQuery<Group>({ filter }), ctx())).resources.map(({ displayName }) => displayName).sort();
    expect(await find(eq('displayName', 'crew'))).toEqual(['Crew']);
    expect(await find(eq('members.value', a))).toEqual(['Crew', 'Pilots']);
    expect(await find({ op: 'and', filters: [eq('members.value', a), eq('members.value', b)] })).toEqual(['Crew']);
    expect(await find({ op: 'not', filter: eq('members.value', a) })).toEqual(['Void']);
    expect(
      await find({
        op: 'some',
        attribute: attribute('members', { type: 'complex', multiValued: true }),
        filter: eq('members.value', b),
      }),
    ).toEqual(['Crew']);
    const all = await groups.list(listQuery<Group>({ filter: eq('members.value', b) }), ctx());
    expect(all.resources[0]).not.toHaveProperty('members');
    const shown = await groups.list(listQuery<Group>({ filter: eq('members.value', b), want: withMembers }), ctx());
    expect(shown.resources[0]?.members?.map(({ value }) => value).sort()).toEqual([a, b].sort());
    expect(await store.get(a, nothing, ctx())).toBeDefined();
  });

  it('finds users by their groups', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = ''] = await people(store, 3);
    const crew = (await groups.create(newGroup('Crew', [a, b]), ctx())).resource.id;
    const page = await store.list(listQuery<User>({ filter: eq('groups.value', crew) }), ctx());
    expect(names(page).sort()).toEqual(['user0', 'user1']);
    expect(
      (await store.list(listQuery<User>({ filter: { op: 'not', filter: eq('groups.value', crew) } }), ctx()))
        .totalResults,
    ).toBe(1);
  });
}

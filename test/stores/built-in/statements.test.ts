import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Kysely, type KyselyPlugin, RawNode, sql } from 'kysely';
import type { Filter, ListQuery } from '../../../src/contract/filter.js';
import type { Group, User } from '../../../src/contract/resource.js';
import type { WriteResult } from '../../../src/contract/store.js';
import { createScimTables, dropScimTables, type SqlStore, sqlStore } from '../../../src/sql.js';
import {
  attribute,
  change,
  ctx,
  enterprise,
  eq,
  listQuery,
  members,
  newGroup,
  newUser,
  nothing,
} from '../../../src/testing/requests.js';
import { engines } from '../sql/engines.js';

const groupsOnly = new Set(['groups']);

describe.each(engines)('statements of the built-in tables on $name', ({ dialect, connect }) => {
  const tables = `st${String(process.pid)}_`;
  const texts: string[] = [];
  let db: Kysely<unknown>;
  let store: SqlStore;
  let withOutbox: SqlStore;

  beforeAll(async () => {
    db = connect((text) => texts.push(text));
    await createScimTables(db, { tables });
    store = sqlStore(db, { tables });
    withOutbox = sqlStore(db, { tables, outbox: true });
    // The store asks the server once what it is.
    await store.create(newUser('first', { emails: [{ value: 'first@x' }] }), ctx());
    await withOutbox.create(newUser('second'), ctx());
  });
  afterAll(async () => {
    // libsql keeps the tables of a statement that failed locked; this database is gone with its connection.
    if (dialect !== 'sqlite') await dropScimTables(db, { tables });
    await db.destroy();
  });

  /** The statements of some work. */
  async function statementsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    texts.length = 0;
    await work();
    return texts.map((text) => text.trim().replace(/\s+/g, ' '));
  }
  const user = async (userName: string, more: Partial<User> = {}): Promise<string> =>
    (await store.create(newUser(userName, more), ctx())).resource.id;

  it('create a user with its keys, lookups and events in one round trip', async () => {
    const ada = newUser('ada', { emails: [{ value: 'ada@x' }] });
    const creation = { ...ada, keys: { ...ada.keys, nickName: 'ace' }, selection: groupsOnly };
    const statements = await statementsOf(async () => {
      const { resource } = await withOutbox.create(creation, ctx());
      expect(resource).toMatchObject({ userName: 'ada', groups: [] });
    });
    const writes = statements.filter((text) => !/^(?:begin|commit)$/i.test(text));
    // SQLite has no round trips: the row, the key, the lookup, the event.
    expect(writes).toHaveLength(dialect === 'sqlite' ? 4 : 1);
    const taken = { ...newUser('eve'), keys: { userName: 'eve', nickName: 'ace' } };
    await expect(withOutbox.create(taken, ctx())).rejects.toMatchObject({ status: 409, attribute: 'nickName' });
    expect((await store.list(listQuery<User>({ filter: eq('userName', 'eve') }), ctx())).totalResults).toBe(0);
  });

  it('switch active in one statement, and return the user with its groups', async () => {
    const id = await user('active', { active: true });
    const { id: group } = (await store.groups.create(newGroup('Crew', [id]), ctx())).resource;
    const off = change<User>({ set: { active: false }, selection: groupsOnly });
    const statements = await statementsOf(async () => {
      expect(await store.update(id, off, ctx())).toMatchObject({
        changed: true,
        before: { active: true, meta: { version: '1' } },
        resource: {
          active: false,
          groups: [{ value: group, display: 'Crew', type: 'direct' }],
          meta: { version: '2' },
        },
      });
    });
    expect(statements).toHaveLength(1);
    expect(await store.update(id, off, ctx())).toMatchObject({ changed: false, resource: { meta: { version: '2' } } });
    expect(await store.update(randomUUID(), off, ctx())).toBeUndefined();
    expect(await store.get(id, groupsOnly, ctx())).toMatchObject({ active: false, groups: [{ value: group }] });
  });

  it('read a page of users, its total and their groups in one statement', async () => {
    const id = await user('paged');
    await store.groups.create(newGroup('Pages', [id]), ctx());
    const query = listQuery<User>({ page: { kind: 'index', offset: 0, limit: 2 }, selection: groupsOnly });
    const all = (await store.list(listQuery<User>(), ctx())).resources;
    const statements = await statementsOf(async () => {
      expect(await store.list(query, ctx())).toMatchObject({ totalResults: all.length, resources: [{}, {}] });
    });
    expect(statements).toHaveLength(1);
    const rest = { ...query, page: { kind: 'index', offset: 2, limit: 2 } } as const;
    expect((await store.list(rest, ctx())).resources.map((each) => each.id)).toEqual(
      all.slice(2, 4).map((each) => each.id),
    );
    const found = await store.list(listQuery<User>({ filter: eq('userName', 'paged'), selection: groupsOnly }), ctx());
    expect(found.resources).toMatchObject([{ groups: [{ display: 'Pages' }] }]);
  });

  it('read large users of a page apart, at most about a megabyte in each statement', async () => {
    const other = { ...ctx(), tenant: `large-${randomUUID()}` };
    const sizes = [10, 20_000, 400_000, 500_000, 300_000];
    for (const [i, size] of sizes.entries()) {
      await store.create(newUser(`large${String(i)}`, { title: 'x'.repeat(size) }), other);
    }
    const statements = await statementsOf(async () => {
      const { resources } = await store.list(listQuery<User>(), other);
      expect(resources.map(({ title }) => title?.length).sort()).toEqual([...sizes].sort());
    });
    // The page, and then 20 kB to 920 kB, and the rest, in the order of their random IDs.
    expect(statements.length).toBeGreaterThanOrEqual(3);
    expect(statements.length).toBeLessThanOrEqual(4);
  });

  it('leave the groups of a user to `groupsOf` where groups are nested', async () => {
    const id = await user('nested');
    const inner = (await store.groups.create(newGroup('Inner', [id]), ctx())).resource.id;
    await store.groups.create(newGroup('Outer', [inner]), ctx());
    expect(await store.get(id, groupsOnly, ctx())).not.toHaveProperty('groups');
    expect((await store.groups.groupsOf?.([id], ctx()))?.get(id)).toMatchObject([
      { display: 'Inner', type: 'direct' },
      { display: 'Outer', type: 'indirect' },
    ]);
  });

  it('move members in one round trip', async () => {
    const ids = [await user('m1'), await user('m2')];
    const { id } = (await store.groups.create(newGroup('Movers'), ctx())).resource;
    const update = (delta: Parameters<typeof members>[0]) =>
      store.groups.update(
        id,
        change<Group>({ members: members({ ...delta, pending: 'keep' }), selection: nothing }),
        ctx(),
      );
    const statements = await statementsOf(async () => {
      expect(await update({ add: ids })).toMatchObject({
        changed: true,
        added: ids,
        resource: { meta: { version: '2' } },
      });
    });
    expect(statements.filter((text) => !/^(?:begin|commit)$/i.test(text))).toHaveLength(dialect === 'sqlite' ? 2 : 1);
    expect(await update({ add: ids })).toMatchObject({
      changed: false,
      added: [],
      resource: { meta: { version: '2' } },
    });
    expect(await update({ remove: ids.slice(0, 1) })).toMatchObject({ changed: true, removed: ids.slice(0, 1) });
    expect(await update({ remove: ids })).toMatchObject({ changed: true, removed: ids.slice(1) });
    expect(await update({ add: [...ids, 'pending'] })).toMatchObject({ changed: true, added: [...ids, 'pending'] });
    expect(await store.groups.get(id, new Set(['members']), ctx())).toMatchObject({
      members: expect.arrayContaining([{ value: ids[0], type: 'User' }, { value: 'pending' }]),
      meta: { version: '5' },
    });
    const gone = change<Group>({ members: members({ add: ids }), selection: nothing });
    expect(await store.groups.update(randomUUID(), gone, ctx())).toBeUndefined();
  });

  it('change attributes with an outbox in a read and a write', async () => {
    const id = await user('title');
    const titled = change<User>({ set: { title: 'Dr' }, selection: nothing });
    const statements = await statementsOf(async () => withOutbox.update(id, titled, ctx()));
    expect(statements.filter((text) => !/^(?:begin|commit)$/i.test(text))).toHaveLength(dialect === 'sqlite' ? 3 : 2);
  });

  it('save the events of the most frequent changes with them', async () => {
    const ids = [await user('e1', { active: true }), await user('e2')];
    const { id: group } = (await store.groups.create(newGroup('Events'), ctx())).resource;
    const saved = async (work: () => unknown) => {
      const outbox = sql.table(`${tables}outbox`);
      await sql`delete from ${outbox}`.execute(db);
      const statements = await statementsOf(async () => work());
      const { rows } = await sql<{ event: unknown }>`select event from ${outbox}`.execute(db);
      const writes = statements.filter((text) => !/^(?:begin|commit)$/i.test(text));
      return { count: writes.length, events: rows.map(({ event }) => JSON.parse(String(event)) as unknown) };
    };
    const eventsOf = ({ added, removed, before, resource: { id } }: WriteResult<object>) => {
      const { active } = (before ?? {}) as User;
      return [{ id, active: active ?? null, added: added ?? [], removed: removed ?? [] }] as never;
    };
    const [id = ''] = ids;
    const off = { ...change<User>({ set: { active: false }, selection: nothing }), events: eventsOf };
    const move = (delta: Parameters<typeof members>[0]) => ({
      ...change<Group>({ members: members(delta), selection: nothing }),
      events: eventsOf,
    });
    const none = { active: null, added: [], removed: [] };
    const switched = await saved(() => withOutbox.update(id, off, ctx()));
    expect(switched.events).toEqual([{ ...none, id, active: true }]);
    const added = await saved(() => withOutbox.groups.update(group, move({ add: [id] }), ctx()));
    expect(added.events).toEqual([{ ...none, id: group, added: [id] }]);
    const removed = await saved(() => withOutbox.groups.update(group, move({ remove: [id] }), ctx()));
    expect(removed.events).toEqual([{ ...none, id: group, removed: [id] }]);
    const counts = { postgres: [1, 1, 1], sqlite: [2, 3, 3], mysql: [2, 1, 1] }[dialect];
    expect([switched, added, removed].map(({ count }) => count)).toEqual(counts);
    // What changes nothing has no event, and the event of several members names those that really moved.
    expect((await saved(() => withOutbox.update(id, off, ctx()))).events).toEqual([]);
    expect((await saved(() => withOutbox.groups.update(group, move({ remove: [id] }), ctx()))).events).toEqual([]);
    await withOutbox.groups.update(group, move({ add: [id] }), ctx());
    const rest = await saved(() => withOutbox.groups.update(group, move({ add: ids }), ctx()));
    expect(rest.events).toEqual([{ ...none, id: group, added: ids.slice(1) }]);
  });

  it('undo a whole write when one of its tables refuses it', async () => {
    const outbox = sql.table(`${tables}outbox`);
    const away = sql.table(`${tables}outbox_away`);
    await sql`alter table ${outbox} rename to ${away}`.execute(db);
    await expect(withOutbox.create(newUser('undone', { emails: [{ value: 'undone@x' }] }), ctx())).rejects.toThrow();
    await sql`alter table ${away} rename to ${outbox}`.execute(db);
    expect((await store.list(listQuery<User>({ filter: eq('userName', 'undone') }), ctx())).totalResults).toBe(0);
    if (dialect === 'postgres') return;
    const { rows } = await sql`select 1 from ${sql.table(`${tables}lookups`)} where normalized = 'undone@x'`.execute(
      db,
    );
    expect(rows).toEqual([]);
  });

  it('find a few users among many by an index, whatever the size of their tenant', async () => {
    const tenants = [
      ['large', 1_200],
      ['small', 5],
    ] as const;
    for (const [tenant, count] of tenants) {
      for (let i = 0; i < count; i++) {
        const more = {
          externalId: `x${String(i)}`,
          displayName: `Name ${String(i)}`,
          emails: [{ value: `${String(i)}@x`, type: 'work' }],
          [enterprise]: { employeeNumber: String(i) },
        };
        await store.create(newUser(`u${String(i)}`, more), ctx(tenant));
      }
    }
    if (dialect === 'postgres') await sql`analyze ${sql.table(`${tables}users`)}`.execute(db);
    if (dialect === 'mysql') await sql`analyze table ${sql.table(`${tables}users`)}`.execute(db);
    const number = attribute(`${enterprise}:employeeNumber`, { keys: [enterprise, 'employeeNumber'] });
    const type = attribute('emails.type');
    const value = attribute('emails.value', { multiValued: false });
    const emails = attribute('emails', { type: 'complex', multiValued: true });
    const filters = [
      eq('userName', 'u3'),
      eq('externalId', 'x3'),
      eq('displayName', 'name 3'),
      eq('emails.value', '3@x'),
      { op: 'eq', attribute: number, value: '3' },
      {
        op: 'some',
        attribute: emails,
        filter: {
          op: 'and',
          filters: [
            { op: 'eq', attribute: type, value: 'work' },
            { op: 'eq', attribute: value, value: '3@x' },
          ],
        },
      },
    ] as const;
    for (const [tenant] of tenants) {
      for (const filter of filters) {
        const query = listQuery<User>({ filter, selection: nothing });
        expect((await store.list(query, ctx(tenant))).totalResults).toBe(1);
        const scans = (await planOf(query, tenant)).filter((line) => isScan(line));
        expect({ tenant, filter, scans }).toEqual({ tenant, filter, scans: [] });
      }
    }
    // The same check sees a scan where there is one.
    const title: Filter = { op: 'co', attribute: attribute('title'), value: 'x' };
    const plan = await planOf(listQuery<User>({ filter: title, selection: nothing }), 'large');
    expect(plan.some((line) => isScan(line))).toBe(true);
  });

  it('find one member of a large group by an index, also before the database has counted the members', async () => {
    const tenant = 'uncounted';
    if (dialect === 'postgres') await sql`analyze ${sql.table(`${tables}members`)}`.execute(db);
    const ids = Array.from({ length: 2_000 }, (_, i) => `member-${String(i)}`);
    const { id } = (
      await store.groups.create(newGroup('Large', [], { members: members({ add: ids, pending: 'keep' }) }), ctx(tenant))
    ).resource;
    const planOfLeaving = async (remove: readonly string[]): Promise<readonly string[]> => {
      const leave = change<Group>({ members: members({ remove }), selection: nothing });
      const plan = await explained(async (explaining) => explaining.groups.update(id, leave, ctx(tenant)));
      expect(plan).not.toEqual([]);
      return plan.filter((line) => readsAllMembers(line));
    };
    expect(await planOfLeaving(ids.slice(0, 1))).toEqual([]);
    if (dialect === 'postgres') await sql`analyze ${sql.table(`${tables}members`)}`.execute(db);
    expect(await planOfLeaving(ids.slice(0, 3))).toEqual([]);
  });

  /** Whether a line of a plan says that more members are read than those that are named. */
  function readsAllMembers(line: string): boolean {
    switch (dialect) {
      case 'sqlite':
        return /SCAN \S*members|SEARCH \S*members .*\(tenant=\?(?: AND group_id=\?)?\)"/.test(line);
      case 'postgres':
        return /Seq Scan on \S*members|Hash|Index Cond: \(\(tenant\)::text = [^)]*\)"/.test(line);
      default: {
        const { table, rows } = JSON.parse(line) as { table: unknown; rows: unknown };
        return String(table).endsWith('members') && Number(rows) > 20;
      }
    }
  }

  /** The plan of the first statement of a list, each line or row as JSON. */
  async function planOf(query: ListQuery<User>, tenant: string): Promise<readonly string[]> {
    return explained(async (explaining) => explaining.list(query, ctx(tenant)));
  }

  /** The plan of the first statement of some work. */
  async function explained(work: (explaining: SqlStore) => Promise<unknown>): Promise<readonly string[]> {
    const lines: string[] = [];
    const prefix = { sqlite: 'explain query plan ', postgres: 'explain ', mysql: 'explain ' }[dialect];
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => RawNode.create([prefix, ''], [node]) as typeof node,
      transformResult: ({ result }) => {
        for (const row of result.rows) lines.push(JSON.stringify(row));
        throw new Error('This plan is no result.');
      },
    };
    await work(sqlStore(db.withPlugin(plugin), { tables, dialect })).catch(() => undefined);
    return lines;
  }

  /** Whether a line of a plan says that all users are read, or all of a tenant. */
  function isScan(line: string): boolean {
    switch (dialect) {
      case 'sqlite':
        return /SCAN r\b|SEARCH r .*\(tenant=\?\)"/.test(line);
      case 'postgres':
        // Reading all five rows of the small tenant is as good.
        return /Seq Scan on|Index Cond: \(\(tenant\)::text = 'large'::text\)/.test(line);
      default: {
        const { table, type, rows } = JSON.parse(line) as { table: unknown; type: unknown; rows: unknown };
        return table === 'r' && (type === 'ALL' || type === 'index' || Number(rows) > 20);
      }
    }
  }
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import type { Group, User } from '../../../src/contract/resource.js';
import { createScimTables, dropScimTables, type SqlStore, sqlStore } from '../../../src/sql.js';
import { change, ctx, enterprise, newGroup, newUser, nothing } from '../../../src/testing/requests.js';
import { random } from '../../random.js';
import { engines } from '../sql/engines.js';

const text = fc.oneof(
  fc.constantFrom('', 'Ada', 'ADA', '2026-01-01', '2026-01-01T00:00:00Z', 'a"b\\c', 'x'.repeat(300), 'é', '\u{1f600}'),
  fc.string({ maxLength: 5 }),
);
const values = {
  title: text,
  displayName: text,
  externalId: text,
  nickName: fc.oneof(text, fc.constant('U+0000: \u0000')),
  active: fc.boolean(),
  name: fc.record({ givenName: text, familyName: text }, { requiredKeys: [] }),
  emails: fc.array(fc.record({ value: text, type: text, primary: fc.boolean() }, { requiredKeys: [] }), {
    maxLength: 3,
  }),
  [enterprise]: fc.record({ employeeNumber: text, manager: fc.record({ value: text }) }, { requiredKeys: [] }),
  'urn:example:Other': fc.record(
    { n: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), '1': text },
    { requiredKeys: [] },
  ),
};
const attributes = fc.record(values, { requiredKeys: [] }) as unknown as fc.Arbitrary<Partial<User>>;
const removed = fc.subarray(Object.keys(values)) as unknown as fc.Arbitrary<(keyof User & string)[]>;
const changes = fc.array(fc.record({ set: attributes, unset: removed, renames: fc.boolean() }), {
  minLength: 1,
  maxLength: 3,
});

describe.each(engines.filter(({ dialect }) => dialect === 'postgres'))(
  'a change in one statement on $name',
  ({ connect }) => {
    const tables = `os${String(process.pid)}_`;
    const texts: string[] = [];
    let db: Kysely<unknown>;
    let store: SqlStore;
    /** With an outbox a change is a read and a write. */
    let general: SqlStore;

    beforeAll(async () => {
      db = connect((statement) => texts.push(statement));
      await createScimTables(db, { tables });
      store = sqlStore(db, { tables });
      general = sqlStore(db, { tables, outbox: true });
    });
    afterAll(async () => {
      await dropScimTables(db, { tables });
      await db.destroy();
    });

    const rowOf = async (id: string): Promise<object> => {
      const { rows } = await sql<
        Record<string, unknown>
      >`select attributes, normalized, name, active, user_name, external_id,
        display_name, version from ${sql.table(`${tables}users`)} where id = ${id}`.execute(db);
      const [row] = rows;
      return { ...row, attributes: JSON.parse(String(row?.['attributes'])) as unknown };
    };

    it('writes the row that a read and a write make of it', async () => {
      await fc.assert(
        fc.asyncProperty(attributes, changes, async (first, next) => {
          const tenants = [ctx(randomUUID()), ctx(randomUUID())] as const;
          const [one, other] = [store, general].map((each, i) => ({ store: each, at: tenants[i] ?? ctx() }));
          if (one === undefined || other === undefined) return;
          const ids: string[] = [];
          for (const each of [one, other])
            ids.push((await each.store.create(newUser('u', first), each.at)).resource.id);
          for (const [i, { set, unset, renames }] of next.entries()) {
            const named = renames ? { ...set, userName: `u${String(i)}` } : set;
            const keys = renames ? { userName: `u${String(i)}` } : {};
            const written = change<User>({
              set: named,
              unset: unset.filter((name) => !Object.hasOwn(named, name)),
              keys,
              selection: nothing,
            });
            const results = [];
            for (const [n, each] of [one, other].entries()) {
              results.push(await each.store.update(ids[n] ?? '', written, each.at));
            }
            const [result, expected] = results.map((each) => [
              each?.changed,
              withoutIdentity(each?.resource),
              withoutIdentity(each?.before),
            ]);
            expect(result).toEqual(expected);
          }
          const [row, expected] = [await rowOf(ids[0] ?? ''), await rowOf(ids[1] ?? '')];
          expect(withoutTenant(row)).toEqual(withoutTenant(expected));
        }),
        random(30),
      );
    });

    it('is one statement, also where it finds another version, no resource or nothing to change', async () => {
      const { id } = (await store.create(newUser('ada', { title: 'Dr', active: true }), ctx())).resource;
      const put = change<User>({
        set: { userName: 'Ada', displayName: 'Ada', title: 'Prof', active: false, emails: [{ value: 'a@x' }] },
        unset: ['nickName', 'name'],
        keys: { userName: 'ada' },
        selection: new Set(['groups']),
      });
      texts.length = 0;
      expect(await store.update(id, put, ctx())).toMatchObject({
        changed: true,
        before: { title: 'Dr', active: true, meta: { version: '1' } },
        resource: { title: 'Prof', active: false, groups: [], meta: { version: '2' } },
      });
      expect(await store.update(id, put, ctx())).toMatchObject({
        changed: false,
        resource: { meta: { version: '2' } },
      });
      expect(await store.update(id, { ...put, ifVersion: '2' }, ctx())).toMatchObject({ changed: false });
      await expect(store.update(id, { ...put, ifVersion: '1' }, ctx())).rejects.toMatchObject({ status: 412 });
      expect(await store.update(randomUUID(), put, ctx())).toBeUndefined();
      expect(await store.update(id, put, ctx('other'))).toBeUndefined();
      expect(texts).toHaveLength(6);
    });

    it('of the same version happens once', async () => {
      const { id } = (await store.create(newUser('eve'), ctx())).resource;
      const titled = (i: number) =>
        store.update(id, change<User>({ set: { title: String(i) }, ifVersion: '1', selection: nothing }), ctx());
      const results = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => titled(i)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const sets: Partial<User>[] = [{ title: 'x' }, { nickName: 'x' }, { profileUrl: 'x' }, { locale: 'x' }];
      await Promise.all(sets.map((set) => store.update(id, change<User>({ set, selection: nothing }), ctx())));
      expect(await store.get(id, nothing, ctx())).toMatchObject({
        title: 'x',
        nickName: 'x',
        profileUrl: 'x',
        locale: 'x',
        meta: { version: '6' },
      });
    });

    it('of a group is made in the general way where its members are selected', async () => {
      const { id: ada } = (await store.create(newUser('ada2'), ctx())).resource;
      const { id } = (await store.groups.create(newGroup('Crew', [ada]), ctx())).resource;
      const renamed = change<Group>({ set: { displayName: 'Staff' }, selection: new Set(['members']) });
      expect(await store.groups.update(id, renamed, ctx())).toMatchObject({
        resource: { displayName: 'Staff', members: [{ value: ada }] },
      });
      const again = change<Group>({ set: { displayName: 'Team' }, selection: nothing });
      expect(await store.groups.update(id, again, ctx())).toMatchObject({
        changed: true,
        resource: { displayName: 'Team' },
      });
      expect(await store.groups.namesOf?.([id], ctx())).toEqual(new Map([[id, 'Team']]));
    });

    it('that takes a name of another user is refused', async () => {
      const { id } = (await store.create(newUser('first'), ctx())).resource;
      await store.create(newUser('second'), ctx());
      const renamed = change<User>({
        set: { userName: 'second', displayName: 'x' },
        keys: { userName: 'second' },
        selection: nothing,
      });
      await expect(store.update(id, renamed, ctx())).rejects.toMatchObject({ status: 409, attribute: 'userName' });
      expect(await store.get(id, nothing, ctx())).toMatchObject({ userName: 'first', meta: { version: '1' } });
    });
  },
);

function withoutIdentity(resource: object | undefined): object {
  const { id: _, meta, ...rest } = (resource ?? {}) as { id?: string; meta?: { version: string } };
  return { ...rest, version: meta?.version };
}

function withoutTenant(row: object): object {
  const { normalized } = row as { normalized: Record<string, unknown> };
  return { ...row, normalized: Object.values(normalized) };
}

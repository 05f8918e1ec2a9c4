import { afterAll, describe, expect, it } from '@jest/globals';
import { Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import type { Group, User } from '../../../src/contract/resource.js';
import type { UserStore } from '../../../src/contract/store.js';
import { InvalidValueError } from '../../../src/errors.js';
import { MemoryStore } from '../../../src/stores/memory/memory-store.js';
import { change, ctx, newGroup, newUser, removal } from '../../../src/testing/requests.js';
import { pglite } from '../../soak/pglite.js';
import { sqlite } from '../sql/sqlite.js';
import { groupsIn } from '../users.js';
import { builtInTables } from './built-in.js';
import { isEmbeddedTested, mariadbUrl, postgresUrl } from '../../database-servers.js';

const acme = ctx('acme');
const withMembers = new Set(['members']);

/** What holds for the memory store as well. */
function cases(make: () => Promise<{ readonly store: UserStore; drop(): Promise<void> }>): void {
  async function withStore(work: (store: UserStore) => Promise<void>): Promise<void> {
    const { store, drop } = await make();
    try {
      await work(store);
    } finally {
      await drop();
    }
  }

  it('enforces each unique key that it is given, and frees it', () =>
    withStore(async (store) => {
      const groups = groupsIn(store);
      const person = (name: string, externalId: string) => ({
        ...newUser(name, { externalId }),
        keys: { userName: name, externalId },
      });
      const { id } = (await store.create(person('ada', 'e1'), acme)).resource;
      await expect((async () => store.create(person('eve', 'e1'), acme))()).rejects.toMatchObject({
        attribute: 'externalId',
      });
      await store.create(person('eve', 'e2'), acme);
      await store.create(person('ada', 'e1'), ctx('other'));
      const takes = change<User>({ set: { externalId: 'e2' }, keys: { externalId: 'e2' } });
      await expect((async () => store.update(id, takes, acme))()).rejects.toMatchObject({ attribute: 'externalId' });
      await store.update(id, change<User>({ unset: ['externalId'], keys: { externalId: null } }), acme);
      await store.create(person('joe', 'e1'), acme);
      const crew = { ...newGroup('Crew'), keys: { displayName: 'crew' } };
      const group = (await groups.create(crew, acme)).resource;
      await expect((async () => groups.create(crew, acme))()).rejects.toMatchObject({
        status: 409,
        attribute: 'displayName',
      });
      await groups.delete(group.id, removal(), acme);
      await groups.create(crew, acme);
    }));

  it('refuses a member without an id, and keeps nothing of the write', () =>
    withStore(async (store) => {
      const groups = groupsIn(store);
      const { id } = (await groups.create(newGroup('Crew'), acme)).resource;
      for (const member of [{}, { value: null }, { value: '' }, { value: 7 }, null]) {
        for (const only of [true, undefined]) {
          const members = { add: [member as never], remove: [], pending: 'keep' as const, only };
          const update = async () => groups.update(id, change<Group>({ set: { displayName: 'X' }, members }), acme);
          await expect(update()).rejects.toThrow(InvalidValueError);
          const add = async () => groups.update(id, change<Group>({ members, selection: new Set() }), acme);
          await expect(add()).rejects.toThrow(InvalidValueError);
        }
        const members = { add: [member as never], remove: [], pending: 'keep' as const };
        await expect((async () => groups.create({ ...newGroup('New'), members }, acme))()).rejects.toThrow(
          InvalidValueError,
        );
      }
      expect(await groups.get(id, withMembers, acme)).toMatchObject({ displayName: 'Crew', members: [] });
    }));
}

describe('data in the memory store', () => {
  cases(() => Promise.resolve({ store: new MemoryStore(), drop: () => Promise.resolve() }));
});

function sqlCases(db: Kysely<unknown>): void {
  afterAll(() => db.destroy());
  const make = () => builtInTables(db);
  cases(make);

  it('stores names of any length, and with U+0000', async () => {
    const { store, drop } = await make();
    const groups = groupsIn(store);
    for (const displayName of ['n'.repeat(20_000), '名'.repeat(9_000), 'a\0b']) {
      const group = (await groups.create({ ...newGroup(displayName), keys: { displayName } }, acme)).resource;
      expect(await groups.get(group.id, new Set(), acme)).toMatchObject({ displayName });
      const more = { externalId: displayName, displayName, nickName: displayName };
      const user = { ...newUser(displayName, more), keys: { userName: displayName, externalId: displayName } };
      const { id } = (await store.create(user, acme)).resource;
      expect(await store.get(id, new Set(), acme)).toMatchObject(more);
      await expect(store.create(user, acme)).rejects.toMatchObject({ status: 409 });
    }
    await drop();
  });

  it('skips and reports members that do not exist, when the change ignores them', async () => {
    const { store, drop } = await make();
    const groups = groupsIn(store);
    const { id } = (await store.create(newUser('ada'), acme)).resource;
    const stale = ['gone', 'x'.repeat(300), 'a\0b'];
    const members = (only?: boolean) => ({
      add: [id, ...stale].map((value) => ({ value })),
      remove: [],
      pending: 'ignore' as const,
      only,
    });
    const created = await groups.create({ ...newGroup('Crew'), members: members() }, acme);
    expect(created).toMatchObject({ added: [id], ignored: stale });
    for (const only of [true, undefined]) {
      const again = await groups.update(created.resource.id, change<Group>({ members: members(only) }), acme);
      expect(again).toMatchObject({ changed: false, added: [], removed: [], ignored: stale });
    }
    const alone = { ...members(), add: [{ value: 'gone' }] };
    const skipped = change<Group>({ members: alone, selection: new Set() });
    expect(await groups.update(created.resource.id, skipped, acme)).toMatchObject({
      changed: false,
      ignored: ['gone'],
    });
    expect((await groups.get(created.resource.id, withMembers, acme))?.members?.map(({ value }) => value)).toEqual([
      id,
    ]);
    await drop();
  });

  it('refuses a pending member whose type fits into no column', async () => {
    const { store, drop } = await make();
    const groups = groupsIn(store);
    const member = { value: 'pending', type: 't'.repeat(30), display: 'a\0b' };
    const members = (type: string) => ({ add: [{ ...member, type }], remove: [], pending: 'keep' as const });
    await expect(groups.create({ ...newGroup('Crew'), members: members(member.type) }, acme)).rejects.toMatchObject({
      status: 400,
      scimType: 'invalidValue',
      message: expect.stringContaining('members.type'),
    });
    expect(await groups.create({ ...newGroup('Crew'), members: members('User') }, acme)).toMatchObject({
      added: ['pending'],
    });
    await drop();
  });
}

if (isEmbeddedTested) {
  describe('data in built-in tables on SQLite', () => sqlCases(sqlite().db));
  describe('data in built-in tables on PGlite', () => sqlCases(pglite()));
}

if (postgresUrl !== undefined) {
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 4, allowExitOnIdle: true });
  describe('data in built-in tables on PostgreSQL', () => {
    sqlCases(new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }));
  });
}
if (mariadbUrl !== undefined) {
  const pool = createPool({ uri: mariadbUrl, connectionLimit: 4 });
  describe('data in built-in tables on MariaDB', () => {
    sqlCases(new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) }));
  });
}

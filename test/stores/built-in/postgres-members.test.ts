import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Change } from '../../../src/contract/store.js';
import type { Group } from '../../../src/contract/resource.js';
import { change, ctx as contextOf, members, newGroup, newUser, nothing } from '../../../src/testing/requests.js';
import { builtInTables } from './built-in.js';
import { postgresUrl as url } from '../../database-servers.js';

const workers = 12;
const turns = 40;

function moving(id: string, into: boolean): Change<Group> {
  return change<Group>({ members: members(into ? { add: [id] } : { remove: [id] }), selection: nothing });
}

(url === undefined ? describe.skip : describe)('concurrent changes of the members of one group on PostgreSQL', () => {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: workers }) }),
  });
  let made: Awaited<ReturnType<typeof builtInTables>>;
  beforeAll(async () => {
    made = await builtInTables(db, false);
  });
  afterAll(async () => {
    await made.drop();
    await db.destroy();
  });

  it('keeps every change, and increments the version once for each', async () => {
    const { groups, create } = made.store;
    if (groups === undefined) throw new Error('built-in tables have groups');
    const ctx = contextOf();
    const ids = await Promise.all(
      Array.from({ length: workers }, async (_, i) => {
        const { resource } = await create.call(made.store, newUser(`m${String(i)}`), ctx);
        return resource.id;
      }),
    );
    const { resource: group } = await groups.create(newGroup('all'), ctx);
    const versions = new Set<string>();
    await Promise.all(
      ids.map(async (id) => {
        // An odd number of turns: at the end everybody is in.
        for (let turn = 0; turn <= turns; turn++) {
          const into = turn % 2 === 0;
          const result = await groups.update(group.id, moving(id, into), ctx);
          expect(result).toMatchObject({ changed: true, added: into ? [id] : [], removed: into ? [] : [id] });
          versions.add(result?.resource.meta.version ?? '');
          const again = await groups.update(group.id, moving(id, into), ctx);
          expect(again).toMatchObject({ changed: false, added: [], removed: [] });
        }
      }),
    );
    expect(versions.size).toBe(workers * (turns + 1));
    const last = await groups.get(group.id, new Set(['members']), ctx);
    expect(last?.meta.version).toBe(String(1 + workers * (turns + 1)));
    expect(last?.members?.map(({ value }) => value).sort()).toEqual([...ids].sort());
  });

  it('returns for each change the group as it was at that version', async () => {
    const { groups } = made.store;
    if (groups === undefined) throw new Error('built-in tables have groups');
    const ctx = contextOf();
    const { resource: user } = await made.store.create(newUser('mover'), ctx);
    const { resource: group } = await groups.create(newGroup('name 0'), ctx);
    /** The name that each version has. */
    const names = new Map([[group.meta.version, 'name 0']]);
    const moved: { readonly version: number; readonly name: string }[] = [];
    const renaming = Array.from({ length: 4 }, async (_, worker) => {
      for (let turn = 0; turn < turns; turn++) {
        const displayName = `name ${String(worker)}.${String(turn)}`;
        const result = await groups.update(group.id, change<Group>({ set: { displayName }, selection: nothing }), ctx);
        names.set(result?.resource.meta.version ?? '', displayName);
      }
    });
    const move = async (): Promise<void> => {
      for (let turn = 0; turn < turns; turn++) {
        const result = await groups.update(group.id, moving(user.id, turn % 2 === 0), ctx);
        if (result === undefined) throw new Error('the group is there');
        moved.push({ version: Number(result.resource.meta.version), name: result.resource.displayName });
      }
    };
    await Promise.all([...renaming, move()]);
    for (const { version, name } of moved) {
      let before = version;
      while (!names.has(String(before))) before--;
      expect({ version, name }).toEqual({ version, name: names.get(String(before)) });
    }
  });
});

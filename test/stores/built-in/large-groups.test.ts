import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Kysely, type KyselyPlugin, sql } from 'kysely';
import { createScimTables, type SqlStore, sqlStore } from '../../../src/sql.js';
import { change, ctx, members, newGroup, removal } from '../../../src/testing/requests.js';
import type { Group } from '../../../src/contract/resource.js';
import { sqlite } from '../sql/sqlite.js';

// A driver of SQLite holds the event loop while a statement runs, so no statement may read or write all members.
const mostRows = 5_000;
const ids = Array.from({ length: 12_345 }, (_, i) => `member-${String(i).padStart(6, '0')}`);
const withMembers = new Set(['members']);

/** A new group; nobody has provisioned its members. */
const groupOf = (some: readonly string[]) => newGroup('Crew', [], { members: members({ add: some, pending: 'keep' }) });

describe('large groups on SQLite', () => {
  /** Rows that each statement read or wrote. */
  let rows: number[];
  let db: Kysely<unknown>;
  let store: SqlStore;
  let id: string;
  let onStatement: (text: string) => void;

  beforeEach(async () => {
    const counter: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      transformResult: ({ result }) => {
        rows.push(Math.max(result.rows.length, Number(result.numAffectedRows ?? 0n)));
        return Promise.resolve(result);
      },
    };
    rows = [];
    onStatement = () => undefined;
    db = sqlite((text) => onStatement(text)).db.withPlugin(counter);
    await createScimTables(db);
    store = sqlStore(db);
    ({ id } = (await store.groups.create(groupOf(ids), ctx())).resource);
    rows = [];
  });

  const membersIn = async (): Promise<readonly string[]> => {
    const group = await store.groups.get(id, withMembers, ctx());
    return (group?.members ?? []).map(({ value }) => value);
  };
  const stored = async (): Promise<number> => {
    const { rows: counted } = await sql<{ members: number }>`select count(*) as members from scim_members`.execute(db);
    return Number(counted[0]?.members);
  };
  /** Times that other work ran while this went on. */
  async function pausesIn(work: () => unknown): Promise<number> {
    let pauses = 0;
    let goesOn = true;
    const count = (): void => {
      pauses++;
      if (goesOn) setImmediate(count);
    };
    setImmediate(count);
    await work();
    goesOn = false;
    return pauses;
  }

  it('are read in parts, with pauses', async () => {
    let found: readonly string[] = [];
    expect(await pausesIn(async () => (found = await membersIn()))).toBeGreaterThanOrEqual(2);
    expect(found).toEqual(ids);
    expect(Math.max(...rows)).toBe(mostRows);
  });

  it.each([0, 1, mostRows - 1, mostRows, mostRows + 1, 2 * mostRows])(
    'are read completely with %i members',
    async (n) => {
      const some = ids.slice(0, n);
      ({ id } = (await store.groups.create(groupOf(some), ctx())).resource);
      expect(await membersIn()).toEqual(some);
    },
  );

  it('are read as they were at one time, while others write', async () => {
    let reads = 0;
    let written: Promise<unknown> | undefined;
    onStatement = (text) => {
      if (!/^\s*select member_id, type/.test(text) || ++reads < 2) return;
      written ??= sql`delete from scim_members`.execute(db);
    };
    expect(await membersIn()).toHaveLength(ids.length);
    await written;
    expect(await stored()).toBe(0);
  });

  it('are deleted in parts, with pauses', async () => {
    expect(await pausesIn(() => store.groups.delete(id, removal(), ctx()))).toBeGreaterThanOrEqual(2);
    expect(Math.max(...rows)).toBe(mostRows);
    expect(await stored()).toBe(0);
    expect(await store.groups.get(id, withMembers, ctx())).toBeUndefined();
  });

  it('keep all members when the deletion fails at its end', async () => {
    const check = {
      after: () => {
        throw new Error('not today');
      },
    };
    await expect(store.groups.delete(id, { ...removal(), check }, ctx())).rejects.toThrow('not today');
    expect(await stored()).toBe(ids.length);
  });

  it('are replaced in parts', async () => {
    const others = members({ add: ids.slice(6_000), only: true, pending: 'keep' });
    await store.groups.update(id, change<Group>({ members: others }), ctx());
    expect(Math.max(...rows)).toBeLessThanOrEqual(mostRows);
    expect(await membersIn()).toEqual(ids.slice(6_000));
  });
});

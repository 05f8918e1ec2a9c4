import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Kysely } from 'kysely';
import { sql } from '../../src/database/sql.js';
import { sqlite } from '../stores/sql/sqlite.js';

afterEach(() => {
  jest.restoreAllMocks();
});

/** Makes two statements of so many milliseconds. @returns whether the event loop served others before the second ended */
async function isServedBetween(db: Kysely<unknown>, milliseconds: number): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  let now = 0;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += milliseconds));
  await sql`select 1 as one`.execute(db);
  let isServed = false;
  setImmediate(() => (isServed = true));
  await sql`select 2 as two`.execute(db);
  clock.mockRestore();
  return isServed;
}

describe('statements on SQLite, whose drivers hold the event loop', () => {
  const { db } = sqlite();

  it.each([
    [11, true],
    [9, false],
  ])('of %i ms: others are served before the next one: %s', async (milliseconds, expected) => {
    expect(await isServedBetween(db, milliseconds)).toBe(expected);
    expect(await db.transaction().execute((trx) => isServedBetween(trx as never, milliseconds))).toBe(expected);
  });

  it('are counted together, also those that fail, and anew in each round of the event loop', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 6));
    await sql`select 1 as one`.execute(db);
    await expect(sql`select nothing`.execute(db)).rejects.toThrow('nothing');
    let isServed = false;
    setImmediate(() => (isServed = true));
    await sql`select 2 as two`.execute(db);
    expect(isServed).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    isServed = false;
    setImmediate(() => (isServed = true));
    await sql`select 3 as three`.execute(db);
    expect(isServed).toBe(false);
  });

  it('wait in the order in which they came, one in each round', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 11));
    await sql`select 0 as zero`.execute(db);
    const order: string[] = [];
    let isGoingOn = true;
    const round = (): void => {
      order.push('round');
      if (isGoingOn) setImmediate(round);
    };
    setImmediate(round);
    await Promise.all(['a', 'b', 'c'].map((name) => sql`select 1 as one`.execute(db).then(() => order.push(name))));
    isGoingOn = false;
    expect(order.join(' ')).toMatch(/^(?:round )*a (?:round )+b (?:round )+c$/);
  });
});

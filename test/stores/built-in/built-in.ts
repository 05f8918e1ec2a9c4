import { type Kysely, sql } from 'kysely';
import type { ChangeEvent } from '../../../src/contract/event.js';
import { createScimTables, dropScimTables, sqlStore } from '../../../src/sql.js';
import type { StoreUnderTest } from '../../../src/testing/index.js';
import { breakable } from '../sql/breakable.js';

let prefixes = 0;

/**
 * An empty store over tables of its own in a database that others use too.
 *
 * @param withOutbox false: events are made after the write, which leaves the store quicker ways
 */
export async function builtInTables(
  db: Kysely<unknown>,
  withOutbox = true,
): Promise<StoreUnderTest & { drop(): Promise<void> }> {
  const tables = `t${String(process.pid)}_${String(++prefixes)}_`;
  await createScimTables(db, { tables });
  const { db: faulty, breakAt } = breakable(db);
  return {
    breakAt,
    store: sqlStore(faulty, { tables, outbox: withOutbox }),
    another: () => sqlStore(db, { tables, outbox: withOutbox }),
    anyAttribute: true,
    ...(withOutbox && {
      outbox: async () => {
        const { rows } = await sql<{ event: unknown }>`select event from ${sql.table(`${tables}outbox`)}`.execute(db);
        return rows.map(({ event }) => JSON.parse(String(event)) as ChangeEvent);
      },
    }),
    drop: () => dropScimTables(db, { tables }),
  };
}

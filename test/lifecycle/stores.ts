import { type ConflictStore, type HoldStore, memoryConflictStore, memoryHoldStore } from '../../src/lifecycle/index.js';
import { createLifecycleTables, dropLifecycleTables, sqlConflictStore, sqlHoldStore } from '../../src/sql.js';
import { databases } from './databases.js';

type Open = (clock?: () => number) => Promise<{ readonly conflicts: ConflictStore; readonly holds: HoldStore }>;

/** Every implementation of the stores of the conflict and hold stores. */
export const lifecycleStores: readonly (readonly [string, Open])[] = [
  ['in memory', async (clock) => ({ conflicts: memoryConflictStore(), holds: memoryHoldStore(clock) })],
  ...databases.map(([name, make]): readonly [string, Open] => [
    `in ${name}`,
    async (clock) => {
      const { db, tables, afterwards } = make();
      await createLifecycleTables(db, { tables });
      afterwards(() => dropLifecycleTables(db, { tables }));
      return { conflicts: sqlConflictStore(db, { tables }), holds: sqlHoldStore(db, { tables }, clock) };
    },
  ]),
];

import {
  memoryOffboardingTaskStore,
  memoryTombstoneStore,
  type OffboardingTaskStore,
  type TombstoneStore,
} from '../../../src/lifecycle/index.js';
import {
  createOffboardingTables,
  dropOffboardingTables,
  sqlOffboardingTaskStore,
  sqlTombstoneStore,
} from '../../../src/sql.js';
import { databases } from '../databases.js';

export interface OffboardingStores {
  readonly store: OffboardingTaskStore;
  readonly tombstones: TombstoneStore;
}

type Open = () => Promise<OffboardingStores>;

/** Every implementation of the stores of the off-boarding stores. */
export const offboardingStores: readonly (readonly [string, Open])[] = [
  ['in memory', async () => ({ store: memoryOffboardingTaskStore(), tombstones: memoryTombstoneStore() })],
  ...databases.map(([name, make]): readonly [string, Open] => [
    `in ${name}`,
    async () => {
      const { db, tables, afterwards } = make();
      await createOffboardingTables(db, { tables });
      afterwards(() => dropOffboardingTables(db, { tables }));
      return { store: sqlOffboardingTaskStore(db, { tables }), tombstones: sqlTombstoneStore(db, { tables }) };
    },
  ]),
];

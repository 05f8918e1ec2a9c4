import {
  memoryObligationStore,
  memoryTombstoneStore,
  type ObligationStore,
  type TombstoneStore,
} from '../../../src/index.js';
import {
  createOffboardingTables,
  dropOffboardingTables,
  sqlObligationStore,
  sqlTombstoneStore,
} from '../../../src/sql.js';
import { databases } from '../databases.js';

export interface OffboardingStores {
  readonly store: ObligationStore;
  readonly tombstones: TombstoneStore;
}

type Open = () => Promise<OffboardingStores>;

/** Every implementation of the stores of this room. */
export const offboardingStores: readonly (readonly [string, Open])[] = [
  ['in memory', async () => ({ store: memoryObligationStore(), tombstones: memoryTombstoneStore() })],
  ...databases.map(([name, make]): readonly [string, Open] => [
    `in ${name}`,
    async () => {
      const { db, tables, afterwards } = make();
      await createOffboardingTables(db, { tables });
      afterwards(() => dropOffboardingTables(db, { tables }));
      return { store: sqlObligationStore(db, { tables }), tombstones: sqlTombstoneStore(db, { tables }) };
    },
  ]),
];

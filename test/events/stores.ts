import { type DeliveryStore, memoryDeliveryStore } from '../../src/events/index.js';
import { createDeliveryTables, dropDeliveryTables, sqlDeliveryStore } from '../../src/sql.js';
import { databases } from '../lifecycle/databases.js';

/** Every implementation of the store. */
export const deliveryStores: readonly (readonly [string, () => Promise<DeliveryStore>])[] = [
  ['in memory', async () => memoryDeliveryStore()],
  ...databases.map(([name, make]): readonly [string, () => Promise<DeliveryStore>] => [
    `in ${name}`,
    async () => {
      const { db, tables, afterwards } = make();
      await createDeliveryTables(db, { tables });
      afterwards(() => dropDeliveryTables(db, { tables }));
      return sqlDeliveryStore(db, { tables });
    },
  ]),
];

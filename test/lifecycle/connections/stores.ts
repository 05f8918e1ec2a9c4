import {
  type AuditTrailStore,
  type ConnectionEndingStore,
  memoryAuditTrailStore,
  memoryConnectionEndingStore,
  memoryUserLinkStore,
  type UserLinkStore,
} from '../../../src/lifecycle/index.js';
import { memorySetupLinkStore, type SetupLinkStore } from '../../../src/admin/index.js';
import {
  createConnectionTables,
  dropConnectionTables,
  sqlAuditTrailStore,
  sqlConnectionEndingStore,
  sqlSetupLinkStore,
  sqlUserLinkStore,
} from '../../../src/sql.js';
import { databases } from '../databases.js';

export interface ConnectionStores {
  readonly links: UserLinkStore;
  readonly jobs: ConnectionEndingStore;
  readonly trail: AuditTrailStore;
  readonly setup: SetupLinkStore;
}

/** Every implementation of the stores about the life of connections. */
export const connectionStores: readonly (readonly [string, () => Promise<ConnectionStores>])[] = [
  [
    'in memory',
    async () => ({
      links: memoryUserLinkStore(),
      jobs: memoryConnectionEndingStore(),
      trail: memoryAuditTrailStore(),
      setup: memorySetupLinkStore(),
    }),
  ],
  ...databases.map(([name, make]): readonly [string, () => Promise<ConnectionStores>] => [
    `in ${name}`,
    async () => {
      const { db, tables, afterwards } = make();
      await createConnectionTables(db, { tables });
      // As at the next start of a process.
      await createConnectionTables(db, { tables });
      afterwards(() => dropConnectionTables(db, { tables }));
      return {
        links: sqlUserLinkStore(db, { tables }),
        jobs: sqlConnectionEndingStore(db, { tables }),
        trail: sqlAuditTrailStore(db, { tables }),
        setup: sqlSetupLinkStore(db, { tables }),
      };
    },
  ]),
];

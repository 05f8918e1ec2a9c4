/**
 * Everything that uses an SQL database through Kysely: users and groups in built-in or mapped tables, the outbox, the
 * stores of the settings panel and the lifecycle, and the functions that create their tables.
 *
 * @module express-scim/sql
 */

export { sqlStore, type SqlStore, type SqlStoreOptions } from './stores/built-in/sql-store.js';
export {
  createResourceTable,
  createScimTables,
  dropResourceTable,
  dropScimTables,
  type MigrationOptions,
  scimMigrations,
} from './stores/built-in/tables.js';
export { reindexResources, type ReindexOptions } from './stores/built-in/reindex.js';
export { scimTablesSql, type TablesSqlOptions } from './tables-sql.js';
export { type TableOptions } from './database/table-names.js';
export { createLockTable } from './database/lock-table.js';
export type { TableMigration } from './database/table-migration.js';
export { createOutboxTable, dispatchOutbox, type DispatchOptions } from './database/outbox.js';
export type { Dialect } from './database/dialect.js';
export { mappedStore, type MappedStoreOptions } from './stores/mapped/mapped-store.js';
export { createSideTables, dropSideTables, type SideTableOptions } from './stores/mapped/side-tables.js';
export { children, constant, defineMapping, lookup, type Mapping, reference } from './stores/mapped/mapping.js';
export type { MappingIn, MappingOf, UnknownName } from './stores/mapped/mapping-types.js';
export { inspectMapping } from './stores/mapped/inspect.js';
export { withPreparedStatements, type PostgresClient, type PostgresPool } from './database/prepared-statements.js';
export { sqlConflictStore } from './lifecycle/conflicts/sql-conflict-store.js';
export { sqlHoldStore } from './lifecycle/guards/sql-hold-store.js';
export { createLifecycleTables, dropLifecycleTables, lifecycleMigrations } from './lifecycle/tables.js';
export { sqlOffboardingTaskStore } from './lifecycle/offboarding/sql-task-store.js';
export {
  createOffboardingTables,
  dropOffboardingTables,
  offboardingMigrations,
} from './lifecycle/offboarding/tables.js';
export { sqlTombstoneStore } from './lifecycle/offboarding/sql-tombstone-store.js';
export { sqlRoleMappings } from './lifecycle/access-rights/sql-role-mappings.js';
export { sqlRightsJobStore } from './lifecycle/access-rights/sql-rights-job-store.js';
export {
  accessRightsMigrations,
  createAccessRightsTables,
  dropAccessRightsTables,
} from './lifecycle/access-rights/tables.js';
export { sqlConnectionStore } from './admin/sql/connections.js';
export { sqlLogStore } from './admin/sql/log.js';
export { adminMigrations, createAdminTables, dropAdminTables } from './admin/sql/tables.js';
export { sqlSetupLinkStore } from './admin/sql/setup-links.js';
export { sqlUserLinkStore } from './lifecycle/connections/sql-user-link-store.js';
export { sqlConnectionEndingStore } from './lifecycle/connections/sql-ending-store.js';
export { sqlAuditTrailStore } from './lifecycle/connections/sql-audit-trail-store.js';
export { connectionMigrations, createConnectionTables, dropConnectionTables } from './lifecycle/connections/tables.js';
export { sqlDeliveryStore } from './events/sql/delivery-store.js';
export { createDeliveryTables, deliveryMigrations, dropDeliveryTables } from './events/sql/tables.js';

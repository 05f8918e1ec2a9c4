// What "express-scim/sql" exports: everything that keeps something in a database through Kysely.
export * from './stores/sql/index.js';
export { sqlConflictStore } from './lifecycle/conflicts/sql-conflicts.js';
export { sqlHoldStore } from './lifecycle/guards/sql-holds.js';
export { createLifecycleTables, dropLifecycleTables, lifecycleMigrations } from './lifecycle/tables.js';
export { sqlObligationStore } from './lifecycle/offboarding/sql-tasks.js';
export { createOffboardingTables, dropOffboardingTables, offboardingMigrations } from './lifecycle/offboarding/tables.js';
export { sqlTombstoneStore } from './lifecycle/offboarding/sql-tombstones.js';
export { sqlConnectionStore } from './admin/sql/connections.js';
export { sqlLogStore } from './admin/sql/log.js';
export { adminMigrations, createAdminTables, dropAdminTables } from './admin/sql/tables.js';

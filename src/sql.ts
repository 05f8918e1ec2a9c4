// What "express-scim/sql" exports: everything that keeps something in a database through Kysely.
export * from './store/sql/index.js';
export { sqlConflictStore } from './lifecycle/sql/conflicts.js';
export { sqlHoldStore } from './lifecycle/sql/holds.js';
export { createLifecycleTables, dropLifecycleTables, lifecycleMigrations } from './lifecycle/sql/tables.js';
export { sqlObligationStore } from './offboarding/sql/obligations.js';
export { createOffboardingTables, dropOffboardingTables, offboardingMigrations } from './offboarding/sql/tables.js';
export { sqlTombstoneStore } from './offboarding/sql/tombstones.js';
export { sqlConnectionStore } from './admin/sql/connections.js';
export { sqlLogStore } from './admin/sql/log.js';
export { adminMigrations, createAdminTables, dropAdminTables } from './admin/sql/tables.js';

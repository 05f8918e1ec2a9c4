// What "express-scim/sql" exports: everything that keeps something in a database through Kysely.
export * from './store/sql/index.js';
export { sqlConflictStore } from './lifecycle/sql/conflicts.js';
export { sqlHoldStore } from './lifecycle/sql/holds.js';
export { createLifecycleTables, dropLifecycleTables } from './lifecycle/sql/tables.js';
export { sqlObligationStore } from './offboarding/sql/obligations.js';
export { createOffboardingTables, dropOffboardingTables } from './offboarding/sql/tables.js';
export { sqlTombstoneStore } from './offboarding/sql/tombstones.js';

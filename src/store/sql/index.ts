export { sqlStore, type SqlStoreOptions } from './sql-store.js';
export { createScimTables, dropScimTables, scimMigrations, type TableOptions } from './tables.js';
export { dispatchOutbox, type DispatchOptions } from './outbox.js';
export type { Dialect } from './dialect.js';

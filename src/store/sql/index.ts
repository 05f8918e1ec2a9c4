export { sqlStore, type SqlStore, type SqlStoreOptions } from './sql-store.js';
export {
  createOutboxTable,
  createResourceTable,
  createScimTables,
  dropResourceTable,
  dropScimTables,
  type MigrationOptions,
  scimMigrations,
  type TableOptions,
} from './tables.js';
export { dispatchOutbox, type DispatchOptions } from './outbox.js';
export type { Dialect } from './dialect.js';
export { mappedStore, type MappedStoreOptions } from './mapping/mapped-store.js';
export { createSideTables, dropSideTables, type SideTableOptions } from './mapping/side.js';
export {
  children,
  constant,
  defineMapping,
  lookup,
  type Mapping,
  type MappingIn,
  type MappingOf,
  reference,
  type UnknownName,
} from './mapping/define.js';
export { inspectMapping } from './mapping/inspect.js';
export { preparing, type PostgresClient, type PostgresPool } from './preparing.js';

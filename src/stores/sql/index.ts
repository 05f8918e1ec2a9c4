export { sqlStore, type SqlStore, type SqlStoreOptions } from '../built-in/sql-store.js';
export {
  createOutboxTable,
  createResourceTable,
  createScimTables,
  dropResourceTable,
  dropScimTables,
  type MigrationOptions,
  scimMigrations,
  type TableOptions,
} from '../built-in/tables.js';
export { dispatchOutbox, type DispatchOptions } from '../../database/outbox.js';
export type { Dialect } from '../../database/dialect.js';
export { mappedStore, type MappedStoreOptions } from '../mapped/mapped-store.js';
export { createSideTables, dropSideTables, type SideTableOptions } from '../mapped/side.js';
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
} from '../mapped/define.js';
export { inspectMapping } from '../mapped/inspect.js';
export { preparing, type PostgresClient, type PostgresPool } from '../../database/prepared-statements.js';

/**
 * `express-scim/admin`: the settings panel with which an administrator sets up and observes provisioning.
 *
 * - `createScimAdmin` creates the panel as an Express handler.
 * - `connectionAuthenticator` lets the SCIM router accept the connector keys that are created in the panel.
 * - `provisioningLog` creates the router hooks that write the log shown in the panel.
 * - `setupLinks` lets an administrator without an account in your app configure one connection.
 * - `memoryConnectionStore` and `memoryLogStore` store both in memory; `sqlConnectionStore` and `sqlLogStore` of
 *   `express-scim/sql` store them in a database.
 *
 * @module
 */
export { createScimAdmin, type ScimAdminHandler } from './router.js';
export type { Administrator, AdminPage, Breadcrumb, ManagedConnection, ScimAdminOptions } from './options.js';
export {
  connectionAuthenticator,
  type ConnectionActorData,
  type ConnectionAuthenticatorOptions,
} from './authenticator.js';
export type { RefusedKey } from './refused-key.js';
export {
  provisioningLog,
  type ProvisioningLog,
  type ProvisioningLogHooks,
  type ProvisioningLogOptions,
} from './provisioning-log.js';
export type * from './contract.js';
export { memoryConnectionStore } from './memory-connections.js';
export { memoryLogStore, type MemoryLogOptions } from './memory-log.js';
export { mappingRows, type MappedAttributes, type MappingRow, type MappingRowsOptions } from './mapping-rows.js';
export { explainLogEntry } from './explain.js';
export type { Explanation } from './explanation.js';
export {
  testConnection,
  type ConnectionTest,
  type ConnectionTestResult,
  type TestedRequest,
} from './test-connection.js';
export type { ProviderId } from './providers.js';
export {
  type NewSetupLink,
  type OpenedSetupLink,
  type OpenSetupLinkOptions,
  type SetupLinkProblem,
  setupLinks,
  type SetupLinks,
  type SetupLinksOptions,
} from './setup-links.js';
export { memorySetupLinkStore, type SetupLink, type SetupLinkStore } from './setup-link-store.js';

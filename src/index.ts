export { createScimRouter } from './router.js';
export type { Extension, GroupOptions, ResourceTypeOption, ScimRouterOptions } from './options.js';
export { defaultLimits, type Limits } from './limits.js';
export {
  anyAuthenticator,
  bearerScheme,
  bearerToken,
  type Authenticate,
  type AuthenticationScheme,
  type Authenticator,
} from './auth/authenticate.js';
export {
  connectorKeys,
  type ConnectorKey,
  type ConnectorKeyOptions,
  type ConnectorKeys,
  type PlainKey,
} from './auth/connector-keys.js';
export { digestConnectorKey, generateConnectorKey, type GeneratedKey } from './auth/key.js';
export type { Access, ResponseRecord, AppliedQuirk, Exchange, ProposedChange } from './hooks.js';
export { recognizeClient, type RecognizedClient, type RequestShape } from './quirks/clients.js';
export { quirks, type Quirk, type QuirkId } from './quirks/quirks.js';
export type { AttributeDefinition, Mutability, Returned, SchemaDefinition, Uniqueness } from './schema/definition.js';
export { defineSchema, type AttributesOf, type ResourceOf } from './schema/define.js';
export { userSchema } from './schema/core/user.js';
export { enterpriseUserSchema } from './schema/core/enterprise-user.js';
export { groupSchema } from './schema/core/group.js';
export { scimErrors } from './http/scim-errors.js';
export * from './errors.js';
export type * from './contract/index.js';
export { MemoryStore, type MemoryResourceOptions, type MemoryStoreOptions } from './stores/memory/memory-store.js';
export { comparePositions, positionOf } from './schema/position.js';
export { selectPage } from './stores/select-page.js';

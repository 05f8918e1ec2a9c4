export { createScimRouter } from './router.js';
export type { Extension, GroupOptions, ResourceTypeOption, ScimRouterOptions } from './options.js';
export { defaultLimits, type Limits } from './limits.js';
export {
  anyOf,
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
export { digestOf, generateConnectorKey, type GeneratedKey } from './auth/key.js';
export type { Access, AnswerRecord, ProposedChange } from './lifecycle/hooks.js';
export { ledger, type Quirk, type QuirkId } from './compat/ledger.js';
export type { AttributeDefinition, Mutability, Returned, SchemaDefinition, Uniqueness } from './schema/definition.js';
export { defineSchema, type AttributesOf, type ResourceOf } from './schema/define.js';
export { userSchema } from './schema/core/user.js';
export { enterpriseUserSchema } from './schema/core/enterprise-user.js';
export { groupSchema } from './schema/core/group.js';
export { scimErrors } from './http/scim-errors.js';
export * from './errors.js';
export type * from './store/contract.js';
export {
  createMemoryStore,
  MemoryStore,
  type MemoryResourceOptions,
  type MemoryStoreOptions,
} from './store/memory/memory-store.js';
export { comparePositions, positionOf } from './store/position.js';
export { select } from './store/select.js';

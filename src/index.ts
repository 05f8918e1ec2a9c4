/**
 * A SCIM 2.0 service provider for Express: the router, its options, authentication, errors, the store contract, schemas
 * and `MemoryStore`.
 *
 * Everything else has a subpath: stores, databases, lifecycle, settings panel, tokens, webhooks, telemetry and tools.
 *
 * @module express-scim
 */

// The router and its options.
export { createScimRouter } from './router.js';
export type { ScimHandler } from './http/handler.js';
export { scimErrors, type ScimErrorsOptions } from './http/scim-errors.js';
export { combineHooks } from './combine-hooks.js';
export type { Extension, ResourceTypeOption, ScimRouterOptions, TypeRules } from './options.js';
export { defaultLimits, type Limits } from './limits.js';
export type {
  Access,
  AppliedQuirk,
  BulkFailure,
  ChangeCheck,
  Exchange,
  ProposedChange,
  RequestedChange,
  ResponseRecord,
} from './hooks.js';
export { quirks, type QuirkId } from './quirks/quirks.js';
export { defineQuirk, type CustomQuirk, type QuirkRequest } from './quirks/custom-quirk.js';

// Authentication.
export {
  anyAuthenticator,
  bearerScheme,
  bearerToken,
  type Authenticate,
  type AuthenticationScheme,
  type Authenticator,
} from './auth/authenticate.js';
export { connectorKeys, type ConnectorKeys } from './auth/connector-keys.js';
export type { ConnectorKey, KeyRights, KeyTime, PlainKey } from './auth/connector-key.js';
export type { ConnectorKeyOptions } from './auth/connector-key-options.js';
export { digestConnectorKey, generateConnectorKey, type GeneratedKey } from './auth/key.js';
export type { Actor, ScimContext, Scope } from './contract/context.js';

// Errors.
export {
  ConflictError,
  ForbiddenError,
  HeldError,
  InvalidFilterError,
  InvalidPathError,
  InvalidSyntaxError,
  InvalidValueError,
  isScimError,
  MethodNotAllowedError,
  MutabilityError,
  NotFoundError,
  NotImplementedError,
  NoTargetError,
  ScimError,
  TooLargeError,
  TooManyError,
  UnauthorizedError,
  UnavailableError,
  UnknownReferenceError,
  VersionMismatchError,
  type ValueMistake,
  type AnyScimError,
  type ScimErrorCode,
  type ScimType,
} from './errors.js';

// The store contract. `express-scim/stores` has all of it.
export type { Attributes, Json, Selection } from './contract/attribute.js';
export type { Awaitable } from './contract/awaitable.js';
export type { ChangeEvent } from './contract/event.js';
export type { ListQuery, Page } from './contract/filter.js';
export type { EnterpriseUser, Group, GroupRef, Member, MultiValue, Stored, User } from './contract/resource.js';
export type {
  GroupStore,
  ResourceStore,
  Supports,
  UserStore,
  WriteCheck,
  WriteResult,
  WriteTransaction,
} from './contract/store.js';

// Stores in memory.
export { selectPage } from './stores/select-page.js';
export { MemoryStore, type MemoryStoreOptions } from './stores/memory/memory-store.js';

// Schemas.
export type { AttributeDefinition, SchemaDefinition } from './schema/definition.js';
export { defineSchema, type ResourceOf } from './schema/define.js';
export { enterpriseUserSchema } from './schema/core/enterprise-user.js';

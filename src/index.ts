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
export type { Access, AnswerRecord, AppliedQuirk, Exchange, ProposedChange } from './hooks.js';
export {
  isEvent,
  onEvents,
  type EventData,
  type EventHandlers,
  type EventOf,
  type EventType,
  type Switched,
  type TypedChangeEvent,
  type Updated,
} from './lifecycle/events/typed-events.js';
export { guards, type Guard } from './lifecycle/guards/guards.js';
export { seatLimit, type SeatLimitOptions } from './lifecycle/guards/seat-limit.js';
export { lastOwner, type LastOwnerOptions, type OwnersQuestion } from './lifecycle/guards/last-owner.js';
export { roleCeiling, type Ceiling, type RoleCeilingOptions } from './lifecycle/guards/role-ceiling.js';
export { massDeactivationBreaker, type MassDeactivationOptions } from './lifecycle/guards/mass-deactivation.js';
export { memoryHoldStore, type Attempt, type Hold, type HoldAnswer, type HoldStore } from './lifecycle/guards/holds.js';
export type { Adopt, Adoption, AdoptionCandidate } from './lifecycle/adoption/adopt.js';
export {
  adoptBy,
  type Account,
  type AdoptByOptions,
  type AdoptionKey,
  type AdoptionRule,
} from './lifecycle/adoption/adopt-by.js';
export type { Candidate, Conflict, ConflictDecision, ConflictStore, NewConflict } from './lifecycle/conflicts/conflicts.js';
export { memoryConflictStore } from './lifecycle/conflicts/memory-conflicts.js';
export { offboarding, type Offboarding } from './lifecycle/offboarding/offboarding.js';
export type { OffboardingOptions } from './lifecycle/offboarding/options.js';
export type {
  AppliedAction,
  Departure,
  HeldItem,
  Holder,
  HolderPolicy,
  LeavingPerson,
  Mark,
  OffboardingAction,
  OffboardingPolicy,
  PersonDetails,
} from './lifecycle/offboarding/handlers.js';
export type {
  About,
  Obligation,
  ObligationState,
  ObligationStore,
  Outcome,
  Return,
} from './lifecycle/offboarding/tasks.js';
export { memoryObligationStore } from './lifecycle/offboarding/memory-tasks.js';
export {
  memoryTombstoneStore,
  type Custody,
  type NewTombstone,
  type Tombstone,
  type TombstoneStore,
} from './lifecycle/offboarding/tombstones.js';
export { recognise, type RecognisedClient, type RequestShape } from './quirks/clients.js';
export { ledger, type Quirk, type QuirkId } from './quirks/quirks.js';
export type { AttributeDefinition, Mutability, Returned, SchemaDefinition, Uniqueness } from './schema/definition.js';
export { defineSchema, type AttributesOf, type ResourceOf } from './schema/define.js';
export { userSchema } from './schema/core/user.js';
export { enterpriseUserSchema } from './schema/core/enterprise-user.js';
export { groupSchema } from './schema/core/group.js';
export { scimErrors } from './http/scim-errors.js';
export * from './errors.js';
export type * from './contract/index.js';
export {
  createMemoryStore,
  MemoryStore,
  type MemoryResourceOptions,
  type MemoryStoreOptions,
} from './stores/memory/memory-store.js';
export { comparePositions, positionOf } from './stores/position.js';
export { select } from './stores/select-page.js';

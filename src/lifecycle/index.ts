/**
 * The life cycle of users: typed change events, adoption of existing accounts, conflicts that an administrator decides,
 * guards that refuse changes, and off-boarding. The stores in SQL tables are in `express-scim/sql`.
 *
 * @module express-scim/lifecycle
 */
export {
  type ActivationData,
  isEvent,
  onEvents,
  type EventData,
  type EventHandlers,
  type EventOf,
  type EventType,
  type TypedChangeEvent,
  type UpdatedData,
} from './events/typed-events.js';
export { guards, type Guard } from './guards/guards.js';
export { seatLimit, type SeatLimitOptions } from './guards/seat-limit.js';
export { lastOwner, type LastOwnerOptions, type RemainingOwnersQuery } from './guards/last-owner.js';
export { roleCeiling, type GrantCeiling, type RoleCeilingOptions } from './guards/role-ceiling.js';
export { massDeactivationBreaker, type MassDeactivationOptions } from './guards/mass-deactivation.js';
export {
  memoryHoldStore,
  type DeactivationAttempt,
  type Hold,
  type HoldDecision,
  type HoldStore,
} from './guards/holds.js';
export type { Adopt, Adoption, AdoptionCandidate, ExistingAccount } from './adoption/adoption.js';
export {
  type AccountAdoption,
  adoptBy,
  type AdoptByOptions,
  type AdoptionKey,
  type AdoptionRule,
} from './adoption/adopt-by.js';
export {
  checkDecision,
  type Conflict,
  type ConflictCandidate,
  type ConflictDecision,
  type ConflictStore,
  type NewConflict,
} from './conflicts/conflicts.js';
export { memoryConflictStore } from './conflicts/memory-conflict-store.js';
export { offboarding, type Offboarding } from './offboarding/offboarding.js';
export type { OffboardingOptions } from './offboarding/options.js';
export type {
  AppliedAction,
  Departure,
  HeldItem,
  OffboardingHandler,
  OffboardingHandlerPolicy,
  LeavingUser,
  OffboardingMarker,
  OffboardingAction,
  OffboardingPolicy,
  UserDetails,
} from './offboarding/handlers.js';
export type {
  OffboardingTask,
  OffboardingTaskState,
  OffboardingTaskStore,
  ReturnedUser,
  TaskFilter,
  TaskOutcome,
} from './offboarding/tasks.js';
export { memoryOffboardingTaskStore } from './offboarding/memory-task-store.js';
export type { CustodyEntry, NewTombstone, Tombstone, TombstoneStore } from './offboarding/tombstones.js';
export { memoryTombstoneStore } from './offboarding/memory-tombstone-store.js';
export {
  type AuditTrailEntry,
  type AuditTrailQuery,
  type AuditTrailStore,
  memoryAuditTrailStore,
  type NewAuditTrailEntry,
  recordAction,
} from './connections/audit-trail.js';
export {
  type ManagedUsers,
  memoryUserLinkStore,
  type SuspendedBy,
  type Suspension,
  type UserLink,
  userLinks,
  type UserLinks,
  type UserLinksOptions,
  type UserLinkStore,
} from './connections/user-links.js';
export {
  provisioningStatus,
  type ProvisioningStatus,
  type ProvisioningStatusOptions,
  type SignInAccount,
} from './connections/provisioning-status.js';
export { connectionEnding, type ConnectionEnding, type EndConnectionRequest } from './connections/connection-ending.js';
export type { ConnectionEndingOptions } from './connections/ending-options.js';
export type { ClosableConnections } from './connections/close-connection.js';
export {
  type ConnectionEndingStore,
  type EndingJob,
  type FateOfUsers,
  memoryConnectionEndingStore,
  type RefusedUser,
} from './connections/ending-jobs.js';
export { accessRights, type AccessRights } from './access-rights/access-rights.js';
export type { AccessRightsOptions } from './access-rights/options.js';
export type {
  GrantedRole,
  GroupRole,
  ReconcileScope,
  RightSource,
  RoleGrant,
  RoleMapping,
  UserRights,
  WithheldRole,
} from './access-rights/rights.js';
export type { RightsRun, RightsRunOptions } from './access-rights/run.js';
export type { RoleMappingQuery, RoleMappingStore } from './access-rights/role-mapping-store.js';
export { memoryRoleMappings } from './access-rights/memory-role-mappings.js';
export {
  type NamedGroupRole,
  roleMappingAdministration,
  type RoleMappingAdministration,
} from './access-rights/role-mapping-administration.js';
export type { RoleMappingAdministrationOptions } from './access-rights/role-mapping-options.js';
export type { NamedGroup } from './access-rights/named-groups.js';
export { memoryRightsJobStore, type RightsJob, type RightsJobStore } from './access-rights/rights-jobs.js';

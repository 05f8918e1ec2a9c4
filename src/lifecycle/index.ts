/**
 * Everything around the change of a user: typed change events, adoption of existing accounts, conflicts for an
 * administrator to decide, guards, and off-boarding.
 *
 * @module express-scim/lifecycle
 */
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
} from './events/typed-events.js';
export { guards, type Guard } from './guards/guards.js';
export { seatLimit, type SeatLimitOptions } from './guards/seat-limit.js';
export { lastOwner, type LastOwnerOptions, type OwnersQuestion } from './guards/last-owner.js';
export { roleCeiling, type Ceiling, type RoleCeilingOptions } from './guards/role-ceiling.js';
export { massDeactivationBreaker, type MassDeactivationOptions } from './guards/mass-deactivation.js';
export { memoryHoldStore, type Attempt, type Hold, type HoldDecision, type HoldStore } from './guards/holds.js';
export type { Adopt, Adoption, AdoptionCandidate } from './adoption/adopt.js';
export {
  adoptBy,
  type Account,
  type AdoptByOptions,
  type AdoptionKey,
  type AdoptionRule,
} from './adoption/adopt-by.js';
export type { Candidate, Conflict, ConflictDecision, ConflictStore, NewConflict } from './conflicts/conflicts.js';
export { memoryConflictStore } from './conflicts/memory-conflicts.js';
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
  About,
  OffboardingTask,
  OffboardingTaskState,
  OffboardingTaskStore,
  Outcome,
  Return,
} from './offboarding/tasks.js';
export { memoryOffboardingTaskStore } from './offboarding/memory-tasks.js';
export {
  memoryTombstoneStore,
  type Custody,
  type NewTombstone,
  type Tombstone,
  type TombstoneStore,
} from './offboarding/tombstones.js';

/**
 * For authors of stores: the store contract, `storeOver`, which makes a store from five operations on records, and the
 * pure parts of a hand-written store.
 *
 * @module express-scim/stores
 */

export { storeOver, type OverResourceOptions, type StoreOver, type StoreOverOptions } from './over/store-over.js';
export type { RecordIndex, RecordQuery, StorePrimitives, StoreRecord } from './over/primitives.js';
export type { IndexedAttribute } from './indexed-attribute.js';

// The parts of a store.
export { normalize } from '../schema/normalize.js';
export { comparePositions, positionOf } from '../schema/position.js';
export { isSameJson } from '../schema/equal.js';
export { selectPage } from './select-page.js';
export { applyChange, type AppliedChange } from './apply-change.js';
export { applyMembers, type AppliedMembers, type MemberIds } from './apply-members.js';

// The store contract.
export type { Attributes, AttributeRef, AttributeType, Json, Selection } from '../contract/attribute.js';
export type { Awaitable } from '../contract/awaitable.js';
export type { Filter, FilterValue, ListQuery, Page, PageRequest, Position, SortKey } from '../contract/filter.js';
export type {
  EnterpriseUser,
  Group,
  GroupRef,
  Member,
  MultiValue,
  Stored,
  StoredMeta,
  User,
} from '../contract/resource.js';
export type {
  Change,
  Creation,
  GroupStore,
  MemberChange,
  Removal,
  ResourceStore,
  Supports,
  UserStore,
  Write,
  WriteCheck,
  WriteResult,
  WriteTransaction,
} from '../contract/store.js';

import type { Attributes } from '../../contract/attribute.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { Member } from '../../contract/resource.js';

/** A resource as `storeOver` keeps it: plain JSON, so that one document, row or value of your database holds it. */
export interface StoreRecord {
  /** Unique across all types of a tenant, and never used again. */
  readonly id: string;
  readonly tenant: string;
  /** `User`, `Group` or the name of your own resource type. A deletion that is not finished has `#deleted`. */
  readonly type: string;
  /** Increases by one with every change. */
  readonly version: number;
  /** RFC 3339 timestamps. */
  readonly created: string;
  readonly lastModified: string;
  /** The attributes under their canonical names. An extension is one of them, named by its URN, with dots and colons. */
  readonly attributes: Attributes;
  /** The normalized value of each unique attribute, by path. See `StorePrimitives.insert`. */
  readonly keys: Readonly<Record<string, string>>;
  /** The members of a group; empty for every other type. */
  readonly members: readonly Member[];
}

/**
 * What a record can be found by: normalized strings, by path, as in `RecordQuery.where`. `members.value` has the IDs of
 * the members of a group.
 */
export type RecordIndex = Readonly<Record<string, readonly string[]>>;

/** What `StorePrimitives.scan` looks for. */
export interface RecordQuery {
  readonly tenant: string;
  readonly type: string;
  /**
   * A hint: only records whose index has one of `values` under `path` are needed. A database that keeps the index returns
   * only these. Others ignore the hint; every record is checked again.
   */
  readonly where?: { readonly path: string; readonly values: readonly string[] } | undefined;
}

/**
 * What `storeOver` needs from a database. Each method is one atomic operation on one record: concurrent calls see
 * all of it or nothing. Every later read, from every process, finds what an acknowledged write wrote. Records are copies:
 * a change to an argument or a result changes nothing that is stored. `testStorePrimitives` of `express-scim/testing` tests
 * all of this.
 *
 * A thrown error fails the request: a `ScimError`, such as `UnavailableError`, is sent as it is, every other one as 500.
 */
export interface StorePrimitives {
  /**
   * Inserts a record.
   *
   * No two records with the same `tenant` and `type` may have the same value for the same path in `keys`. A unique index
   * decides that, never a lookup before the insert. If the `id` exists in the tenant, throw any error.
   *
   * @throws ConflictError with the path of a key that another record has
   */
  insert(record: StoreRecord, index: RecordIndex): Awaitable<void>;
  /** Returns the records with these IDs in any order, at most 500 at once. IDs that do not exist are left out. */
  find(tenant: string, ids: readonly string[]): Awaitable<Iterable<StoreRecord>>;
  /**
   * Replaces the record with the same `tenant` and `id` if its stored version is still `version`. Compares and writes in
   * one step, and compares the version before the keys. Everything but `tenant` and `id` may differ, `type` and `keys`
   * included: keys that the new record does not have are free afterwards. If the replacement is refused, everything is as
   * before: the old keys are still taken.
   *
   * @returns true if it was replaced; false if there is no such record, or its version is another one
   * @throws ConflictError as `insert` does
   */
  replaceIf(record: StoreRecord, version: number, index: RecordIndex): Awaitable<boolean>;
  /** Removes a record, if it exists. */
  remove(tenant: string, id: string): Awaitable<void>;
  /** Returns the records of one type in any order: at least all that match `query`. */
  scan(query: RecordQuery): Awaitable<Iterable<StoreRecord>> | AsyncIterable<StoreRecord>;
}

/** The type of a record whose resource is deleted, and whose memberships are still being removed. */
export const deletedType = '#deleted';

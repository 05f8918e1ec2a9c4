/** Queries bound to the schema: filter, order and page (RFC 7644 3.4.2, RFC 9865). */

import type { AttributeRef, Selection } from './attribute.js';
import type { Stored } from './resource.js';

/**
 * What `ResourceStore.list` receives.
 *
 * A small store passes it to `selectPage(query, rows)`. A database store translates `filter`, `sort` and `page`.
 *
 * @example
 * import { type ListQuery, type Page, selectPage, type Stored, type User } from 'express-scim';
 *
 * const rows: Stored<User>[] = [];
 *
 * export function list(query: ListQuery<User>): Page<User> {
 *   return selectPage(query, rows);
 * }
 */
export interface ListQuery<R> {
  /** Every match satisfies it. Undefined: every resource matches. */
  readonly filter: Filter | undefined;
  /**
   * Equalities that every match satisfies, by path (`userName`, `externalId`, `id`, ...), with normalized values. A
   * store that cannot translate filters finds candidates with an index on one of them, then calls `matches`.
   */
  readonly equals: Readonly<Record<string, FilterValue>>;
  /** Empty: any order that stays the same from page to page. */
  readonly sort: readonly SortKey[];
  /**
   * Top-level attributes that `filter` and `sort` read, each once: `userName`, `emails`, `meta`. An attribute of an
   * extension has its whole path: `urn:...:User:department`. Where `members` or `groups` is here, `matches` and `compare`
   * need resources that have it.
   */
  readonly reads: readonly string[];
  readonly page: PageRequest;
  readonly selection: Selection;
  /** Evaluates `filter` in memory. Pass resources that have what `reads` names. */
  matches(resource: Stored<R>): boolean;
  /** Compares by `sort`, then by ID. Pass resources that have what `reads` names. */
  compare(a: Stored<R>, b: Stored<R>): number;
}

/** Which part of the matches to return. `offset` counts from 0. */
export type PageRequest =
  | { readonly kind: 'index'; readonly offset: number; readonly limit: number }
  | {
      readonly kind: 'cursor';
      readonly after: Position | undefined;
      readonly before: Position | undefined;
      readonly limit: number;
    };

/**
 * Where a page ends: the sort values and the ID (`positionOf`), or anything else from which the store finds the place
 * again when rows were added and removed.
 *
 * The library encrypts it into a cursor, and passes it back only with the same filter, sort and tenant.
 */
export type Position = readonly (string | number | boolean | null)[];

/** What `ResourceStore.list` returns. */
export interface Page<R> {
  readonly resources: readonly Stored<R>[];
  /** The exact number of matches. Only a page of `kind: 'cursor'` may leave it out. */
  readonly totalResults?: number | undefined;
  /** Cursor pages: where the next page begins. Left out on the last page. */
  readonly next?: Position | undefined;
  /** Cursor pages: where the previous page ends. Left out on the first page. */
  readonly previous?: Position | undefined;
}

/** One key of the requested order. */
export interface SortKey {
  readonly attribute: AttributeRef;
  readonly descending: boolean;
}

/**
 * A filter bound to the schema. `ne`, `eq null` and value paths are already rewritten into these operators.
 *
 * `and` without filters always holds, and `or` without filters never does. Conditions that the schema alone decides
 * (`meta.resourceType eq "User"`) become one of the two, and only as the whole filter, never inside another.
 *
 * @example
 * import type { Filter } from 'express-scim/stores';
 *
 * // A store that supports `supports.filter: 'equals'` reads the equalities of a conjunction.
 * export function equalities(filter: Filter): readonly { path: string; value: unknown }[] {
 *   if (filter.op === 'and') return filter.filters.flatMap(equalities);
 *   return filter.op === 'eq' ? [{ path: filter.attribute.path, value: filter.value }] : [];
 * }
 */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  /**
   * One and the same value of the multi-valued `attribute` satisfies `filter`. The attributes of `filter` are
   * sub-attributes: they keep their whole `path` and `keys` (`emails.type`), with `multiValued` false, and are read
   * from that value.
   */
  | { readonly op: 'some'; readonly attribute: AttributeRef; readonly filter: Filter }
  | { readonly op: 'present'; readonly attribute: AttributeRef }
  | {
      readonly op: 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
      readonly attribute: AttributeRef;
      readonly value: FilterValue;
    };

/** The operators that compare with a value. */
export type Comparison = 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** A literal of a filter, typed by its attribute: a Date for dateTime; a string is normalized, as `keys` are. */
export type FilterValue = string | number | boolean | Date;

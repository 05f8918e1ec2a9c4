/** Queries bound to the schema: filter, order and page (RFC 7644 3.4.2, RFC 9865). */

import type { AttributeRef, Selection } from './attribute.js';
import type { Stored } from './resource.js';

/** What `list` is given. */
export interface ListQuery<R> {
  /** Every match satisfies it; undefined: all. */
  readonly filter: Filter | undefined;
  /** Equalities every match satisfies (`userName`, `externalId`, `id`, ...), prepared: enough to use an index, then `matches`. */
  readonly equals: Readonly<Record<string, FilterValue>>;
  readonly sort: readonly SortKey[];
  readonly page: PageRequest;
  readonly selection: Selection;
  /** Where the filter reads `members` or `groups`, give it resources that hold them; the same for sort keys. */
  matches(resource: Stored<R>): boolean;
  compare(a: Stored<R>, b: Stored<R>): number;
}

/** Which part of the matches is asked for. `offset` counts from 0. */
export type PageRequest =
  | { readonly kind: 'index'; readonly offset: number; readonly limit: number }
  | {
      readonly kind: 'cursor';
      readonly after: Position | undefined;
      readonly before: Position | undefined;
      readonly limit: number;
    };

/**
 * Where a page ends, as the store made it: sort values and id (`positionOf`), or what else finds the place again when
 * rows come and go. The library encrypts it and gives it back with the same filter, sort and tenant.
 */
export type Position = readonly (string | number | boolean | null)[];

/** What `list` answers. */
export interface Page<R> {
  readonly resources: readonly Stored<R>[];
  /** Exact; may be left out with cursors only. */
  readonly totalResults?: number | undefined;
  readonly next?: Position | undefined;
  readonly previous?: Position | undefined;
}

/** One key of the order asked for. */
export interface SortKey {
  readonly attribute: AttributeRef;
  readonly descending: boolean;
}

/**
 * A filter bound to the schema. `ne`, `eq null` and value paths are already rewritten into these.
 *
 * `and` of no filters holds always, `or` of no filters never: what the schema alone decides (`meta.resourceType eq
 * "User"`) comes as one of the two, and only as the whole filter, never inside another.
 */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  /**
   * One and the same value of the multi-valued `attribute` satisfies `filter`, whose attributes are its sub-attributes:
   * they keep their whole `path` and `keys` (`emails.type`), with `multiValued` false, and are read from that value.
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

/** Typed by the attribute: a Date for dateTime; a string is prepared as `keys` are (NFC, and folded where not caseExact). */
export type FilterValue = string | number | boolean | Date;

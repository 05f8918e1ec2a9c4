/**
 * Bounds of what one request may ask for. Sizes are in bytes; durations name their unit.
 *
 * @example
 * import type { Limits } from 'express-scim';
 *
 * export const limits: Partial<Limits> = { bodyBytes: 1024 * 1024, maxResults: 500, storeMilliseconds: 5_000 };
 */
export interface Limits {
  /** Bytes of a request body; beyond it 413. Default 8 MiB. */
  readonly bodyBytes: number;
  /** Depth of objects and arrays in a body; beyond it 400 invalidSyntax. Default 32. */
  readonly nesting: number;
  /** Operations in one PATCH; beyond it 413. Default 10,000. */
  readonly patchOperations: number;
  /** Bytes of a filter; beyond it 400 invalidFilter. Default 8 KiB. */
  readonly filterBytes: number;
  /** Comparisons in a filter; beyond it 400 invalidFilter. Default 200. */
  readonly filterTerms: number;
  /** Depth of brackets in a filter; beyond it 400 invalidFilter. Default 20. */
  readonly filterDepth: number;
  /** Results on a page when the request has no `count`. Default 100. */
  readonly defaultResults: number;
  /** The most results on a page; a larger `count` is reduced to it (RFC 7644 3.4.2.4). Default 200. */
  readonly maxResults: number;
  /** The most members of a group in one response; beyond it 400 tooMany. Default 100,000. */
  readonly maxMembers: number;
  /** Operations in one bulk request; beyond it 413 (RFC 7644 3.7.4). Default 1,000. */
  readonly bulkOperations: number;
  /** How long one call of the store may take; beyond it 503. Default 10,000. */
  readonly storeMilliseconds: number;
  /** How long a request may take, retries included; beyond it 503. Default 30,000. */
  readonly requestMilliseconds: number;
  /** How long a cursor is valid; beyond it 400 expiredCursor (RFC 9865 2.1). Default 3,600. */
  readonly cursorSeconds: number;
}

/**
 * The limits of a router whose `limits` names none.
 *
 * @example
 * import { defaultLimits } from 'express-scim';
 *
 * export const limits = { bulkOperations: defaultLimits.bulkOperations / 2 };
 */
export const defaultLimits: Limits = {
  bodyBytes: 8 * 1024 * 1024,
  nesting: 32,
  patchOperations: 10_000,
  filterBytes: 8 * 1024,
  filterTerms: 200,
  filterDepth: 20,
  defaultResults: 100,
  maxResults: 200,
  maxMembers: 100_000,
  bulkOperations: 1_000,
  storeMilliseconds: 10_000,
  requestMilliseconds: 30_000,
  cursorSeconds: 3_600,
};

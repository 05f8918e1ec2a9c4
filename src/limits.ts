/**
 * Limits on what one request may ask for. Sizes are in bytes; durations name their unit. The message of an error that a
 * limit causes names the limit.
 *
 * @example
 * import type { Limits } from 'express-scim';
 *
 * export const limits: Partial<Limits> = { resourceBytes: 256 * 1024, maxResults: 500, storeMilliseconds: 5_000 };
 */
export interface Limits {
  /** Bytes of the body of a request for one resource, or of a search; beyond it 413. Default 1 MiB. */
  readonly resourceBytes: number;
  /** Bytes of the body of a request for one group; beyond it 413. Default 8 MiB. */
  readonly groupBytes: number;
  /** Bytes of the body of a bulk request; beyond it 413 (RFC 7644 3.7.4). Default 8 MiB. */
  readonly bulkBytes: number;
  /** UTF-16 code units of one string in a body; beyond it 400 invalidValue. Default 262,144. */
  readonly stringCharacters: number;
  /**
   * Combining marks in a row, in a string of a body or of a filter; beyond it 400 invalidValue or invalidFilter.
   * Default 30, the limit of UAX 15 for Stream-Safe text.
   */
  readonly combiningMarks: number;
  /**
   * Values of one multi-valued attribute, except `members` of a group, which the bytes of a body bound; beyond it 400
   * tooMany. Default 2,000.
   */
  readonly attributeValues: number;
  /** Keys of one object in a body; beyond it 400 invalidSyntax. Default 1,000. */
  readonly objectKeys: number;
  /** Bytes of a resource after a change, as JSON without `members`; beyond it 400 tooMany. Default 1 MiB. */
  readonly storedBytes: number;
  /** Bytes of a page of results; beyond it an index page is 400 tooMany, and a cursor page ends early. Default 16 MiB. */
  readonly pageBytes: number;
  /**
   * Work of one request, all operations of a bulk request together, in units of about 10 ns; beyond it 400 tooMany.
   * Default 200,000,000, about 2 s.
   */
  readonly work: number;
  /** Depth of objects and arrays in a body; beyond it 400 invalidSyntax. Default 32. */
  readonly nesting: number;
  /** Operations in one PATCH; beyond it 413. Default 10,000. */
  readonly patchOperations: number;
  /** Bytes of a filter, beyond it 400 invalidFilter; characters of a path, beyond it 400 invalidPath. Default 8 KiB. */
  readonly filterBytes: number;
  /** UTF-16 code units of one value in a filter or in a path; beyond it 400 invalidFilter. Default 1,024. */
  readonly filterValueCharacters: number;
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
  /** How long a request may take, retries included; beyond it 503, or 408 while its body arrives. Default 30,000. */
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
  resourceBytes: 1024 * 1024,
  groupBytes: 8 * 1024 * 1024,
  bulkBytes: 8 * 1024 * 1024,
  stringCharacters: 256 * 1024,
  combiningMarks: 30,
  attributeValues: 2_000,
  objectKeys: 1_000,
  storedBytes: 1024 * 1024,
  pageBytes: 16 * 1024 * 1024,
  work: 200_000_000,
  nesting: 32,
  patchOperations: 10_000,
  filterBytes: 8 * 1024,
  filterValueCharacters: 1_024,
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

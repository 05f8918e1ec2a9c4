/** Bounds of what a request may ask for. Sizes are bytes, times milliseconds unless the name says seconds. */
export interface Limits {
  /** Bytes of a request body. */
  readonly bodyBytes: number;
  /** Depth of objects and arrays in a body. */
  readonly nesting: number;
  /** Operations in one PATCH. */
  readonly patchOperations: number;
  /** Bytes of a filter. */
  readonly filterBytes: number;
  /** Comparisons in a filter. */
  readonly filterTerms: number;
  /** Depth of brackets in a filter. */
  readonly filterDepth: number;
  /** Results on a page when the request names no count. */
  readonly defaultResults: number;
  /** The most results on a page. */
  readonly maxResults: number;
  /** The most members in an answer; beyond it 400 tooMany. */
  readonly maxMembers: number;
  /** Operations in one bulk request. */
  readonly bulkOperations: number;
  /** How long one store call may take before the client is told 503. */
  readonly storeMilliseconds: number;
  /** How long a request may take, retries of a compare-and-swap included. */
  readonly requestMilliseconds: number;
  /** How long a cursor is valid. */
  readonly cursorSeconds: number;
}

/** The limits of a router that names none. */
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

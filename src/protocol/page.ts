import { InvalidValueError } from '../errors.js';
import type { Limits } from '../limits.js';

/** An index page: `startIndex` counts from 1. */
export interface IndexPage {
  readonly startIndex: number;
  readonly count: number;
}

/**
 * The requested page, with the limits of the service applied.
 *
 * `startIndex` below 1 means 1. `count` below 0 means 0, and above `limits.maxResults` it means `limits.maxResults`.
 * Neither is an error (RFC 7644 3.4.2.4).
 *
 * @throws InvalidValueError when either is present and not an integer
 */
export function readPage(
  query: { readonly startIndex?: string | number | undefined; readonly count?: string | number | undefined },
  limits: Pick<Limits, 'defaultResults' | 'maxResults'>,
): IndexPage {
  return {
    startIndex: Math.max(1, integer(query.startIndex, 'startIndex') ?? 1),
    count: readCount(query.count, limits),
  };
}

/** The requested page size, with the limits applied. @throws InvalidValueError when it is not an integer */
export function readCount(
  count: string | number | undefined,
  limits: Pick<Limits, 'defaultResults' | 'maxResults'>,
): number {
  return Math.min(Math.max(0, integer(count, 'count') ?? limits.defaultResults), limits.maxResults);
}

function integer(value: string | number | undefined, name: string): number | undefined {
  if (value === undefined || value === '') return undefined;
  const text = String(value).trim();
  if (!/^[+-]?\d{1,1000}$/.test(text)) throw new InvalidValueError(`${name} must be an integer.`);
  // An integer of any size is valid, and the limits bound it.
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));
}

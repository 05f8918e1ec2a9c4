import { InvalidValueError } from '../errors.js';
import type { Limits } from '../limits.js';

/** An index page: `startIndex` counts from 1. */
export interface IndexPage {
  readonly startIndex: number;
  readonly count: number;
}

/**
 * The page asked for, after the limits of the service are applied.
 *
 * `startIndex` below 1 counts as 1. `count` below 0 counts as 0, above `limits.maxResults` as that. Neither is ever
 * an error (RFC 7644 3.4.2.4).
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

/** The page size asked for, after the limits. @throws InvalidValueError when it is no integer */
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
  // However large, it is an integer, and the limits bound it.
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));
}

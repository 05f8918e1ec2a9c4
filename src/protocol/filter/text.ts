import type { Comparison } from '../../contract/filter.js';

/** Compares two prepared texts; ordering goes by code units, as everywhere in the library. */
export const compareText: Readonly<Record<Comparison, (actual: string, wanted: string) => boolean>> = {
  eq: (actual, wanted) => actual === wanted,
  co: (actual, wanted) => actual.includes(wanted),
  sw: (actual, wanted) => actual.startsWith(wanted),
  ew: (actual, wanted) => actual.endsWith(wanted),
  gt: (actual, wanted) => actual > wanted,
  ge: (actual, wanted) => actual >= wanted,
  lt: (actual, wanted) => actual < wanted,
  le: (actual, wanted) => actual <= wanted,
};

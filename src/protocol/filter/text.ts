import type { Comparison } from '../../contract/filter.js';

/** Comparisons of two normalized texts. The order is that of UTF-16 code units, as everywhere in the library. */
export const compareText: Readonly<Record<Comparison, (actual: string, literal: string) => boolean>> = {
  eq: (actual, literal) => actual === literal,
  co: (actual, literal) => actual.includes(literal),
  sw: (actual, literal) => actual.startsWith(literal),
  ew: (actual, literal) => actual.endsWith(literal),
  gt: (actual, literal) => actual > literal,
  ge: (actual, literal) => actual >= literal,
  lt: (actual, literal) => actual < literal,
  le: (actual, literal) => actual <= literal,
};

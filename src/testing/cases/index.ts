import type { StoreCase } from '../case.js';
import { groupCases, memberCases } from './groups.js';
import { filterCases, orderCases, pageCases } from './lists.js';
import { projectionCases } from './projections.js';
import { raceCases } from './races.js';
import { randomCases } from './random.js';
import { changeCases, createCases, deletionCases, identityCases, uniquenessCases, versionCases } from './users.js';
import { valueCases } from './values.js';
import { eventCases, faultCases } from './whole.js';

/** Every case, in the order of what a store is written in. */
export function allCases(randomRuns: number): readonly StoreCase[] {
  return [
    ...[createCases, identityCases, uniquenessCases, versionCases, changeCases, deletionCases].flat(),
    ...[groupCases, memberCases, raceCases, filterCases, orderCases, pageCases, projectionCases].flat(),
    ...[valueCases, faultCases, eventCases].flat(),
    ...randomCases(randomRuns),
  ];
}

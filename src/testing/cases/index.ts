import type { RunnableCase } from '../store-case.js';
import { eventCases, faultCases } from './atomicity.js';
import { checkCases } from './checks.js';
import { changeCases } from './changes.js';
import { createCases } from './create.js';
import { deletionCases } from './deletion.js';
import { filterDetailCases } from './filter-details.js';
import { filterCases } from './filters.js';
import { groupCases } from './groups.js';
import { identityCases } from './identity.js';
import { isolationCases } from './isolation.js';
import { memberCases } from './members.js';
import { membershipLookupCases } from './membership-lookups.js';
import { membershipTenantCases } from './membership-tenants.js';
import { membershipCases } from './memberships.js';
import { nestedGroupCases } from './nested-groups.js';
import { orderCases } from './order.js';
import { orderDetailCases } from './order-details.js';
import { pageDetailCases } from './page-details.js';
import { pageCases } from './pages.js';
import { processCases } from './processes.js';
import { projectionCases } from './projections.js';
import { raceCases } from './races.js';
import { randomCases, type RandomOptions } from './random-filters.js';
import { groupKind } from './resources/group-kind.js';
import { resourceCases } from './resources/index.js';
import { userKind } from './resources/user-kind.js';
import { uniquenessCases } from './uniqueness.js';
import { userNameCases } from './user-names.js';
import { valueCases } from './values.js';
import { versionCases } from './versions.js';
import { wholeChangeCases } from './whole-changes.js';

/** What clients look users up by. */
const userLookups = ['userName', 'externalId', 'displayName', 'name.familyName'];

/** All test cases, in the order in which a store is usually written. */
export function allCases(random: RandomOptions): readonly RunnableCase[] {
  return [
    ...[createCases, identityCases, uniquenessCases, userNameCases, versionCases].flat(),
    ...[changeCases, wholeChangeCases, deletionCases].flat(),
    ...[groupCases, memberCases].flat(),
    ...[membershipCases, nestedGroupCases, membershipLookupCases, membershipTenantCases].flat(),
    ...[raceCases, processCases, isolationCases].flat(),
    ...[filterCases, filterDetailCases, orderCases, orderDetailCases, pageCases, pageDetailCases].flat(),
    ...[projectionCases, valueCases, faultCases, eventCases, checkCases].flat(),
    ...resourceCases(userKind, userLookups),
    ...resourceCases(groupKind, ['displayName', 'externalId']),
    ...randomCases(random),
  ];
}

import type { ConformanceTest } from './conformance-test.js';
import { entraTests } from './clients/entra.js';
import { oktaTests } from './clients/okta.js';
import { caseTests, mutabilityTests, returnedTests, uniqueTests } from './rfc7643/characteristics.js';
import { coreTests } from './rfc7643/core.js';
import { modelDiscoveryTests } from './rfc7643/discovery.js';
import { enterpriseTests, groupTests } from './rfc7643/group.js';
import { externalIdTests, idTests, metaTests, versionTests } from './rfc7643/identity.js';
import { extendTests, schemasTests } from './rfc7643/schemas.js';
import { typeTests } from './rfc7643/types.js';
import { passwordTests, userTests } from './rfc7643/user.js';
import { multiTests, nullTests } from './rfc7643/values.js';
import { bulkTests } from './rfc7644/bulk.js';
import { discoveryTests } from './rfc7644/discovery.js';
import { filterTests } from './rfc7644/filter.js';
import { errorTests, httpTests, messageTests, stateTests } from './rfc7644/http.js';
import { etagTests } from './rfc7644/etag.js';
import { meTests, protocolVersionTests } from './rfc7644/me.js';
import { pageTests } from './rfc7644/page.js';
import { patchAddTests } from './rfc7644/patch-add.js';
import { patchRemoveTests } from './rfc7644/patch-remove.js';
import { patchReplaceTests } from './rfc7644/patch-replace.js';
import { patchTests } from './rfc7644/patch.js';
import { notationTests, projectTests } from './rfc7644/projection.js';
import { queryTests, rootTests, searchTests } from './rfc7644/query.js';
import { createTests, deleteTests, readTests, replaceTests } from './rfc7644/resources.js';
import { sortTests } from './rfc7644/sort.js';
import { cursorTests } from './rfc9865/cursor.js';
import { authTests, privacyTests, tenancyTests } from './security/access.js';
import { injectionTests, textTests } from './security/text.js';

/**
 * The conformance tests, in the order of the standards.
 *
 * @example
 * import { conformanceTests } from 'express-scim/conformance';
 *
 * const required = conformanceTests.filter(({ level }) => level === 'MUST');
 * for (const { id, requirement } of required) console.log(id, requirement);
 */
export const conformanceTests: readonly ConformanceTest[] = [
  ...coreTests,
  ...typeTests,
  ...multiTests,
  ...nullTests,
  ...schemasTests,
  ...extendTests,
  ...idTests,
  ...externalIdTests,
  ...metaTests,
  ...versionTests,
  ...userTests,
  ...passwordTests,
  ...groupTests,
  ...enterpriseTests,
  ...modelDiscoveryTests,
  ...mutabilityTests,
  ...returnedTests,
  ...caseTests,
  ...uniqueTests,
  ...authTests,
  ...privacyTests,
  ...injectionTests,
  ...textTests,
  ...tenancyTests,
  ...httpTests,
  ...messageTests,
  ...stateTests,
  ...createTests,
  ...readTests,
  ...queryTests,
  ...rootTests,
  ...filterTests,
  ...sortTests,
  ...pageTests,
  ...projectTests,
  ...searchTests,
  ...replaceTests,
  ...patchTests,
  ...patchAddTests,
  ...patchRemoveTests,
  ...patchReplaceTests,
  ...deleteTests,
  ...bulkTests,
  ...notationTests,
  ...meTests,
  ...errorTests,
  ...protocolVersionTests,
  ...etagTests,
  ...discoveryTests,
  ...cursorTests,
  ...entraTests,
  ...oktaTests,
];

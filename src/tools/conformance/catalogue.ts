import type { Audit } from './conformance-test.js';
import { entraAudits } from './clients/entra.js';
import { oktaAudits } from './clients/okta.js';
import { caseAudits, mutabilityAudits, returnedAudits, uniqueAudits } from './rfc7643/characteristics.js';
import { coreAudits } from './rfc7643/core.js';
import { modelDiscoveryAudits } from './rfc7643/discovery.js';
import { enterpriseAudits, groupAudits } from './rfc7643/group.js';
import { externalIdAudits, idAudits, metaAudits, versionAudits } from './rfc7643/identity.js';
import { extendAudits, schemasAudits } from './rfc7643/schemas.js';
import { typeAudits } from './rfc7643/types.js';
import { passwordAudits, userAudits } from './rfc7643/user.js';
import { multiAudits, nullAudits } from './rfc7643/values.js';
import { bulkAudits } from './rfc7644/bulk.js';
import { discoveryAudits } from './rfc7644/discovery.js';
import { filterAudits } from './rfc7644/filter.js';
import { errorAudits, httpAudits, messageAudits, stateAudits } from './rfc7644/http.js';
import { patchAddAudits, patchAudits, patchRemoveAudits, patchReplaceAudits } from './rfc7644/patch.js';
import {
  notationAudits,
  pageAudits,
  projectAudits,
  queryAudits,
  rootAudits,
  searchAudits,
  sortAudits,
} from './rfc7644/query.js';
import {
  createAudits,
  deleteAudits,
  etagAudits,
  meAudits,
  protocolVersionAudits,
  readAudits,
  replaceAudits,
} from './rfc7644/resources.js';
import { cursorAudits } from './rfc9865/cursor.js';
import { authAudits, privacyAudits, tenancyAudits } from './security/access.js';
import { injectionAudits, textAudits } from './security/text.js';

/** Every audit, in the order of the standards. */
export const allAudits: readonly Audit[] = [
  ...coreAudits,
  ...typeAudits,
  ...multiAudits,
  ...nullAudits,
  ...schemasAudits,
  ...extendAudits,
  ...idAudits,
  ...externalIdAudits,
  ...metaAudits,
  ...versionAudits,
  ...userAudits,
  ...passwordAudits,
  ...groupAudits,
  ...enterpriseAudits,
  ...modelDiscoveryAudits,
  ...mutabilityAudits,
  ...returnedAudits,
  ...caseAudits,
  ...uniqueAudits,
  ...authAudits,
  ...privacyAudits,
  ...injectionAudits,
  ...textAudits,
  ...tenancyAudits,
  ...httpAudits,
  ...messageAudits,
  ...stateAudits,
  ...createAudits,
  ...readAudits,
  ...queryAudits,
  ...rootAudits,
  ...filterAudits,
  ...sortAudits,
  ...pageAudits,
  ...projectAudits,
  ...searchAudits,
  ...replaceAudits,
  ...patchAudits,
  ...patchAddAudits,
  ...patchRemoveAudits,
  ...patchReplaceAudits,
  ...deleteAudits,
  ...bulkAudits,
  ...notationAudits,
  ...meAudits,
  ...errorAudits,
  ...protocolVersionAudits,
  ...etagAudits,
  ...discoveryAudits,
  ...cursorAudits,
  ...entraAudits,
  ...oktaAudits,
];

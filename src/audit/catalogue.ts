import type { Audit } from './audit.js';
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
  ...bulkAudits,
  ...cursorAudits,
  ...entraAudits,
  ...oktaAudits,
];

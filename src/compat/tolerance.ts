import type { QuirkId } from './ledger.js';

/**
 * Asked by the code at the moment it meets a deviation: true means tolerate it, and the ledger
 * entry is noted as applied to this request; false means treat it as the standard says.
 */
export type Tolerate = (quirk: QuirkId) => boolean;

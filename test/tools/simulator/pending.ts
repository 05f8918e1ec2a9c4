import type { ClientId } from '../../../src/tools/index.js';

/**
 * Clients that send what the library does not accept yet, with the reading of the standards that accepts it. An entry
 * whose client completes all stages fails a test: then remove it.
 */
export const pending: Readonly<Partial<Record<ClientId, string>>> = {
  authentik: 'a PATCH without schemas (49), a name without quotes that has other characters than ._@+- (22)',
  syncope: 'a PATCH without Operations (50), a dot after a URN (52)',
  'scim-sdk': 'JSON text and a list of one object without a path (51), a list of one for a string',
  databricks: 'bodies without schemas (49)',
  salesforce: 'members inside the value of members (22)',
};

export function isPending(client: ClientId): boolean {
  return pending[client] !== undefined;
}

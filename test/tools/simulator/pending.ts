import type { ClientId } from '../../../src/tools/index.js';

/**
 * Clients that send what the library does not accept yet, with the reading of the standards that accepts it. An entry
 * whose client completes all stages fails a test: then remove it.
 */
export const pending: Readonly<Partial<Record<ClientId, string>>> = {};

export function isPending(client: ClientId): boolean {
  return pending[client] !== undefined;
}

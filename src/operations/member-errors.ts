import type { Selection } from '../contract/attribute.js';
import { isScimError, listIds, UnknownReferenceError } from '../errors.js';
import { bounded, type Call } from './call.js';

const noAttributes: Selection = new Set();

/** IDs that are looked up: the others are refused for the same reason, or the client learns of them next. */
const mostLookups = 5;

/**
 * Writes members, and explains a refusal of groups as members: a store that takes users only does not know their IDs,
 * although they exist.
 *
 * @throws UnknownReferenceError with a message of its own where an ID is that of a group
 */
export async function writeMembers<T>(call: Call, write: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isScimError(error) || error.code !== 'SCIM_UNKNOWN_REFERENCE' || !call.served.memberDeltas) throw error;
    const groups: string[] = [];
    for (const id of error.ids.slice(0, mostLookups)) {
      if ((await bounded(call, call.served.store.get(id, noAttributes, call.ctx))) !== undefined) groups.push(id);
    }
    if (groups.length === 0) throw error;
    throw new UnknownReferenceError(
      error.ids,
      `Groups of this service take users only, and these are groups: ${listIds(groups)}. Add their users instead.`,
    );
  }
}

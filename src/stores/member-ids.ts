import type { MemberChange } from '../contract/store.js';
import { InvalidValueError } from '../errors.js';

/**
 * Checks that every member of a change has an id. The library refuses a member without one before it calls a store; a
 * store that is called in another way must not keep it either.
 *
 * @throws InvalidValueError for an id that is missing, empty or not a string
 */
export function checkMemberIds({ add, remove }: MemberChange): void {
  const ids: readonly unknown[] = [...add.map((member) => (member as { value?: unknown } | null)?.value), ...remove];
  if (ids.every((id) => typeof id === 'string' && id !== '')) return;
  throw new InvalidValueError('Each value of members needs the id of a resource in `value`.');
}

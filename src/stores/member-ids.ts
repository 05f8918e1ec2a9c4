import type { MemberChange } from '../contract/store.js';
import { InvalidValueError } from '../errors.js';

/**
 * Checks that every member of a change has an ID. The library refuses a member without one before it calls a store; a
 * store that is called in another way must not keep it either.
 *
 * @throws InvalidValueError for an ID that is missing, empty or not a string
 */
export function checkMemberIds({ add, remove }: MemberChange): void {
  for (const member of add as readonly ({ readonly value?: unknown } | null | undefined)[]) check(member?.value);
  for (const id of remove) check(id);
}

function check(id: unknown): void {
  if (typeof id === 'string' && id !== '') return;
  throw new InvalidValueError('Each value of members needs the id of a resource in `value`.');
}

import { isScimError } from '../errors.js';

/** Whether a store has refused a write because a unique key is taken. */
export function isConflict(error: unknown): boolean {
  return isScimError(error) && error.status === 409;
}

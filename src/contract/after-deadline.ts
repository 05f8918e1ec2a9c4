import { UnavailableError } from '../errors.js';

/** The error of what must not begin because the time of the request is over. */
export function afterDeadline(): UnavailableError {
  return new UnavailableError(1, 'The deadline of the request has passed.');
}

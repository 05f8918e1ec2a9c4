import { UnavailableError } from '../errors.js';
import type { ScimContext } from './context.js';

/** The error of what must not begin because the time of the request is over. */
export function afterDeadline(): UnavailableError {
  return new UnavailableError(1, 'The deadline of the request has passed.');
}

/**
 * Call it before a write, after everything that may have waited: for a connection, a lock or a read. The client has got its 503,
 * and may have sent something else by now.
 *
 * @throws UnavailableError (503) when the time of the request is over
 */
export function refuseAfterDeadline(request: EndingRequest): void {
  if (request.isAborted ?? request.signal.aborted) throw afterDeadline();
}

/** A request whose time may be over. */
export interface EndingRequest extends Pick<ScimContext, 'signal'> {
  /** The same as `signal.aborted`, where the signal need not be made to know it. */
  readonly isAborted?: boolean | undefined;
}

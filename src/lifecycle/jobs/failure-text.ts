import { storable } from '../../database/storable.js';

const maxLength = 500;

/** The text of a failure as a job stores it: the start of the error's message, or `otherwise` for what is not an Error. */
export function failureText(error: unknown, otherwise: string): string {
  return storable((error instanceof Error ? error.message : otherwise).slice(0, maxLength));
}

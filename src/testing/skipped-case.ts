/**
 * Thrown by a test case that needs something that the store, or this machine, does not have. The message names it.
 *
 * @example
 * import { SkippedCase } from 'express-scim/testing';
 *
 * export const isSkipped = (error: unknown): boolean => error instanceof SkippedCase;
 */
export class SkippedCase extends Error {
  override readonly name = 'SkippedCase';
}

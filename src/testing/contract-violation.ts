/**
 * Thrown by a test case when the store violates the contract. The message says what the store did, what the contract
 * requires, and why it matters.
 *
 * @example
 * import { ContractViolation } from 'express-scim/testing';
 *
 * export const isViolation = (error: unknown): boolean => error instanceof ContractViolation;
 */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

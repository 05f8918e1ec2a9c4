import { describe } from '../contract/describe.js';
import { isObject } from '../contract/is-object.js';
import type { Adoption } from '../lifecycle/adoption/adoption.js';
import { wrongResult } from './faults.js';

/** What `options.adopt` returned; undefined where the user is to be created. @throws TypeError for anything else */
export function parseAdoption(value: unknown): Adoption | undefined {
  if (value === undefined || value === null) return undefined;
  if (isObject(value) && isAdoption(value)) return value;
  const remedy = 'Return { id }, { ambiguous }, { tombstone } or { refused: true }, or undefined to create the user.';
  throw wrongResult('adopt', value, remedy);
}

function isAdoption(value: Readonly<Record<string, unknown>>): value is Adoption & Readonly<Record<string, unknown>> {
  const { id, attributes, relink, ambiguous, tombstone, refused, reason, ...unknown } = value;
  // A decision whose name is misspelled must not count as none.
  if (Object.keys(unknown).length > 0 || (reason !== undefined && typeof reason !== 'string')) return false;
  const decisions = [id, ambiguous, tombstone, refused].filter((decision) => decision !== undefined);
  // Two decisions contradict each other: which of them counts must not be a guess.
  if (decisions.length !== 1) return false;
  if (id !== undefined) {
    return isText(id) && (attributes === undefined || isTexts(attributes)) && isOptionalBoolean(relink);
  }
  if (ambiguous !== undefined) return Array.isArray(ambiguous);
  return tombstone === undefined ? refused === true : isText(tombstone);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isOptionalBoolean(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}

/** The ID that `options.me` returned; undefined where the client is no user. @throws TypeError for anything else */
export function parseMe(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw wrongResult('me', value, 'Return the id of a user as a string, or undefined.');
}

/**
 * Whether `options.authorize` permits: only `true` does.
 *
 * @returns also what to report, where the value is neither a boolean nor empty: somebody may expect it to permit
 */
export function parsePermission(value: unknown): { readonly permitted: boolean; readonly problem?: string } {
  if (value === true) return { permitted: true };
  const isEmpty = value === undefined || value === null || value === false || value === 0 || value === '';
  if (isEmpty) return { permitted: false };
  return {
    permitted: false,
    problem: `authorize returned ${describe(value)}; the response was 403. Only true permits: return true or false.`,
  };
}

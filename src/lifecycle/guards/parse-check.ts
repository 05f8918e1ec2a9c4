import { describe } from '../../contract/describe.js';
import { isObject } from '../../contract/is-object.js';
import { remedyForNotRun } from '../../contract/not-run.js';
import { documentationPage } from '../../documentation.js';
import { ForbiddenError } from '../../errors.js';
import type { ChangeCheck } from '../../hooks.js';

/** Told what a function returned that it must not return. */
export type ReportFalse = (sentence: string) => void;

const throwIt = 'Throw a ScimError to refuse a change, and return nothing to allow it.';

/**
 * What a guard returned, as a check. A number or `true` is what an arrow function happens to return, and decides nothing.
 *
 * @param place names the guard
 * @throws ForbiddenError for `false`, which somebody meant as a refusal
 * @throws TypeError for a string, which somebody meant as the reason of a refusal, and for an object that is no check: a
 * rule that would never run must not pass
 */
export function parseCheck(value: unknown, place: string, report: ReportFalse): ChangeCheck | undefined {
  refuseFalse(value, place, report);
  if (typeof value === 'string') throw wrong(place, value, throwIt);
  if (value === null || typeof value !== 'object') return undefined;
  const names = ['before', 'after', 'failed'] as const;
  const isCheck =
    isObject(value) &&
    names.some((name) => value[name] !== undefined) &&
    names.every((name) => value[name] === undefined || typeof value[name] === 'function');
  if (isCheck) return value as ChangeCheck;
  throw wrong(place, value, 'Return nothing, or an object with the functions before, after or failed.');
}

/**
 * Looks at what a function returned that refuses by throwing, once its promise is settled.
 *
 * @param place names the function
 * @throws ForbiddenError for `false`
 * @throws TypeError for what has not run: a generator, or a query that was built and not executed
 */
export function checkOutcome(value: unknown, place: string, report: ReportFalse): void {
  refuseFalse(value, place, report);
  const remedy = remedyForNotRun(value);
  if (remedy !== undefined) throw wrong(place, value, remedy);
}

function refuseFalse(value: unknown, place: string, report: ReportFalse): void {
  if (value !== false) return;
  report(`${place} returned false; the response was 403. ${throwIt}`);
  throw new ForbiddenError('This client is not permitted to do this.');
}

function wrong(place: string, value: unknown, remedy: string): TypeError {
  const page = documentationPage('options.md#beforechange');
  return new TypeError(`${place} returned ${describe(value)}. ${remedy} See ${page}`);
}

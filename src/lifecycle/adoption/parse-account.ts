import { describe } from '../../contract/describe.js';
import { isObject } from '../../contract/is-object.js';
import { isAbsent, readBoolean } from '../../contract/row-values.js';
import { documentationPage } from '../../documentation.js';
import type { ExistingAccount } from './adoption.js';

/**
 * An account as a database returns it: `null` is absent, and booleans may be 0 and 1.
 *
 * @param place names the function of the app that returned it
 * @throws TypeError for anything else: an account whose `review` cannot be read must not count as one without
 */
export function parseAccount(value: unknown, place: string): ExistingAccount {
  if (!isObject(value)) throw wrong(place, `returned ${describe(value)} as an account`);
  const { id, label, externalId, active, review, ...unknown } = value;
  const [name] = Object.keys(unknown);
  // A column under its own name, such as `external_id` or `needs_review`, would count as absent, and open the account.
  if (name !== undefined) throw wrong(place, `returned an account with the unknown field ${JSON.stringify(name)}`);
  if (typeof id !== 'string' || id === '') throw wrong(place, `returned an account whose id is ${describe(id)}`);
  if (!isAbsent(externalId) && (typeof externalId !== 'string' || externalId === '')) {
    throw wrong(place, `returned an account whose externalId is ${describe(externalId)}`);
  }
  return {
    id,
    label: typeof label === 'string' ? label : id,
    externalId: externalId ?? undefined,
    active: flag(active, 'active', place),
    review: flag(review, 'review', place),
  };
}

function flag(value: unknown, name: string, place: string): boolean | undefined {
  const read = isAbsent(value) ? undefined : readBoolean(value);
  if (read === undefined && !isAbsent(value)) {
    throw wrong(place, `returned an account whose ${name} is ${describe(value)}`);
  }
  return read;
}

/** What `adoptBy.find` returned. @throws TypeError for anything but a list of accounts */
export function parseAccounts(value: unknown): readonly ExistingAccount[] {
  if (!Array.isArray(value)) throw wrong('find', `returned ${describe(value)}`);
  return value.map((account: unknown) => parseAccount(account, 'find'));
}

function wrong(place: string, what: string): TypeError {
  const page = documentationPage('lifecycle.md#existing-accounts-adopt');
  const shape =
    '{ id, label, externalId, active, review }, with strings, and true or false (or 1 or 0) for the last two';
  return new TypeError(`adoptBy: ${place} ${what}. An account is ${shape}. See ${page}`);
}

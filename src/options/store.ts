import { isThenable } from '../contract/awaitable.js';
import { isObject } from '../contract/is-object.js';
import type { Supports } from '../contract/store.js';
import type { Mistakes } from './mistakes.js';

const page = 'stores.md';
const methods = ['create', 'get', 'list', 'update', 'delete'] as const;
const optionalMethods = ['namesOf', 'groupsOf'] as const;

interface Expected {
  readonly text: string;
  accepts(value: unknown): boolean;
}

const trueOrFalse: Expected = { text: 'true or false', accepts: (value) => typeof value === 'boolean' };

function oneOf(...values: readonly string[]): Expected {
  const text = values.map((value) => `'${value}'`).join(' or ');
  return { text, accepts: (value) => typeof value === 'string' && values.includes(value) };
}

const paths: Expected = {
  text: "a list of attribute paths, such as ['userName', 'name.givenName']",
  accepts: (value) => Array.isArray(value) && value.every((path) => typeof path === 'string'),
};

const supported: Readonly<Record<keyof Supports, Expected>> = {
  attributes: paths,
  filter: oneOf('all', 'equals'),
  sort: trueOrFalse,
  cursor: { text: "true, false or 'forward'", accepts: (value) => typeof value === 'boolean' || value === 'forward' },
  pendingMembers: trueOrFalse,
  keys: paths,
  tenants: oneOf('one', 'many'),
  outbox: trueOrFalse,
  checks: trueOrFalse,
};

/** Whether a value has the methods of a store. */
export function isStore(value: unknown): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return methods.every((method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function');
}

/**
 * Checks that a store has the methods of its contract, and that `supports` is spelled right.
 *
 * @param place where the store is: `store`, `store.groups` or `resourceTypes[0].store`
 * @returns whether it has
 */
export function checkStore(store: unknown, place: string, mistakes: Mistakes): boolean {
  // Not isObject: a store may be anything that has the methods, such as a class with static ones.
  if (store === null || (typeof store !== 'object' && typeof store !== 'function')) {
    mistakes.add(`${place} must be a store: an object with the methods ${methods.join(', ')}.`, page);
    return false;
  }
  if (isThenable(store)) {
    mistakes.add(`${place} is a promise: await it.`, page);
    return false;
  }
  const members = store as Readonly<Record<string, unknown>>;
  const missing = methods.filter((method) => typeof members[method] !== 'function');
  if (missing.length > 0) {
    mistakes.add(`${place} lacks ${missing.join(', ')}: a store has the methods ${methods.join(', ')}.`, page);
  }
  const misused = optionalMethods.filter((name) => !['undefined', 'function'].includes(typeof members[name]));
  for (const name of misused) mistakes.add(`${place}.${name} must be a function: write one, or leave it out.`, page);
  const supports = checkSupports(members['supports'], `${place}.supports`, mistakes);
  return missing.length === 0 && misused.length === 0 && supports;
}

function checkSupports(supports: unknown, place: string, mistakes: Mistakes): boolean {
  if (supports === undefined) return true;
  if (!mistakes.expectKind(supports, place, ['object'], page) || !isObject(supports)) return false;
  mistakes.expectNames(Object.keys(supports), Object.keys(supported), `${place}.`, page);
  let fine = true;
  for (const [name, expected] of Object.entries(supported)) {
    const value = supports[name];
    if (value === undefined || expected.accepts(value)) continue;
    mistakes.add(`${place}.${name} must be ${expected.text}.`, page);
    fine = false;
  }
  return fine;
}

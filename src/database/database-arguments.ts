import type { Kysely } from 'kysely';
import { isThenable } from '../contract/awaitable.js';
import { describe } from '../contract/describe.js';
import { isObject } from '../contract/is-object.js';
import {
  checkOptions,
  mistakeInArgument,
  mistakesIn,
  type OptionRules,
  usageError,
} from '../contract/option-mistakes.js';
import { type Dialect, dialectOf } from './dialect.js';
import type { TableOptions } from './table-names.js';
import { untyped } from './untyped.js';

/** The dialects, as an option names them. */
export const dialectKind = { oneOf: ['postgres', 'mysql', 'sqlite'] satisfies Dialect[] };

/** The database of a store, parsed. */
export interface DatabaseArguments {
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
}

/** The rules of a function whose options are `TableOptions`. */
export function tableOptionRules(of: string, page = 'sql.md#built-in-tables'): OptionRules<keyof TableOptions> {
  const related = ['outbox', 'lookups', 'scanLimit', 'onScan', 'resourceTypes'];
  return { of, page, kinds: { dialect: dialectKind, tables: 'string' }, related };
}

/** The rules of a function that takes the name of a table, and whose only option is the dialect. */
export function namedTableRules(of: string, page: string): OptionRules<'dialect'> {
  return { of, page, kinds: { dialect: dialectKind } };
}

/** What is wrong with the name of a table, as the second argument of a function. */
export function mistakeInTableName(name: unknown): string | undefined {
  return mistakeInArgument(name, 'the second argument', 'string');
}

/**
 * Checks the arguments of a function that takes an instance of Kysely and options.
 *
 * @param further the mistakes that a kind does not cover
 * @throws TypeError that names every mistake
 */
export function checkDatabase<Name extends string>(
  db: unknown,
  options: unknown,
  rules: OptionRules<Name>,
  further: (options: Readonly<Partial<Record<Name, unknown>>>) => readonly (string | undefined)[] = () => [],
): void {
  const mistake = mistakeInDatabase(db, options);
  if (mistake === undefined) checkOptions(options, rules, further);
  else {
    const others = isObject(options) && !isKysely(options) ? mistakesIn(options, rules) : [];
    throw usageError(rules.of, [mistake, ...others], rules.page);
  }
}

/** Parses these arguments. @throws TypeError that names every mistake */
export function parseDatabase<DB, Name extends string>(
  db: Kysely<DB>,
  options: { readonly dialect?: Dialect | undefined },
  rules: OptionRules<Name>,
  further?: (options: Readonly<Partial<Record<Name, unknown>>>) => readonly (string | undefined)[],
): DatabaseArguments {
  checkDatabase(db, options, rules, further);
  return { db: untyped(db), dialect: options.dialect ?? dialectOf(db) };
}

function mistakeInDatabase(db: unknown, next: unknown): string | undefined {
  if (isKysely(db)) return undefined;
  const expected = 'the first argument must be your instance of Kysely';
  if (isKysely(next)) return `${expected}: did you swap the arguments?`;
  const found = `${expected}; got ${describe(db)}`;
  return typeof db === 'object' && isThenable(db) ? `${found}: await it` : found;
}

function isKysely(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'getExecutor' in value && typeof value.getExecutor === 'function'
  );
}

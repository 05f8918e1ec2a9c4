import type { Dialect } from './dialect.js';
import { usageError } from '../contract/option-mistakes.js';

/** Names of the built-in tables. */
export interface BuiltInTables {
  readonly users: string;
  readonly groups: string;
  /** Which resource is a member of which group. */
  readonly members: string;
  /** Normalized values of unique attributes without a column; the primary key of this table enforces uniqueness. */
  readonly keys: string;
  /** SQLite and MySQL: normalized values of the attributes that clients search by and that have no column. */
  readonly lookups: string;
  readonly outbox: string;
  /** One row for each tenant: the lock of its checked writes. */
  readonly locks: string;
}

/** Options that the migrations and the stores share. */
export interface TableOptions {
  /** The SQL dialect. Default: detected from the Kysely dialect. */
  readonly dialect?: Dialect | undefined;
  /** The prefix of all table names: letters, digits and underscores, at most 41. Default `scim_`. */
  readonly tables?: string | undefined;
}

/**
 * Checks a prefix of table names, which goes into statements as it is.
 *
 * @param option name of the option that holds the prefix, for the error message
 * @throws TypeError when the prefix cannot start a table name
 */
export function checkTablePrefix(prefix: string, option = 'tables'): void {
  if (!/^[a-z_][a-z0-9_]{0,40}$/i.test(prefix)) {
    const mistake = 'must be a prefix of letters, digits and underscores, at most 41 characters, such as scim_';
    throw usageError(`The option ${option}`, mistake, 'sql.md#built-in-tables');
  }
}

/**
 * Names of all built-in tables with a prefix.
 *
 * @throws TypeError when the prefix cannot start a table name
 */
export function tableNames(prefix = 'scim_'): BuiltInTables {
  checkTablePrefix(prefix);
  return {
    users: `${prefix}users`,
    groups: `${prefix}groups`,
    members: `${prefix}members`,
    keys: `${prefix}keys`,
    lookups: `${prefix}lookups`,
    outbox: `${prefix}outbox`,
    locks: `${prefix}locks`,
  };
}

/**
 * Name of the table of a further resource type.
 *
 * @throws TypeError for `User`, `Group` and a type that cannot be part of a table name
 */
export function resourceTableName(type: string, prefix = 'scim_'): string {
  checkTablePrefix(prefix);
  if (!/^[a-z][a-z0-9]{0,19}$/i.test(type) || type === 'User' || type === 'Group') {
    const remedy = 'pass the name of a further resource type, up to 20 letters and digits';
    throw usageError('resources', `${type} cannot have a table of its own: ${remedy}`, 'sql.md#built-in-tables');
  }
  return `${prefix}type_${type.toLowerCase()}`;
}

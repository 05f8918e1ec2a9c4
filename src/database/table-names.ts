import type { Dialect } from './dialect.js';

/** Names of the ready-made tables. */
export interface Tables {
  readonly users: string;
  readonly groups: string;
  /** Who is a member of which group. */
  readonly members: string;
  /** Prepared forms of unique attributes: its primary key decides uniqueness. */
  readonly keys: string;
  /** Prepared forms of everything that can be filtered and sorted by. */
  readonly values: string;
  readonly outbox: string;
}

/** Options that the migrations and the store share. */
export interface TableOptions {
  /** Left out: told from the instance of Kysely. */
  readonly dialect?: Dialect | undefined;
  /** What the names of all tables begin with. Default `scim_`. */
  readonly tables?: string | undefined;
}

/** Names of all tables behind a prefix. @throws TypeError for a prefix that cannot begin a name */
export function tableNames(prefix = 'scim_'): Tables {
  if (!/^[a-z_][a-z0-9_]{0,40}$/i.test(prefix)) {
    throw new TypeError('tables must be a prefix of letters, digits and underscores.');
  }
  const name = (table: string): string => prefix + table;
  return {
    users: name('users'),
    groups: name('groups'),
    members: name('members'),
    keys: name('keys'),
    values: name('values'),
    outbox: name('outbox'),
  };
}

/** Name of the table of a further resource type. @throws TypeError for a name that cannot be one */
export function resourceTableName(type: string, prefix = 'scim_'): string {
  tableNames(prefix);
  if (!/^[a-z][a-z0-9]{0,19}$/i.test(type) || type === 'User' || type === 'Group') {
    throw new TypeError(`${type} gets no table of its own: name a further resource type, up to 20 letters and digits.`);
  }
  return `${prefix}type_${type.toLowerCase()}`;
}

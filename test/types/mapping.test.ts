import { describe, expect, it } from '@jest/globals';
import type { ColumnType, Generated } from 'kysely';
import { children, defineMapping, lookup, reference } from '../../src/sql.js';

interface Database {
  users: {
    id: Generated<number>;
    email: string;
    age: number;
    admin: boolean;
    state: 'on' | 'off';
    unit_id: number | null;
    hired: ColumnType<Date | null, Date | null, Date | null>;
  };
  units: { id: Generated<number>; title: string };
  mails: { person_id: number; address: string };
}

// The compiler is under test here: `npm run types` fails where an expected error is missing.
const define = defineMapping<Database>();
const id = { column: 'id' } as const;

const right = define({
  table: 'users',
  id,
  version: 'hash',
  attributes: {
    userName: 'email',
    active: { column: 'state', on: ['on'], off: ['off'] },
    title: { column: 'age', read: (age) => age.toFixed(0), write: (title) => Number(title) },
    'emails[type eq "work"].value': 'email',
    'enterprise.department': lookup({
      column: 'unit_id',
      table: 'units',
      key: 'id',
      value: 'title',
      unknown: 'ignore',
    }),
    'enterprise.manager.value': reference('unit_id'),
    phoneNumbers: children({ table: 'mails', owner: 'person_id', columns: { value: 'address' } }),
    'urn:example:2.0:User:admin': 'admin',
    'urn:example:2.0:User:age': 'age',
    'urn:example:2.0:User:years': {
      column: 'age',
      read: (age) => `${age.toFixed(0)} years`,
      write: (years) => Number.parseInt(String(years)),
    },
    'urn:example:2.0:User:since': {
      column: 'hired',
      read: (hired) => hired?.toISOString(),
      write: (since?: string) => (since === undefined ? null : new Date(since)),
    },
  },
});

export const wrong = [
  // @ts-expect-error -- no such table
  () => define({ table: 'accounts', id, version: 'hash', attributes: { userName: 'email' } }),
  // @ts-expect-error -- a column of another table
  () => define({ table: 'users', id, version: 'hash', attributes: { userName: 'title' } }),
  // @ts-expect-error -- a number is not a string
  () => define({ table: 'users', id, version: 'hash', attributes: { userName: 'age' } }),
  // @ts-expect-error -- a string is not a boolean
  () => define({ table: 'users', id, version: 'hash', attributes: { userName: 'email', active: 'email' } }),
  () =>
    define({
      table: 'users',
      id,
      version: 'hash',
      // @ts-expect-error -- no state of that column
      attributes: { userName: 'email', active: { column: 'state', on: ['yes'], off: ['off'] } },
    }),
  // @ts-expect-error -- no attribute of the schema
  () => define({ table: 'users', id, version: 'hash', attributes: { username: 'email' } }),
  () =>
    define({
      table: 'users',
      id,
      version: 'hash',
      attributes: {
        // @ts-expect-error -- no column of the other table
        title: lookup({ column: 'unit_id', table: 'units', key: 'id', value: 'address', unknown: 'ignore' }),
      },
    }),
  () =>
    define({
      table: 'users',
      id,
      version: 'hash',
      // @ts-expect-error -- a date is not a string, a number or a boolean
      attributes: { userName: 'email', 'urn:a:2.0:User:b': 'hired' },
    }),
  // @ts-expect-error -- a tenant in a column that does not exist
  () => define({ table: 'users', id, tenant: 'org', version: 'hash', attributes: { userName: 'email' } }),
  // @ts-expect-error -- a version in a column that does not exist
  () => define({ table: 'users', id, version: { column: 'rev' }, attributes: { userName: 'email' } }),
  () =>
    define({
      table: 'units',
      id,
      version: 'hash',
      attributes: { displayName: 'title' },
      // @ts-expect-error -- members in a column of another table
      members: { table: 'mails', group: 'person_id', member: 'unit_id' },
    }),
  () =>
    define({
      table: 'users',
      id,
      version: 'hash',
      // @ts-expect-error -- defaults for a column that does not exist
      defaults: () => ({ color: 'red' }),
      attributes: { userName: 'email' },
    }),
  () =>
    define({
      table: 'users',
      id,
      version: 'hash',
      // @ts-expect-error -- a number for a string
      attributes: { userName: { column: 'age', read: (age) => age } },
    }),
];

describe('defineMapping', () => {
  it('makes plain frozen data', () => {
    expect(Object.isFrozen(right)).toBe(true);
    expect(right).toMatchObject({
      table: 'users',
      id: { column: 'id', prefix: '', type: 'integer' },
      tenant: undefined,
    });
  });
});

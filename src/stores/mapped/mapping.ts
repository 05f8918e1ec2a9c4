import type { Attributes } from '../../contract/attribute.js';
import type { AnyChildren, AnyLookup, Constant, MappingOf } from './mapping-types.js';
import { isObject } from '../../contract/is-object.js';
import {
  checkOptions,
  mistakesIn,
  type NamedKinds,
  type OptionRules,
  usageError,
} from '../../contract/option-mistakes.js';
import { mistakesInAttributes, mistakesInColumns } from './mapping-mistakes.js';

/** A mapping as a store reads it: frozen data, without the types of its database. See `MappingIn` for its members. */
export interface Mapping {
  readonly table: string;
  readonly id: { readonly column: string; readonly prefix: string; readonly type: 'integer' | 'uuid' | 'text' };
  readonly tenant: { readonly column: string; write(tenant: string): unknown } | undefined;
  readonly version: { readonly column: string } | 'xmin' | 'hash';
  readonly created: string | undefined;
  readonly lastModified: string | undefined;
  readonly rest: string | undefined;
  readonly softDelete: { readonly column: string; mark(): unknown } | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly defaults:
    ((resource: Attributes, tenant: string, now: Date) => Readonly<Record<string, unknown>>) | undefined;
  readonly stamp: ((now: Date) => Readonly<Record<string, unknown>>) | undefined;
  readonly constraints: Readonly<Record<string, string>>;
  readonly members: { readonly table: string; readonly group: string; readonly member: string } | undefined;
}

/**
 * Maps users or groups to a table that your app already has. An unknown table or column, or a column of another type,
 * is a compile error.
 *
 * It is called in two steps, so that TypeScript infers the types of the mapping while you name the database.
 *
 * @typeParam DB the database type of your Kysely instance
 * @returns a function that takes the mapping, and returns it as frozen data without types. It throws a TypeError that
 *   names every wrong option
 *
 * @example
 * import type { Generated } from 'kysely';
 * import { defineMapping, lookup } from 'express-scim/sql';
 *
 * interface Database {
 *   members: { id: Generated<number>; email: string; first_name: string | null; status: string; department_id: number | null
 *   }; departments: { id: Generated<number>; title: string };
 * }
 *
 * export const users = defineMapping<Database>()({
 *   table: 'members',
 *   id: { column: 'id', prefix: 'u' },
 *   version: 'xmin',
 *   attributes: {
 *     userName: 'email',
 *     'name.givenName': 'first_name',
 *     active: { column: 'status', on: ['active', 'invited'], off: ['suspended'] },
 *     'enterprise.department': lookup({
 *       column: 'department_id',
 *       table: 'departments',
 *       key: 'id',
 *       value: 'title',
 *       unknown: 'create',
 *     }),
 *   },
 * });
 */
export function defineMapping<DB>(): (mapping: MappingOf<DB>) => Mapping;
export function defineMapping(...misplaced: readonly unknown[]): (mapping: MappingOf<unknown>) => Mapping {
  if (misplaced.length > 0) {
    throw usageError(rules.of, 'it is called in two steps: defineMapping()({ ... })', rules.page);
  }
  return (typed) => {
    checkOptions(typed, rules, mistakesInMapping);
    // The types have been checked; the stores read every mapping in the same way.
    const declared = typed as unknown as Partial<Mapping> & Pick<Mapping, 'table' | 'version' | 'attributes'>;
    const tenant: unknown = declared.tenant;
    const mapping: Mapping = {
      created: undefined,
      lastModified: undefined,
      rest: undefined,
      softDelete: undefined,
      members: undefined,
      defaults: undefined,
      stamp: undefined,
      ...declared,
      id: { column: '', prefix: '', type: 'integer', ...withoutUndefined(declared.id ?? {}) },
      tenant: typeof tenant === 'string' ? { column: tenant, write: (name: string) => name } : declared.tenant,
      constraints: declared.constraints ?? {},
    };
    return Object.freeze(mapping);
  };
}

const rules: OptionRules<keyof Mapping> = {
  of: 'defineMapping',
  page: 'sql.md#options-of-a-mapping',
  required: ['table', 'id', 'version', 'attributes'],
  kinds: {
    table: 'string',
    id: 'object',
    tenant: ['string', 'object'],
    version: ['object', { oneOf: ['xmin', 'hash'] }],
    created: 'string',
    lastModified: 'string',
    rest: 'string',
    softDelete: 'object',
    attributes: 'object',
    defaults: 'function',
    stamp: 'function',
    constraints: 'object',
    members: 'object',
  },
};

const idKinds: NamedKinds<keyof Mapping['id']> = {
  required: ['column'],
  kinds: { column: 'string', prefix: 'text', type: { oneOf: ['integer', 'uuid', 'text'] } },
};
const tenantKinds: NamedKinds<'column' | 'write'> = {
  required: ['column', 'write'],
  kinds: { column: 'string', write: 'function' },
};
const versionKinds: NamedKinds<'column'> = { required: ['column'], kinds: { column: 'string' } };
const softDeleteKinds: NamedKinds<'column' | 'mark'> = {
  required: ['column', 'mark'],
  kinds: { column: 'string', mark: 'function' },
};
const memberKinds: NamedKinds<'table' | 'group' | 'member'> = {
  required: ['table', 'group', 'member'],
  kinds: { table: 'string', group: 'string', member: 'string' },
};

/** The mistakes inside the options of a mapping. */
function mistakesInMapping(given: Readonly<Partial<Record<keyof Mapping, unknown>>>): readonly string[] {
  const { id, tenant, version, softDelete, members, attributes, constraints } = given;
  const inside = (value: unknown, kinds: NamedKinds<string>, place: string): readonly string[] =>
    isObject(value) ? mistakesIn(value, kinds, `${place}.`) : [];
  return [
    ...inside(id, idKinds, 'id'),
    ...inside(tenant, tenantKinds, 'tenant'),
    ...inside(version, versionKinds, 'version'),
    ...inside(softDelete, softDeleteKinds, 'softDelete'),
    ...inside(members, memberKinds, 'members'),
    ...mistakesInColumns(constraints, 'constraints'),
    ...(isObject(attributes) ? mistakesInAttributes(attributes) : []),
  ];
}

function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

/**
 * Maps an attribute to a foreign key. Its value is a name in the table that the key references.
 *
 * `unknown` decides what happens with a name that is not in that table: `create` inserts it, with the further columns
 * that `create` returns; `ignore` leaves the attribute as it was; `reject` is an error, 400 invalidValue. With
 * `read-only` a client can never change the attribute.
 *
 * In a mapping with a tenant, `tenant` names the column of the other table that holds the tenant: a client finds, links
 * and creates rows of its own tenant only. `shared: true` says instead that all tenants share the rows.
 *
 * @example
 * import type { Generated } from 'kysely';
 * import { defineMapping, lookup } from 'express-scim/sql';
 *
 * interface Database {
 *   members: { id: Generated<number>; email: string; boss_id: number | null; site_id: number | null };
 *   sites: { id: Generated<number>; name: string };
 *   mails: { member_id: number; address: string; kind: string | null };
 * }
 *
 * export const users = defineMapping<Database>()({
 *   table: 'members',
 *   id: { column: 'id' },
 *   version: 'xmin',
 *   attributes: {
 *     userName: 'email',
 *     timezone: lookup({ column: 'site_id', table: 'sites', key: 'id', value: 'name', unknown: 'reject' }),
 *   },
 * });
 */
export function lookup<const L extends Omit<AnyLookup, 'kind'>>(description: L): L & { readonly kind: 'lookup' } {
  return { ...description, kind: 'lookup' };
}

/**
 * Maps an attribute to one value for all resources. A value that a client sends is ignored.
 *
 * @example
 * import type { Generated } from 'kysely';
 * import { constant, defineMapping } from 'express-scim/sql';
 *
 * interface Database {
 *   members: { id: Generated<number>; email: string; boss_id: number | null; site_id: number | null };
 *   sites: { id: Generated<number>; name: string };
 *   mails: { member_id: number; address: string; kind: string | null };
 * }
 *
 * export const users = defineMapping<Database>()({
 *   table: 'members',
 *   id: { column: 'id' },
 *   version: 'xmin',
 *   attributes: {
 *     userName: 'email',
 *     locale: constant('en-GB'),
 *   },
 * });
 */
export function constant<const V extends string | boolean | number>(value: V): Constant<V> {
  return { kind: 'constant', value };
}

/**
 * Maps the manager of a user to a foreign key to another row of the same table.
 *
 * A reference to a user who does not exist yet is stored with the attributes that have no column. The first write after
 * the user exists turns it into a foreign key.
 *
 * @example
 * import type { Generated } from 'kysely';
 * import { defineMapping, reference } from 'express-scim/sql';
 *
 * interface Database {
 *   members: { id: Generated<number>; email: string; boss_id: number | null; site_id: number | null };
 *   sites: { id: Generated<number>; name: string };
 *   mails: { member_id: number; address: string; kind: string | null };
 * }
 *
 * export const users = defineMapping<Database>()({
 *   table: 'members',
 *   id: { column: 'id' },
 *   version: 'xmin',
 *   attributes: {
 *     userName: 'email',
 *     'enterprise.manager.value': reference('boss_id'),
 *   },
 * });
 */
export function reference<const C extends string>(column: C): { readonly kind: 'reference'; readonly column: C } {
  return { kind: 'reference', column };
}

/**
 * Maps a multi-valued attribute to a child table: one row for each value, one column for each sub-attribute.
 *
 * @example
 * import type { Generated } from 'kysely';
 * import { children, defineMapping } from 'express-scim/sql';
 *
 * interface Database {
 *   members: { id: Generated<number>; email: string; boss_id: number | null; site_id: number | null };
 *   sites: { id: Generated<number>; name: string };
 *   mails: { member_id: number; address: string; kind: string | null };
 * }
 *
 * export const users = defineMapping<Database>()({
 *   table: 'members',
 *   id: { column: 'id' },
 *   version: 'xmin',
 *   attributes: {
 *     userName: 'email',
 *     emails: children({ table: 'mails', owner: 'member_id', columns: { value: 'address', type: 'kind' } }),
 *   },
 * });
 */
export function children<const C extends Omit<AnyChildren, 'kind'>>(description: C): C & { readonly kind: 'children' } {
  return { ...description, kind: 'children' };
}

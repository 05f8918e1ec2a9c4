import type { Selectable, Updateable } from 'kysely';
import type { Attributes } from '../../contract/attribute.js';
import { withoutUndefined } from '../../contract/without-undefined.js';

type Table<DB> = keyof DB & string;
type Column<DB, T extends Table<DB>> = keyof DB[T] & string;
type Shown<DB, T extends Table<DB>, C extends Column<DB, T>> = Selectable<DB[T]>[C & keyof Selectable<DB[T]>];
type Written<DB, T extends Table<DB>, C extends Column<DB, T>> = C extends keyof Updateable<DB[T]>
  ? Updateable<DB[T]>[C]
  : never;

/** Columns of a table that hold values of an attribute as they are. */
type ColumnFor<DB, T extends Table<DB>, V> = {
  [C in Column<DB, T>]: V extends NonNullable<Shown<DB, T, C>> ? C : never;
}[Column<DB, T>];

type Complex = 'emails' | 'phoneNumbers' | 'ims' | 'photos' | 'entitlements' | 'roles';
type Address = 'formatted' | 'streetAddress' | 'locality' | 'region' | 'postalCode' | 'country';
type Name = 'formatted' | 'familyName' | 'givenName' | 'middleName' | 'honorificPrefix' | 'honorificSuffix';
type Enterprise = 'employeeNumber' | 'costCenter' | 'organization' | 'division' | 'department';

/** Attributes that are texts. `enterprise.` stands for the URN of the enterprise extension. */
export type TextPath =
  | ('userName' | 'externalId' | 'displayName' | 'nickName' | 'profileUrl' | 'title' | 'userType')
  | ('preferredLanguage' | 'locale' | 'timezone')
  | `name.${Name}`
  | `enterprise.${Enterprise}`
  | `${Complex}[type eq "${string}"].${'value' | 'display'}`
  | `addresses[type eq "${string}"].${Address}`;

/** Multi-valued attributes that a child table can hold. */
export type ChildPath = Complex | 'addresses';

/** An attribute of an extension of the host's own, such as `urn:example:params:scim:schemas:Asset:2.0:User:badge`. */
export type ExtensionPath = `urn:${string}`;

/** A column whose values are others than SCIM's. */
type Converted<DB, T extends Table<DB>, V> = {
  [C in Column<DB, T>]: {
    readonly column: C;
    /** From the column to SCIM; undefined: unassigned. */
    read(value: Shown<DB, T, C>): V | undefined;
    /** From SCIM to the column. Left out: only the host changes it. */
    write?(value: V | undefined): Written<DB, T, C>;
    /** True: `write` undoes `read` and the other way round, so that the database may compare. */
    readonly reversible?: boolean;
    readonly kind?: undefined;
    readonly on?: undefined;
    readonly empty?: undefined;
  };
}[Column<DB, T>];

/** A column that takes no null: what it holds where the attribute is unassigned. */
type Filled<DB, T extends Table<DB>, V> = {
  readonly column: ColumnFor<DB, T, V>;
  readonly empty: V;
  readonly kind?: undefined;
  readonly on?: undefined;
};

/** A truth value held as states: the first of a list is written, unless the row is in another of the same list already. */
type Flag<DB, T extends Table<DB>> = {
  [C in Column<DB, T>]: {
    readonly column: C;
    readonly on: readonly [Shown<DB, T, C>, ...Shown<DB, T, C>[]];
    readonly off: readonly [Shown<DB, T, C>, ...Shown<DB, T, C>[]];
    readonly kind?: undefined;
    readonly empty?: undefined;
  };
}[Column<DB, T>];

/** A foreign key to a row that a name stands for. Made by `lookup`. */
type LookupIn<DB, T extends Table<DB>> = {
  [Other in Table<DB>]: {
    readonly kind: 'lookup';
    readonly column: Column<DB, T>;
    readonly table: Other;
    readonly key: Column<DB, Other>;
    readonly value: Column<DB, Other>;
    readonly tenant?: Column<DB, Other> | undefined;
    readonly unknown: UnknownName;
    create?: ((value: string, resource: Attributes) => Readonly<Record<string, unknown>>) | undefined;
  };
}[Table<DB>];

/** What becomes of a name that the other table does not have. */
export type UnknownName = 'create' | 'ignore' | 'reject' | 'read-only';

interface Constant<V> {
  readonly kind: 'constant';
  readonly column?: undefined;
  readonly value: V;
}

/** A reference to another user, such as the manager, as a foreign key. Made by `reference`. */
interface ReferenceIn<DB, T extends Table<DB>> {
  readonly kind: 'reference';
  readonly column: Column<DB, T>;
}

/** A value worked out of several columns, or several values out of one. It is filtered in memory. */
export interface Computed<DB, T extends Table<DB>, V> {
  readonly kind: 'computed';
  readonly column?: undefined;
  readonly columns: readonly Column<DB, T>[];
  read(row: Selectable<DB[T]>): V | undefined;
  /** Columns to set, given the whole resource as it will be. Left out: only the host changes it. */
  write?(value: V | undefined, resource: Attributes): Updateable<DB[T]>;
}

/** Values in rows of their own. Made by `children`. */
type ChildrenIn<DB> = {
  [Other in Table<DB>]: {
    readonly kind: 'children';
    readonly table: Other;
    readonly owner: Column<DB, Other>;
    readonly columns: Readonly<Record<string, Column<DB, Other>>>;
  };
}[Table<DB>];

type Attribute<DB, T extends Table<DB>, V> =
  | ColumnFor<DB, T, V>
  | Converted<DB, T, V>
  | Filled<DB, T, V>
  | (V extends boolean ? Flag<DB, T> : never)
  | (V extends string ? LookupIn<DB, T> : never)
  | Constant<V>
  | Computed<DB, T, V>;

type Scalar = string | boolean | number;

/**
 * An attribute whose type is in a schema that the compiler does not see. One signature for all types: of three the
 * compiler would make none for a function without annotations.
 */
type ExtensionAttribute<DB, T extends Table<DB>> =
  | ColumnFor<DB, T, string>
  | ColumnFor<DB, T, boolean>
  | ColumnFor<DB, T, number>
  | Filled<DB, T, string>
  | Filled<DB, T, boolean>
  | Filled<DB, T, number>
  | Flag<DB, T>
  | LookupIn<DB, T>
  | Constant<Scalar>
  | Converted<DB, T, Scalar>
  | Computed<DB, T, Scalar>;

type AttributesIn<DB, T extends Table<DB>> = { readonly [P in TextPath]?: Attribute<DB, T, string> } & {
  readonly [P in ExtensionPath]?: ExtensionAttribute<DB, T>;
} & { readonly [P in ChildPath]?: ChildrenIn<DB> } & {
  readonly active?: Attribute<DB, T, boolean>;
  readonly 'enterprise.manager.value'?: ReferenceIn<DB, T>;
};

/** How users, or groups, lie in a table of the host's. */
export interface MappingIn<DB, T extends Table<DB>> {
  readonly table: T;
  /** The primary key. Ids are `prefix` and the key, so that users and groups over integers never share one. */
  readonly id: {
    readonly column: Column<DB, T>;
    readonly prefix?: string | undefined;
    /** `integer`: the database counts. `uuid` and `text`: we make a UUID. Default `integer`. */
    readonly type?: 'integer' | 'uuid' | 'text' | undefined;
  };
  /** Left out: the host has one tenant. */
  readonly tenant?:
    | ColumnFor<DB, T, string>
    | {
        [C in Column<DB, T>]: { readonly column: C; write(tenant: string): Shown<DB, T, C> };
      }[Column<DB, T>]
    | undefined;
  /**
   * What tells that a row has changed: a number that every writer, the host's code too, adds to; PostgreSQL's `xmin`,
   * which needs no change of the table; or a hash of the mapped columns, which comes back when the values do.
   */
  readonly version: { readonly column: Column<DB, T> } | 'xmin' | 'hash';
  readonly created?: Column<DB, T> | undefined;
  readonly lastModified?: Column<DB, T> | undefined;
  /** A column of JSON text for what has no column of its own. Left out: the side table, if there is one. */
  readonly rest?: Column<DB, T> | undefined;
  /** A row counts as deleted where this column is not null; deletion sets it to what `mark` gives. Left out: rows are deleted. */
  readonly softDelete?:
    { [C in Column<DB, T>]: { readonly column: C; mark(): Written<DB, T, C> } }[Column<DB, T>] | undefined;
  readonly attributes: AttributesIn<DB, T>;
  /** Columns that a new row needs and SCIM knows nothing of. */
  defaults?(resource: Attributes, tenant: string): Updateable<DB[T]>;
  /** Columns to set at every change of SCIM's, such as `updated_at`. */
  stamp?(now: Date): Updateable<DB[T]>;
  /** The attribute that a unique constraint speaks of, by the constraint's name. Default `userName`, of groups `displayName`. */
  readonly constraints?: Readonly<Record<string, string>> | undefined;
  /** Of groups: who is in them. */
  readonly members?:
    | {
        [Join in Table<DB>]: {
          readonly table: Join;
          readonly group: Column<DB, Join>;
          readonly member: Column<DB, Join>;
        };
      }[Table<DB>]
    | undefined;
}

/** A mapping of any table of a database; `table` says which. */
export type MappingOf<DB> = { [T in Table<DB>]: MappingIn<DB, T> }[Table<DB>];

/** A mapping without the types of its database: plain frozen data that a store reads. */
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
  readonly defaults: ((resource: Attributes, tenant: string) => Readonly<Record<string, unknown>>) | undefined;
  readonly stamp: ((now: Date) => Readonly<Record<string, unknown>>) | undefined;
  readonly constraints: Readonly<Record<string, string>>;
  readonly members: { readonly table: string; readonly group: string; readonly member: string } | undefined;
}

/**
 * Says how users or groups lie in a table that is there already. A wrong table, column or type is a compile error.
 *
 * @typeParam DB the host's database as it is given to Kysely
 *
 * @example
 * const users = defineMapping<Database>()({
 *   table: 'members',
 *   id: { column: 'id', prefix: 'u' },
 *   version: 'xmin',
 *   attributes: {
 *     userName: 'email',
 *     'name.givenName': 'first_name',
 *     active: { column: 'status', on: ['active', 'invited'], off: ['suspended'] },
 *     'enterprise.department': lookup({
 *       column: 'department_id', table: 'departments', key: 'id', value: 'title', unknown: 'create',
 *     }),
 *   },
 * });
 */
export function defineMapping<DB>(): (mapping: MappingOf<DB>) => Mapping {
  return (typed) => {
    const given = typed as unknown as Partial<Mapping> & Pick<Mapping, 'table' | 'version' | 'attributes'>;
    const tenant: unknown = given.tenant;
    const mapping: Mapping = {
      created: undefined,
      lastModified: undefined,
      rest: undefined,
      softDelete: undefined,
      members: undefined,
      defaults: undefined,
      stamp: undefined,
      ...given,
      id: { column: '', prefix: '', type: 'integer', ...withoutUndefined(given.id ?? {}) },
      tenant: typeof tenant === 'string' ? { column: tenant, write: (name: string) => name } : given.tenant,
      constraints: given.constraints ?? {},
    };
    return Object.freeze(mapping);
  };
}

/**
 * A foreign key, filtered and shown by the name in the table that it leads to.
 *
 * `unknown` says what becomes of a name that is not there: `create` inserts it, with what `create` adds to the row;
 * `ignore` keeps the attribute as it was; `reject` answers 400 invalidValue; `read-only` never follows the client.
 */
export function lookup<const L extends Omit<AnyLookup, 'kind'>>(description: L): L & { readonly kind: 'lookup' } {
  return { ...description, kind: 'lookup' };
}

/** An attribute with one value for all. What a client sends for it is ignored. */
export function constant<const V extends string | boolean | number>(value: V): Constant<V> {
  return { kind: 'constant', value };
}

/** A foreign key to another user of the same table, such as `manager_id`. */
export function reference<const C extends string>(column: C): { readonly kind: 'reference'; readonly column: C } {
  return { kind: 'reference', column };
}

/** A multi-valued attribute in a table of its own: one row a value, sub-attributes to columns. */
export function children<const C extends Omit<AnyChildren, 'kind'>>(description: C): C & { readonly kind: 'children' } {
  return { ...description, kind: 'children' };
}

/** A lookup without the types of its database. */
export interface AnyLookup {
  readonly kind: 'lookup';
  readonly column: string;
  readonly table: string;
  readonly key: string;
  readonly value: string;
  /** Column of the other table with the tenant, as the host's own table has it. */
  readonly tenant?: string | undefined;
  readonly unknown: UnknownName;
  create?: ((value: string, resource: Attributes) => Readonly<Record<string, unknown>>) | undefined;
}

/** A child table without the types of its database. */
export interface AnyChildren {
  readonly kind: 'children';
  readonly table: string;
  readonly owner: string;
  readonly columns: Readonly<Record<string, string>>;
}

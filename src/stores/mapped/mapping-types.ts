import type { Selectable, Updateable } from 'kysely';
import type { Attributes } from '../../contract/attribute.js';

type Table<DB> = keyof DB & string;
type Column<DB, T extends Table<DB>> = keyof DB[T] & string;
type Shown<DB, T extends Table<DB>, C extends Column<DB, T>> = Selectable<DB[T]>[C & keyof Selectable<DB[T]>];
type Written<DB, T extends Table<DB>, C extends Column<DB, T>> = C extends keyof Updateable<DB[T]>
  ? Updateable<DB[T]>[C]
  : never;

/** Columns of a table that can hold a value of type `V` without conversion. */
type ColumnFor<DB, T extends Table<DB>, V> = {
  [C in Column<DB, T>]: V extends NonNullable<Shown<DB, T, C>> ? C : never;
}[Column<DB, T>];

export type Complex = 'emails' | 'phoneNumbers' | 'ims' | 'photos' | 'entitlements' | 'roles';
export type Address = 'formatted' | 'streetAddress' | 'locality' | 'region' | 'postalCode' | 'country';
export type Name = 'formatted' | 'familyName' | 'givenName' | 'middleName' | 'honorificPrefix' | 'honorificSuffix';
export type Enterprise = 'employeeNumber' | 'costCenter' | 'organization' | 'division' | 'department';

/** Attributes of type string that no other attribute holds. */
export type PlainText =
  | ('userName' | 'externalId' | 'displayName' | 'nickName' | 'profileUrl' | 'title' | 'userType')
  | ('preferredLanguage' | 'locale' | 'timezone');

/** Attributes of type string. `enterprise.` is short for the URN of the enterprise extension. */
type TextPath =
  | PlainText
  | `name.${Name}`
  | `enterprise.${Enterprise}`
  | `${Complex}[type eq "${string}"].${'value' | 'display'}`
  | `addresses[type eq "${string}"].${Address}`;

/** Multi-valued attributes that a child table can hold. */
export type ChildPath = Complex | 'addresses';

/** An attribute of an extension of your own, such as `urn:example:params:scim:schemas:Asset:2.0:User:badge`. */
type ExtensionPath = `urn:${string}`;

/** A column whose values are converted. */
type Converted<DB, T extends Table<DB>, V> = {
  [C in Column<DB, T>]: {
    readonly column: C;
    /** Converts a value of the column to one of SCIM; undefined for unassigned. */
    read(value: Shown<DB, T, C>): V | undefined;
    /** Converts a value of SCIM to one of the column. Default: clients cannot change the attribute. */
    write?(value: V | undefined): Written<DB, T, C>;
    /** True: `write` is the inverse of `read`, so the database can evaluate `eq` filters. Default false. */
    readonly reversible?: boolean;
    readonly kind?: undefined;
    readonly on?: undefined;
    readonly empty?: undefined;
  };
}[Column<DB, T>];

/** A column that is not null. `empty` is its value when the attribute is unassigned. */
type Filled<DB, T extends Table<DB>, V> = {
  readonly column: ColumnFor<DB, T, V>;
  readonly empty: V;
  readonly kind?: undefined;
  readonly on?: undefined;
};

/** A boolean stored as states. A write sets the first state of a list, unless the row has one of that list already. */
type Flag<DB, T extends Table<DB>> = {
  [C in Column<DB, T>]: {
    readonly column: C;
    readonly on: readonly [Shown<DB, T, C>, ...Shown<DB, T, C>[]];
    readonly off: readonly [Shown<DB, T, C>, ...Shown<DB, T, C>[]];
    readonly kind?: undefined;
    readonly empty?: undefined;
  };
}[Column<DB, T>];

/** A foreign key whose value is a name in another table. Made by `lookup`. */
type LookupIn<DB, T extends Table<DB>> = {
  [Other in Table<DB>]: {
    readonly kind: 'lookup';
    readonly column: Column<DB, T>;
    readonly table: Other;
    readonly key: Column<DB, Other>;
    readonly value: Column<DB, Other>;
    readonly tenant?: Column<DB, Other> | undefined;
    readonly shared?: boolean | undefined;
    readonly unknown: UnknownName;
    create?: ((value: string, resource: Attributes) => Readonly<Record<string, unknown>>) | undefined;
  };
}[Table<DB>];

/** What happens with a name that is not in the other table of a `lookup`. */
export type UnknownName = 'create' | 'ignore' | 'reject' | 'read-only';

/** One value for all resources. Made by `constant`. */
export interface Constant<V> {
  readonly kind: 'constant';
  readonly column?: undefined;
  readonly value: V;
}

/** A reference to another user, such as the manager, as a foreign key. Made by `reference`. */
interface ReferenceIn<DB, T extends Table<DB>> {
  readonly kind: 'reference';
  readonly column: Column<DB, T>;
}

/** A value computed from columns. Filters on it are evaluated in memory. */
interface Computed<DB, T extends Table<DB>, V> {
  readonly kind: 'computed';
  readonly column?: undefined;
  readonly columns: readonly Column<DB, T>[];
  /** Computes the value from the row, of which it may read `columns` only; undefined for unassigned. */
  read(row: Selectable<DB[T]>): V | undefined;
  /** Columns to set, given the whole resource after the change. Default: clients cannot change the attribute. */
  write?(value: V | undefined, resource: Attributes): Updateable<DB[T]>;
}

/** A child table with one row for each value. Made by `children`. */
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
 * An attribute of an extension, whose type TypeScript does not know. It is one union for all types, because parameters
 * of functions get no contextual type from several.
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

/** A mapping of users or groups to a table of your database. */
export interface MappingIn<DB, T extends Table<DB>> {
  /** Name of the table. */
  readonly table: T;
  /** The primary key. An ID in SCIM is `prefix` and the key, so that users and groups with integer keys share none. */
  readonly id: {
    readonly column: Column<DB, T>;
    /** Default: none. */
    readonly prefix?: string | undefined;
    /** `integer`: the database generates the key. `uuid` and `text`: the store generates a UUID. Default `integer`. */
    readonly type?: 'integer' | 'uuid' | 'text' | undefined;
  };
  /** The column that holds the tenant, or its conversion from the tenant of the request. Default: one tenant. */
  readonly tenant?:
    | ColumnFor<DB, T, string>
    | {
        [C in Column<DB, T>]: { readonly column: C; write(tenant: string): Shown<DB, T, C> };
      }[Column<DB, T>]
    | undefined;
  /**
   * The version of a row: a number column that every writer increments, your app included; PostgreSQL's `xmin`, which
   * needs no column; or a hash of the mapped columns, which returns to an old version when the values do.
   */
  readonly version: { readonly column: Column<DB, T> } | 'xmin' | 'hash';
  /** The column with the time of creation. Default: the side table, otherwise unknown. */
  readonly created?: Column<DB, T> | undefined;
  /** The column with the time of the last change. Default: the side table, otherwise the time of creation. */
  readonly lastModified?: Column<DB, T> | undefined;
  /** A JSON or text column for attributes without a column. Default: the side table, otherwise they are not stored. */
  readonly rest?: Column<DB, T> | undefined;
  /** A soft delete: a row is deleted when the column is not null; a deletion sets it to `mark()`. Default: none. */
  readonly softDelete?:
    { [C in Column<DB, T>]: { readonly column: C; mark(): Written<DB, T, C> } }[Column<DB, T>] | undefined;
  /** The attributes by path, each with its column or a description such as `lookup`. */
  readonly attributes: AttributesIn<DB, T>;
  /** Columns of a new row that have no attribute. */
  defaults?(resource: Attributes, tenant: string, now: Date): Updateable<DB[T]>;
  /** Columns to set at every write through SCIM, such as `updated_at`. */
  stamp?(now: Date): Updateable<DB[T]>;
  /**
   * The attribute that a unique constraint protects, by the name of the constraint: a 409 names it. Default `userName`,
   * for groups `displayName`.
   */
  readonly constraints?: Readonly<Record<string, string>> | undefined;
  /** For groups: the table of memberships. */
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

/** A mapping of any table of a database. */
export type MappingOf<DB> = { [T in Table<DB>]: MappingIn<DB, T> }[Table<DB>];

/** A lookup without the types of its database. */
export interface AnyLookup {
  readonly kind: 'lookup';
  readonly column: string;
  readonly table: string;
  readonly key: string;
  readonly value: string;
  /** Column of the other table that holds the tenant, in the form of the mapping's own `tenant`. */
  readonly tenant?: string | undefined;
  /** True: the other table belongs to no tenant, and every tenant may link to each of its rows. */
  readonly shared?: boolean | undefined;
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

import type { AttributeType } from '../contract/attribute.js';

/** Who may write an attribute, and when (RFC 7643 7). */
export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
/** When a response contains an attribute (RFC 7643 7). */
export type Returned = 'always' | 'never' | 'default' | 'request';
/** Where the values of an attribute are unique (RFC 7643 7). */
export type Uniqueness = 'none' | 'server' | 'global';

/**
 * The definition of an attribute (RFC 7643 7). The defaults are those of RFC 7643 2.2: string, single-valued, not
 * required, not caseExact, readWrite, returned by default, not unique.
 */
export interface AttributeDefinition {
  readonly name: string;
  readonly type?: AttributeType;
  readonly multiValued?: boolean;
  readonly description?: string;
  readonly required?: boolean;
  /** Suggestions, unless `closed` is true. */
  readonly canonicalValues?: readonly string[];
  /**
   * True: a value outside `canonicalValues` gets 400 invalidValue, and one in another letter case is stored as they
   * spell it, unless the attribute is `caseExact`. /Schemas does not contain this field. Default false.
   */
  readonly closed?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: Mutability;
  readonly returned?: Returned;
  readonly uniqueness?: Uniqueness;
  /**
   * For text: the fewest characters of a value. Constraints have no place in /Schemas, so it states them in the
   * description.
   */
  readonly minLength?: number;
  /** For text: the most characters of a value. */
  readonly maxLength?: number;
  /**
   * For `string` and `reference`: the source of a regular expression (flag `u`) that a value must match. It is not
   * anchored: write `^` and `$`. Patterns that may take exponential time are refused at creation, and without
   * `maxLength` a value may have at most 1,000 characters.
   */
  readonly pattern?: string;
  /** For `integer` and `decimal`: the least value. */
  readonly minimum?: number;
  /** For `integer` and `decimal`: the greatest value. */
  readonly maximum?: number;
  /** For `multiValued: true`: the fewest values, if there are any. */
  readonly minItems?: number;
  /** For `multiValued: true`: the most values. */
  readonly maxItems?: number;
  /** For `type: 'reference'`: names of resource types, `external` or `uri`. */
  readonly referenceTypes?: readonly string[];
  /** For `type: 'complex'`. */
  readonly subAttributes?: readonly AttributeDefinition[];
}

/**
 * The definition of a schema (RFC 7643 7): the body of `/Schemas/{id}`, and the `schema` of an extension or resource
 * type.
 */
export interface SchemaDefinition {
  /** The URN. */
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly attributes: readonly AttributeDefinition[];
}

import type { AttributeType } from '../contract/attribute.js';

/** RFC 7643 7: who may write an attribute, and when. */
export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
/** RFC 7643 7: when an attribute is in an answer. */
export type Returned = 'always' | 'never' | 'default' | 'request';
/** RFC 7643 7: over what the values of an attribute are unique. */
export type Uniqueness = 'none' | 'server' | 'global';

/**
 * An attribute as RFC 7643 7 writes it. What is left out takes the default of RFC 7643 2.2:
 * string, single-valued, not required, not caseExact, readWrite, returned by default, not unique.
 */
export interface AttributeDefinition {
  readonly name: string;
  readonly type?: AttributeType;
  readonly multiValued?: boolean;
  readonly description?: string;
  readonly required?: boolean;
  /** Suggestions, unless `closed` is true. */
  readonly canonicalValues?: readonly string[];
  /** True: values outside `canonicalValues` are refused with 400 invalidValue. Not shown in /Schemas. */
  readonly closed?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: Mutability;
  readonly returned?: Returned;
  readonly uniqueness?: Uniqueness;
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly AttributeDefinition[];
}

/** A schema as RFC 7643 7 writes it: what `/Schemas/{id}` answers, and what is given in `options.extensions`. */
export interface SchemaDefinition {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly attributes: readonly AttributeDefinition[];
}

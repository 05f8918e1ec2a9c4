/** Attributes as stores, filters and validators see them (RFC 7643 2.3). */

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Attributes as plain JSON under their canonical names. An extension is one attribute, named by its URN. */
export interface Attributes {
  readonly [attribute: string]: unknown;
}

/** An attribute as filters and sort keys name it for a store. */
export interface AttributeRef {
  /** `userName`, `name.givenName`, `emails.value`, `urn:...:User:department`. A store switches on this. */
  readonly path: string;
  /**
   * Property names from the resource down to the value: `['name', 'givenName']`. Use these instead of splitting `path`:
   * a URN contains dots and colons.
   */
  readonly keys: readonly string[];
  readonly type: AttributeType;
  /**
   * True if a resource can have several values, which includes a sub-attribute of a multi-valued attribute
   * (`emails.type`) outside of `some`. A condition on it is true if it is true for any of the values.
   */
  readonly multiValued: boolean;
  readonly caseExact: boolean;
}

/** The data types of RFC 7643 2.3. */
export type AttributeType =
  'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference' | 'complex';

/**
 * Canonical names of the top-level attributes that the response needs.
 *
 * A store may return more attributes than these, except `members`: it returns members only when the selection has them.
 */
export type Selection = ReadonlySet<string>;

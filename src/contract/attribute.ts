/** Attributes as stores, filters and validators see them (RFC 7643 2.3). */

/** Plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Attributes as plain JSON under their canonical names; an extension is one attribute named by its URN. */
export interface Attributes {
  readonly [attribute: string]: unknown;
}

/** An attribute as a store sees it in filters and sort keys. */
export interface AttributeRef {
  /** `userName`, `name.givenName`, `emails.value`, `urn:...:User:department`: switch on this. */
  readonly path: string;
  /** Property names from the resource down to the value: `['name', 'givenName']`. A URN holds dots and colons, so `path` is not to be split. */
  readonly keys: readonly string[];
  readonly type: AttributeType;
  /** True also for a sub-attribute of a multi-valued attribute (`emails.type`) outside of `some`: any of its values counts. */
  readonly multiValued: boolean;
  readonly caseExact: boolean;
}

/** The data types of RFC 7643 2.3. */
export type AttributeType =
  'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference' | 'complex';

/** Top-level attributes the answer needs, canonical names; a store may always return more, except `members`. */
export type Selection = ReadonlySet<string>;

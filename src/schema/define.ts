import type { AttributeType, Json } from '../contract/attribute.js';
import type { AttributeDefinition, SchemaDefinition } from './definition.js';

/**
 * Defines a schema of your own, for `options.extensions` or `options.resourceTypes`, and infers its TypeScript type.
 *
 * @param schema the schema, as plain data (RFC 7643 7). It is checked when the router is created; the compiler already
 *   refuses a characteristic that does not exist
 * @returns the same object, deeply frozen
 *
 * @example
 * import { defineSchema, type ResourceOf } from 'express-scim';
 *
 * const deviceSchema = defineSchema({
 *   id: 'urn:example:params:scim:schemas:2.0:Device',
 *   name: 'Device',
 *   attributes: [{ name: 'displayName', required: true }, { name: 'active', type: 'boolean' }],
 * });
 * // { displayName: string; active?: boolean; externalId?: string }
 * export type Device = ResourceOf<typeof deviceSchema>;
 */
export function defineSchema<const S extends SchemaDefinition>(schema: S & SpelledRight<S>): S {
  return deepFreeze(schema);
}

/**
 * The TypeScript type of a resource of a schema, as a store keeps it: the attributes under their names, with
 * `externalId`, without `id` and `meta`. The second parameter lists the schemas of its extensions: their attributes are
 * under the URN.
 *
 * @example
 * import { defineSchema, type ResourceOf, type ResourceStore } from 'express-scim';
 *
 * const deviceSchema = defineSchema({
 *   id: 'urn:example:params:scim:schemas:2.0:Device',
 *   attributes: [{ name: 'displayName', required: true }],
 * });
 * export type DeviceStore = ResourceStore<ResourceOf<typeof deviceSchema>>;
 */
export type ResourceOf<S extends SchemaDefinition, E extends readonly SchemaDefinition[] = readonly []> = Expand<
  AttributesOf<S['attributes']> & { readonly externalId?: string } & ExtensionsOf<E>
>;

type ExtensionsOf<E extends readonly SchemaDefinition[]> = {
  readonly [X in E[number] as X['id']]?: AttributesOf<X['attributes']>;
};

/** The definition, where each name in it exists: a misspelt one becomes `never`, which no value fits. */
type SpelledRight<S> = {
  readonly [K in keyof S]: K extends 'attributes'
    ? EachSpelledRight<S[K]>
    : K extends keyof SchemaDefinition
      ? S[K]
      : never;
};

type EachSpelledRight<L> = { readonly [I in keyof L]: AttributeSpelledRight<L[I]> };

type AttributeSpelledRight<A> = {
  readonly [K in keyof A]: K extends 'subAttributes'
    ? EachSpelledRight<A[K]>
    : K extends keyof AttributeDefinition
      ? A[K]
      : never;
};

/**
 * The TypeScript type of the attributes in a list of definitions. Required attributes are required properties.
 *
 * @example
 * import { type AttributesOf, defineSchema } from 'express-scim';
 *
 * const badge = defineSchema({
 *   id: 'urn:example:params:scim:schemas:extension:2.0:Badge',
 *   attributes: [{ name: 'number', type: 'integer', required: true }, { name: 'color' }],
 * });
 * // { number: number; color?: string }
 * export type Badge = AttributesOf<(typeof badge)['attributes']>;
 */
type AttributesOf<D extends readonly AttributeDefinition[]> = Expand<
  { readonly [A in D[number] as IsRequired<A> extends true ? A['name'] : never]: ValuesOf<A> } & {
    readonly [A in D[number] as IsRequired<A> extends true ? never : A['name']]?: ValuesOf<A>;
  }
>;

type IsRequired<A extends AttributeDefinition> = A extends { readonly required: true } ? true : false;

type ValuesOf<A extends AttributeDefinition> = A extends { readonly multiValued: true }
  ? readonly ValueOf<A>[]
  : ValueOf<A>;

type ValueOf<A extends AttributeDefinition> = A extends { readonly type: infer T extends AttributeType }
  ? T extends 'boolean'
    ? boolean
    : T extends 'integer' | 'decimal'
      ? number
      : T extends 'complex'
        ? SubAttributesOf<A>
        : TextOf<A>
  : TextOf<A>;

type SubAttributesOf<A extends AttributeDefinition> = A extends {
  readonly subAttributes: infer D extends readonly AttributeDefinition[];
}
  ? AttributesOf<D>
  : { readonly [attribute: string]: Json };

// Canonical values are suggestions, unless `closed` is true.
type TextOf<A extends AttributeDefinition> = A extends {
  readonly closed: true;
  readonly canonicalValues: readonly (infer V)[];
}
  ? V
  : string;

type Expand<T> = { [K in keyof T]: T[K] };

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

import type { AttributeType, Json } from '../contract/attribute.js';
import type { AttributeDefinition, SchemaDefinition } from './definition.js';

/**
 * A schema of your own, its TypeScript type inferred: plain frozen data, as `options.extensions` and
 * `options.resourceTypes` take it.
 *
 * @example
 * const deviceSchema = defineSchema({
 *   id: 'urn:example:params:scim:schemas:2.0:Device',
 *   name: 'Device',
 *   attributes: [{ name: 'displayName', required: true }, { name: 'active', type: 'boolean' }],
 * });
 * type Device = ResourceOf<typeof deviceSchema>; // { displayName: string; active?: boolean; externalId?: string }
 */
export function defineSchema<const S extends SchemaDefinition>(schema: S): S {
  return deepFreeze(schema);
}

/** What a resource of a schema looks like in a store: attributes under their names, `id` and `meta` apart. */
export type ResourceOf<S extends SchemaDefinition> = Expand<
  AttributesOf<S['attributes']> & { readonly externalId?: string }
>;

/** The attributes of a list of definitions: required ones required, the others optional. */
export type AttributesOf<D extends readonly AttributeDefinition[]> = Expand<
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

// Canonical values are suggestions, unless the schema closes them.
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

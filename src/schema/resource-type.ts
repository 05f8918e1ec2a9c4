import type { AttributeType } from '../contract/attribute.js';
import { type Attribute, AttributeTable, compileAttributes, compileExtension } from './attribute.js';
import { commonAttributes } from './core/common.js';
import type { AttributeDefinition, SchemaDefinition } from './definition.js';

/** An extension of a resource type (RFC 7643 3.3). */
interface TypeExtension {
  readonly schema: SchemaDefinition;
  readonly required: boolean;
  /** The attribute that contains its values, named by its URN. */
  readonly container: Attribute;
}

/** A compiled resource type (RFC 7643 6): its schemas, with every name resolved. */
export interface ResourceType {
  readonly name: string;
  /** With its leading slash: `/Users`. */
  readonly endpoint: string;
  readonly description: string;
  readonly schema: SchemaDefinition;
  readonly extensions: readonly TypeExtension[];
  /** Core and common attributes, and each extension's container under its URN. */
  readonly attributes: AttributeTable;
  /** Unique attributes that a client can write. Their normalized values are the `keys` of the store contract. */
  readonly unique: readonly Attribute[];
  /** Paths of the string attributes that compare exactly: `caseExact` of the store contract. */
  readonly caseExact: ReadonlySet<string>;
  /** Schema URIs in lower case; the value is undefined for the core schema and the container for an extension. */
  readonly uris: ReadonlyMap<string, Attribute | undefined>;
  /** Attributes that the schemas define and the store does not keep, as paths in lower case. */
  readonly unsupported: ReadonlySet<string>;
}

/** The definition of a resource type, for `compileResourceType`. */
export interface ResourceTypeDefinition {
  readonly name: string;
  readonly endpoint: string;
  readonly description?: string | undefined;
  readonly schema: SchemaDefinition;
  readonly extensions?:
    readonly { readonly schema: SchemaDefinition; readonly required?: boolean | undefined }[] | undefined;
  /** Whether the store keeps an attribute, by its path. /Schemas leaves out the others. Default: it keeps all. */
  readonly keeps?: ((path: string) => boolean) | undefined;
  /** Names of top-level attributes that are unique, beside those that the schema says are. */
  readonly unique?: readonly string[] | undefined;
}

/** Absolute URIs that can precede `:attribute`: no spaces, quotes, brackets or control characters. */
const schemaUri = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&*+,;=%-]{1,500}$/;

/** A schema may be a copy of what /Schemas of another service shows (RFC 7643 7), so its `schemas` and `meta` are fine. */
const schemaMembers: ReadonlySet<string> = new Set(['id', 'name', 'description', 'attributes', 'schemas', 'meta']);

/**
 * Compiles a resource type.
 *
 * @throws TypeError that says which schema or attribute is wrong and what to write instead
 */
export function compileResourceType(definition: ResourceTypeDefinition): ResourceType {
  const { name, endpoint, schema } = definition;
  const all = [schema, ...(definition.extensions ?? []).map((extension) => extension.schema)];
  for (const each of all) {
    if (typeof each.id !== 'string' || !schemaUri.test(each.id)) {
      throw new TypeError(
        `A schema of resource type ${name} has no valid id: write an absolute URI such as urn:example:2.0:Thing.`,
      );
    }
    const unknown = Object.keys(each).find((key) => !schemaMembers.has(key));
    if (unknown !== undefined) {
      throw new TypeError(`Schema ${each.id} has an unknown member ${JSON.stringify(unknown)}: leave it out.`);
    }
    if (!Array.isArray(each.attributes)) {
      throw new TypeError(`Schema ${each.id} has no attributes: write a list, as in RFC 7643 7.`);
    }
  }
  const unsupported = new Set<string>();
  const keeps = (path: string): boolean => {
    if (definition.keeps === undefined || definition.keeps(path)) return true;
    unsupported.add(path.toLowerCase());
    return false;
  };
  const kept = (each: SchemaDefinition, prefix: string): SchemaDefinition => ({
    ...each,
    attributes: keptAttributes(each.attributes, prefix, keeps),
  });
  const unique = new Set((definition.unique ?? []).map((each) => each.toLowerCase()));
  const ownSchema = kept(schema, '');
  // RFC 7643 3.1 has no place in /Schemas for externalId; one that is unique is announced with the core attributes.
  const announced = unique.has('externalid') ? [...withoutExternalId(ownSchema), externalId] : ownSchema.attributes;
  const coreSchema = { ...ownSchema, attributes: announced.map((each) => asUnique(each, unique)) };
  const commonNames = new Set<string>(commonAttributes.map((attribute) => attribute.name.toLowerCase()));
  const core = compileAttributes(
    coreSchema.attributes.filter((attribute) => !commonNames.has(String(attribute.name).toLowerCase())),
    undefined,
    schema.id,
  );
  const extensions = (definition.extensions ?? [])
    .filter(({ schema: extension }) => {
      if (keeps(extension.id)) return true;
      for (const { name: attribute } of extension.attributes) {
        unsupported.add(`${extension.id}:${attribute}`.toLowerCase());
        // Clients also name them without the URN (standards reading 43).
        unsupported.add(attribute.toLowerCase());
      }
      return false;
    })
    .map(({ schema: whole, required = false }) => {
      const extension = kept(whole, `${whole.id}:`);
      return { schema: extension, required, container: compileExtension(extension, required) };
    });
  const uris = new Map<string, Attribute | undefined>([[schema.id.toLowerCase(), undefined]]);
  for (const { container } of extensions) {
    const key = container.name.toLowerCase();
    if (uris.has(key)) throw new TypeError(`Resource type ${name} has schema ${container.name} twice: leave one out.`);
    uris.set(key, container);
  }
  const common = compileAttributes(
    commonAttributes.map((each) => asUnique(each, unique)),
    undefined,
    schema.id,
  );
  const attributes = new AttributeTable([...common, ...core, ...extensions.map((extension) => extension.container)]);
  for (const each of unique) refuseUnique(name, each, attributes.get(each), definition.keeps);
  return {
    name,
    endpoint,
    description: definition.description ?? schema.description ?? name,
    schema: coreSchema,
    extensions,
    attributes,
    unique: uniqueAttributes(attributes),
    caseExact: new Set(caseExactPaths(attributes)),
    uris,
    unsupported,
  };
}

const externalId = commonAttributes.find(({ name }) => name === 'externalId') ?? { name: 'externalId' };

function withoutExternalId({ attributes }: SchemaDefinition): readonly AttributeDefinition[] {
  return attributes.filter(({ name }) => name.toLowerCase() !== 'externalid');
}

function asUnique(attribute: AttributeDefinition, unique: ReadonlySet<string>): AttributeDefinition {
  if (attribute.type === 'complex') return attribute;
  return unique.has(String(attribute.name).toLowerCase()) ? { ...attribute, uniqueness: 'server' } : attribute;
}

/** @throws TypeError for a name that cannot be that of a unique attribute */
function refuseUnique(
  type: string,
  name: string,
  attribute: Attribute | undefined,
  keeps: ResourceTypeDefinition['keeps'],
): void {
  const isSimple = attribute !== undefined && !attribute.multiValued && attribute.type !== 'complex';
  if (isSimple && attribute.mutability !== 'readOnly' && (keeps === undefined || keeps(attribute.path))) return;
  const remedy = 'write the name of a single-valued, simple attribute of the core schema that clients can write';
  throw new TypeError(`${type} has no attribute ${JSON.stringify(name)} that can be unique: ${remedy}.`);
}

function keptAttributes(
  attributes: readonly AttributeDefinition[],
  prefix: string,
  keeps: (path: string) => boolean,
): AttributeDefinition[] {
  const kept: AttributeDefinition[] = [];
  for (const attribute of attributes) {
    const path = prefix + attribute.name;
    if (!keeps(path)) continue;
    kept.push(
      attribute.subAttributes === undefined
        ? attribute
        : { ...attribute, subAttributes: keptAttributes(attribute.subAttributes, `${path}.`, keeps) },
    );
  }
  return kept;
}

function uniqueAttributes(attributes: Iterable<Attribute>): Attribute[] {
  const found: Attribute[] = [];
  for (const attribute of attributes) {
    if (attribute.uniqueness !== 'none' && attribute.mutability !== 'readOnly') found.push(attribute);
    found.push(...uniqueAttributes(attribute.attributes));
  }
  return found;
}

const textTypes: ReadonlySet<AttributeType> = new Set(['string', 'reference', 'binary']);

function* caseExactPaths(attributes: Iterable<Attribute>): Iterable<string> {
  for (const { path, type, caseExact, attributes: subAttributes } of attributes) {
    if (caseExact && textTypes.has(type)) yield path;
    yield* caseExactPaths(subAttributes);
  }
}

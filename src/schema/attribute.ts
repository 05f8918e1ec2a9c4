import type { AttributeRef } from '../contract/attribute.js';
import { type Constraints, constraintProblem, longestMatched } from './constraints.js';
import type { AttributeDefinition, Mutability, Returned, SchemaDefinition, Uniqueness } from './definition.js';

/** An attribute with all of its characteristics, and its place in the resource. */
export interface Attribute extends AttributeRef {
  /** The canonical name. That of an extension's container is its URN. */
  readonly name: string;
  /** Property names from the resource down to the value: `['name', 'givenName']`, `['urn:...', 'manager', 'value']`. */
  readonly keys: readonly string[];
  /** The complex attribute or extension container that it is part of. */
  readonly parent: Attribute | undefined;
  /** True for the attribute, named by the URN of an extension, whose sub-attributes are those of the extension. */
  readonly container: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly mutability: Mutability;
  readonly returned: Returned;
  readonly uniqueness: Uniqueness;
  readonly canonicalValues: readonly string[] | undefined;
  readonly closed: boolean;
  /** Where other letter cases of a canonical value are accepted: its spelling, by the value in lower case. */
  readonly spellings: ReadonlyMap<string, string> | undefined;
  readonly constraints: Constraints;
  readonly referenceTypes: readonly string[] | undefined;
  /** True for a complex attribute that refers to a resource by its ID in `value` and its URI in `$ref`. */
  readonly namesResource: boolean;
  /** The sub-attributes. Empty for an attribute that is neither complex nor an extension's container. */
  readonly attributes: AttributeTable;
}

/** Attributes by name, in any letter case. Names are keys of a Map, so no name can reach a prototype. */
export class AttributeTable implements Iterable<Attribute> {
  readonly #list: readonly Attribute[];
  readonly #exact: ReadonlyMap<string, Attribute>;
  readonly #folded: ReadonlyMap<string, Attribute>;

  constructor(list: readonly Attribute[]) {
    this.#list = list;
    this.#exact = new Map(list.map((attribute) => [attribute.name, attribute]));
    this.#folded = new Map(list.map((attribute) => [attribute.name.toLowerCase(), attribute]));
  }

  get(name: string): Attribute | undefined {
    return this.#exact.get(name) ?? this.#folded.get(name.toLowerCase());
  }

  get size(): number {
    return this.#list.length;
  }

  [Symbol.iterator](): Iterator<Attribute> {
    return this.#list[Symbol.iterator]();
  }
}

const none = new AttributeTable([]);

/** RFC 7643 2.1 ATTRNAME; only `$ref` has a leading `$` (erratum 8924). */
const attributeName = /^(?:[A-Za-z][A-Za-z0-9$_-]{0,127}|\$ref)$/;

const types = new Set(['string', 'boolean', 'decimal', 'integer', 'dateTime', 'binary', 'reference', 'complex']);
const mutabilities = new Set(['readOnly', 'readWrite', 'immutable', 'writeOnly']);
const returns = new Set(['always', 'never', 'default', 'request']);
const uniquenesses = new Set(['none', 'server', 'global']);

/**
 * Compiles the attributes of a schema.
 *
 * @param definitions attributes as in RFC 7643 7
 * @param parent the container or complex attribute that they are part of; undefined for a core schema
 * @throws TypeError naming the attribute and what to write instead
 */
export function compileAttributes(
  definitions: readonly AttributeDefinition[],
  parent: Attribute | undefined,
  schemaId: string,
): Attribute[] {
  const seen = new Set<string>();
  return definitions.map((definition) => {
    const key = String(definition.name).toLowerCase();
    if (seen.has(key)) fail(schemaId, definition.name, 'is defined twice; names are case-insensitive');
    seen.add(key);
    return compileAttribute(definition, parent, schemaId);
  });
}

function compileAttribute(definition: AttributeDefinition, parent: Attribute | undefined, schemaId: string): Attribute {
  const { name, type = 'string', multiValued = false } = definition;
  const problem = (sentence: string): never => fail(schemaId, name, sentence);
  if (typeof name !== 'string' || !attributeName.test(name)) {
    problem('is not a valid name: write a letter, then letters, digits, $, - or _');
  }
  checkNames(definition, problem);
  if (!types.has(type)) problem(`has an unknown type: write one of ${[...types].join(', ')}`);
  const { mutability = 'readWrite', returned = 'default', uniqueness = 'none' } = definition;
  if (!mutabilities.has(mutability)) problem(`has an unknown mutability: write one of ${[...mutabilities].join(', ')}`);
  if (!returns.has(returned)) problem(`has an unknown "returned": write one of ${[...returns].join(', ')}`);
  if (!uniquenesses.has(uniqueness)) problem(`has an unknown uniqueness: write one of ${[...uniquenesses].join(', ')}`);
  if (type === 'complex') {
    // RFC 7643 2.3.8: no complex attribute inside a complex attribute.
    if (parent !== undefined && !parent.container) problem('is complex inside a complex attribute: flatten it');
    if (definition.subAttributes === undefined || definition.subAttributes.length === 0) {
      problem('is complex but has no subAttributes: list them');
    }
    if (definition.uniqueness !== undefined && definition.uniqueness !== 'none') {
      problem('is complex and unique: set uniqueness on a sub-attribute');
    }
  } else if (definition.subAttributes !== undefined && definition.subAttributes.length > 0) {
    problem('has subAttributes but is not complex: write type "complex"');
  }
  if (definition.referenceTypes !== undefined && type !== 'reference') {
    problem('has referenceTypes but is not a reference: write type "reference"');
  }
  if (definition.closed === true && (definition.canonicalValues?.length ?? 0) === 0) {
    problem('is closed but has no canonicalValues: list them');
  }
  const wrongConstraint = constraintProblem(definition);
  if (wrongConstraint !== undefined) problem(wrongConstraint);
  if (mutability === 'writeOnly' && returned !== 'never') {
    problem('is writeOnly, so it is never returned: write returned "never"');
  }
  if (mutability === 'readOnly' && definition.required === true && parent === undefined) {
    problem('is readOnly and required, which no client can satisfy: leave required out');
  }
  const prefix = parent === undefined ? '' : parent.container ? `${parent.path}:` : `${parent.path}.`;
  const attribute: Mutable<Attribute> = {
    name,
    path: prefix + name,
    keys: parent === undefined ? [name] : [...parent.keys, name],
    parent,
    container: false,
    type,
    multiValued,
    description: definition.description ?? name,
    required: definition.required ?? false,
    // RFC 7643 2.3.6 and 2.3.7: binary values and references are case exact.
    caseExact: type === 'binary' || type === 'reference' ? true : (definition.caseExact ?? false),
    mutability,
    returned,
    uniqueness,
    canonicalValues: definition.canonicalValues,
    closed: definition.closed ?? false,
    spellings: spellingsOf(definition),
    constraints: constraintsOf(definition),
    referenceTypes: definition.referenceTypes,
    namesResource: false,
    attributes: none,
  };
  if (type === 'complex') {
    attribute.attributes = new AttributeTable(compileAttributes(definition.subAttributes ?? [], attribute, schemaId));
    attribute.namesResource = namesResource(attribute.attributes);
  }
  return attribute;
}

/** Every characteristic, with the kind of its value where it is a plain one. */
const characteristics: Readonly<Record<keyof AttributeDefinition, 'string' | 'boolean' | undefined>> = {
  name: 'string',
  type: undefined,
  multiValued: 'boolean',
  description: 'string',
  required: 'boolean',
  canonicalValues: undefined,
  closed: 'boolean',
  caseExact: 'boolean',
  mutability: undefined,
  returned: undefined,
  uniqueness: undefined,
  minLength: undefined,
  maxLength: undefined,
  pattern: undefined,
  minimum: undefined,
  maximum: undefined,
  minItems: undefined,
  maxItems: undefined,
  referenceTypes: undefined,
  subAttributes: undefined,
};

function checkNames(definition: AttributeDefinition, problem: (sentence: string) => never): void {
  for (const [key, value] of Object.entries(definition)) {
    if (!isCharacteristic(key)) {
      const near = Object.keys(characteristics).find((known) => known.toLowerCase() === key.toLowerCase());
      const remedy = near === undefined ? `write one of ${Object.keys(characteristics).join(', ')}` : `write ${near}`;
      problem(`has an unknown characteristic ${JSON.stringify(key)}: ${remedy}`);
    } else {
      const kind = characteristics[key];
      if (kind === undefined || value === undefined || typeof value === kind) continue;
      problem(`has a wrong ${key}: write ${kind === 'boolean' ? 'true or false' : 'a string'}`);
    }
  }
}

function isCharacteristic(key: string): key is keyof AttributeDefinition {
  return Object.hasOwn(characteristics, key);
}

function spellingsOf({ closed, caseExact, canonicalValues }: AttributeDefinition): Attribute['spellings'] {
  if (closed !== true || caseExact === true || canonicalValues === undefined) return undefined;
  return new Map(canonicalValues.map((value) => [value.toLowerCase(), value]));
}

function constraintsOf(definition: AttributeDefinition): Constraints {
  const { minLength, pattern, minimum, maximum, minItems, maxItems } = definition;
  const maxLength = definition.maxLength ?? (pattern === undefined ? undefined : longestMatched);
  return { minLength, maxLength, pattern, minimum, maximum, minItems, maxItems };
}

function namesResource(table: AttributeTable): boolean {
  const types = table.get('$ref')?.referenceTypes;
  // RFC 7643 7: "external" and "uri" are not resource types.
  return (
    table.get('value')?.type === 'string' &&
    types !== undefined &&
    types.some((type) => type !== 'external' && type !== 'uri')
  );
}

/** Makes the container of an extension: one complex attribute, named by the URN of the extension. */
export function compileExtension(schema: SchemaDefinition, required: boolean): Attribute {
  const container: Mutable<Attribute> = {
    name: schema.id,
    path: schema.id,
    keys: [schema.id],
    parent: undefined,
    container: true,
    type: 'complex',
    multiValued: false,
    description: schema.description ?? schema.name ?? schema.id,
    required,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    canonicalValues: undefined,
    closed: false,
    spellings: undefined,
    constraints: {},
    referenceTypes: undefined,
    namesResource: false,
    attributes: none,
  };
  container.attributes = new AttributeTable(compileAttributes(schema.attributes, container, schema.id));
  return container;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function fail(schemaId: string, name: unknown, sentence: string): never {
  throw new TypeError(`Schema ${schemaId}: attribute ${JSON.stringify(name)} ${sentence}.`);
}

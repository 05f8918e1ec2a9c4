import { isObject } from '../contract/is-object.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import { InvalidSyntaxError, InvalidValueError } from '../errors.js';
import type { Attribute, AttributeTable } from './attribute.js';
import { canonicalText } from './equal.js';
import type { ResourceType } from './resource-type.js';

/**
 * Reads attribute values as a client sent them into the canonical form that is validated and stored:
 * canonical spelling, unassigned values left out (RFC 7643 2.5), read-only and unknown attributes
 * dropped, the ledger's tolerances applied. It converts shapes only; whether a value fits its type is
 * the validator's business.
 */

/** What one object of a client said about attributes; `undefined` stands for unassigned. */
export type Assertions = ReadonlyMap<Attribute, unknown>;

/**
 * Reads the body of a POST or PUT.
 *
 * @returns the attributes that a client may write, canonical names, unassigned ones left out
 * @throws InvalidSyntaxError for a body that is no object, a wrong `schemas`, or one attribute in two spellings
 */
export function readResource(type: ResourceType, body: unknown, useQuirk: UseQuirk): Record<string, unknown> {
  if (!isObject(body)) throw new InvalidSyntaxError('The body must be a JSON object.');
  checkSchemas(type, body, useQuirk);
  const resource: Record<string, unknown> = {};
  readEach(type, type.attributes, body, useQuirk, ({ name }, value) => {
    if (value !== undefined) resource[name] = value;
  });
  return resource;
}

/**
 * Reads one object of attributes against a table: of a resource, an extension's container or a complex value.
 *
 * Read-only attributes are left out (RFC 7644 3.3, 3.5.1); so are `schemas` and what the tolerances let pass.
 */
export function readAssertions(
  type: ResourceType,
  table: AttributeTable,
  object: Readonly<Record<string, unknown>>,
  useQuirk: UseQuirk,
): Assertions {
  const found = new Map<Attribute, unknown>();
  readEach(type, table, object, useQuirk, (attribute, value) => found.set(attribute, value));
  return found;
}

function readEach(
  type: ResourceType,
  table: AttributeTable,
  object: Readonly<Record<string, unknown>>,
  useQuirk: UseQuirk,
  take: (attribute: Attribute, value: unknown) => void,
): void {
  let otherSpellings = false;
  for (const key of Object.keys(object)) {
    const attribute = table.get(key);
    if (attribute === undefined) {
      passOver(type, table, key, useQuirk);
      continue;
    }
    if (key !== attribute.name && !otherSpellings) {
      otherSpellings = true;
      refuseTwoSpellings(table, object);
    }
    if (attribute.mutability === 'readOnly' || attribute.path === 'schemas') continue;
    take(attribute, canonicalize(type, attribute, object[key], useQuirk));
  }
}

// Only where one key is not the canonical name can two of them be one attribute.
function refuseTwoSpellings(table: AttributeTable, object: Readonly<Record<string, unknown>>): void {
  const seen = new Set<Attribute>();
  for (const key of Object.keys(object)) {
    const attribute = table.get(key);
    if (attribute === undefined) continue;
    if (seen.has(attribute)) {
      throw new InvalidSyntaxError(`The attribute ${attribute.path} is given twice, in two spellings.`);
    }
    seen.add(attribute);
  }
}

/**
 * The canonical form of an attribute's whole value, or undefined where it says unassigned.
 *
 * `null`, `[]`, a complex value of nothing and, by tolerance, `""` are unassigned.
 */
export function canonicalize(type: ResourceType, attribute: Attribute, value: unknown, useQuirk: UseQuirk): unknown {
  if (!attribute.multiValued) return canonicalizeOne(type, attribute, unwrap(attribute, value, useQuirk), useQuirk);
  if (value === null || value === undefined) return undefined;
  let values: readonly unknown[];
  if (Array.isArray(value)) values = value;
  else if (isEmptyString(value, useQuirk)) return undefined;
  else if (useQuirk('single-for-array')) values = [value];
  else throw new InvalidValueError(`${attribute.path} must be an array.`);
  return canonicalizeValues(type, attribute, values, useQuirk);
}

/** The canonical form of several values of a multi-valued attribute: equal ones once; none is undefined. */
export function canonicalizeValues(
  type: ResourceType,
  attribute: Attribute,
  values: readonly unknown[],
  useQuirk: UseQuirk,
): readonly unknown[] | undefined {
  const kept: unknown[] = [];
  // Values can only be equal where their `value` is, and texts are made only where it is: long lists stay linear.
  const seen = new Map<unknown, { readonly first: unknown; texts?: Set<string> }>();
  for (const value of values) {
    const one = canonicalizeOne(type, attribute, value, useQuirk);
    if (one === undefined) continue;
    const key = isObject(one) ? one['value'] : one;
    const alike = seen.get(key);
    if (alike === undefined) seen.set(key, { first: one });
    else {
      alike.texts ??= new Set([canonicalText(alike.first)]);
      const text = canonicalText(one);
      if (alike.texts.has(text)) continue;
      alike.texts.add(text);
    }
    kept.push(one);
  }
  return kept.length === 0 ? undefined : kept;
}

/** The canonical form of one value, whether its attribute has one or many. */
export function canonicalizeOne(type: ResourceType, attribute: Attribute, value: unknown, useQuirk: UseQuirk): unknown {
  if (value === null || value === undefined) return undefined;
  if (attribute.type === 'complex') return normalizeComplex(type, attribute, value, useQuirk);
  if (typeof value === 'string') {
    if (attribute.type === 'boolean' && !isBooleanLiteral(value)) {
      return isEmptyString(value, useQuirk) ? undefined : value;
    }
    if (attribute.type === 'boolean' && useQuirk('boolean-as-string')) return value.toLowerCase() === 'true';
    if (isEmptyString(value, useQuirk)) return undefined;
  }
  return value;
}

function normalizeComplex(type: ResourceType, attribute: Attribute, value: unknown, useQuirk: UseQuirk): unknown {
  if (typeof value === 'string' && attribute.attributes.get('value') !== undefined) {
    if (isEmptyString(value, useQuirk)) return undefined;
    if (!attribute.container && useQuirk('string-for-complex')) {
      return normalizeComplex(type, attribute, { value }, useQuirk);
    }
  }
  if (typeof value === 'string' && isEmptyString(value, useQuirk)) return undefined;
  if (!isObject(value)) return value;
  const unpacked = unpackJsonText(attribute, value, useQuirk);
  const result: Record<string, unknown> = {};
  let empty = true;
  readEach(type, attribute.attributes, unpacked, useQuirk, (sub, subValue) => {
    if (subValue === undefined) return;
    result[sub.name] = subValue;
    empty = false;
  });
  if (attribute.namesResource) keepIdOnly(result);
  return empty ? undefined : result;
}

// The URI of a resource is derived from its id in every answer, so only the id is kept.
function keepIdOnly(result: Record<string, unknown>): void {
  const uri = result['$ref'];
  if (uri === undefined) return;
  if (result['value'] === undefined) {
    const id = typeof uri === 'string' ? lastSegment(uri) : undefined;
    if (id === undefined || id === '') return;
    result['value'] = id;
  }
  delete result['$ref'];
}

/** `[x]` for a single-valued complex attribute is x (standards reading 8). */
export function unwrap(attribute: Attribute, value: unknown, useQuirk: UseQuirk): unknown {
  if (attribute.type !== 'complex' || attribute.container || !Array.isArray(value)) return value;
  if (value.length === 0) return undefined;
  return value.length === 1 && useQuirk('array-for-single') ? (value[0] as unknown) : value;
}

// Entra's AppRoleAssignmentsComplex puts a whole complex value as JSON text into `value`.
function unpackJsonText(
  attribute: Attribute,
  value: Readonly<Record<string, unknown>>,
  useQuirk: UseQuirk,
): Readonly<Record<string, unknown>> {
  const text = value['value'];
  if (!attribute.multiValued || typeof text !== 'string' || text.charCodeAt(0) !== 0x7b) return value;
  if (attribute.attributes.get('value')?.type !== 'string') return value;
  let inner: unknown;
  try {
    inner = JSON.parse(text);
  } catch {
    return value;
  }
  if (!isObject(inner) || typeof inner['value'] !== 'string') return value;
  return useQuirk('json-text-value') ? { ...value, ...inner } : value;
}

function lastSegment(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
  } catch {
    return undefined;
  }
}

function checkSchemas(type: ResourceType, body: Readonly<Record<string, unknown>>, useQuirk: UseQuirk): void {
  const key = Object.keys(body).find((name) => name.toLowerCase() === 'schemas');
  const schemas = key === undefined ? undefined : body[key];
  if (!Array.isArray(schemas) || schemas.length === 0 || !schemas.every((uri) => typeof uri === 'string')) {
    throw new InvalidSyntaxError(`"schemas" must be a list of strings that names ${type.schema.id}.`);
  }
  let core = false;
  for (const uri of schemas as readonly string[]) {
    const folded = uri.toLowerCase();
    if (folded === type.schema.id.toLowerCase()) core = true;
    else if (!type.uris.has(folded)) {
      if (isForeign(folded)) throw new InvalidSyntaxError(`"schemas" names a schema that ${type.name} does not have.`);
      if (!useQuirk('unknown-schema')) throw new InvalidSyntaxError('"schemas" names an unknown schema.');
    }
  }
  if (!core && !useQuirk('core-schema-missing')) {
    throw new InvalidSyntaxError(`"schemas" must name ${type.schema.id}.`);
  }
}

/** URNs of the RFC that can never belong to this body: another core resource, or a message. */
function isForeign(uri: string): boolean {
  return uri.startsWith('urn:ietf:params:scim:schemas:core:2.0:') || uri.startsWith('urn:ietf:params:scim:api:');
}

function passOver(type: ResourceType, table: AttributeTable, key: string, useQuirk: UseQuirk): void {
  const prefix = pathPrefix(table);
  if (type.unsupported.has((prefix + key).toLowerCase())) {
    if (useQuirk('unsupported-attribute')) return;
  } else if (table === type.attributes && key.includes(':')) {
    if (useQuirk('unknown-schema')) return;
  } else if (useQuirk('unknown-attribute')) {
    return;
  }
  throw new InvalidSyntaxError(`The body has an attribute that ${type.name} does not have.`);
}

function pathPrefix(table: AttributeTable): string {
  for (const attribute of table) return attribute.path.slice(0, attribute.path.length - attribute.name.length);
  return '';
}

function isEmptyString(value: unknown, useQuirk: UseQuirk): boolean {
  return value === '' && useQuirk('empty-string');
}

function isBooleanLiteral(value: string): boolean {
  return value.length <= 5 && /^(?:true|false)$/i.test(value);
}

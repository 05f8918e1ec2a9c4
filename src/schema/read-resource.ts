import { isObject } from '../contract/is-object.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import { textUnits, unlimitedWork, type Work } from '../contract/work.js';
import { InvalidSyntaxError, InvalidValueError, TooManyError } from '../errors.js';
import { defaultLimits, type Limits } from '../limits.js';
import type { Attribute, AttributeTable } from './attribute.js';
import { checkText } from './check-values.js';
import { canonicalText } from './equal.js';
import { isNothing, parseJsonObject } from './json-value.js';
import { isForeignUri } from './notation.js';
import { readNumber } from './number.js';
import type { ResourceType } from './resource-type.js';
import { type ValueMistakes, wrongValue } from './value-mistakes.js';

/**
 * Reads attribute values as a client sent them into the canonical form that is validated and stored: canonical names,
 * unassigned values left out (RFC 7643 2.5), read-only and unknown attributes dropped, quirks applied.
 *
 * Only shapes are converted. The validator checks whether a value fits its type.
 */

/** How much a request may send, and the work that reading it is charged to. */
export interface ReadingBounds {
  readonly limits: Limits;
  readonly work: Work;
}

/** How the bodies of a request are read: the resource type whose names they use, and the quirks that may be applied. */
export interface Reading extends ReadingBounds {
  readonly type: ResourceType;
  readonly useQuirk: UseQuirk;
  /** Collects what is wrong with values, so that reading goes on after the first. Undefined: the first is thrown. */
  readonly mistakes?: ValueMistakes | undefined;
  /**
   * True in PUT and PATCH, where a value replaces a stored one. A complex value of which nothing is understood is then
   * refused: it would erase what is stored (standards reading 55).
   */
  readonly replaces?: boolean | undefined;
}

/** What differs between the bodies of POST, PUT and PATCH, and the bounds of what is read. */
export type ReadingOptions = Partial<Omit<Reading, 'type' | 'useQuirk'>>;

const defaultBounds: ReadingBounds = { limits: defaultLimits, work: unlimitedWork };

/** The attributes that an object names, with their canonical values; `undefined`: unassigned. */
export type Assertions = ReadonlyMap<Attribute, unknown>;

/**
 * Reads the body of a POST or PUT.
 *
 * @param how see `ReadingOptions`
 * @returns the attributes that a client may write, under their canonical names, without unassigned ones
 * @throws InvalidSyntaxError when the body is not an object, `schemas` is wrong, or an attribute appears twice; for an
 *   unknown attribute in strict mode, where `how.mistakes` does not collect it
 * @throws TooManyError for an attribute with more values than `limits.attributeValues`
 */
export function readResource(
  type: ResourceType,
  body: unknown,
  useQuirk: UseQuirk,
  how: ReadingOptions = {},
): Record<string, unknown> {
  if (!isObject(body)) throw new InvalidSyntaxError('The body must be a JSON object.');
  const reading: Reading = { type, useQuirk, ...defaultBounds, ...how };
  checkSchemas(body, reading);
  const resource: Record<string, unknown> = {};
  readEach(type.attributes, body, reading, ({ name }, value) => {
    if (value !== undefined) resource[name] = value;
  });
  return resource;
}

/** Values that are read without a pause: a few milliseconds of work. */
const valuesInPart = 5_000;

/** As `readResource`, with pauses while a long list is read, such as the members of a group. */
export async function readResourceInParts(
  type: ResourceType,
  body: unknown,
  useQuirk: UseQuirk,
  how: ReadingBounds & ReadingOptions,
): Promise<Record<string, unknown>> {
  const long = isObject(body) ? longList(type, body) : undefined;
  if (!isObject(body) || long === undefined) return readResource(type, body, useQuirk, how);
  const { key, attribute, values } = long;
  const { limits, work } = how;
  const reading: Reading = { ...how, type, useQuirk };
  const resource = readResource(type, { ...body, [key]: [] }, useQuirk, how);
  refuseTooManyValues(attribute, values.length, limits);
  const kept = new DistinctValues(attribute, work);
  for (let start = 0; start < values.length; start += valuesInPart) {
    await work.pause();
    for (const value of values.slice(start, start + valuesInPart)) {
      if (attribute.namesResource && isNothing(value, work)) throw withoutId(attribute);
      kept.add(canonicalizeOne(attribute, value, reading));
    }
  }
  if (kept.values() !== undefined) resource[attribute.name] = kept.values();
  return resource;
}

function longList(
  type: ResourceType,
  body: Readonly<Record<string, unknown>>,
): { readonly key: string; readonly attribute: Attribute; readonly values: readonly unknown[] } | undefined {
  for (const key of Object.keys(body)) {
    const values: unknown = body[key];
    if (!Array.isArray(values) || values.length <= valuesInPart) continue;
    const attribute = type.attributes.get(key);
    const isWritten = attribute?.multiValued === true && attribute.mutability !== 'readOnly' && key !== 'schemas';
    if (attribute !== undefined && isWritten) return { key, attribute, values };
  }
  return undefined;
}

/**
 * Reads one object of attributes: a resource, the values of an extension or a complex value.
 *
 * Left out are read-only attributes (RFC 7644 3.3, 3.5.1), `schemas`, and attributes that a quirk ignores.
 */
export function readAssertions(
  table: AttributeTable,
  object: Readonly<Record<string, unknown>>,
  reading: Reading,
): Assertions {
  const assertions = new Map<Attribute, unknown>();
  readEach(table, object, reading, (attribute, value) => assertions.set(attribute, value));
  return assertions;
}

function readEach(
  table: AttributeTable,
  object: Readonly<Record<string, unknown>>,
  reading: Reading,
  take: (attribute: Attribute, value: unknown) => void,
): void {
  let checked = false;
  const keys = Object.keys(object);
  reading.work.spend(keys.length * unitsOfKey);
  for (const key of keys) {
    const attribute = table.get(key);
    if (attribute === undefined) {
      ignoreUnknown(table, key, reading);
      continue;
    }
    // Two keys can be one attribute only where one of them is not the canonical name.
    if (key !== attribute.name && !checked) {
      checked = true;
      refuseDuplicates(table, object);
    }
    if (attribute.mutability === 'readOnly' || attribute.path === 'schemas') continue;
    take(attribute, readValue(attribute, object[key], reading));
  }
}

function readValue(attribute: Attribute, value: unknown, reading: Reading): unknown {
  if (reading.mistakes === undefined) return canonicalize(attribute, value, reading);
  try {
    return canonicalize(attribute, value, reading);
  } catch (error) {
    reading.mistakes.addThrown(attribute.path, error);
    return undefined;
  }
}

/** Units for finding the attribute of a key. */
const unitsOfKey = 5;

function refuseDuplicates(table: AttributeTable, object: Readonly<Record<string, unknown>>): void {
  const seen = new Set<Attribute>();
  for (const key of Object.keys(object)) {
    const attribute = table.get(key);
    if (attribute === undefined) continue;
    if (seen.has(attribute)) {
      throw new InvalidSyntaxError(
        `The attribute ${attribute.path} appears more than once; names are case-insensitive.`,
      );
    }
    seen.add(attribute);
  }
}

/**
 * The canonical form of an attribute's whole value; undefined: unassigned.
 *
 * `null`, `[]`, a complex value without assigned sub-attributes and, as a quirk, `""` mean unassigned.
 */
export function canonicalize(attribute: Attribute, value: unknown, reading: Reading): unknown {
  if (!attribute.multiValued) {
    return canonicalizeOne(attribute, unwrapSingle(attribute, value, reading.useQuirk), reading);
  }
  if (value === null || value === undefined) return undefined;
  let values: readonly unknown[];
  if (Array.isArray(value)) values = value;
  else if (isEmptyString(value, reading.useQuirk)) return undefined;
  else if (reading.useQuirk('single-for-array')) values = [value];
  else throw wrongValue(attribute.path, 'type', `${attribute.path} must be an array.`);
  if (attribute.namesResource) for (const one of values) if (isNothing(one, reading.work)) throw withoutId(attribute);
  return canonicalizeValues(attribute, values, reading);
}

/**
 * The canonical form of values of a multi-valued attribute, without duplicates; undefined where none is left.
 *
 * @throws InvalidValueError for a value of which nothing is understood
 */
export function canonicalizeValues(
  attribute: Attribute,
  values: readonly unknown[],
  reading: Reading,
): readonly unknown[] | undefined {
  refuseTooManyValues(attribute, values.length, reading.limits);
  const kept = new DistinctValues(attribute, reading.work);
  for (const value of values) kept.add(canonicalizeOne(attribute, value, reading));
  return kept.values();
}

/** Collects values without duplicates. */
class DistinctValues {
  readonly #kept: unknown[] = [];
  // Only values with the same `value` can be equal. Texts are built only for those, so long lists stay linear.
  readonly #seen = new Map<unknown, { readonly first: unknown; texts?: Set<string> }>();
  readonly #attribute: Attribute;
  readonly #work: Work;

  constructor(attribute: Attribute, work: Work) {
    this.#attribute = attribute;
    this.#work = work;
  }

  /** @param value undefined: unassigned, and left out */
  add(value: unknown): void {
    if (value === undefined) return;
    // Standards reading 54: a value that names no resource is never dropped silently.
    const attribute = this.#attribute;
    if (attribute.namesResource && isObject(value) && isBlank(value['value'])) throw withoutId(attribute);
    if (this.#isDuplicate(value)) return;
    this.#kept.push(value);
  }

  /** Undefined where there is none. */
  values(): readonly unknown[] | undefined {
    return this.#kept.length === 0 ? undefined : this.#kept;
  }

  #isDuplicate(value: unknown): boolean {
    const key = isObject(value) ? value['value'] : value;
    const alike = this.#seen.get(key);
    if (alike === undefined) {
      this.#seen.set(key, { first: value });
      return false;
    }
    alike.texts ??= new Set([canonicalText(alike.first)]);
    const text = canonicalText(value);
    this.#work.spend(textUnits(text));
    if (alike.texts.has(text)) return true;
    alike.texts.add(text);
    return false;
  }
}

/** @throws TooManyError for more values than `limits.attributeValues`; members are bounded by the bytes of a body */
export function refuseTooManyValues({ path }: Attribute, count: number, { attributeValues }: Limits): void {
  if (count <= attributeValues || path === 'members') return;
  throw new TooManyError(`${path} may have at most ${String(attributeValues)} values (limits.attributeValues).`);
}

/**
 * The canonical form of one value, whether its attribute has one or many.
 *
 * @throws InvalidValueError for a complex value of which nothing is understood, and a number that cannot be stored
 */
export function canonicalizeOne(attribute: Attribute, value: unknown, reading: Reading): unknown {
  if (value === null || value === undefined) return undefined;
  const { useQuirk, work } = reading;
  if (attribute.type === 'complex') return canonicalizeComplex(attribute, value, reading);
  if (attribute.type === 'integer' || attribute.type === 'decimal') {
    return isEmptyString(value, useQuirk) ? undefined : readNumber(attribute, value, useQuirk);
  }
  if (typeof value === 'string') {
    // Once for everything that reads the text later: validation, comparison, indexes of a store.
    work.spend(textUnits(value));
    if (attribute.type === 'boolean' && !isBooleanLiteral(value)) {
      return isEmptyString(value, useQuirk) ? undefined : value;
    }
    if (attribute.type === 'boolean' && useQuirk('boolean-as-string')) return value.toLowerCase() === 'true';
    if (isEmptyString(value, useQuirk)) return undefined;
    // The spelling of a closed list is stored, as types and stores expect.
    return attribute.spellings?.get(value.toLowerCase()) ?? value;
  }
  return value;
}

/** Units for reading, validating and writing one complex value, its text apart. */
const unitsOfComplexValue = 40;

function canonicalizeComplex(attribute: Attribute, value: unknown, reading: Reading): unknown {
  const { useQuirk } = reading;
  if (typeof value === 'string' && attribute.attributes.get('value') !== undefined) {
    if (isEmptyString(value, useQuirk)) return undefined;
    if (!attribute.container && useQuirk('string-for-complex')) {
      return canonicalizeComplex(attribute, { value }, reading);
    }
  }
  if (typeof value === 'string' && isEmptyString(value, useQuirk)) return undefined;
  if (!isObject(value)) return value;
  reading.work.spend(unitsOfComplexValue);
  const unpacked = unpackJsonText(attribute, value, reading);
  const result: Record<string, unknown> = {};
  let empty = true;
  readEach(attribute.attributes, unpacked, reading, (sub, subValue) => {
    if (subValue === undefined) return;
    result[sub.name] = subValue;
    empty = false;
  });
  if (attribute.namesResource) keepIdOnly(result, reading);
  if (empty && (attribute.multiValued || reading.replaces === true)) refuseNotUnderstood(attribute, unpacked, reading);
  return empty ? undefined : result;
}

/**
 * Standards reading 55: an object without a readable sub-attribute would erase what is stored, although the client sent
 * a value. `{}` and sub-attributes without a value do mean unassigned.
 *
 * @throws InvalidValueError
 */
export function refuseNotUnderstood(
  attribute: Attribute,
  object: Readonly<Record<string, unknown>>,
  { type, work }: Reading,
): void {
  // RFC 7643 3.3: an extension is no value; each of its attributes is read for itself.
  if (attribute.container) return;
  const prefix = pathPrefix(attribute.attributes);
  for (const key of Object.keys(object)) {
    if (isNothing(object[key], work) || type.unsupported.has((prefix + key).toLowerCase())) continue;
    // RFC 7644 3.5.1: what is read-only is ignored. Of a reference it could be all that says which resource is meant.
    const isReadOnly = attribute.attributes.get(key)?.mutability === 'readOnly';
    if (isReadOnly && !attribute.multiValued && !attribute.namesResource) continue;
    throw new InvalidValueError(`A value of ${attribute.path} has none of the sub-attributes that its schema defines.`);
  }
}

function isBlank(id: unknown): boolean {
  return id === undefined || (typeof id === 'string' && id.trim() === '');
}

/** The error for a value of a reference that names no resource. */
export function withoutId({ path }: Attribute): InvalidValueError {
  return new InvalidValueError(`Each of ${path} must have the id of a resource, a string, as its value.`);
}

// The URI of a resource is derived from its id in every response, so only the id is kept.
function keepIdOnly(result: Record<string, unknown>, reading: Reading): void {
  const uri = result['$ref'];
  if (uri === undefined) return;
  if (result['value'] === undefined) {
    const id = typeof uri === 'string' ? lastSegment(uri) : undefined;
    if (id === undefined || id === '') return;
    // A percent-encoded NUL is none of the body, so it has not been checked yet.
    checkText(id, reading);
    result['value'] = id;
  }
  delete result['$ref'];
}

/** `[x]` for a single-valued attribute means x (standards reading 8). */
export function unwrapSingle(attribute: Attribute, value: unknown, useQuirk: UseQuirk): unknown {
  if (attribute.container || !Array.isArray(value)) return value;
  if (value.length === 0 && attribute.type === 'complex') return undefined;
  return value.length === 1 && useQuirk('array-for-single') ? (value[0] as unknown) : value;
}

// Entra's AppRoleAssignmentsComplex writes a whole complex value as JSON text into `value`.
function unpackJsonText(
  attribute: Attribute,
  value: Readonly<Record<string, unknown>>,
  reading: Reading,
): Readonly<Record<string, unknown>> {
  const text = value['value'];
  if (!attribute.multiValued || typeof text !== 'string' || text.charCodeAt(0) !== 0x7b) return value;
  if (attribute.attributes.get('value')?.type !== 'string') return value;
  const inner = parseJsonObject(text, reading);
  if (inner === undefined || typeof inner['value'] !== 'string' || !reading.useQuirk('json-text-value')) return value;
  const { displayName, ...others } = inner;
  // Standards reading 68: an app role has a `displayName` where the RFC's values have `display`.
  const isName = typeof displayName === 'string' && others['display'] === undefined;
  const { attributes } = attribute;
  return isName && attributes.get('displayName') === undefined && attributes.get('display') !== undefined
    ? { ...value, ...others, display: displayName }
    : { ...value, ...inner };
}

function lastSegment(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
  } catch {
    return undefined;
  }
}

function checkSchemas(body: Readonly<Record<string, unknown>>, { type, useQuirk, limits }: Reading): void {
  const key = Object.keys(body).find((name) => name.toLowerCase() === 'schemas');
  const schemas = key === undefined ? undefined : body[key];
  // Standards reading 49: the endpoint says which resource it is.
  if ((schemas === undefined || schemas === null) && useQuirk('schemas-missing')) return;
  if (!Array.isArray(schemas) || schemas.length === 0 || !schemas.every((uri) => typeof uri === 'string')) {
    throw new InvalidSyntaxError(`"schemas" must be a list of strings that names ${type.schema.id}.`);
  }
  if (schemas.length > limits.attributeValues) {
    const most = String(limits.attributeValues);
    throw new TooManyError(`"schemas" may have at most ${most} values (limits.attributeValues).`);
  }
  let core = false;
  for (const uri of schemas as readonly string[]) {
    const folded = uri.toLowerCase();
    if (folded === type.schema.id.toLowerCase()) core = true;
    else if (!type.uris.has(folded)) {
      if (isForeignUri(folded))
        throw new InvalidSyntaxError(`"schemas" names a schema that ${type.name} does not have.`);
      if (!useQuirk('unknown-schema')) throw new InvalidSyntaxError('"schemas" names an unknown schema.');
    }
  }
  if (!core && !useQuirk('core-schema-missing')) {
    throw new InvalidSyntaxError(`"schemas" must name ${type.schema.id}.`);
  }
}

function ignoreUnknown(table: AttributeTable, key: string, reading: Reading): void {
  const { type, useQuirk } = reading;
  const prefix = pathPrefix(table);
  if (type.unsupported.has((prefix + key).toLowerCase())) {
    if (useQuirk('unsupported-attribute')) return;
  } else if (table === type.attributes && key.includes(':')) {
    if (useQuirk('unknown-schema')) return;
  } else if (useQuirk('unknown-attribute')) {
    return;
  }
  refuseUnknown(prefix.slice(0, -1), key, reading);
}

/** A name (RFC 7643 2.1), or one with the URN of a schema. Only these are repeated in messages, to clients and in logs. */
const repeatable = /^[a-z$][\w$:.-]{0,99}$/i;

/**
 * Notes an attribute that no schema of the type has, so that the others are read too.
 *
 * @param parent path of what it is in; empty for the resource
 * @throws InvalidSyntaxError where mistakes are not collected
 */
export function refuseUnknown(parent: string, name: string, { type, mistakes }: Reading): void {
  const which = repeatable.test(name) ? `the attribute ${name}, which` : 'an attribute that';
  const message = `${parent === '' ? 'The body' : parent} has ${which} ${type.name} does not have.`;
  const path = parent === '' ? type.schema.id : parent;
  if (mistakes === undefined) throw new InvalidSyntaxError(message, [{ path, code: 'unknown', message }]);
  mistakes.addUnknown(path, message);
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

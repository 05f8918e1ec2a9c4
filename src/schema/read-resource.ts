import { isObject } from '../contract/is-object.js';
import { unlimitedWork } from '../contract/work.js';
import { InvalidSyntaxError, TooManyError } from '../errors.js';
import { defaultLimits } from '../limits.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import type { Attribute } from './attribute.js';
import { canonicalizeOne, readEach, refuseTooManyValues } from './canonicalize.js';
import { DistinctValues, withoutId } from './distinct-values.js';
import { isNothing } from './json-value.js';
import { isForeignUri } from './notation.js';
import type { Reading, ReadingBounds, ReadingOptions } from './reading.js';
import type { ResourceType } from './resource-type.js';

const defaultBounds: ReadingBounds = { limits: defaultLimits, work: unlimitedWork };

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

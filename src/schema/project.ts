import { InvalidValueError } from '../errors.js';
import type { Attributes, Selection } from '../contract/attribute.js';
import type { Attribute, AttributeTable } from './attribute.js';
import { isObject } from '../contract/is-object.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import { type ResolvedAttribute, resolveAttribute, withColonAfterUrn } from './notation.js';
import type { ResourceType } from './resource-type.js';

/** Which attributes a response contains (RFC 7644 3.9), compiled once for a resource type and a pair of parameters. */
export interface Projection {
  /** Top-level attributes of the response, without `id`, `schemas` and `meta`, which do not depend on the selection. */
  readonly selection: Selection;
  /** Whether the response contains `meta`. */
  readonly meta: boolean;
  /** Whether the response contains the attribute at this path, or a part of it. */
  shows(path: string): boolean;
  /**
   * Returns the resource of the response: `schemas` and `id` first, then the attributes that the projection shows.
   *
   * @param resource the resource as stored
   * @param derived top-level attributes derived for this response, which replace stored ones
   */
  apply(resource: Attributes, derived: Attributes | undefined): Record<string, unknown>;
}

/** What a client requested. */
export interface ProjectionRequest {
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
  /**
   * Attributes that the request wrote. Its response contains those of them that are `returned: request` (RFC 7643 7).
   */
  readonly asserted?: Iterable<string> | undefined;
  /** Whether a quirk may be used to read the names. Default: none. */
  readonly useQuirk?: UseQuirk | undefined;
}

/** The shown part of an attribute: all of it, or some of its sub-attributes. */
type Shown = true | ReadonlyMap<string, Shown>;

/**
 * Compiles a projection.
 *
 * Unknown names are ignored. An attribute with `returned: always` is always shown, one with `never` never.
 *
 * @throws InvalidValueError when the request has both lists, which exclude each other
 */
export function project(type: ResourceType, request: ProjectionRequest): Projection {
  const { attributes, excludedAttributes, useQuirk = noQuirks } = request;
  if (attributes !== undefined && excludedAttributes !== undefined) {
    throw new InvalidValueError('Use either attributes or excludedAttributes, not both.');
  }
  const named = attributes === undefined ? undefined : resolveNames(type, attributes, useQuirk);
  const excluded = excludedAttributes === undefined ? noAttributes : resolveNames(type, excludedAttributes, useQuirk);
  const asserted = request.asserted === undefined ? noAttributes : resolveNames(type, request.asserted, noQuirks);
  const shown = showTable(type.attributes, { named, excluded, asserted }, false) ?? new Map<string, Shown>();
  const selection = new Set(shown.keys());
  for (const name of ['schemas', 'id', 'meta']) selection.delete(name);
  // Paths come from the schema only, so this map stays small.
  const shownPaths = new Map<string, boolean>();
  const blank = blankResponse(shown);
  return {
    selection,
    meta: shown.has('meta'),
    shows(path) {
      let shows = shownPaths.get(path);
      if (shows === undefined) shownPaths.set(path, (shows = showsPath(type, shown, path)));
      return shows;
    },
    apply: (resource, derived) => apply(type, shown, { ...blank }, resource, derived),
  };
}

/** The attributes of a request, resolved. */
interface Requested {
  /** Undefined: the request has no `attributes`. */
  readonly named: ReadonlySet<Attribute> | undefined;
  readonly excluded: ReadonlySet<Attribute>;
  readonly asserted: ReadonlySet<Attribute>;
}

const noAttributes: ReadonlySet<Attribute> = new Set();

const noQuirks: UseQuirk = () => false;

function resolveNames(type: ResourceType, names: Iterable<string>, useQuirk: UseQuirk): ReadonlySet<Attribute> {
  const found = new Set<Attribute>();
  for (const text of names) {
    const name = text.trim();
    const resolved = resolveAttribute(type, name) ?? resolveDotted(type, name, useQuirk);
    if (resolved !== undefined) found.add(resolved.attribute);
    else if (name.toLowerCase() === type.schema.id.toLowerCase()) {
      for (const attribute of type.attributes) if (!attribute.container) found.add(attribute);
    }
  }
  return found;
}

/** Standards reading 52: a dot in place of the colon after a URN. */
function resolveDotted(type: ResourceType, name: string, useQuirk: UseQuirk): ResolvedAttribute | undefined {
  const corrected = withColonAfterUrn(type, name);
  const resolved = corrected === undefined ? undefined : resolveAttribute(type, corrected);
  return resolved !== undefined && useQuirk('dot-after-urn') ? resolved : undefined;
}

/** The shown attributes of a table; undefined: none. `whole` is true where the request names an ancestor. */
function showTable(table: AttributeTable, requested: Requested, whole: boolean): Map<string, Shown> | undefined {
  const shown = new Map<string, Shown>();
  for (const attribute of table) {
    const one = showAttribute(attribute, requested, whole);
    if (one !== undefined) shown.set(attribute.name, one);
  }
  return shown.size === 0 ? undefined : shown;
}

function showAttribute(attribute: Attribute, requested: Requested, whole: boolean): Shown | undefined {
  if (attribute.returned === 'never') return undefined;
  const named = requested.named?.has(attribute) === true;
  const always = attribute.returned === 'always';
  if (!always && requested.excluded.has(attribute)) return undefined;
  const onRequest = attribute.returned === 'request';
  const inherited = (requested.named === undefined || whole) && !onRequest;
  const shownItself = always || named || inherited || (onRequest && requested.asserted.has(attribute));
  if (attribute.type !== 'complex') return shownItself ? true : undefined;
  // An attribute that is not requested may have a sub-attribute that is, or that is always returned.
  const parts = showTable(
    attribute.attributes,
    requested,
    shownItself && (whole || named || requested.named === undefined),
  );
  if (parts === undefined) return undefined;
  if (!shownItself && !hasRequested(attribute, requested)) return undefined;
  return isWhole(attribute, parts) ? true : parts;
}

/** Whether a sub-attribute, at any depth, is requested or always returned. */
function hasRequested(attribute: Attribute, requested: Requested): boolean {
  for (const sub of attribute.attributes) {
    if (requested.named?.has(sub) === true || sub.returned === 'always') return true;
    if (requested.asserted.has(sub) || hasRequested(sub, requested)) return true;
  }
  return false;
}

function isWhole(attribute: Attribute, parts: ReadonlyMap<string, Shown>): boolean {
  if (parts.size !== attribute.attributes.size) return false;
  for (const shown of parts.values()) if (shown !== true) return false;
  return true;
}

function showsPath(type: ResourceType, shown: ReadonlyMap<string, Shown>, path: string): boolean {
  const keys = resolveAttribute(type, path)?.attribute.keys;
  if (keys === undefined) return false;
  let level: Shown | undefined = shown;
  for (const key of keys) {
    if (level === true) return true;
    level = level.get(key);
    if (level === undefined) return false;
  }
  return true;
}

/**
 * An object with every property that the response can have, all undefined. JSON.stringify leaves out those that stay
 * so.
 *
 * V8 turns an object into a hash table when more than twelve computed names are added to it. A copy of this one keeps
 * its fields in an array: building it takes a third of the time, and JSON.stringify of it two thirds (Node 20).
 */
function blankResponse(shown: ReadonlyMap<string, Shown>): Readonly<Record<string, undefined>> {
  return Object.fromEntries(['schemas', 'id', ...shown.keys()].map((name) => [name, undefined]));
}

function apply(
  type: ResourceType,
  shown: ReadonlyMap<string, Shown>,
  response: Record<string, unknown>,
  resource: Attributes,
  derived: Attributes | undefined,
): Record<string, unknown> {
  response['schemas'] = schemasOf(type, resource);
  response['id'] = resource['id'];
  for (const name in resource) {
    if (name !== 'id' && name !== 'meta' && name !== 'schemas') show(response, shown, name, resource[name]);
  }
  if (derived !== undefined) for (const name in derived) show(response, shown, name, derived[name]);
  return response;
}

function show(
  response: Record<string, unknown>,
  shown: ReadonlyMap<string, Shown>,
  name: string,
  value: unknown,
): void {
  const part = shown.get(name);
  if (part === undefined) return;
  response[name] = value === undefined || value === null || part === true ? (value ?? undefined) : pick(part, value);
}

function pick(parts: ReadonlyMap<string, Shown>, value: unknown): unknown {
  if (Array.isArray(value)) {
    const values = value.map((each) => pick(parts, each)).filter((each) => each !== undefined);
    return values.length === 0 ? undefined : values;
  }
  if (!isObject(value)) return value;
  const picked: Record<string, unknown> = {};
  let empty = true;
  for (const name of Object.keys(value)) {
    const part = parts.get(name);
    const inner = part === undefined ? undefined : part === true ? value[name] : pick(part, value[name]);
    if (inner === undefined) continue;
    picked[name] = inner;
    empty = false;
  }
  return empty ? undefined : picked;
}

/** The `schemas` of a resource (RFC 7643 3): the core schema, and each extension that it has values of. */
function schemasOf(type: ResourceType, resource: Attributes): string[] {
  const schemas = [type.schema.id];
  for (const { container } of type.extensions) {
    const value = resource[container.name];
    if (value !== undefined && value !== null) schemas.push(container.name);
  }
  return schemas;
}

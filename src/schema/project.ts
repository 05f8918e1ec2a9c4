import { InvalidValueError } from '../errors.js';
import type { Attributes, Selection } from '../contract/attribute.js';
import type { Attribute, AttributeTable } from './attribute.js';
import { isObject } from '../contract/is-object.js';
import { resolveAttribute } from './notation.js';
import type { ResourceType } from './resource-type.js';

/** Which attributes an answer shows (RFC 7644 3.9), worked out once for a type and a pair of parameters. */
export interface Projection {
  /** Top-level attributes that the answer shows, without `id`, `schemas` and `meta`, which a store always gives. */
  readonly selection: Selection;
  /** True where `meta` is shown. */
  readonly meta: boolean;
  /** True where the attribute, by its path, is shown at least in part. */
  shows(path: string): boolean;
  /**
   * The answer: `schemas` first, then what the resource has and the projection shows.
   *
   * @param resource the resource as stored
   * @param derived top-level attributes that were worked out for this answer; they stand in for stored ones
   */
  apply(resource: Attributes, derived: Attributes | undefined): Record<string, unknown>;
}

/** What the client asked for. */
export interface ProjectionRequest {
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
  /** Attributes that the request wrote: those returned on request are shown in its answer (RFC 7643 7). */
  readonly asserted?: Iterable<string> | undefined;
}

/** What is shown of one attribute: all of it, or some of its sub-attributes. */
type Shown = true | ReadonlyMap<string, Shown>;

/**
 * Works out a projection.
 *
 * Unknown names are ignored; `returned: always` is shown whatever is asked, `never` never.
 *
 * @throws InvalidValueError when both lists are given: they exclude each other
 */
export function project(type: ResourceType, request: ProjectionRequest): Projection {
  const { attributes, excludedAttributes } = request;
  if (attributes !== undefined && excludedAttributes !== undefined) {
    throw new InvalidValueError('Give attributes or excludedAttributes, not both.');
  }
  const named = attributes === undefined ? undefined : resolveNames(type, attributes);
  const excluded = excludedAttributes === undefined ? noAttributes : resolveNames(type, excludedAttributes);
  const asserted = request.asserted === undefined ? noAttributes : resolveNames(type, request.asserted);
  const shown = showTable(type.attributes, { named, excluded, asserted }, false) ?? new Map<string, Shown>();
  const selection = new Set(shown.keys());
  for (const name of ['schemas', 'id', 'meta']) selection.delete(name);
  const known = new Map<string, boolean>();
  const blank = blankResponse(shown);
  return {
    selection,
    meta: shown.has('meta'),
    shows(path) {
      let shows = known.get(path);
      if (shows === undefined) known.set(path, (shows = showsPath(type, shown, path)));
      return shows;
    },
    apply: (resource, derived) => apply(type, shown, { ...blank }, resource, derived),
  };
}

interface Asked {
  readonly named: ReadonlySet<Attribute> | undefined;
  readonly excluded: ReadonlySet<Attribute>;
  readonly asserted: ReadonlySet<Attribute>;
}

const noAttributes: ReadonlySet<Attribute> = new Set();

function resolveNames(type: ResourceType, names: Iterable<string>): ReadonlySet<Attribute> {
  const found = new Set<Attribute>();
  for (const name of names) {
    const resolved = resolveAttribute(type, name.trim());
    if (resolved !== undefined) found.add(resolved.attribute);
    else if (name.trim().toLowerCase() === type.schema.id.toLowerCase()) {
      for (const attribute of type.attributes) if (!attribute.container) found.add(attribute);
    }
  }
  return found;
}

/** What is shown of a table; `whole` is true where an ancestor was named. */
function showTable(table: AttributeTable, asked: Asked, whole: boolean): Map<string, Shown> | undefined {
  const shown = new Map<string, Shown>();
  for (const attribute of table) {
    const one = showAttribute(attribute, asked, whole);
    if (one !== undefined) shown.set(attribute.name, one);
  }
  return shown.size === 0 ? undefined : shown;
}

function showAttribute(attribute: Attribute, asked: Asked, whole: boolean): Shown | undefined {
  if (attribute.returned === 'never') return undefined;
  const named = asked.named?.has(attribute) === true;
  const always = attribute.returned === 'always';
  if (!always && asked.excluded.has(attribute)) return undefined;
  const onRequest = attribute.returned === 'request';
  const inherited = (asked.named === undefined || whole) && !onRequest;
  const shownItself = always || named || inherited || (onRequest && asked.asserted.has(attribute));
  if (attribute.type !== 'complex') return shownItself ? true : undefined;
  // An attribute that nobody asked for may still hold a sub-attribute that somebody did, or that is always returned.
  const parts = showTable(attribute.attributes, asked, shownItself && (whole || named || asked.named === undefined));
  if (parts === undefined) return undefined;
  if (!shownItself && !asksFor(attribute, asked)) return undefined;
  return isWhole(attribute, parts) ? true : parts;
}

/** True where a sub-attribute was named, or stands under an extension and is always returned. */
function asksFor(attribute: Attribute, asked: Asked): boolean {
  for (const sub of attribute.attributes) {
    if (asked.named?.has(sub) === true || sub.returned === 'always') return true;
    if (asked.asserted.has(sub) || asksFor(sub, asked)) return true;
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
 * An answer with a place for everything that is shown, none of it filled; JSON leaves out what stays undefined.
 *
 * V8 makes a hash table of an object that more than twelve computed names are added to. A copy of this one stays an
 * array of fields: building it takes a third of the time, and JSON.stringify of it two thirds (Node 20).
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

/** RFC 7643 3: the core schema, and each extension that the resource has values of. */
export function schemasOf(type: ResourceType, resource: Attributes): string[] {
  const schemas = [type.schema.id];
  for (const { container } of type.extensions) {
    const value = resource[container.name];
    if (value !== undefined && value !== null) schemas.push(container.name);
  }
  return schemas;
}

import type { QuirkId } from '../quirks/quirks.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import { InvalidPathError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Attribute } from '../schema/attribute.js';
import { isCoreSchema, resolveAttribute } from '../schema/notation.js';
import type { ResourceType } from '../schema/resource-type.js';
import { type FilterOptions, parseValueFilter, type ValueFilter } from './filter/parse.js';

/** What a path of RFC 7644 3.5.2, Figure 7, names. */
export type PatchPath =
  /** The resource itself: the bare URN of its core schema. */
  | { readonly kind: 'resource' }
  /** An attribute of the schemas that this host does not keep: the operation is skipped. */
  | { readonly kind: 'unsupported' }
  | TargetPath;

/** A path that ends at an attribute, some of its values, or one of its sub-attributes. */
export interface TargetPath {
  readonly kind: 'target';
  /** An attribute of the resource or of an extension, or the container of an extension. */
  readonly attribute: Attribute;
  /** Which values of a multi-valued attribute; undefined: all. */
  readonly filter: ValueFilter | undefined;
  readonly sub: Attribute | undefined;
}

/** What is needed to read a path. */
export type PathOptions = FilterOptions;

// Attribute names and URNs are ASCII. Others are refused before they are looked up: the Kelvin sign would fold to k.
const nameCharacters = /^[\x21-\x7e]{1,1024}$/;

const unsupported: PatchPath = { kind: 'unsupported' };
const resource: PatchPath = { kind: 'resource' };

/**
 * Reads `attrPath` or `valuePath [subAttr]` (RFC 7644 3.5.2, 3.10): any letter case, URN prefixes, an extension's
 * bare URN. The text is resolved against the schema alone; no object is touched.
 *
 * @throws InvalidPathError where it cannot be read or names nothing of the type
 * @throws InvalidFilterError where the part in brackets cannot be read
 *
 * @example
 * parsePath('emails[type eq "work"].value', userType, { limits, tolerate });
 */
export function parsePath(text: string, type: ResourceType, options: PathOptions): PatchPath {
  const path = findPath(text, type, options);
  if (path !== undefined) return path;
  throw new InvalidPathError(`The path names no attribute that ${type.name} has.`);
}

/**
 * As `parsePath`, but undefined where the name in front of the brackets is no attribute's.
 *
 * @throws InvalidPathError where the brackets are not closed, or stand where no values can be selected
 * @throws InvalidFilterError where the part in brackets cannot be read
 */
export function findPath(text: string, type: ResourceType, options: PathOptions): PatchPath | undefined {
  if (text.length > options.limits.filterBytes) {
    throw new InvalidPathError(`A path may have at most ${options.limits.filterBytes} characters.`);
  }
  const open = text.indexOf('[');
  const name = open < 0 ? text : text.slice(0, open);
  if (!nameCharacters.test(name)) return undefined;
  const attribute = resolveName(name, type, options.useQuirk);
  if (attribute === undefined) {
    if (isUnsupported(type, name) && options.useQuirk('unsupported-attribute')) return unsupported;
    return open < 0 && isCoreSchema(type, name) ? resource : undefined;
  }
  if (open >= 0) return readValuePath(text, open, attribute, type, options);
  const { parent } = attribute;
  return parent === undefined || parent.container
    ? { kind: 'target', attribute, filter: undefined, sub: undefined }
    : { kind: 'target', attribute: parent, filter: undefined, sub: attribute };
}

function resolveName(name: string, type: ResourceType, useQuirk: UseQuirk): Attribute | undefined {
  const found = resolveAttribute(type, name);
  if (found === undefined) return undefined;
  return found.unprefixed && !useQuirk('unprefixed-extension') ? undefined : found.attribute;
}

function readValuePath(
  text: string,
  open: number,
  attribute: Attribute,
  type: ResourceType,
  options: PathOptions,
): PatchPath | undefined {
  if (!attribute.multiValued) {
    throw new InvalidPathError(`${attribute.path} has one value: a filter in its path selects nothing.`);
  }
  if (attribute.parent !== undefined && !attribute.parent.container) {
    throw new InvalidPathError('A filter in a path stands behind an attribute, not behind a sub-attribute.');
  }
  const close = closingBracket(text, open);
  const filter = parseValueFilter(text.slice(open + 1, close), attribute, type, options);
  const rest = text.slice(close + 1);
  if (rest === '') return { kind: 'target', attribute, filter, sub: undefined };
  if (!rest.startsWith('.')) throw new InvalidPathError('Only a sub-attribute may follow the filter of a path.');
  const sub = nameCharacters.test(rest) ? attribute.attributes.get(rest.slice(1)) : undefined;
  if (sub !== undefined) return { kind: 'target', attribute, filter, sub };
  return isUnsupported(type, attribute.path + rest) && options.useQuirk('unsupported-attribute')
    ? unsupported
    : undefined;
}

/** Where the filter that opens at `open` ends; brackets inside a JSON string are text. */
function closingBracket(text: string, open: number): number {
  let quoted = false;
  for (let i = open + 1; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (character === ']' && !quoted) return i;
  }
  throw new InvalidPathError('The path opens a filter with [ and does not close it.');
}

/** True for an attribute of the type's schemas that this host does not keep, or a part of one. */
function isUnsupported(type: ResourceType, name: string): boolean {
  if (type.unsupported.size === 0) return false;
  const core = `${type.schema.id.toLowerCase()}:`;
  const folded = name.toLowerCase();
  const path = folded.startsWith(core) ? folded.slice(core.length) : folded;
  if (type.unsupported.has(path)) return true;
  for (let i = path.length - 1; i > 0; i--) {
    if ((path[i] === '.' || path[i] === ':') && type.unsupported.has(path.slice(0, i))) return true;
  }
  if (path.includes(':')) return false;
  // Standards reading 43: the name of an extension's attribute without its URN.
  const bare = `:${path.split('.', 1)[0] ?? ''}`;
  for (const known of type.unsupported) if (known.endsWith(bare)) return true;
  return false;
}

/** Reads the paths of one resource type, and remembers those that come again and again. */
export interface PathReader {
  /** As `findPath`. */
  find(text: string, options: Omit<PathOptions, 'limits'>): PatchPath | undefined;
}

/**
 * A bounded memory of paths with a filter: clients send the same few shapes, and a name alone is looked up as fast.
 *
 * @param size how many paths are remembered; the oldest is forgotten first
 */
export function createPathReader(type: ResourceType, limits: Limits, size = 500): PathReader {
  const known = new Map<string, { readonly path: PatchPath; readonly quirks: readonly QuirkId[] }>();
  return {
    find(text, { useQuirk, locations }) {
      if (!text.includes('[')) return findPath(text, type, { limits, useQuirk });
      const key = locations === undefined ? text : `${locations.base} ${text}`;
      const entry = known.get(key);
      // What was tolerated when the path was read is noted each time; asked again, the answer is the same.
      if (entry?.quirks.every((quirk) => useQuirk(quirk))) return entry.path;
      const quirks: QuirkId[] = [];
      let refused = false;
      const path = findPath(text, type, {
        limits,
        locations,
        useQuirk: (quirk) => {
          const tolerated = useQuirk(quirk);
          if (tolerated) quirks.push(quirk);
          else refused = true;
          return tolerated;
        },
      });
      if (path === undefined || refused || text.length > 200) return path;
      known.set(key, { path, quirks });
      if (known.size > size) {
        for (const oldest of known.keys()) {
          known.delete(oldest);
          break;
        }
      }
      return path;
    },
  };
}

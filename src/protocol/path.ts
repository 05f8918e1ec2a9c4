import type { QuirkId } from '../quirks/quirks.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import { BoundedMap } from '../contract/bounded-map.js';
import { SeenTexts } from '../contract/seen-texts.js';
import { textUnits } from '../contract/work.js';
import { InvalidPathError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Attribute } from '../schema/attribute.js';
import { isCoreSchema, resolveAttribute, withColonAfterUrn } from '../schema/notation.js';
import type { ResourceType } from '../schema/resource-type.js';
import type { Endpoints } from './filter/derived.js';
import { type FilterOptions, parseValueFilter, type ValueFilter } from './filter/parse.js';

/** The target of a path of a PATCH operation (RFC 7644 3.5.2, Figure 7). */
export type PatchPath =
  /** The resource itself: the bare URN of its core schema. */
  | { readonly kind: 'resource' }
  /** An attribute of the schemas that the store does not keep: the operation is skipped. */
  | { readonly kind: 'unsupported' }
  | TargetPath;

/** A path to an attribute, to some of its values, or to one of its sub-attributes. */
export interface TargetPath {
  readonly kind: 'target';
  /** An attribute of the resource or of an extension, or the container of an extension. */
  readonly attribute: Attribute;
  /** Selects values of a multi-valued attribute; undefined: all. */
  readonly filter: ValueFilter | undefined;
  readonly sub: Attribute | undefined;
}

/** How a path is read. */
export type PathOptions = Omit<FilterOptions, 'mixed'>;

// Attribute names and URNs are ASCII. Other characters are refused before the lookup: the Kelvin sign would fold to k.
const nameCharacters = /^[\x21-\x7e]{1,1024}$/;

/** Units for finding a path in the schema, its text apart. */
const unitsOfPath = 50;

const unsupported: PatchPath = { kind: 'unsupported' };
const resource: PatchPath = { kind: 'resource' };

/**
 * Reads `attrPath` or `valuePath [subAttr]` (RFC 7644 3.5.2, 3.10): any letter case, URN prefixes, an extension's
 * bare URN. The text is resolved against the schema alone, so it can reach no property of an object.
 *
 * @returns undefined where the path names no attribute of the resource type
 * @throws InvalidPathError where the brackets are not closed, or follow an attribute without values to select
 * @throws InvalidFilterError where the filter in the brackets cannot be read
 */
export function findPath(text: string, type: ResourceType, options: PathOptions): PatchPath | undefined {
  if (text.length > options.limits.filterBytes) {
    throw new InvalidPathError(
      `A path may have at most ${options.limits.filterBytes} characters (limits.filterBytes).`,
    );
  }
  const open = text.indexOf('[');
  const name = open < 0 ? text : text.slice(0, open);
  options.work?.spend(unitsOfPath + textUnits(name));
  if (!nameCharacters.test(name)) return undefined;
  const attribute = resolveName(name, type, options.useQuirk);
  if (attribute === undefined) {
    const corrected = withColonAfterUrn(type, name);
    if (corrected !== undefined && options.useQuirk('dot-after-urn')) {
      return findPath(open < 0 ? corrected : corrected + text.slice(open), type, options);
    }
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
    throw new InvalidPathError(`${attribute.path} is single-valued: its path cannot have a filter.`);
  }
  if (attribute.parent !== undefined && !attribute.parent.container) {
    throw new InvalidPathError('The filter of a path must follow an attribute, not a sub-attribute.');
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

/** Where the filter that opens at `open` ends. Brackets inside a JSON string do not count. */
function closingBracket(text: string, open: number): number {
  let quoted = false;
  for (let i = open + 1; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (character === ']' && !quoted) return i;
  }
  throw new InvalidPathError('The path opens a filter with [ but does not close it.');
}

/** Whether the name is that of an attribute, or of a part of one, that the schemas have and the store does not keep. */
function isUnsupported(type: ResourceType, name: string): boolean {
  if (type.unsupported.size === 0) return false;
  const core = `${type.schema.id.toLowerCase()}:`;
  const folded = name.toLowerCase();
  const path = folded.startsWith(core) ? folded.slice(core.length) : folded;
  if (type.unsupported.has(path)) return true;
  for (const each of type.unsupported) {
    if (path.startsWith(each) && ['.', ':'].includes(path.charAt(each.length))) return true;
  }
  if (path.includes(':')) return false;
  // Standards reading 43: an extension's attribute may be named without its URN.
  const bare = `:${path.split('.', 1)[0] ?? ''}`;
  for (const unsupportedPath of type.unsupported) if (unsupportedPath.endsWith(bare)) return true;
  return false;
}

/** Reads the paths of one resource type, and caches those that clients send again and again. */
export interface PathReader {
  /** As `findPath`. */
  find(text: string, options: Omit<PathOptions, 'limits' | 'endpoints'>): PatchPath | undefined;
}

interface CachedPath {
  readonly path: PatchPath;
  readonly quirks: readonly QuirkId[];
}

/**
 * A path reader with a bounded cache of paths that contain a filter. A path without a filter is one lookup in the
 * schema, which takes no longer than a lookup in a cache.
 *
 * @param endpoints as in `FilterOptions`
 * @param capacity how many paths are cached
 */
export function createPathReader(
  type: ResourceType,
  limits: Limits,
  endpoints: Endpoints = new Map(),
  capacity = 500,
): PathReader {
  const cache = new BoundedMap<CachedPath>(capacity);
  const seen = new SeenTexts();
  return {
    find(text, { useQuirk, base, work }) {
      if (!text.includes('[')) return findPath(text, type, { limits, useQuirk, base, endpoints, work });
      const key = `${base} ${text}`;
      const cached = cache.get(key);
      // Quirks apply to each request, so they are used again for a cached path.
      if (cached?.quirks.every((quirk) => useQuirk(quirk))) return cached.path;
      const quirks: QuirkId[] = [];
      let refused = false;
      const path = findPath(text, type, {
        limits,
        base,
        endpoints,
        work,
        useQuirk: (quirk) => {
          const used = useQuirk(quirk);
          if (used) quirks.push(quirk);
          else refused = true;
          return used;
        },
      });
      if (path !== undefined && !refused && text.length <= 200 && seen.see(key)) cache.set(key, { path, quirks });
      return path;
    },
  };
}

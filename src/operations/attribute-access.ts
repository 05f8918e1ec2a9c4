import { isObject } from '../contract/is-object.js';
import type { Attribute } from '../schema/attribute.js';
import { resolveAttribute } from '../schema/notation.js';
import type { ResourceType } from '../schema/resource-type.js';
import { nameOfReference } from '../schema/reference.js';
import type { Restriction } from '../schema/restrict-type.js';
import { wrongResult } from './faults.js';
import { usageError } from '../contract/option-mistakes.js';

/** What a client may read and write, as `options.access` returned it: paths, each once, in a fixed order. */
export interface AttributeAccess {
  /** The only attributes that the client sees; undefined: all. */
  readonly visible: readonly string[] | undefined;
  readonly hidden: readonly string[];
  readonly readOnly: readonly string[];
}

/** What `options.access` may return. */
const names = ['visible', 'hidden', 'readOnly'] as const;

/** A list of paths is compiled for each client: longer ones are mistakes. */
const longestList = 1_000;
const longestPath = 500;

/** What `options.access` returned. @throws TypeError for anything else: a client must not see more by a mistake */
export function parseAccess(value: unknown): AttributeAccess {
  const remedy =
    'Return { visible, hidden, readOnly }, each a list of attribute paths or left out; {} restricts nothing.';
  if (!isPlainObject(value) || Object.keys(value).some((name) => !(names as readonly string[]).includes(name))) {
    throw wrongResult('access', value, remedy);
  }
  const list = (name: (typeof names)[number]): readonly string[] | undefined => {
    const paths = value[name];
    if (paths === undefined) return undefined;
    if (!Array.isArray(paths) || paths.length > longestList || !paths.every(isPath)) {
      throw wrongResult('access', value, `${name} must be a list of attribute paths. ${remedy}`);
    }
    return [...new Set(paths)].sort();
  };
  return { visible: list('visible'), hidden: list('hidden') ?? [], readOnly: list('readOnly') ?? [] };
}

/** What has a class of its own, such as a Map, may hold its restrictions elsewhere. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestPath;
}

/** True where nothing is restricted. */
export function restrictsNothing({ visible, hidden, readOnly }: AttributeAccess): boolean {
  return visible === undefined && hidden.length === 0 && readOnly.length === 0;
}

/** Attributes without which a response is no resource. */
const always: ReadonlySet<string> = new Set(['schemas', 'id', 'meta']);

/**
 * Resolves the paths against all resource types. A path without the URN of a core schema counts for every type that has the
 * attribute.
 *
 * @throws TypeError that names a path of no type, which would hide nothing
 */
export function resolveAccess(access: AttributeAccess, types: readonly ResourceType[]): Restriction {
  const visible = access.visible && resolvePaths(access.visible, types);
  const hidden = resolvePaths(access.hidden, types);
  const readOnly = resolvePaths(access.readOnly, types);
  for (const attribute of [...hidden, ...readOnly]) {
    if (!always.has(topOf(attribute).path)) continue;
    const reason = 'schemas, id and meta are in every response, and read-only';
    throw usageError('access', `a list names ${attribute.path}, but ${reason}`, 'attribute-access.md');
  }
  const isHidden = (attribute: Attribute): boolean => {
    if (always.has(topOf(attribute).path)) return false;
    if (hidden.has(attribute)) return true;
    return visible !== undefined && !isAmong(attribute, visible) && !holdsAny(attribute, visible);
  };
  const hidesName = (typeName: string): boolean => {
    const type = types.find(({ name }) => name === typeName);
    return ['displayName', 'userName'].some((name) => {
      const attribute = type?.attributes.get(name);
      return attribute !== undefined && isHidden(attribute);
    });
  };
  return {
    // A name that a reference shows is that of the other resource.
    isHidden: (attribute) => isHidden(attribute) || shownNames(attribute, types).some(hidesName),
    isReadOnly: (attribute) => readOnly.has(attribute),
  };
}

/** The resource types of which an attribute shows names: `manager.displayName`, `members.display`, `groups.display`. */
function shownNames(attribute: Attribute, types: readonly ResourceType[]): readonly string[] {
  const { path, parent } = attribute;
  if (parent === undefined) return [];
  if (path === 'groups.display') return ['Group'];
  if (nameOfReference(parent) !== attribute) return [];
  // RFC 9944 4: with a `type`, a value may name a resource of any type.
  if (parent.attributes.get('type') !== undefined) return types.map(({ name }) => name);
  return parent.attributes.get('$ref')?.referenceTypes ?? [];
}

function resolvePaths(paths: readonly string[], types: readonly ResourceType[]): ReadonlySet<Attribute> {
  const found = new Set<Attribute>();
  for (const path of paths) {
    let isKnown = false;
    for (const type of types) {
      const resolved = resolveAttribute(type, path);
      if (resolved !== undefined && !resolved.unprefixed) {
        found.add(resolved.attribute);
        isKnown = true;
      } else if (type.unsupported.has(path.toLowerCase())) isKnown = true;
    }
    if (isKnown) continue;
    const remedy = 'write an attribute of an extension with its URN';
    throw usageError(
      'access',
      `a list names ${JSON.stringify(path)}, which no resource type has; ${remedy}`,
      'attribute-access.md',
    );
  }
  return found;
}

function topOf(attribute: Attribute): Attribute {
  return attribute.parent === undefined ? attribute : topOf(attribute.parent);
}

/** Whether the attribute, or one that holds it, is in the set. */
function isAmong(attribute: Attribute | undefined, set: ReadonlySet<Attribute>): boolean {
  return attribute !== undefined && (set.has(attribute) || isAmong(attribute.parent, set));
}

/** Whether the set has a part of the attribute. */
function holdsAny(attribute: Attribute, set: ReadonlySet<Attribute>): boolean {
  return [...attribute.attributes].some((part) => set.has(part) || holdsAny(part, set));
}

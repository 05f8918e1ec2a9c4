import { type Attribute, AttributeTable } from './attribute.js';
import type { AttributeDefinition, SchemaDefinition } from './definition.js';
import type { ResourceType } from './resource-type.js';

/** Which attributes of a resource type a client does not see, and which it cannot write. */
export interface Restriction {
  isHidden(attribute: Attribute): boolean;
  isReadOnly(attribute: Attribute): boolean;
}

/** Parts of a resource by property name: a whole attribute, or parts of it. */
export type Parts = ReadonlyMap<string, true | Parts>;

/** A resource type as a restricted client sees it. */
export interface RestrictedType {
  readonly type: ResourceType;
  /** What the client does not see. */
  readonly hidden: Parts;
  /** What is inside attributes that the client writes, and stays as it is whatever the client writes. */
  readonly kept: Parts;
  /** Paths of the attributes that a creation needs and the client cannot write. */
  readonly missing: readonly string[];
}

/**
 * Makes the resource type that a restricted client sees: hidden attributes are not in it, as if the store did not keep
 * them, and those that the client cannot write are read-only. All that depends on the type follows: filters, paths,
 * projections, validation and /Schemas.
 *
 * A complex attribute is read-only as a whole where a part of it cannot be written and
 * - it has several values, since nothing says which stored value a new one replaces,
 * - it names a resource, or
 * - the part is required.
 */
export function restrictType(type: ResourceType, restriction: Restriction): RestrictedType {
  const made = restrictTable(type.attributes, undefined, false, restriction);
  const hidesAny = made.hidden.size > 0;
  const attributes = new AttributeTable(hidesAny ? made.list.map(withoutVersion) : made.list);
  const extensions = type.extensions.flatMap(({ schema, required, container }) => {
    const shown = attributes.get(container.name);
    if (shown === undefined) return [];
    return [
      { schema: restrictSchema(schema, shown.attributes), required: required && shown.required, container: shown },
    ];
  });
  const containers = new Map(extensions.map(({ container }) => [container.name.toLowerCase(), container]));
  const uris = new Map<string, Attribute | undefined>();
  for (const [uri, container] of type.uris) {
    if (container === undefined || containers.has(uri)) uris.set(uri, containers.get(uri));
  }
  const unsupported = new Set([...type.unsupported, ...made.paths.flatMap(namesOfPath)]);
  return {
    type: {
      ...type,
      schema: restrictSchema(type.schema, attributes),
      extensions,
      attributes,
      unique: type.unique.filter(({ path }) => isWritten(attributes, path)),
      uris,
      unsupported,
    },
    hidden: made.hidden,
    kept: new Map([...made.kept].filter(([, part]) => part !== true)),
    missing: made.missing,
  };
}

interface RestrictedTable {
  readonly list: readonly Attribute[];
  readonly hidden: ReadonlyMap<string, true | Parts>;
  readonly kept: ReadonlyMap<string, true | Parts>;
  /** Paths of what is hidden. */
  readonly paths: readonly string[];
  readonly missing: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function restrictTable(
  table: AttributeTable,
  parent: Attribute | undefined,
  isReadOnly: boolean,
  restriction: Restriction,
): RestrictedTable {
  const list: Attribute[] = [];
  const hidden = new Map<string, true | Parts>();
  const kept = new Map<string, true | Parts>();
  const paths: string[] = [];
  const missing: string[] = [];
  for (const attribute of table) {
    const { name, path } = attribute;
    const isNeeded = attribute.required && attribute.mutability !== 'readOnly';
    const hide = (): void => {
      hidden.set(name, true);
      // What a reference shows of its resource is derived, and stored nowhere.
      if (attribute.mutability !== 'readOnly' || parent?.namesResource !== true) kept.set(name, true);
      paths.push(path);
      if (isNeeded) missing.push(path);
    };
    if (restriction.isHidden(attribute)) {
      hide();
      continue;
    }
    const readOnly = isReadOnly || restriction.isReadOnly(attribute) || isReadOnlyByItsParts(attribute, restriction);
    const clone: Mutable<Attribute> = {
      ...attribute,
      parent,
      ...(readOnly && { mutability: 'readOnly', required: false }),
    };
    if (attribute.type === 'complex') {
      const parts = restrictTable(attribute.attributes, clone, readOnly, restriction);
      if (parts.list.length === 0) {
        hide();
        continue;
      }
      clone.attributes = new AttributeTable(parts.list);
      if (parts.hidden.size > 0) hidden.set(name, parts.hidden);
      if (!readOnly && parts.kept.size > 0) kept.set(name, parts.kept);
      paths.push(...parts.paths);
    }
    if (readOnly && attribute.mutability !== 'readOnly') {
      kept.set(name, true);
      if (isNeeded) missing.push(path);
    }
    list.push(clone);
  }
  return { list, hidden, kept, paths, missing };
}

/** Whether an attribute cannot be written because a part of it cannot. */
function isReadOnlyByItsParts(attribute: Attribute, restriction: Restriction): boolean {
  if (attribute.type !== 'complex' || attribute.mutability === 'readOnly') return false;
  const isFrozen = (part: Attribute): boolean =>
    part.mutability !== 'readOnly' &&
    (restriction.isHidden(part) || restriction.isReadOnly(part) || isReadOnlyByItsParts(part, restriction));
  const isWhole = attribute.multiValued || attribute.namesResource;
  for (const part of attribute.attributes) if ((isWhole || part.required) && isFrozen(part)) return true;
  return false;
}

/**
 * `meta` without its version, for filters and order: a version may be a hash of all that is stored, and conditions on it
 * would tell hidden values. Responses derive it.
 */
function withoutVersion(attribute: Attribute): Attribute {
  if (attribute.path !== 'meta') return attribute;
  return {
    ...attribute,
    attributes: new AttributeTable([...attribute.attributes].filter((each) => each.name !== 'version')),
  };
}

/** A path in lower case, also as clients write it without the URN of its extension (standards reading 43). */
function namesOfPath(path: string): readonly string[] {
  const folded = path.toLowerCase();
  const colon = folded.lastIndexOf(':');
  return colon < 0 ? [folded] : [folded, folded.slice(colon + 1)];
}

function restrictSchema(schema: SchemaDefinition, table: AttributeTable): SchemaDefinition {
  return { ...schema, attributes: restrictDefinitions(schema.attributes, table) };
}

function restrictDefinitions(
  definitions: readonly AttributeDefinition[],
  table: AttributeTable,
): readonly AttributeDefinition[] {
  return definitions.flatMap((definition): readonly AttributeDefinition[] => {
    const attribute = table.get(definition.name);
    if (attribute === undefined) return [];
    const { mutability, required } = attribute;
    const { subAttributes } = definition;
    const characteristics = { ...definition, mutability, required };
    if (subAttributes === undefined) return [characteristics];
    return [{ ...characteristics, subAttributes: restrictDefinitions(subAttributes, attribute.attributes) }];
  });
}

function isWritten(table: AttributeTable, path: string): boolean {
  for (const attribute of table) {
    if (attribute.path === path) return attribute.mutability !== 'readOnly';
    if (isWritten(attribute.attributes, path)) return true;
  }
  return false;
}

/** Attributes without some of their parts. What has no other parts is left out. */
export function withoutParts<T extends object>(attributes: T, parts: Parts): T {
  if (parts.size === 0) return attributes;
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes) as [string, unknown][]) {
    const part = parts.get(name);
    if (part === true) continue;
    const left = part === undefined ? value : removed(value, part);
    if (left !== undefined) rest[name] = left;
  }
  return rest as T;
}

function removed(value: unknown, parts: Parts): unknown {
  if (Array.isArray(value)) {
    const left = value.map((each) => removed(each, parts)).filter((each) => each !== undefined);
    return left.length === 0 ? undefined : left;
  }
  if (!isPlainObject(value)) return value;
  const rest = withoutParts(value, parts);
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/**
 * A change that leaves some parts of a resource as they are.
 *
 * @param kept parts of single-valued attributes
 * @param current the resource that the change was computed from
 */
export function withKeptParts(
  { set, unset }: { readonly set: Readonly<Record<string, unknown>>; readonly unset: readonly string[] },
  kept: Parts,
  current: Readonly<Record<string, unknown>>,
): { readonly set: Readonly<Record<string, unknown>>; readonly unset: readonly string[] } {
  const whole: Record<string, unknown> = { ...set };
  const cleared = new Set(unset);
  for (const [name, part] of kept) {
    if (part === true || (!cleared.has(name) && !Object.hasOwn(whole, name))) continue;
    const merged = merge(current[name], whole[name], part);
    if (merged === undefined) continue;
    whole[name] = merged;
    cleared.delete(name);
  }
  return { set: whole, unset: [...cleared] };
}

function merge(stored: unknown, value: unknown, parts: Parts): unknown {
  if (!isPlainObject(stored)) return value;
  const merged: Record<string, unknown> = isPlainObject(value) ? { ...value } : {};
  for (const [name, part] of parts) {
    const old = stored[name];
    if (old === undefined || old === null) {
      // What the client cannot write is not added either.
      if (part === true) delete merged[name];
      continue;
    }
    merged[name] = part === true ? old : merge(old, merged[name], part);
  }
  return Object.keys(merged).length === 0 ? value : merged;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

import type { Attribute } from '../../schema/attribute.js';
import { normalizeText } from '../../schema/normalize.js';
import { isLookedUp } from '../../schema/reference.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Comparison, Filter } from '../../contract/filter.js';
import { allOf, always, anyOf, negate, never, refOf, someValue } from './build.js';
import { compareText } from './text.js';

/**
 * Attributes that no store keeps, because every response derives them from others. A condition on one of them becomes a
 * condition on the attribute that it is derived from.
 */

/** Endpoints, with their leading slash, by the name of the resource type that they serve. */
export type Endpoints = ReadonlyMap<string, string>;

/** What the conditions depend on. */
export interface DerivedOptions {
  readonly type: ResourceType;
  /** Public URL of the mount point, without a trailing slash. */
  readonly base: string;
  /** Of all served types: a reference to a type without an endpoint has no URI. */
  readonly endpoints: Endpoints;
}

/** The conditions on one derived attribute. */
export interface DerivedAttribute {
  readonly present: Filter;
  compare(op: Comparison, value: string): Filter;
}

/**
 * The conditions on a derived attribute; undefined for an attribute that is stored.
 *
 * @param inValue true inside the brackets of a multi-valued attribute
 */
export function derivedAttribute(
  attribute: Attribute,
  inValue: boolean,
  options: DerivedOptions,
): DerivedAttribute | undefined {
  switch (attribute.path) {
    case 'schemas':
      // In brackets a condition is about one of the URIs.
      return inValue ? undefined : schemasOf(options.type);
    case 'meta':
      return { present: always, compare: () => never };
    case 'meta.resourceType':
      return { present: always, compare: (op, value) => constant(compareText[op](options.type.name, value)) };
    case 'meta.location':
      return locationOf(options);
    case 'meta.version':
      return versionOf(refOf(attribute, inValue));
    default:
      return attribute.name === '$ref' && attribute.parent?.namesResource === true
        ? referenceOf(attribute.parent, attribute, inValue, options)
        : undefined;
  }
}

function constant(holds: boolean): Filter {
  return holds ? always : never;
}

// RFC 7643 3: every resource has its core schema, and each extension that it holds values of.
function schemasOf(type: ResourceType): DerivedAttribute {
  return {
    present: always,
    compare: (op, value) => schemasWhere(type, (uri) => compareText[op](uri, value)),
  };
}

/** Resources that have a schema whose URI satisfies a condition. */
export function schemasWhere(type: ResourceType, holds: (uri: string) => boolean): Filter {
  return anyOf([
    constant(holds(type.schema.id)),
    ...type.extensions.map(({ container }): Filter =>
      holds(container.name) ? { op: 'present', attribute: refOf(container, false) } : never,
    ),
  ]);
}

function locationOf({ type, base }: DerivedOptions): DerivedAttribute | undefined {
  const id = type.attributes.get('id');
  return (
    id && {
      present: always,
      compare: (op, value) => compareUri(op, value, type.endpoint, { ref: refOf(id, false), present: always }, base),
    }
  );
}

function versionOf(ref: AttributeRef): DerivedAttribute {
  return {
    present: { op: 'present', attribute: ref },
    compare(op, value) {
      // Clients see W/"x" where the store keeps x, and may filter on either form. x has no quotes.
      const wrapped = compareWrapped(op, value, {
        prefix: 'W/"',
        suffix: '"',
        ref,
        present: always,
        decode: (text) => text,
      });
      const bare: Filter = { op, attribute: ref, value: value.replace(/^"(.*)"$/s, '$1') };
      if (op === 'co') return wrapped;
      if (op === 'sw' || op === 'ew') return value.includes('"') ? wrapped : anyOf([wrapped, bare]);
      return value.startsWith('W/"') ? wrapped : bare;
    },
  };
}

/** `$ref` is the URI of the resource whose ID is `value`. A value that names no resource yet has none. */
function referenceOf(
  parent: Attribute,
  reference: Attribute,
  inValue: boolean,
  { base, endpoints }: DerivedOptions,
): DerivedAttribute | undefined {
  const id = parent.attributes.get('value');
  if (id === undefined) return undefined;
  const inside = inValue || parent.multiValued;
  const ref = refOf(id, inside);
  const kind = parent.attributes.get('type');
  const declared = new Set(reference.referenceTypes);
  // RFC 9944 4: with a `type`, a value may name a resource of any served type. The `type` of User.groups is another one.
  const isOpen = kind !== undefined && parent.mutability !== 'readOnly';
  const targets = [...endpoints].filter(([name]) => declared.has(name) || isOpen);
  // Both conditions are about the same value, so outside of brackets they need their own `some`.
  const scoped = (filter: Filter): Filter => (inside && !inValue ? someValue(refOf(parent, false), filter) : filter);
  const hasId: Filter = { op: 'present', attribute: ref };
  const shown: Filter = isLookedUp(reference) ? { op: 'present', attribute: refOf(reference, inside) } : always;
  return {
    present: isLookedUp(reference) ? scoped(allOf([hasId, shown])) : { op: 'present', attribute: refOf(id, inValue) },
    compare: (op, value) =>
      scoped(
        anyOf(
          targets.map(([target, endpoint]) => {
            const uri = op === 'eq' ? absoluteUri(value, base, endpoint) : value;
            const matches = compareUri(op, uri, endpoint, { ref, present: hasId }, base);
            if (kind === undefined) return allOf([matches, shown]);
            // Without a `type`, the URI is shown only where the schema allows a single one.
            if (!declared.has(target)) return allOf([matches, isOfType(kind, target, inside), shown]);
            const others = targets.filter(([other]) => other !== target);
            return allOf([matches, ...others.map(([other]) => negate(isOfType(kind, other, inside))), shown]);
          }),
        ),
      ),
  };
}

function isOfType(kind: Attribute, name: string, inValue: boolean): Filter {
  return { op: 'eq', attribute: refOf(kind, inValue), value: normalizeText(name, kind.caseExact) };
}

/**
 * A condition on the URI of a resource, as a condition on its ID.
 *
 * Where an ID needs percent-encoding in its URI, `eq` and `ne` are exact, and the other operators compare the ID
 * itself.
 */
function compareUri(
  op: Comparison,
  value: string,
  endpoint: string,
  id: Pick<Wrapped, 'ref' | 'present'>,
  base: string,
): Filter {
  return compareWrapped(op, value, { ...id, prefix: `${base}${endpoint}/`, suffix: '', decode });
}

// RFC 7643 2.3.7 and 2.4: URIs may be relative to the base, and are the same with and without its version segment.
function absoluteUri(value: string, base: string, endpoint: string): string {
  const unversioned = base.replace(versionSegment, '');
  const spellings = [
    `${unversioned}${endpoint}/`,
    `..${endpoint}/`,
    `.${endpoint}/`,
    `${endpoint}/`,
    `${endpoint.slice(1)}/`,
  ];
  const spelling = spellings.find((each) => value.startsWith(each));
  if (spelling !== undefined) return `${base}${endpoint}/${value.slice(spelling.length)}`;
  const rest = value.startsWith(`${unversioned}/`) ? value.slice(unversioned.length) : '';
  const version = /^\/v\d+(?=\/)/i.exec(rest)?.[0];
  return version === undefined ? value : `${base}${rest.slice(version.length)}`;
}

const versionSegment = /\/v\d+(?:\.\d+)?$/i;

// Ids in URIs are percent-encoded. Of several ways to encode one, only ours is identical (RFC 7643 2.3.7).
function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return encodeURIComponent(decoded) === text ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** A stored value to which responses add a prefix and a suffix. */
interface Wrapped {
  readonly prefix: string;
  readonly suffix: string;
  readonly ref: AttributeRef;
  /** Holds where there is a value. */
  readonly present: Filter;
  decode(text: string): string | undefined;
}

/** A condition on `prefix + value + suffix`, as a condition on the value, which contains neither `/` nor `"`. */
function compareWrapped(op: Comparison, text: string, wrapped: Wrapped): Filter {
  const { prefix, suffix, present } = wrapped;
  switch (op) {
    case 'eq':
      return text.startsWith(prefix) ? atStart('eq', text, prefix.length, wrapped) : never;
    case 'sw':
      if (prefix.startsWith(text)) return present;
      return text.startsWith(prefix) ? atStart('sw', text, prefix.length, wrapped) : never;
    case 'ew':
    case 'co':
      if (op === 'ew' ? suffix.endsWith(text) : prefix.includes(text) || suffix.includes(text)) return present;
      return anyOf([
        inner(op, text, wrapped),
        ...overlaps(text, prefix).map((length) => atStart(op, text, length, wrapped)),
      ]);
    default: {
      if (!text.startsWith(prefix)) return compareText[op](prefix, text) ? present : never;
      const rest = text.slice(prefix.length);
      return leaf(op, rest.endsWith(suffix) ? rest.slice(0, rest.length - suffix.length) : rest, wrapped);
    }
  }
}

/** Lengths of the beginnings of `text` that `prefix` ends with. */
function overlaps(text: string, prefix: string): number[] {
  const found: number[] = [];
  for (let length = Math.min(text.length, prefix.length); length > 0; length--) {
    if (prefix.endsWith(text.slice(0, length))) found.push(length);
  }
  return found;
}

/** The condition where the text, from index `from`, begins at the first character of the value. */
function atStart(op: 'eq' | 'sw' | 'ew' | 'co', text: string, from: number, wrapped: Wrapped): Filter {
  const rest = text.slice(from);
  const { suffix } = wrapped;
  if (op === 'eq' || op === 'ew') {
    return rest.endsWith(suffix) ? leaf('eq', rest.slice(0, rest.length - suffix.length), wrapped) : never;
  }
  if (suffix !== '' && rest.endsWith(suffix)) return leaf('eq', rest.slice(0, rest.length - suffix.length), wrapped);
  return leaf('sw', rest, wrapped);
}

/** The condition where the text begins inside the value. */
function inner(op: 'ew' | 'co', text: string, wrapped: Wrapped): Filter {
  const { suffix } = wrapped;
  if (suffix === '') return leaf(op, text, wrapped);
  if (text.endsWith(suffix)) return leaf('ew', text.slice(0, text.length - suffix.length), wrapped);
  return op === 'co' ? leaf('co', text, wrapped) : never;
}

function leaf(op: Comparison, text: string, { ref, decode: read }: Wrapped): Filter {
  const value = read(text);
  return value === undefined || (value === '' && op === 'eq')
    ? never
    : { op, attribute: ref, value: normalizeText(value, ref.caseExact) };
}

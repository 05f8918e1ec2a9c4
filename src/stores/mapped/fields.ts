import type { Attributes } from '../../contract/attribute.js';
import type { Mapping } from './mapping.js';
import type { AnyChildren, AnyLookup } from './mapping-types.js';

/** The place of an attribute in a resource. */
interface Place {
  /** Its key in the mapping: `enterprise.department`, `emails[type eq "work"].value`. */
  readonly name: string;
  /** `userName`, `name.givenName`, `urn:...:User:department`; of a slot `emails.value`. */
  readonly path: string;
  /** Property names from the resource down; of a slot, from the value down. */
  readonly keys: readonly string[];
  /** The value of a multi-valued attribute that has a certain type: `emails[type eq "work"].value`. */
  readonly slot: { readonly attribute: string; readonly type: string } | undefined;
}

interface ColumnField {
  readonly kind: 'column';
  readonly place: Place;
  readonly column: string;
  /** False for a second attribute over the same column: the first one writes it. */
  readonly writable: boolean;
  readonly empty: unknown;
}
interface ConvertedField {
  readonly kind: 'converted';
  readonly place: Place;
  readonly column: string;
  readonly reversible: boolean;
  read(value: unknown): unknown;
  write: ((value: unknown) => unknown) | undefined;
}
interface FlagField {
  readonly kind: 'flag';
  readonly place: Place;
  readonly column: string;
  readonly on: readonly unknown[];
  readonly off: readonly unknown[];
}
interface LookupField {
  readonly kind: 'lookup';
  readonly place: Place;
  /** Name of the join. */
  readonly alias: string;
  readonly lookup: AnyLookup;
}
interface ReferenceField {
  readonly kind: 'reference';
  readonly place: Place;
  readonly column: string;
}
interface ConstantField {
  readonly kind: 'constant';
  readonly place: Place;
  readonly value: unknown;
}
interface ComputedField {
  readonly kind: 'computed';
  readonly place: Place;
  readonly columns: readonly string[];
  read(row: Readonly<Record<string, unknown>>): unknown;
  write: ((value: unknown, resource: Attributes) => Readonly<Record<string, unknown>>) | undefined;
}
interface ChildrenField {
  readonly kind: 'children';
  readonly place: Place;
  readonly children: AnyChildren;
}

/** A mapped attribute. */
export type Field =
  | ColumnField
  | ConvertedField
  | FlagField
  | LookupField
  | ReferenceField
  | ConstantField
  | ComputedField
  | ChildrenField;

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The attributes of a mapping, which `defineMapping` has checked. */
export function fieldsOf(mapping: Mapping): readonly Field[] {
  const written = new Set<string>();
  return Object.entries(mapping.attributes).flatMap(([path, description], i) => {
    if (description === undefined) return [];
    const place = placeOf(path);
    return [fieldOf(place, description, `l${String(i)}`, written)];
  });
}

function fieldOf(place: Place, declared: unknown, alias: string, written: Set<string>): Field {
  if (typeof declared === 'string') return plain(place, declared, null, written);
  const description = declared as Readonly<Record<string, unknown>> & { readonly kind?: string };
  const column = String(description['column']);
  switch (description.kind) {
    case 'lookup':
      return { kind: 'lookup', place, alias, lookup: declared as AnyLookup };
    case 'reference':
      return { kind: 'reference', place, column };
    case 'constant':
      return { kind: 'constant', place, value: description['value'] };
    case 'children':
      return { kind: 'children', place, children: declared as AnyChildren };
    case 'computed': {
      const { columns, read, write } = declared as Pick<ComputedField, 'columns' | 'read' | 'write'>;
      return { kind: 'computed', place, columns, read, write };
    }
    default:
  }
  if ('on' in description) {
    const { on, off } = declared as Pick<FlagField, 'on' | 'off'>;
    return { kind: 'flag', place, column, on, off };
  }
  if ('read' in description) {
    const { read, write, reversible } = declared as Pick<ConvertedField, 'read' | 'write'> & { reversible?: boolean };
    return { kind: 'converted', place, column, read, write, reversible: reversible ?? false };
  }
  return plain(place, column, description['empty'] ?? null, written);
}

function plain(place: Place, column: string, empty: unknown, written: Set<string>): Field {
  const writable = !written.has(column);
  written.add(column);
  return { kind: 'column', place, column, writable, empty };
}

const slotPath = /^([a-zA-Z]+)\[type eq "([^"]+)"\]\.([a-zA-Z]+)$/;

function placeOf(path: string): Place {
  const slot = slotPath.exec(path);
  if (slot !== null) {
    const [, attribute = '', type = '', sub = ''] = slot;
    return { name: path, path: `${attribute}.${sub}`, keys: [sub], slot: { attribute, type } };
  }
  const full = path.startsWith('enterprise.') ? `${enterprise}:${path.slice('enterprise.'.length)}` : path;
  return { name: path, path: full, keys: keysOf(full), slot: undefined };
}

/** Property names of a path. The dots in the version of a URN are not separators. */
function keysOf(path: string): readonly string[] {
  if (!path.startsWith('urn:')) return path.split('.');
  const end = path.lastIndexOf(':');
  return [path.slice(0, end), ...path.slice(end + 1).split('.')];
}

/** The attribute of the resource itself that a field is part of. */
export function topOf({ place }: Field): string {
  return place.slot?.attribute ?? place.keys[0] ?? '';
}

/** Paths of everything that the fields hold, for `supports.attributes`. */
export function pathsOf(fields: readonly Field[]): string[] {
  const paths = new Set<string>();
  for (const field of fields) {
    if (field.kind === 'children') {
      for (const sub of Object.keys(field.children.columns)) paths.add(`${field.place.path}.${sub}`);
      continue;
    }
    paths.add(field.place.path);
    const { slot } = field.place;
    if (slot !== undefined) paths.add(`${slot.attribute}.type`);
  }
  return [...paths];
}

import type { Attributes } from '../../contract/attribute.js';
import { instantOf, normalize } from '../../schema/normalize.js';
import { fieldName } from './field-names.js';
import { orderedText } from './ordered-text.js';

/**
 * What filters and sort keys read instead of the attributes: an attribute's values in the form that they are compared in.
 *
 * - `normalized` has the shape of the attributes, with normalized texts. Beside a text that may be a date, `name@` holds
 *   its milliseconds. A complex value with nothing assigned has the field `_`.
 * - `leading` holds the values that multi-valued attributes are sorted by: those of the primary value, or else of the
 *   first (RFC 7644 3.4.2.3), by the path inside the attribute.
 */
export interface Searchable {
  readonly normalized: Readonly<Record<string, unknown>>;
  readonly leading: Readonly<Record<string, unknown>>;
}

/** The name of the field in `leading` for a value that is not inside another one. */
const wholeValue = '_';

/** The field inside an attribute's `leading` value. @param keys property names below the top-level attribute */
export function leadingName(keys: readonly string[]): string {
  return keys.length === 0 ? wholeValue : keys.map(fieldName).join(' ');
}

/** The searchable form of attributes. @param caseExact as in `Write` */
export function searchableForm(attributes: Attributes, caseExact: ReadonlySet<string>): Searchable {
  const normalized: Record<string, unknown> = {};
  const leading: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const field = fieldName(name);
    const lead: Record<string, unknown> = {};
    addValue(normalized, field, value, { path: name, keys: [], caseExact, lead, isLeading: false });
    if (Object.keys(lead).length > 0) leading[field] = lead;
  }
  return { normalized, leading };
}

/** The fields of `normalized` that belong to one top-level attribute. */
export function normalizedFields(name: string): readonly string[] {
  const field = fieldName(name);
  return [field, dateField(field)];
}

/** The field that holds the milliseconds of the date in another field. */
export function dateField(field: string): string {
  return `${field}@`;
}

/** Where a value stands. */
interface Place {
  /** As in `AttributeRef.path`. */
  readonly path: string;
  /** Property names below the top-level attribute. */
  readonly keys: readonly string[];
  readonly caseExact: ReadonlySet<string>;
  /** Gets the values that the resource is sorted by. */
  readonly lead: Record<string, unknown>;
  /** Whether the value is in the leading one of a multi-valued attribute. */
  readonly isLeading: boolean;
}

const dateLike = /^\d{4}-\d\d/;

/** Writes a value into its field. @returns whether the value is assigned (RFC 7643 2.5) */
function addValue(target: Record<string, unknown>, field: string, value: unknown, place: Place): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return addValues(target, field, value, place);
  if (typeof value === 'object') {
    const { form, isPresent } = complexForm(value, place);
    target[field] = form;
    return isPresent;
  }
  const form = scalarForm(value, place);
  target[field] = form;
  const date = dateOf(value);
  if (date !== undefined) target[dateField(field)] = date;
  if (place.isLeading && form !== '') {
    const name = leadingName(place.keys);
    place.lead[name] = form;
    if (date !== undefined) place.lead[dateField(name)] = date;
  }
  return form !== '';
}

function addValues(target: Record<string, unknown>, field: string, values: readonly unknown[], place: Place): boolean {
  const primary = values.findIndex(isPrimary);
  const lead = Math.max(0, primary);
  const forms: unknown[] = [];
  const dates: number[] = [];
  let isPresent = false;
  values.forEach((value, i) => {
    const single: Record<string, unknown> = {};
    if (addValue(single, 'value', value, { ...place, isLeading: i === lead })) isPresent = true;
    if (Object.hasOwn(single, 'value')) forms.push(single['value']);
    const date = single[dateField('value')];
    if (typeof date === 'number') dates.push(date);
  });
  if (forms.length > 0) target[field] = forms;
  if (dates.length > 0) target[dateField(field)] = dates;
  return isPresent;
}

function isPrimary(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { readonly primary?: unknown }).primary === true;
}

function complexForm(
  value: object,
  place: Place,
): { readonly form: Readonly<Record<string, unknown>>; readonly isPresent: boolean } {
  const form: Record<string, unknown> = {};
  let isPresent = false;
  for (const [name, each] of Object.entries(value)) {
    const inner = { ...place, path: pathInside(place, name), keys: [...place.keys, name] };
    if (addValue(form, fieldName(name), each, inner)) isPresent = true;
  }
  if (!isPresent) form[nothingAssigned] = true;
  return { form, isPresent };
}

/** The field of a complex value with nothing assigned. */
export const nothingAssigned = '_';

// The attributes of an extension follow its URN after a colon (RFC 7644 3.10).
function pathInside({ path, keys }: Place, name: string): string {
  return keys.length === 0 && path.startsWith('urn:') ? `${path}:${name}` : `${path}.${name}`;
}

function scalarForm(value: unknown, { path, caseExact }: Place): unknown {
  if (typeof value !== 'string') return value;
  return orderedText(normalize({ path, caseExact: caseExact.has(path) }, value));
}

function dateOf(value: unknown): number | undefined {
  return typeof value === 'string' && dateLike.test(value) ? instantOf(value) : undefined;
}

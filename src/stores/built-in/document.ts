import type { Attributes } from '../../contract/attribute.js';
import { instantOf, normalize } from '../../schema/normalize.js';
import { storable } from '../../database/storable.js';
import { attributeColumnsOf, fitsColumn } from './attribute-columns.js';

/**
 * The attributes of a resource in the form that filters and orders compare: the column `normalized` of its row.
 *
 * - A text is normalized, and is one that every database can hold.
 * - A text that may be a date has its milliseconds since 1970 too, under its name with `@`.
 * - A complex value in which nothing is assigned has the member `_`.
 * - The value that an order reads is the first of its array (RFC 7644 3.4.2.3).
 */
export interface Document {
  readonly [name: string]: DocumentValue;
}

type DocumentValue = string | number | boolean | Document | readonly DocumentValue[];

/** Marks a complex value in which nothing is assigned. An attribute name starts with a letter (RFC 7643 2.1). */
export const emptyMark = '_';

/** Behind the name of a text that may be a date: its milliseconds since 1970. */
export const instantSuffix = '@';

/** How the attributes of one resource type are normalized. */
export interface DocumentType {
  /** Name of the resource type. */
  readonly type: string;
  /** As in `Write.caseExact`. */
  readonly caseExact: ReadonlySet<string>;
}

/** Attributes that no condition reads from the document. */
const elsewhere: ReadonlySet<string> = new Set(['id', 'meta', 'schemas', 'members', 'groups']);

/** The document of a resource, without what its columns hold. */
export function documentOf(attributes: Attributes, target: DocumentType): Document {
  const document: Record<string, DocumentValue> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (!elsewhere.has(name) && !isInColumn(name, value, target)) addTo(document, name, value, name, target);
  }
  return document;
}

function isInColumn(name: string, value: unknown, { type, caseExact }: DocumentType): boolean {
  if (name === 'active') return typeof value === 'boolean';
  if (typeof value !== 'string') return false;
  const column = attributeColumnsOf(type).find(({ path }) => path === name);
  return column?.caseExact === caseExact.has(name) && fitsColumn(normalize(column, value));
}

/** Adds a value under its name. @returns whether it counts as assigned (RFC 7643 2.5) */
function addTo(
  object: Record<string, DocumentValue>,
  name: string,
  value: unknown,
  path: string,
  target: DocumentType,
): boolean {
  if (value === null || value === undefined) return false;
  const key = storable(name);
  if (Array.isArray(value)) return addArray(object, key, value, path, target);
  // RFC 7644 3.10: a colon separates an attribute from the URN of its extension.
  const { form, assigned } = formOf(value, path, target, path.includes(':') && path === name ? ':' : '.');
  object[key] = form;
  const instant = instantIn(value);
  if (instant !== undefined) object[`${key}${instantSuffix}`] = instant;
  return assigned;
}

interface Form {
  readonly form: DocumentValue;
  readonly assigned: boolean;
}

function formOf(value: unknown, path: string, target: DocumentType, separator: '.' | ':' = '.'): Form {
  if (typeof value === 'string') {
    const form = normalize({ path, caseExact: target.caseExact.has(path) }, value);
    return { form: storable(form), assigned: value !== '' };
  }
  if (typeof value === 'number' || typeof value === 'boolean') return { form: value, assigned: true };
  const form: Record<string, DocumentValue> = {};
  let assigned = false;
  for (const [name, inner] of Object.entries(value as Attributes)) {
    if (addTo(form, name, inner, `${path}${separator}${name}`, target)) assigned = true;
  }
  if (!assigned) form[emptyMark] = true;
  return { form, assigned };
}

function addArray(
  object: Record<string, DocumentValue>,
  key: string,
  values: readonly unknown[],
  path: string,
  target: DocumentType,
): boolean {
  const forms: DocumentValue[] = [];
  const instants: number[] = [];
  let assigned = false;
  for (const value of leadingFirst(values)) {
    if (value === null || value === undefined) continue;
    const each = formOf(value, path, target);
    forms.push(each.form);
    const instant = instantIn(value);
    if (instant !== undefined) instants.push(instant);
    if (each.assigned) assigned = true;
  }
  if (forms.length > 0) object[key] = forms;
  if (instants.length > 0) object[`${key}${instantSuffix}`] = instants;
  return assigned;
}

// RFC 7644 3.4.2.3: an order reads the primary value, else the first.
function leadingFirst(values: readonly unknown[]): readonly unknown[] {
  const primary = values.findIndex(
    (each) => typeof each === 'object' && each !== null && (each as { primary?: unknown }).primary === true,
  );
  return primary < 1 ? values : [values[primary], ...values.filter((_, i) => i !== primary)];
}

const dateLike = /^\d{4}-\d\d/;

function instantIn(value: unknown): number | undefined {
  return typeof value === 'string' && dateLike.test(value) ? instantOf(value) : undefined;
}

import { createHash } from 'node:crypto';
import { type Fragment, sql } from '../../database/sql.js';
import type { AttributeRef, Attributes } from '../../contract/attribute.js';
import { normalize } from '../../schema/normalize.js';
import { storable } from '../../database/storable.js';

/** An attribute that has its own indexed column in a built-in table, because clients filter and sort by it. */
export interface AttributeColumn {
  readonly column: string;
  readonly path: string;
  /** False: the column holds the text with letter case folded. */
  readonly caseExact: boolean;
  /** True: no two resources of a tenant have the same value. */
  readonly unique: boolean;
  /** The column in a statement where the table is `r`. */
  readonly inRow: Fragment;
}

const userName: AttributeColumn = {
  column: 'user_name',
  path: 'userName',
  caseExact: false,
  unique: true,
  inRow: sql`r.user_name`,
};
const externalId: AttributeColumn = {
  column: 'external_id',
  path: 'externalId',
  caseExact: true,
  unique: false,
  inRow: sql`r.external_id`,
};
const displayName: AttributeColumn = {
  column: 'display_name',
  path: 'displayName',
  caseExact: false,
  unique: false,
  inRow: sql`r.display_name`,
};

const userColumns = [userName, externalId, displayName];
const otherColumns = [externalId, displayName];

/** The attribute columns of a resource type: normalized texts, null when unassigned, with one index each. */
export function attributeColumnsOf(type: string): readonly AttributeColumn[] {
  return type === 'User' ? userColumns : otherColumns;
}

/** The attribute whose column has a unique index, so that it needs no row in the table of unique keys. */
export function isUniqueColumn(path: string, type: string): boolean {
  return attributeColumnsOf(type).some((column) => column.unique && column.path === path);
}

/** How many UTF-16 units of a text a column holds. */
const maxLength = 249;
/** A longer text is cut to this length; after a marker follows the digest of the whole text, which tells it from others. */
const cutLength = 180;

/** In the column of a text that was cut. */
export const cutMarker = '\uffff';

/** The text as a column holds it. */
export function columnText(normalized: string): string {
  const text = storable(normalized);
  if (text.length <= maxLength) return text;
  return `${startOf(text)}${cutMarker}${createHash('sha256').update(normalized).digest('hex')}`;
}

function startOf(text: string): string {
  return text.slice(0, cutLength).replace(/[\ud800-\udbff]$/, '');
}

/** Whether the column of a text decides if the text starts with this one. */
export function isDecidedByStart(normalized: string): boolean {
  return normalized !== '' && normalized.length < cutLength;
}

/** Whether a column holds all of a text; the document of the row has the others. */
export function fitsColumn(normalized: string): boolean {
  return normalized !== '' && normalized.length <= maxLength && !normalized.includes(cutMarker);
}

/** The column of an attribute, if it holds the form that the attribute is compared by. */
export function attributeColumnOf(
  { path, type, caseExact }: AttributeRef,
  resourceType: string,
): AttributeColumn | undefined {
  if (type !== 'string') return undefined;
  return attributeColumnsOf(resourceType).find((column) => column.path === path && column.caseExact === caseExact);
}

/** The values of the attribute columns, in their order. */
export function columnTexts(attributes: Attributes, resourceType: string): (string | null)[] {
  return attributeColumnsOf(resourceType).map((column) => {
    const value = attributes[column.path];
    // RFC 7643 2.5: an empty string counts as unassigned.
    return typeof value === 'string' && value !== '' ? columnText(normalize(column, value)) : null;
  });
}

import { type RawBuilder, sql } from 'kysely';
import type { AttributeRef, Attributes } from '../../contract/attribute.js';
import { normalize } from '../../schema/normalize.js';
import { storable } from '../../database/storable.js';

/** An attribute that has its own indexed column in a built-in table, because clients filter and sort by it. */
export interface AttributeColumn {
  readonly column: string;
  readonly path: string;
  /** False: the column holds the text with letter case folded. */
  readonly caseExact: boolean;
  /** The column in a statement where the table is `r`. */
  readonly inRow: RawBuilder<unknown>;
}

const userName: AttributeColumn = { column: 'user_name', path: 'userName', caseExact: false, inRow: sql`r.user_name` };
const externalId: AttributeColumn = {
  column: 'external_id',
  path: 'externalId',
  caseExact: true,
  inRow: sql`r.external_id`,
};
const displayName: AttributeColumn = {
  column: 'display_name',
  path: 'displayName',
  caseExact: false,
  inRow: sql`r.display_name`,
};

const userColumns = [userName, externalId, displayName];
const otherColumns = [externalId, displayName];

/** The attribute columns of a resource type: normalized texts, null when unassigned, with one index each. */
export function attributeColumnsOf(type: string): readonly AttributeColumn[] {
  return type === 'User' ? userColumns : otherColumns;
}

/** How many UTF-16 units of a text a column holds. A longer text is cut there, and ends in a marker. */
const maxLength = 249;
const cutMarker = '\uffff';

/** Whether a column holds the whole text. */
export function fitsColumn(normalized: string): boolean {
  return normalized !== '' && normalized.length <= maxLength;
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
    if (typeof value !== 'string' || value === '') return null;
    const normalized = storable(normalize(column, value));
    return normalized.length <= maxLength
      ? normalized
      : normalized.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '') + cutMarker;
  });
}

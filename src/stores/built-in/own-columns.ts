import { type RawBuilder, sql } from 'kysely';
import type { AttributeRef, Attributes } from '../../contract/attribute.js';
import { normalize } from '../../schema/normalize.js';
import { storable } from './values.js';

/** An attribute with a column of its own in a ready-made table: one that clients match and sort by. */
export interface OwnColumn {
  readonly column: string;
  readonly path: string;
  /** Which form it holds: folded where letter case does not count. */
  readonly caseExact: boolean;
  /** In a statement that calls the table `r`. */
  readonly inRow: RawBuilder<unknown>;
}

const userName: OwnColumn = { column: 'user_name', path: 'userName', caseExact: false, inRow: sql`r.user_name` };
const externalId: OwnColumn = { column: 'external_id', path: 'externalId', caseExact: true, inRow: sql`r.external_id` };
const displayName: OwnColumn = {
  column: 'display_name',
  path: 'displayName',
  caseExact: false,
  inRow: sql`r.display_name`,
};

const ofUsers = [userName, externalId, displayName];
const ofOthers = [externalId, displayName];

/** The own columns of a resource type: prepared texts, null where there is none, with an index each. */
export function ownColumnsOf(type: string): readonly OwnColumn[] {
  return type === 'User' ? ofUsers : ofOthers;
}

/** How many UTF-16 units of a text a column holds; of a longer one the beginning, and a mark behind it. */
const held = 249;
const mark = '\uffff';

/** Whether a text stands in the columns as it is. */
export function isHeld(normalized: string): boolean {
  return normalized !== '' && normalized.length <= held;
}

/** The column of an attribute, where it holds the form that this attribute is compared by. */
export function ownColumnOf({ path, type, caseExact }: AttributeRef, of: string): OwnColumn | undefined {
  if (type !== 'string') return undefined;
  return ownColumnsOf(of).find((own) => own.path === path && own.caseExact === caseExact);
}

/** The texts of the own columns, in their order. */
export function ownTexts(attributes: Attributes, of: string): (string | null)[] {
  return ownColumnsOf(of).map((own) => {
    const value = attributes[own.path];
    // RFC 7643 2.5: an empty string counts as unassigned.
    if (typeof value !== 'string' || value === '') return null;
    const normalized = storable(normalize(own, value));
    return normalized.length <= held ? normalized : normalized.slice(0, held).replace(/[\ud800-\udbff]$/, '') + mark;
  });
}

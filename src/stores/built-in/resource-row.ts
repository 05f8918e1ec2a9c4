import { type RawBuilder, sql } from 'kysely';
import type { Attributes } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import { attributeColumnsOf, columnTexts } from './attribute-columns.js';
import { storable } from '../../database/storable.js';
import { timestamp } from '../../database/timestamp.js';

/** A row of a resource as the driver returns it: text or bytes, numbers or their digits. */
export interface ResourceRow {
  readonly id: unknown;
  /** JSON of all attributes except `active`. */
  readonly attributes: unknown;
  readonly active: unknown;
  readonly created: unknown;
  readonly last_modified: unknown;
  readonly version: unknown;
}

/** The select list for such rows, of the table `r`. */
export const resourceColumns = sql`r.id, r.attributes, r.active, r.created, r.last_modified, r.version`;

/** The attributes in a row. */
export function attributesOf({ attributes, active }: Pick<ResourceRow, 'attributes' | 'active'>): Attributes {
  const parsed = JSON.parse(String(attributes)) as Record<string, unknown>;
  if (active !== null) parsed['active'] = Number(active) === 1;
  return parsed;
}

/** The resource in a row. */
export function toStored<R>(row: ResourceRow): Stored<R> {
  // These attributes are not shared yet: a copy would cost as much as parsing them.
  const resource = attributesOf(row) as Record<string, unknown>;
  resource['id'] = String(row.id);
  resource['meta'] = metaOf(row);
  return resource as Stored<R>;
}

/** Attributes with the `id` and `meta` of a row. */
export function storedAs<R>(attributes: Attributes, row: Omit<ResourceRow, 'attributes' | 'active'>): Stored<R> {
  return { ...attributes, id: String(row.id), meta: metaOf(row) } as Stored<R>;
}

function metaOf({
  created,
  last_modified,
  version,
}: Omit<ResourceRow, 'attributes' | 'active'>): Stored<object>['meta'] {
  const createdAt = timestamp(Number(created));
  return {
    created: createdAt,
    lastModified: last_modified === created ? createdAt : timestamp(Number(last_modified)),
    version: String(version),
  };
}

/** The columns that hold attributes, with their values. */
export function columnsOf(attributes: Attributes, type: string): readonly (readonly [string, unknown])[] {
  const { active, ...others } = attributes;
  const isColumn = typeof active === 'boolean';
  const texts = columnTexts(attributes, type);
  return [
    ['attributes', JSON.stringify(isColumn ? others : attributes)],
    ['name', nameOf(attributes)],
    ['active', isColumn ? Number(active) : null],
    ...attributeColumnsOf(type).map(({ column }, i) => [column, texts[i] ?? null] as const),
  ];
}

/** The same columns as assignments of an update. */
export function assignments(attributes: Attributes, type: string): RawBuilder<unknown> {
  return sql.join(columnsOf(attributes, type).map(([column, value]) => sql`${sql.raw(column)} = ${value}`));
}

/** Row with the times and version after a change. */
export function nextState(row: ResourceRow): ResourceRow & { readonly version: number } {
  // `lastModified` must not go back when the system clock does.
  const last_modified = Math.max(Date.now(), Number(row.last_modified));
  return { ...row, last_modified, version: Number(row.version) + 1 };
}

/** The name of a resource in `members.display`. */
function nameOf({ displayName, userName }: Attributes): string | null {
  for (const name of [displayName, userName]) if (typeof name === 'string' && name !== '') return storable(name);
  return null;
}

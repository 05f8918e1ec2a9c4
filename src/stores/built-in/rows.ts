import { type RawBuilder, sql } from 'kysely';
import type { Attributes } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import { ownColumnsOf, ownTexts } from './own-columns.js';
import { timestamp } from '../../database/timestamp.js';

/** A row of users or groups, as the drivers give it: bytes or text, numbers or their digits. */
export interface ResourceRow {
  readonly id: unknown;
  /** JSON of all attributes but `active`. */
  readonly attributes: unknown;
  readonly active: unknown;
  readonly created: unknown;
  readonly last_modified: unknown;
  readonly version: unknown;
}

/** What a select of such rows names, of the table `r`. */
export const resourceColumns = sql`r.id, r.attributes, r.active, r.created, r.last_modified, r.version`;

/** The attributes that a row holds. */
export function attributesOf({ attributes, active }: Pick<ResourceRow, 'attributes' | 'active'>): Attributes {
  const kept = JSON.parse(String(attributes)) as Record<string, unknown>;
  // eslint-disable-next-line eqeqeq -- null or undefined
  if (active != null) kept['active'] = Number(active) === 1;
  return kept;
}

/** The resource that a row holds. */
export function toStored<R>(row: ResourceRow): Stored<R> {
  // Nobody else has these attributes yet: a copy would cost as much as parsing them.
  const resource = attributesOf(row) as Record<string, unknown>;
  resource['id'] = String(row.id);
  resource['meta'] = metaOf(row);
  return resource as Stored<R>;
}

/** Attributes with the id and meta of a row. */
export function storedAs<R>(attributes: Attributes, row: Omit<ResourceRow, 'attributes' | 'active'>): Stored<R> {
  return { ...attributes, id: String(row.id), meta: metaOf(row) } as Stored<R>;
}

function metaOf({
  created,
  last_modified,
  version,
}: Omit<ResourceRow, 'attributes' | 'active'>): Stored<object>['meta'] {
  const made = timestamp(Number(created));
  return {
    created: made,
    lastModified: last_modified === created ? made : timestamp(Number(last_modified)),
    version: String(version),
  };
}

/** The columns that hold attributes, with their values. */
export function columnsOf(attributes: Attributes, type: string): readonly (readonly [string, unknown])[] {
  const { active, ...others } = attributes;
  const isColumn = typeof active === 'boolean';
  const texts = ownTexts(attributes, type);
  return [
    ['attributes', JSON.stringify(isColumn ? others : attributes)],
    ['name', nameOf(attributes)],
    ['active', isColumn ? Number(active) : null],
    ...ownColumnsOf(type).map(({ column }, i) => [column, texts[i] ?? null] as const),
  ];
}

/** The same as assignments of an update. */
export function assignments(attributes: Attributes, type: string): RawBuilder<unknown> {
  return sql.join(columnsOf(attributes, type).map(([column, value]) => sql`${sql.raw(column)} = ${value}`));
}

/** Times and version after a change of this row. */
export function nextState(row: ResourceRow): ResourceRow & { readonly version: number } {
  // A system clock may be set back.
  const last_modified = Math.max(Date.now(), Number(row.last_modified));
  return { ...row, last_modified, version: Number(row.version) + 1 };
}

/** What a resource is called in lists of members. */
function nameOf({ displayName, userName }: Attributes): string | null {
  for (const name of [displayName, userName]) if (typeof name === 'string' && name !== '') return name;
  return null;
}

/** Parts of a list that one statement can take. */
export function* chunks<T>(items: readonly T[], size = 500): Iterable<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

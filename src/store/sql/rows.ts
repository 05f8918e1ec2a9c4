import type { Stored } from '../contract.js';

/** A row of users or groups, as the drivers give it: bytes or text, numbers or their digits. */
export interface ResourceRow {
  readonly id: unknown;
  readonly attributes: unknown;
  readonly created: unknown;
  readonly last_modified: unknown;
  readonly version: unknown;
}

/** The resource that a row holds. */
export function toStored<R>(row: ResourceRow): Stored<R> {
  const attributes = JSON.parse(String(row.attributes)) as object;
  const meta = {
    created: new Date(Number(row.created)).toISOString(),
    lastModified: new Date(Number(row.last_modified)).toISOString(),
    version: String(row.version),
  };
  return { ...attributes, id: String(row.id), meta } as Stored<R>;
}

/** Parts of a list that one statement can take. */
export function* chunks<T>(items: readonly T[], size = 500): Iterable<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

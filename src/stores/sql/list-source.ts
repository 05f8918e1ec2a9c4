import type { Kysely } from 'kysely';
import type { Fragment } from '../../database/sql.js';
import type { Filter, Page, PageRequest, Position, SortKey } from '../../contract/filter.js';
import type { Selection } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import { nextTurn } from '../../contract/turns.js';
import { chunksBySize } from '../../database/chunks.js';
import type { Condition } from './compare.js';
import type { KeyRanges } from './key-ranges.js';
import { mostBytes } from './list-bytes.js';
import type { Order } from './order.js';

export type Row = Readonly<Record<string, unknown>>;

/** The rows of one tenant and resource type, and how they become resources. */
export interface ListSource<R> {
  readonly db: Kysely<unknown>;
  /** The table, called `r`, and its joins. */
  readonly from: Fragment;
  readonly columns: Fragment;
  /**
   * For a table whose rows are much larger than the entries of an index: a page that is not the first is found by the keys
   * of its rows, and the total by an index.
   */
  readonly byKey?:
    | {
        /** The unique column of `r`. */
        readonly key: Fragment;
        /** The table, called `r`, for counting all rows. */
        readonly counted: Fragment;
        /** The operator that joins the keys of a page with their rows, and reads the keys first. */
        readonly join: Fragment;
      }
    | undefined;
  /** Excludes other tenants' rows and deleted ones. */
  readonly visible: Condition;
  /** Compiles a filter; undefined when SQL cannot decide it. */
  where(filter: Filter): Condition | undefined;
  /** A condition that every match of a filter satisfies which SQL cannot decide; undefined when there is none. */
  narrow?(filter: Filter): Condition | undefined;
  /** Compiles sort keys; undefined when SQL does not have the values. */
  order(sort: readonly SortKey[]): Order | undefined;
  /**
   * Adds the attributes of rows that are so large that `columns` leaves them out. Such a row has its size in `bytes`, as
   * any other row of this source.
   */
  readonly readLarge?: ((rows: readonly Row[]) => Promise<readonly Row[]>) | undefined;
  /**
   * Rows that one statement reads, where the table does not bound the size of a row: a page is read in parts then, and
   * ends where they take too many bytes. Undefined: all rows of a page.
   */
  readonly rowsInPart?: number | undefined;
  /**
   * How a filter or order without an index is evaluated where the driver holds the event loop during a statement. Undefined:
   * one statement reads all rows.
   */
  readonly ranges?: KeyRanges | undefined;
  toResource(row: Row): Stored<R>;
  /** Adds the selected values that are in other tables, for a whole page at once. */
  complete(resources: readonly Stored<R>[], selection: Selection): Promise<readonly Stored<R>[]>;
  /** Adds everything else that a filter or sort key may read. */
  forEvaluation(resources: readonly Stored<R>[]): Promise<readonly Stored<R>[]>;
  /** How many resources may be evaluated in memory. */
  readonly scanLimit: number;
  onScan(): void;
}

/** Bytes of the attributes of a row; 0 where its source does not tell them. */
export function bytesOf(row: Row): number {
  return Number(row['bytes'] ?? 0);
}

/** How many of the rows, from the first, are read; one is read whatever its size. */
export function countThatFits(rows: readonly Row[]): number {
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    bytes += bytesOf(row);
    if (bytes > mostBytes && index > 0) return index;
  }
  return rows.length;
}

/** Bytes of attributes that are read by one statement, or parsed at once, apart from a resource that is larger. */
export const bytesOfPart = 1024 * 1024;

/** The resources of rows, large ones included. Others get their turn while many bytes are parsed. */
export async function resourcesOf<R>(rows: readonly Row[], source: ListSource<R>): Promise<readonly Stored<R>[]> {
  const { readLarge } = source;
  const whole = readLarge === undefined ? rows : await readLarge(rows);
  const resources: Stored<R>[] = [];
  for (const part of chunksBySize(whole, bytesOf, bytesOfPart)) {
    if (resources.length > 0) await nextTurn();
    for (const row of part) resources.push(source.toResource(row));
  }
  return resources;
}

/** A page by cursor, and whether there are more matches behind it, in the direction in which it was read. */
interface CursorPage {
  readonly page: Extract<PageRequest, { kind: 'cursor' }>;
  readonly more: boolean;
}

/** The positions that a page by cursor returns. @param items of the page, in order */
export function cursorEnds<T>(
  items: readonly T[],
  positionOf: (item: T) => Position,
  { page: { after, before }, more }: CursorPage,
): Pick<Page<never>, 'next' | 'previous'> {
  const [first, last] = [items[0], items.at(-1)];
  if (first === undefined || last === undefined) return {};
  const backwards = before !== undefined;
  return {
    ...((backwards || more) && { next: positionOf(last) }),
    ...((backwards ? more : after !== undefined) && { previous: positionOf(first) }),
  };
}

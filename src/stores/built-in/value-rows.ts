import { instantOf, normalize, normalizeText } from '../../schema/normalize.js';
import type { Attributes } from '../../contract/attribute.js';
import { storable } from '../../database/storable.js';

/**
 * One value of a resource, in the forms that filters and sort keys compare.
 *
 * Which form is right depends on the schema, which a store does not know: a text has both, and a filter picks one.
 */
export interface ValueRow {
  /** The top-level attribute. A change replaces all rows of an attribute. */
  readonly attribute: string;
  /** Index of the row among those of its attribute. */
  readonly n: number;
  readonly path: string;
  /** Index of the value of a multi-valued attribute that the row belongs to. */
  readonly slot: number;
  /** 1 for the value that the resource is sorted by. */
  readonly leading: 0 | 1;
  /** The first 100 characters of `folded`, which fit into every index. */
  readonly short: string | null;
  /** The text with letter case folded. */
  readonly folded: string | null;
  /** The text as it is compared when it is `caseExact`. */
  readonly exact: string | null;
  /** Numbers, dates in milliseconds since 1970, booleans as 0 and 1. */
  readonly instant: number | null;
}

/** The keys of an attribute as one text. Attribute names contain no space. */
export function pathOf(keys: readonly string[]): string {
  return keys.join(' ');
}

const dateLike = /^\d{4}-\d\d/;

/** The first 100 characters of a folded text, as the index holds it. */
export function shortOf(folded: string): string {
  return storable(folded.length <= 100 ? folded : folded.slice(0, 100).replace(/[\ud800-\udbff]$/, ''));
}

/** All values of attributes. A boolean `active` has none: it is a column. */
export function valuesOf(attributes: Attributes): ValueRow[] {
  const rows: ValueRow[] = [];
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute === 'active' && typeof value === 'boolean') continue;
    new RowWriter(attribute, rows).value(value, [attribute], undefined, 1);
  }
  return rows;
}

/** The rows that a change of attributes deletes, and those that it inserts or overwrites. */
export function valueDifference(
  before: Attributes,
  after: Attributes,
): { readonly deleted: readonly ValueRow[]; readonly written: readonly ValueRow[] } {
  const remaining = new Map(valuesOf(before).map((row) => [placeOf(row), row]));
  const written: ValueRow[] = [];
  for (const row of valuesOf(after)) {
    const place = placeOf(row);
    const existing = remaining.get(place);
    remaining.delete(place);
    if (existing === undefined || !isSame(existing, row)) written.push(row);
  }
  return { deleted: [...remaining.values()], written };
}

function placeOf({ attribute, n }: ValueRow): string {
  return `${attribute} ${String(n)}`;
}

function isSame(a: ValueRow, b: ValueRow): boolean {
  const keys = ['path', 'slot', 'leading', 'folded', 'exact', 'instant'] as const;
  return keys.every((key) => a[key] === b[key]);
}

/** Writes the rows of one top-level attribute. */
class RowWriter {
  readonly #attribute: string;
  readonly #rows: ValueRow[];
  #n = 0;

  constructor(attribute: string, rows: ValueRow[]) {
    this.#attribute = attribute;
    this.#rows = rows;
  }

  /** Writes the rows of a value. @returns whether the value counts as assigned (RFC 7643 2.5) */
  value(value: unknown, keys: readonly string[], slot: number | undefined, leading: 0 | 1): boolean {
    if (value === null || value === undefined) return false;
    if (Array.isArray(value)) return this.#array(value, keys, slot, leading);
    if (typeof value !== 'object') {
      this.#add(keys, slot, leading, formsOf(value, keys));
      return value !== '';
    }
    let present = false;
    for (const [key, inner] of Object.entries(value)) {
      if (this.value(inner, [...keys, key], slot, leading)) present = true;
    }
    if (present) this.#add(keys, slot, leading, none);
    return present;
  }

  // RFC 7644 3.4.2.3: sorted by the primary value, else the first.
  #array(values: readonly unknown[], keys: readonly string[], slot: number | undefined, leading: 0 | 1): boolean {
    const primary = values.findIndex(
      (each) => typeof each === 'object' && each !== null && (each as { primary?: unknown }).primary === true,
    );
    let present = false;
    values.forEach((each, i) => {
      const lead = i === Math.max(0, primary) ? leading : 0;
      if (this.value(each, keys, slot ?? i, lead)) present = true;
    });
    return present;
  }

  #add(keys: readonly string[], slot: number | undefined, leading: 0 | 1, forms: Forms): void {
    const row = { attribute: this.#attribute, n: this.#n++, path: pathOf(keys), slot: slot ?? 0, leading };
    this.#rows.push({ ...row, ...forms });
  }
}

type Forms = Pick<ValueRow, 'short' | 'folded' | 'exact' | 'instant'>;

const none: Forms = { short: null, folded: null, exact: null, instant: null };

function formsOf(value: unknown, keys: readonly string[]): Forms {
  if (typeof value === 'number') return { ...none, instant: value };
  if (typeof value === 'boolean') return { ...none, instant: value ? 1 : 0 };
  if (typeof value !== 'string') return none;
  const folded = foldedAs(keys, value);
  return {
    short: shortOf(folded),
    folded: storable(folded),
    exact: storable(normalizeText(value, true)),
    instant: dateLike.test(value) ? (instantOf(value) ?? null) : null,
  };
}

/** The folded form of a text. @param keys the attribute that holds it */
export function foldedAs(keys: readonly string[], text: string): string {
  return normalize({ path: keys.join('.'), caseExact: false }, text);
}

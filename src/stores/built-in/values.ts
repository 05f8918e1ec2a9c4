import { instantOf, normalize, normalizeText } from '../../schema/normalize.js';
import type { Attributes } from '../../contract/attribute.js';

/**
 * One value of a resource, in the forms that filters and orders compare.
 *
 * Which form is right depends on the schema, which a store does not know: so a text has both, and a filter picks one.
 */
export interface ValueRow {
  /** Top-level attribute: what a change takes away and puts back whole. */
  readonly attribute: string;
  readonly n: number;
  readonly path: string;
  /** Which value of a multi-valued attribute it belongs to. */
  readonly slot: number;
  /** 1: the value that the resource is sorted by. */
  readonly leading: 0 | 1;
  /** The beginning of `folded`: short enough for every index. */
  readonly short: string | null;
  readonly folded: string | null;
  readonly exact: string | null;
  /** Numbers, dates in milliseconds since 1970, booleans as 0 and 1. */
  readonly instant: number | null;
}

/** How the keys of an attribute are written as one text; names hold no space. */
export function pathOf(keys: readonly string[]): string {
  return keys.join(' ');
}

const dateLike = /^\d{4}-\d\d/;

/** What a database column can hold: PostgreSQL has no U+0000, and half a surrogate pair is no UTF-8. */
export function storable(text: string): string {
  return text.replace(/\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

/** The beginning of a folded text, as the index holds it. */
export function shortOf(folded: string): string {
  return storable(folded.length <= 100 ? folded : folded.slice(0, 100).replace(/[\ud800-\udbff]$/, ''));
}

/** All values of top-level attributes; a boolean `active` is a column instead. */
export function valuesOf(attributes: Attributes): ValueRow[] {
  const rows: ValueRow[] = [];
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute === 'active' && typeof value === 'boolean') continue;
    const walk = new Walk(attribute, rows);
    walk.value(value, [attribute], undefined, 1);
  }
  return rows;
}

/** Which prepared values of some attributes a change takes away, and which it adds or writes over. */
export function valueDifference(
  before: Attributes,
  after: Attributes,
): { readonly gone: readonly ValueRow[]; readonly written: readonly ValueRow[] } {
  const old = new Map(valuesOf(before).map((row) => [placeOf(row), row]));
  const written: ValueRow[] = [];
  for (const row of valuesOf(after)) {
    const there = old.get(placeOf(row));
    old.delete(placeOf(row));
    if (there === undefined || !isSame(there, row)) written.push(row);
  }
  return { gone: [...old.values()], written };
}

function placeOf({ attribute, n }: ValueRow): string {
  return `${attribute} ${String(n)}`;
}

function isSame(a: ValueRow, b: ValueRow): boolean {
  const keys = ['path', 'slot', 'leading', 'folded', 'exact', 'instant'] as const;
  return keys.every((key) => a[key] === b[key]);
}

class Walk {
  readonly #attribute: string;
  readonly #rows: ValueRow[];
  #n = 0;

  constructor(attribute: string, rows: ValueRow[]) {
    this.#attribute = attribute;
    this.#rows = rows;
  }

  /** Writes the rows of a value; true where it counts as assigned. */
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

/** The folded form of a text at a place. */
export function foldedAs(keys: readonly string[], text: string): string {
  return normalize({ path: keys.join('.'), caseExact: false }, text);
}

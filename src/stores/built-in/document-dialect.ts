import type { Fragment } from '../../database/sql.js';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Filter } from '../../contract/filter.js';
import type { Condition } from '../sql/compare.js';
import { storable } from '../../database/storable.js';
import { instantSuffix } from './document.js';

/** How a database evaluates conditions and orders over the column `r.normalized`. */
export interface DocumentDialect {
  /**
   * A condition that is true or false and never null, for a filter over attributes of the document.
   *
   * @param tenant the tenant whose rows are listed
   */
  condition(filter: Filter, tenant: string): Condition;
  /** The condition that the JSON text of the document contains a text. Undefined: it is not stored as text. */
  readonly contains: ((text: string) => Condition) | undefined;
  /** The value that an order compares; null where the attribute is unassigned. */
  sortValue(attribute: AttributeRef, tenant: string): Fragment;
  /** The value of the column for a document, as a parameter. */
  column(json: string, tenant: string): Fragment;
}

export type Leaf = Exclude<Filter, { readonly op: 'and' | 'or' | 'not' | 'some' }>;
export type Comparing = Exclude<Leaf, { readonly op: 'present' }>;

/** The names in the document, from an object `depth` levels down; a date is compared by its milliseconds. */
export function namesOf(filter: Leaf, depth: number): readonly string[] {
  const isInstant = filter.op !== 'present' && filter.value instanceof Date;
  return documentNames(filter.attribute.keys.slice(depth), isInstant);
}

/** Names in the document. @param isInstant whether the last one is that of the milliseconds of a date */
export function documentNames(keys: readonly string[], isInstant: boolean): readonly string[] {
  return keys.map((key, i) => storable(key) + (isInstant && i === keys.length - 1 ? instantSuffix : ''));
}

/**
 * How many of the names may lead to the array of a multi-valued attribute: that of `emails.value` is at `emails` or at
 * `emails.value`. An extension is never an array (RFC 7643 3.3).
 */
export function arrayLevels({ keys, type }: AttributeRef): readonly number[] {
  if (type === 'complex') return [keys.length];
  const first = keys[0]?.includes(':') === true ? 2 : 1;
  return keys.map((_, i) => i + 1).filter((level) => level >= first);
}

/** The names that lead to the value that an order reads; 0 stands for the first value of an array. */
export function sortPaths(attribute: AttributeRef): readonly (readonly (string | 0)[])[] {
  const { type, multiValued } = attribute;
  // RFC 7644 3.4.2.3: a complex attribute is sorted by its `value`.
  const keys = documentNames(type === 'complex' ? [...attribute.keys, 'value'] : attribute.keys, type === 'dateTime');
  if (!multiValued) return [keys];
  const levels = type === 'complex' ? [keys.length - 1] : arrayLevels(attribute);
  return levels.flatMap((level) => {
    const path = [...keys.slice(0, level), 0 as const, ...keys.slice(level)];
    // There may be a list inside the value.
    return level < keys.length ? [[...path, 0 as const], path] : [path];
  });
}

import type { Document, Sort } from 'mongodb';
import type { Position, SortKey } from '../../contract/filter.js';
import { type SortField, sortField } from './sort-field.js';

/** A compiled order. */
export interface Order {
  /** The field that `positionIn` reads, for the projection. */
  readonly fields: Readonly<Record<string, 1>>;
  /** The option `sort` of the driver. */
  by(backwards: boolean): Sort;
  /**
   * Consecutive parts of the resources in this order, from a position on: first those with a value and then those without
   * one, or the reverse. MongoDB sorts what has no value first, and here it counts as the greatest value.
   */
  ranges(from: Position | undefined, backwards: boolean): readonly { readonly where: Document | undefined }[];
  /** The position of a document. */
  positionIn(document: Document): Position;
}

/** Compiles sort keys. @returns undefined when only the evaluator can sort */
export function compileOrder(sort: readonly SortKey[], resourceType: string): Order | undefined {
  const [key, ...others] = sort;
  if (others.length > 0) return undefined;
  const field = key === undefined ? byId : sortField(key.attribute, resourceType);
  return field && orderBy(field, key?.descending === true);
}

const byId: SortField = { path: '_id', assigned: undefined, isId: true };

function orderBy(field: SortField, descending: boolean): Order {
  const { path, isId } = field;
  const isUp = (backwards: boolean): boolean => descending === backwards;
  return {
    fields: isId ? {} : { [path]: 1 },
    by: (backwards) => {
      const way = isUp(backwards) ? 1 : -1;
      return isId ? { _id: way } : { [path]: way, _id: way };
    },
    positionIn: (document) => {
      const id = String(document['_id']);
      if (isId) return [...(field === byId ? [] : [id]), id];
      return [portable(valueAt(document, path)), id];
    },
    ranges: (from, backwards) => rangesOf(field, from, isUp(backwards)),
  };
}

/** @param isUp whether greater values come later */
function rangesOf(
  { path, assigned, isId }: SortField,
  from: Position | undefined,
  isUp: boolean,
): readonly { readonly where: Document | undefined }[] {
  const past = isUp ? '$gt' : '$lt';
  const beyondId = from === undefined ? {} : { _id: { [past]: from.at(-1) } };
  if (isId) return [{ where: from && beyondId }];
  const at = from?.[0] ?? null;
  // Only times, which every resource has, are kept as dates.
  const value = assigned === undefined && typeof at === 'number' ? new Date(at) : at;
  const beyond = { $or: [{ [path]: { [past]: value } }, { [path]: value, ...beyondId }] };
  if (assigned === undefined) return [{ where: from && beyond }];
  const some = { [path]: assigned };
  const none = { $nor: [some] };
  if (from === undefined) return isUp ? [{ where: some }, { where: none }] : [{ where: none }, { where: some }];
  if (at === null) {
    const rest = { where: { ...none, ...beyondId } };
    return isUp ? [rest] : [rest, { where: some }];
  }
  const rest = { where: { $and: [some, beyond] } };
  return isUp ? [rest, { where: none }] : [rest];
}

function valueAt(document: Document, path: string): unknown {
  let value: unknown = document;
  for (const field of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[field];
  }
  return value;
}

function portable(value: unknown): Position[number] {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'string' && value !== '' ? value : null;
}

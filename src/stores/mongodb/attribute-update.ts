import type { Document } from 'mongodb';
import type { Attributes } from '../../contract/attribute.js';
import { fieldName, toFields } from './field-names.js';
import { normalizedFields, searchableForm } from './searchable.js';

/** The operators `$set` and `$unset` of an update. */
export interface AttributeUpdate {
  readonly set: Document;
  readonly unset: Document;
}

/**
 * The update that writes attributes. Each attribute has fields of its own, so that two writes of different attributes do
 * not undo each other.
 *
 * @param names the top-level attributes that change
 * @param after all attributes after the change
 * @param caseExact as in `Write`
 */
export function attributeUpdate(
  names: readonly string[],
  after: Attributes,
  caseExact: ReadonlySet<string>,
): AttributeUpdate {
  const set: Record<string, unknown> = {};
  const unset: Record<string, unknown> = {};
  for (const name of names) {
    const field = fieldName(name);
    const value = after[name];
    const { normalized, leading } = searchableForm({ [name]: value }, caseExact);
    const write = (path: string, written: unknown): void => {
      if (written === undefined) unset[path] = '';
      else set[path] = written;
    };
    write(`attributes.${field}`, toFields(value));
    for (const each of normalizedFields(name)) write(`normalized.${each}`, normalized[each]);
    write(`leading.${field}`, leading[field]);
  }
  if (names.length > 0) set['bytes'] = bytesOf(after);
  return { set, unset };
}

/** Bytes of attributes as JSON. */
export function bytesOf(attributes: Attributes): number {
  return Buffer.byteLength(JSON.stringify(attributes));
}

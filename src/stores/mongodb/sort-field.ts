import type { Document } from 'mongodb';
import type { AttributeRef } from '../../contract/attribute.js';
import { fieldName, fieldPath } from './field-names.js';
import { dateField, leadingName } from './searchable.js';

/** Where a sort key finds its value: a field with the values that it sorts by, and which of them count as assigned. */
export interface SortField {
  readonly path: string;
  /** Holds for an assigned value; undefined: every resource has one. */
  readonly assigned: Document | undefined;
  /** Whether it is the ID, which is the tie-breaker too. */
  readonly isId: boolean;
}

/** The field of a sort key; undefined when only the evaluator knows the value. */
export function sortField(attribute: AttributeRef, resourceType: string): SortField | undefined {
  const { type, multiValued } = attribute;
  const keys = type === 'complex' ? [...attribute.keys, 'value'] : attribute.keys;
  const [top = '', ...rest] = keys;
  if (attribute.path === 'id') return { path: '_id', assigned: undefined, isId: true };
  if (attribute.path === 'meta.created') return { path: 'created', assigned: undefined, isId: false };
  if (attribute.path === 'meta.lastModified') return { path: 'modified', assigned: undefined, isId: false };
  const derived = resourceType === 'Group' ? 'members' : resourceType === 'User' ? 'groups' : undefined;
  if (top === 'meta' || top === derived) return undefined;
  const path = multiValued ? `leading.${fieldName(top)}.${leadingName(rest)}` : `normalized.${fieldPath(keys)}`;
  switch (type) {
    case 'dateTime':
      return { path: dateField(path), assigned: { $type: 'number' }, isId: false };
    case 'boolean':
      return { path, assigned: { $in: [true, false] }, isId: false };
    case 'integer':
    case 'decimal':
      return { path, assigned: { $type: 'number' }, isId: false };
    default:
      return { path, assigned: { $gt: '' }, isId: false };
  }
}

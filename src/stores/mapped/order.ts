import { sql } from 'kysely';
import type { SortKey } from '../../contract/filter.js';
import type { SortColumn } from '../sql/order.js';
import { asText, type Compiled } from './compiled.js';

/** The column that an attribute is sorted by; undefined where only the evaluator knows the order. */
export function mappedSortColumn(
  { type, path, caseExact }: SortKey['attribute'],
  { fields, dialect, mapping }: Compiled,
): SortColumn | undefined {
  const wanted = type === 'complex' ? `${path}.value` : path;
  const found = fields.filter(({ place }) => place.path.toLowerCase() === wanted.toLowerCase());
  const [field] = found;
  // Of several values it is the primary one or the first, which differs from row to row.
  if (field === undefined || found.length > 1 || field.place.slot !== undefined) return undefined;
  // Keys are no texts, and a prefix changes nothing in their order only where all have the same length.
  if (path === 'id' || path === mapping.id.column) return undefined;
  const column =
    field.kind === 'column'
      ? sql.ref(`r.${field.column}`)
      : field.kind === 'lookup'
        ? sql.ref(`${field.alias}.${field.lookup.value}`)
        : undefined;
  if (column === undefined || type === 'dateTime') return undefined;
  if (type === 'boolean' || type === 'integer' || type === 'decimal') return { value: sql`${column}` };
  if (dialect === 'mysql')
    return { value: caseExact ? sql`nullif(cast(${column} as binary), '')` : sql`nullif(${column}, '')` };
  const plain = asText(column, dialect);
  const text = caseExact ? sql`nullif(${plain}, '')` : sql`nullif(lower(${plain}), '')`;
  // In the order of code points, as the evaluator has it, whatever the locale of the database.
  return { value: dialect === 'postgres' ? sql`${text} collate "C"` : text };
}

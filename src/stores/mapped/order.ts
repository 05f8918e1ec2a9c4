import { sql } from '../../database/sql.js';
import type { SortKey } from '../../contract/filter.js';
import type { SortColumn } from '../sql/order.js';
import { asText } from './column-text.js';
import type { CompiledMapping } from './compile-mapping.js';

/** The column that an attribute is sorted by; undefined when only the evaluator can sort by it. */
export function mappedSortColumn(
  { type, path, caseExact }: SortKey['attribute'],
  { fields, dialect, mapping }: CompiledMapping,
): SortColumn | undefined {
  const sortPath = type === 'complex' ? `${path}.value` : path;
  const found = fields.filter(({ place }) => place.path.toLowerCase() === sortPath.toLowerCase());
  const [field] = found;
  // A multi-valued attribute sorts by its primary or first value, which is in another column from row to row.
  if (field === undefined || found.length > 1 || field.place.slot !== undefined) return undefined;
  // Integer keys sort as numbers, and ids as texts.
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
  // By code points, as the evaluator sorts, whatever the locale of the database.
  return { value: dialect === 'postgres' ? sql`${text} collate "C"` : text };
}

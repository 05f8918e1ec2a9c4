import { createHash } from 'node:crypto';
import type { Attributes } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import { assemble } from './assemble.js';
import { columnsOf, type CompiledMapping, type Row } from './compile-mapping.js';
import { isSame, plainValue, textOf } from './driver-values.js';
import type { Field } from './fields.js';
import { callMapped, fromColumn, fromRead, parseAttribute } from './mapping-results.js';
import { idOf } from './primary-key.js';

/** The resource in a row, without child tables and members. */
export function toResource<R>(row: Row, compiled: CompiledMapping): Stored<R> {
  const { mapping, fields, columns } = compiled;
  const attributes = assemble(fields, (field) => readField(field, row, compiled), restOfRow(row, compiled));
  const externalId = plainValue(row['s_external_id']);
  const at = (name: string | undefined): unknown => (name === undefined ? undefined : row[columns.get(name) ?? '']);
  const created = timeOf(sideTime(row['s_created']) ?? at(mapping.created));
  const lastModified = timeOf(sideTime(row['s_last_modified']) ?? at(mapping.lastModified)) ?? created;
  const meta = {
    ...(created !== undefined && { created }),
    ...(lastModified !== undefined && { lastModified }),
    version: versionOf(row, compiled),
  };
  return {
    ...attributes,
    ...(typeof externalId === 'string' && { externalId }),
    id: idOf(compiled, row[columns.get(mapping.id.column) ?? '']),
    meta,
  } as unknown as Stored<R>;
}

function restOfRow(row: Row, { restIn, mapping, columns }: CompiledMapping): Attributes {
  const stored =
    restIn === 'side' ? row['s_rest'] : restIn === 'column' ? row[columns.get(mapping.rest ?? '') ?? ''] : null;
  if (stored === null || stored === undefined) return {};
  // Drivers return a json column as a value, and a text column as a text.
  const rest: unknown =
    typeof stored === 'object' && !Buffer.isBuffer(stored) ? stored : JSON.parse(textOf(stored) || '{}');
  return typeof rest === 'object' && rest !== null ? (rest as Attributes) : {};
}

/** The value of a field in a row. */
function readField(field: Field, row: Row, compiled: CompiledMapping): unknown {
  const { columns, mapping } = compiled;
  const name = `attributes[${JSON.stringify(field.place.name)}]`;
  switch (field.kind) {
    case 'constant':
      return field.value;
    case 'children':
      return undefined;
    case 'lookup':
      return parseAttribute(row[field.alias], field, mapping, fromColumn);
    case 'computed': {
      const values = Object.fromEntries(field.columns.map((column) => [column, row[columns.get(column) ?? '']]));
      const read = callMapped(`${name}.read`, mapping, () => field.read(values));
      return parseAttribute(read, field, mapping, fromRead);
    }
    default:
  }
  const value = row[columns.get(field.column) ?? ''];
  switch (field.kind) {
    case 'flag':
      return field.on.some((state) => isSame(state, value));
    case 'converted':
      return parseAttribute(
        callMapped(`${name}.read`, mapping, () => field.read(value)),
        field,
        mapping,
        fromRead,
      );
    case 'reference':
      return value === null || value === undefined ? undefined : idOf(compiled.users(), value);
    default:
      return parseAttribute(value, field, mapping, fromColumn);
  }
}

// A side row that was made for a row of the host's does not know when that was created.
function sideTime(value: unknown): unknown {
  return value === null || value === undefined || Number(value) === 0 ? undefined : value;
}

/** A moment of a driver as a timestamp; undefined when the host's table does not record it. */
function timeOf(value: unknown): string | undefined {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' || typeof value === 'bigint') return new Date(Number(value)).toISOString();
  if (typeof value === 'string' && value !== '') {
    const time = /^\d+$/.test(value)
      ? Number(value)
      : Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`);
    if (!Number.isNaN(time)) return new Date(time).toISOString();
  }
  return undefined;
}

/** The version of a row: a part that every writer changes, then the count of SCIM's own writes in the side table. */
function versionOf(row: Row, { mapping, columns, fields }: CompiledMapping): string {
  const revision = row['s_revision'];
  const suffix = revision === undefined ? '' : `.${textOf(revision ?? 0)}`;
  if (mapping.version === 'xmin') return `${textOf(row['x'])}${suffix}`;
  if (typeof mapping.version === 'object') {
    return `${textOf(row[columns.get(mapping.version.column) ?? ''])}${suffix}`.replace(/[^\w.-]/g, '-');
  }
  const names = new Set(fields.flatMap((field) => columnsOf(field)));
  const content = [...names]
    .map((name) => row[columns.get(name) ?? ''] ?? null)
    .map((value) => (value === null ? null : textOf(value)));
  if (mapping.rest !== undefined) content.push(JSON.stringify(row[columns.get(mapping.rest) ?? ''] ?? null));
  return `${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)}${suffix}`;
}

import type { Attributes } from '../../contract/attribute.js';
import { hasCode } from '../../database/transaction.js';
import { ConflictError, InvalidValueError, isScimError, ScimError } from '../../errors.js';
import { dataError, isRefusedValue, type TextPlace } from '../sql/data-errors.js';
import { valueAt } from './assemble.js';
import type { CompiledMapping } from './compile-mapping.js';
import type { Field } from './fields.js';

const uniqueViolation: ReadonlySet<unknown> = new Set([
  '23505',
  1062,
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
]);
const notNullViolation: ReadonlySet<unknown> = new Set(['23502', 1048, 1364, 'SQLITE_CONSTRAINT_NOTNULL']);
const foreignKeyViolation: ReadonlySet<unknown> = new Set(['23503', '23001', 1451, 'SQLITE_CONSTRAINT_FOREIGNKEY']);

/**
 * A 409 for a foreign key of the host's that still references a row to be deleted, or for a reference that cannot be
 * cleared; any other error unchanged.
 */
export function toDeletionError(error: unknown): unknown {
  if (isScimError(error)) return error;
  if (!hasCode(error, foreignKeyViolation) && !hasCode(error, notNullViolation)) return error;
  return new ScimError(409, 'The application still refers to this resource, so it cannot be deleted.', {
    cause: error,
  });
}

/**
 * The SCIM error for a violated constraint of the host's; any other error unchanged.
 *
 * @param written the attributes that the statement wrote: an error about a value names the attribute
 */
export function toScimError(error: unknown, compiled: CompiledMapping, written: Attributes = {}): unknown {
  const { mapping, type, fields } = compiled;
  if (isScimError(error) || typeof error !== 'object' || error === null) return error;
  const { constraint, column, message } = error as Readonly<Record<string, unknown>>;
  const text = typeof message === 'string' ? message : '';
  if (hasCode(error, uniqueViolation)) {
    return new ConflictError(constrained(constraint, text, mapping) ?? (type === 'User' ? 'userName' : 'displayName'));
  }
  if (hasCode(error, notNullViolation)) {
    const name =
      typeof column === 'string' ? column : fields.map(nameOfColumn).find((each) => each !== '' && text.includes(each));
    const path = pathOfColumn(name, fields);
    // A column without an attribute is a mistake in the mapping, not in the request.
    return path === undefined ? error : new InvalidValueError(`${path} is required by this service.`);
  }
  if (!isRefusedValue(error)) return error;
  const path = constrained(constraint, '', mapping) ?? pathOfColumn(columnIn(text), fields);
  return dataError(error, path === undefined ? textsIn(written, fields) : { path });
}

function constrained(
  constraint: unknown,
  text: string,
  { constraints }: CompiledMapping['mapping'],
): string | undefined {
  return Object.entries(constraints).find(([name]) => constraint === name || text.includes(name))?.[1];
}

/** MySQL names the column of a value: `'login'`, or `` `app`.`users`.`login` ``. */
function columnIn(message: string): string | undefined {
  const before = 'for column ';
  const end = message.lastIndexOf(' at row ');
  const start = message.lastIndexOf(before, end);
  if (start < 0 || end < 0) return undefined;
  const quoted = message.slice(start + before.length, end);
  return quoted.slice(1, -1).split('`.`').at(-1);
}

function pathOfColumn(name: string | undefined, fields: readonly Field[]): string | undefined {
  return name === undefined ? undefined : fields.find((field) => nameOfColumn(field) === name)?.place.path;
}

function nameOfColumn(field: Field): string {
  return field.kind === 'lookup' ? field.lookup.column : 'column' in field ? field.column : '';
}

/** The mapped texts of a resource, with their paths. */
function textsIn(written: Attributes, fields: readonly Field[]): TextPlace[] {
  return fields.flatMap((field) => {
    const value = valueAt(written, field);
    if (typeof value === 'string') return [{ path: field.place.path, text: value }];
    if (!Array.isArray(value)) return [];
    return value.flatMap((each: Attributes) =>
      Object.entries(each).flatMap(([sub, text]) =>
        typeof text === 'string' ? [{ path: `${field.place.path}.${sub}`, text }] : [],
      ),
    );
  });
}

import { hasCode } from '../../database/transaction.js';
import { ConflictError, InvalidValueError, isScimError, ScimError } from '../../errors.js';
import type { CompiledMapping } from './compile-mapping.js';
import type { Field } from './fields.js';

const uniqueViolation: ReadonlySet<unknown> = new Set([
  '23505',
  1062,
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
]);
const notNullViolation: ReadonlySet<unknown> = new Set(['23502', 1048, 1364, 'SQLITE_CONSTRAINT_NOTNULL']);
/** Too long, out of range, not of the column's type, or refused by a check constraint. */
const invalidData: ReadonlySet<unknown> = new Set([
  ...['22001', '22003', '22007', '22008', '22021', '22P02', '23514', 'SQLITE_CONSTRAINT_CHECK'],
  ...[1264, 1265, 1292, 1366, 1406, 3819, 4025],
]);

const foreignKeyViolation: ReadonlySet<unknown> = new Set(['23503', '23001', 1451, 'SQLITE_CONSTRAINT_FOREIGNKEY']);

/** A 409 for a foreign key of the host's that still references a row to be deleted; any other error unchanged. */
export function toDeletionError(error: unknown): unknown {
  if (isScimError(error) || !hasCode(error, foreignKeyViolation)) return error;
  return new ScimError(409, 'The application still refers to this resource, so it cannot be deleted.', {
    cause: error,
  });
}

/** The SCIM error for a violated constraint of the host's; any other error unchanged. */
export function toScimError(error: unknown, { mapping, type, fields }: CompiledMapping): unknown {
  if (isScimError(error) || typeof error !== 'object' || error === null) return error;
  const { constraint, column, message } = error as Readonly<Record<string, unknown>>;
  const is = (codes: ReadonlySet<unknown>): boolean => hasCode(error, codes);
  const text = typeof message === 'string' ? message : '';
  if (is(uniqueViolation)) {
    const constraintOf = Object.entries(mapping.constraints).find(
      ([name]) => constraint === name || text.includes(name),
    );
    return new ConflictError(constraintOf?.[1] ?? (type === 'User' ? 'userName' : 'displayName'));
  }
  if (is(notNullViolation)) {
    const name =
      typeof column === 'string' ? column : fields.map(nameOfColumn).find((each) => each !== '' && text.includes(each));
    const path = fields.find((field) => nameOfColumn(field) === name)?.place.path;
    // A column without an attribute is a mistake in the mapping, not in the request.
    return path === undefined ? error : new InvalidValueError(`${path} is required by this service.`);
  }
  return is(invalidData)
    ? new InvalidValueError('This service cannot store one of the values: it is too long, out of range or not allowed.')
    : error;
}

function nameOfColumn(field: Field): string {
  return field.kind === 'lookup' ? field.lookup.column : 'column' in field ? field.column : '';
}

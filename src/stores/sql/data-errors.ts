import { hasCode } from '../../database/transaction.js';
import { InvalidValueError } from '../../errors.js';

/** A text is too long for its column, or for an index over it. */
const tooLong: ReadonlySet<unknown> = new Set([
  // PostgreSQL: value too long; row or index row too large (2,704 bytes in a B-tree).
  ...['22001', '54000'],
  // MySQL and MariaDB: data too long, row too large, key too long (3,072 bytes).
  ...[1406, 1118, 1071],
  'SQLITE_TOOBIG',
]);

/** A text has a character that the database has not: U+0000 on PostgreSQL, or one beyond its encoding. */
const unknownCharacter: ReadonlySet<unknown> = new Set(['22021', '22P05']);

/** Out of range, not of the type of the column, or refused by a check constraint. */
const notAllowed: ReadonlySet<unknown> = new Set([
  ...['22003', '22007', '22008', '22P02', '23514'],
  ...[1264, 1265, 1292, 1366, 3819, 4025],
  ...['SQLITE_CONSTRAINT_CHECK', 'SQLITE_CONSTRAINT_DATATYPE', 'SQLITE_MISMATCH'],
]);

/** A text that a write stores, and the attribute it is the value of. */
export interface TextPlace {
  readonly path: string;
  readonly text: string;
}

/** Whether a database refuses a value for what it is. */
export function isUnstorable(error: unknown): boolean {
  return [tooLong, unknownCharacter, notAllowed].some((codes) => hasCode(error, codes));
}

/**
 * The 400 for a value that a database refuses.
 *
 * @param where the attribute, or all texts that were written: most databases do not say which one they refuse
 */
export function dataError(error: unknown, where: { readonly path: string } | readonly TextPlace[]): InvalidValueError {
  if (hasCode(error, tooLong)) {
    const path = 'path' in where ? where.path : longest(where);
    return new InvalidValueError(
      path === undefined ? 'A value is too long for this service.' : `${path} is too long for this service.`,
    );
  }
  if (hasCode(error, unknownCharacter)) {
    const path = 'path' in where ? where.path : where.find(({ text }) => text.includes('\0'))?.path;
    return new InvalidValueError(`${path ?? 'A value'} contains a character that this service cannot store.`);
  }
  return new InvalidValueError(
    `This service cannot store ${'path' in where ? `the value of ${where.path}` : 'one of the values'}: it is out of range or not allowed.`,
  );
}

function longest(texts: readonly TextPlace[]): string | undefined {
  const bytes = ({ text }: TextPlace): number => Buffer.byteLength(text);
  const [first] = [...texts].sort((a, b) => bytes(b) - bytes(a));
  return first?.path;
}

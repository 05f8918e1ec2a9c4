import { type Fragment, sql } from '../../database/sql.js';
import type { Dialect } from '../../database/dialect.js';
import { ConflictError, InvalidValueError } from '../../errors.js';
import { normalizeUserName } from '../../schema/normalize.js';
import { asText } from './column-text.js';
import { type CompiledMapping, isTenant, type MappedScope, visible } from './compile-mapping.js';
import { textOf } from './driver-values.js';
import type { Field } from './fields.js';
import type { Key } from './primary-key.js';

type NameField = Extract<Field, { readonly kind: 'column' | 'lookup' }>;

/**
 * Checks a `userName` that the host's own index cannot protect: `ｒobin` with a full-width r, or `Kelvin` with the sign
 * for kelvin, is the same name as `robin` or `kelvin` (RFC 8265 3.3.1), but another text to a database. So is `Robin`,
 * where no index ignores case. All rows are compared, also those that SCIM has not written.
 *
 * @param key the resource that gets the name; undefined for a new one
 * @param ignoresCase whether the host has a unique index that ignores case
 * @throws ConflictError when another resource has the same name
 * @throws InvalidValueError for such a name without a side table: nothing would keep others from taking it later
 */
export async function checkLookalikes(
  name: string,
  key: Key | undefined,
  ignoresCase: boolean,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<void> {
  const { dialect, side } = compiled;
  const normalized = normalizeUserName(name);
  const isFoldedAlike = asciiLowerCase(name) === normalized;
  if (ignoresCase && isFoldedAlike && (dialect !== 'sqlite' || isAscii(name))) return;
  if (side === undefined && letterByLetter(name) !== normalized) throw refused();
  const field = compiled.fields.find(({ place }) => place.path === 'userName');
  switch (field?.kind) {
    case 'column':
    case 'lookup': {
      const rows = await rowsLike(normalized, field, ignoresCase, compiled, scope);
      const isOther = ({ owner, value }: NameRow): boolean =>
        normalizeUserName(value) === normalized &&
        // A lookup links users to rows, so the row of exactly this name is not another one.
        (field.kind === 'column' ? owner !== String(key) : asciiLowerCase(value) !== asciiLowerCase(name));
      if (rows.some(isOther)) throw new ConflictError('userName');
      break;
    }
    default:
      // Only the host's code can read the column.
      if (letterByLetter(name) !== normalized) throw refused();
  }
}

interface NameRow {
  readonly owner: string;
  readonly value: string;
}

/** The rows whose name may be the same; the caller compares them. */
async function rowsLike(
  normalized: string,
  field: NameField,
  ignoresCase: boolean,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<readonly NameRow[]> {
  const { dialect, mapping } = compiled;
  const place =
    field.kind === 'column'
      ? { table: mapping.table, owner: mapping.id.column, column: field.column, where: visible(compiled, scope) }
      : {
          table: field.lookup.table,
          owner: field.lookup.key,
          column: field.lookup.value,
          where:
            field.lookup.tenant === undefined
              ? sql`1 = 1`
              : isTenant(sql.ref(`r.${field.lookup.tenant}`), compiled, scope),
        };
  const column = asText(sql.ref(`r.${place.column}`), dialect);
  const { rows } = await sql<{ owner: unknown; value: unknown }>`select ${sql.ref(`r.${place.owner}`)} as owner,
    ${column} as value from ${sql.table(place.table)} as r
    where ${place.where} and ${mayBe(column, normalized, ignoresCase, compiled)}`.execute(scope.db);
  return rows.map(({ owner, value }) => ({ owner: textOf(owner), value: textOf(value) }));
}

function mayBe(column: Fragment, normalized: string, ignoresCase: boolean, { dialect }: CompiledMapping): Fragment {
  switch (dialect) {
    case 'postgres':
      return sql`lower(${column}) = ${normalized}`;
    case 'mysql':
      return ignoresCase
        ? sql`${column} = ${normalized}`
        : sql`lower(convert(${column} using utf8mb4)) = ${normalized}`;
    case 'sqlite':
      // SQLite folds ASCII only.
      return isAscii(normalized)
        ? sql`lower(${column}) = ${normalized}`
        : sql`(lower(${column}) = ${normalized} or ${column} glob '*[^ -~]*')`;
  }
}

/**
 * A condition that a `userName` found by the database's own comparison is the name that was asked for. A collation may
 * treat `rené` and `rene` as equal, and `lower` may turn `İ` into `i`: those are the accounts of others.
 *
 * @returns undefined where that comparison is exact
 */
export function isSameName(column: Fragment, normalized: string, dialect: Dialect): Fragment | undefined {
  if (dialect === 'sqlite') return undefined;
  const isDotted = normalized.includes('i');
  if (dialect === 'postgres') return isDotted ? sql`strpos(${column}, ${'İ'}) = 0` : undefined;
  const text = sql`convert(${column} using utf8mb4)`;
  const isSame = sql`cast(lower(${text}) as binary) = ${normalized}`;
  return isDotted ? sql`${isSame} and instr(cast(${text} as binary), ${'İ'}) = 0` : isSame;
}

function refused(): InvalidValueError {
  return new InvalidValueError(
    'userName must be written in its plain form: without full-width letters and letter-like symbols.',
  );
}

/** Lower case of each character, which every database knows for letters beyond ASCII that have two cases. */
function letterByLetter(name: string): string {
  if (/[\u212a\u212b\u2126]/.test(name)) return name;
  return [...name]
    .map((character) => character.toLowerCase())
    .join('')
    .normalize('NFC');
}

function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

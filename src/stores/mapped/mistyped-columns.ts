import { type Kysely, sql } from 'kysely';
import { readCount } from '../../contract/row-values.js';
import type { Dialect } from '../../database/dialect.js';
import { type ColumnKind, type ColumnType, columnTypesOf } from './column-types.js';
import { readBoolean } from './driver-values.js';
import { type Field, fieldsOf } from './fields.js';
import type { Mapping } from './mapping.js';

/** A column that a mapping uses for one purpose. */
interface Use {
  readonly table: string;
  readonly column: string;
  /** The option or attribute that names the column. */
  readonly place: string;
  readonly need: Need;
}

/** What a column must hold for one purpose. */
interface Need {
  /** As in "needs a boolean". */
  readonly phrase: string;
  /** The kinds of columns that cannot hold it. */
  readonly wrong: Readonly<Record<Dialect, readonly ColumnKind[]>>;
  /** Text columns can hold it, if their values have this form. Default: text is right, or in `wrong`. */
  readonly isText?: (value: unknown) => boolean;
  /** What to write instead. */
  readonly remedy: (column: string) => string;
}

const all = <K>(wrong: K): Readonly<Record<Dialect, K>> => ({ postgres: wrong, mysql: wrong, sqlite: wrong });

const booleanNeed: Need = {
  phrase: 'a boolean',
  wrong: {
    postgres: ['text', 'number', 'time', 'json', 'uuid', 'binary', 'array', 'enum'],
    mysql: ['time', 'json', 'uuid', 'enum'],
    sqlite: ['time'],
  },
  isText: (value) => readBoolean(value) !== undefined,
  remedy: (column) =>
    `map its values with { column: '${column}', on: [...], off: [...] }, or convert them with { column: '${column}', read, write }`,
};

const textNeed: Need = {
  phrase: 'a string',
  wrong: {
    postgres: ['boolean', 'time', 'json', 'binary', 'array'],
    mysql: ['time', 'json'],
    sqlite: ['boolean', 'time'],
  },
  remedy: (column) => `convert its values with { column: '${column}', read, write }`,
};

const isInteger = (value: unknown): boolean => readCount(value) !== undefined;

const versionNeed: Need = {
  phrase: 'a number that every write increments',
  wrong: {
    postgres: ['text', 'boolean', 'time', 'json', 'uuid', 'binary', 'array', 'enum'],
    mysql: ['time', 'json', 'uuid', 'enum'],
    sqlite: ['time'],
  },
  isText: isInteger,
  remedy: () => `name an integer column, or set version to 'hash'`,
};

const timeNeed: Need = {
  phrase: 'a time',
  wrong: all(['boolean', 'json', 'uuid', 'array', 'enum']),
  remedy: () => 'name a column with a time, or leave the option out',
};

const restNeed: Need = {
  phrase: 'JSON',
  wrong: {
    postgres: ['boolean', 'number', 'time', 'uuid', 'array', 'enum'],
    mysql: ['number', 'time', 'uuid', 'enum'],
    sqlite: [],
  },
  remedy: () => 'name a JSON or text column',
};

const integerKeyNeed: Need = {
  phrase: "an integer, because id.type is 'integer'",
  wrong: {
    postgres: ['uuid', 'boolean', 'time', 'json', 'binary', 'array', 'enum'],
    mysql: ['uuid', 'time', 'json', 'enum'],
    sqlite: ['time'],
  },
  isText: isInteger,
  remedy: () => `set id.type to 'uuid' or 'text'`,
};

const uuidKeyNeed: Need = {
  phrase: "a UUID, because id.type is 'uuid'",
  wrong: { ...all(['number', 'boolean', 'time', 'json', 'array', 'enum']), sqlite: ['time'] },
  remedy: () => `set id.type to 'integer' where the database generates the key, otherwise to 'text'`,
};

/** How many values of a text column are read. */
const sampleSize = 1000;

/**
 * The columns of a mapping whose type cannot hold what the mapping uses them for. Only what is certain is named: a type of
 * the database's own, such as a domain or an extension's, may hold anything.
 *
 * @throws an error of the database when it cannot read its own catalog
 */
export async function mistypedColumns(
  mapping: Mapping,
  db: Kysely<unknown>,
  dialect: Dialect,
): Promise<readonly string[]> {
  const types = new Map<string, ReadonlyMap<string, ColumnType>>();
  const typeOf = async (table: string, column: string): Promise<ColumnType | undefined> => {
    const columns = types.get(table) ?? (await columnTypesOf(db, dialect, table));
    types.set(table, columns);
    return columns.get(column);
  };
  const mistakes: string[] = [];
  for (const { table, column, place, need } of usesOf(mapping)) {
    const type = await typeOf(table, column);
    if (type?.kind === undefined) continue;
    const of = `the column ${column} of ${table} is of type ${type.name}`;
    if (need.wrong[dialect].includes(type.kind)) {
      mistakes.push(`${of}, but ${place} needs ${need.phrase}: ${need.remedy(column)}`);
    } else if (type.kind === 'text' && need.isText !== undefined) {
      if (await holdsOnly(need.isText, table, column, db)) continue;
      mistakes.push(`${of}, and its values do not fit: ${place} needs ${need.phrase}: ${need.remedy(column)}`);
    }
  }
  for (const field of fieldsOf(mapping)) {
    if (field.kind !== 'flag') continue;
    const type = await typeOf(mapping.table, field.column);
    const mistake = type && mistakeInStates(field, type, dialect);
    if (mistake !== undefined) mistakes.push(mistake);
  }
  const { softDelete, table } = mapping;
  const type = softDelete && (await typeOf(table, softDelete.column));
  // MySQL takes '0000-00-00' in a column that is not null for null.
  if (softDelete !== undefined && type?.isNotNull === true && !(dialect === 'mysql' && type.kind === 'time')) {
    mistakes.push(
      `the column ${softDelete.column} of ${table}, which softDelete names, is NOT NULL, so every row counts as deleted: ` +
        'name a nullable column, which is null until the row is deleted',
    );
  }
  return mistakes;
}

/** The columns whose purpose says what they must hold. */
function usesOf(mapping: Mapping): readonly Use[] {
  const { table, id, version, created, lastModified, rest } = mapping;
  const own = (column: string | undefined, place: string, need: Need): Use[] =>
    column === undefined ? [] : [{ table, column, place, need }];
  return [
    ...(id.type === 'text' ? [] : own(id.column, 'id', id.type === 'integer' ? integerKeyNeed : uuidKeyNeed)),
    ...(typeof version === 'object' ? own(version.column, 'version', versionNeed) : []),
    ...own(created, 'created', timeNeed),
    ...own(lastModified, 'lastModified', timeNeed),
    ...own(rest, 'rest', restNeed),
    ...fieldsOf(mapping).flatMap((field) => usesInField(field, table)),
  ];
}

function usesInField(field: Field, table: string): readonly Use[] {
  const { path, name } = field.place;
  // The mapping does not know the types of an extension's attributes.
  const need = path === 'active' ? booleanNeed : name.startsWith('urn:') ? undefined : textNeed;
  const place = `attributes[${JSON.stringify(name)}]`;
  switch (field.kind) {
    case 'column':
      return need === undefined ? [] : [{ table, column: field.column, place, need }];
    case 'lookup':
      return need === undefined ? [] : [{ table: field.lookup.table, column: field.lookup.value, place, need }];
    case 'children': {
      const { table: other, columns } = field.children;
      return Object.entries(columns).map(([sub, column]) => ({
        table: other,
        column,
        place: `${place}.columns.${sub}`,
        need: sub === 'primary' ? childBooleanNeed : childTextNeed,
      }));
    }
    default:
      return [];
  }
}

// A child table has neither states nor conversions.
const childBooleanNeed: Need = { ...booleanNeed, remedy: () => 'name a boolean column, or leave it out' };
const childTextNeed: Need = { ...textNeed, remedy: () => 'name a text column, or leave it out' };

/** Whether the first values of a column have a form. */
async function holdsOnly(
  hasForm: (value: unknown) => boolean,
  table: string,
  column: string,
  db: Kysely<unknown>,
): Promise<boolean> {
  const { rows } = await sql<{ readonly found: unknown }>`select ${sql.ref(column)} as found from ${sql.table(table)}
    where ${sql.ref(column)} is not null limit ${sql.lit(sampleSize)}`.execute(db);
  return rows.every(({ found }) => hasForm(found));
}

type FlagField = Extract<Field, { readonly kind: 'flag' }>;

/** States that the column cannot be compared with. */
function mistakeInStates(
  { on, off, column, place: { name } }: FlagField,
  type: ColumnType,
  dialect: Dialect,
): string | undefined {
  const states = [...on, ...off];
  const isWord = (state: unknown): boolean => typeof state === 'string' && !/^\s*[-+]?\d+(?:\.\d+)?\s*$/.test(state);
  const wrong = {
    postgres: (): boolean => {
      if (type.kind === 'boolean') return states.some((state) => isWord(state) && !isBooleanText(String(state)));
      return type.kind === 'number' ? states.some(isWord) : type.kind === 'text' && states.some(isBoolean);
    },
    // MySQL compares a text with a number as 0, so every row with 0 would have the state.
    mysql: (): boolean => type.kind === 'number' && states.some(isWord),
    sqlite: (): boolean => false,
  }[dialect]();
  if (!wrong) return undefined;
  return (
    `the column ${column} of the mapping is of type ${type.name}, which holds none of the states that ` +
    `attributes[${JSON.stringify(name)}] lists: write the values of the column in on and off`
  );
}

function isBoolean(state: unknown): boolean {
  return typeof state === 'boolean';
}

/** https://www.postgresql.org/docs/current/datatype-boolean.html */
function isBooleanText(text: string): boolean {
  const folded = text.trim().toLowerCase();
  // Every abbreviation that is unambiguous counts.
  if (folded === '') return false;
  return ['true', 'false', 'yes', 'no', 'on'].some((word) => word.startsWith(folded)) || /^off?$/.test(folded);
}

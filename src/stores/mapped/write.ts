import { sql } from 'kysely';
import { ConflictError, InvalidValueError, isScimError, ScimError } from '../../errors.js';
import type { Attributes } from '../../contract/attribute.js';
import { lock } from '../../database/dialect.js';
import { hasCode } from '../../database/transaction.js';
import { valueAt } from './assemble.js';
import { type Compiled, isKey, isSame, keyOf, type Row, type Scope, visible } from './compiled.js';
import type { AnyLookup } from './define.js';
import { type Field, topOf } from './fields.js';

/** What a write does to the columns of a row. */
export interface ColumnChange {
  readonly values: ReadonlyMap<string, unknown>;
  /** References to somebody who is not there yet: they are kept with what has no column. */
  readonly unplaced: ReadonlySet<Field>;
}

/**
 * Works out the columns for a resource as it will be.
 *
 * @param row the row as it is; undefined for a new one, whose unassigned columns are left to the database
 * @param names the attributes that change; undefined: all
 * @throws InvalidValueError for a name that a lookup refuses
 */
export async function columnChange(
  after: Attributes,
  row: Row | undefined,
  names: ReadonlySet<string> | undefined,
  compiled: Compiled,
  scope: Scope,
): Promise<ColumnChange> {
  const values = new Map<string, unknown>();
  const unplaced = new Set<Field>();
  const current = (column: string): unknown => row?.[compiled.columns.get(column) ?? ''] ?? null;
  const put = (column: string, value: unknown): void => {
    if (row === undefined ? value !== null : !isSame(value, current(column)) && value !== current(column)) {
      values.set(column, value);
    }
  };
  for (const field of compiled.fields) {
    const value = valueAt(after, field);
    const touched = names === undefined || names.has(topOf(field));
    if (field.kind === 'reference') {
      // Also where something else changes: who was missing may have come.
      const key = value === undefined ? null : await keyOfReference(value, compiled, scope);
      if (value !== undefined && key === undefined) unplaced.add(field);
      if (touched) put(field.column, key ?? null);
      continue;
    }
    if (!touched) continue;
    switch (field.kind) {
      case 'column':
        if (field.writable) put(field.column, value === undefined ? field.empty : bindable(value, compiled));
        break;
      case 'flag': {
        const states = value === false ? field.off : field.on;
        if (!states.some((state) => isSame(state, current(field.column)))) put(field.column, states[0]);
        break;
      }
      case 'converted':
        if (field.write !== undefined) put(field.column, field.write(value) ?? null);
        break;
      case 'computed':
        for (const [column, each] of Object.entries(field.write?.(value, after) ?? {})) put(column, each ?? null);
        break;
      case 'lookup': {
        if (field.lookup.unknown === 'read-only') break;
        const key = value === undefined ? null : await keyOfName(String(value), after, field.lookup, compiled, scope);
        if (key !== undefined) put(field.lookup.column, key);
        break;
      }
      default:
    }
  }
  return { values, unplaced };
}

// SQLite binds no booleans.
function bindable(value: unknown, { dialect }: Compiled): unknown {
  return typeof value === 'boolean' && dialect !== 'postgres' ? Number(value) : value;
}

async function keyOfReference(id: unknown, compiled: Compiled, scope: Scope): Promise<string | number | undefined> {
  const users = compiled.users();
  const key = keyOf(users, String(id));
  if (key === undefined) return undefined;
  const column = sql.ref(`r.${users.mapping.id.column}`);
  const { rows } = await sql`select ${column} from ${sql.table(users.mapping.table)} as r
    where ${isKey(column, key, users)} and ${visible(users, scope)} ${lock(users.dialect, 'keep')}`.execute(scope.db);
  return rows.length > 0 ? key : undefined;
}

async function keyOfName(
  name: string,
  resource: Attributes,
  lookup: AnyLookup,
  compiled: Compiled,
  scope: Scope,
): Promise<unknown> {
  const found = await findName(name, lookup, compiled, scope);
  if (found !== undefined || lookup.unknown === 'ignore') return found;
  if (lookup.unknown === 'reject') throw new InvalidValueError(`There is no ${lookup.table} entry of that name.`);
  const more = Object.entries(lookup.create?.(name, resource) ?? {}).filter(([column]) => column !== lookup.value);
  const own = lookup.tenant === undefined ? [] : [[lookup.tenant, tenantOf(compiled, scope)] as const];
  const row = [[lookup.value, name] as const, ...own, ...more];
  const columns = sql.join(row.map(([column]) => sql.ref(column)));
  const values = sql.join(row.map(([, value]) => value));
  const table = sql.table(lookup.table);
  // Somebody else may have made it in this moment.
  const nothing =
    compiled.dialect === 'mysql'
      ? sql`on duplicate key update ${sql.ref(lookup.key)} = ${sql.ref(lookup.key)}`
      : sql`on conflict do nothing`;
  await sql`insert into ${table} (${columns}) values (${values}) ${nothing}`.execute(scope.db);
  return findName(name, lookup, compiled, scope);
}

async function findName(name: string, lookup: AnyLookup, compiled: Compiled, scope: Scope): Promise<unknown> {
  const column = sql.ref(lookup.value);
  const test = compiled.dialect === 'mysql' ? sql`${column} = ${name}` : sql`lower(${column}) = lower(${name})`;
  const own = lookup.tenant === undefined ? sql`` : sql` and ${sql.ref(lookup.tenant)} = ${tenantOf(compiled, scope)}`;
  const { rows } = await sql<{ found: unknown }>`select ${sql.ref(lookup.key)} as found from ${sql.table(lookup.table)}
    where ${test}${own} order by case when ${column} = ${name} then 0 else 1 end, ${sql.ref(lookup.key)} limit 1
    ${lock(compiled.dialect, 'keep')}`.execute(scope.db);
  return rows[0]?.found;
}

function tenantOf({ mapping }: Compiled, { tenant }: Scope): unknown {
  return mapping.tenant === undefined ? tenant : mapping.tenant.write(tenant);
}

const unique: ReadonlySet<unknown> = new Set([
  '23505',
  1062,
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
]);
const missing: ReadonlySet<unknown> = new Set(['23502', 1048, 1364, 'SQLITE_CONSTRAINT_NOTNULL']);
const unfit: ReadonlySet<unknown> = new Set([
  ...['22001', '22003', '22007', '22008', '22021', '22P02', '23514', 'SQLITE_CONSTRAINT_CHECK'],
  ...[1264, 1265, 1292, 1366, 1406, 3819, 4025],
]);

const referred: ReadonlySet<unknown> = new Set(['23503', '23001', 1451, 'SQLITE_CONSTRAINT_FOREIGNKEY']);

/** What a foreign key says that still leads to a row which is to be deleted. */
export function refusedDeletion(error: unknown): unknown {
  if (isScimError(error) || !hasCode(error, referred)) return error;
  return new ScimError(409, 'The application still refers to this resource, and keeps it from being deleted.', {
    cause: error,
  });
}

/** What the host's constraints say, as SCIM errors; anything else as it came. */
export function translated(error: unknown, { mapping, type, fields }: Compiled): unknown {
  if (isScimError(error) || typeof error !== 'object' || error === null) return error;
  const { constraint, column, message } = error as Readonly<Record<string, unknown>>;
  const is = (codes: ReadonlySet<unknown>): boolean => hasCode(error, codes);
  const text = typeof message === 'string' ? message : '';
  if (is(unique)) {
    const named = Object.entries(mapping.constraints).find(([name]) => constraint === name || text.includes(name));
    return new ConflictError(named?.[1] ?? (type === 'User' ? 'userName' : 'displayName'));
  }
  if (is(missing)) {
    const name =
      typeof column === 'string' ? column : fields.map(nameOfColumn).find((each) => each !== '' && text.includes(each));
    const path = fields.find((field) => nameOfColumn(field) === name)?.place.path;
    // A column that no attribute fills is the mapping's fault and not the client's.
    return path === undefined ? error : new InvalidValueError(`${path} is required here.`);
  }
  return is(unfit) ? new InvalidValueError('A value does not fit into what this service keeps.') : error;
}

function nameOfColumn(field: Field): string {
  return field.kind === 'lookup' ? field.lookup.column : 'column' in field ? field.column : '';
}

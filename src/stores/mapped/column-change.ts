import { sql } from '../../database/sql.js';
import { ConflictError, InvalidValueError } from '../../errors.js';
import type { Attributes } from '../../contract/attribute.js';
import { lock } from '../../database/dialect.js';
import { normalizeUserName } from '../../schema/normalize.js';
import { valueAt } from './assemble.js';
import { type CompiledMapping, isTenant, type MappedScope, type Row, tenantValue, visible } from './compile-mapping.js';
import { isSame, textOf } from './driver-values.js';
import { type Field, topOf } from './fields.js';
import type { Mapping } from './mapping.js';
import { callMapped, parseColumn, parseColumns } from './mapping-results.js';
import { isKey, type Key, keyOf } from './primary-key.js';

/** The columns that a write changes. */
export interface ColumnChange {
  readonly values: ReadonlyMap<string, unknown>;
  /** References to users that do not exist yet: they are kept with the attributes that have no column. */
  readonly unplaced: ReadonlySet<Field>;
}

/**
 * Computes the columns of a resource after a change.
 *
 * @param row the row before; undefined for a new one, whose unassigned columns get the defaults of the database
 * @param names the top-level attributes that change; undefined: all
 * @throws InvalidValueError for an unknown name of a lookup with `unknown: 'reject'`
 */
export async function columnChange(
  after: Attributes,
  row: Row | undefined,
  names: ReadonlySet<string> | undefined,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<ColumnChange> {
  const values = new Map<string, unknown>();
  const unplaced = new Set<Field>();
  const { mapping } = compiled;
  const current = (column: string): unknown => row?.[compiled.columns.get(column) ?? ''] ?? null;
  const setColumn = (column: string, value: unknown): void => {
    if (row === undefined ? value !== null : !isSame(value, current(column)) && value !== current(column)) {
      values.set(column, value);
    }
  };
  for (const field of compiled.fields) {
    const value = valueAt(after, field);
    const isChanged = names === undefined || names.has(topOf(field));
    if (field.kind === 'reference') {
      // Also when other attributes change: a user that was missing may exist by now.
      const key = value === undefined ? null : await keyOfReference(value, compiled, scope);
      if (value !== undefined && key === undefined) unplaced.add(field);
      if (isChanged) setColumn(field.column, key ?? null);
      continue;
    }
    if (!isChanged) continue;
    switch (field.kind) {
      case 'column':
        if (field.writable) setColumn(field.column, value === undefined ? field.empty : bindable(value, compiled));
        break;
      case 'flag': {
        const states = value === false ? field.off : field.on;
        if (!states.some((state) => isSame(state, current(field.column)))) setColumn(field.column, states[0]);
        break;
      }
      case 'converted':
        if (field.write !== undefined) setColumn(field.column, writtenValue(field, field.write, value, mapping));
        break;
      case 'computed': {
        const name = nameOfWrite(field);
        const written = callMapped(name, mapping, () => field.write?.(value, after));
        for (const [column, each] of Object.entries(parseColumns(written, name, mapping))) {
          setColumn(column, each ?? null);
        }
        break;
      }
      case 'lookup': {
        if (field.lookup.unknown === 'read-only') break;
        const key = value === undefined ? null : await keyOfName(String(value), after, field, compiled, scope);
        if (key !== undefined) setColumn(field.lookup.column, key);
        break;
      }
      default:
    }
  }
  return { values, unplaced };
}

/** What the `write` of a converted attribute makes of a value. */
export function writtenValue(
  field: Field,
  write: (value: unknown) => unknown,
  value: unknown,
  mapping: Mapping,
): unknown {
  const name = nameOfWrite(field);
  return parseColumn(
    callMapped(name, mapping, () => write(value)),
    name,
    mapping,
  );
}

function nameOfWrite({ place }: Field): string {
  return `attributes[${JSON.stringify(place.name)}].write`;
}

// SQLite binds no booleans.
function bindable(value: unknown, { dialect }: CompiledMapping): unknown {
  return typeof value === 'boolean' && dialect !== 'postgres' ? Number(value) : value;
}

async function keyOfReference(id: unknown, compiled: CompiledMapping, scope: MappedScope): Promise<Key | undefined> {
  const users = compiled.users();
  const key = keyOf(users, String(id));
  if (key === undefined) return undefined;
  const column = sql.ref(`r.${users.mapping.id.column}`);
  const { rows } = await sql`select ${column} from ${sql.table(users.mapping.table)} as r
    where ${isKey(column, key, users)} and ${visible(users, scope)} ${lock(users.dialect, 'keep')}`.execute(scope.db);
  return rows.length > 0 ? key : undefined;
}

type LookupField = Extract<Field, { readonly kind: 'lookup' }>;

async function keyOfName(
  name: string,
  resource: Attributes,
  field: LookupField,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<unknown> {
  const { lookup, place } = field;
  const found = await findName(name, field, compiled, scope);
  if (found !== undefined || lookup.unknown === 'ignore') return found;
  if (lookup.unknown === 'reject') throw new InvalidValueError(`There is no ${lookup.table} entry with that name.`);
  const option = `attributes[${JSON.stringify(place.name)}].create`;
  const given = callMapped(option, compiled.mapping, () => lookup.create?.(name, resource));
  const more = Object.entries(parseColumns(given, option, compiled.mapping)).filter(
    ([column]) => column !== lookup.value && column !== lookup.tenant,
  );
  const own = lookup.tenant === undefined ? [] : [[lookup.tenant, tenantValue(compiled, scope)] as const];
  const row = [[lookup.value, name] as const, ...own, ...more];
  const columns = sql.join(row.map(([column]) => sql.ref(column)));
  const values = sql.join(row.map(([, value]) => value));
  const table = sql.table(lookup.table);
  // A concurrent write may insert the same name.
  const nothing =
    compiled.dialect === 'mysql'
      ? sql`on duplicate key update ${sql.ref(lookup.key)} = ${sql.ref(lookup.key)}`
      : sql`on conflict do nothing`;
  await sql`insert into ${table} (${columns}) values (${values}) ${nothing}`.execute(scope.db);
  const created = await findName(name, field, compiled, scope);
  // A unique index of the other table takes the name for one of another tenant, or for one that only looks alike.
  if (created === undefined) throw new ConflictError(place.path);
  return created;
}

async function findName(
  name: string,
  { lookup, place }: LookupField,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<unknown> {
  const column = sql.ref(lookup.value);
  const test = compiled.dialect === 'mysql' ? sql`${column} = ${name}` : sql`lower(${column}) = lower(${name})`;
  const own = lookup.tenant === undefined ? sql`` : sql` and ${isTenant(sql.ref(lookup.tenant), compiled, scope)}`;
  const { rows } = await sql<{
    found: unknown;
    name: unknown;
  }>`select ${sql.ref(lookup.key)} as found, ${column} as name
    from ${sql.table(lookup.table)} where ${test}${own}
    order by case when ${column} = ${name} then 0 else 1 end, ${sql.ref(lookup.key)} limit 20
    ${lock(compiled.dialect, 'keep')}`.execute(scope.db);
  // The row of a userName is somebody's account: a collation must not find that of a similar name.
  const isSameAccount = (row: { readonly name: unknown }): boolean =>
    place.path !== 'userName' || normalizeUserName(textOf(row.name)) === normalizeUserName(name);
  return rows.find(isSameAccount)?.found;
}

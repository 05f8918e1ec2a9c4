import { sql } from '../../database/sql.js';
import { canonicalText } from '../../schema/equal.js';
import type { Attributes } from '../../contract/attribute.js';
import { chunks } from '../../database/chunks.js';
import { isExactly } from './column-text.js';
import type { CompiledMapping, MappedScope } from './compile-mapping.js';
import { plainValue } from './driver-values.js';
import { type Field, topOf } from './fields.js';
import { type Key, keyOf } from './primary-key.js';

type ChildrenField = Extract<Field, { readonly kind: 'children' }>;

function childFields({ fields }: CompiledMapping): ChildrenField[] {
  return fields.filter((field) => field.kind === 'children');
}

/** Adds the values in child tables: one query for each table and page. */
export async function withChildren<R extends { readonly id: string }>(
  resources: readonly R[],
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<readonly R[]> {
  let complete = resources;
  for (const field of childFields(compiled)) {
    const { table, owner, columns } = field.children;
    const keys = complete.map(({ id }) => keyOf(compiled, id) ?? '');
    const found = new Map<string, Attributes[]>();
    for (const part of chunks(keys)) {
      const list = Object.entries(columns).map(([sub, column]) => sql`${sql.ref(column)} as ${sql.ref(sub)}`);
      const { rows } = await sql<Attributes>`select ${sql.ref(owner)} as owner_key, ${sql.join(list)}
        from ${sql.table(table)} where ${sql.ref(owner)} in (${sql.join(part)})`.execute(scope.db);
      for (const { owner_key: key, ...columnsOfRow } of rows) {
        const values = found.get(String(key)) ?? [];
        found.set(String(key), values);
        values.push(toValue(columnsOfRow));
      }
    }
    complete = complete.map((resource, i) => {
      const values = found.get(String(keys[i]));
      return values === undefined ? resource : { ...resource, [topOf(field)]: inOrder(values) };
    });
  }
  return complete;
}

function toValue(row: Attributes): Attributes {
  const entries = Object.entries(row).map(([sub, value]) => {
    const plain = plainValue(value);
    return [sub, sub === 'primary' && plain !== undefined ? Number(plain) !== 0 : plain] as const;
  });
  return Object.fromEntries(
    entries.filter(([sub, value]) => value !== undefined && !(sub === 'primary' && value === false)),
  );
}

// A table has no order; a response should not change when nothing did.
function inOrder(values: readonly Attributes[]): Attributes[] {
  const place = (value: Attributes): string => `${value['primary'] === true ? '0' : '1'}${canonicalText(value)}`;
  return [...values].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** The part of values that a child table holds: the mapped sub-attributes, in the order of a response. */
export function keptValues(values: unknown, { children }: ChildrenField): Attributes[] | undefined {
  if (!Array.isArray(values)) return undefined;
  const kept = values.map((value: Attributes) =>
    toValue(Object.fromEntries(Object.keys(children.columns).map((sub) => [sub, value[sub] ?? null]))),
  );
  const distinct = new Map(kept.map((value) => [canonicalText(value), value]));
  return distinct.size === 0 ? undefined : inOrder([...distinct.values()]);
}

/** Updates the rows of child tables to the values of a resource. Rows that stay the same are not written. */
export async function writeChildren(
  key: Key,
  before: Attributes,
  after: Attributes,
  compiled: CompiledMapping,
  scope: MappedScope,
): Promise<void> {
  for (const field of childFields(compiled)) {
    const { table, owner, columns } = field.children;
    const name = topOf(field);
    const oldValues = new Map((keptValues(before[name], field) ?? []).map((value) => [canonicalText(value), value]));
    const newValues = new Map((keptValues(after[name], field) ?? []).map((value) => [canonicalText(value), value]));
    for (const [text, value] of oldValues) {
      if (newValues.has(text)) continue;
      const tests = Object.entries(columns).map(([sub, column]) => {
        const subValue = value[sub];
        if (sub === 'primary')
          return sql`coalesce(${sql.ref(column)}, ${toBoolean(false, compiled)}) = ${toBoolean(subValue === true, compiled)}`;
        if (subValue === undefined) return sql`${sql.ref(column)} is null`;
        // Values that the collation treats as equal are two.
        return typeof subValue === 'string'
          ? isExactly(sql.ref(column), subValue, compiled.dialect)
          : sql`${sql.ref(column)} = ${subValue}`;
      });
      await sql`delete from ${sql.table(table)} where ${sql.ref(owner)} = ${key} and ${sql.join(tests, sql` and `)}`.execute(
        scope.db,
      );
    }
    for (const [text, value] of newValues) {
      if (oldValues.has(text)) continue;
      const names = [owner, ...Object.values(columns)].map((column) => sql.ref(column));
      const row = Object.keys(columns).map((sub) =>
        sub === 'primary' ? toBoolean(value[sub] === true, compiled) : (value[sub] ?? null),
      );
      await sql`insert into ${sql.table(table)} (${sql.join(names)}) values (${sql.join([key, ...row])})`.execute(
        scope.db,
      );
    }
  }
}

// SQLite binds no booleans.
function toBoolean(value: boolean, { dialect }: CompiledMapping): boolean | number {
  return dialect === 'postgres' ? value : Number(value);
}

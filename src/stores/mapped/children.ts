import { sql } from 'kysely';
import { canonicalText } from '../../schema/equal.js';
import type { Attributes } from '../../contract/attribute.js';
import { chunks } from '../built-in/rows.js';
import { type Compiled, isExactly, keyOf, plainValue, type Scope } from './compiled.js';
import { type Field, topOf } from './fields.js';

type ChildrenField = Extract<Field, { readonly kind: 'children' }>;

function childFields({ fields }: Compiled): ChildrenField[] {
  return fields.filter((field) => field.kind === 'children');
}

/** Adds the values that stand in child tables, one query a table for a whole page. */
export async function withChildren<R extends { readonly id: string }>(
  resources: readonly R[],
  compiled: Compiled,
  scope: Scope,
): Promise<readonly R[]> {
  let shown = resources;
  for (const field of childFields(compiled)) {
    const { table, owner, columns } = field.children;
    const keys = shown.map(({ id }) => keyOf(compiled, id) ?? '');
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
    shown = shown.map((resource, i) => {
      const values = found.get(String(keys[i]));
      return values === undefined ? resource : { ...resource, [topOf(field)]: inOrder(values) };
    });
  }
  return shown;
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

// A table has no order of its own; answers should not change when nothing did.
function inOrder(values: readonly Attributes[]): Attributes[] {
  const place = (value: Attributes): string => `${value['primary'] === true ? '0' : '1'}${canonicalText(value)}`;
  return [...values].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** What a child table keeps of values: the mapped sub-attributes, in the order in which they are shown. */
export function keptValues(values: unknown, { children }: ChildrenField): Attributes[] | undefined {
  if (!Array.isArray(values)) return undefined;
  const kept = values.map((value: Attributes) =>
    toValue(Object.fromEntries(Object.keys(children.columns).map((sub) => [sub, value[sub] ?? null]))),
  );
  const distinct = new Map(kept.map((value) => [canonicalText(value), value]));
  return distinct.size === 0 ? undefined : inOrder([...distinct.values()]);
}

/** Brings the rows of a child table to the values of a resource: rows that stay are not touched. */
export async function writeChildren(
  key: string | number,
  before: Attributes,
  after: Attributes,
  compiled: Compiled,
  scope: Scope,
): Promise<void> {
  for (const field of childFields(compiled)) {
    const { table, owner, columns } = field.children;
    const name = topOf(field);
    const was = new Map((keptValues(before[name], field) ?? []).map((value) => [canonicalText(value), value]));
    const is = new Map((keptValues(after[name], field) ?? []).map((value) => [canonicalText(value), value]));
    for (const [text, value] of was) {
      if (is.has(text)) continue;
      const tests = Object.entries(columns).map(([sub, column]) => {
        const given = value[sub];
        if (sub === 'primary')
          return sql`coalesce(${sql.ref(column)}, ${truth(false, compiled)}) = ${truth(given === true, compiled)}`;
        if (given === undefined) return sql`${sql.ref(column)} is null`;
        // Two values that the database takes for each other are two.
        return typeof given === 'string'
          ? isExactly(sql.ref(column), given, compiled.dialect)
          : sql`${sql.ref(column)} = ${given}`;
      });
      await sql`delete from ${sql.table(table)} where ${sql.ref(owner)} = ${key} and ${sql.join(tests, sql` and `)}`.execute(
        scope.db,
      );
    }
    for (const [text, value] of is) {
      if (was.has(text)) continue;
      const names = [owner, ...Object.values(columns)].map((column) => sql.ref(column));
      const row = Object.keys(columns).map((sub) =>
        sub === 'primary' ? truth(value[sub] === true, compiled) : (value[sub] ?? null),
      );
      await sql`insert into ${sql.table(table)} (${sql.join(names)}) values (${sql.join([key, ...row])})`.execute(
        scope.db,
      );
    }
  }
}

// SQLite binds no booleans.
function truth(value: boolean, { dialect }: Compiled): boolean | number {
  return dialect === 'postgres' ? value : Number(value);
}

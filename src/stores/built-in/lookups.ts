import { type Fragment, sql } from '../../database/sql.js';
import type { Filter } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';
import type { BuiltInTables } from '../../database/table-names.js';
import { storable } from '../../database/storable.js';
import type { Condition } from '../sql/compare.js';
import type { Document } from './document.js';
import { rowSource } from './row-source.js';

/**
 * The paths that SQLite and MySQL index by default: what clients search by that has no column. PostgreSQL indexes every
 * value.
 */
export const defaultLookups: readonly string[] = [
  'emails.value',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber',
];

/** A value of an indexed path, as the table of lookups holds it. */
export type Lookup = readonly [path: string, text: string];

/** Whether the dialect has a table of lookups. */
export function hasLookups(dialect: Dialect): boolean {
  return dialect !== 'postgres';
}

/** How many UTF-16 units of a text the table holds. A hit is compared with the document again, so the start is enough. */
const maxLength = 100;

function startOf(normalized: string): string {
  return storable(
    normalized.length <= maxLength ? normalized : normalized.slice(0, maxLength).replace(/[\ud800-\udbff]$/, ''),
  );
}

/** Property names from the resource down to the value. */
function keysOfPath(path: string): readonly string[] {
  // RFC 7644 3.10: the attribute follows the last colon of a URN.
  const colon = path.lastIndexOf(':');
  const names = path.slice(colon + 1).split('.');
  return colon < 0 ? names : [path.slice(0, colon), ...names];
}

/** The lookups of a resource. */
export function lookupsOf(document: Document, paths: readonly string[]): readonly Lookup[] {
  return paths.flatMap((path) => {
    const texts = new Set(textsAt(document, keysOfPath(path)).map(startOf));
    return [...texts].map((text): Lookup => [path, text]);
  });
}

function textsAt(value: unknown, keys: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => textsAt(each, keys));
  const [key, ...rest] = keys;
  if (key === undefined) return typeof value === 'string' && value !== '' ? [value] : [];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, storable(key))) return [];
  return textsAt((value as Document)[storable(key)], rest);
}

/** The lookups that only one of two lists has. */
export function lookupDifference(
  before: readonly Lookup[],
  after: readonly Lookup[],
): { readonly removed: readonly Lookup[]; readonly added: readonly Lookup[] } {
  const keyOf = ([path, text]: Lookup): string => `${path} ${text}`;
  const old = new Set(before.map(keyOf));
  const next = new Set(after.map(keyOf));
  return {
    removed: before.filter((each) => !next.has(keyOf(each))),
    added: after.filter((each) => !old.has(keyOf(each))),
  };
}

/** The tables of one tenant. */
interface LookupScope {
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  readonly tenant: string;
}

/** Inserts lookups of a resource. */
export function lookupInsertion(id: string, lookups: readonly Lookup[], scope: LookupScope): Fragment {
  const rows = rowSource(scope.dialect, 'v', ['text', 'text'], lookups);
  const table = sql.table(scope.tables.lookups);
  const select = sql`(tenant, path, normalized, id) select ${scope.tenant}, v.c0, v.c1, ${id} from ${rows}`;
  // A stale row of a write that another one overtook may be there.
  return scope.dialect === 'mysql'
    ? sql`insert ignore into ${table} ${select}`
    : sql`insert into ${table} ${select} where true on conflict do nothing`;
}

/** Deletes lookups of a resource, found by the primary key: there is no index by ID. */
export function lookupDeletions(
  id: string,
  lookups: readonly Lookup[],
  { tables, tenant }: LookupScope,
): readonly Fragment[] {
  return [...grouped(lookups)].map(
    ([path, texts]) => sql`delete from ${sql.table(tables.lookups)} where tenant = ${tenant} and path = ${path}
      and normalized in (${sql.join(texts.map(([, text]) => text))}) and id = ${id}`,
  );
}

function grouped(lookups: readonly Lookup[]): ReadonlyMap<string, Lookup[]> {
  const groups = new Map<string, Lookup[]>();
  for (const lookup of lookups) groups.set(lookup[0], [...(groups.get(lookup[0]) ?? []), lookup]);
  return groups;
}

/**
 * A condition on `r.id` that every match satisfies and that the table of lookups decides.
 *
 * @returns undefined where the filter asks for no indexed value
 */
export function lookupCondition(filter: Filter, paths: ReadonlySet<string>, scope: LookupScope): Condition | undefined {
  switch (filter.op) {
    case 'some':
      return lookupCondition(filter.filter, paths, scope);
    case 'and':
      for (const each of filter.filters) {
        const found = lookupCondition(each, paths, scope);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'or': {
      const parts = filter.filters.map((each) => lookupCondition(each, paths, scope));
      const found = parts.filter((part) => part !== undefined);
      return found.length > 0 && found.length === parts.length ? sql`(${sql.join(found, sql` or `)})` : undefined;
    }
    case 'eq': {
      const { attribute, value } = filter;
      if (typeof value !== 'string' || value === '' || !paths.has(attribute.path)) return undefined;
      return sql`r.id in (select l.id from ${sql.table(scope.tables.lookups)} l where l.tenant = ${scope.tenant}
        and l.path = ${attribute.path} and l.normalized = ${startOf(value)})`;
    }
    default:
      return undefined;
  }
}

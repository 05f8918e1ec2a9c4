import type { Kysely } from 'kysely';
import { sql } from '../../database/sql.js';
import type { OptionRules } from '../../contract/option-mistakes.js';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import type { Dialect } from '../../database/dialect.js';
import { resourceTableName, tableNames, type BuiltInTables, type TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { enterpriseUserSchema } from '../../schema/core/enterprise-user.js';
import { groupSchema } from '../../schema/core/group.js';
import { userSchema } from '../../schema/core/user.js';
import { compileResourceType } from '../../schema/resource-type.js';
import { defaultLookups, hasLookups, lookupInsertion, lookupsOf } from './lookups.js';
import { assignments, attributesOf, valuesOf, type ResourceRow } from './resource-row.js';

/** Options of `reindexResources`; all have defaults. */
export interface ReindexOptions extends TableOptions {
  /** Further resource types, besides users and groups. Default: none. */
  readonly resourceTypes?: readonly string[] | undefined;
  /** The option `lookups` of `sqlStore`. */
  readonly lookups?: readonly string[] | undefined;
  /**
   * Paths of the string attributes of your own schemas that compare exactly: strings with `caseExact`, references and
   * binary values. Those of RFC 7643 are known. Default: none.
   */
  readonly caseExact?: readonly string[] | undefined;
  /** Called after each batch. @param resources how many of the type are done */
  readonly onProgress?: ((resources: number, resourceType: string) => void) | undefined;
}

/**
 * Recomputes what filters and sort orders read, for all resources. Call it after `caseExact` of an attribute has
 * changed in a schema, or after a path was added to `lookups`, when all processes have the new options.
 *
 * Resources are read and written in batches, while others may write them too. Versions and times stay as they are.
 *
 * @returns how many resources were written
 * @throws UnavailableError when the database cannot be reached; call it again then
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { reindexResources } from 'express-scim/sql';
 *
 * export async function up(db: Kysely<unknown>) {
 *   await reindexResources(db, { lookups: ['emails.value', 'nickName'] });
 * }
 */
export async function reindexResources<DB>(db: Kysely<DB>, options: ReindexOptions = {}): Promise<number> {
  const { dialect, ...target } = parseDatabase(db, options, reindexRules);
  const tables = tableNames(options.tables);
  const { lookups = defaultLookups, caseExact = [], onProgress } = options;
  const scope = { db: target.db, dialect, tables, lookups, caseExact, onProgress };
  let total = await reindexTable(tables.users, 'User', scope);
  total += await reindexTable(tables.groups, 'Group', scope);
  for (const type of options.resourceTypes ?? []) {
    total += await reindexTable(resourceTableName(type, options.tables), type, scope);
  }
  if (hasLookups(dialect)) {
    const outdated = lookups.length === 0 ? sql`` : sql` where path not in (${sql.join([...lookups])})`;
    await reading(() => sql`delete from ${sql.table(tables.lookups)}${outdated}`.execute(target.db));
  }
  return total;
}

const reindexRules: OptionRules<keyof ReindexOptions> = {
  of: 'reindexResources',
  page: 'sql.md#which-filters-use-an-index',
  kinds: {
    ...tableOptionRules('reindexResources').kinds,
    resourceTypes: 'list of strings',
    lookups: 'list of strings',
    caseExact: 'list of strings',
    onProgress: 'function',
  },
};

/** What is written to, and how. */
export interface ReindexScope {
  /** The pool, or a transaction. */
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  readonly lookups: readonly string[];
  readonly caseExact: readonly string[];
  readonly onProgress?: ReindexOptions['onProgress'];
}

type ReindexedRow = ResourceRow & { readonly tenant: unknown };

const rowsOfBatch = 200;

/** Computes what filters and orders read, for all rows of the table of a resource type. */
export async function reindexTable(table: string, type: string, scope: ReindexScope): Promise<number> {
  const { db, dialect, onProgress } = scope;
  const target = { type, caseExact: new Set([...standardCaseExact(), ...scope.caseExact]) };
  let total = 0;
  for (let last: ReindexedRow | undefined; ;) {
    const beyond =
      last === undefined
        ? sql``
        : sql` where r.tenant > ${last.tenant} or (r.tenant = ${last.tenant} and r.id > ${last.id})`;
    const { rows } = await reading(() =>
      sql<ReindexedRow>`select r.tenant, r.id, r.attributes, r.active, r.created, r.last_modified, r.version
        from ${sql.table(table)} r${beyond} order by r.tenant, r.id limit ${rowsOfBatch}`.execute(db),
    );
    const write = async (transaction: Kysely<unknown>): Promise<void> => {
      for (const row of rows) await reindexRow(row, table, target, { ...scope, db: transaction });
    };
    await (db.isTransaction ? write(db) : inTransaction(db, dialect, write));
    total += rows.length;
    last = rows.at(-1);
    onProgress?.(total, type);
    if (rows.length < rowsOfBatch) return total;
  }
}

async function reindexRow(
  row: ReindexedRow,
  table: string,
  target: { readonly type: string; readonly caseExact: ReadonlySet<string> },
  { db, dialect, tables, lookups }: ReindexScope,
): Promise<void> {
  const tenant = String(row.tenant);
  const id = String(row.id);
  const values = valuesOf(attributesOf(row), target, { dialect, tenant });
  // A row that was written in the meantime is right already.
  await sql`update ${sql.table(table)} set ${assignments(target.type, values)}
    where tenant = ${tenant} and id = ${id} and version = ${row.version}`.execute(db);
  if (!hasLookups(dialect)) return;
  const found = lookupsOf(values.document, lookups);
  if (found.length > 0) await lookupInsertion(id, found, { dialect, tables, tenant }).execute(db);
}

let standard: ReadonlySet<string> | undefined;

/** The attributes of RFC 7643 that compare exactly. */
function standardCaseExact(): ReadonlySet<string> {
  standard ??= new Set([
    ...compileResourceType({
      name: 'User',
      endpoint: '/Users',
      schema: userSchema,
      extensions: [{ schema: enterpriseUserSchema, required: false }],
    }).caseExact,
    ...compileResourceType({ name: 'Group', endpoint: '/Groups', schema: groupSchema }).caseExact,
  ]);
  return standard;
}

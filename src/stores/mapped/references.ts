import { sql } from '../../database/sql.js';
import { type CompiledMapping, isTenant, type MappedScope } from './compile-mapping.js';
import { toDeletionError } from './constraint-errors.js';
import type { Key } from './primary-key.js';

/**
 * Clears the mapped references to a user that is about to be deleted, such as the manager of others: a plain foreign key
 * would refuse the deletion. Those users have changed: their version and `lastModified` differ.
 *
 * A soft delete keeps the row, and the references to it.
 *
 * @throws ScimError 409 when a reference column is not null
 */
export async function clearReferences(
  key: Key,
  deleted: CompiledMapping,
  mapped: readonly (CompiledMapping | undefined)[],
  scope: MappedScope,
): Promise<void> {
  if (deleted.type !== 'User' || deleted.mapping.softDelete !== undefined) return;
  for (const compiled of mapped) {
    if (compiled === undefined) continue;
    for (const field of compiled.fields) {
      if (field.kind === 'reference') await clearColumn(key, field.column, compiled, scope);
    }
  }
}

async function clearColumn(key: Key, column: string, compiled: CompiledMapping, scope: MappedScope): Promise<void> {
  const { mapping, side } = compiled;
  const { db, tenant } = scope;
  const ofTenant =
    mapping.tenant === undefined ? sql`` : sql` and ${isTenant(sql.ref(mapping.tenant.column), compiled, scope)}`;
  const referring = sql`${sql.ref(column)} = ${key}${ofTenant}`;
  if (side !== undefined) {
    const now = Date.now();
    await sql`update ${sql.table(side)} set revision = revision + 1,
      last_modified = case when last_modified > ${now} then last_modified else ${now} end
      where tenant = ${tenant} and row_id in
        (select ${sql.ref(mapping.id.column)} from ${sql.table(mapping.table)} where ${referring})`.execute(db);
  }
  const sets = [sql`${sql.ref(column)} = null`];
  if (typeof mapping.version === 'object') {
    const version = sql.ref(mapping.version.column);
    sets.push(sql`${version} = ${version} + 1`);
  }
  for (const [name, value] of Object.entries(mapping.stamp?.(new Date()) ?? {}))
    sets.push(sql`${sql.ref(name)} = ${value}`);
  await sql`update ${sql.table(mapping.table)} set ${sql.join(sets)} where ${referring}`
    .execute(db)
    .catch((error: unknown) => {
      throw toDeletionError(error);
    });
}

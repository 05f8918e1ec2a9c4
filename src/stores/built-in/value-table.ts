import { sql } from 'kysely';
import type { Attributes } from '../../contract/attribute.js';
import { chunks } from '../../database/chunks.js';
import type { MemberScope } from './members.js';
import { type ValueRow, valuesOf } from './value-rows.js';

/** Inserts the normalized values of attributes. */
export async function insertValues(id: string, attributes: Attributes, scope: MemberScope): Promise<void> {
  for (const part of chunks<ValueRow>(valuesOf(attributes), 80)) {
    const rows = part.map(
      (row) =>
        sql`(${sql.join([
          ...[scope.tenant, id, row.attribute, row.n, row.path, row.slot, row.leading],
          ...[row.short, row.folded, row.exact, row.instant],
        ])})`,
    );
    await sql`insert into ${sql.table(scope.tables.values)}
      (tenant, id, attribute, n, path, slot, leading_value, short, folded, exact_form, instant)
      values ${sql.join(rows)}`.execute(scope.db);
  }
}

/** Deletes the normalized values of these attributes, or of all attributes. */
export async function deleteValues(
  id: string,
  names: readonly string[] | undefined,
  scope: MemberScope,
): Promise<void> {
  const attributes = names === undefined ? sql`` : sql` and attribute in (${sql.join(names)})`;
  await sql`delete from ${sql.table(scope.tables.values)} where tenant = ${scope.tenant} and id = ${id}${attributes}`.execute(
    scope.db,
  );
}

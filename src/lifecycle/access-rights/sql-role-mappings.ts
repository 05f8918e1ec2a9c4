import { type Kysely, sql } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { chunks } from '../../database/chunks.js';
import { type Row, textOf } from '../../database/row.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { transactionOf } from '../transaction-handle.js';
import type { GroupRole } from './rights.js';
import { checkGroupRole, pageSizeOf, type RoleMappingStore } from './role-mapping-store.js';
import { accessRightsTables } from './tables.js';

type MappingRow = Row<'group_id' | 'role' | 'set_by' | 'set_at' | 'connection'>;

/**
 * Keeps the mapping of groups to roles in the table of `createAccessRightsTables`. Within a write it is read in the
 * transaction of the write, if the users are in the same database.
 *
 * @example
 * import { sqlRoleMappings } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const mappings = (db: Kysely<unknown>) => sqlRoleMappings(db);
 */
export function sqlRoleMappings<DB>(database: Kysely<DB>, options: TableOptions = {}): RoleMappingStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlRoleMappings'));
  const table = sql.table(accessRightsTables(options.tables).mappings);
  const columns = sql`group_id, role, set_by, set_at, connection`;
  return {
    async ofGroups(tenant, groupIds, transaction) {
      const found: GroupRole[] = [];
      const inside = transactionOf(transaction);
      for (const ids of chunks(groupIds)) {
        const select = sql<MappingRow>`select ${columns} from ${table}
          where tenant = ${tenant} and group_id in (${sql.join(ids)})`;
        // A read inside a transaction is repeated with the whole transaction, never alone.
        const { rows } = await (inside === undefined ? reading(() => select.execute(db)) : select.execute(inside));
        found.push(...rows.map(toGroupRole));
      }
      return found;
    },
    async set(tenant, mapping, transaction) {
      const { groupId, role, setBy, setAt, connection = null } = checkGroupRole(mapping);
      const values = sql`(tenant, ${columns}) values (${sql.join([tenant, groupId, role, setBy, setAt, connection])})`;
      const again =
        dialect === 'mysql'
          ? sql`on duplicate key update set_by = values(set_by), set_at = values(set_at), connection = values(connection)`
          : sql`on conflict (tenant, group_id, role) do update set set_by = excluded.set_by, set_at = excluded.set_at,
              connection = excluded.connection`;
      const insert = sql`insert into ${table} ${values} ${again}`;
      const inside = transactionOf(transaction);
      await (inside === undefined ? inTransaction(db, dialect, (own) => insert.execute(own)) : insert.execute(inside));
    },
    async remove(tenant, groupId, role, transaction) {
      const removal = sql`delete from ${table} where tenant = ${tenant} and group_id = ${groupId} and role = ${role}`;
      const inside = transactionOf(transaction);
      const { numAffectedRows } = await (inside === undefined
        ? inTransaction(db, dialect, (own) => removal.execute(own))
        : removal.execute(inside));
      return numAffectedRows === 1n;
    },
    async list(tenant, query = {}) {
      const { groupId, after } = query;
      const ofGroup = groupId === undefined ? sql`` : sql` and group_id = ${groupId}`;
      const afterPlace =
        after === undefined
          ? sql``
          : sql` and (group_id > ${after.groupId} or (group_id = ${after.groupId} and role > ${after.role}))`;
      const { rows } = await reading(() =>
        sql<MappingRow>`select ${columns} from ${table} where tenant = ${tenant}${ofGroup}${afterPlace}
          order by group_id, role limit ${pageSizeOf(query)}`.execute(db),
      );
      return rows.map(toGroupRole);
    },
  };
}

function toGroupRole({ group_id, role, set_by, set_at, connection }: MappingRow): GroupRole {
  return checkGroupRole({
    groupId: textOf(group_id),
    role: textOf(role),
    setBy: textOf(set_by),
    setAt: textOf(set_at),
    connection: connection === null ? undefined : textOf(connection),
  });
}

// The hand-written app's tables, mapped.
import { createOutboxTable, defineMapping, mappedStore } from 'express-scim/sql';
import { type Kysely, sql } from 'kysely';
import type { UserStore } from 'express-scim';
import { type Groups, type Members, tableStatements, type Time, type Users } from '../hand-written/tables.js';
import type { ServerOptions } from '../server-options.js';
import { openDatabase } from './databases.js';

type Tables = Record<`${string}users`, Users> & Record<`${string}groups`, Groups> & Record<`${string}members`, Members>;

/** Creates the tables, where they do not exist yet, and returns the store over them. */
export async function openMappedStore(options: ServerOptions): Promise<UserStore> {
  const { engine, tables: prefix } = options;
  const db = openDatabase<Tables>(options);
  if (!(await exists(db, `${prefix}users`))) {
    for (const statement of tableStatements(engine, prefix)) await sql.raw(statement).execute(db);
  }
  const outbox = `${prefix}outbox`;
  await createOutboxTable(db, outbox);
  const define = defineMapping<Tables>();
  const isText = engine === 'sqlite';
  const time = (now: Date): Time => (isText ? now.toISOString() : now);
  const isPostgres = engine === 'postgres';
  const users = define({
    table: `${prefix}users`,
    id: { column: 'id', type: 'uuid' },
    version: { column: 'version' },
    created: 'created',
    lastModified: 'last_modified',
    rest: 'attributes',
    attributes: {
      userName: 'user_name',
      externalId: 'external_id',
      displayName: 'display_name',
      active: { column: 'active', on: [isPostgres ? true : 1], off: [isPostgres ? false : 0] },
      'emails[type eq "work"].value': 'work_email',
    },
    defaults: () => ({ created: time(new Date()) }),
    stamp: (now) => ({ last_modified: time(now) }),
  });
  const groups = define({
    table: `${prefix}groups`,
    id: { column: 'id', type: 'uuid' },
    version: { column: 'version' },
    created: 'created',
    lastModified: 'last_modified',
    attributes: { displayName: 'display_name', externalId: 'external_id' },
    defaults: () => ({ created: time(new Date()) }),
    stamp: (now) => ({ last_modified: time(now) }),
    members: { table: `${prefix}members`, group: 'group_id', member: 'user_id' },
  });
  return mappedStore(db, { users, groups, ...(options.outbox && { outbox }) });
}

async function exists(db: Kysely<Tables>, table: string): Promise<boolean> {
  return sql`select 1 from ${sql.table(table)} limit 1`.execute(db).then(
    () => true,
    () => false,
  );
}

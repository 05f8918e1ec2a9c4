// Creates tables in a file of SQLite, in a process of its own: `node --import tsx creating-process.ts FILE`.
import Database from 'libsql';
import { Kysely, SqliteDialect } from 'kysely';
import { createAdminTables, createScimTables } from '../../src/sql.js';

const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(process.argv[2] ?? '') }) });
await createScimTables(db);
await createAdminTables(db);
await db.destroy();

// Creates tables in a file of SQLite, in a process of its own: `node --import tsx creating-process.ts FILE`.
import Database from 'libsql';
import { Kysely, SqliteDialect } from 'kysely';
import { createAdminTables, createScimTables } from '../../src/sql.js';

const database = new Database(process.argv[2] ?? '');
database.exec('pragma busy_timeout = 60000');
const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
await createScimTables(db);
await createAdminTables(db);
await db.destroy();

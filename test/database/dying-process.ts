// Writes two users over an outbox in a file, and dies while the second event is being delivered.
import Database from 'libsql';
import { Kysely, SqliteDialect } from 'kysely';
import { createScimTables, dispatchOutbox, sqlStore } from '../../src/sql.js';
import { ctx, newUser } from '../../src/testing/requests.js';

const db = new Kysely({ dialect: new SqliteDialect({ database: new Database(process.argv[2] ?? '') as never }) });
await createScimTables(db);
const store = sqlStore(db, { outbox: true });
for (const name of ['ada', 'eve']) await store.create(newUser(name), ctx());
let delivered = 0;
await dispatchOutbox(db, ({ resourceId }) => {
  process.stdout.write(`${resourceId}\n`);
  if (++delivered === 2) process.kill(process.pid, 'SIGKILL');
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { ConflictError } from '../../../src/errors.js';
import type { RecordIndex, StorePrimitives, StoreRecord } from '../../../src/stores/index.js';
import { pause } from './slow-database.js';

const schema = `
  create table records (
    tenant text, id text, type text not null, version integer not null, json text not null,
    primary key (tenant, id)
  );
  create index records_of_type on records (tenant, type);
  create table keys (
    tenant text, type text, path text, value text, id text not null,
    primary key (tenant, type, path, value)
  );
  create index keys_of_record on keys (tenant, id);
  create table entries (
    tenant text, type text, path text, value text, id text,
    primary key (tenant, type, path, value, id)
  );
  create index entries_of_record on entries (tenant, id);
`;

interface SqlitePrimitives {
  readonly primitives: StorePrimitives;
  breakAt(nth: number | undefined, permanently?: boolean): void;
}

/**
 * Records as JSON in a table of SQLite, with a table of unique keys and one of index entries, in a new file. `another`
 * opens the file once more, as a second process does.
 */
export function sqlitePrimitives(): SqlitePrimitives & { another(): StorePrimitives; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'scim-primitives-'));
  const databases: Database.Database[] = [];
  const open = (): Database.Database => {
    const database = new Database(join(folder, 'records.db'));
    databases.push(database);
    database.exec('pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = off');
    return database;
  };
  const first = open();
  first.exec(schema);
  return {
    ...overDatabase(first),
    another: () => overDatabase(open()).primitives,
    close: () => {
      for (const database of databases) database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function overDatabase(database: Database.Database): SqlitePrimitives {
  let breakIn: number | undefined;
  let breaksPermanently = false;
  const rows = (text: string, ...values: unknown[]): StoreRecord[] =>
    (database.prepare(text).all(...values) as { json: string }[]).map(({ json }) => JSON.parse(json) as StoreRecord);

  const run = (text: string, ...values: unknown[]): number => {
    if (breakIn !== undefined && (--breakIn === 0 || (breakIn < 0 && breaksPermanently)))
      throw new Error('disk I/O error');
    return database.prepare(text).run(...values).changes;
  };
  const transaction = async <T>(work: () => T): Promise<T> => {
    await pause();
    database.exec('begin immediate');
    try {
      const result = work();
      database.exec('commit');
      return result;
    } catch (error) {
      database.exec('rollback');
      throw error;
    }
  };
  const saveKeys = ({ tenant, type, id, keys }: StoreRecord, index: RecordIndex): void => {
    run('delete from keys where tenant = ? and id = ?', tenant, id);
    run('delete from entries where tenant = ? and id = ?', tenant, id);
    for (const [path, value] of Object.entries(keys)) {
      const added = run('insert or ignore into keys values (?, ?, ?, ?, ?)', tenant, type, path, value, id);
      if (added === 0) throw new ConflictError(path);
    }
    for (const [path, values] of Object.entries(index))
      for (const value of values) run('insert into entries values (?, ?, ?, ?, ?)', tenant, type, path, value, id);
  };

  return {
    breakAt: (nth, permanently = false) => {
      breakIn = nth;
      breaksPermanently = permanently;
    },
    primitives: {
      insert: (record, index) =>
        transaction(() => {
          const { tenant, id, type, version } = record;
          run('insert into records values (?, ?, ?, ?, ?)', tenant, id, type, version, JSON.stringify(record));
          saveKeys(record, index);
        }),
      find: async (tenant, ids) => {
        await pause();
        return rows(
          'select json from records where tenant = ? and id in (select value from json_each(?))',
          tenant,
          JSON.stringify(ids),
        );
      },
      replaceIf: (record, version, index) =>
        transaction(() => {
          const { tenant, id, type } = record;
          const replaced = run(
            'update records set type = ?, version = ?, json = ? where tenant = ? and id = ? and version = ?',
            ...[type, record.version, JSON.stringify(record), tenant, id, version],
          );
          if (replaced === 0) return false;
          saveKeys(record, index);
          return true;
        }),
      remove: (tenant, id) =>
        transaction(() => {
          for (const table of ['records', 'keys', 'entries'])
            run(`delete from ${table} where tenant = ? and id = ?`, tenant, id);
        }),
      scan: async ({ tenant, type, where }) => {
        await pause();
        if (where === undefined) return rows('select json from records where tenant = ? and type = ?', tenant, type);
        return rows(
          `select json from records where tenant = ? and id in (
             select id from entries where tenant = ? and type = ? and path = ?
             and value in (select value from json_each(?)))`,
          ...[tenant, tenant, type, where.path, JSON.stringify(where.values)],
        );
      },
    },
  };
}

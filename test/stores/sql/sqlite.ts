import Database from 'libsql';
import { Kysely, SqliteDialect, type SqliteDatabase } from 'kysely';

/**
 * An empty SQLite database in memory, whose nth write from now on can be made to fail, once or with all after it.
 *
 * @param onStatement is called with the text of each statement
 */
export function sqlite(onStatement?: (text: string) => void): {
  readonly db: Kysely<unknown>;
  breakAt(nth: number | undefined, permanently?: boolean): void;
} {
  const database = new Database(':memory:');
  database.exec('pragma foreign_keys = on');
  let left: number | undefined;
  let lasts = false;
  const wrapped: SqliteDatabase = {
    close: () => database.close(),
    prepare(text: string) {
      onStatement?.(text);
      if (left !== undefined && /^\s*(?:insert|update|delete)/i.test(text) && --left <= 0) {
        if (!lasts) left = undefined;
        throw new Error('This write was made to fail.');
      }
      const statement = database.prepare(text);
      const { reader } = statement as unknown as { readonly reader: boolean };
      return {
        reader,
        all: (parameters) => statement.all(...(parameters as unknown[])),
        run: (parameters) => statement.run(...(parameters as unknown[])) as never,
        iterate: (parameters) => statement.iterate(...(parameters as unknown[])) as never,
      };
    },
  };
  return {
    db: new Kysely({ dialect: new SqliteDialect({ database: wrapped }) }),
    breakAt: (nth, permanently = false) => {
      left = nth;
      lasts = permanently;
    },
  };
}

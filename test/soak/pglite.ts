import { PGlite } from '@electric-sql/pglite';
import { Kysely, PostgresDialect } from 'kysely';

/**
 * PostgreSQL inside this process: one connection, handed out to one at a time.
 *
 * @param onStatement is called with the text of each statement
 */
export function pglite(onStatement?: (text: string) => void): Kysely<unknown> {
  const database = new PGlite();
  let last: Promise<unknown> = Promise.resolve();
  const connect = async () => {
    const before = last;
    let release = (): void => undefined;
    last = new Promise<void>((resolve) => (release = resolve));
    await before;
    const query = async (text: string, values: readonly unknown[] = []) => {
      onStatement?.(text);
      const { rows, affectedRows } = await database.query<Record<string, unknown>>(text, [...values]);
      const command = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? '';
      return { command, rowCount: command === 'SELECT' ? rows.length : (affectedRows ?? 0), rows };
    };
    return { query, release };
  };
  return new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: { connect, end: () => database.close() } as never }),
  });
}

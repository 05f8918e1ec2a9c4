import Database from 'libsql';

type Value = string | number | null;

/** One connection to a database in memory, behind an asynchronous face: transactions wait for each other, as writers of SQLite do. */
export class SlowDatabase {
  readonly #database: Database.Database;
  #last: Promise<unknown> = Promise.resolve();
  #breakIn: number | undefined;
  #staysBroken = false;

  constructor(schema: string) {
    this.#database = new Database(':memory:');
    this.#database.exec(`pragma foreign_keys = on; ${schema}`);
  }

  breakAt(nth: number | undefined, permanently = false): void {
    this.#breakIn = nth;
    this.#staysBroken = permanently;
  }

  /** All or nothing, alone with the data until it ends. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      this.#database.exec('begin immediate');
      try {
        const value = await work(this.#sql);
        this.#database.exec('commit');
        return value;
      } catch (error) {
        this.#database.exec('rollback');
        throw error;
      }
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  readonly #sql: Sql = {
    all: async (text, ...values) => {
      await pause();
      return this.#database.prepare(text).all(...values) as Row[];
    },
    run: async (text, ...values) => {
      await pause();
      if (this.#breakIn !== undefined && --this.#breakIn <= 0) {
        if (!this.#staysBroken) this.#breakIn = undefined;
        throw new Error('The connection was lost.');
      }
      const { changes, lastInsertRowid } = this.#database.prepare(text).run(...values);
      return { changes, id: Number(lastInsertRowid) };
    },
  };
}

export type Row = Readonly<Record<string, Value>>;

export interface Sql {
  all(text: string, ...values: Value[]): Promise<Row[]>;
  run(text: string, ...values: Value[]): Promise<{ readonly changes: number; readonly id: number }>;
}

let turns = 1;

/** As if the data were elsewhere: calls wait for one to five turns of the event loop, and so overtake each other. */
export async function pause(): Promise<void> {
  turns = (turns * 48_271) % 2_147_483_647;
  for (let i = turns % 5; i >= 0; i--) await new Promise((resolve) => setImmediate(resolve));
}

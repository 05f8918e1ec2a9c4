// Takes the place of your database and its client: Maps behind asynchronous calls, so that the template runs without a
// database. Replace it with the client of your database. Apart from `store.ts` and `server.ts`, which pass it on, only
// `primitives.ts` uses it.
/** The contents of the database: three tables, or three kinds of keys in a key-value store. */
export interface Tables {
  /** Records as JSON text, by tenant and id. */
  readonly records: Map<string, string>;
  /** The unique index: the id of the record that has a key, by tenant, type, path and normalized value. */
  readonly uniqueKeys: Map<string, string>;
  /** The index for lookups: ids of records, by tenant, type, path and normalized value. */
  readonly entries: Map<string, Set<string>>;
}

/** A database whose `atomic` is one step: a transaction, a stored procedure or a script. */
export class Database {
  readonly #tables: Tables = { records: new Map(), uniqueKeys: new Map(), entries: new Map() };

  /**
   * Runs one step on the tables, which no other call sees half done. This database cannot roll back, so a step must not
   * change anything before it throws.
   */
  async atomic<T>(step: (tables: Tables) => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    return step(this.#tables);
  }
}

// Stands for your database and its client. It is a memory of the process behind asynchronous calls, so that the template
// runs as it is. Replace it with the client of your database: nothing but `primitives.ts` uses it.
import type { StoreRecord } from 'express-scim/stores';

/** What the database holds. Three tables, or three kinds of keys of a key-value store. */
export interface Tables {
  /** Records by tenant and id. */
  readonly records: Map<string, StoreRecord>;
  /** The unique index: the id of the record that has a key, by tenant, type, path and normalized value. */
  readonly uniqueKeys: Map<string, string>;
  /** The index for lookups: ids of records, by tenant, type, path and normalized value. */
  readonly entries: Map<string, Set<string>>;
}

/** A database whose `atomic` is one step: a transaction, a stored procedure or a script. */
export class Database {
  readonly #tables: Tables = { records: new Map(), uniqueKeys: new Map(), entries: new Map() };

  /**
   * Runs one step on the tables. Nobody sees it half done. In this database a step that throws must not have changed
   * anything; a transaction would be rolled back.
   */
  async atomic<T>(step: (tables: Tables) => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    return step(this.#tables);
  }
}

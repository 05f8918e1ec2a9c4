import { ConflictError } from '../../../src/errors.js';
import type { RecordIndex, RecordQuery, StorePrimitives, StoreRecord } from '../../../src/stores/index.js';
import { pause } from './slow-database.js';

/** Records in a Map that several stores may share, as processes share a database. */
export class RecordMap {
  /** The nth write from now on fails; undefined: none does. */
  breakIn: number | undefined;
  /** Whether all writes after it fail as well. */
  breaksPermanently = false;
  readonly records = new Map<string, StoreRecord>();
  readonly #indexes = new Map<string, RecordIndex>();
  /** Whether `scan` ignores the hint and returns everything of the type. */
  readonly #isIndexed: boolean;

  constructor(isIndexed = true) {
    this.#isIndexed = isIndexed;
  }

  /** @param losing whether this call of `replaceIf` shall find that another process was faster */
  primitives(losing: () => boolean = () => false): StorePrimitives {
    return {
      insert: async (record, index) => {
        await this.#write();
        if (this.records.has(keyOf(record.tenant, record.id))) throw new Error('The id exists.');
        this.#put(record, index);
      },
      find: async (tenant, ids) => {
        await pause();
        return ids.flatMap((id) => structuredClone(this.records.get(keyOf(tenant, id))) ?? []);
      },
      replaceIf: async (record, version, index) => {
        await this.#write();
        if (losing() || this.records.get(keyOf(record.tenant, record.id))?.version !== version) return false;
        this.#put(record, index);
        return true;
      },
      remove: async (tenant, id) => {
        await this.#write();
        this.records.delete(keyOf(tenant, id));
      },
      scan: (query) => this.#scan(query),
    };
  }

  async *#scan({ tenant, type, where }: RecordQuery): AsyncIterable<StoreRecord> {
    await pause();
    for (const [key, record] of [...this.records]) {
      if (record.tenant !== tenant || record.type !== type) continue;
      const found = where === undefined ? undefined : this.#indexes.get(key)?.[where.path];
      const fits = where?.values.some((value) => found?.includes(value)) ?? true;
      if (fits || !this.#isIndexed) yield structuredClone(record);
    }
  }

  async #write(): Promise<void> {
    await pause();
    if (this.breakIn === undefined) return;
    this.breakIn--;
    if (this.breakIn === 0 || (this.breakIn < 0 && this.breaksPermanently)) throw new Error('The connection was lost.');
  }

  #put(record: StoreRecord, index: RecordIndex): void {
    for (const other of this.records.values()) {
      if (other.tenant !== record.tenant || other.type !== record.type || other.id === record.id) continue;
      for (const [path, key] of Object.entries(record.keys))
        if (other.keys[path] === key) throw new ConflictError(path);
    }
    // What a database would store: nothing that JSON does not have, and nothing shared with the caller.
    const stored = JSON.parse(JSON.stringify(record)) as StoreRecord;
    this.records.set(keyOf(record.tenant, record.id), stored);
    this.#indexes.set(keyOf(record.tenant, record.id), structuredClone(index));
  }
}

const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);

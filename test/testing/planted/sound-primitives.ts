import { setImmediate as pause } from 'node:timers/promises';
import { ConflictError } from '../../../src/errors.js';
import type { RecordIndex, RecordQuery, StorePrimitives, StoreRecord } from '../../../src/stores/index.js';

/** What several processes share: records as text, owners of keys, and the index. */
export class Storage {
  readonly records = new Map<string, string>();
  /** The ID of the record that has a key. */
  readonly owners = new Map<string, string>();
  readonly indexes = new Map<string, RecordIndex>();
  #last: Promise<unknown> = Promise.resolve();

  /** One at a time, in whichever process. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** Correct primitives in small asynchronous steps, for faults to replace one of them. */
export class SoundPrimitives implements StorePrimitives {
  protected readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  async insert(record: StoreRecord, index: RecordIndex): Promise<void> {
    await this.locked(async () => {
      if ((await this.read(record.tenant, record.id)) !== undefined) throw new Error('The ID exists.');
      await this.claim(record);
      await this.write(record, index);
    });
  }

  async find(tenant: string, ids: readonly string[]): Promise<StoreRecord[]> {
    const found: StoreRecord[] = [];
    for (const id of ids) {
      const record = this.stored(this.recordKey(tenant, id));
      if (record !== undefined) found.push(record);
    }
    await pause();
    return found;
  }

  async replaceIf(record: StoreRecord, version: number, index: RecordIndex): Promise<boolean> {
    return this.locked(async () => {
      const before = await this.read(record.tenant, record.id);
      if (before === undefined || !this.isVersion(before, version)) return false;
      await this.swapKeys(before, record);
      await this.overwrite(before, record, index);
      return true;
    });
  }

  async remove(tenant: string, id: string): Promise<void> {
    await this.locked(async () => {
      const before = await this.read(tenant, id);
      if (before === undefined) return;
      this.free(before, undefined);
      this.storage.records.delete(this.recordKey(tenant, id));
      this.storage.indexes.delete(this.recordKey(tenant, id));
    });
  }

  async scan(query: RecordQuery): Promise<StoreRecord[]> {
    const found: StoreRecord[] = [];
    for (const key of [...this.storage.records.keys()]) {
      const record = this.stored(key);
      if (record !== undefined && this.isMatch(record, this.storage.indexes.get(key) ?? {}, query)) found.push(record);
    }
    await pause();
    return found;
  }

  protected locked<T>(work: () => Promise<T>): Promise<T> {
    return this.storage.exclusively(work);
  }

  protected recordKey(tenant: string, id: string): string {
    return JSON.stringify([tenant, id]);
  }

  protected uniqueKey(record: StoreRecord, path: string, value: string): string {
    return JSON.stringify([record.tenant, record.type, path, value]);
  }

  protected isVersion(before: StoreRecord, version: number): boolean {
    return before.version === version;
  }

  protected isMatch(record: StoreRecord, index: RecordIndex, { tenant, type, where }: RecordQuery): boolean {
    if (record.tenant !== tenant || record.type !== type) return false;
    return where === undefined || where.values.some((value) => index[where.path]?.includes(value) === true);
  }

  protected async read(tenant: string, id: string): Promise<StoreRecord | undefined> {
    await pause();
    return this.stored(this.recordKey(tenant, id));
  }

  protected async swapKeys(before: StoreRecord, after: StoreRecord): Promise<void> {
    await this.claim(after);
    this.free(before, after);
  }

  protected async claim(record: StoreRecord): Promise<void> {
    for (const [path, key] of this.keysOf(record)) {
      const owner = this.storage.owners.get(key);
      if (owner !== undefined && owner !== record.id) throw new ConflictError(path);
    }
    await pause();
    for (const [, key] of this.keysOf(record)) this.storage.owners.set(key, record.id);
  }

  protected free(before: StoreRecord, after: StoreRecord | undefined): void {
    const kept = new Set(after === undefined ? [] : this.keysOf(after).map(([, key]) => key));
    for (const [, key] of this.keysOf(before)) if (!kept.has(key)) this.storage.owners.delete(key);
  }

  protected async overwrite(_before: StoreRecord, after: StoreRecord, index: RecordIndex): Promise<void> {
    await this.write(after, index);
  }

  protected async write(record: StoreRecord, index: RecordIndex): Promise<void> {
    await pause();
    const key = this.recordKey(record.tenant, record.id);
    this.storage.records.set(key, JSON.stringify(record));
    this.storage.indexes.set(key, structuredClone(index));
  }

  protected stored(key: string): StoreRecord | undefined {
    const text = this.storage.records.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as StoreRecord);
  }

  protected keysOf(record: StoreRecord): readonly (readonly [path: string, key: string])[] {
    return Object.entries(record.keys).map(([path, value]) => [path, this.uniqueKey(record, path, value)]);
  }
}

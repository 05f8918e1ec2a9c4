/** Faults of the five operations that only a second process shows. */
import { ConflictError } from '../../../src/errors.js';
import type { RecordIndex, RecordQuery, StoreRecord } from '../../../src/stores/index.js';
import type { FaultyPrimitives } from './primitives.js';
import { SoundPrimitives, type Storage } from './sound-primitives.js';

/** What a storage forgets, or finds again, when a process opens it that already has records. */
const opening = (mistake: (storage: Storage, past: Past) => void): typeof SoundPrimitives =>
  class extends SoundPrimitives {
    readonly #past: Past;
    constructor(storage: Storage) {
      super(storage);
      this.#past = pastOf.get(storage) ?? { records: new Map(), owners: new Map() };
      pastOf.set(storage, this.#past);
      if (storage.records.size > 0) mistake(storage, this.#past);
    }
    protected override async claim(record: StoreRecord): Promise<void> {
      await super.claim(record);
      for (const [, key] of this.keysOf(record)) this.#past.owners.set(key, record.id);
    }
    protected override async write(record: StoreRecord, index: RecordIndex): Promise<void> {
      await super.write(record, index);
      const key = this.recordKey(record.tenant, record.id);
      const versions = this.#past.records.get(key) ?? [];
      this.#past.records.set(key, [...versions, this.storage.records.get(key) ?? '']);
    }
  };

/** All that was ever written to a storage. */
interface Past {
  readonly records: Map<string, readonly string[]>;
  readonly owners: Map<string, string>;
}

const pastOf = new WeakMap<Storage, Past>();

export const handleFaults: readonly FaultyPrimitives[] = [
  {
    what: 'opening the storage forgets who has which key',
    caughtBy: ['reopened-keys-taken'],
    needsAnother: true,
    primitives: opening((storage) => storage.owners.clear()),
  },
  {
    what: 'opening the storage forgets the index',
    caughtBy: ['reopened-scan-hint'],
    needsAnother: true,
    primitives: opening((storage) => storage.indexes.clear()),
  },
  {
    what: 'opening the storage restores removed records',
    caughtBy: ['reopened-find', 'reopened-scan'],
    needsAnother: true,
    primitives: opening((storage, { records }) => {
      for (const [key, versions] of records) storage.records.set(key, versions.at(-1) ?? '');
    }),
  },
  {
    what: 'opening the storage restores records as they were inserted',
    caughtBy: ['reopened-find', 'reopened-scan', 'reopened-write'],
    needsAnother: true,
    primitives: opening((storage, { records }) => {
      for (const key of storage.records.keys()) storage.records.set(key, records.get(key)?.[0] ?? '');
    }),
  },
  {
    what: 'opening the storage takes keys again that were freed',
    caughtBy: ['reopened-keys-freed'],
    needsAnother: true,
    primitives: opening((storage, { owners }) => {
      for (const [key, id] of owners) storage.owners.set(key, id);
    }),
  },
  {
    what: 'opening the storage loses all records',
    caughtBy: ['reopened-find', 'reopened-scan', 'reopened-write'],
    needsAnother: true,
    primitives: opening((storage) => storage.records.clear()),
  },
  {
    what: 'a process removes no record that it has not seen',
    caughtBy: ['reopened-remove'],
    needsAnother: true,
    primitives: class extends SoundPrimitives {
      readonly #seen = new Set<string>();
      protected override stored(key: string): StoreRecord | undefined {
        this.#seen.add(key);
        return super.stored(key);
      }
      override async remove(tenant: string, id: string): Promise<void> {
        if (this.#seen.has(this.recordKey(tenant, id))) await super.remove(tenant, id);
      }
    },
  },
  {
    what: 'a process keeps what it has scanned',
    caughtBy: ['handles-scan', 'handles-scan-hint'],
    needsAnother: true,
    primitives: class extends SoundPrimitives {
      readonly #scans = new Map<string, StoreRecord[]>();
      override async scan(query: RecordQuery): Promise<StoreRecord[]> {
        const key = JSON.stringify(query);
        const found = this.#scans.get(key) ?? (await super.scan(query));
        this.#scans.set(key, found);
        return found;
      }
    },
  },
  {
    what: 'a process keeps the index that it has read',
    caughtBy: ['handles-scan-hint'],
    needsAnother: true,
    primitives: class extends SoundPrimitives {
      readonly #indexes = new Map<string, RecordIndex>();
      protected override isMatch(record: StoreRecord, index: RecordIndex, query: RecordQuery): boolean {
        const known = this.#indexes.get(record.id) ?? index;
        this.#indexes.set(record.id, known);
        return super.isMatch(record, known, query);
      }
    },
  },
  {
    what: 'a process reads the keys once',
    caughtBy: ['handles-keys'],
    needsAnother: true,
    primitives: class extends SoundPrimitives {
      #owners: ReadonlyMap<string, string> | undefined;
      override scan(query: RecordQuery): Promise<StoreRecord[]> {
        this.#owners ??= new Map(this.storage.owners);
        return super.scan(query);
      }
      protected override async claim(record: StoreRecord): Promise<void> {
        if (this.#owners === undefined) return super.claim(record);
        for (const [path, key] of this.keysOf(record)) if (this.#owners.has(key)) throw new ConflictError(path);
      }
    },
  },
];

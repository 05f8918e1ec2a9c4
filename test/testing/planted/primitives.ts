/** Faults in the five operations under storeOver. */
import { setImmediate as pause } from 'node:timers/promises';
import { ConflictError } from '../../../src/errors.js';
import type { RecordIndex, RecordQuery, StoreRecord } from '../../../src/stores/index.js';
import { handleFaults } from './primitives-handles.js';
import { textFaults } from './primitives-texts.js';
import { SoundPrimitives, Storage } from './sound-primitives.js';

/** Primitives with one fault. */
export interface FaultyPrimitives {
  /** What their author did wrong. */
  readonly what: string;
  /** The test cases that must catch it; others may catch it too. */
  readonly caughtBy: readonly string[];
  readonly primitives: typeof SoundPrimitives;
  /** Whether only a second handle shows it. */
  readonly needsAnother?: boolean;
}

const versionFaults: readonly FaultyPrimitives[] = [
  {
    what: 'replaceIf never compares the version',
    caughtBy: ['replace-if-stale', 'replace-if-stale-keys', 'replace-if-parallel', 'replace-if-lost-update'],
    primitives: class extends SoundPrimitives {
      protected override isVersion(): boolean {
        return true;
      }
    },
  },
  {
    what: 'the version is compared outside of the lock',
    caughtBy: ['replace-if-parallel', 'replace-if-lost-update'],
    primitives: class extends SoundPrimitives {
      override async replaceIf(record: StoreRecord, version: number, index: RecordIndex): Promise<boolean> {
        const before = await this.read(record.tenant, record.id);
        if (before?.version !== version) return false;
        return this.locked(async () => {
          await this.swapKeys(before, record);
          await this.overwrite(before, record, index);
          return true;
        });
      }
    },
  },
  {
    what: 'every process has a lock of its own',
    caughtBy: ['insert-keys-parallel', 'replace-if-parallel', 'replace-if-lost-update'],
    needsAnother: true,
    primitives: class extends SoundPrimitives {
      readonly #own = new Storage();
      protected override locked<T>(work: () => Promise<T>): Promise<T> {
        return this.#own.exclusively(work);
      }
    },
  },
  {
    what: 'every process keeps what it has read',
    caughtBy: ['find-two-handles'],
    needsAnother: true,
    primitives: class extends SoundPrimitives {
      readonly #cache = new Map<string, StoreRecord[]>();
      override async find(tenant: string, ids: readonly string[]): Promise<StoreRecord[]> {
        const key = JSON.stringify([tenant, ids]);
        const found = this.#cache.get(key) ?? (await super.find(tenant, ids));
        if (found.length > 0) this.#cache.set(key, found);
        return found;
      }
    },
  },
  {
    what: 'a newer version is accepted',
    caughtBy: ['replace-if-stale'],
    primitives: class extends SoundPrimitives {
      protected override isVersion(before: StoreRecord, version: number): boolean {
        return version >= before.version;
      }
    },
  },
  {
    what: 'replaceIf inserts a record that does not exist',
    caughtBy: ['replace-if-missing'],
    primitives: class extends SoundPrimitives {
      override async replaceIf(record: StoreRecord, version: number, index: RecordIndex): Promise<boolean> {
        const [before] = await this.find(record.tenant, [record.id]);
        if (before !== undefined) return super.replaceIf(record, version, index);
        await this.insert(record, index);
        return true;
      }
    },
  },
  {
    what: 'a taken key is reported before another version',
    caughtBy: ['replace-if-stale-keys'],
    primitives: class extends SoundPrimitives {
      protected override isVersion(before: StoreRecord, version: number): boolean {
        return before.version === version || before.version === version + 1;
      }
      protected override async swapKeys(before: StoreRecord, after: StoreRecord): Promise<void> {
        await this.claim(after);
        this.free(before, after);
      }
    },
  },
  {
    what: 'replaceIf returns true for another version, and writes nothing',
    caughtBy: ['replace-if-stale', 'replace-if-parallel', 'replace-if-lost-update'],
    primitives: class extends SoundPrimitives {
      override async replaceIf(record: StoreRecord, version: number, index: RecordIndex): Promise<boolean> {
        await super.replaceIf(record, version, index);
        return true;
      }
    },
  },
  {
    what: 'a record is merged into the stored one',
    caughtBy: ['replace-if-whole'],
    primitives: class extends SoundPrimitives {
      protected override async overwrite(before: StoreRecord, after: StoreRecord, index: RecordIndex): Promise<void> {
        await this.write({ ...after, attributes: { ...before.attributes, ...after.attributes } }, index);
      }
    },
  },
  {
    what: 'the type of a record never changes',
    caughtBy: ['replace-if-whole', 'scan-changed-type'],
    primitives: class extends SoundPrimitives {
      protected override async overwrite(before: StoreRecord, after: StoreRecord, index: RecordIndex): Promise<void> {
        await this.write({ ...after, type: before.type }, index);
      }
    },
  },
];

const keyFaults: readonly FaultyPrimitives[] = [
  {
    what: 'replaceIf frees the old keys before it claims the new ones',
    caughtBy: ['replace-if-keys-refused-keeps-old'],
    primitives: class extends SoundPrimitives {
      protected override async swapKeys(before: StoreRecord, after: StoreRecord): Promise<void> {
        this.free(before, after);
        await this.claim(after);
      }
    },
  },
  {
    what: 'keys are claimed one by one, and kept where a later one is taken',
    caughtBy: ['insert-refused-keys-free', 'replace-if-keys-refused-frees-new'],
    primitives: class extends SoundPrimitives {
      protected override async claim(record: StoreRecord): Promise<void> {
        for (const [path, key] of this.keysOf(record)) {
          const owner = this.storage.owners.get(key);
          if (owner !== undefined && owner !== record.id) throw new ConflictError(path);
          this.storage.owners.set(key, record.id);
        }
        await pause();
      }
    },
  },
  {
    what: 'keys are claimed before the ID is checked',
    caughtBy: ['insert-id-exists'],
    primitives: class extends SoundPrimitives {
      override async insert(record: StoreRecord, index: RecordIndex): Promise<void> {
        await this.locked(async () => {
          await this.claim(record);
          if ((await this.read(record.tenant, record.id)) !== undefined) throw new Error('The ID exists.');
          await this.write(record, index);
        });
      }
    },
  },
  {
    what: 'a lookup before the insert decides whether a key is free',
    caughtBy: ['insert-keys-parallel'],
    primitives: class extends SoundPrimitives {
      override async insert(record: StoreRecord, index: RecordIndex): Promise<void> {
        await this.claim(record);
        await this.write(record, index);
      }
    },
  },
  {
    what: 'keys are unique over all tenants',
    caughtBy: ['insert-keys-scope'],
    primitives: class extends SoundPrimitives {
      protected override uniqueKey(record: StoreRecord, path: string, value: string): string {
        return JSON.stringify([record.type, path, value]);
      }
    },
  },
  {
    what: 'keys are unique over all types',
    caughtBy: ['insert-keys-scope'],
    primitives: class extends SoundPrimitives {
      protected override uniqueKey(record: StoreRecord, path: string, value: string): string {
        return JSON.stringify([record.tenant, path, value]);
      }
    },
  },
  {
    what: 'keys are unique over all paths',
    caughtBy: ['insert-keys-scope'],
    primitives: class extends SoundPrimitives {
      protected override uniqueKey(record: StoreRecord, _path: string, value: string): string {
        return JSON.stringify([record.tenant, record.type, value]);
      }
    },
  },
  {
    what: 'keys compare without accents',
    caughtBy: ['insert-keys-exact'],
    primitives: class extends SoundPrimitives {
      protected override uniqueKey(record: StoreRecord, path: string, value: string): string {
        return super.uniqueKey(record, path, value.normalize('NFD').replace(/\p{M}/gu, ''));
      }
    },
  },
  {
    what: 'every conflict is one of userName',
    caughtBy: ['insert-keys-taken', 'replace-if-keys-taken'],
    primitives: class extends SoundPrimitives {
      protected override async claim(record: StoreRecord): Promise<void> {
        await super.claim(record).catch(() => {
          throw new ConflictError('userName');
        });
      }
    },
  },
  {
    what: 'a taken key throws the error of the driver',
    caughtBy: ['insert-keys-taken', 'insert-keys-parallel'],
    primitives: class extends SoundPrimitives {
      protected override async claim(record: StoreRecord): Promise<void> {
        await super.claim(record).catch(() => {
          throw new Error('duplicate key value violates unique constraint');
        });
      }
    },
  },
  {
    what: 'replaceIf checks no keys',
    caughtBy: ['replace-if-keys-taken', 'replace-if-keys-parallel'],
    primitives: class extends SoundPrimitives {
      protected override swapKeys(): Promise<void> {
        return Promise.resolve();
      }
    },
  },
  {
    what: 'replaceIf frees no keys',
    caughtBy: ['replace-if-keys-freed', 'replace-if-keys-deleted'],
    primitives: class extends SoundPrimitives {
      protected override swapKeys(_before: StoreRecord, after: StoreRecord): Promise<void> {
        return this.claim(after);
      }
    },
  },
  {
    what: 'replaceIf frees the keys that a record keeps',
    caughtBy: ['replace-if-keys-own'],
    primitives: class extends SoundPrimitives {
      protected override async swapKeys(before: StoreRecord, after: StoreRecord): Promise<void> {
        await this.claim(after);
        this.free(before, undefined);
      }
    },
  },
  {
    what: 'the own key of a record counts as taken',
    caughtBy: ['replace-if-keys-own'],
    primitives: class extends SoundPrimitives {
      protected override async swapKeys(before: StoreRecord, after: StoreRecord): Promise<void> {
        for (const [path, key] of this.keysOf(after)) if (this.storage.owners.has(key)) throw new ConflictError(path);
        await super.swapKeys(before, after);
      }
    },
  },
  {
    what: 'an ID that exists is overwritten',
    caughtBy: ['insert-id-exists', 'insert-id-parallel'],
    primitives: class extends SoundPrimitives {
      override async insert(record: StoreRecord, index: RecordIndex): Promise<void> {
        await this.locked(async () => {
          await this.claim(record);
          await this.write(record, index);
        });
      }
    },
  },
];

const readFaults: readonly FaultyPrimitives[] = [
  {
    what: 'tenants and IDs are joined with a colon',
    caughtBy: ['find-tenants'],
    primitives: class extends SoundPrimitives {
      protected override recordKey(tenant: string, id: string): string {
        return `${tenant}:${id}`;
      }
    },
  },
  {
    what: 'records are found by the ID alone',
    caughtBy: ['find-tenants', 'replace-if-missing', 'remove-tenants'],
    primitives: class extends SoundPrimitives {
      protected override recordKey(_tenant: string, id: string): string {
        return id;
      }
    },
  },
  {
    what: 'an unknown ID is an error',
    caughtBy: ['find-unknown'],
    primitives: class extends SoundPrimitives {
      override async find(tenant: string, ids: readonly string[]): Promise<StoreRecord[]> {
        const found = await super.find(tenant, ids);
        if (found.length < ids.length) throw new Error('Not found.');
        return found;
      }
    },
  },
  {
    what: 'find returns 100 records at most',
    caughtBy: ['find-many'],
    primitives: class extends SoundPrimitives {
      override async find(tenant: string, ids: readonly string[]): Promise<StoreRecord[]> {
        return (await super.find(tenant, ids)).slice(0, 100);
      }
    },
  },
  {
    what: 'find returns no deletions that are not finished',
    caughtBy: ['find-types'],
    primitives: class extends SoundPrimitives {
      override async find(tenant: string, ids: readonly string[]): Promise<StoreRecord[]> {
        return (await super.find(tenant, ids)).filter(({ type }) => !type.startsWith('#'));
      }
    },
  },
  {
    what: 'times are stored in seconds',
    caughtBy: ['insert-whole'],
    primitives: class extends SoundPrimitives {
      protected override async write(record: StoreRecord, index: RecordIndex): Promise<void> {
        await super.write({ ...record, created: record.created.replace(/\.\d+Z$/, 'Z') }, index);
      }
    },
  },
  {
    what: '1,000 members fit into a record',
    caughtBy: ['insert-large'],
    primitives: class extends SoundPrimitives {
      protected override async write(record: StoreRecord, index: RecordIndex): Promise<void> {
        await super.write({ ...record, members: record.members.slice(0, 1_000) }, index);
      }
    },
  },
  {
    what: 'scan returns the first page',
    caughtBy: ['scan-complete'],
    primitives: class extends SoundPrimitives {
      override async scan(query: RecordQuery): Promise<StoreRecord[]> {
        return (await super.scan(query)).slice(0, 50);
      }
    },
  },
  {
    what: 'scan returns records of every type',
    caughtBy: ['scan-types-and-tenants'],
    primitives: class extends SoundPrimitives {
      protected override isMatch(record: StoreRecord, _index: RecordIndex, { tenant }: RecordQuery): boolean {
        return record.tenant === tenant;
      }
    },
  },
  {
    what: 'scan looks for the first value of a hint',
    caughtBy: ['scan-hint', 'scan-hint-members'],
    primitives: class extends SoundPrimitives {
      override scan({ where, ...query }: RecordQuery): Promise<StoreRecord[]> {
        return super.scan({ ...query, where: where && { ...where, values: where.values.slice(0, 1) } });
      }
    },
  },
  {
    what: 'the index is that of the insert',
    caughtBy: ['scan-hint-now'],
    primitives: class extends SoundPrimitives {
      protected override async overwrite(before: StoreRecord, after: StoreRecord): Promise<void> {
        const index = this.storage.indexes.get(this.recordKey(before.tenant, before.id));
        await this.write(after, index ?? {});
      }
    },
  },
  {
    what: 'a replacement removes the record, and then inserts it',
    caughtBy: ['scan-during-writes'],
    primitives: class extends SoundPrimitives {
      protected override async overwrite(before: StoreRecord, after: StoreRecord, index: RecordIndex): Promise<void> {
        this.storage.records.delete(this.recordKey(before.tenant, before.id));
        await pause();
        await this.write(after, index);
      }
    },
  },
];

const removeFaults: readonly FaultyPrimitives[] = [
  {
    what: 'remove does nothing',
    caughtBy: ['remove-gone', 'remove-frees-keys', 'remove-parallel'],
    primitives: class extends SoundPrimitives {
      override remove(): Promise<void> {
        return Promise.resolve();
      }
    },
  },
  {
    what: 'remove leaves the keys',
    caughtBy: ['remove-frees-keys', 'remove-parallel'],
    primitives: class extends SoundPrimitives {
      override async remove(tenant: string, id: string): Promise<void> {
        await this.locked(async () => {
          await pause();
          this.storage.records.delete(this.recordKey(tenant, id));
        });
      }
    },
  },
  {
    what: 'remove of an unknown ID is an error',
    caughtBy: ['remove-again'],
    primitives: class extends SoundPrimitives {
      override async remove(tenant: string, id: string): Promise<void> {
        if ((await this.find(tenant, [id])).length === 0) throw new Error('Not found.');
        await super.remove(tenant, id);
      }
    },
  },
];

/** Keeps records as they are, without a copy. */
class Sharing extends SoundPrimitives {
  protected readonly shared = new Map<string, StoreRecord>();

  protected override async write(record: StoreRecord, index: RecordIndex): Promise<void> {
    await super.write(record, index);
    this.shared.set(this.recordKey(record.tenant, record.id), this.kept(record));
  }

  override async remove(tenant: string, id: string): Promise<void> {
    await super.remove(tenant, id);
    this.shared.delete(this.recordKey(tenant, id));
  }

  protected override stored(key: string): StoreRecord | undefined {
    const record = this.shared.get(key);
    return record && this.returned(record);
  }

  protected kept(record: StoreRecord): StoreRecord {
    return record;
  }

  protected returned(record: StoreRecord): StoreRecord {
    return record;
  }
}

const copyFaults: readonly FaultyPrimitives[] = [
  {
    what: 'the record of the caller is stored',
    caughtBy: ['copies-arguments'],
    primitives: class extends Sharing {
      protected override returned(record: StoreRecord): StoreRecord {
        return structuredClone(record);
      }
    },
  },
  {
    what: 'the stored record is returned',
    caughtBy: ['copies-results'],
    primitives: class extends Sharing {
      protected override kept(record: StoreRecord): StoreRecord {
        return structuredClone(record);
      }
    },
  },
  {
    what: 'the index of the caller is stored',
    caughtBy: ['copies-arguments'],
    primitives: class extends SoundPrimitives {
      protected override async write(record: StoreRecord, index: RecordIndex): Promise<void> {
        await super.write(record, index);
        this.storage.indexes.set(this.recordKey(record.tenant, record.id), index);
      }
    },
  },
  {
    what: 'find sorts the IDs that it gets',
    caughtBy: ['copies-frozen'],
    primitives: class extends SoundPrimitives {
      override find(tenant: string, ids: readonly string[]): Promise<StoreRecord[]> {
        return super.find(tenant, (ids as string[]).sort());
      }
    },
  },
];

export const faultyPrimitives: readonly FaultyPrimitives[] = [
  ...[versionFaults, keyFaults, readFaults, removeFaults, copyFaults, textFaults, handleFaults].flat(),
];

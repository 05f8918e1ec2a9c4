/** Faults of stores that one process alone does not show, and one in a refused rename. */
import { setImmediate as pause } from 'node:timers/promises';
import type { RecordIndex, RecordQuery, StorePrimitives, StoreRecord } from '../../../src/stores/index.js';
import { storeOver } from '../../../src/stores/index.js';
import type { StoreUnderTest } from '../../../src/testing/index.js';
import type { PlantedFault } from './alter.js';
import { faultyPrimitives } from './primitives.js';
import { SoundPrimitives, Storage } from './sound-primitives.js';

/** Two processes over one storage. */
export function twoProcesses(primitives: new (storage: Storage) => StorePrimitives = SoundPrimitives): StoreUnderTest {
  const storage = new Storage();
  return {
    store: storeOver(new primitives(storage)),
    another: () => storeOver(new primitives(storage)),
  };
}

/** The store over primitives with a fault that has this description. */
const over = (what: string) => (): StoreUnderTest => {
  const fault = faultyPrimitives.find((each) => each.what === what);
  if (fault === undefined) throw new Error(`There is no fault "${what}".`);
  return twoProcesses(fault.primitives);
};

export const processFaults: readonly PlantedFault[] = [
  {
    name: 'processes-version',
    what: 'a write does not compare the version',
    caughtBy: ['processes-members', 'processes-lost-update', 'processes-compare-and-swap'],
    create: over('replaceIf never compares the version'),
  },
  {
    name: 'processes-version-race',
    what: 'a write compares the version outside of the lock',
    caughtBy: ['processes-members', 'processes-lost-update', 'processes-compare-and-swap'],
    create: over('the version is compared outside of the lock'),
  },
  {
    name: 'processes-lock',
    what: 'the lock is one of the process',
    caughtBy: ['processes-members', 'processes-user-names', 'processes-compare-and-swap'],
    create: over('every process has a lock of its own'),
  },
  {
    name: 'processes-cache',
    what: 'a process keeps what it has read',
    caughtBy: ['processes-reads', 'processes-update-and-deletion'],
    create: over('every process keeps what it has read'),
  },
  {
    name: 'processes-scans',
    what: 'a process keeps what it has listed',
    caughtBy: ['processes-lists', 'processes-tenants'],
    create: over('a process keeps what it has scanned'),
  },
  {
    name: 'processes-index',
    what: 'a process keeps the index that it has read',
    caughtBy: ['processes-lists', 'processes-tenants'],
    create: over('a process keeps the index that it has read'),
  },
  {
    name: 'processes-tenants',
    what: 'a process reads what others have written of its first tenant alone',
    caughtBy: ['processes-tenants'],
    create: () =>
      twoProcesses(
        class extends SoundPrimitives {
          #first: string | undefined;
          readonly #scans = new Map<string, StoreRecord[]>();
          override async scan(query: RecordQuery): Promise<StoreRecord[]> {
            this.#first ??= query.tenant;
            const key = JSON.stringify(query);
            const found = this.#scans.get(key) ?? (await super.scan(query));
            if (query.tenant !== this.#first) this.#scans.set(key, found);
            return found;
          }
        },
      ),
  },
  {
    name: 'processes-restored',
    what: 'a change restores a user that another process has deleted',
    caughtBy: ['processes-update-and-deletion'],
    create: () =>
      twoProcesses(
        class extends SoundPrimitives {
          override async replaceIf(record: StoreRecord, version: number, index: RecordIndex): Promise<boolean> {
            // Longer than a whole deletion.
            if (record.type === 'User') for (let n = 0; n < 100; n++) await pause();
            const [before] = await this.find(record.tenant, [record.id]);
            if (before !== undefined) return super.replaceIf(record, version, index);
            await this.insert(record, index);
            return true;
          }
        },
      ),
  },
  {
    name: 'processes-membership',
    what: 'a process does not see whether another one has deleted a member that it adds',
    caughtBy: ['processes-member-and-deletion'],
    create: () =>
      twoProcesses(
        class extends SoundPrimitives {
          readonly #seen = new Map<string, StoreRecord>();
          override async find(tenant: string, ids: readonly string[]): Promise<StoreRecord[]> {
            const found = await super.find(tenant, ids);
            return ids.flatMap((id) => {
              const record = found.find((each) => each.id === id);
              if (record?.type === 'User') this.#seen.set(id, record);
              return this.#seen.get(id) ?? record ?? [];
            });
          }
        },
      ),
  },
  {
    name: 'refused-rename-frees',
    what: 'a rename frees the old userName before it claims the new one',
    caughtBy: ['uniqueness-refused-rename'],
    create: over('replaceIf frees the old keys before it claims the new ones'),
  },
];

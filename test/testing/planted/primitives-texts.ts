/** Faults of the five operations in texts and keys, in `created`, and in what remove frees. */
import { setImmediate as pause } from 'node:timers/promises';
import { ConflictError } from '../../../src/errors.js';
import type { RecordIndex, RecordQuery, StoreRecord } from '../../../src/stores/index.js';
import type { FaultyPrimitives } from './primitives.js';
import { SoundPrimitives } from './sound-primitives.js';

/** Everything written keeps, in place of a text, what this makes of it. */
const storing = (change: (record: StoreRecord) => StoreRecord): typeof SoundPrimitives =>
  class extends SoundPrimitives {
    protected override write(record: StoreRecord, index: RecordIndex): Promise<void> {
      return super.write(change(record), index);
    }
  };

const titled =
  (change: (title: string) => string) =>
  (record: StoreRecord): StoreRecord => {
    const { title } = record.attributes as { readonly title?: string };
    return title === undefined ? record : { ...record, attributes: { ...record.attributes, title: change(title) } };
  };

/** Keys compare after this change. */
const comparing = (change: (key: string) => string): typeof SoundPrimitives =>
  class extends SoundPrimitives {
    protected override uniqueKey(record: StoreRecord, path: string, value: string): string {
      return super.uniqueKey(record, path, change(value));
    }
  };

export const textFaults: readonly FaultyPrimitives[] = [
  ...[191, 255, 1_000].map((length) => ({
    what: `the index of keys has ${String(length)} characters`,
    caughtBy: ['insert-keys-long'],
    primitives: comparing((key) => key.slice(0, length)),
  })),
  {
    what: 'keys compare without letter case',
    caughtBy: ['insert-keys-letter-case'],
    primitives: comparing((key) => key.toLowerCase()),
  },
  {
    what: 'keys compare without blanks at the end',
    caughtBy: ['insert-keys-spaces'],
    primitives: comparing((key) => key.trimEnd()),
  },
  {
    what: 'keys are normalized to NFKC',
    caughtBy: ['insert-keys-compatibility'],
    primitives: comparing((key) => key.normalize('NFKC')),
  },
  {
    what: 'keys are looked up in an object, which has properties of its prototype',
    caughtBy: ['insert-keys-names'],
    primitives: class extends SoundPrimitives {
      protected override async claim(record: StoreRecord): Promise<void> {
        for (const [path, value] of Object.entries(record.keys)) if (value in {}) throw new ConflictError(path);
        await super.claim(record);
      }
    },
  },
  {
    what: 'an empty key counts as none',
    caughtBy: ['insert-keys-empty'],
    primitives: class extends SoundPrimitives {
      protected override keysOf(record: StoreRecord): readonly (readonly [string, string])[] {
        return super.keysOf(record).filter(([path]) => record.keys[path] !== '');
      }
    },
  },
  {
    what: 'a record is one line, and U+2028 ends a line',
    caughtBy: ['insert-line-separators'],
    primitives: storing(titled((title) => title.split('\u2028')[0] ?? '')),
  },
  {
    what: 'a next line character (U+0085) becomes a line feed',
    caughtBy: ['insert-line-separators'],
    primitives: storing(titled((title) => title.replaceAll('\u0085', '\n'))),
  },
  {
    what: 'text is decoded in chunks of 4,096 bytes',
    caughtBy: ['insert-multibyte'],
    primitives: class extends SoundPrimitives {
      protected override stored(key: string): StoreRecord | undefined {
        const bytes = Buffer.from(this.storage.records.get(key) ?? '');
        let text = '';
        for (let at = 0; at < bytes.length; at += 4_096) text += bytes.subarray(at, at + 4_096).toString('utf8');
        return text === '' ? undefined : (JSON.parse(text) as StoreRecord);
      }
    },
  },
  {
    what: 'members keep value and type alone',
    caughtBy: ['insert-member-display'],
    primitives: storing((record) => ({
      ...record,
      members: record.members.map(({ display: _, ...member }) => member),
    })),
  },
  {
    what: 'a replacement keeps the created of the insert',
    caughtBy: ['replace-if-created'],
    primitives: class extends SoundPrimitives {
      protected override async overwrite(before: StoreRecord, after: StoreRecord, index: RecordIndex): Promise<void> {
        await this.write({ ...after, created: before.created }, index);
      }
    },
  },
  {
    what: 'a replacement sets created to the time of the change',
    caughtBy: ['replace-if-created'],
    primitives: class extends SoundPrimitives {
      protected override async overwrite(_: StoreRecord, after: StoreRecord, index: RecordIndex): Promise<void> {
        await this.write({ ...after, created: after.lastModified }, index);
      }
    },
  },
  {
    what: 'scan reads by position',
    caughtBy: ['scan-during-removals'],
    primitives: class extends SoundPrimitives {
      override async scan({ where: _, ...query }: RecordQuery): Promise<StoreRecord[]> {
        const found: StoreRecord[] = [];
        for (let position = 0; position < this.storage.records.size; position += 5) {
          for (const key of [...this.storage.records.keys()].slice(position, position + 5)) {
            const record = this.stored(key);
            if (record !== undefined && this.isMatch(record, {}, query)) found.push(record);
          }
          await pause();
        }
        return found;
      }
    },
  },
  {
    what: 'remove frees the keys of the insert',
    caughtBy: ['remove-frees-keys-of-now'],
    primitives: class extends SoundPrimitives {
      readonly #inserted = new Map<string, StoreRecord>();
      override async insert(record: StoreRecord, index: RecordIndex): Promise<void> {
        await super.insert(record, index);
        this.#inserted.set(record.id, record);
      }
      override async remove(tenant: string, id: string): Promise<void> {
        await super.remove(tenant, id);
        const inserted = this.#inserted.get(id);
        if (inserted !== undefined) this.free(inserted, undefined);
      }
    },
  },
];

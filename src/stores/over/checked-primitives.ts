import { isObject } from '../../contract/is-object.js';
import type { Member } from '../../contract/resource.js';
import type { RecordIndex, RecordQuery, StorePrimitives, StoreRecord } from './primitives.js';
import { usageError } from '../../contract/option-mistakes.js';
import { nextTurn } from '../../contract/turns.js';

/** `find` gets at most this many IDs at once: databases limit the parameters of a statement. */
const idsAtOnce = 500;

/** `scan` lets other requests run after this many records and members: about a millisecond. */
const unitsInATurn = 1_000;

/** Calls the primitives, and checks what they return: a mistake in them must not look like data. */
const page = 'stores.md#a-store-from-five-operations';

export class CheckedPrimitives {
  readonly #primitives: StorePrimitives;

  constructor(primitives: StorePrimitives) {
    const given: unknown = primitives;
    const missing = ['insert', 'find', 'replaceIf', 'remove', 'scan'].filter(
      (name) => !isObject(given) || typeof given[name] !== 'function',
    );
    if (missing.length > 0) {
      const noun = missing.length === 1 ? 'a function' : 'functions';
      throw usageError('storeOver', `the first argument must have ${noun} ${missing.join(', ')}`, page);
    }
    this.#primitives = primitives;
  }

  async insert(record: StoreRecord, index: RecordIndex): Promise<void> {
    await this.#primitives.insert(record, index);
  }

  /** The records with these IDs, by ID. */
  async find(tenant: string, ids: Iterable<string>): Promise<ReadonlyMap<string, StoreRecord>> {
    const distinct = [...new Set(ids)];
    const records = new Map<string, StoreRecord>();
    for (let start = 0; start < distinct.length; start += idsAtOnce) {
      const some = distinct.slice(start, start + idsAtOnce);
      const found: unknown = await this.#primitives.find(tenant, some);
      if (!isIterable(found)) throw usageError('storeOver', 'find must return a list of records', page);
      const asked = new Set(some);
      for (const value of found) {
        const record = parseRecord(value, 'find');
        if (record.tenant !== tenant || !asked.has(record.id))
          throw usageError(
            'storeOver',
            'find returned a record of another tenant, or an ID that it was not given',
            page,
          );
        records.set(record.id, record);
      }
    }
    return records;
  }

  async replaceIf(record: StoreRecord, version: number, index: RecordIndex): Promise<boolean> {
    const replaced: unknown = await this.#primitives.replaceIf(record, version, index);
    if (typeof replaced !== 'boolean')
      throw usageError(
        'storeOver',
        'replaceIf must return true (replaced) or false (another version, or no such record)',
        page,
      );
    return replaced;
  }

  async remove(tenant: string, id: string): Promise<void> {
    await this.#primitives.remove(tenant, id);
  }

  async *scan(query: RecordQuery): AsyncIterable<StoreRecord> {
    const found: unknown = await this.#primitives.scan(query);
    if (!isIterable(found) && !isAsyncIterable(found)) {
      throw usageError('storeOver', 'scan must return a list of records, or an async iterable', page);
    }
    let units = 0;
    for await (const value of found) {
      if (units >= unitsInATurn) {
        units = 0;
        await nextTurn();
      }
      const record = parseRecord(value, 'scan');
      if (record.tenant !== query.tenant || record.type !== query.type)
        throw usageError('storeOver', 'scan returned a record of another tenant or type', page);
      units += 1 + record.members.length;
      yield record;
    }
  }
}

function parseRecord(value: unknown, primitive: string): StoreRecord {
  const refuse = (field: string): never => {
    throw usageError(
      'storeOver',
      `${primitive} returned a record that differs from what was written: check \`${field}\``,
      page,
    );
  };
  if (!isObject(value)) return refuse('the record itself');
  const { id, tenant, type, version, created, lastModified, attributes, keys, members } = value;
  for (const [field, text] of Object.entries({ id, tenant, type, created, lastModified }))
    if (typeof text !== 'string' || text === '') refuse(field);
  if (!Number.isSafeInteger(version)) refuse('version');
  if (!isObject(attributes)) refuse('attributes');
  if (!isObject(keys) || !Object.values(keys).every((key) => typeof key === 'string')) refuse('keys');
  if (!Array.isArray(members) || !members.every(isMember)) refuse('members');
  return value as unknown as StoreRecord;
}

function isMember(value: unknown): value is Member {
  return isObject(value) && typeof value['value'] === 'string' && value['value'] !== '';
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

import type { Attributes } from '../../../contract/attribute.js';
import type { Awaitable } from '../../../contract/awaitable.js';
import { isObject } from '../../../contract/is-object.js';
import {
  deletedType,
  type RecordIndex,
  type RecordQuery,
  type StorePrimitives,
  type StoreRecord,
} from '../../../stores/over/primitives.js';
import { display } from '../../checks.js';
import { isConflict } from '../../conflict.js';
import { ContractViolation } from '../../contract-violation.js';
import { watched } from '../../watched.js';
import { at, StoreContext } from '../side-suite.js';
import { checkOperations, type PrimitivesUnderTest } from './primitives-under-test.js';

/** What a case of primitives works with: empty storage, and shorthand for records. */
export class PrimitivesContext extends StoreContext<StorePrimitives> {
  /** The paths that unique keys are checked under. */
  readonly keyPaths: readonly string[];
  readonly #another: (() => Awaitable<StorePrimitives>) | undefined;
  readonly #beforeCall: () => void;
  #handles: Promise<readonly [StorePrimitives, ...StorePrimitives[]]> | undefined;

  constructor(underTest: PrimitivesUnderTest, keyPaths: readonly string[], beforeCall: () => void) {
    super(watched(underTest.primitives, beforeCall));
    this.keyPaths = keyPaths;
    this.#another = underTest.another?.bind(underTest);
    this.#beforeCall = beforeCall;
  }

  /** A path with a unique key. */
  get keyPath(): string {
    const [path] = this.keyPaths;
    if (path === undefined) return this.skip('no path has a unique key (option keys)');
    return path;
  }

  /** Two paths with unique keys, in both orders: primitives claim them one after the other. */
  get pairsOfKeyPaths(): readonly (readonly [string, string])[] {
    const [first, second] = this.keyPaths;
    if (first === undefined || second === undefined) return this.skip('only one path has a unique key (option keys)');
    return [
      [first, second],
      [second, first],
    ];
  }

  /** Every handle on the storage: two, or one where the suite has no `another`. */
  handles(): Promise<readonly [StorePrimitives, ...StorePrimitives[]]> {
    return (this.#handles ??= this.#open());
  }

  /** Two handles on the storage; the case is skipped where the suite has one. */
  async twoHandles(): Promise<readonly [StorePrimitives, StorePrimitives]> {
    const [first, second] = await this.handles();
    if (second === undefined) return this.skip('several processes are not tested: create returns no `another`');
    return [first, second];
  }

  /** Runs tasks at the same time, each with the next handle. */
  async parallel<T>(count: number, task: (handle: StorePrimitives, n: number) => Promise<T>): Promise<readonly T[]> {
    const handles = await this.handles();
    return Promise.all(Array.from({ length: count }, (_, n) => task(handles[n % handles.length] ?? handles[0], n)));
  }

  /** Inserts a record. @returns it */
  async insert(record: StoreRecord, handle = this.store): Promise<StoreRecord> {
    await handle.insert(record, indexOf(record));
    return record;
  }

  /** Inserts many records, some at a time. */
  async insertAll(records: readonly StoreRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += 20) {
      await Promise.all(records.slice(start, start + 20).map((record) => this.insert(record)));
    }
  }

  async find(id: string, tenant = 'acme', handle = this.store): Promise<StoreRecord | undefined> {
    const [record] = await handle.find(tenant, [id]);
    return record;
  }

  /** What `replaceIf` returns for the record, which follows the one with this version. */
  async replace(record: StoreRecord, version = record.version - 1): Promise<boolean> {
    return this.store.replaceIf(record, version, indexOf(record));
  }

  async scan(query: Partial<RecordQuery> = {}, handle = this.store): Promise<readonly StoreRecord[]> {
    return scanned(handle, { tenant: 'acme', type: 'User', ...query });
  }

  /** The key is taken: an insert with it is refused, and names the path. */
  async taken(path: string, key: string, what: string, handle = this.store): Promise<void> {
    const probe = record({ keys: { [path]: key } });
    const call = async (): Promise<void> => void (await this.insert(probe, handle));
    await this.refused(call, { status: 409, attribute: path }, what);
  }

  /** The key is free: a record with it can be inserted. It is removed again. */
  async free(path: string, key: string, what: string, handle = this.store): Promise<void> {
    const probe = record({ keys: { [path]: key } });
    try {
      await this.insert(probe, handle);
    } catch (error) {
      if (isConflict(error)) this.ok(false, `${what} is not free: an insert with it throws ConflictError`);
      throw error;
    }
    await handle.remove(probe.tenant, probe.id);
  }

  async #open(): Promise<readonly [StorePrimitives, ...StorePrimitives[]]> {
    const second = await this.#another?.();
    if (this.#another !== undefined) checkOperations(second, 'another returned operations');
    return second === undefined ? [this.store] : [this.store, watched(second, this.#beforeCall)];
  }
}

export async function scanned(handle: StorePrimitives, query: RecordQuery): Promise<readonly StoreRecord[]> {
  const records: StoreRecord[] = [];
  for await (const each of await handle.scan(query)) {
    // A hole in the result would otherwise fail the case at a place that says nothing about scan.
    const found: unknown = each;
    if (!isObject(found)) throw new ContractViolation(`scan returned ${display(found)} among its records`);
    records.push(each);
  }
  return records;
}

let ids = 0;

/** An ID that no other record has, and that a column of the type uuid takes. */
export function newId(): string {
  return `00000000-0000-4000-8000-${(++ids).toString(16).padStart(12, '0')}`;
}

/** A record of a new user, unless `more` says otherwise. */
export function record(more: Partial<StoreRecord> = {}): StoreRecord {
  const time = at(0).toISOString();
  return {
    id: newId(),
    tenant: 'acme',
    type: 'User',
    version: 1,
    created: time,
    lastModified: time,
    attributes: {},
    keys: {},
    members: [],
    ...more,
  };
}

/** The record after a change. */
export function changed(before: StoreRecord, more: Partial<StoreRecord>): StoreRecord {
  return { ...before, version: before.version + 1, lastModified: at(before.version).toISOString(), ...more };
}

/** The record as a deletion leaves it. */
export function deleted(before: StoreRecord): StoreRecord {
  return changed(before, { type: deletedType, attributes: {}, keys: {}, members: [] });
}

/** What a record is found by: its keys, its displayName and its members. */
export function indexOf({ keys, attributes, members }: StoreRecord): RecordIndex {
  const { displayName } = attributes as Attributes & { readonly displayName?: string };
  return {
    ...Object.fromEntries(Object.entries(keys).map(([path, key]) => [path, [key]])),
    ...(displayName !== undefined && { displayName: [displayName.toLowerCase()] }),
    ...(members.length > 0 && { 'members.value': members.map(({ value }) => value) }),
  };
}

/** The IDs of records, in an order of their own. */
export function idsOf(records: Iterable<StoreRecord>): readonly string[] {
  return [...records].map(({ id }) => id).sort();
}

import { type Collection, type Db, type Document, MongoClient } from 'mongodb';
import type { ChangeEvent } from '../../../src/contract/event.js';
import { createScimIndexes, mongoStore, type MongoStore, type MongoStoreOptions } from '../../../src/mongodb.js';
import type { StoreUnderTest } from '../../../src/testing/index.js';

/** The server of the tests: `.ci/mongodb.sh start DIR` starts one. */
export const url = process.env['MONGODB_URL'];

const writes: ReadonlySet<string | symbol> = new Set([
  'insertOne',
  'updateOne',
  'updateMany',
  'findOneAndUpdate',
  'deleteOne',
]);

/** When writes fail. */
interface Fault {
  /** Makes the nth write from now on fail; undefined: none fails. */
  breakAt(nth: number | undefined): void;
  /** Makes the nth write and all later ones fail. */
  breakFrom(nth: number | undefined): void;
  /** Called before each write. */
  before: ((write: string, call: readonly unknown[]) => Promise<void>) | undefined;
}

/** The same database, whose writes can be made to fail. */
export function breakable(db: Db): { readonly db: Db; readonly fault: Fault } {
  let left: number | undefined;
  let isLasting = false;
  const fault: Fault = {
    before: undefined,
    breakAt: (nth) => {
      left = nth;
      isLasting = false;
    },
    breakFrom: (nth) => {
      left = nth;
      isLasting = true;
    },
  };
  const failing = (collection: Collection): Collection =>
    new Proxy(collection, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        const method = value as (...args: unknown[]) => unknown;
        if (!writes.has(property)) return (...args: unknown[]) => method.apply(target, args.map(withoutImitation));
        return async (...args: unknown[]) => {
          await fault.before?.(String(property), args);
          if (left !== undefined && --left <= 0) {
            if (!isLasting) left = undefined;
            throw new Error('This write was made to fail.');
          }
          return method.apply(target, args.map(withoutImitation));
        };
      },
    });
  const faulty = new Proxy(db, {
    get(target, property) {
      if (property === 'collection') {
        return (...args: Parameters<Db['collection']>) => failing(target.collection(...args));
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  return { db: faulty, fault };
}

/** Sessions of a server that has none: the driver must not see them. */
export const imitations = new WeakSet<object>();

function withoutImitation(argument: unknown): unknown {
  if (typeof argument !== 'object' || argument === null || !('session' in argument)) return argument;
  const { session, ...options } = argument;
  return typeof session === 'object' && session !== null && imitations.has(session) ? options : argument;
}

/** The collections of one test file, in a database of its own. */
export class TestDatabase {
  readonly client: MongoClient;
  readonly db: Db;
  #collections = 0;

  constructor(at: string) {
    this.client = new MongoClient(at, { maxPoolSize: 10 });
    this.db = this.client.db(`scim_test_${String(process.pid)}_${String(++databases)}`);
  }

  /** An empty store over a collection of its own. */
  async make(options: MongoStoreOptions = {}): Promise<MadeStore> {
    const collection = `resources_${String(++this.#collections)}`;
    await createScimIndexes(this.db, { collection });
    const { db, fault } = breakable(this.db);
    const documents = this.db.collection<Document & { readonly _id: string }>(collection);
    return {
      store: mongoStore(db, { collection, ...options }),
      another: () => mongoStore(breakable(this.db).db, { collection, ...options }),
      collection,
      documents,
      fault,
      breakAt: fault.breakAt,
      anyAttribute: true,
      ...(options.outbox === true && { outbox: () => savedEvents(documents) }),
      drop: async () => {
        await documents.drop();
      },
    };
  }

  async close(): Promise<void> {
    await this.db.dropDatabase();
    await this.client.close();
  }
}

let databases = 0;

/** A store of a test. */
export interface MadeStore extends StoreUnderTest {
  readonly store: MongoStore;
  readonly collection: string;
  readonly documents: Collection<Document & { readonly _id: string }>;
  readonly fault: Fault;
  drop(): Promise<void>;
}

async function savedEvents(
  documents: Collection<Document & { readonly _id: string }>,
): Promise<readonly ChangeEvent[]> {
  const found = await documents.find({ 'outbox.place': { $gt: '' } }).toArray();
  return found
    .flatMap(({ outbox }) => outbox as readonly { readonly place: string; readonly event: string }[])
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ event }) => JSON.parse(event) as ChangeEvent);
}

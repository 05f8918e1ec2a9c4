import { isSameJson } from '../../../src/schema/equal.js';
import { pause } from './slow-database.js';

export interface Document {
  readonly _id: string;
  readonly [field: string]: unknown;
}
/** Field by dotted path: a value to equal, or `$ne` and `$exists`; `$or` of such. */
export interface DocumentFilter {
  readonly [path: string]: unknown;
  readonly $or?: readonly DocumentFilter[];
}
export interface DocumentUpdate {
  readonly $set?: Readonly<Record<string, unknown>>;
  readonly $unset?: Readonly<Record<string, true>>;
  readonly $inc?: Readonly<Record<string, number>>;
}
export class DuplicateKeyError extends Error {}

/**
 * As much of a document database as the trial needs: each call is atomic on one document and takes a turn of the event
 * loop, paths are split at every dot, unique indexes hold strings, and transactions run one after the other.
 */
export class DocumentDatabase {
  breakIn: number | undefined;
  /** Whether the writes after the one that fails fail too. */
  staysBroken = false;
  readonly #collections: DocumentCollection[] = [];
  #last: Promise<unknown> = Promise.resolve();

  collection(...unique: readonly (readonly string[])[]): DocumentCollection {
    const made = new DocumentCollection(this, unique);
    this.#collections.push(made);
    return made;
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      const saved = this.#collections.map((collection) => new Map(collection.documents));
      try {
        return await work();
      } catch (error) {
        this.#collections.forEach((collection, i) => (collection.documents = saved[i] ?? new Map()));
        throw error;
      }
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}

export class DocumentCollection {
  documents = new Map<string, Document>();
  readonly #database: DocumentDatabase;
  readonly #unique: readonly (readonly string[])[];

  constructor(database: DocumentDatabase, unique: readonly (readonly string[])[]) {
    this.#database = database;
    this.#unique = unique;
  }

  async find(filter: DocumentFilter): Promise<Document[]> {
    await pause();
    return [...this.documents.values()].filter((document) => fits(document, filter));
  }

  async insertOne(document: Document): Promise<void> {
    await this.#write();
    this.#put(document);
  }

  /** The document before and after; undefined where none fits. */
  async findOneAndUpdate(
    filter: DocumentFilter,
    update: DocumentUpdate,
  ): Promise<{ readonly before: Document; readonly after: Document } | undefined> {
    await this.#write();
    const before = [...this.documents.values()].find((document) => fits(document, filter));
    if (before === undefined) return undefined;
    const after = updated(before, update);
    this.#put(after);
    return { before, after };
  }

  async updateMany(filter: DocumentFilter, update: (document: Document) => DocumentUpdate): Promise<void> {
    await this.#write();
    for (const document of this.documents.values())
      if (fits(document, filter)) this.#put(updated(document, update(document)));
  }

  async findOneAndDelete(filter: DocumentFilter): Promise<Document | undefined> {
    await this.#write();
    const found = [...this.documents.values()].find((document) => fits(document, filter));
    if (found !== undefined) this.documents.delete(found._id);
    return found;
  }

  async #write(): Promise<void> {
    await pause();
    const database = this.#database;
    if (database.breakIn === undefined || --database.breakIn > 0) return;
    if (!database.staysBroken) database.breakIn = undefined;
    throw new Error('The primary stepped down.');
  }

  #put(document: Document): void {
    for (const paths of this.#unique) {
      const key = paths.map((path) => read(document, path));
      if (key.includes(undefined)) continue;
      for (const other of this.documents.values()) {
        if (
          other._id !== document._id &&
          isSameJson(
            paths.map((path) => read(other, path)),
            key,
          )
        )
          throw new DuplicateKeyError(paths.at(-1));
      }
    }
    this.documents.set(document._id, document);
  }
}

function fits(document: Document, filter: DocumentFilter): boolean {
  return Object.entries(filter).every(([path, wanted]) => {
    if (path === '$or') return (wanted as readonly DocumentFilter[]).some((each) => fits(document, each));
    const value = read(document, path);
    if (typeof wanted === 'object' && wanted !== null && '$exists' in wanted)
      return (value !== undefined) === wanted.$exists;
    // Compared as such databases do: members of an object in another order make another value.
    if (typeof wanted === 'object' && wanted !== null && '$ne' in wanted)
      return JSON.stringify(value) !== JSON.stringify(wanted.$ne);
    return JSON.stringify(value) === JSON.stringify(wanted);
  });
}

function read(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, key) =>
        typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
      value,
    );
}

function updated(document: Document, { $set = {}, $unset = {}, $inc = {} }: DocumentUpdate): Document {
  const copy = structuredClone(document) as Record<string, unknown>;
  const place = (path: string): readonly [Record<string, unknown>, string] => {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let inner = copy;
    for (const key of keys) inner = (inner[key] ??= {}) as Record<string, unknown>;
    return [inner, last];
  };
  for (const [path, value] of Object.entries($set)) {
    const [inner, key] = place(path);
    inner[key] = value;
  }
  for (const path of Object.keys($unset)) {
    const [inner, key] = place(path);
    delete inner[key];
  }
  for (const [path, step] of Object.entries($inc)) {
    const [inner, key] = place(path);
    inner[key] = Number(inner[key] ?? 0) + step;
  }
  return copy as Document;
}

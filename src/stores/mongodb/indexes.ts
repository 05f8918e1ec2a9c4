import type { Collection, Db } from 'mongodb';
import type { ResourceDocument } from './document.js';
import { fieldPath } from './field-names.js';
import { checkOptions, mistakeInArgument, type OptionRules } from '../../contract/option-mistakes.js';
import { documentationPage } from '../../documentation.js';

/** Where the resources are. */
export interface CollectionOptions {
  /** Name of the collection. Default `scim_resources`. */
  readonly collection?: string | undefined;
}

/** Options of `createScimIndexes`; all have defaults. */
export interface IndexOptions extends CollectionOptions {
  /**
   * Paths of further attributes that clients filter by: `title`, `urn:...:User:department`. Default: none besides
   * userName, externalId, displayName and emails.value.
   */
  readonly attributes?: readonly string[] | undefined;
}

const indexRules: OptionRules<keyof IndexOptions> = {
  of: 'createScimIndexes',
  page: 'mongodb.md#documents-and-indexes',
  kinds: { collection: 'string', attributes: 'list of strings' },
};

const defaultCollection = 'scim_resources';
const uniqueIndex = 'scim_unique';
const usualAttributes = ['userName', 'externalId', 'displayName', 'emails.value'];

/** Checks the arguments of a function that takes a database and options. @throws TypeError that names every mistake */
export function checkMongo<Name extends string>(db: unknown, options: unknown, rules: OptionRules<Name>): void {
  checkOptions(options, rules, () => [mistakeInArgument(db, 'the first argument', { methods: ['collection'] })]);
}

/** The collection of the resources. Reads go to the primary, because a write is decided by what was read. */
export function resourcesIn(
  db: Db,
  { collection = defaultCollection }: CollectionOptions,
): Collection<ResourceDocument> {
  return db.collection<ResourceDocument>(collection, { readPreference: 'primary', ignoreUndefined: true });
}

/**
 * Creates the indexes that `mongoStore` needs, unless they exist. Without them the store refuses to write: uniqueness
 * depends on one of them.
 *
 * @throws MongoServerError when the database refuses an index
 *
 * @example
 * import type { Db } from 'mongodb';
 * import { createScimIndexes } from 'express-scim/mongodb';
 *
 * export async function prepare(db: Db) {
 *   await createScimIndexes(db, { attributes: ['title'] });
 * }
 */
export async function createScimIndexes(db: Db, options: IndexOptions = {}): Promise<void> {
  checkMongo(db, options, indexRules);
  const resources = resourcesIn(db, options);
  await resources.createIndex({ tenant: 1, unique: 1 }, { name: uniqueIndex, unique: true });
  await resources.createIndex({ tenant: 1, type: 1, _id: 1 }, { name: 'scim_type' });
  await resources.createIndex(
    { tenant: 1, 'members.value': 1 },
    { name: 'scim_members', partialFilterExpression: { type: 'Group' } },
  );
  await resources.createIndex(
    { tenant: 1, swept: 1, due: 1 },
    { name: 'scim_deleted', partialFilterExpression: { due: { $exists: true } } },
  );
  await resources.createIndex(
    { 'outbox.place': 1 },
    { name: 'scim_outbox', partialFilterExpression: { 'outbox.place': { $exists: true } } },
  );
  for (const path of [...usualAttributes, ...(options.attributes ?? [])]) {
    await resources.createIndex(
      { tenant: 1, type: 1, [`normalized.${fieldPath(keysOf(path))}`]: 1, _id: 1 },
      { name: `scim_attribute_${path}` },
    );
  }
}

/** The property names that lead to an attribute. An extension's URN ends at its last colon. */
function keysOf(path: string): readonly string[] {
  const colon = path.lastIndexOf(':');
  const names = path.slice(colon + 1).split('.');
  return colon === -1 ? names : [path.slice(0, colon), ...names];
}

/** @throws Error that says what to call when the index that makes keys unique is missing */
export async function checkIndexes(resources: Collection<ResourceDocument>): Promise<void> {
  const exists = await resources.indexExists(uniqueIndex).catch((error: unknown) => {
    // 26: there is no such collection yet.
    if (typeof error === 'object' && error !== null && (error as { readonly code?: unknown }).code === 26) return false;
    throw error;
  });
  if (!exists) {
    throw new Error(
      `The collection ${resources.collectionName} has no unique index: call createScimIndexes(db) before the first write. See ${documentationPage('mongodb.md#documents-and-indexes')}`,
    );
  }
}

// The five operations on records from which `storeOver` makes a store. Copy this file, and replace each body with calls to
// your database. A record is plain JSON: store it as one document, as one row with a JSON column, or as the value of one key.
//
// Of each operation the comments say what it must guarantee, why, and what the SQL statement is.
import { ConflictError } from 'express-scim';
import type { RecordIndex, StorePrimitives, StoreRecord } from 'express-scim/stores';
import type { Database, Tables } from './database.js';

export function primitives(database: Database): StorePrimitives {
  return {
    // Guarantee: the record, its unique keys and its index entries are written together, or not at all.
    // Why: a key without a record would make its name return 409 forever; a record without entries is never found.
    // In SQL: one transaction of `insert into records`, `insert into unique_keys` and `insert into entries`.
    insert: (record, index) =>
      database.atomic((tables) => {
        const key = recordKey(record.tenant, record.id);
        // Guarantee: an id is used once. Why: a client that has stored the old id would change another resource.
        if (tables.records.has(key)) throw new Error('There is a record with this id.');
        claimKeys(tables, record);
        tables.records.set(key, JSON.stringify(record));
        addEntries(tables, record, index);
      }),

    // Guarantee: returns only records of this tenant, and sees every acknowledged write. Read from the primary, not from a
    // replica that may lag behind. Why: `storeOver` checks here whether a member exists, and applies changes to what it reads.
    // In SQL: `select json from records where tenant = $1 and id = any($2)`. There are at most 500 ids.
    find: (tenant, ids) => database.atomic((tables) => ids.flatMap((id) => readRecord(tables, tenant, id) ?? [])),

    // Guarantee: compares the version and writes in one step. Why: of two changes to one version only one may succeed;
    // `storeOver` then applies the other one to the result of the first. A read followed by a write loses changes.
    // In SQL, in one transaction with keys and entries: `update records set type = $1, version = $2, json = $3
    // where tenant = $4 and id = $5 and version = $6`, and `false` if no row was updated.
    replaceIf: (record, version, index) =>
      database.atomic((tables) => {
        const before = readRecord(tables, record.tenant, record.id);
        // Guarantee: compares the version before the keys. Why: a different version leads to a retry, a taken key to an error.
        if (before?.version !== version) return false;
        claimKeys(tables, record);
        // Guarantee: frees the keys that the new record does not have, after it has claimed the new ones. Why: a deletion or a
        // rename must free the old name, but a rename that is refused must not.
        freeKeys(tables, before, record);
        removeEntries(tables, before);
        tables.records.set(recordKey(record.tenant, record.id), JSON.stringify(record));
        addEntries(tables, record, index);
        return true;
      }),

    // Guarantee: no error if there is no such record. Why: two processes may complete the same deletion.
    // In SQL: `delete from records where tenant = $1 and id = $2`, and the same for its keys and entries.
    remove: (tenant, id) =>
      database.atomic((tables) => {
        const before = readRecord(tables, tenant, id);
        if (before === undefined) return;
        freeKeys(tables, before, undefined);
        removeEntries(tables, before);
        tables.records.delete(recordKey(tenant, id));
      }),

    // Guarantee: returns all records of the type that match `where`, and none of another tenant or type.
    // Why: `storeOver` checks each record again, so extra records only cost time; a missing record is a user who seems not to
    // exist. `where` is a hint. You can ignore it at first; then you need no `entries`.
    // In SQL: `select json from records where tenant = $1 and type = $2`, and with a hint
    // `and id in (select id from entries where tenant = $1 and type = $2 and path = $3 and value = any($4))`.
    scan: ({ tenant, type, where }) =>
      database.atomic((tables) => {
        if (where === undefined) {
          const all = [...tables.records.values()].map((text) => JSON.parse(text) as StoreRecord);
          return all.filter((record) => record.tenant === tenant && record.type === type);
        }
        const ids = where.values.flatMap((value) => [
          ...(tables.entries.get(entryKey(tenant, type, where.path, value)) ?? []),
        ]);
        return [...new Set(ids)].flatMap((id) => readRecord(tables, tenant, id) ?? []);
      }),
  };
}

// Guarantee: names are unique per tenant. Why: a name that another tenant has taken must not be a conflict.
// JSON instead of `tenant:id`: a tenant or a value may contain any separator.
const recordKey = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
const entryKey = (tenant: string, type: string, path: string, value: string): string =>
  JSON.stringify([tenant, type, path, value]);

// Guarantee: a caller never gets the stored record itself. Why: what it changes in a result must not change the database. A
// real database returns copies anyway.
function readRecord({ records }: Tables, tenant: string, id: string): StoreRecord | undefined {
  const text = records.get(recordKey(tenant, id));
  return text === undefined ? undefined : (JSON.parse(text) as StoreRecord);
}

function uniqueKeysOf({ tenant, type, keys }: StoreRecord): readonly (readonly [path: string, key: string])[] {
  return Object.entries(keys).map(([path, value]) => [path, entryKey(tenant, type, path, value)]);
}

// Guarantee: a unique index decides, in the step that writes. Why: of 100 parallel requests with one name, only one may
// succeed. In SQL: catch the error of the unique index, 23505 in PostgreSQL, and throw ConflictError with the path.
function claimKeys({ uniqueKeys }: Tables, record: StoreRecord): void {
  const keys = uniqueKeysOf(record);
  for (const [path, key] of keys) {
    const owner = uniqueKeys.get(key);
    if (owner !== undefined && owner !== record.id) throw new ConflictError(path);
  }
  // Check all keys first: this database cannot roll back.
  for (const [, key] of keys) uniqueKeys.set(key, record.id);
}

function freeKeys({ uniqueKeys }: Tables, before: StoreRecord, after: StoreRecord | undefined): void {
  const kept = new Set((after === undefined ? [] : uniqueKeysOf(after)).map(([, key]) => key));
  for (const [, key] of uniqueKeysOf(before)) if (!kept.has(key)) uniqueKeys.delete(key);
}

function addEntries({ entries }: Tables, { tenant, type, id }: StoreRecord, index: RecordIndex): void {
  for (const [path, values] of Object.entries(index)) {
    for (const value of values) {
      const key = entryKey(tenant, type, path, value);
      entries.set(key, (entries.get(key) ?? new Set<string>()).add(id));
    }
  }
}

// In SQL: `delete from entries where tenant = $1 and id = $2`. This database has no index by id, so it reads all entries.
function removeEntries({ entries }: Tables, { id }: StoreRecord): void {
  for (const [key, ids] of entries) if (ids.delete(id) && ids.size === 0) entries.delete(key);
}

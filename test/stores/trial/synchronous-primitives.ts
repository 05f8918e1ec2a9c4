import { ConflictError } from '../../../src/errors.js';
import type { StorePrimitives, StoreRecord } from '../../../src/stores/index.js';

/** Operations that return their results at once, and throw, as the example of `storeOver`. */
export function synchronousPrimitives(): StorePrimitives {
  const records = new Map<string, StoreRecord>();
  const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  function put(record: StoreRecord): void {
    for (const other of records.values()) {
      if (other.tenant !== record.tenant || other.type !== record.type || other.id === record.id) continue;
      for (const [path, key] of Object.entries(record.keys)) {
        if (other.keys[path] === key) throw new ConflictError(path);
      }
    }
    records.set(keyOf(record.tenant, record.id), structuredClone(record));
  }
  return {
    insert(record) {
      if (records.has(keyOf(record.tenant, record.id))) throw new Error('The id exists.');
      put(record);
    },
    find: (tenant, ids) => ids.flatMap((id) => structuredClone(records.get(keyOf(tenant, id))) ?? []),
    replaceIf(record, version) {
      if (records.get(keyOf(record.tenant, record.id))?.version !== version) return false;
      put(record);
      return true;
    },
    remove: (tenant, id) => void records.delete(keyOf(tenant, id)),
    scan: ({ tenant, type }) =>
      structuredClone([...records.values()].filter((each) => each.tenant === tenant && each.type === type)),
  };
}

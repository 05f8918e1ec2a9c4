import { custodyKey, type Tombstone, tombstoneLabel, type TombstoneStore } from './tombstones.js';

/**
 * Keeps tombstones in memory: for tests, and for a single process that may lose them on restart.
 *
 * @example
 * import { memoryTombstoneStore } from 'express-scim/lifecycle';
 *
 * export const tombstones = memoryTombstoneStore();
 */
export function memoryTombstoneStore(): TombstoneStore {
  const tombstones = new Map<string, Tombstone>();
  const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  return {
    add(tombstone) {
      const key = keyOf(tombstone.tenant, tombstone.id);
      if (!tombstones.has(key)) tombstones.set(key, { ...tombstone, custody: [] });
    },
    addCustody(tenant, id, custody) {
      const tombstone = tombstones.get(keyOf(tenant, id));
      if (tombstone === undefined) return;
      const existing = new Set(tombstone.custody.map(custodyKey));
      const added = custody.filter((entry) => !existing.has(custodyKey(entry)));
      tombstones.set(keyOf(tenant, id), { ...tombstone, custody: [...tombstone.custody, ...added] });
    },
    get: (tenant, id) => tombstones.get(keyOf(tenant, id)),
    find(tenant, { by, value }) {
      if (by !== 'externalId' && by !== 'employeeNumber') return [];
      const found = [...tombstones.values()].filter(
        (tombstone) => tombstone.tenant === tenant && tombstone.claimedBy === undefined && tombstone[by] === value,
      );
      return found.map((tombstone) => ({ id: tombstone.id, label: tombstoneLabel(tombstone) }));
    },
    list: (tenant, limit = 100) =>
      [...tombstones.values()]
        .filter((tombstone) => tombstone.tenant === tenant)
        .reverse()
        .slice(0, limit),
    claim(tenant, id, userId) {
      const tombstone = tombstones.get(keyOf(tenant, id));
      if (tombstone === undefined) return false;
      if (tombstone.claimedBy === undefined) tombstones.set(keyOf(tenant, id), { ...tombstone, claimedBy: userId });
      return (tombstone.claimedBy ?? userId) === userId;
    },
    forget: (tenant, id) => tombstones.delete(keyOf(tenant, id)),
  };
}

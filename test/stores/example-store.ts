import { randomUUID } from 'node:crypto';
import { ConflictError, selectPage, VersionMismatchError, type Stored, type User, type UserStore } from 'express-scim';
import { applyChange } from 'express-scim/stores';

interface Row {
  readonly tenant: string;
  key: string | null;
  user: Stored<User>;
}

/** Users in a Map. No call awaits between its checks and its write, so no other call runs in between. */
export function createExampleStore(): UserStore {
  const rows = new Map<string, Row>();
  let version = 0;
  const stamp = (now = new Date(), created = now) => ({ created, lastModified: now, version: `v${++version}` });
  const find = (id: string, tenant: string): Row | undefined => {
    const row = rows.get(id);
    return row?.tenant === tenant ? row : undefined;
  };
  const claim = (key: string | null, tenant: string, own?: Row): void => {
    for (const row of rows.values()) {
      if (row !== own && row.tenant === tenant && row.key === key && key !== null) throw new ConflictError('userName');
    }
  };

  return {
    supports: {
      attributes: ['userName', 'externalId', 'displayName', 'active', 'name', 'emails'],
      keys: ['userName'],
    },
    create({ resource, keys }, { tenant }) {
      const { userName: key = null } = keys;
      claim(key, tenant);
      const user = { ...resource, id: randomUUID(), meta: stamp() };
      rows.set(user.id, { tenant, key, user });
      return { resource: user, changed: true };
    },
    get: (id, _selection, { tenant }) => find(id, tenant)?.user,
    list: (query, { tenant }) =>
      selectPage(
        query,
        [...rows.values()].filter((row) => row.tenant === tenant).map((row) => row.user),
      ),
    update(id, change, { tenant }) {
      const row = find(id, tenant);
      if (row === undefined) return undefined;
      const before = row.user;
      if (change.ifVersion !== undefined && change.ifVersion !== before.meta.version) throw new VersionMismatchError();
      const { userName: key = row.key } = change.keys;
      claim(key, tenant, row);
      const { after, changed } = applyChange(before, change);
      if (changed.length === 0) return { resource: before, changed: false, before };
      row.key = key;
      row.user = { ...after, meta: stamp(new Date(), new Date(before.meta.created ?? 0)) };
      return { resource: row.user, changed: true, before };
    },
    delete(id, { ifVersion }, { tenant }) {
      const row = find(id, tenant);
      if (row === undefined) return undefined;
      if (ifVersion !== undefined && ifVersion !== row.user.meta.version) throw new VersionMismatchError();
      rows.delete(id);
      return { resource: row.user, changed: true };
    },
  };
}

/** Lookups that forget the tenant: each has an index of its own, and so a query of its own. */
import type { Change, GroupRef, ListQuery, Page, ScimContext, Stored } from 'express-scim';
import { type Row, Table } from './sound-store.js';

/** A table that forgets the tenant where a list asks for one value of `path`, as an index finds it. */
export function leakingLookup(path: string): typeof Table {
  return class<R extends object> extends Table<R> {
    override async list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
      if (query.equals[path] === undefined) return super.list(query, ctx);
      const found = [...this.rows.values()].map((row) => this.whole(row)).filter((each) => query.matches(each));
      const { resources, ...page } = this.page(query, found);
      return { ...page, resources: resources.map(({ id }) => this.readAgain(id, query.selection)) };
    }
  };
}

export class CountForgetsTenant<R extends object> extends Table<R> {
  override async list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    const page = await super.list(query, ctx);
    const all = [...this.rows.values()].map((row) => this.whole(row)).filter((each) => this.matches(query, each));
    return { ...page, totalResults: all.length };
  }
}

export class CursorForgetsTenant<R extends object> extends Table<R> {
  override async list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    if (query.page.kind === 'index') return super.list(query, ctx);
    const all = [...this.rows.values()].map((row): Stored<R> => this.whole(row));
    const found = all.filter((each) => this.matches(query, each));
    const { resources, ...page } = this.page(query, found);
    return { ...page, resources: resources.map(({ id }) => this.readAgain(id, query.selection)) };
  }
}

/** `groupsOf` finds the memberships of a user in the groups of every tenant. */
export class GroupsOfForgetsTenant<R extends object> extends Table<R> {
  protected override groupsOfOne(id: string): readonly GroupRef[] {
    const holders = [...this.db.groups.rows.values()].filter((row) => row.members.has(id));
    return holders.map(({ id: value, resource }) => ({ value, display: resource.displayName, type: 'direct' }));
  }
}

/** The deletion of a user takes pending members of other tenants away. */
export class LeavesGroupsOfEveryTenant<R extends object> extends Table<R> {
  protected override leaveGroups(row: Row<R>): void {
    const tenants = new Set([...this.db.groups.rows.values()].map(({ tenant }) => tenant));
    for (const tenant of tenants) super.leaveGroups({ id: row.id, tenant });
  }
}

/** A name is unique over all tenants, but only when it changes. */
export class ChangedKeysForgetTenant<R extends object> extends Table<R> {
  protected override checkKeys(keys: Row<R>['keys'], tenant: string, own?: Row<R>): void {
    const tenants = new Set([...this.rows.values()].map((row) => row.tenant));
    for (const each of own === undefined ? [tenant] : tenants) super.checkKeys(keys, each, own);
  }
}

/** The version decides which row is written, and the tenant is left to it. */
export class VersionReplacesTenant<R extends object> extends Table<R> {
  override update(id: string, change: Change<R>, ctx: ScimContext): ReturnType<Table<R>['update']> {
    const found = this.rows.get(id);
    const isTheirs = found !== undefined && change.ifVersion === found.resource.meta.version;
    return super.update(id, change, isTheirs ? { ...ctx, tenant: found.tenant } : ctx);
  }
}

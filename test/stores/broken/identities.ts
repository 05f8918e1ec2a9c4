/** Mistakes with tenants and ids. */
import type { Change, ListQuery, Page, Removal, ScimContext, Selection, Stored, WriteResult } from 'express-scim';
import { ForbiddenError } from 'express-scim';
import { type Row, Table } from './sound-store.js';

/** Asks as the tenant that the row belongs to. */
function asOwner<R>(rows: ReadonlyMap<string, Row<R>>, id: string, ctx: ScimContext): ScimContext {
  return { ...ctx, tenant: rows.get(id)?.tenant ?? ctx.tenant };
}

export class GetForgetsTenant<R extends object> extends Table<R> {
  override get(id: string, selection: Selection, ctx: ScimContext): Promise<Stored<R> | undefined> {
    return super.get(id, selection, asOwner(this.rows, id, ctx));
  }
}

export class UpdateForgetsTenant<R extends object> extends Table<R> {
  override update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    return super.update(id, change, asOwner(this.rows, id, ctx));
  }
}

export class DeleteForgetsTenant<R extends object> extends Table<R> {
  override delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    return super.delete(id, removal, asOwner(this.rows, id, ctx));
  }
}

export class ListForgetsTenant<R extends object> extends Table<R> {
  override async list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    const page = await super.list(query, ctx);
    const all = [...this.rows.values()].map((row) => this.whole(row)).filter((row) => query.matches(row));
    const { resources, ...rest } = this.page(query, all);
    const rows = resources.flatMap(({ id }) => this.rows.get(id) ?? []);
    return { ...page, ...rest, resources: rows.map((row) => this.read(row, query.selection)) };
  }
}

export class KeysForgetTenant<R extends object> extends Table<R> {
  protected override checkKeys(keys: Row<R>['keys'], _tenant: string, own?: Row<R>): void {
    for (const tenant of new Set([...this.rows.values()].map((row) => row.tenant))) super.checkKeys(keys, tenant, own);
  }
}

export class NamesForgetTenant<R extends object> extends Table<R> {
  override async namesOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, string>> {
    const names = await Promise.all(ids.map((id) => super.namesOf([id], asOwner(this.rows, id, ctx))));
    return new Map(names.flatMap((some) => [...some]));
  }
}

export class MembersOfAnyTenant<R extends object> extends Table<R> {
  protected override checkMembers(members: Change<R>['members']): void {
    const tenants = new Set(
      [this.db.users, this.db.groups].flatMap(({ rows }) => [...rows.values()].map((row) => row.tenant)),
    );
    const add = members?.add.filter(({ value }) => ![...tenants].some((tenant) => this.db.kindOf(value, tenant))) ?? [];
    if (members !== undefined) super.checkMembers({ ...members, add }, '');
  }
}

export class ForeignIdForbidden<R extends object> extends Table<R> {
  protected override find(id: string, tenant: string): Row<R> | undefined {
    if (this.rows.has(id) && super.find(id, tenant) === undefined) throw new ForbiddenError('That is not yours.');
    return super.find(id, tenant);
  }
}

export class IdsSharedByBothTables<R extends object> extends Table<R> {
  private count = 0;

  protected override mintId(): string {
    return String(++this.count);
  }
}

export class IdsUsedAgain<R extends object> extends Table<R> {
  protected override mintId(): string {
    const prefix = this.kind === 'User' ? 'u' : 'g';
    // As SQLite does for `integer primary key` without `autoincrement`.
    const highest = Math.max(0, ...[...this.rows.keys()].map((id) => Number(id.slice(1))));
    return `${prefix}${String(highest + 1)}`;
  }
}

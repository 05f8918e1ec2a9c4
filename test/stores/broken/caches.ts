/** Mistakes of stores that remember: caches, indexes of their own, and rows that were read before the write. */
import type { Change, ListQuery, Page, ScimContext, Stored, WriteResult } from 'express-scim';
import { roundTrip, type Row, Table } from './sound-store.js';

export class NamesCached<R extends object> extends Table<R> {
  private readonly names = new Map<string, string>();

  override async namesOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, string>> {
    for (const [id, name] of await super.namesOf(ids, ctx)) if (!this.names.has(id)) this.names.set(id, name);
    return new Map(ids.flatMap((id) => (this.names.has(id) ? [[id, this.names.get(id) ?? '']] : [])));
  }
}

export class TooManyParameters<R extends object> extends Table<R> {
  override async namesOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, string>> {
    if (ids.length > 999) throw new Error('too many SQL variables');
    return super.namesOf(ids, ctx);
  }
}

export class MemberIndexKept<R extends object> extends Table<R> {
  private readonly groupsByMember = new Map<string, Set<string>>();

  override async list(query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    for (const row of this.rows.values()) {
      for (const id of row.members.keys()) {
        this.groupsByMember.set(id, (this.groupsByMember.get(id) ?? new Set()).add(row.id));
      }
    }
    const member = query.equals['members.value'];
    const indexed = typeof member === 'string' ? this.groupsByMember.get(member) : undefined;
    if (indexed === undefined) return super.list(query, ctx);
    const found = [...indexed].flatMap((id) => this.find(id, ctx.tenant) ?? []).map((row) => this.whole(row));
    return this.page(query, found);
  }
}

export class DeletedRowWritten<R extends object> extends Table<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const row = this.find(id, ctx.tenant);
    const result = await super.update(id, change, ctx);
    // An upsert.
    if (row !== undefined && result === undefined) this.rows.set(id, row);
    return result;
  }
}

export class NoOpsBeforeVersions<R extends object> extends Table<R> {
  protected override checkVersion(row: Row<R>, ifVersion: string | undefined): void {
    if (!this.isEmpty) super.checkVersion(row, ifVersion);
  }

  private isEmpty = false;

  override update(id: string, change: Change<R>, ctx: ScimContext): ReturnType<Table<R>['update']> {
    this.isEmpty = Object.keys(change.set).length + change.unset.length === 0 && change.members === undefined;
    return super.update(id, change, ctx).finally(() => (this.isEmpty = false));
  }
}

export class VersionReadBeforeTheWrite<R extends object> extends Table<R> {
  private next: string | undefined;

  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const version = this.find(id, ctx.tenant)?.resource.meta.version ?? '';
    await roundTrip();
    this.next = `${version}1`;
    return super.update(id, change, ctx);
  }

  protected override mintVersion(): string {
    return this.next ?? super.mintVersion();
  }
}

export class BeforeIsAfter<R extends object> extends Table<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const result = await super.update(id, change, ctx);
    return result && { ...result, before: result.resource };
  }
}

export class OrderIgnoredByFilteredCursor<R extends object> extends Table<R> {
  protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    const isBoth = query.page.kind === 'cursor' && query.filter !== undefined;
    return super.page(isBoth ? { ...query, sort: [] } : query, found);
  }
}

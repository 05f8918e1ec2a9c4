/** Mistakes in the order and the bounds of lists. */
import type { ListQuery, Page, Position, SortKey, Stored } from 'express-scim/stores';
import { type Row, Table } from './sound-store.js';

export class OrderOfTheHeap<R extends object> extends Table<R> {
  protected override write(row: Row<R>, after: Stored<R>, keys = row.keys): void {
    super.write(row, after, keys);
    // A database without `order by` reads rows where it put them, and an update puts them at the end.
    this.rows.delete(row.id);
    this.rows.set(row.id, row);
  }

  protected override compare(a: Position, b: Position, sort: readonly SortKey[]): number {
    if (sort.length > 0) return super.compare(a, b, sort);
    const ids = [...this.rows.keys()];
    const [left, right] = [ids.indexOf(String(a[0])), ids.indexOf(String(b[0]))];
    return left - right;
  }
}

export class TiesWithoutId<R extends object> extends Table<R> {
  protected override compare(a: Position, b: Position, sort: readonly SortKey[]): number {
    if (sort.length === 0) return super.compare(a, b, sort);
    return super.compare(a.slice(0, sort.length), b.slice(0, sort.length), sort);
  }
}

export class TiesInAnyOrder<R extends object> extends Table<R> {
  private lists = 0;

  protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    this.lists++;
    return super.page(query, found);
  }

  protected override compare(a: Position, b: Position, sort: readonly SortKey[]): number {
    if (sort.length === 0) return super.compare(a, b, sort);
    const order = super.compare(a.slice(0, sort.length), b.slice(0, sort.length), sort);
    // What a parallel plan does with equal keys: now this way, now that.
    return order !== 0 || this.lists % 2 === 0 ? order || super.compare(a, b, sort) : super.compare(b, a, sort);
  }
}

export class PageCountedAsTotal<R extends object> extends Table<R> {
  protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    const page = super.page(query, found);
    return { ...page, totalResults: page.resources.length };
  }
}

export class TotalWithoutFilter<R extends object> extends Table<R> {
  override async list(...[query, ctx]: Parameters<Table<R>['list']>): Promise<Page<R>> {
    const page = await super.list(query, ctx);
    return { ...page, totalResults: [...this.rows.values()].filter((row) => row.tenant === ctx.tenant).length };
  }
}

export class ZeroIsNoLimit<R extends object> extends Table<R> {
  protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    return super.page({ ...query, page: { ...query.page, limit: query.page.limit || 100 } }, found);
  }
}

export class OffsetFromOne<R extends object> extends Table<R> {
  protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    const { page } = query;
    if (page.kind === 'cursor') return super.page(query, found);
    return super.page({ ...query, page: { ...page, offset: Math.max(0, page.offset - 1) } }, found);
  }
}

export class MissingSortsAsLeast<R extends object> extends Table<R> {
  protected override positionOf(resource: Stored<R>, sort: readonly SortKey[]): Position {
    // SQLite and MySQL put NULL before every value.
    return super.positionOf(resource, sort).map((value) => value ?? '');
  }
}

export class SecondSortKeyIgnored<R extends object> extends Table<R> {
  protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    return super.page({ ...query, sort: query.sort.slice(0, 1) }, found);
  }
}

export class DescendingIgnored<R extends object> extends Table<R> {
  protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    return super.page({ ...query, sort: query.sort.map((key) => ({ ...key, descending: false })) }, found);
  }
}

export class BackwardsFromTheStart<R extends object> extends Table<R> {
  protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    const { page } = query;
    if (page.kind === 'index' || page.before === undefined) return super.page(query, found);
    const end = page.before;
    const earlier = found.filter(
      (resource) => this.compare(this.positionOf(resource, query.sort), end, query.sort) < 0,
    );
    // `where key < ? order by key limit ?`: the first rows, and not those next to the position.
    return super.page({ ...query, page: { ...page, before: undefined } }, earlier);
  }
}

export class CursorCountsRows<R extends object> extends Table<R> {
  protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
    const { page } = query;
    if (page.kind === 'index') return super.page(query, found);
    const { limit } = page;
    const offset = Number(page.after?.[0] ?? (page.before ? Math.max(0, Number(page.before[0]) - limit) : 0));
    const cut = super.page({ ...query, page: { kind: 'index', offset, limit } }, found);
    const end = offset + cut.resources.length;
    return { ...cut, ...(end < found.length && { next: [end] }), ...(offset > 0 && { previous: [offset] }) };
  }
}

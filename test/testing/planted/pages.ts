/** Faults in the order and the pages of lists. */
import type { ListQuery, Page, Position, SortKey } from '../../../src/contract/filter.js';
import type { ResourceStore } from '../../../src/contract/store.js';
import type { Stored } from '../../../src/contract/resource.js';
import { comparePositions, positionOf } from '../../../src/schema/position.js';
import { Table } from '../../stores/broken/sound-store.js';
import { type Fault, inBoth, inGroups, inUsers, ofTables, paging, type PlantedFault } from './alter.js';

/** A table that sorts by other keys. */
const sortingBy = (change: (sort: readonly SortKey[]) => readonly SortKey[]): typeof Table =>
  class<R extends object> extends Table<R> {
    protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
      return super.page({ ...query, sort: change(query.sort) }, found);
    }
  };

/** Where the keyset condition of a page is wrong. */
const keyset = (after: (a: Position, b: Position, sort: readonly SortKey[]) => boolean): typeof Table =>
  class<R extends object> extends Table<R> {
    protected override page(query: ListQuery<R>, found: readonly Stored<R>[]): Page<R> {
      const { page, sort } = query;
      if (page.kind === 'index' || page.after === undefined) return super.page(query, found);
      const start = page.after;
      const rest = found.filter((each) => after(positionOf(each, sort), start, sort));
      const cut = super.page({ ...query, page: { ...page, after: undefined } }, rest);
      return { ...cut, previous: cut.resources[0] && positionOf(cut.resources[0], sort) };
    }
  };

const listed =
  (change: (query: ListQuery<object>) => ListQuery<object>): Fault =>
  (sound) => ({
    list: (query, ctx) => sound.list(change(query as never) as never, ctx),
  });

/** A position has one more value, without which it is not taken back. */
const position =
  (value: unknown): Fault =>
  (sound) => ({
    list: async (query, ctx) => {
      const { page } = query;
      const back = (all: readonly unknown[] | undefined): Position | undefined => {
        if (all !== undefined && all.at(-1) !== value) throw new Error('The cursor cannot be read.');
        return all?.slice(0, -1) as Position | undefined;
      };
      const asked = page.kind === 'cursor' ? { ...page, after: back(page.after), before: back(page.before) } : page;
      const found = await sound.list({ ...query, page: asked }, ctx);
      const more = (all: Position | undefined): Position | undefined => all && ([...all, value] as unknown as Position);
      return { ...found, next: more(found.next), previous: more(found.previous) };
    },
  });

export const pageFaults: readonly PlantedFault[] = [
  {
    name: 'hundred-at-most',
    what: 'a page has 100 resources at most',
    caughtBy: [],
    create: () =>
      inBoth(listed((query) => ({ ...query, page: { ...query.page, limit: Math.min(100, query.page.limit) } }))),
  },
  {
    name: 'total-of-window',
    what: 'a page behind the end has a total of 0, since no row has counted',
    caughtBy: [],
    create: () =>
      ofTables(
        paging((query, page) =>
          query.page.kind === 'index' && query.filter !== undefined && page.resources.length === 0
            ? { ...page, totalResults: 0 }
            : page,
        ),
      ),
  },
  {
    name: 'total-of-filtered-count',
    what: 'a limit of 0 counts everything, whatever the filter is',
    caughtBy: [],
    create: () =>
      inBoth((sound) => ({
        list: (query, ctx) =>
          sound.list(
            query.page.kind === 'index' && query.page.limit === 0
              ? { ...query, filter: undefined, equals: {}, matches: () => true }
              : query,
            ctx,
          ),
      })),
  },
  {
    name: 'total-capped',
    what: 'a total is counted up to 100',
    caughtBy: [],
    create: () =>
      ofTables(paging((_query, page) => ({ ...page, totalResults: Math.min(100, page.totalResults ?? 0) }))),
  },
  {
    name: 'offset-within-page',
    what: 'offset counts pages',
    caughtBy: [],
    create: () =>
      inBoth(
        listed((query) =>
          query.page.kind === 'index'
            ? {
                ...query,
                page: {
                  ...query.page,
                  offset: Math.floor(query.page.offset / Math.max(1, query.page.limit)) * query.page.limit,
                },
              }
            : query,
        ),
      ),
  },
  {
    name: 'cursor-once',
    what: 'a cursor of the database is closed when it is read',
    caughtBy: [],
    create: () =>
      inBoth((sound) => {
        const open = new Set<string>();
        return {
          list: async (query, ctx) => {
            const { page } = query;
            if (page.kind === 'index') return sound.list(query, ctx);
            const key = JSON.stringify(page.after);
            if (page.after !== undefined && !open.delete(key)) return { resources: [], totalResults: 0 };
            const found = await sound.list(query, ctx);
            if (found.next !== undefined) open.add(JSON.stringify(found.next));
            return found;
          },
        };
      }),
  },
  {
    name: 'cursor-of-date',
    what: 'a position contains a Date',
    caughtBy: [],
    create: () => inBoth(position(new Date())),
  },
  {
    name: 'cursor-of-bigint',
    what: 'a position contains a bigint',
    caughtBy: [],
    create: () => inBoth(position(1n)),
  },
  {
    name: 'mixed-keyset',
    what: 'a keyset condition compares all keys in the direction of the first',
    caughtBy: [],
    create: () =>
      ofTables(
        keyset((a, b, sort) => {
          const descending = sort[0]?.descending ?? false;
          return (
            comparePositions(
              a,
              b,
              sort.map((key) => ({ ...key, descending })),
            ) > 0
          );
        }),
      ),
  },
  {
    name: 'null-keyset',
    what: 'a keyset condition is null where a value is null',
    caughtBy: [],
    create: () =>
      ofTables(
        keyset(
          (a, b, sort) => comparePositions(a, b, sort) > 0 && !sort.some((_, i) => (a[i] === null) !== (b[i] === null)),
        ),
      ),
  },
  {
    name: 'case-keyset',
    what: 'a keyset condition compares text as it was sent',
    caughtBy: [],
    create: () =>
      ofTables(
        class<R extends object> extends Table<R> {
          protected override positionOf(resource: Stored<R>, sort: readonly SortKey[]): Position {
            return super.positionOf(
              resource,
              sort.map((key) => ({ ...key, attribute: { ...key.attribute, caseExact: true } })),
            );
          }
        },
      ),
  },
  {
    name: 'seconds-keyset',
    what: 'a position has times in whole seconds',
    caughtBy: [],
    create: () =>
      inUsers((sound) => ({
        list: async (query, ctx) => {
          const found = await sound.list(query, ctx);
          const cut = (value: Position[number], i: number): Position[number] =>
            query.sort[i]?.attribute.type === 'dateTime' && typeof value === 'number'
              ? Math.floor(value / 1000) * 1000
              : value;
          return { ...found, next: found.next?.map(cut) };
        },
      })),
  },
  {
    name: 'times-unsorted',
    what: 'an order by meta.created or meta.lastModified is ignored',
    caughtBy: [],
    create: () => ofTables(sortingBy((sort) => sort.filter(({ attribute }) => !attribute.path.startsWith('meta.')))),
  },
  {
    name: 'created-for-modified',
    what: 'an order by meta.lastModified is one by meta.created',
    caughtBy: [],
    create: () =>
      ofTables(
        sortingBy((sort) =>
          sort.map((key) =>
            key.attribute.path === 'meta.lastModified'
              ? { ...key, attribute: { ...key.attribute, path: 'meta.created', keys: ['meta', 'created'] } }
              : key,
          ),
        ),
      ),
  },
  {
    name: 'first-of-many',
    what: 'an order by emails takes the first value, whichever is primary',
    caughtBy: [],
    create: () =>
      ofTables(
        class<R extends object> extends Table<R> {
          protected override positionOf(resource: Stored<R>, sort: readonly SortKey[]): Position {
            const emails: unknown = Reflect.get(resource, 'emails');
            if (!Array.isArray(emails)) return super.positionOf(resource, sort);
            return super.positionOf({ ...resource, emails: emails.slice(0, 1) }, sort);
          }
        },
      ),
  },
  {
    name: 'least-of-many',
    what: 'an order by emails takes the least value',
    caughtBy: [],
    create: () =>
      ofTables(
        class<R extends object> extends Table<R> {
          protected override positionOf(resource: Stored<R>, sort: readonly SortKey[]): Position {
            const emails: unknown = Reflect.get(resource, 'emails');
            if (!Array.isArray(emails)) return super.positionOf(resource, sort);
            const values = emails as readonly { readonly value: string }[];
            const [least] = [...values].sort((a, b) => (a.value < b.value ? -1 : 1));
            return super.positionOf({ ...resource, emails: [{ value: least?.value }] }, sort);
          }
        },
      ),
  },
  {
    name: 'second-direction',
    what: 'all sort keys have the direction of the first',
    caughtBy: [],
    create: () =>
      ofTables(sortingBy((sort) => sort.map((key) => ({ ...key, descending: sort[0]?.descending ?? false })))),
  },
  {
    name: 'booleans-as-texts',
    what: 'an order by a boolean puts true first',
    caughtBy: [],
    create: () =>
      ofTables(
        sortingBy((sort) =>
          sort.map((key) => (key.attribute.type === 'boolean' ? { ...key, descending: !key.descending } : key)),
        ),
      ),
  },
  {
    name: 'numbers-in-texts',
    what: 'texts with numbers are sorted as people count',
    caughtBy: [],
    create: () =>
      ofTables(
        class<R extends object> extends Table<R> {
          protected override compare(a: Position, b: Position, sort: readonly SortKey[]): number {
            const padded = (all: Position): Position =>
              all.map((value, i) =>
                typeof value === 'string' && i < sort.length
                  ? value.replace(/\d+/g, (digits) => digits.padStart(9, '0'))
                  : value,
              );
            return super.compare(padded(a), padded(b), sort);
          }
        },
      ),
  },
  {
    name: 'filter-of-first-page',
    what: 'only the first page by cursor is filtered',
    caughtBy: [],
    create: () =>
      inBoth(
        listed((query) =>
          query.page.kind === 'cursor' && query.page.after !== undefined
            ? { ...query, filter: undefined, equals: {}, matches: () => true }
            : query,
        ),
      ),
  },
  {
    name: 'total-of-rest',
    what: 'totalResults of a page by cursor counts what follows',
    caughtBy: [],
    create: () =>
      inBoth((sound) => {
        let read = 0;
        return {
          list: async (query, ctx) => {
            const found = await sound.list(query, ctx);
            if (query.page.kind === 'index') return found;
            read = query.page.after === undefined ? 0 : read;
            const total = (found.totalResults ?? 0) - read;
            read += found.resources.length;
            return { ...found, totalResults: total };
          },
        };
      }),
  },
  {
    name: 'cached-total',
    what: 'totalResults is cached until something is created',
    caughtBy: [],
    create: () =>
      inBoth((sound) => {
        const totals = new Map<string, number | undefined>();
        return {
          create: (creation, ctx) => {
            totals.clear();
            return sound.create(creation, ctx);
          },
          list: async (query, ctx) => {
            const found = await sound.list(query, ctx);
            const key = JSON.stringify([ctx.tenant, query.filter]);
            if (!totals.has(key)) totals.set(key, found.totalResults);
            return { ...found, totalResults: totals.get(key) };
          },
        };
      }),
  },
  {
    name: 'cached-page',
    what: 'a page is cached until something is created or deleted',
    caughtBy: [],
    create: () =>
      inBoth(<R extends object>(sound: ResourceStore<R>): Partial<ResourceStore<R>> => {
        const pages = new Map<string, Page<R>>();
        return {
          create: (creation, ctx) => {
            pages.clear();
            return sound.create(creation, ctx);
          },
          delete: (id, removal, ctx) => {
            pages.clear();
            return sound.delete(id, removal, ctx);
          },
          list: async (query, ctx) => {
            const key = JSON.stringify([ctx.tenant, query.filter, query.sort, query.page, [...query.selection]]);
            const found = pages.get(key) ?? ((await sound.list(query, ctx)) as Page<R>);
            pages.set(key, found);
            return found as never;
          },
        };
      }),
  },
  {
    name: 'group-limit',
    what: 'a page of groups has 20 groups at most',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        list: (query, ctx) =>
          sound.list({ ...query, page: { ...query.page, limit: Math.min(20, query.page.limit) } }, ctx),
      })),
  },
];

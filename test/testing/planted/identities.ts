/** Faults in ids and tenants, and in the objects that pass between the library and a store. */
import type { Attributes, Selection } from '../../../src/contract/attribute.js';
import type { ScimContext } from '../../../src/contract/context.js';
import type { Stored } from '../../../src/contract/resource.js';
import type { ResourceStore } from '../../../src/contract/store.js';
import { type Row, Table } from '../../stores/broken/sound-store.js';
import {
  attribute,
  type Fault,
  inBoth,
  inGroups,
  inUsers,
  ofTables,
  type PlantedFault,
  returned,
  texts,
} from './alter.js';

/** Ids are looked up in another way. */
const looking = (isSame: (asked: string, stored: string) => boolean): typeof Table =>
  class<R extends object> extends Table<R> {
    protected override mintId(): string {
      return `${this.kind === 'User' ? '1' : '2'}${String(++minted.count).padStart(6, '0')}a`;
    }
    protected override find(id: string, tenant: string): Row<R> | undefined {
      return [...this.rows.values()].find((row) => row.tenant === tenant && isSame(id, row.id));
    }
  };
const minted = { count: 0 };

/** Tenants are told apart in another way. */
const tenants =
  (form: (tenant: string) => string): Fault =>
  (sound) => {
    const as = (ctx: ScimContext): ScimContext => ({ ...ctx, tenant: form(ctx.tenant) });
    return {
      create: (creation, ctx) => sound.create(creation, as(ctx)),
      get: (id, selection, ctx) => sound.get(id, selection, as(ctx)),
      list: (query, ctx) => sound.list(query, as(ctx)),
      update: (id, change, ctx) => sound.update(id, change, as(ctx)),
      delete: (id, removal, ctx) => sound.delete(id, removal, as(ctx)),
      namesOf: (ids, ctx) => sound.namesOf?.(ids, as(ctx)) ?? new Map(),
    };
  };

const resources = (change: (resource: Stored<Attributes>) => unknown) => () => inBoth(returned(change));

/** A value as an object-document mapper returns it. */
class Document {
  constructor(values: object) {
    Object.assign(this, values);
  }
  toJSON(): object {
    return { ...this };
  }
}

export const identityFaults: readonly PlantedFault[] = [
  {
    name: 'ids-of-any-case',
    what: 'ids compare without letter case',
    caughtBy: [],
    create: () => ofTables(looking((asked, stored) => asked.toLowerCase() === stored.toLowerCase())),
  },
  {
    name: 'ids-as-numbers',
    what: 'an id is read as a number as far as it is one',
    caughtBy: [],
    create: () => ofTables(looking((asked, stored) => Number.parseInt(asked, 10) === Number.parseInt(stored, 10))),
  },
  {
    name: 'ids-by-prefix',
    what: 'what begins with an id finds it',
    caughtBy: [],
    create: () => ofTables(looking((asked, stored) => asked.startsWith(stored))),
  },
  {
    name: 'ids-trimmed',
    what: 'spaces in front of an id are ignored',
    caughtBy: [],
    create: () => ofTables(looking((asked, stored) => asked.trimStart() === stored)),
  },
  {
    name: 'ids-by-name',
    what: 'get finds a user by its userName too',
    caughtBy: [],
    create: () =>
      inUsers((sound) => ({
        get: async (id, selection, ctx) => {
          const found = await sound.get(id, selection, ctx);
          if (found !== undefined || id === '') return found;
          const page = await sound.list(
            {
              filter: undefined,
              equals: {},
              sort: [],
              reads: [],
              page: { kind: 'index', offset: 0, limit: 1000 },
              selection,
              matches: ({ userName }) => userName.toLowerCase() === id.toLowerCase(),
              compare: () => 0,
            },
            ctx,
          );
          return page.resources.find(({ userName }) => userName.toLowerCase() === id.toLowerCase());
        },
      })),
  },
  {
    name: 'ids-by-external-id',
    what: 'update finds a user by its externalId too',
    caughtBy: [],
    create: () =>
      inUsers((sound) => ({
        update: async (id, change, ctx) => {
          const page = await sound.list(
            {
              filter: undefined,
              equals: {},
              sort: [],
              reads: [],
              page: { kind: 'index', offset: 0, limit: 1000 },
              selection: new Set(['externalId']),
              matches: () => true,
              compare: () => 0,
            },
            ctx,
          );
          return sound.update(page.resources.find(({ externalId }) => externalId === id)?.id ?? id, change, ctx);
        },
      })),
  },
  {
    name: 'ids-numbers',
    what: 'ids in lists are numbers',
    caughtBy: [],
    create: () =>
      inUsers((sound) => {
        const numbers = new Map<string, number>();
        return {
          list: async (query, ctx) => {
            const page = await sound.list(query, ctx);
            return {
              ...page,
              resources: page.resources.map((each) => ({
                ...each,
                id: (numbers.get(each.id) ?? numbers.set(each.id, numbers.size).get(each.id)) as unknown as string,
              })),
            };
          },
        };
      }),
  },
  {
    name: 'tenants-of-any-case',
    what: 'tenants compare without letter case',
    caughtBy: [],
    create: () => inBoth(tenants((tenant) => tenant.toLowerCase())),
  },
  {
    name: 'tenants-trimmed',
    what: 'spaces at the end of a tenant are ignored',
    caughtBy: [],
    create: () => inBoth(tenants((tenant) => tenant.trimEnd())),
  },
  {
    name: 'tenants-cut',
    what: 'a tenant is cut at 20 characters',
    caughtBy: [],
    create: () => inBoth(tenants((tenant) => tenant.slice(0, 20))),
  },
  {
    name: 'tenants-as-names',
    what: 'a tenant is part of a table name, in which other characters become _',
    caughtBy: [],
    create: () => inBoth(tenants((tenant) => tenant.replace(/\W/g, '_'))),
  },
  {
    name: 'tenants-accents',
    what: 'accents in tenants are ignored',
    caughtBy: [],
    create: () => inBoth(tenants((tenant) => tenant.normalize('NFD').replace(/\p{M}/gu, ''))),
  },
  {
    name: 'members-of-parents',
    what: 'a tenant sees the groups of tenants whose name begins with its own',
    caughtBy: [],
    create: () =>
      inGroups((sound) => {
        const seen = new Set<string>();
        return {
          create: (creation, ctx) => {
            seen.add(ctx.tenant);
            return sound.create(creation, ctx);
          },
          get: async (id, selection, ctx) => {
            for (const tenant of [ctx.tenant, ...[...seen].filter((each) => each.startsWith(ctx.tenant))]) {
              const found = await sound.get(id, selection, { ...ctx, tenant });
              if (found !== undefined) return found;
            }
            return undefined;
          },
        };
      }),
  },
  {
    name: 'dates-returned',
    what: 'a text that is a time is returned as a Date',
    caughtBy: [],
    create: resources((resource) =>
      texts((text) => (/^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text) : text))(resource as unknown as Attributes),
    ),
  },
  {
    name: 'sets-returned',
    what: 'the values of an attribute are returned as a Set',
    caughtBy: [],
    create: resources((resource) =>
      attribute('emails', (all: readonly unknown[]) => new Set(all))(resource as unknown as Attributes),
    ),
  },
  {
    name: 'documents-returned',
    what: 'a complex attribute is returned as a document with toJSON',
    caughtBy: [],
    create: resources((resource) =>
      attribute('name', (name: object) => new Document(name))(resource as unknown as Attributes),
    ),
  },
  {
    name: 'buffers-returned',
    what: 'a certificate is returned as a Buffer',
    caughtBy: [],
    create: resources((resource) =>
      attribute('x509Certificates', (all: readonly { readonly value: string }[]) =>
        all.map((each) => ({ ...each, value: Buffer.from(each.value, 'base64') })),
      )(resource as unknown as Attributes),
    ),
  },
  {
    name: 'nulls-returned',
    what: 'attributes without a value are returned as null',
    caughtBy: [],
    create: resources((resource) => ({ nickName: null, phoneNumbers: null, ...resource })),
  },
  {
    name: 'empties-returned',
    what: 'attributes without values are returned as empty lists',
    caughtBy: [],
    create: () => inUsers((sound) => returned((resource) => ({ phoneNumbers: [], roles: [], ...resource }))(sound)),
  },
  {
    name: 'nulls-inside',
    what: 'sub-attributes without a value are returned as null',
    caughtBy: [],
    create: resources((resource) =>
      attribute('name', (name: object) => ({ middleName: null, ...name }))(resource as unknown as Attributes),
    ),
  },
  {
    name: 'inputs-changed',
    what: 'id and meta are written into the resource that create gets',
    caughtBy: [],
    create: () =>
      inBoth((sound) => ({
        create: async (creation, ctx) => {
          const result = await sound.create({ ...creation, resource: { ...creation.resource } }, ctx);
          Object.assign(creation.resource, { id: result.resource.id });
          return result;
        },
      })),
  },
  {
    name: 'set-emptied',
    what: 'update takes attributes out of the `set` that it gets',
    caughtBy: [],
    create: () =>
      inBoth((sound) => ({
        update: async (id, change, ctx) => {
          const result = await sound.update(id, { ...change, set: { ...change.set } }, ctx);
          for (const name of Object.keys(change.set).slice(1)) Reflect.deleteProperty(change.set, name);
          return result;
        },
      })),
  },
  {
    name: 'members-sorted',
    what: 'update sorts the list of members that it gets',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        update: (id, change, ctx) => {
          (change.members?.add as { value: string }[] | undefined)?.sort((a, b) => (a.value < b.value ? 1 : -1));
          return sound.update(id, change, ctx);
        },
      })),
  },
  {
    name: 'selection-extended',
    what: 'list adds what it sorts by to the selection that it gets',
    caughtBy: [],
    create: () =>
      inBoth((sound) => ({
        list: (query, ctx) => {
          for (const {
            attribute: {
              keys: [top = ''],
            },
          } of query.sort)
            (query.selection as Set<string>).add(top);
          return sound.list(query, ctx);
        },
      })),
  },
  {
    name: 'sort-extended',
    what: 'list adds the tie-breaker to the sort keys that it gets',
    caughtBy: [],
    create: () =>
      inBoth((sound) => ({
        list: (query, ctx) => {
          const page = sound.list({ ...query, sort: [...query.sort] }, ctx);
          (query.sort as unknown[]).push({
            attribute: { path: 'id', keys: ['id'], type: 'string', multiValued: false, caseExact: true },
            descending: false,
          });
          return page;
        },
      })),
  },
  {
    name: 'listed-in-place',
    what: 'resources of a list change with the store',
    caughtBy: [],
    create: () =>
      inUsers((sound) => {
        const same = new Map<string, object>();
        const live = <T extends { readonly id: string }>(resource: T): T => {
          const kept = same.get(resource.id) ?? {};
          same.set(resource.id, kept);
          for (const name of Object.keys(kept)) Reflect.deleteProperty(kept, name);
          return Object.assign(kept, resource) as T;
        };
        return {
          list: async (query, ctx) => {
            const page = await sound.list(query, ctx);
            return { ...page, resources: page.resources.map(live) };
          },
          update: async (id, change, ctx) => {
            const result = await sound.update(id, change, ctx);
            return result && { ...result, resource: live(result.resource) };
          },
        };
      }),
  },
  {
    name: 'stale-get',
    what: 'get is cached for 50 milliseconds',
    caughtBy: [],
    create: () =>
      inBoth(<R extends object>(sound: ResourceStore<R>): Partial<ResourceStore<R>> => {
        const cache = new Map<string, { readonly until: number; readonly found: Stored<R> | undefined }>();
        return {
          get: async (id: string, selection: Selection, ctx: ScimContext) => {
            const key = JSON.stringify([ctx.tenant, id, [...selection]]);
            const cached = cache.get(key);
            if (cached !== undefined && cached.until > Date.now()) return cached.found;
            const found = await sound.get(id, selection, ctx);
            if (found !== undefined) cache.set(key, { until: Date.now() + 50, found });
            return found;
          },
        };
      }),
  },
  {
    name: 'late-write',
    what: 'update returns before it has written',
    caughtBy: [],
    create: () =>
      inUsers((sound) => ({
        update: async (id, change, ctx) => {
          const now = await sound.get(id, new Set([...Object.keys(change.set), ...change.selection]), ctx);
          if (now === undefined || change.ifVersion !== undefined || Object.keys(change.keys).length > 0)
            return sound.update(id, change, ctx);
          setTimeout(() => void Promise.resolve(sound.update(id, change, ctx)).catch(() => undefined), 5);
          return {
            resource: { ...now, ...change.set, meta: { ...now.meta, version: `${now.meta.version}n` } },
            changed: true,
          };
        },
      })),
  },
  {
    name: 'late-deletion',
    what: 'delete returns before it has deleted',
    caughtBy: [],
    create: () =>
      inGroups((sound) => ({
        delete: async (id, removal, ctx) => {
          const now = await sound.get(id, new Set(), ctx);
          if (now === undefined || removal.ifVersion !== undefined) return sound.delete(id, removal, ctx);
          setTimeout(() => void Promise.resolve(sound.delete(id, removal, ctx)).catch(() => undefined), 5);
          return { resource: { ...now, displayName: '' }, changed: true };
        },
      })),
  },
];

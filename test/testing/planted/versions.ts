/** Faults in versions, times, results and single writes. */
import type { Stored } from '../../../src/contract/resource.js';
import type { ScimContext } from '../../../src/contract/context.js';
import type { Change, ResourceStore, WriteResult } from '../../../src/contract/store.js';
import { ConflictError } from '../../../src/errors.js';
import { roundTrip, type Row, Table } from '../../stores/broken/sound-store.js';
import { type Fault, inBoth, inGroups, inUsers, ofTables, type PlantedFault, returned } from './alter.js';

/** ifVersion is compared in another way. */
const comparing = (isSame: (asked: string, stored: string) => boolean): typeof Table =>
  class<R extends object> extends Table<R> {
    protected override checkVersion(row: Row<R>, ifVersion: string | undefined): void {
      if (ifVersion === undefined || isSame(ifVersion, row.resource.meta.version)) return;
      super.checkVersion(row, `${row.resource.meta.version}.`);
    }
  };

const meta = (change: (meta: Stored<object>['meta']) => object): Fault =>
  returned((resource) => ({ ...resource, meta: { ...resource.meta, ...change(resource.meta) } }));

const time = (value: Date | string | undefined): number => new Date(value ?? 0).getTime();

const later = (time: Date | string | undefined, hours: number): Date =>
  new Date(new Date(time ?? 0).getTime() + hours * 3_600_000);

/** What a write returns is another thing. */
const results =
  (what: 'create' | 'update' | 'delete', change: (result: WriteResult<object>) => unknown): Fault =>
  (sound) => ({
    [what]: async (...args: readonly unknown[]): Promise<unknown> => {
      const result = (await Reflect.apply(sound[what], sound, args)) as WriteResult<object> | undefined;
      return result && change(result);
    },
  });

export const versionFaults: readonly PlantedFault[] = [
  {
    name: 'version-prefix',
    what: 'ifVersion may be the beginning of a version, or go on behind it',
    caughtBy: ['user-versions-similar'],
    create: () => ofTables(comparing((asked, stored) => asked.startsWith(stored) || stored.startsWith(asked))),
  },
  {
    name: 'version-case',
    what: 'ifVersion compares without letter case',
    caughtBy: ['user-versions-similar'],
    create: () => ofTables(comparing((asked, stored) => asked.toLowerCase() === stored.toLowerCase())),
  },
  {
    name: 'version-number',
    what: 'ifVersion compares as a number',
    caughtBy: ['user-versions-similar'],
    create: () =>
      ofTables(
        comparing((asked, stored) => Number.parseInt(asked.slice(1), 10) === Number.parseInt(stored.slice(1), 10)),
      ),
  },
  {
    name: 'version-at-least',
    what: 'ifVersion may be newer than the stored version',
    caughtBy: ['user-versions-similar'],
    create: () => ofTables(comparing((asked, stored) => Number(asked.slice(1)) >= Number(stored.slice(1)))),
  },
  {
    name: 'version-empty',
    what: 'an empty ifVersion counts as none',
    caughtBy: ['user-versions-empty', 'group-versions-empty'],
    create: () => {
      const table = comparing((asked, stored) => asked === '' || asked === stored);
      return ofTables(table, table);
    },
  },
  {
    name: 'version-of-reads',
    what: 'reading a resource gives it a new version',
    caughtBy: ['user-exchange-reads', 'group-exchange-reads'],
    create: () =>
      inBoth(<R extends object>(sound: ResourceStore<R>): Partial<ResourceStore<R>> => {
        let reads = 0;
        return {
          get: async (id, selection, ctx) => {
            const found = await sound.get(id, selection, ctx);
            return (
              found &&
              ({
                ...found,
                meta: { ...found.meta, version: `${found.meta.version}.${String(++reads)}` },
              } as Stored<R> as never)
            );
          },
        };
      }),
  },
  {
    name: 'version-of-lists',
    what: 'list and get return different versions of a user',
    caughtBy: ['projections-nothing', 'user-exchange-reads', 'user-versions-text'],
    create: () =>
      inUsers((sound) => ({
        list: async (query, ctx) => {
          const page = await sound.list(query, ctx);
          return {
            ...page,
            resources: page.resources.map((each) => ({
              ...each,
              meta: { ...each.meta, version: `${each.meta.version}-list` },
            })),
          };
        },
      })),
  },
  {
    name: 'version-long',
    what: 'a version has 200 characters',
    caughtBy: ['create-id-and-version', 'versions-compare-and-swap', 'deletion-version', 'deletion-result'],
    create: () => inBoth(meta(({ version }) => ({ version: version.padEnd(200, '0') }))),
  },
  {
    name: 'version-etag',
    what: 'a version is an entity tag',
    caughtBy: ['create-id-and-version', 'versions-compare-and-swap', 'deletion-version', 'deletion-result'],
    create: () => inBoth(meta(({ version }) => ({ version: `W/"${version}"` }))),
  },
  {
    name: 'created-elsewhere',
    what: 'times come back in the time zone of the server',
    caughtBy: ['filters-times-exact', 'filters-times-changed'],
    create: () =>
      inBoth(
        meta(({ created, lastModified }) => ({ created: later(created, 2), lastModified: later(lastModified, 2) })),
      ),
  },
  {
    name: 'created-moves',
    what: 'created is the time of the last change',
    caughtBy: ['order-times'],
    create: () => inBoth(meta(({ lastModified }) => ({ created: lastModified }))),
  },
  {
    name: 'created-of-changes',
    what: 'a change sets created to its own time',
    caughtBy: ['user-versions-created', 'group-versions-created'],
    create: () =>
      inBoth(
        meta(({ created, lastModified }) => ({
          created: time(created) === time(lastModified) ? created : lastModified,
        })),
      ),
  },
  {
    name: 'created-lost',
    what: 'a change loses created',
    caughtBy: ['user-versions-created', 'group-versions-created'],
    create: () =>
      inBoth(
        meta(({ created, lastModified, version }) =>
          time(created) === time(lastModified) ? { version } : { created: undefined },
        ),
      ),
  },
  {
    name: 'created-in-lists',
    what: 'list returns no created',
    caughtBy: ['projections-nothing', 'user-exchange-reads'],
    create: () =>
      inUsers((sound) => ({
        list: async (query, ctx) => {
          const page = await sound.list(query, ctx);
          return {
            ...page,
            resources: page.resources.map((each) => ({ ...each, meta: { version: each.meta.version } })),
          };
        },
      })),
  },
  {
    name: 'times-of-seconds',
    what: 'lastModified is in seconds since 1970',
    caughtBy: ['create-id-and-version', 'filters-times-exact', 'user-versions-times', 'group-versions-times'],
    create: () =>
      inBoth(meta(({ lastModified }) => ({ lastModified: Math.floor(new Date(lastModified ?? 0).getTime() / 1000) }))),
  },
  {
    name: 'create-unchanged',
    what: 'the creation of a group returns changed: false',
    caughtBy: ['group-exchange-results'],
    create: () => inGroups((sound) => results('create', (result) => ({ ...result, changed: false }))(sound)),
  },
  {
    name: 'delete-unchanged',
    what: 'the deletion of a group returns changed: false',
    caughtBy: ['group-exchange-results'],
    create: () => inGroups((sound) => results('delete', (result) => ({ ...result, changed: false }))(sound)),
  },
  {
    name: 'delete-true',
    what: 'the deletion of a group returns true',
    caughtBy: ['groups-delete', 'group-exchange-results'],
    create: () => inGroups((sound) => results('delete', () => true)(sound)),
  },
  {
    name: 'delete-meta',
    what: 'the deletion of a group returns no meta',
    caughtBy: ['group-exchange-results'],
    create: () =>
      inGroups((sound) =>
        results('delete', ({ resource }) => ({ changed: true, resource: { id: (resource as Stored<object>).id } }))(
          sound,
        ),
      ),
  },
  {
    name: 'update-null',
    what: 'the update of an unknown group returns changed: false',
    caughtBy: ['identity-groups', 'memberships-absent-first', 'group-writes-unknown', 'group-writes-deletion'],
    create: () =>
      inGroups((sound) => ({
        update: async (id, change, ctx) =>
          (await sound.update(id, change, ctx)) ?? {
            resource: { id, displayName: '', meta: { version: '0' } },
            changed: false,
          },
      })),
  },
  {
    name: 'update-before-write',
    what: 'update of a group returns it as it was',
    caughtBy: [
      'members-reported',
      'memberships-after-write',
      'memberships-added-twice',
      'group-writes-keeps-displayName',
    ],
    create: () =>
      inGroups((sound) => ({
        update: async (id, change, ctx) => {
          const before = await sound.get(id, change.selection, ctx);
          const result = await sound.update(id, change, ctx);
          return result && before && { ...result, resource: { ...before, meta: result.resource.meta } };
        },
      })),
  },
  {
    name: 'update-echo',
    what: 'update returns what it was given, and not what is stored',
    caughtBy: ['changes-unset-each', 'memberships-after-write', 'memberships-added-twice', 'projections-writes'],
    create: () =>
      inBoth(<R extends object>(sound: ResourceStore<R>): Partial<ResourceStore<R>> => ({
        update: async (id, change, ctx) => {
          const result = await sound.update(id, change, ctx);
          return (
            result && ({ ...result, resource: { ...change.set, id, meta: result.resource.meta } as Stored<R> } as never)
          );
        },
      })),
  },
  {
    name: 'create-echo',
    what: 'create returns nothing but what it was given',
    caughtBy: ['create-returned', 'user-exchange-reads'],
    create: () =>
      inUsers((sound) => ({
        create: async (creation, ctx) => {
          const result = await sound.create(creation, ctx);
          return { ...result, resource: { ...result.resource, meta: { version: result.resource.meta.version } } };
        },
      })),
  },
  {
    name: 'raw-conflict',
    what: 'of concurrent renames, those that lose get the error of the driver',
    caughtBy: ['uniqueness-errors'],
    create: () =>
      ofTables(
        class<R extends object> extends Table<R> {
          override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
            const row = this.find(id, ctx.tenant);
            if (row !== undefined && change.ifVersion === undefined)
              this.checkKeys(this.keysAfter(row, change), ctx.tenant, row);
            try {
              return await super.update(id, change, ctx);
            } catch (error) {
              throw error instanceof ConflictError
                ? new Error('duplicate key value violates unique constraint')
                : error;
            }
          }
        },
      ),
  },
  {
    name: 'conflict-of-id',
    what: 'a conflict names the column of the database',
    caughtBy: ['uniqueness-parallel', 'uniqueness-letter-case', 'checks-errors', 'user-keys-taken'],
    create: () =>
      inUsers((sound) => ({
        create: async (creation, ctx) => {
          try {
            return await sound.create(creation, ctx);
          } catch (error) {
            throw error instanceof ConflictError ? new ConflictError('user_name') : error;
          }
        },
      })),
  },
  {
    name: 'swallowed-conflict',
    what: 'a rename to a taken name changes nothing and says so, without an error',
    caughtBy: ['uniqueness-change', 'uniqueness-parallel-change', 'races-rename-and-creation', 'faults-refused'],
    create: () =>
      inUsers((sound) => ({
        update: async (id, change, ctx) => {
          try {
            return await sound.update(id, change, ctx);
          } catch (error) {
            if (!(error instanceof ConflictError)) throw error;
            const resource = await sound.get(id, change.selection, ctx);
            return resource && { resource, changed: false };
          }
        },
      })),
  },
  {
    name: 'wrapped-errors',
    what: 'an error of the library is wrapped in one of the store',
    caughtBy: ['groups-version', 'members-reject', 'members-reject-names-all', 'members-foreign'],
    create: () =>
      inGroups((sound) => ({
        update: async (id, change, ctx) => {
          try {
            return await sound.update(id, change, ctx);
          } catch (error) {
            throw new Error('The group could not be saved.', { cause: error });
          }
        },
      })),
  },
  {
    name: 'keys-cut',
    what: 'a unique index holds the first 64 characters',
    caughtBy: ['uniqueness-long', 'user-literals-long'],
    create: () =>
      ofTables(
        class<R extends object> extends Table<R> {
          protected override keysOf(keys: Row<R>['keys']): Row<R>['keys'] {
            return Object.fromEntries(Object.entries(keys).map(([path, key]) => [path, key.slice(0, 64)]));
          }
        },
      ),
  },
  {
    name: 'keys-of-collation',
    what: 'a unique index ignores accents',
    caughtBy: ['uniqueness-similar', 'user-literals-similar'],
    create: () =>
      ofTables(
        class<R extends object> extends Table<R> {
          protected override keysOf(keys: Row<R>['keys']): Row<R>['keys'] {
            return Object.fromEntries(
              Object.entries(keys).map(([path, key]) => [path, key.normalize('NFD').replace(/\p{M}/gu, '')]),
            );
          }
        },
      ),
  },
  {
    name: 'keys-of-both',
    what: 'a userName is unique over users and the names of groups',
    caughtBy: ['groups-names', 'group-pages-order-ascending', 'group-pages-order-descending'],
    create: () =>
      inGroups((sound) => ({
        create: async (creation, ctx) => {
          const { resources } = await sound.list(
            {
              filter: undefined,
              equals: {},
              sort: [],
              reads: [],
              page: { kind: 'index', offset: 0, limit: 1000 },
              selection: new Set(['displayName']),
              matches: () => true,
              compare: () => 0,
            },
            ctx,
          );
          if (resources.some((each) => each.displayName.toLowerCase() === creation.resource.displayName.toLowerCase()))
            throw new ConflictError('displayName');
          return sound.create(creation, ctx);
        },
      })),
  },
  {
    name: 'upserted',
    what: 'create of a name that was deleted revives the old row',
    caughtBy: ['user-identity-recreated'],
    create: () =>
      inUsers((sound) => {
        const gone = new Map<string, object>();
        return {
          delete: async (id, removal, ctx) => {
            const found = await sound.get(id, new Set(['userName', 'displayName', 'title', 'emails', 'nickName']), ctx);
            const result = await sound.delete(id, removal, ctx);
            if (result !== undefined && found !== undefined) {
              const { id: _id, meta: _meta, ...rest } = found;
              gone.set(JSON.stringify([ctx.tenant, found.userName.toLowerCase()]), rest);
            }
            return result;
          },
          create: (creation, ctx) =>
            sound.create(
              {
                ...creation,
                resource: {
                  ...gone.get(JSON.stringify([ctx.tenant, creation.resource.userName.toLowerCase()])),
                  ...creation.resource,
                },
              },
              ctx,
            ),
        };
      }),
  },
  {
    name: 'created-again-unchecked',
    what: 'a deleted id can be updated back into existence',
    caughtBy: ['group-writes-not-restored', 'group-writes-deletion', 'group-identity-recreated'],
    create: () =>
      inGroups((sound) => {
        const gone = new Set<string>();
        return {
          delete: async (id, removal, ctx) => {
            const result = await sound.delete(id, removal, ctx);
            if (result !== undefined) gone.add(id);
            return result;
          },
          update: async (id, change, ctx) => {
            const result = await sound.update(id, change, ctx);
            if (result !== undefined || !gone.has(id)) return result;
            return sound.create({ ...change, resource: { displayName: 'x', ...change.set }, keys: {} }, ctx);
          },
        };
      }),
  },
  {
    name: 'torn-write',
    what: 'a reader sees a change of two attributes half made',
    caughtBy: ['races-whole-change'],
    create: () =>
      inBoth(<R extends object>(sound: ResourceStore<R>): Partial<ResourceStore<R>> => ({
        update: async (id, change, ctx) => {
          const [first, ...rest] = Object.keys(change.set);
          if (first === undefined || rest.length === 0 || change.ifVersion !== undefined)
            return sound.update(id, change, ctx);
          const set = change.set as Readonly<Record<string, unknown>>;
          const one = await sound.update(
            id,
            { ...change, set: { [first]: set[first] } as Partial<R> as never, unset: [], members: undefined },
            ctx,
          );
          if (one === undefined) return undefined;
          await roundTrip();
          const two = await sound.update(
            id,
            { ...change, set: Object.fromEntries(rest.map((name) => [name, set[name]])) as never, keys: {} },
            ctx,
          );
          return two && { ...two, changed: one.changed || two.changed, before: one.before };
        },
      })),
  },
  {
    name: 'torn-members',
    what: 'a reader sees a new name of a group before its new members',
    caughtBy: ['races-whole-group'],
    create: () =>
      inGroups((sound) => ({
        update: async (id, change, ctx) => {
          const { members, ...columns } = change;
          if (
            members === undefined ||
            Object.keys(change.set).length === 0 ||
            change.ifVersion !== undefined ||
            (members.pending === 'reject' && members.add.some(({ value }) => value.startsWith('u9')))
          )
            return sound.update(id, change, ctx);
          const one = await sound.update(id, columns, ctx);
          if (one === undefined) return undefined;
          await roundTrip();
          const two = await sound.update(id, { ...change, set: {}, unset: [], keys: {} }, ctx);
          return two && { ...two, changed: one.changed || two.changed, before: one.before };
        },
      })),
  },
  {
    name: 'torn-creation',
    what: 'a group is seen without its members while it is created',
    caughtBy: ['races-whole-creation', 'checks-order'],
    create: () =>
      inGroups((sound) => ({
        create: async (creation, ctx) => {
          const { members, ...columns } = creation;
          if (members === undefined || members.add.length === 0 || members.pending !== 'reject')
            return sound.create(creation, ctx);
          const one = await sound.create({ ...columns }, ctx);
          await roundTrip();
          try {
            const two = await sound.update(
              one.resource.id,
              { ...creation, set: {}, unset: [], members, keys: {} },
              ctx,
            );
            return {
              ...(two ?? one),
              resource: { ...(two ?? one).resource, meta: (two ?? one).resource.meta },
              changed: true,
            };
          } catch (error) {
            await sound.delete(one.resource.id, { events: () => [], caseExact: creation.caseExact }, ctx);
            throw error;
          }
        },
      })),
  },
];

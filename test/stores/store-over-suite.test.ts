import type { ResourceStore, UserStore } from '../../src/contract/store.js';
import type { ScimContext } from '../../src/contract/context.js';
import { storeOver, type StoreRecord } from '../../src/stores/index.js';
import { type StoreUnderTest, testUserStore } from '../../src/testing/index.js';
import { randomStoreOptions, seed } from '../random.js';
import { RecordMap } from './trial/map-primitives.js';
import { sqlitePrimitives } from './trial/sqlite-primitives.js';

testUserStore({
  name: 'storeOver a Map',
  ...randomStoreOptions(),
  create: (): StoreUnderTest => {
    const map = new RecordMap();
    return { store: storeOver(map.primitives()), another: () => storeOver(map.primitives()), ...accessTo(map) };
  },
});

testUserStore({
  name: 'storeOver a Map without indexes',
  ...randomStoreOptions(20),
  create: () => storeOver(new RecordMap(false).primitives()),
});

testUserStore({
  name: 'storeOver SQLite',
  ...randomStoreOptions(),
  create: (): StoreUnderTest & { close(): void } => {
    const { primitives, breakAt, another, close } = sqlitePrimitives();
    return { store: storeOver(primitives), another: () => storeOver(another()), breakAt, anyAttribute: true, close };
  },
  destroy: ({ close }) => close(),
});

// Each call is made by the other of two stores, which know nothing of each other, and a third of all replacements is
// lost to a process that nobody sees.
testUserStore({
  name: 'storeOver a Map, in two processes that lose races',
  ...randomStoreOptions(20),
  create: (): StoreUnderTest => {
    const map = new RecordMap();
    let state = seed;
    const losing = (): boolean => (state = (state * 48_271) % 2_147_483_647) % 3 === 0;
    return {
      store: alternating(storeOver(map.primitives(losing)), storeOver(map.primitives(losing))),
      another: () => storeOver(map.primitives(losing)),
      ...accessTo(map),
    };
  },
});

function accessTo(map: RecordMap): Pick<StoreUnderTest, 'breakAt' | 'foreignWrite' | 'anyAttribute'> {
  return {
    anyAttribute: true,
    breakAt: (nth, permanently = false) => {
      map.breakIn = nth;
      map.breaksPermanently = permanently;
    },
    foreignWrite: (id) => {
      for (const [key, record] of map.records) if (record.id === id) map.records.set(key, renamed(record));
    },
  };
}

function renamed(record: StoreRecord): StoreRecord {
  const attributes = { ...record.attributes, displayName: 'changed by the app' };
  return { ...record, version: record.version + 1, attributes };
}

function alternating({ groups: one, ...first }: UserStore, { groups: other, ...second }: UserStore): UserStore {
  if (one === undefined || other === undefined) throw new Error('Both stores have groups.');
  let calls = 0;
  const isFirst = (): boolean => calls++ % 2 === 0;
  function both<R>(a: ResourceStore<R>, b: ResourceStore<R>): ResourceStore<R> {
    const next = (): ResourceStore<R> => (isFirst() ? a : b);
    return {
      create: (creation, ctx) => next().create(creation, ctx),
      get: (id, selection, ctx) => next().get(id, selection, ctx),
      list: (query, ctx) => next().list(query, ctx),
      update: (id, change, ctx) => next().update(id, change, ctx),
      delete: (id, removal, ctx) => next().delete(id, removal, ctx),
      namesOf: async (ids, ctx) => (await next().namesOf?.(ids, ctx)) ?? new Map<string, string>(),
    };
  }
  const groupsOf = async (ids: readonly string[], ctx: ScimContext) =>
    (await (isFirst() ? one : other).groupsOf?.(ids, ctx)) ?? new Map<string, never>();
  return { ...both(first, second), groups: { ...both(one, other), groupsOf } };
}

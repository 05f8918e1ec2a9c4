import type { Connection, ConnectionKey, ConnectionStore } from '../../admin/contract.js';
import { casesOf } from '../store-case.js';
import { at, type StoreContext } from './side-suite.js';

const connection: Omit<Connection, 'keys'> = {
  id: 'main',
  tenant: 'acme',
  name: 'Städte <b>',
  provider: 'okta',
  enabled: false,
};

function key(id: string, more: Partial<ConnectionKey> = {}): ConnectionKey {
  return {
    id,
    name: `Key ${id}`,
    digest: id.charCodeAt(0).toString(16).padStart(2, '0').repeat(32),
    createdAt: at(0),
    ...more,
  };
}

type Context = StoreContext<ConnectionStore>;

async function withKeys({ store }: Context, ...keys: readonly ConnectionKey[]): Promise<ConnectionStore> {
  await store.create(connection);
  for (const each of keys) await store.addKey('acme', 'main', each);
  return store;
}

/** Connections and their keys. */
export const connectionCases = casesOf<Context>(
  'connections',
  'A key that an administrator has revoked still opens the directory, or the key of one tenant opens that of another.',
  [
    [
      'stored',
      'get, list and findKey return what was stored: every property, and the keys oldest first',
      async (t) => {
        const full = key('b', { scopes: ['users:read'], expiresAt: at(9), lastUsedAt: at(3), temporary: true });
        const store = await withKeys(t, key('a'), full);
        const expected = { ...connection, keys: [key('a'), full] };
        t.same(await store.get('acme', 'main'), expected, 'what get returns');
        t.same(await store.list('acme'), [expected], 'what list returns');
        t.same(await store.findKey('b'), { connection, key: full }, 'what findKey returns');
      },
    ],
    [
      'unknown',
      'an unknown connection or key is undefined or false, and no error',
      async (t) => {
        const store = await withKeys(t, key('a'));
        t.same(await store.get('acme', 'none'), undefined, 'what get returns');
        t.same(await store.findKey('none'), undefined, 'what findKey returns');
        t.same(await store.update('acme', 'none', { enabled: true }), false, 'what update returns');
        t.same(await store.addKey('acme', 'none', key('b')), false, 'what addKey returns');
        t.same(await store.endKey('acme', 'main', 'none', { revokedAt: at(1) }), false, 'what endKey returns');
        t.same(await store.endKey('acme', 'none', 'a', { revokedAt: at(1) }), false, 'what endKey of none returns');
        await store.removeKey('acme', 'none', 'a');
        await store.touchKey('none', at(1));
        t.same(await store.get('acme', 'main'), { ...connection, keys: [key('a')] }, 'the connection');
        t.same(await store.list('none'), [], 'the connections of an unknown tenant');
      },
    ],
    [
      'tenants',
      'every call treats a connection of another tenant like one that does not exist',
      async (t) => {
        const store = await withKeys(t, key('a'), key('b', { temporary: true }));
        await store.create({ ...connection, tenant: 'other', name: 'Theirs' });
        await store.addKey('other', 'main', key('c'));
        const theirs = await store.get('other', 'main');
        t.same((await store.list('acme')).length, 1, 'the number of connections of the tenant');
        await store.create({ ...connection, tenant: 'other', id: 'theirs' });
        t.same(await store.get('acme', 'theirs'), undefined, 'a connection that another tenant alone has');
        t.same(await store.update('acme', 'theirs', { name: 'Mine' }), false, 'what update of it returns');
        t.same(await store.addKey('acme', 'theirs', key('d')), false, 'what addKey to it returns');
        await store.update('acme', 'main', { name: 'Mine', enabled: true });
        t.same(await store.endKey('acme', 'main', 'c', { revokedAt: at(1) }), false, 'what endKey of another returns');
        await store.removeKey('other', 'main', 'b');
        t.same(await store.get('other', 'main'), theirs, 'the connection of the other tenant');
        t.same((await store.get('acme', 'main'))?.keys.length, 2, 'the number of keys of the tenant');
        t.same((await store.findKey('c'))?.connection.tenant, 'other', 'the tenant of a key that was found');
        t.same((await store.findKey('a'))?.connection.tenant, 'acme', 'the tenant of the own key that was found');
      },
    ],
    [
      'create-again',
      'create does nothing when the connection exists',
      async (t) => {
        const store = await withKeys(t, key('a'));
        await store.create({ ...connection, enabled: true, name: 'Other' });
        t.same(await store.get('acme', 'main'), { ...connection, keys: [key('a')] }, 'the connection');
      },
    ],
    [
      'update',
      'update changes the named properties only; false and the empty name are values',
      async (t) => {
        const store = await withKeys(t, key('a'));
        t.same(await store.update('acme', 'main', { enabled: true }), true, 'what update returns');
        await store.update('acme', 'main', { provider: 'entra' });
        const keys = [key('a')];
        t.same(
          await store.get('acme', 'main'),
          { ...connection, enabled: true, provider: 'entra', keys },
          'the connection',
        );
        await store.update('acme', 'main', { enabled: false, name: '' });
        t.same(await store.get('acme', 'main'), { ...connection, name: '', provider: 'entra', keys }, 'the connection');
      },
    ],
    [
      'networks',
      'networks of a connection and of a key are stored in their order; null permits every address again',
      async (t) => {
        const networks = ['192.0.2.0/24', '10.0.0.0/8', '2001:db8::/32'];
        const limited = key('a', { networks: networks.slice(1) });
        const store = await withKeys(t, limited, key('b'));
        t.same(await store.update('acme', 'main', { networks }), true, 'what update returns');
        const expected = { ...connection, networks };
        t.same(await store.get('acme', 'main'), { ...expected, keys: [limited, key('b')] }, 'the connection');
        t.same(await store.findKey('a'), { connection: expected, key: limited }, 'the key with its connection');
        await store.update('acme', 'main', { enabled: true });
        t.same((await store.get('acme', 'main'))?.networks, networks, 'the networks after another change');
        await store.update('acme', 'main', { networks: null });
        t.same((await store.findKey('a'))?.connection.networks, undefined, 'the networks after null');
        t.same((await store.findKey('a'))?.key.networks, limited.networks, 'the networks of the key');
        const own = { ...connection, id: 'second', networks: ['198.51.100.0/24'] };
        await store.create(own);
        t.same(await store.get('acme', 'second'), { ...own, keys: [] }, 'a connection that was created with networks');
      },
    ],
    [
      'bound',
      'addKey returns full where the connection has as many usable keys as the bound; ended and temporary keys do not count',
      async (t) => {
        const bound = { max: 2, now: at(5) };
        const ended = key('c', { revokedAt: at(1) });
        const store = await withKeys(t, key('b', { expiresAt: at(4) }), ended, key('d', { temporary: true }));
        const add = (id: string) => store.addKey('acme', 'main', key(id), bound);
        t.same([await add('e'), await add('f'), await add('g')], [true, true, 'full'], 'what addKey returns');
        const ids = (await store.get('acme', 'main'))?.keys.map(({ id }) => id).sort();
        t.same(ids, ['b', 'c', 'd', 'e', 'f'], 'the ids of the keys');
        t.same(await store.findKey('g'), undefined, 'the key that was refused');
        await store.endKey('acme', 'main', 'e', { revokedAt: at(5) });
        t.same(await add('h'), true, 'what addKey returns after a key was revoked');
        t.same(await store.addKey('acme', 'main', key('i')), true, 'what addKey without a bound returns');
        t.same(
          await store.addKey('acme', 'none', key('j'), bound),
          false,
          'what addKey to an unknown connection returns',
        );
      },
    ],
    [
      'bound-parallel',
      'of 12 keys that are added concurrently with a bound of 3, three are added',
      async (t) => {
        const store = await withKeys(t);
        const bound = { max: 3, now: at(5) };
        const ids = Array.from({ length: 12 }, (_, n) => String.fromCharCode(97 + n));
        const results = await Promise.all(ids.map(async (id) => store.addKey('acme', 'main', key(id), bound)));
        t.same(results.filter((each) => each === true).length, 3, 'the number of keys that were added');
        t.same((await store.get('acme', 'main'))?.keys.length, 3, 'the number of keys');
      },
    ],
    [
      'expires-earlier',
      'endKey lets a key expire earlier, and never later',
      async (t) => {
        const store = await withKeys(t, key('a', { expiresAt: at(10) }), key('b'));
        const end = (id: string, minutes: number) => store.endKey('acme', 'main', id, { expiresAt: at(minutes) });
        t.same(await end('a', 20), false, 'what a later end returns');
        t.same((await store.findKey('a'))?.key.expiresAt, at(10), 'the end after a later one');
        t.same(await end('a', 5), true, 'what an earlier end returns');
        t.same((await store.findKey('a'))?.key.expiresAt, at(5), 'the end after an earlier one');
        t.same(await end('b', 5), true, 'what the first end returns');
        t.same((await store.findKey('b'))?.key.expiresAt, at(5), 'the first end');
      },
    ],
    [
      'revoked',
      'a revoked key stays revoked at its first time, in the list, and is found',
      async (t) => {
        const store = await withKeys(t, key('a'), key('b'));
        const end = (revokedAt: Date) => store.endKey('acme', 'main', 'a', { revokedAt });
        t.same(await end(at(1)), true, 'what the first revocation returns');
        t.same(await end(at(2)), false, 'what the second revocation returns');
        t.same(await store.endKey('acme', 'main', 'a', { expiresAt: at(0) }), false, 'what an end after it returns');
        t.same((await store.findKey('a'))?.key, key('a', { revokedAt: at(1) }), 'the revoked key');
        t.same((await store.get('acme', 'main'))?.keys, [key('a', { revokedAt: at(1) }), key('b')], 'the keys');
      },
    ],
    [
      'temporary',
      'removeKey removes temporary keys only',
      async (t) => {
        const store = await withKeys(t, key('a'), key('b', { temporary: true }));
        await store.removeKey('acme', 'main', 'a');
        t.same((await store.get('acme', 'main'))?.keys.length, 2, 'the number of keys');
        await store.removeKey('acme', 'main', 'b');
        t.same((await store.get('acme', 'main'))?.keys, [key('a')], 'the keys');
        t.same(await store.findKey('b'), undefined, 'the removed key');
      },
    ],
    [
      'touched',
      'touchKey saves the time of use and changes nothing else, also of a revoked key',
      async (t) => {
        const store = await withKeys(t, key('a'), key('b'));
        await store.touchKey('a', at(7));
        t.same((await store.get('acme', 'main'))?.keys, [key('a', { lastUsedAt: at(7) }), key('b')], 'the keys');
      },
    ],
    [
      'parallel',
      'concurrent changes of one connection all take effect: 20 new keys, a new name, a revocation and a use',
      async (t) => {
        const store = await withKeys(t, key('a'));
        const added = Array.from({ length: 20 }, (_, i) => key(String.fromCharCode(98 + i)));
        await Promise.all([
          ...added.map(async (each) => store.addKey('acme', 'main', each)),
          Promise.resolve(store.update('acme', 'main', { name: 'Renamed' })),
          Promise.resolve(store.update('acme', 'main', { enabled: true })),
          Promise.resolve(store.endKey('acme', 'main', 'a', { revokedAt: at(1) })),
          Promise.resolve(store.touchKey('a', at(2))),
        ]);
        const found = await store.get('acme', 'main');
        t.holds(found, { name: 'Renamed', enabled: true }, 'the connection');
        t.same(
          found?.keys.map(({ id }) => id).sort(),
          ['a', ...added.map(({ id }) => id)].sort(),
          'the ids of the keys',
        );
        const first = found?.keys.find(({ id }) => id === 'a');
        t.same(first, key('a', { revokedAt: at(1), lastUsedAt: at(2) }), 'the revoked key');
      },
    ],
    [
      'parallel-revocation',
      'of ten concurrent revocations of a key, one returns true',
      async (t) => {
        const store = await withKeys(t, key('a'));
        const ends = Array.from({ length: 10 }, async (_, i) =>
          store.endKey('acme', 'main', 'a', { revokedAt: at(i + 1) }),
        );
        t.same((await Promise.all(ends)).filter(Boolean).length, 1, 'the number of revocations that changed the key');
      },
    ],
    [
      'watch',
      'a listener is called after each change through this instance, with the ids of all keys, until it is removed',
      async (t) => {
        const store = await withKeys(t, key('a'));
        const calls: unknown[] = [];
        const stop = store.watch?.((...call) => void calls.push(call));
        if (stop === undefined) return t.skip('the store has no watch');
        await store.addKey('acme', 'main', key('b'));
        await store.endKey('acme', 'main', 'a', { revokedAt: at(1) });
        await store.update('acme', 'main', { enabled: true });
        t.same(
          calls,
          Array.from({ length: 3 }, () => ['acme', 'main', ['a', 'b']]),
          'the calls of the listener',
        );
        await store.update('acme', 'none', { enabled: true });
        stop();
        await store.update('acme', 'main', { enabled: false });
        t.same(calls.length, 3, 'the number of calls after nothing changed, and after the listener was removed');
      },
    ],
  ],
);

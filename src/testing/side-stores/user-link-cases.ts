import type { UserLink, UserLinkStore } from '../../lifecycle/connections/user-links.js';
import { casesOf } from '../store-case.js';
import { at, type StoreContext } from './side-suite.js';

type Context = StoreContext<UserLinkStore>;

const time = at(0).toISOString();

function link(userId: string, more: Partial<UserLink> = {}): UserLink {
  return { tenant: 'acme', userId, connection: 'main', time, ...more };
}

async function put({ store }: Context, ...links: readonly UserLink[]): Promise<void> {
  for (const each of links) await store.change(each.tenant, each.userId, () => each);
}

/** Which connection manages which user. */
export const userLinkCases = casesOf<Context>(
  'user-links',
  'The end of a connection deactivates users of another one, or leaves some of its own active.',
  [
    [
      'stored',
      'get returns every property of what change made, and undefined for an unknown user',
      async (t) => {
        const suspension = { by: 'administrator', time, reason: 'Lost "laptop" é' } as const;
        const full = link('u1', {
          stateTime: at(1).toISOString(),
          deactivated: { by: 'provider', time },
          suspended: suspension,
          offboardedAt: at(2).toISOString(),
        });
        const bare = link('u2', { connection: undefined, time: '' });
        await put(t, full, bare);
        t.same(await t.store.get('acme', 'u1'), full, 'a link with everything');
        t.same(await t.store.get('acme', 'u2'), bare, 'a link without a connection');
        for (const id of ['none', '', 'U1', 'u1 ', "' or 1=1 --"]) {
          t.same(await t.store.get('acme', id), undefined, `what get returns for ${JSON.stringify(id)}`);
        }
      },
    ],
    [
      'change',
      'change passes the stored link, or undefined, and replaces it as a whole; what is left out is gone',
      async (t) => {
        const seen: (UserLink | undefined)[] = [];
        const suspended = { by: 'guard', time } as const;
        await t.store.change('acme', 'u1', (stored) => {
          seen.push(stored);
          return link('u1', { suspended, connection: 'old' });
        });
        await t.store.change('acme', 'u1', (stored) => {
          seen.push(stored);
          return link('u1');
        });
        t.same(
          [seen[0] ?? null, seen.at(-1)],
          [null, link('u1', { suspended, connection: 'old' })],
          'what change has passed',
        );
        t.same(await t.store.get('acme', 'u1'), link('u1'), 'the link');
      },
    ],
    [
      'no-change',
      'a change that returns undefined leaves the link as it is, and makes none',
      async (t) => {
        await t.store.change('acme', 'u1', () => undefined);
        t.same(await t.store.get('acme', 'u1'), undefined, 'the link of a user without one');
        await put(t, link('u1'));
        await t.store.change('acme', 'u1', () => undefined);
        t.same(await t.store.get('acme', 'u1'), link('u1'), 'the link');
        t.same(await t.store.count('acme', 'main'), 1, 'the number of users');
      },
    ],
    [
      'fault',
      'a change that throws passes the error on and leaves the link as it is',
      async (t) => {
        await put(t, link('u1'));
        const mine = new Error('the change fails');
        const fail = (): never => {
          throw mine;
        };
        const error = await t.thrownBy(async () => t.store.change('acme', 'u1', fail), 'the error was swallowed');
        t.ok(error === mine, `the error became ${String(error)}`);
        t.same(await t.store.get('acme', 'u1'), link('u1'), 'the link');
        await put(t, link('u1', { connection: 'other' }));
        t.same((await t.store.get('acme', 'u1'))?.connection, 'other', 'the connection after a later change');
      },
    ],
    [
      'parallel',
      'of 20 concurrent changes of one user each sees the result of the one before, and of 20 users all take effect',
      async (t) => {
        const append = () =>
          t.store.change('acme', 'u1', (stored) => link('u1', { connection: `${stored?.connection ?? ''}x` }));
        await Promise.all(Array.from({ length: 20 }, async () => append()));
        t.same((await t.store.get('acme', 'u1'))?.connection, 'x'.repeat(20), 'what 20 changes have appended');
        const ids = Array.from({ length: 20 }, (_, n) => `p${String(n)}`);
        await Promise.all(ids.map(async (id) => t.store.change('acme', id, () => link(id))));
        t.same(await t.store.count('acme', 'main'), 20, 'the number of users');
      },
    ],
    [
      'managed',
      'count and page have the users of a connection alone: not those of another, without one, or deleted',
      async (t) => {
        await put(t, link('u1'), link('u2', { connection: 'other' }), link('u3', { connection: undefined }));
        await put(t, link('u4', { offboardedAt: time }), link('u5', { deactivated: { by: 'provider', time } }));
        await put(t, link('u6', { connection: 'MAIN' }));
        t.same(await t.store.count('acme', 'main'), 2, 'the count');
        t.same(await t.store.page('acme', 'main', undefined, 10), ['u1', 'u5'], 'the page');
        t.same(
          [await t.store.count('acme', 'none'), await t.store.page('acme', 'none', undefined, 5)],
          [0, []],
          'an unknown connection',
        );
        await put(t, link('u1', { connection: 'other' }), link('u3'));
        t.same(await t.store.page('acme', 'main', undefined, 10), ['u3', 'u5'], 'the page after two moved');
        t.same(await t.store.count('acme', 'other'), 2, 'the count of the other connection');
      },
    ],
    [
      'pages',
      'page is in ascending order of ids by code unit, and continues behind an id, also behind one that has left',
      async (t) => {
        const ids = ['u10', 'U2', 'u9', 'u1', '_a', 'u-1', 'ä'];
        await put(t, ...ids.map((id) => link(id)));
        const sorted = [...ids].sort();
        t.same(await t.store.page('acme', 'main', undefined, 50), sorted, 'the order');
        const read: string[] = [];
        for (let page = 0; ; page++) {
          t.ok(page < 20, 'the pages do not end');
          const found = await t.store.page('acme', 'main', read.at(-1), 2);
          if (found.length === 0) break;
          read.push(...found);
          const last = read.at(-1) ?? '';
          await put(t, link(last, { connection: undefined }));
        }
        t.same(read, sorted, 'the ids of all pages');
        t.same(await t.store.page('acme', 'main', 'zzz', 5), [], 'what comes behind the last');
      },
    ],
    [
      'tenants',
      'every call is bound to its tenant; equal ids of two tenants are two users',
      async (t) => {
        const theirs = link('u1', { tenant: 'other' });
        await put(t, theirs);
        t.same(await t.store.get('acme', 'u1'), undefined, 'what get returns');
        t.same(
          [await t.store.count('acme', 'main'), await t.store.page('acme', 'main', undefined, 9)],
          [0, []],
          'count and page',
        );
        let seen: unknown = 'not called';
        await t.store.change('acme', 'u1', (stored) => {
          seen = stored ?? null;
          return link('u1', { connection: 'mine' });
        });
        t.same(seen, null, 'what change passes of a user of another tenant');
        t.same(await t.store.get('other', 'u1'), theirs, 'the link in the other tenant');
        t.same(await t.store.get('acme', 'u1'), link('u1', { connection: 'mine' }), 'the own link');
      },
    ],
  ],
);

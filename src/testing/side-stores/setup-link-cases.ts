import type { SetupLink, SetupLinkStore } from '../../admin/setup-link-store.js';
import { casesOf } from '../store-case.js';
import { at, type StoreContext } from './side-suite.js';

type Context = StoreContext<SetupLinkStore>;

/** A link that was created in its minute and can be used for an hour. */
function link(minute: number, more: Partial<SetupLink> = {}): SetupLink {
  return {
    id: `link${String(minute)}`,
    tenant: 'acme',
    connection: 'main',
    name: 'Städte <b>',
    createdBy: 'Ada "é"',
    createdAt: at(minute),
    expiresAt: at(minute + 60),
    ...more,
  };
}

const idsOf = (all: readonly SetupLink[]): readonly string[] => all.map(({ id }) => id);
const { id } = link(1);

/** Links with which the administrator of a customer sets a connection up. */
export const setupLinkCases = casesOf<Context>(
  'setup-links',
  'A link that was used, revoked or has expired still gives access to a connection, or to that of another tenant.',
  [
    [
      'stored',
      'get and list return every property of what was added, times as Dates; a new link is neither used nor revoked',
      async (t) => {
        const added = link(1, { createdAt: new Date(at(1).getTime() + 123), name: '' });
        await t.store.add(added);
        const found = await t.store.get('acme', id);
        t.same(found, added, 'what get returns');
        t.same(await t.store.list('acme', 'main', 10), [added], 'what list returns');
        t.ok(found?.createdAt instanceof Date && found.expiresAt instanceof Date, 'a time is no Date');
        t.same([found?.usedAt ?? null, found?.revokedAt ?? null], [null, null], 'when it was used and revoked');
      },
    ],
    [
      'unknown',
      'an unknown link is undefined or false, and no error',
      async (t) => {
        await t.store.add(link(1));
        for (const other of ['none', '', id.toUpperCase(), `${id} `, `${id}%`, "' or 1=1 --"]) {
          t.same(await t.store.get('acme', other), undefined, `what get returns for ${JSON.stringify(other)}`);
          t.same(await t.store.use('acme', other, at(2)), false, `what use returns for ${JSON.stringify(other)}`);
        }
        await t.store.revoke('acme', 'none', at(2));
        t.same(await t.store.list('acme', 'none', 10), [], 'the links of an unknown connection');
        t.same(await t.store.get('acme', id), link(1), 'the link');
      },
    ],
    [
      'list',
      'list has the links of one connection, newest first, up to its limit; used, revoked and expired ones too',
      async (t) => {
        for (const minute of [1, 2, 3, 4]) await t.store.add(link(minute));
        await t.store.add(link(5, { connection: 'other' }));
        await t.store.use('acme', 'link2', at(5));
        t.same(idsOf(await t.store.list('acme', 'main', 10)), ['link4', 'link3', 'link2', 'link1'], 'the ids');
        t.same(idsOf(await t.store.list('acme', 'main', 2)), ['link4', 'link3'], 'the ids of the newest two');
        await t.store.revoke('acme', 'main', at(6));
        t.same((await t.store.list('acme', 'main', 10)).length, 4, 'the number of links after they were revoked');
        t.same(idsOf(await t.store.list('acme', 'other', 10)), ['link5'], 'the ids of another connection');
      },
    ],
    [
      'used-once',
      'of 20 concurrent uses of a link one returns true, and the link keeps the time of that one',
      async (t) => {
        await t.store.add(link(1));
        const uses = Array.from({ length: 20 }, async (_, n) => t.store.use('acme', id, at(2 + n)));
        const results = await Promise.all(uses);
        t.same(results.filter((each) => each).length, 1, 'the number of uses that returned true');
        const first = results.indexOf(true);
        t.same((await t.store.get('acme', id))?.usedAt, at(2 + first), 'when it was used');
        t.same(await t.store.use('acme', id, at(30)), false, 'what a later use returns');
        t.same(await t.store.get('acme', id), link(1, { usedAt: at(2 + first) }), 'the used link');
      },
    ],
    [
      'expired',
      'a link cannot be used at or after its end, and stays unused then',
      async (t) => {
        await t.store.add(link(1));
        await t.store.add(link(2));
        t.same(await t.store.use('acme', id, at(61)), false, 'what a use at its end returns');
        t.same(await t.store.use('acme', id, at(99)), false, 'what a use after its end returns');
        t.same(await t.store.get('acme', id), link(1), 'the expired link');
        const last = new Date(at(62).getTime() - 1);
        t.same(await t.store.use('acme', 'link2', last), true, 'what a use in the last millisecond returns');
      },
    ],
    [
      'revoked',
      'revoke ends all links of a connection, used ones too, at the time of the first revocation; none can be used then',
      async (t) => {
        for (const minute of [1, 2, 3]) await t.store.add(link(minute));
        await t.store.use('acme', 'link2', at(5));
        await t.store.revoke('acme', 'main', at(6));
        await t.store.revoke('acme', 'main', at(7));
        t.same(await t.store.use('acme', id, at(6)), false, 'what a use after the revocation returns');
        const revokedAt = at(6);
        const expected = [link(3, { revokedAt }), link(2, { revokedAt, usedAt: at(5) }), link(1, { revokedAt })];
        t.same(await t.store.list('acme', 'main', 10), expected, 'the links');
        await t.store.add(link(9));
        t.same(
          await t.store.use('acme', 'link9', at(10)),
          true,
          'what a use of a link from after the revocation returns',
        );
      },
    ],
    [
      'other-connections',
      'revoke leaves the links of other connections, and use the other links of its own',
      async (t) => {
        for (const each of [link(1), link(2), link(3, { connection: 'other' }), link(4, { connection: 'MAIN' })]) {
          await t.store.add(each);
        }
        await t.store.use('acme', 'link2', at(5));
        t.same(await t.store.get('acme', id), link(1), 'another link of the connection after a use');
        await t.store.revoke('acme', 'main', at(6));
        t.same(await t.store.get('acme', 'link3'), link(3, { connection: 'other' }), 'a link of another connection');
        t.same(
          await t.store.use('acme', 'link4', at(7)),
          true,
          'what a use of a connection of another letter case returns',
        );
      },
    ],
    [
      'parallel',
      'of a concurrent use and revocation the link ends revoked, whether it was used or not',
      async (t) => {
        for (let n = 1; n <= 6; n++) {
          const of = { connection: `c${String(n)}` };
          const added = link(n, of);
          await t.store.add(added);
          const both = [
            async () => t.store.use('acme', added.id, at(10)),
            async () => t.store.revoke('acme', of.connection, at(11)),
          ];
          const [used] = await Promise.all((n % 2 === 0 ? both : both.reverse()).map((call) => call()));
          const wasUsed = n % 2 === 0 ? used : undefined;
          const found = await t.store.get('acme', added.id);
          t.same(found?.revokedAt, at(11), 'when it was revoked');
          if (wasUsed !== undefined) t.same(found?.usedAt !== undefined, wasUsed, 'whether it was used');
          t.same(await t.store.use('acme', added.id, at(12)), false, 'what a use after both returns');
        }
      },
    ],
    [
      'tenants',
      'every call is bound to its tenant; equal ids and connections of two tenants are two',
      async (t) => {
        const theirs = link(1, { tenant: 'other', name: 'Theirs' });
        await t.store.add(theirs);
        t.same(await t.store.get('acme', id), undefined, 'what get returns');
        t.same(await t.store.list('acme', 'main', 10), [], 'what list returns');
        t.same(await t.store.use('acme', id, at(2)), false, 'what use returns');
        await t.store.revoke('acme', 'main', at(2));
        t.same(await t.store.get('other', id), theirs, 'the link of the other tenant');
        await t.store.add(link(1));
        t.same(await t.store.use('acme', id, at(3)), true, 'what a use of the own link returns');
        await t.store.revoke('acme', 'main', at(4));
        t.same(
          await t.store.get('other', id),
          theirs,
          'the link of the other tenant after use and revocation of the own',
        );
        t.same(await t.store.get('OTHER', id), undefined, 'the link in a tenant of another letter case');
      },
    ],
  ],
);

import type { CustodyEntry, NewTombstone, TombstoneStore } from '../../lifecycle/offboarding/tombstones.js';
import { casesOf } from '../store-case.js';
import { at, type StoreContext } from './side-suite.js';

type Context = StoreContext<TombstoneStore>;

function tombstone(n: number, more: Partial<NewTombstone> = {}): NewTombstone {
  return {
    id: `event-${String(n)}`,
    tenant: 'acme',
    userId: `u${String(n)}`,
    time: at(n).toISOString(),
    actor: 'okta',
    label: `Ada "é" ${String(n)}`,
    externalId: `Ext-${String(n)}`,
    employeeNumber: `No-${String(n)}`,
    ...more,
  };
}

const custody = (item: string, more: Partial<CustodyEntry> = {}): CustodyEntry => ({
  handler: 'assets',
  item: { id: item, label: `Laptop ${item}` },
  time: at(0).toISOString(),
  action: 'flag',
  ...more,
});

/** What is kept of deleted users. */
export const tombstoneCases = casesOf<Context>(
  'tombstones',
  'A user who returns is not recognized, or gets what another one had.',
  [
    [
      'stored',
      'get returns what was added, with an empty custody history; a tombstone whose id exists stays unchanged',
      async (t) => {
        await t.store.add(tombstone(1));
        await t.store.add({ ...tombstone(1), label: 'Another' });
        t.same(await t.store.get('acme', 'event-1'), { ...tombstone(1), custody: [] }, 'what get returns');
        t.same(await t.store.get('acme', 'none'), undefined, 'what get returns of an unknown id');
        const bare = tombstone(2, { label: undefined, externalId: undefined, employeeNumber: undefined });
        await t.store.add(bare);
        t.same(await t.store.get('acme', 'event-2'), { ...bare, custody: [] }, 'a tombstone without identifiers');
      },
    ],
    [
      'custody',
      'addCustody appends; the same item of the same handler at the same time is stored once',
      async (t) => {
        await t.store.add(tombstone(1));
        const transfer = custody('2', { action: 'transfer', managerId: 'u-42' });
        const other = custody('1', { handler: 'licenses', action: undefined });
        const later = custody('1', { time: at(9).toISOString() });
        await t.store.addCustody('acme', 'event-1', [custody('1'), transfer]);
        await t.store.addCustody('acme', 'event-1', [custody('1', { action: 'revoke' }), other, later]);
        await t.store.addCustody('acme', 'none', [custody('3')]);
        const found = await t.store.get('acme', 'event-1');
        t.same(found?.custody, [custody('1'), transfer, other, later], 'the custody history');
      },
    ],
    [
      'custody-parallel',
      'concurrent additions to one history all take effect, each once',
      async (t) => {
        await t.store.add(tombstone(1));
        const entries = Array.from({ length: 20 }, (_, n) => custody(String(n % 10)));
        await Promise.all(entries.map(async (each) => t.store.addCustody('acme', 'event-1', [each])));
        const found = await t.store.get('acme', 'event-1');
        const items = found?.custody.map(({ item }) => item.id).sort();
        t.same(
          items,
          Array.from({ length: 10 }, (_, n) => String(n)),
          'the items of the history',
        );
      },
    ],
    [
      'find',
      'find returns unclaimed tombstones with exactly this externalId or employeeNumber, and nothing for any other key',
      async (t) => {
        await t.store.add(tombstone(1));
        await t.store.add(tombstone(2, { externalId: 'ext-1' }));
        const ids = async (by: string, value: string): Promise<readonly string[]> =>
          (await t.store.find('acme', { by, value })).map(({ id }) => id);
        t.same(await ids('externalId', 'Ext-1'), ['event-1'], 'what an externalId finds');
        t.same(await ids('externalId', 'ext-1'), ['event-2'], 'what an externalId in another case finds');
        t.same(await ids('employeeNumber', 'No-2'), ['event-2'], 'what an employeeNumber finds');
        t.same(await ids('externalId', 'No-1'), [], 'what an employeeNumber finds as an externalId');
        t.same(await ids('externalId', 'Ext-_'), [], 'what a wildcard finds');
        for (const by of ['userName', 'label', 'id', 'custody', '__proto__', "' or 1=1 --"]) {
          t.same(await ids(by, 'u1'), [], `what ${by} finds`);
        }
        const [candidate] = await t.store.find('acme', { by: 'externalId', value: 'Ext-1' });
        t.ok(candidate?.label.includes('Ada "é" 1') === true, 'the label of the candidate does not name the user');
        await t.store.claim('acme', 'event-1', 'u9');
        t.same(await ids('externalId', 'Ext-1'), [], 'what is found after the claim');
      },
    ],
    [
      'claim',
      'the first claim wins, also concurrently; the same id may claim again',
      async (t) => {
        await t.store.add(tombstone(1));
        const claims = Array.from({ length: 10 }, async (_, n) => t.store.claim('acme', 'event-1', `u${String(n)}`));
        t.same((await Promise.all(claims)).filter(Boolean).length, 1, 'the number of claims that won');
        const { claimedBy = '' } = (await t.store.get('acme', 'event-1')) ?? {};
        t.same(await t.store.claim('acme', 'event-1', claimedBy), true, 'what the winner gets again');
        t.same(await t.store.claim('acme', 'event-1', 'another'), false, 'what another one gets');
        t.same((await t.store.get('acme', 'event-1'))?.claimedBy, claimedBy, 'who has claimed it');
        t.same(await t.store.claim('acme', 'none', 'u1'), false, 'what a claim of an unknown tombstone returns');
      },
    ],
    [
      'list',
      'list is newest first, up to its limit, which is 100 by default',
      async (t) => {
        for (let n = 0; n < 105; n++) await t.store.add(tombstone(n));
        const all = await t.store.list('acme');
        t.same([all.length, all[0]?.id, all[99]?.id], [100, 'event-104', 'event-5'], 'number, first and last');
        t.same(
          (await t.store.list('acme', 2)).map(({ id }) => id),
          ['event-104', 'event-103'],
          'the newest two',
        );
        await t.store.addCustody('acme', 'event-104', [custody('1')]);
        t.same((await t.store.list('acme', 1))[0]?.custody, [custody('1')], 'the custody history in a list');
      },
    ],
    [
      'forget',
      'forget erases a tombstone and its history, for every call; false when it is unknown',
      async (t) => {
        await t.store.add(tombstone(1));
        await t.store.addCustody('acme', 'event-1', [custody('1')]);
        t.same(await t.store.forget('acme', 'event-1'), true, 'what forget returns');
        t.same(await t.store.forget('acme', 'event-1'), false, 'what forget again returns');
        t.same(await t.store.get('acme', 'event-1'), undefined, 'what get returns');
        t.same(await t.store.list('acme'), [], 'what list returns');
        t.same(await t.store.find('acme', { by: 'externalId', value: 'Ext-1' }), [], 'what find returns');
        await t.store.add(tombstone(1));
        t.same((await t.store.get('acme', 'event-1'))?.custody, [], 'the history of a tombstone that is added again');
      },
    ],
    [
      'tenants',
      'every call is bound to its tenant; equal ids of two tenants are two tombstones',
      async (t) => {
        await t.store.add(tombstone(1, { tenant: 'other' }));
        const theirs = await t.store.get('other', 'event-1');
        t.same(await t.store.get('acme', 'event-1'), undefined, 'what get returns');
        t.same(await t.store.list('acme'), [], 'what list returns');
        t.same(await t.store.find('acme', { by: 'externalId', value: 'Ext-1' }), [], 'what find returns');
        t.same(await t.store.claim('acme', 'event-1', 'u9'), false, 'what claim returns');
        await t.store.addCustody('acme', 'event-1', [custody('1')]);
        t.same(await t.store.forget('acme', 'event-1'), false, 'what forget returns');
        await t.store.add(tombstone(1, { label: 'Mine' }));
        t.same((await t.store.get('acme', 'event-1'))?.label, 'Mine', 'the label of the own tombstone');
        t.same(await t.store.get('other', 'event-1'), theirs, 'the tombstone of the other tenant');
      },
    ],
  ],
);

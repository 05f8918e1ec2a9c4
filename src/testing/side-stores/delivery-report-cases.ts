import type { DeliveryState } from '../../contract/deliveries.js';
import { casesOf } from '../store-case.js';

import {
  type Context,
  now,
  lease,
  crm,
  delivery,
  add,
  claimed,
  states,
  idsOf,
  dead,
  failure,
  retry,
  dueAt,
} from './sample-deliveries.js';

/** Reports of deliveries: what an attempt changes, and sending again. */
export const deliveryReportCases = casesOf<Context>(
  'deliveries',
  'A receiver misses an event, gets it again and again, or gets one of another tenant.',
  [
    [
      'delivered',
      'a delivered event is not claimed again, and its record stays with the status, and without an error or a next attempt',
      async (t) => {
        await add(t, delivery('a'));
        await t.store.report(await claimed(t), retry(), now + 1);
        await t.store.report(await claimed(t, now + 5_000), { state: 'delivered', status: 204 }, now + 5_001);
        const record = { ...crm, id: 'a', eventId: 'event-a', eventType: 'user.created', createdAt: now };
        const expected = { ...record, state: 'delivered', attempts: 2, lastAttemptAt: now + 5_000, status: 204 };
        t.same(await t.store.list('acme', { limit: 10 }), [expected], 'the record');
        t.same(await t.store.claim(crm, now + 100 * lease, lease, 10), [], 'what is claimed later');
        t.same(await t.store.due(now + 100 * lease, 10), [], 'the endpoints that are due later');
      },
    ],
    [
      'retried',
      'a failed attempt keeps status and error, and the delivery is due at its next attempt; a dead one never is',
      async (t) => {
        await add(t, delivery('a'), delivery('b', { createdAt: now + 1 }));
        const [first, second] = await t.store.claim(crm, now + 1, lease, 2);
        if (first === undefined || second === undefined)
          return t.ok(false, 'two deliveries are due, and were not claimed');
        await t.store.report(first, retry(), now + 2);
        await t.store.report(second, dead, now + 2);
        const [b, a] = await t.store.list('acme', { limit: 10 });
        const pending = { state: 'pending', status: 503, error: 'HTTP 503', nextAttemptAt: now + 5_000 };
        t.holds(a, pending, 'the record of the one that is tried again');
        t.holds(
          b,
          { state: 'dead', status: 400, error: 'HTTP 400', nextAttemptAt: undefined },
          'the record of the dead one',
        );
        t.same(await t.store.claim(crm, now + 4_999, lease, 10), [], 'what is claimed before the next attempt');
        t.same(idsOf(await t.store.claim(crm, now + 5_000, lease, 10)), ['a'], 'what is claimed at the next attempt');
      },
    ],
    [
      'late-report',
      'a failure that is reported after another attempt has begun is ignored, and a success counts; so does none for an unknown id',
      async (t) => {
        await add(t, delivery('a'));
        const late = await claimed(t);
        await t.store.claim(crm, now + lease, lease, 1);
        await t.store.report(late, dead, now + lease);
        await t.store.report(late, retry({ nextAttemptAt: now }), now + lease);
        const [record] = await t.store.list('acme', { limit: 1 });
        t.holds(record, { state: 'pending', attempts: 2, nextAttemptAt: now + 2 * lease }, 'the record');
        await t.store.report(late, { state: 'delivered', status: 200 }, now + lease);
        t.same(await states(t), { a: 'delivered' }, 'the states after a late success');
        await t.store.report({ ...late, id: 'none' }, dead, now + lease);
        t.same(await states(t), { a: 'delivered' }, 'the states after a report about an unknown delivery');
      },
    ],
    [
      'success-stays',
      'a failure that is reported after a success does not undo it',
      async (t) => {
        await add(t, delivery('a'));
        const attempt = await claimed(t);
        await t.store.report(attempt, { state: 'delivered', status: 200 }, now);
        await t.store.report(attempt, dead, now + 1);
        t.same(await states(t), { a: 'delivered' }, 'the states');
        t.same(await t.store.claim(crm, now + 10 * lease, lease, 10), [], 'what is claimed later');
      },
    ],
    [
      'paused',
      'a failing endpoint is not due before its pause ends, others are; a success ends failures and pause',
      async (t) => {
        await add(t, delivery('a'), delivery('b', { createdAt: now + 1 }), delivery('c', { endpoint: 'other' }));
        await t.store.report(await claimed(t), retry({ endpoint: failure }), now);
        t.same(await dueAt(t, now + 59_999), ['other'], 'the endpoints that are due during the pause');
        t.same(await dueAt(t, now + 60_000), ['crm', 'other'], 'the endpoints that are due after the pause');
        const health = async () => (await t.store.health('acme')).find(({ endpoint }) => endpoint === 'crm');
        const failing = { endpoint: 'crm', failures: 1, failingSince: now, pausedUntil: now + 60_000 };
        t.same(await health(), failing, 'the health of the endpoint');
        const second = { failures: 2, pausedUntil: now + 200_000, disable: false };
        await t.store.report(await claimed(t, now + 60_000), retry({ endpoint: second }), now + 60_001);
        const worse = { ...failing, failures: 2, pausedUntil: now + 200_000 };
        t.same(await health(), worse, 'its health after a second failure: it fails since the first');
        const [due] = await t.store.due(now + 200_000, 10);
        const others = (await t.store.due(now + 200_000, 10)).find(({ endpoint }) => endpoint === 'crm') ?? due;
        t.same(others, { ...crm, failures: 2, failingSince: now }, 'the endpoint that is due');
        await t.store.report(await claimed(t, now + 200_000), { state: 'delivered', status: 200 }, now + 200_000);
        t.same(await health(), { endpoint: 'crm', failures: 0 }, 'its health after a success');
      },
    ],
    [
      'parallel-failures',
      'failures of one endpoint that are reported concurrently count once, and the longest pause holds',
      async (t) => {
        await add(t, ...Array.from({ length: 6 }, (_, n) => delivery(`d${String(n)}`)));
        const all = await t.store.claim(crm, now, lease, 10);
        await Promise.all(
          all.map(async (each, n) => {
            const endpoint = { failures: 1, pausedUntil: now + 10_000 * (n + 1), disable: false };
            return t.store.report(each, retry({ endpoint }), now + n);
          }),
        );
        const [health] = await t.store.health('acme');
        t.same([health?.failures, health?.pausedUntil], [1, now + 60_000], 'failures and pause');
        t.same(Object.keys(await states(t)).length, 6, 'the number of deliveries');
      },
    ],
    [
      'disabled',
      'a disabled endpoint is never due, keeps its deliveries, and is due again once it is enabled',
      async (t) => {
        await add(t, delivery('a'), delivery('b'));
        const gone = { failures: 1, pausedUntil: now, disable: true };
        await t.store.report(await claimed(t), retry({ endpoint: gone, nextAttemptAt: now + 1 }), now);
        t.same(await t.store.due(now + 100 * lease, 10), [], 'the endpoints that are due');
        t.same((await t.store.health('acme'))[0]?.disabledAt, now, 'when it was disabled');
        t.same(await t.store.enable('acme', 'none'), false, 'what enable of an unknown endpoint returns');
        t.same(await t.store.enable('other', 'crm'), false, 'what enable in another tenant returns');
        t.same(await t.store.enable('acme', 'crm'), true, 'what enable returns');
        t.same(await t.store.health('acme'), [{ endpoint: 'crm', failures: 0 }], 'the health after it was enabled');
        t.same((await t.store.claim(crm, now + lease, lease, 10)).length, 2, 'the number of deliveries that are due');
      },
    ],
    [
      'resent',
      'resend makes dead deliveries pending and due at once, as new ones: one, or all of an endpoint; no other state changes',
      async (t) => {
        await add(
          t,
          delivery('a'),
          delivery('b'),
          delivery('c', { endpoint: 'other' }),
          delivery('d', { createdAt: now + 1 }),
        );
        for (const each of await t.store.claim(crm, now, lease, 2)) await t.store.report(each, dead, now);
        await t.store.report(await claimed(t, now, { ...crm, endpoint: 'other' }), dead, now);
        t.same(await t.store.resend('acme', { id: 'd' }, now + 2), 0, 'what resend of a pending delivery returns');
        t.same(await t.store.resend('acme', { id: 'none' }, now + 2), 0, 'what resend of an unknown delivery returns');
        t.same(await t.store.resend('acme', { id: 'a' }, now + 2), 1, 'what resend of a dead delivery returns');
        t.same(await t.store.resend('acme', { id: 'a' }, now + 2), 0, 'what resend again returns');
        t.same(await t.store.resend('acme', { endpoint: 'crm' }, now + 2), 1, 'what resend of an endpoint returns');
        t.same(await states(t), { a: 'pending', b: 'pending', c: 'dead', d: 'pending' }, 'the states');
        const first = (await t.store.claim(crm, now + 2, lease, 10)).find(({ id }) => id === 'a');
        t.same(first, { ...delivery('a'), attempts: 1, queuedAt: now + 2 }, 'the delivery that is sent again');
      },
    ],
    [
      'resent-many',
      'resend, expire and prune of 450 deliveries take all of them',
      async (t) => {
        const all = Array.from({ length: 450 }, (_, n) => delivery(`d${String(n)}`));
        await t.store.add(all);
        const count = (state: DeliveryState) => t.store.count('acme', 'crm', state, 1_000);
        t.same(await t.store.expire(now + 1, 'too old'), 450, 'what expire returns');
        t.same([await count('dead'), await count('pending')], [450, 0], 'the dead and pending ones after expire');
        t.same(await t.store.resend('acme', { endpoint: 'crm' }, now + 9), 450, 'what resend returns');
        t.same([await count('dead'), await count('pending')], [0, 450], 'the dead and pending ones after resend');
        await t.store.expire(now + 10, 'too old');
        await t.store.prune({ delivered: 0, dead: now + 10 });
        t.same([await count('dead'), await count('pending')], [0, 0], 'the dead and pending ones after prune');
      },
    ],
  ],
);

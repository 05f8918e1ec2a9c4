import type { DeliveryQuery } from '../../contract/deliveries.js';
import { casesOf } from '../store-case.js';

import {
  type Context,
  now,
  lease,
  crm,
  eventOf,
  delivery,
  add,
  claimed,
  states,
  idsOf,
  dead,
} from './sample-deliveries.js';

/** Deliveries of events to receivers: what is stored, and which are due. */
export const deliveryCases = casesOf<Context>(
  'deliveries',
  'A receiver misses an event, gets it again and again, or gets one of another tenant.',
  [
    [
      'stored',
      'claim returns everything of what was added, and list its record, pending and without an attempt',
      async (t) => {
        await add(t, delivery('a'));
        const record = { ...crm, id: 'a', eventId: 'event-a', eventType: 'user.created', createdAt: now };
        const pending = { ...record, state: 'pending', attempts: 0, nextAttemptAt: now };
        t.same(await t.store.list('acme', { limit: 10 }), [pending], 'the record');
        const first = await claimed(t);
        t.same(first, { ...delivery('a'), attempts: 1, queuedAt: now }, 'the claimed delivery');
        const [begun] = await t.store.list('acme', { limit: 10 });
        const attempt = { attempts: 1, lastAttemptAt: now, nextAttemptAt: now + lease };
        t.same(begun, { ...pending, ...attempt }, 'the record while an attempt runs');
      },
    ],
    [
      'added-once',
      'a delivery whose id exists stays as it is, in any state, also where it is added concurrently',
      async (t) => {
        await add(t, delivery('a'), delivery('b', { createdAt: now + 1 }));
        await t.store.report(await claimed(t), { state: 'delivered', status: 204 }, now);
        const again = { createdAt: now + 9, event: eventOf('another') };
        await add(t, delivery('a', again), delivery('b', again), delivery('c'));
        t.same(await states(t), { a: 'delivered', b: 'pending', c: 'pending' }, 'the states');
        await Promise.all(Array.from({ length: 10 }, async () => t.store.add([delivery('d')])));
        t.same((await t.store.list('acme', { limit: 100 })).length, 4, 'the number of deliveries');
        const all = await t.store.claim(crm, now + 9, lease, 10);
        t.same(all.find(({ id }) => id === 'b')?.event.id, 'event-b', 'the event of the delivery that was there');
        await add(t);
      },
    ],
    [
      'claimed-once',
      'of concurrent claims each delivery goes to one, and is due again when the lease ends, with one more attempt',
      async (t) => {
        await add(t, ...Array.from({ length: 20 }, (_, n) => delivery(`d${String(n)}`)));
        const parts = await Promise.all(Array.from({ length: 5 }, async () => t.store.claim(crm, now, lease, 20)));
        // A claim may lose a race and return less, so what is left is claimed once more.
        const ids = idsOf([...parts.flat(), ...(await t.store.claim(crm, now, lease, 20))]);
        t.same([ids.length, new Set(ids).size], [20, 20], 'the number of claims, and of different deliveries');
        t.same(await t.store.claim(crm, now + lease - 1, lease, 20), [], 'what is claimed before the lease ends');
        const again = await t.store.claim(crm, now + lease, lease, 20);
        t.same(
          again.map(({ attempts }) => attempts),
          again.map(() => 2),
          'the attempts after the lease',
        );
        t.same(again.length, 20, 'the number of deliveries after the lease');
      },
    ],
    [
      'claim-order',
      'claim takes the oldest first, up to its limit, of that endpoint, and nothing that is not due',
      async (t) => {
        const later = { createdAt: now + 100 };
        await add(t, delivery('new', { createdAt: now + 2 }), delivery('old'), delivery('later', later));
        await add(t, delivery('x', { endpoint: 'other' }));
        t.same(idsOf(await t.store.claim(crm, now + 50, lease, 1)), ['old'], 'the first');
        t.same(idsOf(await t.store.claim(crm, now + 50, lease, 10)), ['new'], 'the rest');
        t.same(await t.store.claim({ ...crm, endpoint: 'none' }, now, lease, 1), [], 'those of an unknown endpoint');
        t.same(idsOf(await t.store.claim(crm, now + 100, lease, 10)), ['later'], 'what became due');
      },
    ],
    [
      'due-order',
      'due has the endpoint first that has waited longest, each once, up to its limit',
      async (t) => {
        await add(
          t,
          ...['x', 'y', 'z'].flatMap((endpoint) => ['1', '2'].map((n) => delivery(endpoint + n, { endpoint }))),
        );
        await t.store.claim({ tenant: 'acme', endpoint: 'x' }, now + 2, 1, 1);
        await t.store.claim({ tenant: 'acme', endpoint: 'y' }, now + 1, 1, 1);
        const due = async (limit: number) => (await t.store.due(now + 10, limit)).map(({ endpoint }) => endpoint);
        t.same(await due(10), ['z', 'y', 'x'], 'the endpoints');
        t.same(await due(2), ['z', 'y'], 'the first two endpoints');
        t.same(await t.store.due(now - 1, 10), [], 'the endpoints before anything is due');
      },
    ],
    [
      'expired',
      'expire makes pending deliveries dead that were queued before its time, with its error, and tells how many',
      async (t) => {
        await add(
          t,
          delivery('sent', { createdAt: now - 1 }),
          delivery('old'),
          delivery('edge', { createdAt: now + 5 }),
        );
        await t.store.report(await claimed(t, now - 1), { state: 'delivered' }, now);
        t.same(await t.store.expire(now + 5, 'too old'), 1, 'what expire returns');
        t.same(await states(t), { sent: 'delivered', old: 'dead', edge: 'pending' }, 'the states');
        const [record] = await t.store.list('acme', { state: 'dead', limit: 10 });
        t.holds(record, { id: 'old', error: 'too old', nextAttemptAt: undefined }, 'the record of the expired one');
        t.same(idsOf(await t.store.claim(crm, now + lease, lease, 10)), ['edge'], 'what is claimed');
      },
    ],
    [
      'pruned',
      'prune deletes delivered and dead deliveries that were queued before their times, and no pending one',
      async (t) => {
        await add(
          t,
          delivery('sent'),
          delivery('dead', { createdAt: now + 1 }),
          delivery('open', { createdAt: now + 2 }),
        );
        await t.store.report(await claimed(t), { state: 'delivered' }, now);
        await t.store.report(await claimed(t, now + 1), dead, now + 1);
        await t.store.prune({ delivered: now, dead: now + 1 });
        t.same(Object.keys(await states(t)).length, 3, 'the number where all are as new as the times');
        await t.store.prune({ delivered: now + 100, dead: now + 1 });
        t.same(await states(t), { dead: 'dead', open: 'pending' }, 'the states after delivered ones were deleted');
        await t.store.prune({ delivered: now + 100, dead: now + 100 });
        t.same(await states(t), { open: 'pending' }, 'the states after dead ones were deleted');
      },
    ],
    [
      'list',
      'list is newest first, by endpoint and state, in pages behind a delivery; count stops at its limit',
      async (t) => {
        await add(t, ...Array.from({ length: 5 }, (_, n) => delivery(`d${String(n)}`)));
        await add(t, delivery('e', { endpoint: 'other' }));
        const list = async (query: DeliveryQuery & { readonly limit: number }) =>
          idsOf(await t.store.list('acme', query));
        t.same(await list({ limit: 3 }), ['e', 'd4', 'd3'], 'the first page');
        t.same(await list({ limit: 3, before: 'd3' }), ['d2', 'd1', 'd0'], 'the second page');
        t.same(await list({ endpoint: 'crm', limit: 2, before: 'd4' }), ['d3', 'd2'], 'a page of an endpoint');
        t.same(await list({ endpoint: 'other', limit: 10 }), ['e'], 'the deliveries of another endpoint');
        t.same(await list({ state: 'dead', limit: 10 }), [], 'the dead ones');
        await t.store.report(await claimed(t), dead, now);
        t.same(await list({ state: 'dead', limit: 10 }), ['d0'], 'the dead ones after one died');
        t.same((await list({ state: 'pending', endpoint: 'crm', limit: 10 })).length, 4, 'the number of pending ones');
        t.same(await list({ limit: 10, before: 'none' }), [], 'what comes behind an unknown delivery');
        t.same(await t.store.count('acme', 'crm', 'pending', 100), 4, 'the count');
        t.same(await t.store.count('acme', 'crm', 'pending', 3), 3, 'the count up to 3');
        t.same(await t.store.count('acme', 'none', 'pending', 3), 0, 'the count of an unknown endpoint');
      },
    ],
    [
      'tenants',
      'every call is bound to its tenant; equal ids and endpoints of two tenants are two, with a health of their own',
      async (t) => {
        const theirs = delivery('a', { tenant: 'other' });
        await add(t, theirs);
        t.same(await t.store.list('acme', { limit: 10 }), [], 'the deliveries of a tenant without any');
        t.same(await t.store.health('acme'), [], 'the endpoints of a tenant without any');
        t.same(await t.store.claim(crm, now, lease, 10), [], 'what is claimed');
        t.same(await t.store.count('acme', 'crm', 'pending', 10), 0, 'the count');
        await add(t, delivery('a', { event: eventOf('mine') }));
        const mine = await claimed(t);
        t.same([mine.tenant, mine.event.id], ['acme', 'mine'], 'tenant and event of the own delivery');
        await t.store.report(
          mine,
          { ...dead, endpoint: { failures: 3, pausedUntil: now + lease, disable: true } },
          now,
        );
        t.same(await t.store.health('other'), [{ endpoint: 'crm', failures: 0 }], 'the health in the other tenant');
        t.same(await states(t, 'other'), { a: 'pending' }, 'the states in the other tenant');
        const due = (await t.store.due(now, 10)).map(({ tenant }) => tenant);
        t.same(due, ['other'], 'the tenants with due deliveries');
        t.same(await t.store.resend('other', { id: 'a' }, now), 0, 'what resend in the other tenant returns');
        t.same(await t.store.list('other', { limit: 10, before: 'b' }), [], 'what comes behind a delivery of nobody');
        await t.store.report(await claimed(t, now, { tenant: 'other', endpoint: 'crm' }), { state: 'delivered' }, now);
        t.same(await states(t), { a: 'dead' }, 'the states of the own tenant');
      },
    ],
  ],
);

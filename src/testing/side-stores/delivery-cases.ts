import type { ChangeEvent } from '../../contract/event.js';
import type { DeliveryQuery, DeliveryState } from '../../contract/deliveries.js';
import type { ClaimedDelivery, DeliveryOutcome, DeliveryStore, NewDelivery } from '../../events/delivery-store.js';
import { casesOf } from '../store-case.js';
import type { StoreContext } from './side-suite.js';

type Context = StoreContext<DeliveryStore>;

const now = 1_800_000_000_000;
const lease = 30_000;
const crm = { tenant: 'acme', endpoint: 'crm' };

function eventOf(id: string): ChangeEvent {
  return {
    ...{ id, type: 'user.created', time: '2026-03-01T12:00:00.000Z', tenant: 'acme', actor: 'okta', requestId: 'r1' },
    ...{ resourceType: 'User', resourceId: 'u1', changed: ['displayName'], quirks: [] },
    data: { displayName: 'Zoë "👩‍🔬"', active: false, emails: [{ value: 'a@x' }] },
  };
}

function delivery(id: string, more: Partial<NewDelivery> = {}): NewDelivery {
  return { ...crm, id, event: eventOf(`event-${id}`), createdAt: now, ...more };
}

async function add({ store }: Context, ...deliveries: readonly NewDelivery[]): Promise<void> {
  await store.add(deliveries);
}

/** Takes the one due delivery of an endpoint. */
async function claimed(t: Context, time = now, endpoint = crm): Promise<ClaimedDelivery> {
  const [first] = await t.store.claim(endpoint, time, lease, 1);
  if (first !== undefined) return first;
  t.ok(false, 'claim returned nothing, although a delivery is due');
  throw new Error('unreachable');
}

async function states({ store }: Context, tenant = 'acme'): Promise<Readonly<Record<string, DeliveryState>>> {
  const all = await store.list(tenant, { limit: 200 });
  return Object.fromEntries(all.map(({ id, state }) => [id, state]));
}

const idsOf = (all: readonly { readonly id: string }[]): readonly string[] => all.map(({ id }) => id);
const dead: DeliveryOutcome = { state: 'dead', status: 400, error: 'HTTP 400' };
const failure = { failures: 1, pausedUntil: now + 60_000, disable: false };
const retry = (more: object = {}): DeliveryOutcome => ({
  state: 'pending',
  status: 503,
  error: 'HTTP 503',
  nextAttemptAt: now + 5_000,
  ...more,
});
const dueAt = async ({ store }: Context, time: number) =>
  (await store.due(time, 10)).map(({ endpoint }) => endpoint).sort();

/** Deliveries of events to receivers. */
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

import type { AttemptResult, DeliveryAdministration } from '../contract/deliveries.js';
import { audited } from './audited.js';
import { Deliveries, type DeliveryPage } from './pages/deliveries.js';
import { PanelError } from './panel-error.js';
import type { PanelResponse } from './panel-response.js';
import type { Route } from './route.js';
import { get, json, noticeOf, post, redirect, show } from './route-builders.js';
import type { Visit } from './visit.js';

const pageSize = 50;
const segment = '([^/]{1,100})';

/** The page of webhooks, its forms, and the same as JSON. */
export const deliveryRoutes: readonly Route[] = [
  get('/webhooks', ({ visit, query }) => showPage(visit, query, noticeOf(query.get('done')))),
  post(`/webhooks/endpoints/${segment}/test`, async ({ visit, parameters: [id = ''] }) =>
    showPage(visit, new URLSearchParams(), resultText(await sendTest(visit, id))),
  ),
  post(`/webhooks/endpoints/${segment}/resend`, async ({ visit, parameters: [id = ''] }) => {
    await resendAll(visit, id);
    return redirect(visit, '/webhooks', 'resent');
  }),
  post(`/webhooks/endpoints/${segment}/enable`, async ({ visit, parameters: [id = ''] }) => {
    await enable(visit, id);
    return redirect(visit, '/webhooks', 'reenabled');
  }),
  post(`/webhooks/deliveries/${segment}/resend`, async ({ visit, parameters: [id = ''] }) => {
    await resend(visit, id);
    return redirect(visit, '/webhooks', 'resent');
  }),

  get('/api/webhooks', async ({ visit, query }) => {
    const { endpoints, deliveries, older } = await readPage(visit, query);
    return json({ endpoints, deliveries, older: older !== undefined });
  }),
  post(`/api/webhooks/endpoints/${segment}/test`, async ({ visit, parameters: [id = ''] }) =>
    json(await sendTest(visit, id)),
  ),
  post(`/api/webhooks/endpoints/${segment}/resend`, async ({ visit, parameters: [id = ''] }) =>
    json({ resent: await resendAll(visit, id) }),
  ),
  post(`/api/webhooks/endpoints/${segment}/enable`, async ({ visit, parameters: [id = ''] }) => {
    await enable(visit, id);
    return json({ id, enabled: true });
  }),
  post(`/api/webhooks/deliveries/${segment}/resend`, async ({ visit, parameters: [id = ''] }) => {
    await resend(visit, id);
    return json({ id, resent: true });
  }),
];

async function showPage(visit: Visit, query: URLSearchParams, notice?: string): Promise<PanelResponse> {
  const body = <Deliveries visit={visit} page={await readPage(visit, query)} />;
  return show(visit, 'webhooks', 'Webhooks', body, notice);
}

/** @throws PanelError 404 where the app sends no events */
function administrationOf({ options }: Visit): DeliveryAdministration {
  if (options.deliveries === undefined) throw new PanelError(404, 'This application sends no events.');
  return options.deliveries;
}

async function readPage(visit: Visit, search: URLSearchParams): Promise<DeliveryPage> {
  const administration = administrationOf(visit);
  const { tenant } = visit.connection;
  const query = readQuery(search);
  const found = await administration.deliveries(tenant, { ...query, limit: pageSize + 1 });
  const deliveries = found.slice(0, pageSize);
  const last = deliveries.at(-1);
  const more = found.length > pageSize && last !== undefined ? last.id : undefined;
  return {
    endpoints: await administration.endpoints(tenant),
    deliveries,
    query,
    older: more === undefined ? undefined : searchOf({ ...query, before: more }),
  };
}

/** @throws PanelError 400 for a state that does not exist */
function readQuery(search: URLSearchParams): DeliveryPage['query'] {
  const state = search.get('state') ?? '';
  if (state !== '' && state !== 'pending' && state !== 'delivered' && state !== 'dead') {
    throw new PanelError(400, 'Choose a state from the list.');
  }
  return {
    ...(state !== '' && { state }),
    endpoint: textOf(search.get('endpoint')),
    before: textOf(search.get('before')),
  };
}

function textOf(value: string | null): string | undefined {
  return value === null || value === '' ? undefined : value.slice(0, 100);
}

function searchOf(query: DeliveryPage['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (typeof value === 'string') search.set(name, value);
  return search.toString();
}

async function sendTest(visit: Visit, id: string): Promise<AttemptResult> {
  const administration = administrationOf(visit);
  return audited(visit, 'webhook.tested', { endpoint: id }, async () => {
    const result = await administration.sendTest(visit.connection.tenant, id);
    if (result === undefined) throw new PanelError(404, 'This endpoint does not exist.');
    return result;
  });
}

async function enable(visit: Visit, id: string): Promise<void> {
  const administration = administrationOf(visit);
  await audited(visit, 'webhook.enabled', { endpoint: id }, async () => {
    const isKnown = await administration.enable(visit.connection.tenant, id);
    if (!isKnown) throw new PanelError(404, 'This endpoint does not exist, or nothing was ever sent to it.');
  });
}

async function resendAll(visit: Visit, id: string): Promise<number> {
  const administration = administrationOf(visit);
  return audited(visit, 'webhook.resent', { endpoint: id }, () =>
    administration.resendAll(visit.connection.tenant, id),
  );
}

async function resend(visit: Visit, id: string): Promise<void> {
  const administration = administrationOf(visit);
  await audited(visit, 'webhook.resent', { delivery: id }, async () => {
    const isDead = await administration.resend(visit.connection.tenant, id);
    if (!isDead) throw new PanelError(409, 'This delivery has not failed, or it no longer exists.');
  });
}

function resultText({ delivered, status, error = '', milliseconds }: AttemptResult): string {
  const time = `${String(milliseconds)} ms`;
  return delivered
    ? `The test event was delivered: status ${String(status)} after ${time}.`
    : `The test event was not delivered, after ${time}: ${error}`;
}

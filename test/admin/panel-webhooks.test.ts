import { afterEach, describe, expect, it } from '@jest/globals';
import { type DeliveryStore, eventDelivery, memoryDeliveryStore } from '../../src/events/index.js';
import { memoryAuditTrailStore } from '../../src/lifecycle/index.js';
import { event, local, type Receiver, startReceiver, webhook } from '../events/receiver.js';
import { expresses } from '../http/app.js';
import { as, type Panel, startPanel } from './panel.js';

let panel: Panel;
afterEach(() => panel.close());

describe.each(expresses)('the page of webhooks on %s', (_, make) => {
  async function start(store: DeliveryStore = memoryDeliveryStore()) {
    const receiver: Receiver = await startReceiver();
    const deliveries = eventDelivery({
      store,
      endpoints: [webhook('crm', `${receiver.url}/token-in-path?key=token`)],
      maxAttempts: 1,
      ...local,
    });
    const auditTrail = memoryAuditTrailStore();
    panel = await startPanel(make, { admin: { deliveries, auditTrail } });
    return { deliveries, receiver, auditTrail };
  }
  const failed = async ({ deliveries, receiver }: Awaited<ReturnType<typeof start>>): Promise<string> => {
    receiver.respond = 500;
    await deliveries.enqueue(event({ tenant: 'default', type: 'user.deactivated' }));
    await deliveries.run();
    receiver.respond = 204;
    await deliveries.enable('default', 'crm');
    return (await deliveries.deliveries('default', { state: 'dead' }))[0]?.id ?? '';
  };

  it('exists only where the app sends events', async () => {
    panel = await startPanel(make);
    expect((await panel.get('/webhooks')).status).toBe(404);
    expect((await panel.get('/')).text).not.toContain('/webhooks');
    await panel.close();
    await start();
    expect((await panel.get('/')).text).toContain('href="/settings/scim/webhooks"');
  });

  it('shows endpoints and deliveries, without the rest of the URL and without values', async () => {
    const started = await start();
    await failed(started);
    const { status, text } = await panel.get('/webhooks');
    expect(status).toBe(200);
    expect(text).toContain(new URL(started.receiver.url).origin);
    for (const shown of ['crm', 'user.deactivated', 'The receiver returned 500.', 'Send again']) {
      expect(text).toContain(shown);
    }
    expect(text).not.toMatch(/token-in-path|key=token|whsec_|ada@/);
    const { body } = await panel.get('/api/webhooks?state=dead&endpoint=crm');
    expect(body).toMatchObject({ endpoints: [{ id: 'crm', dead: 1 }], deliveries: [{ state: 'dead', status: 500 }] });
    expect((await panel.get('/webhooks?state=delivered')).text).toContain('No deliveries match this filter');
    expect((await panel.get('/webhooks?state=lost')).status).toBe(400);
    await started.deliveries.stop();
  });

  it('sends a failed delivery again', async () => {
    const started = await start();
    const id = await failed(started);
    const response = await panel.post(`/webhooks/deliveries/${id}/resend`);
    expect(response.headers['location']).toBe('/settings/scim/webhooks?done=resent');
    await started.deliveries.run();
    expect(started.receiver.received).toHaveLength(2);
    expect((await panel.post(`/webhooks/deliveries/${id}/resend`)).status).toBe(409);
    const other = await failed(started);
    expect((await panel.post('/api/webhooks/endpoints/crm/resend')).body).toEqual({ resent: 1 });
    expect((await panel.post(`/api/webhooks/deliveries/${other}/resend`)).status).toBe(409);
    await started.deliveries.stop();
  });

  it('sends a test event and shows its result', async () => {
    const { receiver, deliveries } = await start();
    expect((await panel.post('/webhooks/endpoints/crm/test')).text).toContain(
      'The test event was delivered: status 204',
    );
    receiver.respond = 500;
    const { text } = await panel.post('/webhooks/endpoints/crm/test');
    expect(text).toContain('The test event was not delivered');
    expect(text).toContain('The receiver returned 500.');
    expect((await panel.post('/webhooks/endpoints/nobody/test')).status).toBe(404);
    await deliveries.stop();
  });

  it('enables an endpoint', async () => {
    const { receiver, deliveries } = await start();
    receiver.respond = 410;
    await deliveries.enqueue(event({ tenant: 'default' }));
    await deliveries.run();
    expect((await panel.get('/webhooks')).text).toContain('Disabled');
    expect((await panel.post('/api/webhooks/endpoints/crm/enable')).body).toEqual({ id: 'crm', enabled: true });
    expect((await panel.get('/webhooks')).text).toContain('Healthy');
    expect((await panel.post('/webhooks/endpoints/nobody/enable')).status).toBe(404);
    await deliveries.stop();
  });

  it('lets a viewer see and nothing else', async () => {
    const started = await start();
    const id = await failed(started);
    const { text } = await panel.get('/webhooks', as('viewer'));
    expect(text).toContain('user.deactivated');
    expect(text).not.toMatch(/Send again|Send a test event/);
    const forms = [`deliveries/${id}/resend`, 'endpoints/crm/test', 'endpoints/crm/resend', 'endpoints/crm/enable'];
    for (const form of forms) {
      expect((await panel.post(`/webhooks/${form}`, {}, as('viewer'))).status).toBe(403);
      expect((await panel.post(`/api/webhooks/${form}`, {}, as('viewer'))).status).toBe(403);
    }
    expect(started.receiver.received).toHaveLength(1);
    await started.deliveries.stop();
  });

  it('records what an administrator does in the audit trail', async () => {
    const started = await start();
    const id = await failed(started);
    await panel.post(`/webhooks/deliveries/${id}/resend`);
    await panel.post('/webhooks/endpoints/crm/resend');
    await panel.post('/webhooks/endpoints/crm/enable');
    await panel.post('/webhooks/endpoints/nobody/test');
    const entries = await started.auditTrail.list('default', { limit: 10 });
    const summary = entries.map(({ action, subjects, outcome }) => ({ action, subjects, outcome }));
    expect(summary).toEqual([
      { action: 'webhook.tested', subjects: { endpoint: 'nobody' }, outcome: 'refused' },
      { action: 'webhook.tested', subjects: { endpoint: 'nobody' }, outcome: 'requested' },
      { action: 'webhook.enabled', subjects: { endpoint: 'crm' }, outcome: 'requested' },
      { action: 'webhook.resent', subjects: { endpoint: 'crm' }, outcome: 'requested' },
      { action: 'webhook.resent', subjects: { delivery: id }, outcome: 'requested' },
    ]);
    expect((await panel.get('/audit-trail')).text).toContain('Sent the failed deliveries of the endpoint crm again');
    await started.deliveries.stop();
  });

  it('lists deliveries in pages', async () => {
    const { deliveries } = await start();
    for (let i = 0; i < 60; i++) await deliveries.enqueue(event({ tenant: 'default' }));
    const first = await panel.get('/webhooks');
    const [, older = ''] = /href="([^"]*)#deliveries"/.exec(first.text) ?? [];
    expect(first.text.match(/next attempt/g)).toHaveLength(50);
    const second = await panel.get(older.replaceAll('&amp;', '&').replace('/settings/scim', ''));
    expect(second.text.match(/next attempt/g)).toHaveLength(10);
    await deliveries.stop();
  });
});

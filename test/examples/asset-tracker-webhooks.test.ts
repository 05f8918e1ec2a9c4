import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfiguration } from '../../examples/asset-tracker/configuration.js';
import { startServer } from '../../examples/asset-tracker/start.js';
import { databases, environment, openTracker, panel, Provider, until, Visitor } from './asset-tracker-visitor.js';

const page = '/settings/received-webhooks';

describe.each(databases)('the webhooks of the asset tracker over %s', (database) => {
  let tracker: Awaited<ReturnType<typeof openTracker>>;
  beforeEach(async () => {
    tracker = await openTracker(database);
  });
  afterEach(() => tracker.stop());

  it('arrive at its own page, and the panel shows that they were delivered', async () => {
    const { visitor, address, services } = tracker;
    await visitor.enable();
    const provider = new Provider(address, await visitor.createKey());
    const { body } = await provider.createUser({ userName: 'new@fernhill.example', title: 'Secret title' });
    const id = String(body['id']);
    await provider.switch(id, false);
    const received = await until(async () => {
      const { html } = await visitor.see(page);
      return html.includes('user.deactivated') && html.includes('user.created') && html;
    });
    expect(received).toContain(`<a href="/members/${id.slice(1)}">${id}</a>`);
    expect(received).not.toContain('Secret title');
    await until(
      async () => (await services.webhooks.deliveries.deliveries('default', { state: 'pending' })).length === 0,
    );
    const deliveries = (await visitor.see(`${panel}/webhooks`)).html;
    expect(deliveries).toMatch(/received-webhooks[\s\S]*Healthy[\s\S]*user\.created/);
    const tested = await visitor.submit(`${panel}/webhooks`, `${panel}/webhooks/endpoints/received-webhooks/test`, {});
    expect(tested.html).toContain('The test event was delivered: status 204');
  });

  it('are refused without a valid signature', async () => {
    const body = JSON.stringify({ type: 'user.created', data: {} });
    const send = async (headers: Record<string, string>): Promise<number> => {
      const type = { 'content-type': 'application/json' };
      const { address } = tracker;
      return (await fetch(`${address}/webhooks`, { method: 'POST', headers: { ...type, ...headers }, body })).status;
    };
    const time = String(Math.floor(Date.now() / 1_000));
    const wrong = createHmac('sha256', 'wrong').update(`m1.${time}.${body}`).digest('base64');
    expect(await send({})).toBe(401);
    expect(await send({ 'webhook-id': 'm1', 'webhook-timestamp': time, 'webhook-signature': `v1,${wrong}` })).toBe(401);
    const rows = await tracker.services.database.db.selectFrom('received_webhooks').selectAll().execute();
    expect(rows).toEqual([]);
  });
});

describe('the webhooks of the asset tracker', () => {
  it('are delivered after a restart', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'asset-tracker-'));
    const configuration = readConfiguration({ ...environment, DATABASE_FILE: join(directory, 'tracker.db') });
    try {
      const first = await startServer(configuration);
      const visitor = new Visitor(first.address);
      await visitor.signIn(first.email);
      await visitor.enable();
      const provider = new Provider(first.address, await visitor.createKey());
      // Nothing is sent any more, but events are still saved.
      await first.services.webhooks.deliveries.stop();
      await provider.createUser({ userName: 'new@fernhill.example' });
      await first.services.events.run();
      const pending = await first.services.webhooks.deliveries.deliveries('default', { state: 'pending' });
      expect(pending.map(({ eventType }) => eventType)).toEqual(['user.created']);
      await first.stop();

      const second = await startServer(configuration);
      const returned = new Visitor(second.address);
      await returned.signIn(second.email);
      await until(async () => (await returned.see(page)).html.includes('user.created'));
      await second.stop();
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('are found after an update from a version that kept the roles of teams itself', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'asset-tracker-'));
    const configuration = readConfiguration({ ...environment, DATABASE_FILE: join(directory, 'tracker.db') });
    try {
      const first = await startServer(configuration);
      const { db } = first.services.database;
      for (const table of ['scim_role_mappings', 'scim_rights_jobs', 'scim_deliveries', 'received_webhooks']) {
        await db.schema.dropTable(table).execute();
      }
      await db.schema
        .createTable('team_roles')
        .addColumn('team_id', 'integer')
        .addColumn('role', 'text')
        .addColumn('set_by', 'text')
        .addColumn('set_at', 'text')
        .execute();
      const row = { team_id: 2, role: 'technician', set_by: 'Robin', set_at: '2026-01-01T00:00:00Z' };
      await db
        .insertInto('team_roles' as never)
        .values(row as never)
        .execute();
      await first.stop();

      const second = await startServer(configuration);
      const [mapping, ...others] = await second.services.roleMappings.list('default');
      expect(mapping).toMatchObject({ groupId: 't2', role: 'technician', setBy: 'Robin', isOffered: true });
      expect(others).toEqual([]);
      await second.stop();
      await (await startServer(configuration)).stop();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
